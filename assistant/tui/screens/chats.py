"""Earlier chats: search them, open one, keep them in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from assistant.display import plain, plain_path
from assistant.tui.cells import MUTED, cut_end, pad
from assistant.tui.messages import ChatDeleted, ChatRenamed, WorkFailed
from assistant.tui.moments import local_time
from assistant.tui.screens.ask_text import AskText
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S, counted
from assistant.tui.widgets.pick_input import PickInput
from assistant.tui.work import as_error
from assistant.types import Chat, ChatHit

_PAUSE = 0.15  # seconds without a key, after which what was typed is searched for


class KeepsChats(Protocol):
    """The part of a desk that the list of chats needs."""

    def chats(self) -> list[Chat]: ...

    def find_chats(self, query: str, *, by_meaning: bool = True) -> list[ChatHit]: ...

    def rename_chat(self, chat_id: int, title: str) -> None: ...

    def pin_chat(self, chat_id: int, pinned: bool) -> None: ...

    def delete_chat(self, chat_id: int) -> None: ...

    def restore_chat(self, chat_id: int) -> None: ...

    def export_chat(self, chat_id: int, to: Path) -> Path: ...


@dataclass(frozen=True, slots=True)
class ChosenChat:
    """A chat to open; ``turn``, counted from 1, is what was searched for, 0 its end."""

    chat: Chat
    turn: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    chat: Chat
    hit: ChatHit | None = None


class ChatsListed(Message):
    """What there is for ``query`` was looked up."""

    def __init__(self, query: str, rows: Sequence[_Row]) -> None:
        super().__init__()
        self.query = query
        self.rows = rows


class ChatChanged(Message):
    """A chat was renamed, pinned, put away or taken back; ``said`` tells of it."""

    def __init__(self, said: str = "") -> None:
        super().__init__()
        self.said = said


class ChatList(Dialog[ChosenChat]):
    """Dismissed with the chat to open.

    While something stands in the field, the list is what was found for it: by words as one
    types, and by meaning where ``by_meaning`` says that the embedding model is at hand.
    """

    DEFAULT_CSS = """
    ChatList {
        & Input { border: round $border-blurred; background: $surface; margin-bottom: 1; }
        & Input:focus { border: round $border; }
        & OptionList {
            height: auto; max-height: 18; border: none; padding: 0; background: $surface;
            &:focus { border: none; background-tint: $foreground 0%; }
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", S.search_chats, id="chats.search"),
        Binding("p", "pin", S.pin_chat, id="chats.pin"),
        Binding("r", "rename", S.rename_chat, id="chats.rename"),
        Binding("x", "export", S.export_chat, id="chats.export"),
        Binding("delete,d", "delete", S.delete, id="chats.delete"),
        Binding("u", "undo", S.undo_key, id="chats.undo"),
    ]

    heading = S.chats_title

    def __init__(self, desk: KeepsChats, *, by_meaning: bool = False) -> None:
        super().__init__()
        self._desk = desk
        self._by_meaning = by_meaning
        self._rows: Sequence[_Row] = ()
        self._deleted: list[Chat] = []

    def body(self) -> ComposeResult:
        yield PickInput(placeholder=S.chats_search)
        yield OptionList(markup=False)
        yield Static(S.chats_hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._look_up("")

    # ------------------------------------------------------------------ finding

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        query = plain(event.value).strip()

        def search() -> None:
            if self.is_attached and query == self._query:
                self._look_up(query)

        self.set_timer(_PAUSE, search)

    @property
    def _query(self) -> str:
        return plain(self.query_one(Input).value).strip()

    @work(thread=True, exclusive=True, exit_on_error=False, group="find-chats")
    def _look_up(self, query: str) -> None:
        worker = get_current_worker()
        desk = self._desk
        try:
            if not query:
                self.post_message(ChatsListed(query, [_Row(chat) for chat in desk.chats()]))
                return
            for by_meaning in (False, True) if self._by_meaning else (False,):
                hits = desk.find_chats(query, by_meaning=by_meaning)
                if worker.is_cancelled:
                    return
                self.post_message(ChatsListed(query, [_Row(hit.chat, hit) for hit in hits]))
        except Exception as error:  # noqa: BLE001 - a list that fails is a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(ChatsListed)
    def _fill(self, event: ChatsListed) -> None:
        event.stop()
        if event.query != self._query:
            return
        listing = self.query_one(OptionList)
        here = self._here
        self._rows = event.rows
        width = max(20, listing.size.width - 2)
        nothing = S.no_chats_found if event.query else S.no_chats
        listing.set_options(
            [Option(_drawn(row, width)) for row in self._rows]
            or [Option(Content(nothing), disabled=True)]
        )
        if self._rows:
            ids = [row.chat.id for row in self._rows]
            listing.highlighted = ids.index(here.chat.id) if here and here.chat.id in ids else 0

    # ------------------------------------------------------------------ choosing

    @property
    def _here(self) -> _Row | None:
        at = self.query_one(OptionList).highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _open(self, event: Message) -> None:
        event.stop()
        if (row := self._here) is not None:
            self.dismiss(ChosenChat(row.chat, row.hit.turn if row.hit else 0))

    def action_search(self) -> None:
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        """First what was searched for goes, then the list."""
        field = self.query_one(Input)
        if field.value:
            field.clear()
            self.query_one(OptionList).focus()
        else:
            super().action_leave()

    # ------------------------------------------------------------------ changing

    @work(thread=True, exit_on_error=False, group="change-chats")
    def _change(self, change: Callable[[], object], done: Message | None = None) -> None:
        try:
            said = change()
            if done is not None:
                self.app.post_message(done)
            self.post_message(ChatChanged(said if isinstance(said, str) else ""))
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(ChatChanged)
    def _show_change(self, event: ChatChanged) -> None:
        event.stop()
        if event.said:
            self.notify(event.said, markup=False)
        self._look_up(self._query)

    def action_pin(self) -> None:
        if (row := self._here) is not None:
            chat = row.chat
            self._change(lambda: self._desk.pin_chat(chat.id, not chat.pinned))

    async def action_rename(self) -> None:
        if (row := self._here) is None:
            return
        chat = row.chat

        def rename(title: str | None) -> None:
            if title:
                done = ChatRenamed(chat.id, title)
                self._change(lambda: self._desk.rename_chat(chat.id, title), done)

        await self.app.push_screen(AskText(S.rename_title, plain(chat.title)), rename)

    async def action_export(self) -> None:
        if (row := self._here) is None:
            return
        chat = row.chat

        def export(name: str | None) -> None:
            if name:
                to = Path(name).expanduser().absolute()
                self._change(lambda: S.exported.format(file=_export(self._desk, chat, to)))

        asks = AskText(S.export_title, plain_path(_export_folder()), hint=S.export_hint)
        await self.app.push_screen(asks, export)

    def action_delete(self) -> None:
        if (row := self._here) is not None:
            chat = row.chat
            self._deleted.append(chat)
            self._change(lambda: self._desk.delete_chat(chat.id), ChatDeleted(chat.id))

    def action_undo(self) -> None:
        if self._deleted:
            chat = self._deleted.pop()
            self._change(lambda: self._desk.restore_chat(chat.id))


def _export(desk: KeepsChats, chat: Chat, to: Path) -> str:
    return plain_path(desk.export_chat(chat.id, to))


def _export_folder() -> Path:
    """Where a student looks for a file first."""
    documents = Path.home() / "Documents"
    return documents if documents.is_dir() else Path.cwd()


def _drawn(row: _Row, width: int) -> Content:
    chat = row.chat
    tail = f"  {counted(S.turns, chat.turns)}  {local_time(chat.updated)}"
    room = width - cell_len(tail)
    title = f"{'★ ' if chat.pinned else ''}{_line(chat.title)}"
    line = Content.assemble(pad(cut_end(title, room), room), (tail, MUTED))
    if row.hit is None or not row.hit.answer:
        return line
    question = "" if row.hit.question == chat.title else f"{_line(row.hit.question)} — "
    said = cut_end(f"  {question}{_line(row.hit.answer)}", width)
    return Content.assemble(line, "\n", (said, MUTED))


def _line(text: str) -> str:
    return " ".join(plain(text).split())
