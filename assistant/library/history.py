"""The conversations of a library, as others use them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from assistant.errors import LibraryBusy
from assistant.library import chats, turns
from assistant.library.database import Database
from assistant.protocols import Matrix, Vector
from assistant.types import Answer, Chat, ChatHit, Rating, WaitingTurn


class History:
    """Reads and writes chats; each method is one transaction, from any thread.

    Raises:
        LibraryError: from each method that is given a chat's number, when there is no such chat.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, title: str) -> int:
        """Begin a conversation; returns its id."""
        with self._database.writing() as db:
            return chats.create(db, title)

    def append(self, chat_id: int, question: str, answer: Answer) -> int:
        """Keep a question and its whole answer; returns which turn of the chat it is, from 1."""
        with self._database.writing() as db:
            number = chats.append(db, chat_id, question, answer)
            turns.index_words(db)
        return number

    def chats(self) -> list[Chat]:
        """All conversations: pinned ones first, then the last used."""
        with self._database.reading() as db:
            return chats.all_chats(db)

    def chat(self, chat_id: int) -> Chat:
        """One conversation, without its turns."""
        with self._database.reading() as db:
            return chats.one(db, chat_id)

    def turns(self, chat_id: int) -> list[tuple[str, Answer]]:
        """Questions and answers of a chat, in order.

        Raises:
            LibraryCorrupt: a stored answer cannot be read.
        """
        with self._database.reading() as db:
            return chats.turns(db, chat_id)

    def rate(self, chat_id: int, number: int, rating: Rating) -> None:
        """Note what the reader thought of the ``number``-th answer of a chat, from 1."""
        with self._database.writing() as db:
            chats.rate(db, chat_id, number, rating)

    def rename(self, chat_id: int, title: str) -> None:
        """Give a chat another title."""
        with self._database.writing() as db:
            chats.rename(db, chat_id, title)

    def pin(self, chat_id: int, pinned: bool) -> None:
        """Keep a chat above the others, or no longer."""
        with self._database.writing() as db:
            chats.pin(db, chat_id, pinned)

    def delete(self, chat_id: int) -> None:
        """Put a chat away; for a day it can be taken back."""
        with self._database.writing() as db:
            chats.delete(db, chat_id)

    def restore(self, chat_id: int) -> None:
        """Take back a chat that was deleted."""
        with self._database.writing() as db:
            chats.restore(db, chat_id)

    def wipe(self) -> None:
        """Forget for good what was deleted a day ago or before, later if another process writes."""
        with self._database.reading() as db:
            waiting = chats.has_to_wipe(db)
        if waiting:
            with suppress(LibraryBusy), self._database.writing() as db:
                chats.wipe(db)

    def find_words(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Turns that hold every word of ``query``: (turn id, BM25 score), best first."""
        with self._database.reading() as db:
            indexed = turns.are_words_indexed(db)
        if not indexed and not self._database.read_only:
            with self._database.writing() as db:
                turns.index_words(db)
        with self._database.reading() as db:
            return turns.find_words(db, query, limit)

    def without_vector(self, encoder: str) -> list[WaitingTurn]:
        """Turns that the encoder of this fingerprint has not seen, the latest first."""
        if self._database.read_only:
            return []
        with self._database.reading() as db:
            return turns.without_vector(db, encoder)

    def store_vectors(self, encoder: str, turn_ids: Sequence[int], vectors: Matrix) -> None:
        """Keep what turns mean: a row of ``vectors`` (float32, normalised) for each id."""
        with self._database.writing() as db:
            turns.store_vectors(db, encoder, turn_ids, vectors)

    def find_meaning(self, encoder: str, vector: Vector, limit: int) -> list[tuple[int, float]]:
        """The turns nearest to ``vector`` (float32, normalised): (turn id, cosine), best first."""
        with self._database.reading() as db:
            return turns.find_meaning(db, encoder, vector, limit)

    def hits(self, turn_ids: Iterable[int]) -> dict[int, ChatHit]:
        """The turns of these ids with the chats they are in; those that are gone left out."""
        with self._database.reading() as db:
            return turns.hits(db, turn_ids)
