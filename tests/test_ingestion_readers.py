from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from assistant.errors import EmptyFile, ReadError
from assistant.ingestion.readers import SUPPORTED, read
from assistant.types import Part, Place


def opened(path: Path, data: bytes | None = None) -> tuple[str, list[Part]]:
    reading = read(path, data)
    return reading.title, list(reading.parts)


def parts_of(name: str, data: str | bytes) -> list[Part]:
    return opened(Path(name), data.encode() if isinstance(data, str) else data)[1]


# --------------------------------------------------------------------------- all formats


def test_every_supported_suffix_has_a_reader() -> None:
    for suffix in SUPPORTED:
        with pytest.raises(ReadError):
            read(Path(f"note{suffix}"), b" \n ")


def test_a_file_is_read_from_disk(tmp_path: Path) -> None:
    file = tmp_path / unicodedata.normalize("NFD", "임베딩.txt")
    file.write_bytes("벡터이다.".encode("cp949"))
    assert opened(file) == ("임베딩", [Part("벡터이다.", Place(line=1))])


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReadError, match=r"gone\.md cannot be opened"):
        read(tmp_path / "gone.md")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ReadError, match=r"locked\.md cannot be opened") as caught:
        read(tmp_path / "locked.md")
    assert caught.value.hint


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf", "\u200b\u3164".encode()])
def test_a_file_without_text_is_empty(name: str, data: bytes) -> None:
    with pytest.raises(EmptyFile, match=name):
        read(Path(name), data)


def test_a_reader_that_breaks_is_the_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(text: str) -> str:
        raise IndexError("deep inside")

    monkeypatch.setattr("assistant.ingestion.readers.plain.clean", explode)
    with pytest.raises(ReadError, match=r"a\.txt cannot be read"):
        read(Path("a.txt"), b"text")


# --------------------------------------------------------------------------- plain text


def test_plain_text_keeps_its_lines() -> None:
    text = "\n첫 줄이다.\r\n둘째 줄이다.\n\n문단이다.\n"
    assert parts_of("a.txt", text) == [Part("첫 줄이다.\n둘째 줄이다.\n\n문단이다.", Place(line=2))]


def test_numbered_headings_of_plain_text() -> None:
    text = "규정\n\n1. 한도\n\n4만 원이다.\n\n\n2.1 Keys\n\nKept 60 days.\n1. not a heading.\n"
    assert parts_of("a.txt", text) == [
        Part("규정", Place(line=1)),
        Part("1. 한도\n\n4만 원이다.", Place(line=3, headings=("1. 한도",))),
        Part("2.1 Keys\n\nKept 60 days.\n1. not a heading.", Place(line=8, headings=("2.1 Keys",))),
    ]


def test_one_numbered_line_is_no_heading() -> None:
    assert len(parts_of("a.txt", "글\n\n1. 하나뿐\n\n끝\n")) == 1


# --------------------------------------------------------------------------- Markdown


def test_headings_and_lines() -> None:
    text = (
        "머리말\n\n# 제목 #\n글\n## **굵은** `코드` [링크](http://x)\n\n둘\n"
        "### 깊이 {#id}\n셋\n# 다른 제목\n넷\n"
    )
    title, parts = opened(Path("note.md"), text.encode())
    assert title == "제목"
    assert [(part.place.line, part.place.headings) for part in parts] == [
        (1, ()),
        (3, ("제목",)),
        (5, ("제목", "굵은 코드 링크")),
        (8, ("제목", "굵은 코드 링크", "깊이")),
        (10, ("다른 제목",)),
    ]
    assert parts[2].text == "## **굵은** `코드` [링크](http://x)\n\n둘"


def test_a_skipped_level_and_a_way_back_up() -> None:
    parts = parts_of("a.md", "# A\na\n#### D\nd\n## B\nb\n#### E\ne\n### F\nf\n")
    assert [part.place.headings for part in parts] == [
        ("A",), ("A", "D"), ("A", "B"), ("A", "B", "E"), ("A", "B", "F"),
    ]  # fmt: skip


