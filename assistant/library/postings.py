"""Which nodes hold a term, asked of FTS5, and what is kept of that between questions.

The commonest terms are the dearest to look up and the likeliest to be asked for again: of a million
nodes FTS5 takes 8 ms to tell the 100,000 that hold one. So those are remembered until the tables
are written to, within :data:`MOST_BYTES`.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from assistant.library.embeddings import Ids

Table: TypeAlias = Literal["words", "pairs"]
_Term: TypeAlias = tuple[Table, str]

MOST_BYTES = 32 << 20
"""Room for the ids that are kept: of a million nodes those of some 600 terms."""

_COMMON = 1000
"""Nodes from which a term is worth keeping; fewer are found in a tenth of a millisecond."""

# fts5_index.c: FTS5_AVERAGES_ROWID and FTS5_STRUCTURE_ROWID. The second holds a counter of the
# pages ever written, so no two states of a table have the same.
_RECORDS = (
    "SELECT (SELECT block FROM words_data WHERE id = 1), (SELECT block FROM words_data"
    " WHERE id = 10), (SELECT block FROM pairs_data WHERE id = 10)"
)


class Postings:
    """What is known of common terms, for one library; usable from several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._state: object = None
        self._counts: dict[_Term, int] = {}
        self._ids: dict[_Term, Ids] = {}  # the one longest unused first
        self._bytes = 0

    def at(self, db: sqlite3.Connection) -> Lookup:
        """The tables as ``db`` sees them, within a transaction that has written nothing."""
        averages, *state = db.execute(_RECORDS).fetchone()
        with self._lock:
            if state != self._state:
                self._state = state
                self._counts.clear()
                self._ids.clear()
                self._bytes = 0
        rows, words = _varints(averages or b"") or (0, 0)
        return Lookup(db, self, state, rows, words)

    def known_count(self, state: object, term: _Term) -> int | None:
        """In how many nodes a term is, where that was asked in this state."""
        with self._lock:
            return self._counts.get(term) if state == self._state else None

    def known_ids(self, state: object, term: _Term) -> Ids | None:
        """Which nodes hold a term, where that was asked in this state and is still kept."""
        with self._lock:
            if state != self._state or term not in self._ids:
                return None
            ids = self._ids[term] = self._ids.pop(term)
            return ids

    def keep_count(self, state: object, term: _Term, count: int) -> None:
        """Remember the count of a common term."""
        with self._lock:
            if count >= _COMMON and state == self._state:
                self._counts[term] = count

    def keep_ids(self, state: object, term: _Term, ids: Ids) -> None:
        """Remember the nodes of a common term, and forget others where room runs out."""
        with self._lock:
            if len(ids) < _COMMON or state != self._state or term in self._ids:
                return
            self._ids[term] = ids
            self._bytes += ids.nbytes
            while self._bytes > self._most_bytes:
                self._bytes -= self._ids.pop(next(iter(self._ids))).nbytes


class Lookup:
    """One state of the FTS5 tables: ``nodes`` rows that hold ``words`` words in all."""

    def __init__(
        self, db: sqlite3.Connection, kept: Postings, state: object, nodes: int, words: int
    ) -> None:
        self._db = db
        self._kept = kept
        self._state = state
        self.nodes = nodes
        self.words = words

    def count(self, table: Table, text: str) -> int:
        """In how many nodes a term is."""
        term = (table, text)
        known = self._kept.known_count(self._state, term)
        if known is not None:
            return known
        ids = self._kept.known_ids(self._state, term)
        if ids is not None:
            return len(ids)
        row = self._db.execute(
            f"SELECT doc FROM {table}_vocabulary WHERE term = ?", (text,)
        ).fetchone()
        count = row[0] if row else 0
        self._kept.keep_count(self._state, term, count)
        return count

    def holding(self, table: Table, text: str) -> Ids:
        """Ids of the nodes that hold a term, ascending; not to be changed."""
        term = (table, text)
        known = self._kept.known_ids(self._state, term)
        if known is not None:
            return known
        # In quotes a term is a string and never FTS5's query syntax; no term holds a quote. As one
        # text the ids come several times faster than as rows.
        (written,) = self._db.execute(
            f"SELECT group_concat(rowid) FROM {table} WHERE {table} MATCH ?", (f'"{text}"',)
        ).fetchone()
        ids = np.fromstring(written or "", dtype=np.int64, sep=",")
        if len(ids) and ids[-1] <= np.iinfo(np.int32).max:
            ids = ids.astype(np.int32)  # half the room
        self._kept.keep_ids(self._state, term, ids)
        return ids


def terms_of(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """The words of nodes as the index holds them, UTF-8 and separated by single spaces.

    Nodes that are gone are left out.
    """
    # The table in which FTS5 keeps what it was given (fts5.html, "FTS5 Data Structures"), which is
    # read faster without FTS5.
    rows = db.execute(
        "SELECT kept.id, CAST(kept.c0 AS BLOB) FROM json_each(?) AS wanted"
        " CROSS JOIN words_content AS kept ON kept.id = wanted.value",
        (json.dumps(list(ids)),),
    )
    return dict(rows.fetchall())


def _varints(block: bytes) -> list[int]:
    """The first two SQLite varints of a record."""
    numbers, value = [], 0
    for byte in block:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(value)
            value = 0
    return numbers[:2]
