"""The order in which a page is read: columns within bands, and rows of tables.

A PDF's own order is that of whatever wrote it: mostly column by column, sometimes line by line
across all columns. Where the gutter between columns shows, lines are put in order by it;
elsewhere they stay as they came. OCR, which reads across columns, uses the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

HYPHEN = "\ufffe"  # at the end of a line, as PDFium writes it, the break included

_END_HYPHEN = re.compile(r"(?<=[a-zà-ÿ])[-\xad]$")
_COLUMN_EMS = 8  # a line of a column is mostly wider than this many type sizes, a cell is not
_COLUMN_LINES = 4
_BAND_LINES = 3
_GUTTER = 0.5  # type sizes, at least
_MIDDLE = 0.2  # of the width of the text, left and right, where no gutter is looked for
_NARROWEST = 0.4  # of the other column's width
_DEEPEST = 8  # columns of columns of columns are none
_TABLE_ROWS = 3
_TABLE_CELLS = 3  # two aligned cells may as well be a list or a table of contents
_ALIGNED = 3.0  # points


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands on a line between wide gaps: characters ``start`` to ``end`` of its text."""

    start: int
    end: int
    left: float
    right: float
    size: float


class Line(NamedTuple):  # a document has many, and a tuple is made in half the time
    """A printed line; positions in points from the page's lower left corner.

    ``column`` is 1 for what stands across the page; within column n, the left half is column 2n
    and the right one 2n + 1. ``cells`` are given only where there are several. ``is_row``: the
    text is a row of a table.
    """

    text: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float
    in_margin: bool
    column: int = 1
    is_row: bool = False
    cells: tuple[Cell, ...] = ()


def arrange(lines: Sequence[Line]) -> list[Line]:
    """The lines of one page, in reading order.

    Lines across several columns are cut at the gutter. On a page of one column every line stays
    as and where it is, but for rows of tables, which are written as ``| a | b |``.
    """
    return list(_with_tables(_in_columns(lines, 1)))


# --------------------------------------------------------------------------- columns


def _in_columns(lines: Sequence[Line], column: int) -> list[Line]:
    """The lines of a column, which may itself be set in columns, in order."""
    gutter = _gutter(lines) if column < _DEEPEST else None
    pieces = None if gutter is None else _cut(lines, gutter)
    bands = _bands(pieces or ())
    if not any(min(len(left), len(right)) >= _COLUMN_LINES for _, left, right in bands):
        return [line._replace(column=column) for line in lines] if column > 1 else list(lines)
    ordered: list[Line] = []
    for whole, left, right in bands:
        ordered += [line._replace(column=column) for line in whole]
        ordered += _in_columns(left, 2 * column)
        ordered += _in_columns(right, 2 * column + 1)
    return ordered


def _bands(pieces: Sequence[tuple[int, Line]]) -> list[tuple[list[Line], list[Line], list[Line]]]:
    """From the top down: what stands across the columns, and what follows it left and right."""
    across = sorted(_middle(line) for side, line in pieces if side == 0)
    bands: dict[int, list[tuple[int, Line]]] = {}
    for side, line in pieces:
        bands.setdefault(len(across) - bisect_left(across, _middle(line)), []).append((side, line))
    found = []
    for _, band in sorted(bands.items()):
        whole, left, right = ([line for side, line in band if side == n] for n in range(3))
        few = min(len(left), len(right)) < _BAND_LINES
        if few and ((left and right) or len(band) < _COLUMN_LINES):
            # The end of a paragraph, names beneath a title: no columns, and in their own order.
            whole, left, right = [line for _, line in band], [], []
        found.append((whole, left, right))
    return found


def _gutter(lines: Sequence[Line]) -> float | None:
    """Where the gutter between two columns runs; None where there is none to be seen."""
    return gutter_of([span for line in lines if not line.in_margin for span in _spans(line)])


def gutter_of(spans: Sequence[tuple[float, float, float]]) -> float | None:
    """Where the gutter runs, by left edge, right edge and type size of stretches of lines."""
    if len(spans) < 2 * _COLUMN_LINES:
        return None
    strip = _clearest(spans)
    if strip is None or strip[1] - strip[0] < _GUTTER * median(s[2] for s in spans):
        return None
    gutter = (strip[0] + strip[1]) / 2
    columns = [s for s in spans if s[1] <= gutter], [s for s in spans if s[0] >= gutter]
    if sum(map(len, columns)) < 0.4 * len(spans):
        return None
    widths = []
    for column in columns:
        if len(column) < _COLUMN_LINES:
            return None
        widths.append(max(s[1] for s in column) - min(s[0] for s in column))
        if median((s[1] - s[0]) / s[2] for s in column) < _COLUMN_EMS:
            return None
    is_even = min(widths) >= _NARROWEST * max(widths)
    return gutter if is_even and strip[1] - strip[0] < min(widths) / 2 else None


def _spans(line: Line) -> Iterator[tuple[float, float, float]]:
    """Left, right and type size of each stretch of a line between wide gaps."""
    if not line.cells:
        yield line.left, line.right, max(line.size, 1.0)
    for cell in line.cells:
        yield cell.left, cell.right, max(cell.size, 1.0)