def test_setext_headings() -> None:
    text = "제목\n====\n\n글\n\nSection\n---\n\n글\n\n- 항목\n---\n\n문단이\n이어진다\n---\n끝\n"
    parts = parts_of("a.md", text)
    assert [(part.place.headings, part.place.line) for part in parts] == [
        (("제목",), 1),
        (("제목", "Section"), 6),
    ]
    assert parts[1].text.startswith("## Section\n\n\n글")


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ('---\ntitle: "3주차: 어텐션"\ndate: 2025-03-03\n---\n', "3주차: 어텐션"),
        ("---\ndate: 2025-03-03\n---\n", "제목"),
        ("+++\ntitle = 'TOML'\n+++\n", "TOML"),
        ("---\n---\n", "제목"),
    ],
)
def test_front_matter_gives_the_title_alone(front: str, title: str) -> None:
    text = front + "# 제목\n글\n"
    found, (part,) = opened(Path("a.md"), text.encode())
    assert found == title
    assert part.text == "# 제목\n글"
    assert part.place.line == front.count("\n") + 1


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert parts_of("a.md", "---\n\n글\n\n끝없이\n")[0].text.endswith("끝없이")


def test_nothing_in_a_code_fence_is_touched() -> None:
    code = "```python\n# not a heading\n> not a quote\nx = [[1]]\n\n[[link]]\n```"
    (part,) = parts_of("a.md", f"# A\n\n{code}\n")
    assert part.text == f"# A\n\n{code}"


def test_an_unclosed_fence_does_not_swallow_the_rest() -> None:
    parts = parts_of("a.md", "# A\n```python\nx = 1\n\n# B\n글\n")
    assert [part.place.headings for part in parts] == [("A",), ("B",)]


def test_mathematics_is_not_touched() -> None:
    text = "$\\mathbf{a}_{[[i]]}$ 와 $$[[x]] \\le \\hat{y}$$ 그리고 [[노트]]"
    assert parts_of("a.md", text)[0].text == text.replace("[[노트]]", "노트")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[어텐션]] 참고", "어텐션 참고"),
        ("[[notes/어텐션|그 노트]] 참고", "그 노트 참고"),
        ("`[[코드]]` 와 [[1, 2], [3, 4]]", "`[[코드]]` 와 [[1, 2], [3, 4]]"),
        ("![그림 설명](a.png \"t\") 과 ![](b.png)", "그림 설명 과"),
        ("> 인용이다.\n> > 안쪽", "인용이다.\n안쪽"),
        ("> [!warning]- 조심\n> 글", "**Warning: 조심**\n글"),
        ("> [!note]\n> 글", "**Note**\n글"),
        ("> ```\n> # code\n> ```", "```\n# code\n```"),
        ("| a | b |\n|---|---|\n| 1 | [[x|y]] |", "| a | b |\n|---|---|\n| 1 | y |"),
        (f"<img src=\"data:image/png;base64,{'A' * 500}\">", "<img src=\"data:…\">"),
    ],
)  # fmt: skip
def test_marks_are_made_readable(text: str, expected: str) -> None:
    (part,) = parts_of("a.md", text)
    assert part.text == expected


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "unit", ["[[", "![", "**a ", "$a ", "` `` ", " {#a", "data:image/png;base64,", "#", " > "]
)
def test_a_line_made_to_be_slow_is_not(unit: str) -> None:
    line = unit * (300_000 // len(unit))
    (part,) = parts_of("a.md", f"# A\n\n# {line}\n{line}\n")
    assert part.place.headings == ("A",)


# --------------------------------------------------------------------------- notebooks


def notebook(*cells: dict[str, Any], **metadata: Any) -> bytes:
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}
    ).encode()


