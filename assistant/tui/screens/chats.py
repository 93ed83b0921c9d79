"""Earlier chats: open one, or delete it."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from assistant.display import plain
from assistant.tui.cells import MUTED, cut_end, pad
from assistant.tui.messages import WorkFailed
from assistant.tui.screens.confirm import Confirm
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S, counted
from assistant.tui.wording import local_time
from assistant.tui.work import as_error
from assistant.types import Chat


class KeepsChats(Protocol):
    """The part of a desk that the list of chats needs."""

    def chats(self) -> list[Chat]: ...

    def delete_chat(self, chat_id: int) -> None: ...


class ChatsListed(Message):
    """The chats were read; ``deleted`` is the one that is no longer among them."""

    def __init__(self, chats: list[Chat], deleted: int | None = None) -> None:
        super().__init__()
        self.chats = chats
        self.deleted = deleted


class ChatDeleted(Message):
    """A chat is gone from the library."""

    def __init__(self, chat_id: int) -> None:
        super().__init__()
        self.chat_id = chat_id


class ChatList(Dialog[Chat]):
    """Dismissed with the chat to open."""

    DEFAULT_CSS = """
    ChatList OptionList {
        height: auto; max-height: 16; border: none; padding: 0; background: $surface;
        &:focus { border: none; background-tint: $foreground 0%; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,d", "delete", S.delete, id="chats.delete"),
    ]

    heading = S.chats_title

    def __init__(self, desk: KeepsChats) -> None:
        super().__init__()
        self._desk = desk
        self._chats: list[Chat] = []

    def body(self) -> ComposeResult:
        yield OptionList(markup=False)
        yield Static(S.chats_hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self._load()

    @work(thread=True, exclusive=True, exit_on_error=False, group="chats")
    def _load(self, delete: int | None = None) -> None:
        try:
            if delete is not None:
                self._desk.delete_chat(delete)
            self.post_message(ChatsListed(self._desk.chats(), delete))
        except Exception as error:  # noqa: BLE001 - a list that fails is a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(ChatsListed)
    def _fill(self, event: ChatsListed) -> None:
        event.stop()
        self._chats = event.chats
        listing = self.query_one(OptionList)
        here = listing.highlighted or 0
        width = max(20, listing.size.width - 2)
        listing.set_options(
            [Option(self._row(chat, width)) for chat in self._chats]
            or [Option(Content(S.no_chats), disabled=True)]
        )
        listing.highlighted = min(here, len(self._chats) - 1) if self._chats else None
        listing.focus()
        if event.deleted is not None:
            self.app.post_message(ChatDeleted(event.deleted))

    def _row(self, chat: Chat, width: int) -> Content:
        when = local_time(chat.updated)
        turns = counted(S.turns, chat.turns)
        tail = f"  {turns}  {when}"
        title = cut_end(plain(chat.title).replace("\n", " "), width - Content(tail).cell_length)
        return Content.assemble(pad(title, width - Content(tail).cell_length), (tail, MUTED))

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self._chats):
            self.dismiss(self._chats[event.option_index])

    async def action_delete(self) -> None:
        here = self.query_one(OptionList).highlighted
        if here is None or here >= len(self._chats):
            return
        chat = self._chats[here]

        def delete(agreed: bool | None) -> None:
            if agreed:
                self._load(chat.id)

        await self.app.push_screen(Confirm(S.delete_chat, chat.title, agree=S.delete), delete)
