"""What a reader says to an answer: how good it is, and what it should have rested on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on, work

from assistant.tui.messages import PickKind, PickToggled, WorkFailed
from assistant.tui.picking import toggled
from assistant.tui.screens.opening_chats import OpensChats
from assistant.tui.strings import S
from assistant.tui.work import as_error

if TYPE_CHECKING:
    from assistant.tui.exchange import Exchange
    from assistant.tui.record import ChatRecord
    from assistant.types import Rating, Scope


class JudgesAnswers(OpensChats):
    """A screen whose answers are rated, and asked again with other sources."""

    async def ask_once_more(self, here: Exchange, scope: Scope) -> None:
        """Put a question again, with the history it had, to ``scope``."""
        history = self.conversation.history(before=here)
        while history and history[-1][0] == here.question:
            history.pop()
        await self.ask(here.question, history, scope, again=True)

    async def action_ask_again(self) -> None:
        """Put the question turned to once more."""
        if self.conversation.running is not None:
            self.notify(S.still_answering)
        elif (here := self.conversation.current) is not None:
            picked = here.scope
            scope = replace(self.scope, pinned=picked.pinned, excluded=picked.excluded)
            await self.ask_once_more(here, scope)

    async def action_search_wider(self) -> None:
        """Put a question that was refused once more, to all notes, and be content with less."""
        if self.conversation.running is not None:
            self.notify(S.still_answering)
        elif (here := self.conversation.current) is not None:
            await self.ask_once_more(here, replace(here.scope, paths=(), name="", wider=True))

    @on(PickToggled)
    async def _take_pick(self, event: PickToggled) -> None:
        event.stop()
        if self.conversation.running is not None:
            self.notify(S.still_answering)
        elif (here := self.conversation.current) is not None:
            await self.ask_once_more(here, toggled(here.scope, event.kind, event.pick))

    def action_pick(self, kind: PickKind, whole_file: bool = False) -> None:
        self.panel.action_pick(kind, whole_file)

    def action_rate(self, rating: Rating) -> None:
        """Rate the answer turned to; once more takes it back."""
        here = self.conversation.current
        if here is None or here.answer is None:
            self.notify(S.nothing_to_rate, severity="warning")
        elif not here.number or self.record.chat_id is None:
            self.notify(S.rate_later, severity="warning")
        else:
            rating = "" if here.answer.rating == rating else rating
            self._rate(self.record, here, here.answer.rating, rating)
            self._show_rating(here, rating)

    def _show_rating(self, exchange: Exchange, rating: Rating) -> None:
        if exchange.answer is not None:
            exchange.answer = replace(exchange.answer, rating=rating)
        if (turn := self.conversation.turn_of(exchange)) is not None:
            turn.tell()

    @work(thread=True, exit_on_error=False, group="rate")
    def _rate(self, record: ChatRecord, exchange: Exchange, before: Rating, rating: Rating) -> None:
        try:
            record.rate(exchange.number, rating)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.app.call_from_thread(self._show_rating, exchange, before)
            self.post_message(WorkFailed(as_error(error)))