def cell(kind: str, source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": kind, "source": source.splitlines(keepends=True), "outputs": outputs}


def test_cells_stand_under_the_headings_above_them() -> None:
    data = notebook(
        cell("markdown", "# 실습\n\n소개"),
        cell("code", ""),
        cell("markdown", "## 준비\n\n글\n\n## 계산\n\n글"),
        cell(
            "code",
            "print(1)",
            {"output_type": "stream", "name": "stdout", "text": ["10%\r", "100%\n", "1\n"]},
            {
                "output_type": "execute_result",
                "data": {"text/plain": ["array([1])"], "image/png": "iVBORw0KGgo="},
            },
            {
                "output_type": "error",
                "ename": "ValueError",
                "evalue": "bad",
                "traceback": ["\x1b["],
            },
        ),
    )
    title, parts = opened(Path("a.ipynb"), data)
    assert title == "실습"
    assert [(part.place.cell, part.place.headings) for part in parts] == [
        (1, ("실습",)),
        (3, ("실습", "준비")),
        (3, ("실습", "계산")),
        (4, ("실습", "계산")),
    ]
    assert parts[-1].text == (
        "```python\nprint(1)\n```\n\n```text\n100%\n1\n```\n\n"
        "```text\narray([1])\n```\n\n```text\nValueError: bad\n```"
    )


def test_long_output_is_cut() -> None:
    output = {"output_type": "stream", "text": "x" * 50_000}
    (part,) = parts_of("a.ipynb", notebook(cell("code", "run()", output, output)))
    assert len(part.text) < 2_100
    assert "…" in part.text


def test_a_fence_in_the_source_does_not_end_the_fence_around_it() -> None:
    (part,) = parts_of("a.ipynb", notebook(cell("code", 's = """\n```\n"""')))
    assert part.text.startswith("````python\n")
    assert part.text.endswith("\n````")


def test_format_3() -> None:
    old = {
        "nbformat": 3,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": ["제목"]},
                    {
                        "cell_type": "code",
                        "input": ["1 + 1"],
                        "outputs": [{"output_type": "pyout", "text": ["2"]}],
                    },
                ]
            }
        ],
    }
    parts = parts_of("a.ipynb", json.dumps(old))
    assert parts[1].text == "```python\n1 + 1\n```\n\n```text\n2\n```"
    assert parts[1].place == Place(cell=2, headings=("제목",))


@pytest.mark.parametrize(
    "data", [b"{not json", b"[]", b'{"a": 1}', b'"text"', b"[" * 100_000, b"\x00\x01\x02"]
)
def test_a_broken_notebook(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"a\.ipynb is not a notebook"):
        read(Path("a.ipynb"), data)


@pytest.mark.parametrize("cells", [[], None, 3, [None, {}, {"cell_type": "code"}]])
def test_a_notebook_without_cells_is_empty(cells: object) -> None:
    with pytest.raises(EmptyFile):
        read(Path("a.ipynb"), json.dumps({"cells": cells}).encode())


# --------------------------------------------------------------------------- PDF

pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
Printed = Sequence[tuple[str, float]]  # lines with their type sizes; "" is a gap


def pdf(*pages: Printed, title: str = "", encrypt: Any = None) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(400, 600), encrypt=encrypt)
    canvas.setTitle(title)
    for lines in pages:
        y = 500.0
        for text, size in lines:
            y -= size * 1.4
            canvas.setFont("HYSMyeongJo-Medium", size)
            if text.startswith("^"):
                canvas.drawString(50, 570, text[1:])
            elif text.startswith("_"):
                canvas.drawString(50, 20, text[1:])
            else:
                canvas.drawString(50, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def body(*lines: str) -> Printed:
    return [(line, 10.0) for line in lines]


def test_pages_headings_and_paragraphs() -> None:
    title, parts = opened(
        Path("a.pdf"),
        pdf(
            [
                ("양자화", 18),
                *body("", "가중치를 더 적은 비트로 나타내는 방법이며 계산과 메모리를 줄인다."),
                ("1. 형식", 14),
                *body("", "fp16은 16비트이다."),
            ],
            [*body("이어지는 글이다."), ("2. 보정", 14), *body("보정 데이터를 쓴다.")],
            title="양자화 강의",
        ),
    )
    assert title == "양자화 강의"
    assert [(part.place.page, part.place.headings) for part in parts] == [
        (1, ("양자화",)),
        (1, ("양자화", "1. 형식")),
        (2, ("양자화", "1. 형식")),
        (2, ("양자화", "2. 보정")),
    ]
    assert parts[0].text.startswith("양자화\n\n가중치를")
    assert parts[1].text == "1. 형식\n\nfp16은 16비트이다."
    assert parts[2].text == "이어지는 글이다."


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # A break between words.
        (("어텐션은 값의 가중합이고 점수는 쿼리와 키의 내적으로", "계산한 다음 나눈다."),
         "내적으로 계산한"),
        # A particle stands for itself never.
        (("어텐션은 값의 가중합이고 점수는 쿼리와 키의 내적과 행렬", "을 계산한 다음 나눈다."),
         "행렬을 계산한"),
        # The word is seen whole elsewhere.
        (("그리고 양자화를 마친 다음 어텐션은 값의 가중합으로 양자", "화를 계산한 다음 나눈다."),
         "양자화를 계산한"),
        (("The attention block is followed by a second feed forward", "block of the layer."),
         "forward block"),
        (("Quantization is the replacement of weights by num-", "bers of fewer bits."),
         "by numbers of"),
        (("The model BERT is a well known one and has a state-", "of-the-art score."),
         "state-of-the-art"),
    ],
)  # fmt: skip
def test_lines_are_joined_to_paragraphs(lines: tuple[str, str], expected: str) -> None:
    (part,) = parts_of("a.pdf", pdf(body(*lines)))
    assert expected in part.text


