"""PDF by PDFium: pages, and within them headings and paragraphs, inferred from the layout.

A PDF holds glyphs on a page, not text. What a paragraph is, where a line break is a space, and
what is a running header has to be told from positions, type sizes and repetition. Pages without
text are recognised by OCR where that is installed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from assistant.errors import EmptyFile, ReadError
from assistant.ingestion.readers import ocr
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.naming import file_name, heading_name, own_title
from assistant.ingestion.readers.pdf_flow import Flow
from assistant.ingestion.readers.pdf_layout import HYPHEN, Line, arrange
from assistant.ingestion.readers.pdf_lines import Pages, lines_of
from assistant.ingestion.readers.refusals import broken, locked
from assistant.ingestion.text import clean
from assistant.types import Part, Place

_HEADING_SCALE = 1.12  # of the body's type size
_HEADING_LEVELS = 4
_REPEATED = 3  # pages; a chapter's running head may stand on no more
_SCANS = 1000  # pages; the rest of a longer scan is told as unread
_Mark: TypeAlias = tuple[str, int]


def read(path: Path, data: bytes) -> Reading:
    """One part per page and section; a page's text flows in paragraphs set apart by blank lines.

    A page that OCR recognised is one part. Memory is that of the text itself.

    Raises:
        EmptyFile: no page holds text that could be read, as in a scan where OCR is missing.
        ReadError: it is locked by a password, or no PDF.
    """
    name = file_name(path)
    with closing(_opened(path, data)) as document:
        title = own_title(str(document.get_metadata_dict().get("Title", "")))
        pages, marks = _pages(document, name)
        parts = list(_parts(pages, marks))
        found = {part.place.page for part in parts}
        without = [page for page in range(1, len(pages) + 1) if page not in found]
        recognised = _recognised(document, without)
    if not parts and not recognised:
        raise EmptyFile(
            f"{name} holds no text", ocr.hint("its pages are pictures") if without else ""
        )
    parts = _merged(parts, recognised)
    found |= {part.place.page for part in recognised}
    unread = tuple(page for page in without if page not in found)
    return Reading(title, tuple(parts), len(pages), unread)


def _opened(path: Path, data: bytes) -> Any:
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise locked(path) from error
        raise broken(path, "a PDF", save_as=".pdf") from error


def _pages(document: Any, name: str) -> tuple[Pages, set[_Mark]]:
    """The lines of all pages, and what runs through their margins: headers, page numbers."""
    from pypdfium2 import PdfiumError

    pages = Pages()
    seen: Counter[_Mark] = Counter()
    broken = 0
    for page in range(1, len(document) + 1):
        try:
            lines = arrange(lines_of(document, page))
        except PdfiumError:
            lines = []  # the other pages are still worth reading
            broken += 1
        pages.append(lines)
        seen.update({_mark(line) for line in lines if line.in_margin})
    if broken and broken == len(pages):
        raise ReadError(
            f"{name}: none of its pages can be read", "open it and save it again as .pdf"
        )
    return pages, {mark for mark, times in seen.items() if times >= _REPEATED}


def _parts(pages: Pages, marks: set[_Mark]) -> Iterator[Part]:
    """The parts of the pages with text, without what stands in their margins again and again."""
    flow = Flow()
    weight: Counter[float] = Counter()
    for lines in _without(pages, marks):
        flow.learn(lines)
        for line in lines:
            weight[line.size] += len(line.text)
    if not weight:
        return
    flow.settle()
    body = weight.most_common(1)[0][0]
    sizes = sorted(size for size in weight if size >= body * _HEADING_SCALE)
    heading_sizes = set(sizes[-_HEADING_LEVELS:])
    path: list[tuple[float, str]] = []
    for lines in _without(pages, marks):
        for section in _sections(lines, heading_sizes):
            first = section[0]
            if first.size in heading_sizes and _can_head(first):
                head = [line for line in section if line.size == first.size]
                name = " ".join(line.text for line in head).replace(HYPHEN, "-")
                path = [(size, above) for size, above in path if size > first.size]
                path.append((first.size, heading_name(name)))
            headings = tuple(heading for _, heading in path)
            text = clean(flow.text(section)).strip()
            if text:
                yield Part(text, Place(page=first.page, headings=headings))


def _mark(line: Line) -> _Mark:
    """What is the same, at the same height, wherever a margin repeats it."""
    return re.sub(r"\d+", "#", "".join(line.text.split())), round(line.bottom)


def _without(pages: Pages, marks: set[_Mark]) -> Iterator[list[Line]]:
    for lines in pages:
        yield [line for line in lines if not (line.in_margin and _mark(line) in marks)]


def _can_head(line: Line) -> bool:
    is_short = len(line.text) <= 120 and not line.is_row
    return is_short and any(character.isalpha() for character in line.text)


def _sections(lines: Sequence[Line], heading_sizes: set[float]) -> Iterator[list[Line]]:
    """Runs of lines of a page, each under at most one heading, which is its first lines."""
    section: list[Line] = []
    for line in lines:
        is_heading = line.size in heading_sizes and _can_head(line)
        goes_on = bool(section) and line.size == section[-1].size == section[0].size
        if section and is_heading and not goes_on:
            yield section
            section = []
        section.append(line)
    if section:
        yield section


# --------------------------------------------------------------------------- scans


def _recognised(document: Any, pages: Sequence[int]) -> list[Part]:
    """What OCR finds on these pages, a part for each; nothing where OCR is missing."""
    if not pages or ocr.available():
        return []
    found = [_scanned(document, page) for page in pages[:_SCANS]]
    return ocr.parts(lines for lines in found if lines)


def _scanned(document: Any, page: int) -> list[Line]:
    from pypdfium2 import PdfiumError

    try:
        with closing(document[page - 1]) as sheet:
            width, height = sheet.get_size()
            scale = min(ocr.DPI / 72, (ocr.PIXELS / max(width * height, 1.0)) ** 0.5)
            with closing(sheet.render(scale=scale, grayscale=True)) as bitmap:
                image = bitmap.to_pil().copy()  # the bitmap's memory goes with it
    except PdfiumError:
        return []
    return ocr.lines(image, page, dpi=scale * 72)


def _merged(parts: list[Part], recognised: list[Part]) -> list[Part]:
    """All parts by page; a recognised one stands under the headings of the page before."""
    merged: list[Part] = []
    for part in sorted([*parts, *recognised], key=lambda part: part.place.page or 0):
        if merged and not part.place.headings:
            place = replace(part.place, headings=merged[-1].place.headings)
            part = replace(part, place=place)
        merged.append(part)
    return merged
