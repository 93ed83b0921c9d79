"""The rows of a sheet into parts, each with its range of rows, under the header found for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from assistant.ingestion.readers import pipes
from assistant.types import Part, Place

_ROWS = 25  # of a part, empty ones included: a gap sets tables apart
_LOOKED_AT = 20  # rows at the top among which the header is sought
_HEADING_CHARACTERS = 100
_DATE = re.compile(r"(?=.*\d)[\d\s:./\-년월일시분초()화수목금토오전후AMPTZ]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty; ``number`` counts from 1, as a spreadsheet shows it."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Chunk:
    first: int
    last: int
    text: str


def parts(rows: Callable[[], Iterator[Row]], place: Place) -> Iterator[Part]:
    """The parts of a sheet, each with its range of rows at ``place``.

    ``rows`` gives the rows anew each time it is called (twice): a large sheet is never held. Text
    alone on a line above the header is the heading of all parts. Columns without any cell are
    left out; a row too long for a table is a part of its own, its cells named by the header.
    """
    used: set[int] = set()
    top: list[Row] = []
    for row in rows():
        used.update(number for number, cell in enumerate(row.cells) if cell)
        if len(top) < _LOOKED_AT:
            top.append(row)
    columns = sorted(used)

    def shown(row: Row) -> Row:
        return Row(row.number, [row.cells[n] if n < len(row.cells) else "" for n in columns])

    position = _header(top) if len(columns) > 1 else None
    header = None if position is None else shown(top[position])
    lead = top[: position or 0]
    heading = _heading(lead)
    above = "\n".join(" ".join(cell for cell in row.cells if cell) for row in lead)
    after = 0 if header is None else header.number
    chunks = _chunks(header, (shown(row) for row in rows() if row.number > after))
    place = replace(place, headings=(heading,) if heading else place.headings)
    for number, chunk in enumerate(chunks):
        text, first = chunk.text, chunk.first
        if number == 0 and above:
            text = f"{above}\n\n{text}"
        if number == 0 and header and first - header.number < _ROWS:
            first = top[0].number
        yield Part(text, replace(place, first_row=first, last_row=chunk.last))


def _chunks(header: Row | None, rows: Iterator[Row]) -> Iterator[_Chunk]:
    """Rows that fit a part, under the header; the header alone when there are none."""
    names = header.cells if header else ()
    head = [pipes.row(names), pipes.rule(len(names))] if header else []
    heads = sum(map(pipes.tokens, head))
    lines: list[str] = []
    first = last = weight = 0
    seen = False
    for row in rows:
        seen = True
        text = _line(row.cells)
        added = pipes.tokens(text)
        fits = heads + added <= pipes.PART_TOKENS
        goes_on = fits and weight + added <= pipes.PART_TOKENS and row.number - first < _ROWS
        if lines and not goes_on:
            yield _Chunk(first, last, "\n".join([*head, *lines]))
            lines = []
        if not fits:
            yield _Chunk(row.number, row.number, _record(names, row.cells))
            continue
        if not lines:
            first, weight = row.number, heads
        lines.append(text)
        last, weight = row.number, weight + added
    if lines:
        yield _Chunk(first, last, "\n".join([*head, *lines]))
    elif header and not seen:
        yield _Chunk(header.number, header.number, head[0])


def _record(names: Sequence[str], cells: Sequence[str]) -> str:
    """A row on lines of its own: prose in a cell can then be cut between sentences."""
    return "\n".join(
        f"{' '.join(name.split())}: {cell}" if name else cell
        for name, cell in zip_longest(names, cells, fillvalue="")
        if cell
    )


def _line(cells: Sequence[str]) -> str:
    """A row of the table; where there is one column, that is no table."""
    return " ".join(cells[0].split()) if len(cells) == 1 else pipes.row(cells)


def _header(top: Sequence[Row]) -> int | None:
    """Position of the row that names the columns: the first that is nearly full, of words.

    Rather one that reaches as far right as most rows do: lines that say whose table it is do not.
    """
    filled = [sum(map(bool, row.cells)) for row in top]
    full = max(2, 0.6 * max(filled, default=0))
    ends = [max(column for column, cell in enumerate(row.cells) if cell) for row in top]
    usual = max(ends, key=lambda end: (ends.count(end), end))
    named = [
        position
        for position, row in enumerate(top)
        if filled[position] >= full and 2 * sum(map(_is_word, row.cells)) >= filled[position]
    ]
    if named:
        return next((position for position in named if ends[position] >= usual), named[0])
    # Years or weeks for columns: but the first of them has a name.
    begins_with_word = _is_word(next(filter(None, top[0].cells)))
    return 0 if begins_with_word and filled[0] >= full else None


def _is_word(cell: str) -> bool:
    return any(map(str.isalpha, cell)) and not _DATE.fullmatch(cell)


def _heading(lead: Sequence[Row]) -> str:
    """What stands alone on the first line, as the title of a sheet does."""
    cells = [cell for cell in lead[0].cells if cell] if lead else []
    if len(cells) == 1 and _is_word(cells[0]) and len(cells[0]) <= _HEADING_CHARACTERS:
        return " ".join(cells[0].split())
    return ""
