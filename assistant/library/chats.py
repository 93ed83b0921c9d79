"""Conversations: what was asked and all that was answered."""

from __future__ import annotations

import sqlite3

from assistant.errors import LibraryCorrupt, LibraryError
from assistant.library import codec
from assistant.library.rows import now, storable
from assistant.types import Answer, Chat


def create(db: sqlite3.Connection, title: str) -> int:
    """A new, empty chat; returns its id."""
    time = now()
    row = db.execute(
        "INSERT INTO chats (title, created, updated) VALUES (?, ?, ?) RETURNING id",
        (storable(title), time, time),
    ).fetchone()
    return int(row[0])


def append(db: sqlite3.Connection, chat_id: int, question: str, answer: Answer) -> None:
    """Add a turn.

    Raises:
        LibraryError: the chat is not there (deleted meanwhile).
    """
    found = db.execute("UPDATE chats SET updated = ? WHERE id = ?", (now(), chat_id))
    if found.rowcount == 0:
        raise LibraryError(f"there is no chat {chat_id}", "it may have been deleted: start another")
    db.execute(
        "INSERT INTO turns (chat_id, question, answer) VALUES (?, ?, ?)",
        (chat_id, storable(question), codec.dump(answer)),
    )


def all_chats(db: sqlite3.Connection) -> list[Chat]:
    """Every chat, the last used first."""
    rows = db.execute(
        "SELECT id, title, created, updated,"
        " (SELECT count(*) FROM turns WHERE chat_id = chats.id)"
        " FROM chats ORDER BY updated DESC, id DESC"
    )
    return [Chat(*row) for row in rows]


def count(db: sqlite3.Connection) -> int:
    """How many chats there are."""
    return int(db.execute("SELECT count(*) FROM chats").fetchone()[0])


def turns(db: sqlite3.Connection, chat_id: int) -> list[tuple[str, Answer]]:
    """Questions and answers in the order they were asked.

    Raises:
        LibraryCorrupt: a stored answer cannot be read.
    """
    rows = db.execute(
        "SELECT question, answer FROM turns WHERE chat_id = ? ORDER BY id", (chat_id,)
    )
    try:
        return [(question, codec.load(answer)) for question, answer in rows]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryCorrupt(
            f"a stored answer of chat {chat_id} cannot be read", "delete that chat"
        ) from error


def delete(db: sqlite3.Connection, chat_id: int) -> None:
    """Remove a chat and its turns."""
    db.execute("DELETE FROM chats WHERE id = ?", (chat_id,))
