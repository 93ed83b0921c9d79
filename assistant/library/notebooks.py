"""Named collections, and which nodes a scope takes in."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from assistant.library.embeddings import Ids
from assistant.library.rows import now, path_from_bytes, path_to_bytes, storable
from assistant.types import Notebook, Scope

_SEPARATOR = os.fsencode(os.sep)
_AFTER_SEPARATOR = bytes((_SEPARATOR[0] + 1,))


def beneath(column: str, paths: Iterable[Path]) -> tuple[str, list[bytes]]:
    """A condition and its values: ``column`` is one of ``paths`` or stands beneath one."""
    conditions, values = [], []
    for path in paths:
        name = path_to_bytes(path).rstrip(_SEPARATOR)
        conditions.append(f"{column} = ? OR {column} > ? AND {column} < ?")
        # A range and no LIKE: it uses the index, and no name means anything but itself.
        values += [name, name + _SEPARATOR, name + _AFTER_SEPARATOR]
    return f"({' OR '.join(conditions) or '0'})", values


def node_ids(db: sqlite3.Connection, scope: Scope) -> Ids:
    """Ids of the nodes that ``scope`` takes in, less those it excludes, ascending."""
    import numpy as np  # to see that nothing has changed takes none

    where, values = beneath("path", scope.paths) if scope else ("1", [])
    gone, named = beneath("path", [pick.path for pick in scope.excluded if not pick.node_id])
    where, values = f"{where} AND NOT {gone}", values + named
    rows = db.execute(
        f"SELECT nodes.id FROM documents JOIN nodes ON document_id = documents.id WHERE {where}",
        values,
    )
    ids = np.unique(np.fromiter((row[0] for row in rows), dtype=np.int64))
    passages = [pick.node_id for pick in scope.excluded if pick.node_id]
    return ids[~np.isin(ids, passages)] if passages else ids


def all_notebooks(db: sqlite3.Connection) -> list[Notebook]:
    """Every notebook with its paths and the count of what they hold, by name."""
    rows = db.execute(
        "SELECT name, path FROM notebooks LEFT JOIN notebook_paths ON notebook_id = id"
        " ORDER BY name, path"
    )
    paths: dict[str, list[Path]] = {}
    for name, path in rows:
        paths.setdefault(name, []).extend([] if path is None else [path_from_bytes(path)])
    return [_counted(db, name, tuple(members)) for name, members in paths.items()]


def _counted(db: sqlite3.Connection, name: str, paths: tuple[Path, ...]) -> Notebook:
    where, values = beneath("path", paths)
    documents, nodes = db.execute(
        "SELECT count(DISTINCT documents.id), count(nodes.id) FROM documents"
        f" LEFT JOIN nodes ON document_id = documents.id WHERE format != 'archive' AND {where}",
        values,
    ).fetchone()
    return Notebook(name, paths, documents, nodes)


def add(db: sqlite3.Connection, name: str, paths: Iterable[Path]) -> None:
    """Put ``paths`` into the notebook, which is made if there is none."""
    db.execute(
        "INSERT INTO notebooks (name, created) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (storable(name), now()),
    )
    db.executemany(
        "INSERT OR IGNORE INTO notebook_paths (notebook_id, path)"
        " SELECT id, ? FROM notebooks WHERE name = ?",
        ((path_to_bytes(path), storable(name)) for path in paths),
    )


def take_out(db: sqlite3.Connection, name: str, paths: Iterable[Path]) -> int:
    """How many of ``paths`` were in the notebook and are not any more."""
    return sum(
        db.execute(
            "DELETE FROM notebook_paths WHERE path = ?"
            " AND notebook_id = (SELECT id FROM notebooks WHERE name = ?)",
            (path_to_bytes(path), storable(name)),
        ).rowcount
        for path in paths
    )


def move(db: sqlite3.Connection, before: Path, after: Path) -> None:
    """Members at or beneath ``before`` have the same place at or beneath ``after`` now."""
    where, values = beneath("path", [before])
    members = db.execute(f"SELECT notebook_id, path FROM notebook_paths WHERE {where}", values)
    old, new = (path_to_bytes(path).rstrip(_SEPARATOR) for path in (before, after))
    moved = [(notebook, new + path[len(old) :]) for notebook, path in members]
    if moved:
        db.execute(f"DELETE FROM notebook_paths WHERE {where}", values)
        db.executemany("INSERT OR IGNORE INTO notebook_paths VALUES (?, ?)", moved)


def delete(db: sqlite3.Connection, name: str) -> bool:
    """Whether there was such a notebook; its documents stay."""
    return db.execute("DELETE FROM notebooks WHERE name = ?", (storable(name),)).rowcount > 0
