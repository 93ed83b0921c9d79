"""Whether a library is whole: what must hold between its tables, whatever has happened to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from assistant.library import embeddings
from assistant.library.rows import content_key
from assistant.library.vectors import VectorIndex
from assistant.types import Node, Place

_SHOWN = 3  # examples of a fault
_LEXICAL = ("words", "pairs")

# What breaks a rule, and how it is found: a query for one column.
_RULES = (
    (
        "documents without passages",
        "SELECT path FROM documents WHERE format != 'archive'"
        " AND NOT EXISTS (SELECT 1 FROM nodes WHERE document_id = documents.id)",
    ),
    (
        "documents of which passages are missing",
        "SELECT path FROM documents JOIN nodes ON document_id = documents.id GROUP BY document_id"
        " HAVING min(position) != 0 OR max(position) != count(*) - 1",
    ),
    *(
        rule
        for table in _LEXICAL
        for rule in (
            (
                f"passages that the index of {table} does not know",
                f"SELECT id FROM nodes WHERE id NOT IN (SELECT rowid FROM {table})",
            ),
            (
                f"passages that only the index of {table} knows",
                f"SELECT rowid FROM {table} WHERE rowid NOT IN (SELECT id FROM nodes)",
            ),
        )
    ),
    (
        "embeddings of the wrong length",
        "SELECT hex(key) FROM embeddings WHERE length(vector) !="
        " 2 * coalesce((SELECT value FROM meta WHERE key = 'dimension'), 0)",
    ),
    (
        "embeddings by a model that is not noted",
        "SELECT hex(key) FROM embeddings WHERE NOT EXISTS"
        " (SELECT 1 FROM meta WHERE key = 'encoder_fingerprint' AND value != '')",
    ),
)


def check(db: sqlite3.Connection) -> list[str]:
    """Faults of the database in words, none when it is whole; reads all of it.

    ``db`` is within a transaction; one that may not write leaves the lexical index's own check
    out. An embedding that no passage uses is no fault: the next ingestion drops it. Nor is a
    passage without one: it waits.
    """
    faults = [f"SQLite: {row[0]}" for row in db.execute("PRAGMA integrity_check")]
    if faults != ["SQLite: ok"]:
        return faults  # what the tables say now means nothing
    faults = [
        f"a row of {table} refers to nothing in {referred}"
        for table, _, referred, _ in db.execute("PRAGMA foreign_key_check")
    ]
    for table in _LEXICAL:
        faults += _lexical_faults(db, table)
    for rule, query in _RULES:
        faults += _told(rule, db.execute(query))
    faults += _told("passages whose key is not that of their text", _wrong_keys(db))
    if embeddings.count_pairs(db) and not embeddings.generation(db):
        faults.append("there are embeddings, and no generation is noted")
    return faults


def check_index(db: sqlite3.Connection, file: Path) -> list[str]:
    """Faults of the index of vectors in ``file``, against the database.

    None when it is missing, older or torn, as it is made anew then.
    """
    dimension = int(embeddings.meta(db, "dimension") or 0)
    index = VectorIndex.load(file, dimension, embeddings.generation(db))
    if index is None or np.array_equal(np.sort(index.ids), embeddings.pair_ids(db)):
        return []
    return [f"{file.name} holds other passages than have an embedding"]


def _lexical_faults(db: sqlite3.Connection, table: str) -> list[str]:
    # A command to FTS5 has the form of an insertion, and changes nothing.
    try:
        db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_READONLY:
            raise
    except sqlite3.DatabaseError as error:
        return [f"the index of {table} does not fit its text: {error}"]
    return []


def _wrong_keys(db: sqlite3.Connection) -> Iterator[tuple[int]]:
    for id, text, context, key in db.execute("SELECT id, text, context, key FROM nodes"):
        if content_key(Node(text, Place(), 0, 0, "other", context)) != key:
            yield (id,)


def _told(rule: str, broken: Iterable[tuple[object, ...]]) -> list[str]:
    names = [_word(row[0]) for row in broken]
    if not names:
        return []
    examples = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return [f"{rule}: {len(names):,} ({examples})"]


def _word(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
