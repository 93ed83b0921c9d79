"""Turning to answers and to the sources they cite."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.reactive import var
from textual.screen import Screen

from assistant.errors import AssistantError
from assistant.tui.messages import PassageShown, SurroundingsRead, TurnPicked
from assistant.tui.strings import S

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.tui.exchange import Exchange
    from assistant.tui.widgets.conversation import Conversation
    from assistant.tui.widgets.sources import SourcePanel
    from assistant.types import Source

_log = logging.getLogger(__name__)


class ReadsSources(Screen[None]):
    """A screen with a ``conversation``, and a ``panel`` of sources of the answer turned to.

    Binds no keys itself, so that a screen may name them among its own.
    """

    KEYS: ClassVar[list[Binding]] = [
        Binding("ctrl+g", "next_citation", S.next_citation, id="chat.next-citation"),
        Binding("ctrl+t", "toggle_sources", S.sources, id="chat.sources"),
        Binding("ctrl+up", "turn(-1)", S.earlier_answer, id="chat.earlier", show=False),
        Binding("ctrl+down", "turn(1)", S.later_answer, id="chat.later", show=False),
        *(
            Binding(f"{n},alt+{n}", f"cite({n})", S.citation, id=f"chat.cite-{n}", show=False)
            for n in range(1, 10)
        ),
    ]

    panel_wanted: var[bool] = var(True)
    desk: Desk
    conversation: Conversation
    panel: SourcePanel

    def show_sources(self, exchange: Exchange) -> None:
        """Fill the panel with what an answer rests on."""
        refused = exchange.answer is not None and exchange.answer.refused
        self.panel.show(exchange.sources, exchange.citations, exchange.scope, refused=refused)
        self.lay_out_panel()

    def lay_out_panel(self) -> None:
        """Show the panel if it is wanted and holds something."""
        self.panel.display = self.panel_wanted and self.panel.holds_something

    @on(PassageShown)
    def _look_around(self, event: PassageShown) -> None:
        self._read_around(event.source)

    @work(thread=True, exclusive=True, exit_on_error=False, group="around")
    def _read_around(self, source: Source) -> None:
        try:
            around = self.desk.surroundings(source)
        except AssistantError as error:
            _log.info("nothing shown around a passage: %s", error.message)
            return
        self.post_message(SurroundingsRead(source, around))

    @on(SurroundingsRead)
    def _surround(self, event: SurroundingsRead) -> None:
        self.panel.surround(event.source, event.around)

    @on(TurnPicked)
    def _pick(self, event: TurnPicked) -> None:
        self.turn_to(event.exchange)
        if event.n is not None:
            self.action_cite(event.n)

    def turn_to(self, exchange: Exchange) -> None:
        """Show the sources of an answer."""
        if exchange is not self.conversation.current:
            self.conversation.turn_to(exchange)
            self.show_sources(exchange)

    def action_cite(self, n: int) -> None:
        """Open source ``n`` of the answer turned to."""
        if not self.panel.select(n):
            self.notify(S.no_such_citation.format(n=n), markup=False)
            return
        self.panel_wanted = True
        self.lay_out_panel()

    def action_next_citation(self) -> None:
        """Go from one [n] of the answer to the next, in the order they are read."""
        here = self.conversation.current
        if here is None or not here.sources:
            return
        cited = list(dict.fromkeys(citation.n for citation in here.citations))
        order = cited or [source.n for source in here.sources]
        at = order.index(self.panel.opened) if self.panel.opened in order else -1
        # The first press opens the first [n], unless its passage is in view already.
        self.action_cite(order[(at + 1) % len(order)])

    def action_toggle_sources(self) -> None:
        self.panel_wanted = not self.panel_wanted
        self.lay_out_panel()

    async def action_turn(self, by: int) -> None:
        if (exchange := await self.conversation.step(by)) is not None:
            self.show_sources(exchange)