def test_short_lines_stay_lines() -> None:
    table = [
        "형식 비트",
        "fp16 16",
        "int8 8",
        "이 줄은 페이지의 오른쪽 끝까지 닿는 긴 줄이라고 하자.",
    ]
    (part,) = parts_of("a.pdf", pdf(body(*table)))
    assert part.text.split("\n") == table


def test_running_heads_and_page_numbers_are_dropped() -> None:
    pages = [
        [("^ALM 301 강의자료", 8), (f"_- {n} -", 8), *body(f"{n}쪽의 글은 서로 다르다.")]
        for n in range(1, 5)
    ]
    parts = parts_of("a.pdf", pdf(*pages))
    assert [part.text for part in parts] == [f"{n}쪽의 글은 서로 다르다." for n in range(1, 5)]


def test_a_running_head_of_one_chapter_is_dropped() -> None:
    pages = [body(f"{n}쪽의 글은 서로 다르다.") for n in range(9)]
    pages[3:6] = [[("^3장 어텐션", 8), *page] for page in pages[3:6]]
    assert not any("3장" in part.text for part in parts_of("a.pdf", pdf(*pages)))


def test_two_pages_are_too_few_to_tell_a_running_head() -> None:
    pages = [[("^머리글", 10), *body("글이다.")]] * 2
    assert all("머리글" in part.text for part in parts_of("a.pdf", pdf(*pages)))


def test_pages_without_text_are_passed_over() -> None:
    (part,) = parts_of("a.pdf", pdf([], body("글이다."), []))
    assert part.place.page == 2


def test_a_scan_is_empty_and_the_hint_says_so() -> None:
    with pytest.raises(EmptyFile, match=r"scan\.pdf") as caught:
        read(Path("scan.pdf"), pdf([], []))
    assert "OCR" in caught.value.hint


def test_a_locked_pdf() -> None:
    data = pdf(body("비밀이다."), encrypt=StandardEncryption("user", ownerPassword="owner"))
    with pytest.raises(ReadError, match=r"locked\.pdf is locked by a password") as caught:
        read(Path("locked.pdf"), data)
    assert caught.value.hint


def test_a_pdf_that_only_forbids_printing_is_read() -> None:
    data = pdf(body("글이다."), encrypt=StandardEncryption("", ownerPassword="owner", canPrint=0))
    assert parts_of("a.pdf", data)[0].text == "글이다."


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"<html></html>", b"\x00" * 100])
def test_a_broken_pdf(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"a\.pdf is not a PDF"):
        read(Path("a.pdf"), data)


def test_a_pdf_that_was_cut_off() -> None:
    data = pdf(body("글이다."))
    with pytest.raises(ReadError):
        read(Path("a.pdf"), data[: len(data) // 3])


@pytest.mark.parametrize("title", ["untitled", "Microsoft Word - 강의.docx", "lecture.tex", " "])
def test_a_useless_title_gives_way_to_the_file_name(title: str) -> None:
    assert opened(Path("양자화.pdf"), pdf(body("글이다."), title=title))[0] == "양자화"


def test_a_title_leaves_out_the_id_of_an_export() -> None:
    name = "표 0123456789abcdef0123456789abcdef.txt"
    assert opened(Path(name), "글이다.".encode())[0] == "표"
