"""The sources of an answer, a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList

from assistant.display import plain, plain_path
from assistant.tui.cells import MUTED, bar, cut, cut_end
from assistant.tui.strings import S
from assistant.tui.wording import place_name

if TYPE_CHECKING:
    from assistant.types import Pick, Scope, Source

_BAR = 5
PIN = "◆ "
OUT = "  ✕ "


class SourceList(OptionList):
    """One source a row: number, mark of use, match bar, file; beneath it the place.

    What the question excludes stands behind the sources, so that it can be taken back.
    """

    DEFAULT_CSS = """
    SourceList {
        height: auto;
        max-height: 12;
        border: none;
        padding: 0;
        background: $background;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background-tint: $foreground 2%; }
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._sources: tuple[Source, ...] = ()
        self._cited: frozenset[int] = frozenset()
        self._pinned: tuple[Pick, ...] = ()
        self._excluded: tuple[Pick, ...] = ()
        self.rows = 2

    def fill(self, sources: tuple[Source, ...], cited: frozenset[int], scope: Scope) -> None:
        """Show ``sources``, a mark before those in ``cited``, and what ``scope`` excludes."""
        same = (sources, scope.excluded) == (self._sources, self._excluded)
        self._sources, self._cited = sources, cited
        self._pinned, self._excluded = scope.pinned, scope.excluded
        if same:
            self.lay_out()
        else:
            self.set_options(self._rows())

    @property
    def chosen(self) -> Source | Pick | None:
        """What the row turned to stands for: a source, or something excluded."""
        rows: tuple[Source | Pick, ...] = (*self._sources, *self._excluded)
        here = self.highlighted
        return rows[here] if here is not None and here < len(rows) else None

    def on_resize(self, event: Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Cut names anew for the width there is."""
        for index, row in enumerate(self._rows()):
            self.replace_option_prompt_at_index(index, row)

    def _rows(self) -> list[Content]:
        rows = [self._row(source) for source in self._sources]
        return rows + [self._excluded_row(pick) for pick in self._excluded]

    def _row(self, source: Source) -> Content:
        best = max((other.score for other in self._sources), default=0.0)
        width = max(16, self.scrollable_content_region.width or self.size.width)
        cited = source.n in self._cited
        head = f" {source.n:>2} {'●' if cited else ' '} "
        is_pinned = any(pick.holds(source.path, source.node_id) for pick in self._pinned)
        pin = PIN if is_pinned else ""
        room = width - len(head) - _BAR - 2 - len(pin)
        name = cut(plain_path(source.path, base=source.path.parent), room)
        row = Content.assemble(
            (head, "bold $accent" if cited else MUTED),
            bar(
                source.score / best if best > 0 else 0.0, _BAR, "$accent" if cited else "$secondary"
            ),
            (f" {pin}", "bold $accent"),
            (name, "$foreground" if cited else "$secondary"),
        )
        if self.rows < 2:
            return row
        said = " · ".join(filter(None, (S.pinned if is_pinned else "", place_name(source.place))))
        place = cut_end(said, width - len(head) - 1) or " "
        return Content.assemble(row, "\n", (" " * len(head) + place, MUTED))

    def _excluded_row(self, pick: Pick) -> Content:
        width = max(16, self.scrollable_content_region.width or self.size.width)
        name = plain_path(pick.path, base=pick.path.parent)
        row = Content.assemble((f"{OUT}  {cut(name, width - len(OUT) - 3)}", MUTED))
        if self.rows < 2:
            return row
        what = plain(pick.label) if pick.node_id else S.whole_file
        said = cut_end(f"{S.excluded} · {what}" if what else S.excluded, width - 7)
        return Content.assemble(row, "\n", (" " * 6 + said, MUTED))
