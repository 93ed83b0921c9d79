"""What was ingested as such, and is kept in step."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from assistant.library.rows import now, path_from_bytes, path_to_bytes
from assistant.types import Root


def all_roots(db: sqlite3.Connection) -> list[Root]:
    """Every root with the count of what was ingested from it, by path."""
    rows = db.execute(
        "SELECT roots.path, include, exclude, watched, synced_at,"
        " count(DISTINCT documents.id), count(nodes.id)"
        " FROM roots LEFT JOIN documents ON documents.root = roots.path AND format != 'archive'"
        " LEFT JOIN nodes ON nodes.document_id = documents.id"
        " GROUP BY roots.path ORDER BY roots.path"
    )
    return [
        Root(
            path_from_bytes(path),
            tuple(json.loads(include)),
            tuple(json.loads(exclude)),
            bool(watched),
            synced_at,
            documents,
            nodes,
        )
        for path, include, exclude, watched, synced_at, documents, nodes in rows
    ]


def find(db: sqlite3.Connection, path: Path) -> Root | None:
    """The root at exactly this path, without its counts."""
    row = db.execute(
        "SELECT include, exclude, watched, synced_at FROM roots WHERE path = ?",
        (path_to_bytes(path),),
    ).fetchone()
    if row is None:
        return None
    include, exclude, watched, synced_at = row
    patterns = tuple(json.loads(include)), tuple(json.loads(exclude))
    return Root(path, *patterns, bool(watched), synced_at)


def store(db: sqlite3.Connection, root: Root) -> None:
    """Note ``root`` with its patterns; when it was synced and whether it is watched stay."""
    db.execute(
        "INSERT INTO roots (path, include, exclude) VALUES (?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET include = excluded.include, exclude = excluded.exclude",
        (path_to_bytes(root.path), json.dumps(root.include), json.dumps(root.exclude)),
    )


def note_synced(db: sqlite3.Connection, path: Path) -> None:
    """``path`` is in step as of now."""
    db.execute("UPDATE roots SET synced_at = ? WHERE path = ?", (now(), path_to_bytes(path)))


def set_watched(db: sqlite3.Connection, path: Path, watched: bool) -> bool:
    """Whether there was such a root."""
    statement = "UPDATE roots SET watched = ? WHERE path = ?"
    return db.execute(statement, (watched, path_to_bytes(path))).rowcount > 0


def move(db: sqlite3.Connection, before: Path, after: Path) -> bool:
    """Whether ``after`` took the place of ``before``: it is a root, and was never in step before.

    Patterns of its own stay. ``before`` is forgotten in any case.
    """
    old, new = find(db, before), find(db, after)
    forget(db, before)
    if old is None or new is None or new.synced_at:
        return False
    store(db, Root(after, new.include or old.include, new.exclude or old.exclude))
    set_watched(db, after, old.watched or new.watched)
    return True


def forget(db: sqlite3.Connection, path: Path) -> None:
    """``path`` is no longer kept in step."""
    db.execute("DELETE FROM roots WHERE path = ?", (path_to_bytes(path),))
