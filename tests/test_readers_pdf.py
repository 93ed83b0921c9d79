from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from pypdfium2 import PdfTextPage
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from assistant.errors import ReadError
from assistant.ingestion.readers import ocr, read
from assistant.ingestion.readers.pdf_layout import Line
from assistant.ingestion.readers.pdf_lines import Pages
from assistant.types import Part

FONT = "HYSMyeongJo-Medium"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
Draw = Callable[[Canvas], None]
LEFT, RIGHT, TOP = 50, 310, 720  # of an A4 page in two columns of 240 points


@pytest.fixture(autouse=True)
def _no_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "available", lambda: "nothing")


def pdf(*pages: Iterable[Draw]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 840))
    for page in pages:
        for draw in page:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def at(x: float, y: float, text: str, size: float = 10, font: str = FONT) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        canvas.drawString(x, y, text)

    return draw


def column(x: float, lines: Sequence[str], top: float = TOP, font: str = FONT) -> list[Draw]:
    return [at(x, top - 14 * n, line, font=font) for n, line in enumerate(lines)]


def filled(sentence: str, lines: int, font: str = FONT, width: float = 230) -> list[str]:
    """Lines of ``words``, over and over, wrapped to a column's width."""
    words = sentence.split()
    found, line, n = [], "", 0
    while len(found) < lines:
        longer = f"{line} {words[n % len(words)]}".strip()
        if pdfmetrics.stringWidth(longer, font, 10) > width:
            found.append(line)
            line = ""
        else:
            line, n = longer, n + 1
    return found


def parts_of(data: bytes) -> list[Part]:
    return list(read(Path("a.pdf"), data).parts)


def text_of(data: bytes) -> str:
    return "\n\n".join(part.text for part in parts_of(data))


def in_order(text: str, *pieces: str) -> bool:
    flat = " ".join(text.split())
    places = [flat.find(" ".join(piece.split())) for piece in pieces]
    return -1 not in places and places == sorted(places)


ENGLISH = filled("the left words of an attention block are weighed by a softmax", 20)
OTHER = filled("on this side a right column speaks about quantization of weights", 20)
KOREAN = filled("어텐션은 쿼리와 키의 내적으로 점수를 계산한 다음 값을 더한다", 20)
KOREAN_OTHER = filled("양자화는 가중치를 더 적은 비트로 나타내는 방법이며 계산이 빠르다", 20)


# --------------------------------------------------------------------------- columns


@pytest.mark.parametrize(("left", "right"), [(ENGLISH, OTHER), (KOREAN, KOREAN_OTHER)])
@pytest.mark.parametrize("order", ["by column", "by line", "right first"])
def test_two_columns_are_read_one_after_the_other(
    left: list[str], right: list[str], order: str
) -> None:
    one, two = column(LEFT, left), column(RIGHT, right)
    drawn = {
        "by column": one + two,
        "right first": two + one,
    }.get(order) or [draw for pair in zip(one, two, strict=True) for draw in pair]
    assert " ".join(text_of(pdf(drawn)).split()) == " ".join([*left, *right])


def test_a_paragraph_goes_on_in_the_next_column() -> None:
    data = pdf([*column(LEFT, ENGLISH), *column(RIGHT, OTHER)])
    assert text_of(data) == " ".join([*ENGLISH, *OTHER])


def test_what_stands_across_the_columns_parts_them_into_bands() -> None:
    title = at(120, 800, "A title that stands over both of the columns", 18)
    wide = " ".join(ENGLISH[:2]) + " caption"
    data = pdf(
        [
            title,
            *column(LEFT, ENGLISH[:6]),
            *column(RIGHT, OTHER[:6]),
            at(LEFT, 600, wide),
            *column(LEFT, [f"lower {line}" for line in ENGLISH[6:12]], 560),
            *column(RIGHT, [f"lower {line}" for line in OTHER[6:12]], 560),
        ]
    )
    assert in_order(
        text_of(data), "A title", ENGLISH[0], ENGLISH[5], OTHER[0], OTHER[5], "caption",
        f"lower {ENGLISH[6]}", f"lower {ENGLISH[11]}", f"lower {OTHER[6]}", f"lower {OTHER[11]}",
    )  # fmt: skip


