"""PDF by PDFium: pages, and within them headings and paragraphs, inferred from the layout.

A PDF holds glyphs on a page, not text. What a paragraph is, where a line break is a space, and
what is a running header has to be told from positions, type sizes and repetition.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from assistant.errors import EmptyFile, ReadError
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.text import clean
from assistant.types import Part, Place

_HYPHEN = "\ufffe"  # how PDFium writes a hyphen at the end of a line, the break included
_LIGATURES = re.compile(r"[ﬀ-ﬆ⼀-⿕\U0001d400-\U0001d7ff]")  # letters in disguise
_BULLET = re.compile(r"[-*+•·▪◦○●■□–—①-⑳]|\(?(?:\d{1,3}|[가-하a-zA-Z])[.)]\s")
# Particles and endings that no Korean word is written as; after a break they belong to the word
# before it. Those that are words as well (이, 도, 만) are not here.
_SUFFIX = re.compile(
    r"(?:은|는|을|를|의|가|에|에서|에게|으로|로|와|과|이다|이며|이고|한다|하다|했다|하는|하고|하여"
    r"|된다|되는|되어|됐다|들은|들을|들이|까지|부터|처럼|보다|이라고|라고)[.,)]*$"
)
_USELESS_TITLE = re.compile(
    r"^(?:untitled|\(?anonymous\)?|제목 ?없음|무제|microsoft )"
    r"|\.(?:docx?|pptx?|hwpx?|tex|dvi|pdf)$",
    re.IGNORECASE,
)
_HEADING_SCALE = 1.12  # of the body's type size
_HEADING_LEVELS = 4
_MARGIN = 0.12  # of the page's height, above and below, where headers and footers stand
_REPEATED = 3  # pages; a chapter's running head may stand on no more


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line; positions in points from the page's lower left corner."""

    text: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float
    in_margin: bool


