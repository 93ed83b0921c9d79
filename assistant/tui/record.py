"""The stored side of the conversation on screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event, Lock
from typing import TYPE_CHECKING, Protocol

from assistant.display import plain
from assistant.types import EVERYTHING

if TYPE_CHECKING:
    from assistant.types import Answer, Chat, QueryEvent, Rating, Scope

_TITLE_LENGTH = 80


class Asks(Protocol):
    """The part of a desk that a conversation needs."""

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]: ...

    def quote(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Iterator[QueryEvent]: ...

    def create_chat(self, title: str) -> int: ...

    def append_turn(self, chat_id: int, question: str, answer: Answer) -> int: ...

    def rate_turn(self, chat_id: int, number: int, rating: Rating) -> None: ...


class ChatRecord:
    """One chat in the library; it is made there when its first answer is.

    A chat that branches off another begins with ``earlier`` turns of that one.
    """

    def __init__(
        self,
        desk: Asks,
        chat: Chat | None = None,
        *,
        earlier: Sequence[tuple[str, Answer]] = (),
    ) -> None:
        self._desk = desk
        self._lock = Lock()
        self._earlier = tuple(earlier)
        self.chat_id = chat.id if chat else None
        self.title = chat.title if chat else ""

    def append(self, question: str, answer: Answer) -> tuple[int, int]:
        """Store a turn; returns the chat's id and which of its turns it is, from 1.

        Raises:
            LibraryError: it cannot be stored.
        """
        with self._lock:
            if self.chat_id is None:
                self.title = title_of(question)
                self.chat_id = self._desk.create_chat(self.title)
                for asked, answered in self._earlier:
                    self._desk.append_turn(self.chat_id, asked, answered)
            return self.chat_id, self._desk.append_turn(self.chat_id, question, answer)

    def rate(self, number: int, rating: Rating) -> None:
        """Keep what was thought of the ``number``-th answer, from 1.

        Raises:
            LibraryError: it cannot be kept.
        """
        if self.chat_id is not None:
            self._desk.rate_turn(self.chat_id, number, rating)


def title_of(question: str) -> str:
    """The first line of a question, short enough for a list."""
    return plain(question).strip().splitlines()[0][:_TITLE_LENGTH].strip()