def test_a_title_of_the_whole_page_does_not_join_the_first_column() -> None:
    wide = " ".join(ENGLISH[:2])
    text = text_of(pdf([at(LEFT, 790, wide), *column(LEFT, ENGLISH), *column(RIGHT, OTHER)]))
    assert text.startswith(f"{wide}\n\n{ENGLISH[0]}")


def test_three_columns() -> None:
    texts = [
        filled(f"the {name} column of the page is as narrow as a leaf", 15, width=150)
        for name in ("one", "two", "three")
    ]
    columns = [column(40 + 180 * n, lines) for n, lines in enumerate(texts)]
    drawn = [draw for row in zip(*columns, strict=True) for draw in row]
    assert " ".join(text_of(pdf(drawn)).split()) == " ".join(line for t in texts for line in t)


def test_a_word_hyphenated_across_the_columns_is_mended() -> None:
    left = [*ENGLISH[:-1], f"{ENGLISH[-1][:30]} quanti-"]
    right = ["zation of the weights and so on it goes", *OTHER]
    by_column = pdf([*column(LEFT, left), *column(RIGHT, right)])
    assert "quantization of the weights" in text_of(by_column)


def test_hyphens_within_columns_are_mended_however_the_page_was_written() -> None:
    left = [ENGLISH[0], "It is a linear regres-", "sion of what the model has seen", *ENGLISH[1:]]
    pairs = zip(column(LEFT, left), column(RIGHT, [*OTHER, *OTHER[:2]]), strict=True)
    for drawn in ([*column(LEFT, left), *column(RIGHT, OTHER)], [d for p in pairs for d in p]):
        assert "linear regression of what" in " ".join(text_of(pdf(drawn)).split())


def test_a_hyphen_does_not_end_the_paragraph() -> None:
    lines = [*ENGLISH[:3], f"{ENGLISH[3][:34]} num-", "bers of fewer bits.", *ENGLISH[:3]]
    assert "\n\n" not in text_of(pdf(column(LEFT, lines)))


def test_ligatures_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    # No font that comes with ReportLab has them: say that PDFium found one in each of its lines.
    text_of_page = PdfTextPage.get_text_range
    monkeypatch.setattr(
        PdfTextPage, "get_text_range", lambda page: text_of_page(page).replace("the", "t\ufb01 ")
    )
    text = text_of(pdf([*column(LEFT, ENGLISH), *column(RIGHT, OTHER)]))
    assert text.startswith("tfi  left words of an")


def test_running_heads_and_page_numbers_over_columns_are_dropped() -> None:
    pages = []
    for n in range(4):
        head = [at(LEFT, 815, "Kim and Lee"), at(RIGHT + 100, 815, "Journal of Weights, 2024")]
        number = [at(295, 25, str(n + 1))]
        pages.append([*head, *column(LEFT, ENGLISH), *column(RIGHT, OTHER), *number])
    text = text_of(pdf(*pages))
    assert "Kim" not in text
    assert "Journal" not in text
    assert [part.text for part in parts_of(pdf(*pages))] == [" ".join([*ENGLISH, *OTHER])] * 4


def test_one_column_keeps_the_order_it_was_written_in() -> None:
    lines = filled("words that fill the whole width of the page", 12, width=480)
    drawn = column(LEFT, lines)
    assert text_of(pdf(drawn)) == " ".join(lines)
    aside = [at(LEFT, 500, "at the foot"), *column(LEFT, lines[:6])]
    assert text_of(pdf(aside)).startswith("at the foot")


def test_cells_of_several_lines_stay_together() -> None:
    """A table written cell by cell, its cells as wide as columns."""
    drawn: list[Draw] = []
    for row in range(6):
        top = TOP - 60 * row
        drawn += column(LEFT, [f"left{row} {line}" for line in ENGLISH[:3]], top)
        drawn += column(RIGHT, [f"right{row} {line}" for line in OTHER[:3]], top)
    text = text_of(pdf(drawn))
    assert in_order(text, "left0", "right0", "left1", "right1", "left5", "right5")


# --------------------------------------------------------------------------- tables