def read(path: Path, data: bytes) -> Reading:
    """One part per page and section; a page's text flows in paragraphs set apart by blank lines.

    Raises:
        EmptyFile: no page holds text, as in a scan.
        ReadError: it is locked by a password, or no PDF.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    name = unicodedata.normalize("NFC", path.name)
    try:
        document = PdfDocument(data)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise ReadError(
                f"{name} is locked by a password", "save a copy without one and ingest that"
            ) from error
        raise ReadError(f"{name} is not a PDF, or a broken one", "try to open it") from error
    with closing(document):
        title = clean(str(document.get_metadata_dict().get("Title", ""))).strip()
        lines: list[_Line] = []
        pages, broken = len(document), 0
        for page in range(pages):
            try:
                lines += _lines(document, page)
            except PdfiumError:
                broken += 1  # the other pages are still worth reading
        if broken and broken == pages:
            raise ReadError(f"{name}: none of its pages can be read", "try to open it")
    lines = _without_running_lines(lines)
    if not lines:
        raise EmptyFile(f"{name} holds no text", "its pages may be scans: run OCR on it first")
    found = {line.page for line in lines}
    unread = tuple(page for page in range(1, pages + 1) if page not in found)
    return Reading(
        "" if _USELESS_TITLE.search(title) else title, tuple(_parts(lines)), pages, unread
    )


def _lines(document: Any, page_index: int) -> Iterator[_Line]:
    from pypdfium2 import raw

    with closing(document[page_index]) as page, closing(page.get_textpage()) as text_page:
        height = page.get_height()
        position = 0
        for raw_line in text_page.get_text_range().split("\r\n"):
            # PDFium counts UTF-16 units.
            first = position + len(raw_line) - len(raw_line.lstrip())
            position += len(raw_line.encode("utf-16-le", "surrogatepass")) // 2 + 2
            if not raw_line.strip():
                continue
            trailing = len(raw_line) - len(raw_line.rstrip())
            last = max(first, position - 3 - trailing)
            left, _, _, top = text_page.get_charbox(first, loose=True)
            _, bottom, right, _ = text_page.get_charbox(last, loose=True)
            text = unicodedata.normalize("NFC", raw_line).lstrip()
            yield _Line(
                text=_LIGATURES.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text),
                page=page_index + 1,
                left=left,
                right=right,
                top=top,
                bottom=bottom,
                size=round(2 * raw.FPDFText_GetFontSize(text_page, first)) / 2,
                in_margin=bottom > height * (1 - _MARGIN) or top < height * _MARGIN,
            )


def _without_running_lines(lines: list[_Line]) -> list[_Line]:
    """Without headers, footers and page numbers: what a margin repeats at the same height."""

    def mark(line: _Line) -> tuple[str, int]:
        return re.sub(r"\d+", "#", "".join(line.text.split())), round(line.bottom)

    marks = {(mark(line), line.page) for line in lines if line.in_margin}
    seen = Counter(repeated for repeated, _ in marks)
    return [line for line in lines if not line.in_margin or seen[mark(line)] < _REPEATED]


def _parts(lines: list[_Line]) -> Iterator[Part]:
    body = _body_size(lines)
    sizes = sorted({line.size for line in lines if line.size >= body * _HEADING_SCALE})
    heading_sizes = set(sizes[-_HEADING_LEVELS:])
    flow = _Flow(lines)
    path: list[tuple[float, str]] = []
    for paragraphs in _sections(lines, heading_sizes):
        first = paragraphs[0]
        if first.size in heading_sizes and _can_head(first):
            head = [line for line in paragraphs if line.size == first.size]
            name = clean(" ".join(line.text.strip() for line in head)).replace(_HYPHEN, "-")
            path = [(size, above) for size, above in path if size > first.size]
            path.append((first.size, " ".join(name.split())))
        headings = tuple(heading for _, heading in path)
        text = clean(flow.text(paragraphs)).strip()
        if text:
            yield Part(text, Place(page=first.page, headings=headings))


def _body_size(lines: Iterable[_Line]) -> float:
    weight: Counter[float] = Counter()
    for line in lines:
        weight[line.size] += len(line.text)
    return weight.most_common(1)[0][0]


def _can_head(line: _Line) -> bool:
    return len(line.text) <= 120 and any(character.isalpha() for character in line.text)


def _sections(lines: list[_Line], heading_sizes: set[float]) -> Iterator[list[_Line]]:
    """Runs of lines on one page, each under at most one heading, which is its first lines."""
    section: list[_Line] = []
    for line in lines:
        is_heading = line.size in heading_sizes and _can_head(line)
        goes_on = bool(section) and line.size == section[-1].size == section[0].size
        if section and (line.page != section[0].page or (is_heading and not goes_on)):
            yield section
            section = []
        section.append(line)
    if section:
        yield section


class _Flow:
    """Joins printed lines to running text, by what the whole document shows of its habits."""

    def __init__(self, lines: list[_Line]) -> None:
        self._right: dict[int, float] = {}
        for line in lines:
            self._right[line.page] = max(line.right, self._right.get(line.page, 0.0))
        steps = [
            above.bottom - line.bottom
            for above, line in pairwise(lines)
            if above.page == line.page and above.size == line.size and above.bottom > line.bottom
        ]
        self._leading = median(steps) if steps else 0.0
        # Words seen inside lines are whole; those at the ends of lines may be halves.
        self._words = {word for line in lines for word in _words(line.text)[1:-1]}
        korean = [line.text for line in lines if self._is_full(line) and _is_hangul(line.text[-1:])]
        spaced = sum(self._is_full(line) and line.text.endswith(" ") for line in lines)
        self._spaces_are_kept = spaced >= 3 and spaced * 5 >= len(korean)

    def text(self, lines: list[_Line]) -> str:
        text = self._mend_hyphens(lines[0].text)
        for above, line in pairwise(lines):
            text = text.rstrip("\n") + self._break(above, line) + self._mend_hyphens(line.text)
        return text

    def _is_full(self, line: _Line) -> bool:
        """Whether a line reaches so far right that it may have been wrapped."""
        return line.right - line.left >= 0.8 * (self._right[line.page] - line.left)

    def _break(self, above: _Line, line: _Line) -> str:
        step = above.bottom - line.bottom
        unfinished = not re.search(r"[.!?:。]\W*$", above.text.rstrip())
        if abs(above.size - line.size) > 0.5 or step > 1.35 * self._leading > 0:
            return "\n\n"
        if _BULLET.match(line.text) or not self._is_full(above):
            return "\n"
        if step < 0 and not unfinished:  # the top of the next column
            return "\n\n"
        return self._space(above.text, line.text)

    def _space(self, above: str, below: str) -> str:
        if above.endswith(" "):
            return ""
        end, start = above[-1:], below[:1]
        if _is_ideograph(end) and _is_ideograph(start):
            return ""
        if _is_hangul(start) and (_is_hangul(end) or end.isalnum() or end in ")]"):
            before, after = _words(above)[-1], _words(below)[0]
            if self._spaces_are_kept and _is_hangul(end):
                return ""
            if before + after in self._words and not {before, after} <= self._words:
                return ""
            if _SUFFIX.match(after):
                return ""
        return " "

    def _mend_hyphens(self, text: str) -> str:
        if _HYPHEN not in text:
            return text
        return re.sub(rf"([^\s{_HYPHEN}]*){_HYPHEN}\s*(?=([^\s{_HYPHEN}]*))", self._hyphen, text)

    def _hyphen(self, match: re.Match[str]) -> str:
        before, after = match[1], match[2].rstrip(".,;:)")
        is_compound = f"{before}-{after}" in self._words and before + after not in self._words
        if is_compound or "-" in after or not after[:1].islower() or not before[-1:].islower():
            return before + "-"
        return before


def _words(text: str) -> list[str]:
    return text.split() or [""]


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def _is_ideograph(character: str) -> bool:
    return "一" <= character <= "鿿" or "ぁ" <= character <= "ヿ"
