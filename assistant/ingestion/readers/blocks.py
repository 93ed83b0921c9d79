"""From a run of headings, paragraphs and tables to parts under their path of headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.ingestion.readers import pipes
from assistant.ingestion.readers.naming import heading_name, one_line
from assistant.ingestion.text import clean
from assistant.types import Part, Place


class Outline:
    """Takes the blocks of a document in order and gives its parts.

    A part holds a section from its heading on, which is its first line; ``place`` is that of all
    of them, and its headings are those above. A table too large for one passage becomes parts of
    its own, each under the table's first row.
    """

    def __init__(self, place: Place = Place()) -> None:  # noqa: B008
        self._place = place
        self._path: list[tuple[int, str]] = []
        self._parts: list[Part] = []
        self._text: list[str] = []
        self._is_heading_only = False

    def heading(self, level: int, name: str) -> None:
        """Opens a section; a skipped level counts as one step down."""
        text = one_line(name)
        if not text:
            return
        self._close()
        self._path = [(above, other) for above, other in self._path if above < level]
        self._path.append((level, heading_name(text)))
        self._text = [text]  # the whole of it, however long
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
        lines = pipes.table([[clean(cell) for cell in row] for row in rows])
        for number, piece in enumerate(pipes.pieces(lines)):
            if number or not (self._is_heading_only or self._has_room(piece)):
                self._close()
            self.add(piece)

    def parts(self) -> tuple[Part, ...]:
        """What was taken so far."""
        self._close()
        return tuple(self._parts)

    def _has_room(self, piece: str) -> bool:
        """Whether it fits one passage with what stands above; else it would be cut somewhere."""
        return pipes.tokens("\n\n".join([*self._text, piece])) <= pipes.PART_TOKENS

    def _close(self) -> None:
        if self._text:
            headings = (*self._place.headings, *(name for _, name in self._path))
            place = replace(self._place, headings=headings)
            self._parts.append(Part("\n\n".join(self._text), place))
        self._text = []
        self._is_heading_only = False
