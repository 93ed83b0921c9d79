"""What holds for every format alike: a file of it in Korean, its broken twin, and clean text."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
import xlsxwriter
from docx import Document
from pptx import Presentation
from pptx.util import Inches
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from assistant.errors import AssistantError, ReadError
from assistant.ingestion.readers import FORMATS, SUPPORTED, read
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.text import clean
from tests.test_readers_hwp import hwp, hwpx, p, paragraph, t

# As a Mac writes it, with a filler, a space without width and one that does not break.
TITLE = unicodedata.normalize("NFD", "4주차 어텐\u200b션")
TEXT = unicodedata.normalize("NFD", "어텐\u200b션은 값\u3164의\xa0가중합이다.")
SEEN_TITLE, SEEN = "4주차 어텐션", "어텐션은 값의 가중합이다."
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def text(content: str) -> Callable[[], bytes]:
    return lambda: content.encode()


def docx() -> bytes:
    document = Document()
    document.add_heading(TITLE, 1)
    document.add_paragraph(TEXT)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pptx() -> bytes:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = TITLE
    slide.placeholders[1].text = TEXT
    return saved(presentation)


def saved(presentation: Presentation) -> bytes:
    file = io.BytesIO()
    presentation.save(file)
    return file.getvalue()


def xlsx() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(TITLE)
        sheet.write_row(0, 0, ["낱말", "뜻"])
        sheet.write_row(1, 0, ["어텐션", TEXT])
    return file.getvalue()


def pdf() -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
    file = io.BytesIO()
    canvas = Canvas(file)
    for size, y, line in ((20, 700, TITLE), (10, 650, TEXT), (10, 630, TEXT)):
        canvas.setFont("HYSMyeongJo-Medium", size)
        canvas.drawString(50, y, line)
    canvas.save()
    return file.getvalue()


def epub() -> bytes:
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine>'
        "</package>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("book.opf", opf)
        body = f"<body><h1>{TITLE}</h1><p>{TEXT}</p></body>"
        archive.writestr("a.xhtml", f"<html {XHTML}>{body}</html>")
    return file.getvalue()


def letter() -> bytes:
    message = EmailMessage()
    message["Subject"] = TITLE
    message.set_content(TEXT)
    return message.as_bytes()


def notebook() -> bytes:
    cells = [{"cell_type": "markdown", "source": [f"# {TITLE}\n", "\n", TEXT]}]
    return json.dumps({"cells": cells}).encode()


KOREAN: dict[str, Callable[[], bytes]] = {
    ".md": text(f"# {TITLE}\n\n{TEXT}\x1b[31m\n"),
    ".txt": text(f"{TEXT}\x1b[31m\n"),
    ".rst": text(f"{TITLE}\n==============================\n\n{TEXT}\x1b[31m\n"),
    ".org": text(f"* {TITLE}\n\n{TEXT}\x1b[31m\n"),
    ".adoc": text(f"== {TITLE}\n\n{TEXT}\x1b[31m\n"),
    ".tex": text(f"\\section{{{TITLE}}}\n{TEXT}\x1b[31m\n"),
    ".py": text(f"def attend():\n    # {TEXT}\x1b[31m\n    return 1\n"),
    ".srt": text(f"1\n00:00:01,000 --> 00:00:02,000\n{TEXT}\x1b[31m\n"),
    ".vtt": text(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{TEXT}\x1b[31m\n"),
    ".csv": text(f"낱말,뜻\n어텐션,{TEXT}\x1b[31m\n"),
    ".html": text(f"<title>{TITLE}</title><h1>{TITLE}</h1><p>{TEXT}\x1b[31m</p>"),
    ".eml": letter,
    ".ipynb": notebook,
    ".pdf": pdf,
    ".docx": docx,
    ".pptx": pptx,
    ".xlsx": xlsx,
    ".hwp": lambda: hwp(paragraph(TITLE, style=1) + paragraph(TEXT)),
    ".hwpx": lambda: hwpx(p(t(TITLE), 1) + p(t(TEXT))),
    ".epub": epub,
}
HEADED = sorted(KOREAN.keys() - {".txt", ".py", ".srt", ".vtt", ".csv", ".eml", ".xlsx"})


def opened(suffix: str) -> Reading:
    return read(Path(f"노트{suffix}"), KOREAN[suffix]())


def test_every_format_stands_here() -> None:
    # Pictures need OCR, and have tests of their own.
    here = {FORMATS[suffix].name for suffix in KOREAN}
    assert here == {FORMATS[suffix].name for suffix in SUPPORTED} - {"image"}


@pytest.mark.parametrize("suffix", KOREAN)
def test_a_file_in_korean_is_clean_text(suffix: str) -> None:
    reading = opened(suffix)
    assert any(SEEN in part.text for part in reading.parts)
    for part in reading.parts:
        names = (*part.place.headings, part.place.sheet, part.place.label)
        assert all(clean(name) == name and "\n" not in name for name in names)
        assert clean(part.text) == part.text
        assert part.text.strip("\n") == part.text
    assert clean(reading.title) == reading.title


@pytest.mark.parametrize("suffix", HEADED)
def test_a_part_begins_with_its_heading_and_the_place_names_it(suffix: str) -> None:
    first = opened(suffix).parts[0]
    assert first.place.headings == (SEEN_TITLE,)
    assert first.text.split("\n")[0].lstrip("# ") == SEEN_TITLE


@pytest.mark.parametrize("suffix", KOREAN)
def test_only_what_has_pages_counts_them(suffix: str) -> None:
    reading = opened(suffix)
    assert (reading.pages, reading.unread) == (1 if suffix in (".pdf", ".pptx") else 0, ())


@pytest.mark.parametrize("suffix", KOREAN)
def test_a_broken_twin_is_named_with_the_next_step(suffix: str) -> None:
    whole = KOREAN[suffix]()
    path = Path(unicodedata.normalize("NFD", f"깨진\x1b노트{suffix}"))
    for data in (whole[: len(whole) // 2], whole[: len(whole) // 9], b"\0\1\2\xff" * 500):
        reading, error = attempted(path, data)
        if error is not None:
            assert error.message.startswith(f"깨진노트{suffix} ")
            assert error.hint or "no text" in error.message
        if reading is not None:  # half a text is a text
            assert FORMATS[suffix].is_text or suffix == ".pdf"
            assert all(clean(part.text) == part.text for part in reading.parts)


def attempted(path: Path, data: bytes) -> tuple[Reading | None, AssistantError | None]:
    try:
        return read(path, data), None
    except AssistantError as error:
        return None, error


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".hwp", ".hwpx", ".pdf", ".epub"])
def test_another_kind_of_file_is_refused(suffix: str) -> None:
    for other in (f"# {SEEN_TITLE}\n".encode(), b"\x89PNG\r\n\x1a\n" + bytes(100)):
        with pytest.raises(ReadError, match=f"노트{suffix} is") as caught:
            read(Path(f"노트{suffix}"), other)
        assert "again" in caught.value.hint


def test_a_table_too_large_for_a_slide_is_cut_under_its_header() -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "실험"
    box = Inches(1), Inches(2), Inches(6), Inches(4)
    table = slide.shapes.add_table(41, 3, *box).table
    for row in range(41):
        for column, name in enumerate(("모델", "정확도", "시간")):
            table.cell(row, column).text = f"{row}.{column}25" if row else name
    reading = read(Path("a.pptx"), saved(presentation))
    assert reading.pages == 1
    assert len(reading.parts) > 2
    assert {(part.place.slide, part.place.headings) for part in reading.parts} == {(1, ("실험",))}
    assert reading.parts[0].text.startswith("실험\n\n| 모델 |")
    header = "| 모델 | 정확도 | 시간 |\n| --- | --- | --- |\n"
    assert all(part.text.startswith(header) for part in reading.parts[1:])


def test_a_paragraph_styled_as_a_heading_is_read_to_its_end() -> None:
    words = "가중합 " * 200
    (part,) = read(Path("a.html"), f"<h1>{words}끝</h1><p>{SEEN}</p>".encode()).parts
    assert "끝" in part.text
    assert len(part.place.headings[0]) == 200