def table(rows: Sequence[Sequence[str]], x: float, y: float, step: float = 80) -> list[Draw]:
    return [
        at(x + step * n, y - 16 * number, cell)
        for number, row in enumerate(rows)
        for n, cell in enumerate(row)
        if cell
    ]


ROWS = [("형식", "비트", "오차"), ("fp16", "16", "0.1"), ("int8", "8", "0.4"), ("nf4", "4", "a|b")]


def test_a_grid_is_written_as_a_table() -> None:
    lines = filled("words that fill the whole width of the page", 4, width=480)
    text = text_of(pdf([*column(LEFT, lines), *table(ROWS, LEFT, 640)]))
    rows = "| 형식 | 비트 | 오차 |\n| fp16 | 16 | 0.1 |\n| int8 | 8 | 0.4 |\n| nf4 | 4 | a\\|b |"
    assert text == f"{' '.join(lines)}\n\n{rows}"


def test_an_empty_cell_keeps_its_column() -> None:
    rows = [*ROWS[:2], ("int8", "", "0.4"), ("nf4", "4", "0.9")]
    assert "| int8 |  | 0.4 |" in text_of(pdf(table(rows, LEFT, 700)))


def test_cells_that_do_not_align_are_no_table() -> None:
    drawn = [
        at(LEFT + shift + 90 * n, 700 - 16 * row, word)
        for row, shift in enumerate((0, 30, 11, 47))
        for n, word in enumerate(("one", "two", "three"))
    ]
    drawn.insert(
        0, at(LEFT, 720, "a line as wide as a page, or nearly so, to measure the others by")
    )
    assert text_of(pdf(drawn)).endswith("\n".join(["one two three"] * 4))


def test_a_table_across_the_columns_keeps_its_rows() -> None:
    for by_line in (False, True):
        one, two = column(LEFT, ENGLISH), column(RIGHT, OTHER)
        body = [d for pair in zip(one, two, strict=True) for d in pair] if by_line else one + two
        text = text_of(pdf([*table(ROWS, LEFT + 20, 800, 170), *body]))
        assert in_order(text, "| fp16 | 16 | 0.1 |", ENGLISH[0], OTHER[0])


def test_a_table_within_a_column_stays_there() -> None:
    below = [f"below {line}" for line in ENGLISH[8:]]
    left = [*column(LEFT, ENGLISH[:8]), *table(ROWS, LEFT, 590), *column(LEFT, below, 510)]
    text = text_of(pdf([*left, *column(RIGHT, OTHER)]))
    assert in_order(text, ENGLISH[7], "| fp16 | 16 | 0.1 |", below[0], OTHER[0])


# --------------------------------------------------------------------------- all of a file


def test_pages_without_text_are_told() -> None:
    reading = read(Path("a.pdf"), pdf([], column(LEFT, ENGLISH), [], column(LEFT, OTHER)))
    assert (reading.pages, reading.unread) == (4, (1, 3))


def test_a_page_of_running_heads_alone_is_told_as_unread() -> None:
    head = at(LEFT, 815, "Scanned by a telephone")
    pages = [[head, *column(LEFT, lines)] for lines in (ENGLISH, OTHER, KOREAN)]
    assert read(Path("a.pdf"), pdf(*pages, [head])).unread == (4,)


def test_lines_are_kept_as_they_were() -> None:
    lines = [
        Line("어텐션 \ufffe", 2, 1.5, 20.25, 700.5, 690.0, 10.5, True, 3, True),
        Line("", 2, 0.0, 0.0, 0.0, 0.0, 9.0, False),
    ]
    pages = Pages()
    pages.append([])
    pages.append(lines)
    assert list(pages) == [[], lines]


@pytest.mark.timeout(60)
def test_a_damaged_pdf_is_read_in_part_or_refused() -> None:
    whole = pdf([*column(LEFT, ENGLISH), *column(RIGHT, OTHER)], table(ROWS, LEFT, 700))
    for position in range(20, len(whole), 97):
        damaged = bytearray(whole)
        damaged[position : position + 8] = b"\xff" * 8
        try:
            parts = parts_of(bytes(damaged))
        except ReadError:
            continue
        assert all(part.text for part in parts)
