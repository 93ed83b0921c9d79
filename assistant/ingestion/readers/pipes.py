"""Tables as Markdown writes them, in pieces small enough to be one passage each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

PART_TOKENS = 220
"""Tokens of a part cut from a table: a passage has 300, some of which name where it stands."""

# About the tokens the multilingual embedding models make of a line: numbers and bars, of which
# tables consist, weigh several times what the letters of a sentence do.
_TOKEN = re.compile(r"[A-Za-z]{1,4}|[0-9]{1,2}|[가-힣]{1,2}|-{3}|\S")


def tokens(text: str) -> int:
    """About how many tokens a text has, in a table above all; few have a fifth more."""
    return len(_TOKEN.findall(text)) + text.count("|")  # a bar is one more, for the space before


def row(cells: Iterable[str]) -> str:
    """A row of a table. The cells are clean; what breaks their lines becomes a space."""
    escaped = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def rule(columns: int) -> str:
    """The line between the header of a table and its rows."""
    return "|" + " --- |" * columns


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, its first row the header; empty rows are left out.

    Short rows are filled up to the longest.
    """
    filled = [cells for cells in rows if any(map(str.strip, cells))]
    columns = max(map(len, filled), default=0)
    lines = [row([*cells, *[""] * (columns - len(cells))]) for cells in filled]
    if len(lines) > 1:
        lines.insert(1, rule(columns))
    return lines


def pieces(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a table in runs that fit a passage, each under the header."""
    header, rows = lines[:2], lines[2:]
    room = max(PART_TOKENS - tokens("\n".join(header)), PART_TOKENS // 4)
    piece: list[str] = []
    used = 0
    for line in rows:
        size = tokens(line)
        if piece and used + size > room:
            yield "\n".join([*header, *piece])
            piece, used = [], 0
        piece.append(line)
        used += size
    if header:
        yield "\n".join([*header, *piece])
