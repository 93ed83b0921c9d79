"""Conversations: what was asked and all that was answered."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from assistant.errors import LibraryCorrupt, LibraryError
from assistant.library import codec
from assistant.library.rows import now, storable
from assistant.types import Answer, Chat, Rating

_KEPT_DELETED = timedelta(days=1)

COLUMNS = (
    "chats.id, title, created, updated,"
    " (SELECT count(*) FROM turns AS t WHERE t.chat_id = chats.id), pinned,"
    " (SELECT count(*) FROM turns AS t WHERE t.chat_id = chats.id AND t.rating = 'good'),"
    " (SELECT count(*) FROM turns AS t WHERE t.chat_id = chats.id AND t.rating = 'bad')"
)
"""Columns of a chat, in the order of its fields."""


def create(db: sqlite3.Connection, title: str) -> int:
    """A new, empty chat; returns its id."""
    time = now()
    row = db.execute(
        "INSERT INTO chats (title, created, updated) VALUES (?, ?, ?) RETURNING id",
        (storable(title), time, time),
    ).fetchone()
    return int(row[0])


def append(db: sqlite3.Connection, chat_id: int, question: str, answer: Answer) -> int:
    """Add a turn; returns which of the chat's it is, from 1.

    Raises:
        LibraryError: the chat is not there (deleted meanwhile).
    """
    one(db, chat_id)
    _change(db, chat_id, "updated = ?", now())
    db.execute(
        "INSERT INTO turns (chat_id, question, answer, rating) VALUES (?, ?, ?, ?)",
        (chat_id, storable(question), codec.dump(answer), answer.rating),
    )
    row = db.execute("SELECT count(*) FROM turns WHERE chat_id = ?", (chat_id,)).fetchone()
    return int(row[0])


def all_chats(db: sqlite3.Connection) -> list[Chat]:
    """Every chat that was not deleted: pinned ones first, then the last used."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM chats WHERE deleted = ''"
        " ORDER BY pinned DESC, updated DESC, id DESC"
    )
    return [chat_of(row) for row in rows]


def chat_of(row: tuple[int, str, str, str, int, int, int, int]) -> Chat:
    """The chat of a row of :data:`COLUMNS`."""
    return Chat(*row[:5], pinned=bool(row[5]), good=row[6], bad=row[7])


def one(db: sqlite3.Connection, chat_id: int) -> Chat:
    """The chat of that number.

    Raises:
        LibraryError: there is none, or it was deleted.
    """
    row = db.execute(
        f"SELECT {COLUMNS} FROM chats WHERE id = ? AND deleted = ''", (chat_id,)
    ).fetchone()
    if row is None:
        raise _missing(chat_id)
    return chat_of(row)


def count(db: sqlite3.Connection) -> int:
    """How many chats there are."""
    return int(db.execute("SELECT count(*) FROM chats WHERE deleted = ''").fetchone()[0])


def turns(db: sqlite3.Connection, chat_id: int) -> list[tuple[str, Answer]]:
    """Questions and answers in the order they were asked.

    Raises:
        LibraryCorrupt: a stored answer cannot be read.
    """
    rows = db.execute(
        "SELECT question, answer, rating FROM turns JOIN chats ON chats.id = chat_id"
        " WHERE chat_id = ? AND deleted = '' ORDER BY turns.id",
        (chat_id,),
    )
    try:
        return [(question, codec.load(answer, rating)) for question, answer, rating in rows]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryCorrupt(
            f"a stored answer of chat {chat_id} cannot be read", "delete that chat"
        ) from error


def rate(db: sqlite3.Connection, chat_id: int, number: int, rating: Rating) -> None:
    """Note what the reader thought of the ``number``-th answer, from 1.

    Raises:
        LibraryError: there is no such answer.
    """
    found = db.execute(
        "UPDATE turns SET rating = ? WHERE id ="
        " (SELECT id FROM turns WHERE chat_id = ? ORDER BY id LIMIT 1 OFFSET ?)",
        (rating, chat_id, number - 1),
    )
    if found.rowcount == 0:
        raise _missing(chat_id)


def rename(db: sqlite3.Connection, chat_id: int, title: str) -> None:
    """Give a chat another title."""
    _change(db, chat_id, "title = ?", storable(title))


def pin(db: sqlite3.Connection, chat_id: int, pinned: bool) -> None:
    """Keep a chat above the others, or no longer."""
    _change(db, chat_id, "pinned = ?", int(pinned))


def delete(db: sqlite3.Connection, chat_id: int) -> None:
    """Put a chat away; :func:`restore` takes it back until :func:`wipe` forgets it."""
    db.execute("UPDATE chats SET deleted = ? WHERE id = ? AND deleted = ''", (now(), chat_id))


def restore(db: sqlite3.Connection, chat_id: int) -> None:
    """Take back a chat that was deleted.

    Raises:
        LibraryError: it was wiped meanwhile.
    """
    _change(db, chat_id, "deleted = ''")


def wipe(db: sqlite3.Connection) -> None:
    """Forget for good what was deleted a day ago or before."""
    db.execute("DELETE FROM chats WHERE deleted != '' AND deleted < ?", (_a_day_ago(),))


def has_to_wipe(db: sqlite3.Connection) -> bool:
    """Whether :func:`wipe` has anything to do."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM chats WHERE deleted != '' AND deleted < ?)", (_a_day_ago(),)
    ).fetchone()
    return bool(row[0])


def _a_day_ago() -> str:
    return (datetime.now(UTC) - _KEPT_DELETED).isoformat()


def _change(db: sqlite3.Connection, chat_id: int, columns: str, *values: str | int) -> None:
    found = db.execute(f"UPDATE chats SET {columns} WHERE id = ?", (*values, chat_id))
    if found.rowcount == 0:
        raise _missing(chat_id)


def _missing(chat_id: int) -> LibraryError:
    return LibraryError(
        f"there is no chat {chat_id}",
        "it may have been deleted; `assistant chats` lists those there are",
    )
