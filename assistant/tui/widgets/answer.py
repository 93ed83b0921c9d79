"""An answer as Markdown in which only our own [n] can be followed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import WidgetError
from textual.widgets import Markdown, Static
from textual.widgets._markdown import MarkdownTable, MarkdownTableContent
from textual.widgets.markdown import MarkdownBlock, MarkdownStream

from assistant.display import plain
from assistant.tui.messages import CitationActivated
from assistant.tui.strings import S
from assistant.tui.widgets.links import SCHEME, Walk, links

_log = logging.getLogger(__name__)

_CITATION = re.compile(r"\[\s*(\d{1,2}(?:\s*,\s*\d{1,2})*)\s*\]")
_NUMBER = re.compile(r"\d+")

_MARKED = re.compile("\\[\ue000([~?])\\]")


def parser(offered: Callable[[], Container[int]]) -> MarkdownIt:
    """CommonMark with tables, in which [n] of an offered source is the only link.

    Links, images, HTML and character references that a model or a note wrote stay the text they
    are: none is followed, and none hides what it says.
    """

    def citation(state: StateInline, silent: bool) -> bool:
        found = _CITATION.match(state.src, state.pos, state.posMax)
        if found is None:
            return False
        numbers = _NUMBER.findall(found[1])
        if not all(int(number) in offered() for number in numbers):
            return False
        if not silent:
            for number in numbers:
                state.push("link_open", "a", 1).attrs = {"href": f"{SCHEME}{int(number)}"}
                state.push("text", "", 0).content = f"[{int(number)}]"
                state.push("link_close", "a", -1)
        state.pos = found.end()
        return True

    def mark(state: StateInline, silent: bool) -> bool:
        found = _MARKED.match(state.src, state.pos, state.posMax)
        if found is None:
            return False
        if not silent:
            # The style of struck text, which is not used otherwise, is that of a dim mark.
            name, tag = ("s", "s") if found[1] == "~" else ("strong", "strong")
            state.push(f"{name}_open", tag, 1)
            state.push("text", "", 0).content = f"[{found[1]}]"
            state.push(f"{name}_close", tag, -1)
        state.pos = found.end()
        return True

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.inline.ruler.before("link", "citation", citation)
    markdown.inline.ruler.before("citation", "mark", mark)
    return markdown.disable(["link", "image", "autolink", "entity", "reference"])


class _TableContent(MarkdownTableContent):
    """Cells with tooltips that show text as text; Textual's would read it as markup."""

    def compose(self) -> ComposeResult:
        for cell in super().compose():
            cell.tooltip = None
            yield cell


class _Table(MarkdownTable):
    def compose(self) -> ComposeResult:
        self._headers, self._rows = self._get_headers_and_rows()
        yield _TableContent(self._headers, self._rows)


class AnswerText(Markdown):
    """Streams with :meth:`write`, is made final with :meth:`finish`.

    With the focus one [n] is set off: keys go on to the next, and open its source. Text that the
    Markdown widget cannot lay out is shown as it is.
    """

    DEFAULT_CSS = """
    AnswerText {
        padding: 0;
        link-style: bold;
        link-color: $accent;
        link-background: $background;
        link-style-hover: bold reverse;
        link-color-hover: $accent;
        link-background-hover: $background;
        & MarkdownBlock, & MarkdownTableCellContents {
            link-style: bold;
            link-color: $accent;
            link-background: $background;
            link-style-hover: bold reverse;
            link-color-hover: $accent;
            link-background-hover: $background;
        }
        &:focus { background-tint: $foreground 2%; }
        & MarkdownBlock > .s { text-style: none; color: $text-muted; }
        & MarkdownHeader {
            content-align: left middle;
            text-style: bold;
            color: $foreground;
            background: $background;
            padding: 0;
            margin: 0 0 1 0;
        }
        & MarkdownFence, & MarkdownFence:light {
            background: $surface; color: $foreground; margin: 0 0 1 0;
        }
        & MarkdownFence > Label { padding: 0 1; }
        & MarkdownBlockQuote { background: $surface; border-left: outer $border-blurred; }
        & MarkdownTable, & MarkdownTable:light { background: $background; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_link", S.citation, id="answer.open"),
        Binding("tab,right", "next_link(1)", S.next_citation, id="answer.next", show=False),
        Binding("shift+tab,left", "next_link(-1)", S.last_citation, id="answer.last", show=False),
    ]

    def __init__(self) -> None:
        self._walk = Walk()
        self._offered: frozenset[int] = frozenset()
        parse = parser(lambda: self._offered)
        super().__init__(parser_factory=lambda: parse, open_links=False)
        self._stream: MarkdownStream | None = None

    def get_block_class(self, block_name: str) -> type[MarkdownBlock]:
        return _Table if block_name == "table_open" else super().get_block_class(block_name)

    def offer(self, numbers: Iterable[int]) -> None:
        """Numbers that may be cited from now on."""
        self._offered = frozenset(numbers)

    async def write(self, delta: str) -> None:
        """Add to the answer; ``delta`` is untrusted."""
        if self._stream is None:
            self._stream = Markdown.get_stream(self)
        await self._stream.write(plain(delta))

    async def finish(self, text: str) -> None:
        """End the stream; ``text`` is the whole answer and replaces what was streamed."""
        try:
            self._walk.leave()
            await self._end_stream()
            await self.update(plain(text))
        except Exception as error:  # noqa: BLE001 - any answer must be readable, laid out or not
            _log.error("an answer could not be laid out", exc_info=error)
            await self.remove_children()
            await self.mount(Static(plain(text), markup=False))

    async def on_unmount(self) -> None:
        # What is still to be written has nowhere to go.
        with suppress(WidgetError):
            await self._end_stream()

    async def _end_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.stop()

    def read(self, current: bool) -> None:
        """Whether this is the answer turned to: of that one alone the [n] are walked."""
        self.can_focus = current and bool(links(self))

    def on_focus(self) -> None:
        self._walk.begin(links(self))

    def on_blur(self) -> None:
        self._walk.leave()

    def action_next_link(self, by: int) -> None:
        """Go on to another [n]; behind the last the focus goes on."""
        if not self._walk.step(by):
            raise SkipAction
        if (link := self._walk.here) is not None:
            link.widget.scroll_visible(animate=False)

    def action_open_link(self) -> None:
        if (link := self._walk.here) is not None:
            self.post_message(CitationActivated(link.n))

    @on(Markdown.LinkClicked)
    def _follow(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        number = event.href.removeprefix(SCHEME)
        if event.href.startswith(SCHEME) and number.isdecimal():
            self.post_message(CitationActivated(int(number)))
