"""The chats that were had."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.desk.parts import Parts
from assistant.display import plain

if TYPE_CHECKING:
    from assistant.types import (
        Answer,
        Chat,
        ChatHit,
        Rating,
    )


class KeepsChats(Parts):
    """The part of a desk that looks after chats."""

    def chats(self) -> list[Chat]:
        return self.library.history.chats()

    def turns(self, chat_id: int) -> list[tuple[str, Answer]]:
        return self.library.history.turns(chat_id)

    def create_chat(self, title: str) -> int:
        return self.library.history.create(title)

    def append_turn(self, chat_id: int, question: str, answer: Answer) -> int:
        """Keep a question and its answer; returns which of the chat's it is, from 1."""
        return self.library.history.append(chat_id, question, answer)

    def rate_turn(self, chat_id: int, number: int, rating: Rating) -> None:
        """Note what the reader thought of the ``number``-th answer of a chat, from 1.

        Raises:
            LibraryError: there is no such answer.
        """
        self.library.history.rate(chat_id, number, rating)

    def rename_chat(self, chat_id: int, title: str) -> None:
        """Give a chat another title; an empty one leaves it as it was."""
        if title := " ".join(plain(title).split()):
            self.library.history.rename(chat_id, title)

    def pin_chat(self, chat_id: int, pinned: bool) -> None:
        self.library.history.pin(chat_id, pinned)

    def delete_chat(self, chat_id: int) -> None:
        """Put a chat away; :meth:`restore_chat` takes it back within a day."""
        self.library.history.delete(chat_id)

    def restore_chat(self, chat_id: int) -> None:
        self.library.history.restore(chat_id)

    def find_chats(self, query: str, *, by_meaning: bool = True) -> list[ChatHit]:
        """Chats that speak of ``query``, best first, each with its best turn.

        Words are looked up at once; ``by_meaning`` needs the embedding model.
        """
        from assistant.query.history import find_chats

        encoder = self.load_encoder() if by_meaning else None
        return find_chats(self.library.history, query, encoder)

    def export_chat(self, chat_id: int, to: Path) -> Path:
        """Write a chat with its citations to a file, or into a folder under its title.

        Raises:
            LibraryError: there is no such chat.
            ExportError: the file cannot be written.
        """
        from assistant.desk.exporting import export

        chat = self.library.history.chat(chat_id)
        return export(chat, self.turns(chat_id), to)
