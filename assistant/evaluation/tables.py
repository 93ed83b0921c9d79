"""Tables of strings: for a terminal, for Markdown, for whatever the caller draws."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.evaluation.metrics import METRICS, Interval

METRIC_COLUMNS = ("nDCG@10 [95%]", "R@1", "R@5", "R@10", "MRR@10")
"""The heads of :func:`metric_cells`."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of strings under a title; the first column names the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """Aligned for a terminal, Korean being two columns wide."""
        grid = [self.columns, *self.rows]
        widths = [max(_width(row[i]) for row in grid) for i in range(len(self.columns))]
        lines = [
            "  ".join(
                cell + pad if i == 0 else pad + cell
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
                for pad in [" " * (width - _width(cell))]
            ).rstrip()
            for row in grid
        ]
        return "\n".join([self.title, *lines])

    def markdown(self) -> str:
        """As a Markdown table, without the title."""
        rule = ("---", *("---:" for _ in self.columns[1:]))
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.columns, rule, *self.rows))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def percent(value: float | None) -> str:
    """``94.4`` for 0.944, a dash for nothing measured."""
    return "–" if value is None else f"{100 * value:.1f}"


def interval(value: Interval | None) -> str:
    """``94.4 [92.1, 96.3]``: mean and 95% confidence interval in percent."""
    if value is None:
        return "–"
    return f"{percent(value.mean)} [{percent(value.low)}, {percent(value.high)}]"


def seconds(value: float | None) -> str:
    """``4.2 s``, a dash for nothing measured."""
    return "–" if value is None else f"{value:.1f} s"


def metric_cells(scores: Mapping[str, Interval]) -> list[str]:
    """nDCG with its interval, the others as means."""
    first, *others = METRICS
    means = [percent(scores[metric].mean if metric in scores else None) for metric in others]
    return [interval(scores.get(first)), *means]


def text(tables: Sequence[Table]) -> str:
    """Tables one under the other."""
    return "\n\n".join(table.text() for table in tables)
