"""Embeddings by content, and the generation number that tells when the dense index is old.

A *pair* is a node and its embedding. The generation changes in each transaction that changes which
pairs exist, and never comes back to a value it had.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from assistant.errors import LibraryCorrupt
from assistant.library.rows import indexed_text
from assistant.protocols import Matrix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assistant.library.centring import Groups

Ids: TypeAlias = "NDArray[np.int64]"

# NumPy is imported where numbers are handled: to see that nothing has changed takes none.
_FLOAT16, _FLOAT16_BYTES = "<f2", 2
_BLOCK = 8192  # rows decoded at a time


def meta(db: sqlite3.Connection, key: str) -> str:
    """A note on the library as a whole; empty when it was never made."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def set_meta(db: sqlite3.Connection, key: str, value: str) -> None:
    """Make a note on the library as a whole."""
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))


def generation(db: sqlite3.Connection) -> int:
    """0 while there were never any pairs."""
    return int(meta(db, "generation") or 0)


def change_generation(db: sqlite3.Connection) -> None:
    """To be called in each transaction that changes which pairs exist.

    The number follows the clock, so that a library restored from a backup and changed again does
    not reach the number of an index that was written in between.
    """
    set_meta(db, "generation", str(max(generation(db) + 1, time.time_ns())))


def pending(db: sqlite3.Connection) -> list[bytes]:
    """Keys of the texts that wait to be embedded, the longest first."""
    rows = db.execute(
        "SELECT key FROM nodes"
        " WHERE NOT EXISTS (SELECT 1 FROM embeddings WHERE embeddings.key = nodes.key)"
        " GROUP BY key ORDER BY max(length(text) + length(context)) DESC"
    )
    return [row[0] for row in rows]


def texts_of(db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, str]:
    """Indexed text by key, in the order of ``keys``, for those that a node still has."""
    marks = ",".join("?" * len(keys))
    rows = db.execute(
        f"SELECT key, text, context FROM nodes WHERE key IN ({marks}) GROUP BY key", tuple(keys)
    )
    found = {key: indexed_text(text, context) for key, text, context in rows}
    return {key: found[key] for key in keys if key in found}


def count_pending(db: sqlite3.Connection) -> int:
    """How many texts wait to be embedded."""
    row = db.execute(
        "SELECT count(DISTINCT key) FROM nodes"
        " WHERE NOT EXISTS (SELECT 1 FROM embeddings WHERE embeddings.key = nodes.key)"
    ).fetchone()
    return int(row[0])


def store(db: sqlite3.Connection, keys: Sequence[bytes], vectors: Matrix) -> None:
    """Keep one row of ``vectors`` per key, as float16."""
    import numpy as np

    rows = np.asarray(vectors, dtype=_FLOAT16)
    db.executemany(
        "INSERT OR REPLACE INTO embeddings (key, vector) VALUES (?, ?)",
        ((key, row.tobytes()) for key, row in zip(keys, rows, strict=True)),
    )


def copy(db: sqlite3.Connection, pairs: Iterable[tuple[bytes, bytes]]) -> None:
    """Give each second key the embedding of the first, unless it has one of its own."""
    db.executemany(
        "INSERT OR IGNORE INTO embeddings (key, vector)"
        " SELECT ?2, vector FROM embeddings WHERE key = ?1",
        pairs,
    )


def prune(db: sqlite3.Connection) -> int:
    """Drop embeddings that no node uses; no pair changes."""
    last = _last_row(db)
    dropped = db.execute(
        "DELETE FROM embeddings"
        " WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE nodes.key = embeddings.key)"
    ).rowcount
    if _last_row(db) != last:  # SQLite will give its number to another row
        set_meta(db, "rows_reused", str(time.time_ns()))
    return dropped


# --------------------------------------------------------------------------- pairs


def count_pairs(db: sqlite3.Connection) -> int:
    """How many nodes have their embedding."""
    row = db.execute("SELECT count(*) FROM nodes JOIN embeddings USING (key)").fetchone()
    return int(row[0])


def pair_ids(db: sqlite3.Connection) -> Ids:
    """Ids of the nodes that have their embedding, ascending."""
    import numpy as np

    rows = db.execute("SELECT id FROM nodes JOIN embeddings USING (key)")
    return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64))


