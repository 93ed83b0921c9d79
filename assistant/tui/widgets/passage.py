"""The passage of one source within its document, the sentences used set off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from assistant.display import plain, plain_path
from assistant.tui.wording import place_name

if TYPE_CHECKING:
    from assistant.types import Citation, Source, Surroundings


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
        & > .before, & > .after { color: $text-muted; display: none; }
        &.-within > .before, &.-within > .after { display: block; }
        &.-within > .text { border-left: outer $accent 50%; margin: 1 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._source: Source | None = None
        self._hits: list[tuple[int, int]] = []
        self._hit = 0

    def compose(self) -> ComposeResult:
        yield Static(classes="name", markup=False)
        yield Static(classes="folder", markup=False)
        yield Static(classes="place", markup=False)
        yield Static(classes="before", markup=False)
        yield Static(classes="text", markup=False)
        yield Static(classes="after", markup=False)

    def show(self, source: Source | None, citations: Sequence[Citation]) -> None:
        """Show ``source`` and scroll to the first sentence used."""
        name, folder, place, before, text, after = self.query(Static)
        for line in (name, folder, place, before, text, after):
            line.update("")
        self.remove_class("-within")
        self._source, self._hits, self._hit = source, [], 0
        if source is None:
            return
        name.update(plain_path(source.path, base=source.path.parent))
        folder.update(plain_path(source.path.parent))
        place.update(place_name(source.place))
        self._hits = _spans(citations, len(source.text))
        text.update(highlight(source.text, self._hits))
        self.scroll_home(animate=False)
        self.step(0)

    def surround(self, around: Surroundings) -> None:
        """Show the text of the document around the passage, which stays in view."""
        before, after = (plain(text).strip("\n") for text in (around.before, around.after))
        self.query_one(".before", Static).update(before)
        self.query_one(".after", Static).update(after)
        self.set_class(bool(before or after), "-within")
        if self._hits:
            self.step(0)
        elif before:
            self.call_after_refresh(self._reveal, "")

    def step(self, by: int) -> None:
        """Scroll to the sentence used so many further; behind the last comes the first."""
        if self._source is not None and self._hits:
            self._hit = (self._hit + by) % len(self._hits)
            before = self._source.text[: self._hits[self._hit][0]]
            self.call_after_refresh(self._reveal, before)

    @property
    def line(self) -> int | None:
        """Which line of its document the sentence in view is on, from 1; None if none is known."""
        if self._source is None or self._source.place.line is None:
            return None
        start = self._hits[self._hit][0] if self._hits else 0
        return self._source.place.line + self._source.text[:start].count("\n")

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
