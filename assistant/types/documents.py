"""Documents, the nodes they are cut into, and where in a document those stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ko", "en", "mixed", "other"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document a passage stands, in the reader's terms.

    ``page``, ``slide`` and ``cell`` count from 1, ``line`` is the passage's first line counted
    from 1, ``headings`` is the path from the outermost heading to the innermost. ``first_row`` and
    ``last_row`` count the rows of ``sheet`` from 1, as a spreadsheet shows them; ``seconds`` is
    the time in a recording at which a subtitle is spoken.
    """

    page: int | None = None
    cell: int | None = None
    line: int | None = None
    headings: tuple[str, ...] = ()
    slide: int | None = None
    sheet: str = ""
    first_row: int | None = None
    last_row: int | None = None
    seconds: float | None = None

    @property
    def label(self) -> str:
        """What a citation prints: ``p. 3 · Attention › Scaling``; the line when all else fails."""
        where = []
        if self.page is not None:
            where.append(f"p. {self.page}")
        if self.slide is not None:
            where.append(f"slide {self.slide}")
        if self.cell is not None:
            where.append(f"cell {self.cell}")
        if self.sheet:
            where.append(self.sheet)
        if self.first_row is not None:
            last = self.last_row or self.first_row
            where.append(
                f"rows {self.first_row}–{last}" if last > self.first_row else f"row {last}"
            )
        if self.seconds is not None:
            where.append(_clock(self.seconds))
        if self.headings:
            where.append(" › ".join(self.headings))
        if not where and self.line is not None:
            where.append(f"line {self.line}")
        return " · ".join(where)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a document as its reader found it, all at one place.

    ``text`` is NFC. The document's text is its parts joined by a blank line; node offsets
    (:attr:`Node.start`, :attr:`Node.end`) count characters in that text.
    """

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it stands in the library.

    ``path`` is the file's own absolute path, byte for byte as the system names it; ``root`` is
    the folder (or the file itself) it was ingested from. ``mtime_ns`` and ``size`` (bytes) tell
    an untouched file apart without opening it; ``sha256`` is of the file's bytes, in hex.
    ``splitter`` tells how its text was cut into nodes; another value means cutting it again.
    ``pages`` counts its pages or slides, 0 where the format has none; ``unread`` are those that
    hold no text that can be read, as a scan does not.

    A file within an archive stands beneath it, as if the archive were a folder
    (``notes.zip/week 3/attention.md``); the archive itself is a document of format ``archive``
    without nodes.
    """

    path: Path
    root: Path
    title: str
    format: str
    size: int
    mtime_ns: int
    sha256: str
    splitter: str = ""
    pages: int = 0
    unread: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A passage of a document: the unit that is embedded, found and cited.

    ``start`` and ``end`` count characters in the document's text (see :class:`Part`).
    ``text`` is shown and cited; ``context`` (title and heading path) goes in front of it when
    it is embedded and indexed, so that a passage is found by the section it stands in.
    """

    text: str
    place: Place
    start: int
    end: int
    language: Language
    context: str = ""

    @property
    def indexed_text(self) -> str:
        """What the encoder and the lexical index see."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class StoredNode:
    """A node with its library id and the document it belongs to."""

    id: int
    document_id: int
    path: Path
    title: str
    node: Node
