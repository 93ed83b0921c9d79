"""The questions and answers of one chat."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from assistant.tui.exchange import Exchange
from assistant.tui.widgets.page import PADDING, Page
from assistant.tui.widgets.turn import Turn
from assistant.tui.widgets.welcome import Welcome
from assistant.types import EVERYTHING

if TYPE_CHECKING:
    from assistant.types import Answer, Scope

_AHEAD = 2.0  # pages above and below the view that are laid out
_KEPT = 4.0  # pages beyond which they are let go


class Conversation(VerticalScroll):
    """Turns one under another, kept scrolled to the end while the reader is there.

    Only those near the view are laid out; gaps stand for the rest. The heights of turns that were
    not laid out yet are reckoned, and when they prove otherwise what is in view stays in its place.
    """

    DEFAULT_CSS = """
    Conversation {
        width: 1fr;
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        &:focus { background-tint: $foreground 2%; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.welcome = Welcome()
        self.exchanges: list[Exchange] = []
        self.current: Exchange | None = None
        self._page = Page(self._measure)
        self._page.add_class("-empty")
        self._heights: dict[Exchange, int] = {}  # as they were last laid out
        self._tops: dict[Turn, int] = {}
        self._first = self._last = 0  # which of the exchanges are laid out
        self._is_settling = False
        self._sought: Exchange | None = None  # what is being brought into view

    def compose(self) -> ComposeResult:
        with self._page:
            yield self.welcome
            yield self._page.above
            yield self._page.below

    def on_mount(self) -> None:
        self.anchor()

    # ------------------------------------------------------------------ what is there

    @property
    def turns(self) -> list[Turn]:
        """Those that are laid out, in order."""
        return self._page.turns

    @property
    def running(self) -> Turn | None:
        """The turn that is being answered; it is always laid out."""
        if not self.exchanges or not self.exchanges[-1].running:
            return None
        return self.turn_of(self.exchanges[-1])

    def turn_of(self, exchange: Exchange) -> Turn | None:
        """The widget that shows ``exchange``; None while it is not laid out."""
        return next((turn for turn in reversed(self.turns) if turn.exchange is exchange), None)

    def history(self, before: Exchange | None = None) -> list[tuple[str, Answer]]:
        """What the model may look back on, oldest first; all, or what stands before an exchange."""
        end = len(self.exchanges) if before is None else self.exchanges.index(before)
        return [
            (exchange.question, exchange.answer)
            for exchange in self.exchanges[:end]
            if exchange.answer is not None
        ]

    # ------------------------------------------------------------------ changing it

    async def add(self, question: str, scope: Scope = EVERYTHING) -> Turn:
        """A new turn at the end, in view."""
        exchange = Exchange(question, scope=scope)
        self.exchanges.append(exchange)
        self._greet()
        last = len(self.exchanges)
        first = self._first if self._last == last - 1 else last - 1
        await self._lay_out(first, last)
        self.turn_to(exchange)
        self.anchor()
        self._settle_soon()
        turn = self.turn_of(exchange)
        assert turn is not None
        return turn

    async def show(self, turns: Sequence[tuple[str, Answer]]) -> None:
        """Replace everything, and show it from its end."""
        self.current = self._sought = None
        self.exchanges = [
            Exchange(question, answer, number=number)
            for number, (question, answer) in enumerate(turns, start=1)
        ]
        self._heights.clear()
        self._tops.clear()
        self._greet()
        self._first = self._last = len(turns)
        first, _ = self._window(self._offsets(), float("inf"), 0)
        await self._lay_out(first, len(turns))
        if turns:
            self.turn_to(self.exchanges[-1])
        self.anchor()
        self._settle_soon()

    async def go_to(self, number: int) -> Exchange | None:
        """Turn to the question of that number, counted from 1, and bring it into view."""
        if not 0 < number <= len(self.exchanges):
            return None
        exchange = self.exchanges[number - 1]
        await self._bring(exchange)
        return exchange

    async def step(self, by: int) -> Exchange | None:
        """Turn to the answer before or after, and bring it into view."""
        if not self.exchanges:
            return None
        most = len(self.exchanges) - 1
        here = most if self.current is None else self.exchanges.index(self.current)
        exchange = self.exchanges[max(0, min(most, here + by))]
        await self._bring(exchange)
        return exchange

    def turn_to(self, exchange: Exchange) -> None:
        """Make ``exchange`` the one whose sources are shown."""
        self.current = exchange
        self._mark_current()

    def _mark_current(self) -> None:
        for turn in self.turns:
            turn.read(turn.exchange is self.current)

    def _greet(self) -> None:
        empty = not self.exchanges
        self.welcome.display = empty
        self._page.set_class(empty, "-empty")

    async def _bring(self, exchange: Exchange) -> None:
        self.turn_to(exchange)
        self.release_anchor()
        turn = self.turn_of(exchange)
        if turn is not None and turn in self._tops:
            self.scroll_to(y=self._tops[turn], animate=False, immediate=True)
            return
        self._sought = exchange  # the next layout scrolls there
        if turn is None:
            index = self.exchanges.index(exchange)
            await self._lay_out(max(0, index - 1), min(len(self.exchanges), index + 2))

    # ------------------------------------------------------------------ which are laid out

    def animate(self, attribute: str, value: float | Any, **how: Any) -> None:
        """As :meth:`textual.widget.Widget.animate`, but it scrolls at once.

        What is in view may be put elsewhere by a layout, and an animation would not know.
        """
        if attribute != "scroll_y":
            super().animate(attribute, value, **how)
            return
        self.scroll_y = value
        done: Callable[[], None] | None = how.get("on_complete")
        if done is not None:
            done()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._settle_soon()

    def scroll_end(self, **how: Any) -> None:
        super().scroll_end(**how)
        self._settle_soon()  # an anchor scrolls without telling

    def on_resize(self) -> None:
        self._settle_soon()

    def _settle_soon(self) -> None:
        if not self._is_settling and self.exchanges:
            self._is_settling = True
            self.call_after_refresh(self._settle)

    async def _settle(self) -> None:
        """Lay out a turn that has come near, or let go those that are far: a little at a time."""
        self._is_settling = False
        offsets, view = self._offsets(), self.scroll_y
        if self.is_anchored and not self._anchor_released:
            view = float("inf")  # the end is followed, wherever the last layout has left it
        if self._sought is not None:
            view = offsets[self.exchanges.index(self._sought)]
        in_view, near = self._window(offsets, view, 0), self._window(offsets, view, _AHEAD)
        first, last = self._first, self._last
        if last <= in_view[0] or first >= in_view[1]:
            first, last = in_view
        elif first > in_view[0] or last < in_view[1]:
            first, last = min(first, in_view[0]), max(last, in_view[1])
        elif last < near[1]:
            last += 1
        elif first > near[0]:
            first -= 1
        if (first, last) != (self._first, self._last):
            # Those far off are let go on the way: that alone is not worth a layout.
            kept = self._window(offsets, view, _KEPT)
            await self._lay_out(max(first, kept[0]), min(last, kept[1]))
            self._settle_soon()
        else:
            self._stand_in(offsets)

    async def _lay_out(self, first: int, last: int) -> None:
        """Have the exchanges from ``first`` to before ``last`` laid out, and the one running."""
        wanted = self.exchanges[first:last]
        if self.exchanges and self.exchanges[-1].running and last < len(self.exchanges):
            running = self.turn_of(self.exchanges[-1])
        else:
            running = None
        known = {turn.exchange: turn for turn in self.turns}
        gone = set(known) - set(wanted)
        after: Widget = self._page.above
        new: list[Turn] = []
        with self.app.batch_update():
            self._first, self._last = first, last
            for exchange in wanted:
                if exchange not in known:
                    new.append(Turn(exchange))
                    continue
                if new:
                    await self._page.mount_all(new, after=after)
                    new = []
                after = known[exchange]
            if new:
                await self._page.mount_all(new, after=after)
            await self._page.remove_children(
                [known[exchange] for exchange in gone if known[exchange] is not running]
            )
            self._stand_in(self._offsets())
            self._mark_current()

    def _stand_in(self, offsets: Sequence[int]) -> None:
        """Make the gaps as tall as what they stand for."""
        end = len(self.exchanges) - (self.running is not None and self._last < len(self.exchanges))
        self._page.above.stand_for(offsets[self._first] - offsets[0])
        self._page.below.stand_for(max(0, offsets[end] - offsets[self._last]))

    def _window(self, offsets: Sequence[int], view: float, pages: float) -> tuple[int, int]:
        """Which exchanges lie within so many pages of the view at ``view``: first, and behind last.

        ``view`` is held to what can be seen.
        """
        height = self.size.height or self.app.size.height
        top = max(0.0, min(view, offsets[-1] - height))
        first = bisect_right(offsets, top - pages * height) - 1
        last = bisect_left(offsets, top + (1 + pages) * height)
        most = len(self.exchanges)
        return max(0, min(first, most)), max(0, min(last, most))

    def _offsets(self) -> list[int]:
        """Rows above each exchange, and above what comes behind the last."""
        width = max(20, self.size.width - 8)
        heights = (
            self._heights.get(exchange) or _reckoned(exchange, width) for exchange in self.exchanges
        )
        return list(accumulate(heights, initial=PADDING))

    def _measure(self, found: dict[Turn, tuple[int, int]]) -> None:
        """Take note of a layout, and keep in its place what the reader has before the eyes."""
        tops = {turn: top for turn, (top, _) in found.items()}
        for turn, (_, height) in found.items():
            self._heights[turn.exchange] = height
        stayed = [turn for turn in self._tops if turn in tops]
        above = [turn for turn in stayed if self._tops[turn] <= self.scroll_y]
        pivot = above[-1] if above else (stayed[0] if stayed else None)
        moved = tops[pivot] - self._tops[pivot] if pivot is not None else 0
        self._tops = tops
        there = self.scroll_y + moved
        if self._sought is not None:
            sought = next((turn for turn in tops if turn.exchange is self._sought), None)
            if sought is not None:
                self._sought = None
                there = min(tops[sought], self._offsets()[-1] - self.size.height)
        if there != self.scroll_y:
            # As the compositor does for an anchor: what is set now counts for this very layout.
            there = max(0.0, there)
            self.set_reactive(Widget.scroll_y, there)
            self.set_reactive(Widget.scroll_target_y, there)
            self.vertical_scrollbar.set_reactive(ScrollBar.position, there)
        self._settle_soon()


def _reckoned(exchange: Exchange, width: int) -> int:
    """About how many rows an exchange takes: question, answer and what stands around them."""
    text = exchange.text
    # A letter of Korean takes two cells, and words wrap.
    return 5 + text.count("\n") + len(text) * 3 // (2 * width)