def _clearest(spans: Sequence[tuple[float, float, float]]) -> tuple[float, float] | None:
    """The widest strip in the middle that the fewest spans cross."""
    left = min(span[0] for span in spans)
    right = max(span[1] for span in spans)
    low, high = left + _MIDDLE * (right - left), right - _MIDDLE * (right - left)
    edges = sorted([(start, 1) for start, _, _ in spans] + [(end, -1) for _, end, _ in spans])
    depth = 0
    best: tuple[int, float, float] | None = None
    for (x, change), (following, _) in pairwise(edges):
        depth += change
        start, end = max(x, low), min(following, high)
        if end > start and (best is None or (depth, start - end) < best[:2]):
            best = depth, start - end, start
    return (best[2], best[2] - best[1]) if best else None


def _cut(lines: Sequence[Line], gutter: float) -> list[tuple[int, Line]] | None:
    """Every line, or its two halves, with its side: 0 across, 1 left, 2 right.

    None where the order of the lines is that of a table: cell by cell, several lines each.
    """
    sides = [_side(line, gutter) for line in lines]
    runs = [side for side in sides if side in (1, 2)]
    both = sides.count(3)
    if both * 2 >= both + len(runs):  # written line by line across the columns
        pieces: list[tuple[int, Line]] = []
        for side, line in zip(sides, lines, strict=True):
            if side == 3 and not _is_wide_row(line):
                pieces += enumerate(_halves(line, gutter), start=1)
            else:
                pieces.append((side % 3, line))
        return pieces
    turns = sum(before == 2 and after == 1 for before, after in pairwise(runs))
    by_height = turns * 2 * 1.3 >= len(runs)
    if turns > max(2, 0.05 * len(runs)) and not by_height:
        return None
    return [(side % 3, line) for side, line in zip(sides, lines, strict=True)]


def _side(line: Line, gutter: float) -> int:
    """1 left of the gutter, 2 right of it, 0 across, 3 on both sides with a gap between."""
    sides = 0
    for left, right, _ in _spans(line):
        if left < gutter < right:
            return 0
        sides |= 1 if right <= gutter else 2
    return sides


def _is_wide_row(line: Line) -> bool:
    """Whether a line with a gap at the gutter is a row of a table across the columns."""
    return len(line.cells) >= _TABLE_CELLS and all(
        cell.right - cell.left < _COLUMN_EMS * cell.size for cell in line.cells
    )


def _halves(line: Line, gutter: float) -> tuple[Line, Line]:
    left = tuple(cell for cell in line.cells if cell.right <= gutter)
    return _part(line, left), _part(line, line.cells[len(left) :])


def _part(line: Line, cells: tuple[Cell, ...]) -> Line:
    start = cells[0].start
    return line._replace(
        # Cut from what followed on its right, a line now shows its hyphen.
        text=_END_HYPHEN.sub(HYPHEN, line.text[start : cells[-1].end]),
        left=cells[0].left,
        right=cells[-1].right,
        size=cells[0].size,
        cells=tuple(replace(c, start=c.start - start, end=c.end - start) for c in cells)
        if len(cells) > 1
        else (),
    )


def _middle(line: Line) -> float:
    return (line.top + line.bottom) / 2


# --------------------------------------------------------------------------- tables


def _with_tables(lines: Sequence[Line]) -> Iterator[Line]:
    """The same lines, those in a clear grid written as rows of a table."""
    position = 0
    while position < len(lines):
        rows = _table(lines, position) or [lines[position]]
        yield from rows
        position += len(rows)


def _table(lines: Sequence[Line], first: int) -> list[Line]:
    """The rows of the table that begins at a line; none where it is no table."""
    columns = [(cell.left, cell.right) for cell in lines[first].cells]
    if len(columns) < _TABLE_CELLS:
        return []
    rows: list[tuple[Line, list[int]]] = []
    for line in lines[first:]:
        taken = _columns_of(line.cells, columns)
        if not taken or line.column != lines[first].column:
            break
        if rows and line.bottom >= rows[-1][0].bottom:
            break
        for number, cell in zip(taken, line.cells, strict=True):
            left, right = columns[number]
            columns[number] = min(left, cell.left), max(right, cell.right)
        rows.append((line, taken))
    if len(rows) < _TABLE_ROWS or not all(
        _is_aligned([line.cells[taken.index(n)] for line, taken in rows if n in taken])
        for n in range(len(columns))
    ):
        return []
    return [_row(line, taken, len(columns)) for line, taken in rows]


def _columns_of(cells: Sequence[Cell], columns: Sequence[tuple[float, float]]) -> list[int]:
    """The column each cell stands in; none at all where one of them stands in two or in none."""
    taken: list[int] = []
    for cell in cells:
        over = [
            n for n, (left, right) in enumerate(columns) if cell.left < right and left < cell.right
        ]
        if len(over) != 1 or over[0] in taken:
            return []
        taken += over
    return taken


def _is_aligned(cells: Sequence[Cell]) -> bool:
    """Whether all, but perhaps a heading, share their left edge, right edge or middle."""
    for edges in (
        [cell.left for cell in cells],
        [cell.right for cell in cells],
        [(cell.left + cell.right) / 2 for cell in cells],
    ):
        usual = median(edges)
        if sum(abs(edge - usual) > _ALIGNED for edge in edges) <= 1:
            return True
    return False


def _row(line: Line, taken: list[int], columns: int) -> Line:
    texts = [""] * columns
    for number, cell in zip(taken, line.cells, strict=True):
        texts[number] = line.text[cell.start : cell.end].strip().replace("|", "\\|")
    return line._replace(text=f"| {' | '.join(texts)} |", is_row=True)
