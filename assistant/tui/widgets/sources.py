"""The evidence beside the conversation: a list of sources and the passage of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import OptionList, Static

from assistant.display import plain
from assistant.tui.messages import (
    PassageShown,
    PickKind,
    PickToggled,
    SourceOpened,
    TextTaken,
)
from assistant.tui.strings import S, counted
from assistant.tui.widgets.passage import Passage, highlight
from assistant.tui.widgets.source_list import SourceList
from assistant.tui.wording import citation_for_clipboard
from assistant.types import EVERYTHING, Pick

if TYPE_CHECKING:
    from assistant.types import Citation, Scope, Source, Surroundings

__all__ = ["Passage", "SourceList", "SourcePanel", "highlight"]


class SourcePanel(Container):
    """What an answer rests on. Beside the conversation, or below it with ``-below``."""

    DEFAULT_CSS = """
    SourcePanel {
        layout: vertical;
        width: 40%;
        min-width: 36;
        max-width: 72;
        height: 1fr;
        border-left: solid $border-blurred;
        & > .heading { width: 1fr; height: 1; padding: 0 1; color: $secondary; text-style: bold; }
        padding-top: 1;
        & > SourceList { margin: 1 0; }
        & > Passage { border-top: solid $border-blurred; padding: 1 1 0 1; }
        &.-refused > .heading { color: $text-warning; }
        &.-below {
            layout: grid;
            grid-size: 2 2;
            grid-rows: 1 1fr;
            grid-columns: 2fr 3fr;
            width: 1fr;
            max-width: 100%;
            height: 9;
            padding-top: 0;
            border-left: none;
            border-top: solid $border-blurred;
            & > .heading { column-span: 2; }
            & > SourceList { height: 1fr; max-height: 100%; margin: 0; }
            & > Passage { border-top: none; border-left: solid $border-blurred; padding: 0 1; }
            & > Passage > .folder { display: none; }
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "screen.explain", S.why_key, id="sources.explain"),
        Binding("p", "pick('pinned')", S.pin_key, id="sources.pin"),
        Binding("x", "pick('excluded')", S.exclude_key, id="sources.exclude"),
        Binding("o", "open_file", S.open_key, id="sources.open"),
        Binding("n", "hit(1)", S.next_hit, id="sources.next-hit", show=False),
        Binding("N", "hit(-1)", S.last_hit, id="sources.last-hit", show=False),
        Binding("c", "copy", S.copy_citation, id="sources.copy", show=False),
        Binding("P", "pick('pinned', True)", S.pin_file_key, id="sources.pin-file", show=False),
        Binding(
            "X", "pick('excluded', True)", S.exclude_file_key, id="sources.exclude-file", show=False
        ),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sources: tuple[Source, ...] = ()
        self.opened: int | None = None
        self._citations: tuple[Citation, ...] = ()
        self._scope = EVERYTHING

    @property
    def holds_something(self) -> bool:
        """There is evidence, or something that was excluded from it."""
        return bool(self.sources or self._scope.excluded)

    def compose(self) -> ComposeResult:
        yield Static(classes="heading", markup=False)
        yield SourceList()
        yield Passage()

    def show(
        self,
        sources: tuple[Source, ...],
        citations: tuple[Citation, ...] = (),
        scope: Scope = EVERYTHING,
        *,
        refused: bool = False,
    ) -> None:
        """Show the evidence of one answer put to ``scope``; the first source cited is opened."""
        changed = sources != self.sources
        self.sources, self._citations, self._scope = sources, citations, scope
        cited = frozenset(citation.n for citation in citations)
        self.set_class(refused, "-refused")
        heading = S.nearest if refused else S.sources
        parts = [heading, str(len(sources))]
        if cited:
            parts.append(counted(S.cited, len(cited)))
        self.query_one(".heading", Static).update(" · ".join(parts) if sources else heading)
        listing = self.query_one(SourceList)
        listing.fill(sources, cited, scope)
        if changed or cited:
            first = next((source.n for source in sources if source.n in cited), None)
            if not self.select(first or (sources[0].n if sources else 0)):
                self._open(None)

    def select(self, n: int) -> bool:
        """Open source ``n``; False when there is none."""
        for index, source in enumerate(self.sources):
            if source.n == n:
                listing = self.query_one(SourceList)
                if listing.highlighted == index:
                    self._open(source)
                listing.highlighted = index
                return True
        return False

    def place_below(self, below: bool) -> None:
        """Lay out for the bottom of a narrow terminal, or for the side of a wide one."""
        self.set_class(below, "-below")
        listing = self.query_one(SourceList)
        listing.rows = 1 if below else 2
        listing.lay_out()

    @on(OptionList.OptionHighlighted)
    @on(OptionList.OptionSelected)
    def _pick(self, event: OptionList.OptionMessage) -> None:
        event.stop()
        here = self.query_one(SourceList).chosen
        self._open(None if isinstance(here, Pick) else here)

    def action_hit(self, by: int) -> None:
        """Go to the next sentence used, or the one before."""
        self.query_one(Passage).step(by)

    def action_open_file(self) -> None:
        """Have the file shown at the sentence in view, by whoever shows files."""
        if (source := self._opened_source()) is not None:
            self.post_message(SourceOpened(source.path, self.query_one(Passage).line))

    def action_copy(self) -> None:
        """Copy what was cited of the source in view, or all of it, with its place."""
        if (source := self._opened_source()) is not None:
            used = [citation for citation in self._citations if citation.n == source.n]
            self.post_message(TextTaken(citation_for_clipboard(source, used), S.citation_copied))

    def _opened_source(self) -> Source | None:
        return next((source for source in self.sources if source.n == self.opened), None)

    def action_pick(self, kind: PickKind, whole_file: bool = False) -> None:
        """Pin or exclude the row turned to, or its whole file; once more takes it back."""
        here = self.query_one(SourceList).chosen
        if here is None:
            return
        if isinstance(here, Pick):
            self.post_message(PickToggled(kind, here))
            return
        held = [p for p in self._scope.pinned if p.holds(here.path, here.node_id)]
        if kind == "pinned" and held:
            pick = held[0]
        elif whole_file:
            pick = Pick(here.path)
        else:
            pick = Pick(here.path, here.node_id, plain(here.place.label))
        self.post_message(PickToggled(kind, pick))

    def _open(self, source: Source | None) -> None:
        self.opened = source.n if source else None
        used = [citation for citation in self._citations if source and citation.n == source.n]
        self.query_one(Passage).show(source, used)
        if source is not None:
            self.post_message(PassageShown(source))

    def surround(self, source: Source, around: Surroundings) -> None:
        """Show what stands around ``source``, if that is still the passage in view."""
        if source == self._opened_source():
            self.query_one(Passage).surround(around)
