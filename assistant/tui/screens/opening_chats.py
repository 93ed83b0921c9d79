"""Which chat is on screen: a new one, a stored one, or one that branches off another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.reactive import var

from assistant.tui import screens
from assistant.tui.messages import ChatLoaded, WorkFailed
from assistant.tui.record import ChatRecord
from assistant.tui.screens.offering import TakesOffers
from assistant.tui.screens.reading import ReadsSources
from assistant.tui.strings import S
from assistant.tui.widgets.title import TitleLine
from assistant.tui.work import as_error

if TYPE_CHECKING:
    from assistant.tui.exchange import Exchange
    from assistant.tui.screens.chats import ChosenChat
    from assistant.tui.widgets.prompt import Prompt
    from assistant.tui.widgets.status import StatusLine
    from assistant.tui.widgets.turn import Turn
    from assistant.types import Answer, Chat, Scope


class OpensChats(TakesOffers, ReadsSources):
    """A screen whose conversation is kept in ``record``.

    ``edited`` is the exchange whose question is in the prompt to be asked another way.
    """

    prompt: Prompt
    status: StatusLine
    record: ChatRecord
    edited: Exchange | None = None

    quotes: var[bool] = var(False)
    """Answers are sentences of the notes, and no model writes."""

    def action_stop(self) -> None:
        """Have the answer that is being written end."""
        if (turn := self.conversation.running) is not None:
            turn.stop()

    async def ask(
        self,
        question: str,
        history: Sequence[tuple[str, Answer]],
        scope: Scope,
        *,
        again: bool = False,
    ) -> None:
        """Put ``question`` to the desk, in a new turn.

        Where it is put ``again`` the sources stay in view until there are others.
        """
        turn = await self.conversation.add(question, scope)
        if not again:
            self.show_sources(turn.exchange)
        turn.ask(self.desk, self.record, history, quotes=self.quotes)
        self.refresh_bindings()
        self.explain_wait(turn)

    def explain_wait(self, turn: Turn) -> None:
        """Say what a waiting question waits for; screens may know."""

    def tell_how(self) -> None:
        """Say on the prompt what becomes of the next question; screens may know more."""
        self.prompt.tell(S.branches if self.edited is not None else "")

    # ------------------------------------------------------------------ which chat

    async def action_new_chat(self) -> None:
        await self._begin(ChatRecord(self.desk), ())

    @on(ChatLoaded)
    async def _take_chat(self, event: ChatLoaded) -> None:
        await self._begin(ChatRecord(self.desk, event.chat), event.turns)
        if event.turn and (found := await self.conversation.go_to(event.turn)) is not None:
            self.show_sources(found)

    async def _begin(self, record: ChatRecord, turns: Sequence[tuple[str, Answer]]) -> None:
        self.action_stop()
        self.edited = None
        self.tell_how()
        self.record = record
        self.query_one(TitleLine).chat = record.title
        await self.conversation.show(turns)
        for question, _ in turns:
            self.prompt.remember(question)
        if self.conversation.current is not None:
            self.show_sources(self.conversation.current)
        else:
            self.panel.show(())
            self.lay_out_panel()
            self.status.count(self.desk)
        self.prompt.focus()
        self.refresh_bindings()

    def retitle(self, title: str) -> None:
        """The chat on screen has another title."""
        self.record.title = self.query_one(TitleLine).chat = title

    @work(thread=True, exclusive=True, exit_on_error=False, group="chat")
    def open_chat(self, chat: Chat, turn: int = 0) -> None:
        """Read a stored chat and show it from its end, or from the ``turn``-th question."""
        try:
            self.post_message(ChatLoaded(chat, tuple(self.desk.turns(chat.id)), turn))
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    async def action_chats(self) -> None:
        listing = screens.ChatList(self.desk, by_meaning=self.status.searchable)
        await self.app.push_screen(listing, self._open_chosen)

    def _open_chosen(self, chosen: ChosenChat | None) -> None:
        if chosen is not None:
            self.open_chat(chosen.chat, chosen.turn)

    # ------------------------------------------------------------------ branches

    def action_edit_question(self) -> None:
        """Put the question turned to back into the prompt; sent, it begins a chat of its own."""
        if self.conversation.running is not None:
            self.notify(S.still_answering)
        elif (here := self.conversation.current) is not None:
            self.edited = here
            self.prompt.text = ""
            self.prompt.give_back(here.question)
            self.prompt.focus()
            self.tell_how()

    def action_leave_edit(self) -> None:
        self.edited = None
        self.prompt.clear()
        self.tell_how()

    async def branch(self, edited: Exchange) -> None:
        """Go on from before ``edited`` in a new chat; the one on screen stays as it is stored."""
        earlier = self.conversation.history(before=edited)
        await self._begin(ChatRecord(self.desk, earlier=earlier), earlier)