def node_ids(db: sqlite3.Connection) -> Ids:
    """Ids of all nodes, ascending."""
    import numpy as np

    # One long string takes half the time of a million rows.
    (ids,) = db.execute("SELECT group_concat(id) FROM nodes").fetchone()
    return np.sort(np.fromstring(ids, dtype=np.int64, sep=",")) if ids else _no_ids()


@dataclass(frozen=True, slots=True)
class Extent:
    """How far nodes and embeddings reached in a transaction: what is new later lies beyond.

    Ids of nodes are never used again. Row numbers of embeddings only are after VACUUM, which
    changes ``schema``, and after :func:`prune`, which changes ``reused`` then.
    """

    node: int
    row: int
    nodes: int
    schema: int
    reused: str


def extent(db: sqlite3.Connection) -> Extent:
    """The extent now. Counting the nodes takes some 15 ms for a million."""
    (schema,) = db.execute("PRAGMA schema_version").fetchone()
    node, nodes = db.execute(
        "SELECT (SELECT coalesce(max(id), 0) FROM nodes), (SELECT count(*) FROM nodes)"
    ).fetchone()
    return Extent(node, _last_row(db), nodes, schema, meta(db, "rows_reused"))


def changes_since(db: sqlite3.Connection, before: Extent) -> tuple[Ids, bool] | None:
    """Ids, ascending, of pairs made since, perhaps with older ones, and whether nodes have gone.

    None when it cannot be told from the extents.
    """
    import numpy as np

    now = extent(db)
    if (now.schema, now.reused) != (before.schema, before.reused):
        return None
    pairs = db.execute(
        "SELECT nodes.id FROM nodes JOIN embeddings USING (key) WHERE nodes.id > ?1"
        " UNION SELECT nodes.id FROM embeddings CROSS JOIN nodes USING (key)"
        " WHERE embeddings.rowid > ?2",
        (before.node, before.row),
    )
    ids = np.sort(np.fromiter((row[0] for row in pairs), dtype=np.int64))
    (new,) = db.execute("SELECT count(*) FROM nodes WHERE id > ?", (before.node,)).fetchone()
    return ids, before.nodes + new != now.nodes


def _no_ids() -> Ids:
    import numpy as np

    return np.zeros(0, dtype=np.int64)


def _last_row(db: sqlite3.Connection) -> int:
    (row,) = db.execute("SELECT coalesce(max(rowid), 0) FROM embeddings").fetchone()
    return int(row)


def vectors_of(
    db: sqlite3.Connection, ids: Ids, dimension: int
) -> Iterator[tuple[Ids, Groups, Matrix]]:
    """Embeddings of these nodes in blocks: ids, language groups and shape (n, dimension), float32.

    Raises:
        LibraryCorrupt: an embedding has not ``dimension`` numbers.
    """
    import numpy as np

    for start in range(0, len(ids), _BLOCK):
        block = ids[start : start + _BLOCK]
        # Ids are ascending, so a block is a range of the primary key, give or take.
        rows = db.execute(
            "SELECT id, language, vector FROM nodes JOIN embeddings USING (key)"
            " WHERE id BETWEEN ? AND ?",
            (int(block[0]), int(block[-1])),
        ).fetchall()
        found = {id: (language, vector) for id, language, vector in rows}
        wanted = [found[id] for id in block.tolist()]
        blob = b"".join(vector for _, vector in wanted)
        if len(blob) != len(block) * dimension * _FLOAT16_BYTES:
            raise LibraryCorrupt(
                f"stored embeddings are not of dimension {dimension}",
                "move the library away and ingest your notes again",
            )
        matrix = np.frombuffer(blob, dtype=_FLOAT16).reshape(len(block), dimension)
        yield block, _groups(language for language, _ in wanted), matrix.astype(np.float32)


def groups_of(db: sqlite3.Connection, ids: Sequence[int]) -> Groups:
    """The language group of each node, in the order of ``ids``."""
    marks = ",".join("?" * len(ids))
    rows = db.execute(f"SELECT id, language FROM nodes WHERE id IN ({marks})", tuple(ids))
    languages = dict(rows.fetchall())
    return _groups(languages.get(id, "other") for id in ids)


def _groups(languages: Iterable[str]) -> Groups:
    import numpy as np

    return np.fromiter((language in ("ko", "mixed") for language in languages), dtype=np.intp)
