"""Turns one under another, of which only some are laid out."""

from __future__ import annotations

from collections.abc import Callable

from textual.containers import Vertical
from textual.layout import WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from assistant.tui.widgets.turn import Turn

PADDING = 1
"""Rows above the first turn."""


class Gap(Widget):
    """Stands where turns that are not laid out would, and is as tall."""

    DEFAULT_CSS = "Gap { width: 1fr; height: 0; }"

    def render_line(self, y: int) -> Strip:
        # Of thousands of empty rows only those in view are made.
        return Strip.blank(self.size.width, self.rich_style)

    def stand_for(self, rows: int) -> None:
        """Be as tall as what it stands for."""
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = rows


class Page(Vertical):
    """As tall as the view at least: an anchored container puts less than that at its bottom.

    ``measured`` hears of each layout before it is drawn: the top and the height of every turn, in
    rows from the top of the page.
    """

    DEFAULT_CSS = """
    Page {
        height: auto;
        min-height: 100%;
        padding-top: 1;
        &.-empty { align: center middle; }
    }
    """

    def __init__(self, measured: Callable[[dict[Turn, tuple[int, int]]], object]) -> None:
        super().__init__()
        self._measured = measured
        self.above, self.below = Gap(), Gap()

    @property
    def turns(self) -> list[Turn]:
        return list(self.query_children(Turn))

    def process_layout(self, placements: list[WidgetPlacement]) -> list[WidgetPlacement]:
        self._measured(
            {
                placement.widget: (placement.region.y + PADDING, placement.region.height)
                for placement in placements
                if isinstance(placement.widget, Turn)
            }
        )
        return placements
