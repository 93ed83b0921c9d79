"""From a run of headings, paragraphs and tables to parts under their path of headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.ingestion.text import clean
from assistant.types import Part, Place

_HEADING_CHARACTERS = 200
_TOKEN = re.compile(r"[A-Za-z]{1,4}|[0-9]{1,2}|[가-힣]{1,2}|-{3}|\S")
_PART_TOKENS = 220  # of a table cut in pieces: a node of 300 less its title and headings


class Outline:
    """Takes the blocks of a document in order and gives its parts.

    A part holds a section from its heading on, which is its first line; ``above`` are the
    headings over all of them. A table too large for one passage becomes parts of its own, each
    under the table's first row.
    """

    def __init__(self, above: tuple[str, ...] = ()) -> None:
        self._above = above
        self._path: list[tuple[int, str]] = []
        self._parts: list[Part] = []
        self._text: list[str] = []
        self._is_heading_only = False

    def heading(self, level: int, name: str) -> None:
        """Opens a section; a skipped level counts as one step down."""
        name = " ".join(clean(name).split())[:_HEADING_CHARACTERS]
        if not name:
            return
        self._close()
        self._path = [(above, other) for above, other in self._path if above < level]
        self._path.append((level, name))
        self._text = [name]
        self._is_heading_only = True

    def add(self, text: str, *, tight: bool = False) -> None:
        """A paragraph; ``tight`` sets it directly beneath the one before, as an item of a list."""
        text = clean(text).strip("\n")
        if not text.strip():
            return
        if tight and self._text and not self._is_heading_only:
            self._text[-1] += "\n" + text
        else:
            self._text.append(text)
        self._is_heading_only = False

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """A pipe table under its first row, in as many parts as it takes."""
        for number, piece in enumerate(_pieces(_lines(rows))):
            if number:
                self._close()
            elif not self._is_heading_only and _tokens("\n\n".join([*self._text, piece])) > (
                _PART_TOKENS
            ):
                # Together they would be cut somewhere; here is a good place.
                self._close()
            self.add(piece)

    def parts(self) -> tuple[Part, ...]:
        """What was taken so far."""
        self._close()
        return tuple(self._parts)

    def _close(self) -> None:
        if self._text:
            headings = (*self._above, *(name for _, name in self._path))
            self._parts.append(Part("\n\n".join(self._text), Place(headings=headings)))
        self._text = []
        self._is_heading_only = False


def _tokens(text: str) -> int:
    """About how many tokens a text has; in a table the bars and numbers weigh most."""
    return len(_TOKEN.findall(text))


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    columns = max((len(row) for row in rows), default=0)
    lines = []
    for row in rows:
        cells = [" ".join(clean(cell).split()).replace("|", "\\|") for cell in row]
        if any(cells):
            lines.append("| " + " | ".join([*cells, *[""] * (columns - len(cells))]) + " |")
    if len(lines) > 1:
        lines.insert(1, "|" + " --- |" * columns)
    return lines


def _pieces(lines: list[str]) -> Iterator[str]:
    """Runs of rows that fit a passage, the header above each of them."""
    header, rows = lines[:2], lines[2:]
    room = max(_PART_TOKENS - _tokens("\n".join(header)), _PART_TOKENS // 4)
    piece: list[str] = []
    used = 0
    for row in rows:
        size = _tokens(row) + 1
        if piece and used + size > room:
            yield "\n".join([*header, *piece])
            piece, used = [], 0
        piece.append(row)
        used += size
    if header:
        yield "\n".join([*header, *piece])
