"""The printed lines of a PDF's pages, by PDFium, and a way to keep many of them in little space."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from pypdfium2 import raw

from assistant.ingestion.readers.pdf_layout import HYPHEN, Cell, Line

_UPTO_HYPHEN = re.compile(rf"[^{HYPHEN}]*{HYPHEN}|[^{HYPHEN}]+")
_LIGATURES = re.compile(r"[ﬀ-ﬆ⼀-⿕\U0001d400-\U0001d7ff]")  # letters in disguise
_MARGIN = 0.12  # of the page's height, above and below, where headers and footers stand
_GAP = 0.9  # type sizes; a wider gap within a line is no word space


def lines_of(document: Any, page: int) -> list[Line]:
    """The lines of a page of a PdfDocument, in PDFium's order; ``page`` counts from 1.

    Raises:
        PdfiumError: the page is broken.
    """
    with closing(document[page - 1]) as sheet, closing(sheet.get_textpage()) as text_page:
        height = sheet.get_height()
        found = list(_printed(text_page.get_text_range()))
        # One run of text to a line leaves no gap to look for: the usual page, and the quick one.
        has_gaps = raw.FPDFText_CountRects(text_page, 0, -1) > len(found)
        return [_line(text_page, first, text, page, height, has_gaps) for first, text in found]


def _printed(text: str) -> Iterator[tuple[int, str]]:
    """Lines without the white space in front, each with PDFium's index of its first character.

    A hyphenated word is one to PDFium, and with it the two lines that it stands on; these may be
    the last of a column and the first of the next. Here a line ends with its hyphen.
    """
    position = 0
    for raw_line in text.split("\r\n"):
        for line in _UPTO_HYPHEN.findall(raw_line):
            printed = line.lstrip()
            if printed:
                yield position + len(line) - len(printed), printed
            position += _units(line)
        position += 2


def _line(
    text_page: Any, first: int, raw_line: str, page: int, height: float, has_gaps: bool
) -> Line:
    last = first + _units(raw_line.rstrip()) - 1
    left, _, _, top = text_page.get_charbox(first, loose=True)
    # A hyphen has a place of its own only where PDFium kept it.
    _, bottom, right, _ = text_page.get_charbox(last, loose=True)
    size = _size(text_page, first)
    return Line(
        text=_readable(raw_line),
        page=page,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        size=size,
        in_margin=bottom > height * (1 - _MARGIN) or top < height * _MARGIN,
        cells=_cells(text_page, first, raw_line, size) if has_gaps else (),
    )


def _units(text: str) -> int:
    """PDFium's count of characters: UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _readable(raw_text: str) -> str:
    if raw_text.isascii():
        return raw_text
    text = unicodedata.normalize("NFC", raw_text)
    return _LIGATURES.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def _size(text_page: Any, index: int) -> float:
    return round(2 * float(raw.FPDFText_GetFontSize(text_page, index))) / 2


def _cells(text_page: Any, first: int, raw_line: str, size: float) -> tuple[Cell, ...]:
    """What stands between the wide gaps of a line; nothing where it has none."""
    stretches = _stretches(text_page, first, _units(raw_line.rstrip()), _GAP * size)
    if len(stretches) < 2:
        return ()
    starts = _starts(text_page, first, raw_line, [left for left, _ in stretches])
    if len(starts) < len(stretches):
        return ()
    cells = []
    for number, (index, start) in enumerate(starts):
        end = starts[number + 1][1] if number + 1 < len(starts) else len(raw_line)
        before, upto = _readable(raw_line[:start]), _readable(raw_line[:end].rstrip())
        left, right = stretches[number]
        cells.append(Cell(len(before), len(upto), left, right, _size(text_page, index)))
    return tuple(cells)


def _stretches(text_page: Any, first: int, count: int, gap: float) -> list[tuple[float, float]]:
    """Left and right edges of the runs of text on a line that have wider gaps between them."""
    count = raw.FPDFText_CountRects(text_page, first, count)
    if count < 2:
        return []
    box = [ctypes.c_double() for _ in range(4)]
    found: list[tuple[float, float]] = []
    for number in range(count):
        raw.FPDFText_GetRect(text_page, number, *box)
        left, right = box[0].value, box[2].value
        if found and left - found[-1][1] <= gap:
            found[-1] = min(left, found[-1][0]), max(right, found[-1][1])
        else:
            found.append((left, right))
    return found


def _starts(
    text_page: Any, first: int, raw_line: str, edges: Sequence[float]
) -> list[tuple[int, int]]:
    """Where the runs with these left edges begin: PDFium's index and that in the line."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    starts: list[tuple[int, int]] = [(first, 0)]
    index = first
    for position, character in enumerate(raw_line):
        if len(starts) == len(edges):
            break
        if position and not character.isspace():
            raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
            if left.value >= edges[len(starts)] - 0.5:
                starts.append((index, position))
        index += 1 if character <= "\uffff" else 2
    return starts


class Pages:
    """The lines of all pages. Text and numbers are held together, not in an object for each."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._numbers: list[array[float]] = []

    def append(self, lines: Sequence[Line]) -> None:
        """Add the lines of the next page."""
        self._texts.append("\r\n".join(line.text for line in lines))
        self._numbers.append(
            array(
                "f",  # PDFium's own precision
                (
                    number
                    for line in lines
                    for number in (
                        line.left,
                        line.right,
                        line.top,
                        line.bottom,
                        line.size,
                        line.in_margin,
                        line.column,
                        line.is_row,
                    )
                ),
            )
        )

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[list[Line]]:
        """The lines page by page, without their cells."""
        for page, (text, numbers) in enumerate(zip(self._texts, self._numbers, strict=True), 1):
            fields = [iter(numbers)] * 8
            texts = text.split("\r\n") if numbers else []
            yield [
                Line(
                    line, page, left, right, top, bottom, size, bool(margin), int(column), bool(row)
                )
                for line, left, right, top, bottom, size, margin, column, row in zip(
                    texts, *fields, strict=True
                )
            ]
