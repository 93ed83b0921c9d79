"""The evidence beside the conversation: a list of sources and the passage of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList, Static

from assistant.display import plain, plain_path
from assistant.tui.cells import MUTED, bar, cut, cut_end
from assistant.tui.strings import S, counted

if TYPE_CHECKING:
    from assistant.types import Citation, Source

_BAR = 5


class SourceList(OptionList):
    """One source a row: number, mark of use, match bar, file; beneath it the place."""

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
        self.rows = 2

    def fill(self, sources: tuple[Source, ...], cited: frozenset[int]) -> None:
        """Show ``sources``; a mark goes before those in ``cited``."""
        same = sources == self._sources
        self._sources, self._cited = sources, cited
        if same:
            self.lay_out()
        else:
            self.set_options(self._row(source) for source in sources)

    def on_resize(self, event: Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Cut names anew for the width there is."""
        for index, source in enumerate(self._sources):
            self.replace_option_prompt_at_index(index, self._row(source))

    def _row(self, source: Source) -> Content:
        best = max((other.score for other in self._sources), default=0.0)
        width = max(16, self.scrollable_content_region.width or self.size.width)
        cited = source.n in self._cited
        head = f" {source.n:>2} {'●' if cited else ' '} "
        room = width - len(head) - _BAR - 2
        name = cut(plain_path(source.path, base=source.path.parent), room)
        row = Content.assemble(
            (head, "bold $accent" if cited else MUTED),
            bar(
                source.score / best if best > 0 else 0.0, _BAR, "$accent" if cited else "$secondary"
            ),
            (f" {name}", "$foreground" if cited else "$secondary"),
        )
        if self.rows < 2:
            return row
        place = cut_end(plain(source.place.label), width - len(head) - 1) or " "
        return Content.assemble(row, "\n", (" " * len(head) + place, MUTED))


class Passage(VerticalScroll):
    """A source's own words, the sentences an answer used set off."""

    DEFAULT_CSS = """
    Passage {
        height: 1fr;
        padding: 0 1;
        scrollbar-size-vertical: 1;
        &:focus { background-tint: $foreground 2%; }
        & > .name { text-style: bold; color: $secondary; }
        & > .folder, & > .place { color: $text-muted; }
        & > .place { padding-bottom: 1; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static(classes="name", markup=False)
        yield Static(classes="folder", markup=False)
        yield Static(classes="place", markup=False)
        yield Static(classes="text", markup=False)

    def show(self, source: Source | None, citations: Sequence[Citation]) -> None:
        """Show ``source`` and scroll to the first sentence used."""
        name, folder, place, text = self.query(Static)
        for line in (name, folder, place, text):
            line.update("")
        if source is None:
            return
        name.update(plain_path(source.path, base=source.path.parent))
        folder.update(plain_path(source.path.parent))
        place.update(plain(source.place.label))
        spans = _spans(citations, len(source.text))
        text.update(highlight(source.text, spans))
        self.scroll_home(animate=False)
        if spans:
            self.call_after_refresh(self._reveal, source.text[: spans[0][0]])

    def _reveal(self, before: str) -> None:
        text = self.query_one(".text", Static)
        width = text.content_region.width
        if width > 0:
            # Words wrap the same whatever follows, so the text before tells the line.
            lines = Content(plain(before) + "x").get_height({}, width)
            above = text.virtual_region.y + lines - 1
            self.scroll_to(y=max(0, above - self.size.height // 3), animate=False)


def _spans(citations: Sequence[Citation], length: int) -> list[tuple[int, int]]:
    """Spans in order, those that overlap joined, those outside the text left out."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((citation.start, citation.end) for citation in citations):
        if not 0 <= start < end <= length:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def highlight(text: str, spans: Sequence[tuple[int, int]]) -> Content:
    """``text`` made plain, with ``spans`` (character offsets in it, sorted, apart) set off."""
    pieces: list[str | tuple[str, str]] = []
    done = 0
    for start, end in spans:
        # Each piece is made plain by itself: removing what must not be shown moves offsets.
        pieces += [plain(text[done:start]), (plain(text[start:end]), "bold on $accent 25%")]
        done = end
    pieces.append(plain(text[done:]))
    return Content.assemble(*pieces)


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
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sources: tuple[Source, ...] = ()
        self.opened: int | None = None
        self._citations: tuple[Citation, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(classes="heading", markup=False)
        yield SourceList()
        yield Passage()

    def show(
        self,
        sources: tuple[Source, ...],
        citations: tuple[Citation, ...] = (),
        *,
        refused: bool = False,
    ) -> None:
        """Show the evidence of one answer; the first source cited is opened."""
        changed = sources != self.sources
        self.sources, self._citations = sources, citations
        cited = frozenset(citation.n for citation in citations)
        self.set_class(refused, "-refused")
        heading = S.nearest if refused else S.sources
        parts = [heading, str(len(sources))]
        if cited:
            parts.append(counted(S.cited, len(cited)))
        self.query_one(".heading", Static).update(" · ".join(parts) if sources else heading)
        listing = self.query_one(SourceList)
        listing.fill(sources, cited)
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
        if event.option_index < len(self.sources):
            self._open(self.sources[event.option_index])

    def _open(self, source: Source | None) -> None:
        self.opened = source.n if source else None
        used = [citation for citation in self._citations if source and citation.n == source.n]
        self.query_one(Passage).show(source, used)
