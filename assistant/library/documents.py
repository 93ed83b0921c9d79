"""Documents, their nodes, and the files that could not be read."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.library.lexical import Terms
from assistant.library.notebooks import beneath
from assistant.library.rows import (
    DOCUMENT,
    NODE,
    PLACE,
    document_from_row,
    document_to_row,
    indexed_text,
    node_to_row,
    now,
    path_from_bytes,
    path_to_bytes,
    storable,
    stored_node_from_row,
)
from assistant.types import Document, FileState, FileStatus, Node, StoredNode

_NEAR = 4
"""How many nodes before and behind one may belong to its section's stretch."""


def find(db: sqlite3.Connection, path: Path) -> Document | None:
    """The document at exactly this path."""
    row = db.execute(
        f"SELECT {DOCUMENT} FROM documents WHERE path = ?", (path_to_bytes(path),)
    ).fetchone()
    return document_from_row(row) if row else None


def under(db: sqlite3.Connection, root: Path | None) -> list[Document]:
    """Documents ingested from ``root``, or all, by path."""
    where, values = ("", ()) if root is None else ("WHERE root = ?", (path_to_bytes(root),))
    rows = db.execute(f"SELECT {DOCUMENT} FROM documents {where} ORDER BY path", values)
    return [document_from_row(row) for row in rows]


def stamps(db: sqlite3.Connection) -> dict[str, tuple[int, int, str, str]]:
    """Size, modification time (ns), splitter and SHA-256 of every document, by path."""
    rows = db.execute("SELECT path, size, mtime_ns, splitter, sha256 FROM documents")
    return {os.fsdecode(row[0]): (row[1], row[2], row[3], row[4]) for row in rows}


def paths_beneath(db: sqlite3.Connection, path: Path) -> list[Path]:
    """Documents and problems at or beneath ``path``."""
    where, values = beneath("path", [path])
    rows = db.execute(
        f"SELECT path FROM documents WHERE {where} UNION SELECT path FROM problems WHERE {where}",
        values * 2,
    )
    return [path_from_bytes(row[0]) for row in rows]


def embedded_keys(db: sqlite3.Connection, path: Path) -> dict[tuple[int, str], bytes]:
    """By position and text, the keys of a document's nodes that have their embedding."""
    rows = db.execute(
        "SELECT position, text, nodes.key FROM documents JOIN nodes ON document_id = documents.id"
        " JOIN embeddings ON embeddings.key = nodes.key WHERE path = ?",
        (path_to_bytes(path),),
    )
    return {(position, text): key for position, text, key in rows}


def lacking_text(db: sqlite3.Connection) -> list[str]:
    """Paths of the documents that have pages without text."""
    rows = db.execute("SELECT path FROM documents WHERE unread != '[]'")
    return [os.fsdecode(row[0]) for row in rows]


def insert(
    db: sqlite3.Connection,
    document: Document,
    nodes: Sequence[Node],
    terms: Sequence[Terms],
) -> None:
    """Add a document that is not there, each node with its ``terms``, for now or for good."""
    marks = ", ".join("?" * (DOCUMENT.count(",") + 1))
    cursor = db.execute(
        f"INSERT INTO documents ({DOCUMENT}, indexed_at) VALUES ({marks}, ?)",
        (*document_to_row(document), now()),
    )
    document_id = cursor.lastrowid
    marks = ", ".join("?" * (NODE.count(",") + 1))
    for position, (node, analysed) in enumerate(zip(nodes, terms, strict=True)):
        cursor.execute(
            f"INSERT INTO nodes (document_id, is_rough, {NODE}) VALUES (?, ?, {marks})",
            (document_id, analysed.are_rough, *node_to_row(position, node)),
        )
        if cursor.lastrowid is not None:
            insert_terms(db, cursor.lastrowid, analysed)


def delete(db: sqlite3.Connection, path: Path) -> None:
    """Take a document out, if it is there; its nodes and their lexical rows go with it."""
    db.execute("DELETE FROM documents WHERE path = ?", (path_to_bytes(path),))


def touch(db: sqlite3.Connection, document: Document) -> None:
    """Note the file's new size and modification time."""
    db.execute(
        "UPDATE documents SET size = ?, mtime_ns = ?, root = ? WHERE path = ?",
        (
            document.size,
            document.mtime_ns,
            path_to_bytes(document.root),
            path_to_bytes(document.path),
        ),
    )


def is_embedded(db: sqlite3.Connection, path: Path) -> bool:
    """Whether any node of the document has its embedding."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM documents JOIN nodes ON document_id = documents.id"
        " JOIN embeddings ON embeddings.key = nodes.key WHERE path = ?)",
        (path_to_bytes(path),),
    ).fetchone()
    return bool(row[0])


def nodes(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, StoredNode]:
    """The nodes that are there, by id, in the order of ``ids``."""
    rows = db.execute(
        f'SELECT nodes.id, document_id, path, title, text, context, {PLACE}, start, "end",'
        " language"
        " FROM nodes JOIN documents ON documents.id = document_id"
        " WHERE nodes.id IN (SELECT value FROM json_each(?))",
        (json.dumps([int(id) for id in ids]),),
    )
    found = {row[0]: stored_node_from_row(row) for row in rows}
    return {id: found[id] for id in ids if id in found}


def section_ids(db: sqlite3.Connection, node_id: int) -> list[int]:
    """The unbroken run of nodes around a node that stand at one place but for the line."""
    rows = db.execute(
        "SELECT near.id, near.position, here.position,"
        " near.headings = here.headings AND near.page IS here.page AND near.cell IS here.cell"
        " AND near.slide IS here.slide AND near.sheet = here.sheet"
        " FROM nodes AS here JOIN nodes AS near ON near.document_id = here.document_id"
        " WHERE here.id = ? AND near.position BETWEEN here.position - ? AND here.position + ?"
        " ORDER BY near.position",
        (node_id, _NEAR, _NEAR),
    ).fetchall()
    run: list[int] = []
    for id, position, here, is_same in rows:
        if is_same:
            run.append(id)
        elif position < here:
            run.clear()
        else:
            break
    return run


def beside_ids(db: sqlite3.Connection, node_id: int) -> list[int]:
    """A node with the one before and the one after it in its document, in order."""
    rows = db.execute(
        "SELECT near.id"
        " FROM nodes AS here JOIN nodes AS near ON near.document_id = here.document_id"
        " WHERE here.id = ? AND near.position BETWEEN here.position - 1 AND here.position + 1"
        " ORDER BY near.position",
        (node_id,),
    )
    return [id for (id,) in rows]


def counts(db: sqlite3.Connection) -> tuple[int, int]:
    """How many documents and nodes there are."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM documents WHERE format != 'archive'),"
        " (SELECT count(*) FROM nodes)"
    )
    documents, nodes = row.fetchone()
    return documents, nodes


# --------------------------------------------------------------------------- lexical rows


def indexed_texts(db: sqlite3.Connection) -> list[tuple[int, str]]:
    """Id and indexed text of every node."""
    rows = db.execute("SELECT id, text, context FROM nodes ORDER BY id")
    return [(id, indexed_text(text, context)) for id, text, context in rows]


def insert_terms(db: sqlite3.Connection, node_id: int, terms: Terms) -> None:
    """Make a node known to the lexical index; it leaves it by itself when it is deleted."""
    db.execute("INSERT INTO words (rowid, terms) VALUES (?, ?)", (node_id, " ".join(terms.words)))
    db.execute("INSERT INTO pairs (rowid, terms) VALUES (?, ?)", (node_id, " ".join(terms.pairs)))


def count_rough(db: sqlite3.Connection) -> int:
    """How many nodes are found by rough terms only."""
    return int(db.execute("SELECT count(*) FROM nodes WHERE is_rough").fetchone()[0])


def rough_texts(db: sqlite3.Connection, most: int) -> list[tuple[int, str]]:
    """Id and indexed text of nodes that are found by rough terms only, oldest first."""
    rows = db.execute(
        "SELECT id, text, context FROM nodes WHERE is_rough ORDER BY id LIMIT ?", (most,)
    )
    return [(id, indexed_text(text, context)) for id, text, context in rows]


def refine_terms(db: sqlite3.Connection, node_id: int, terms: Terms) -> None:
    """Put its terms in the place of a node's rough ones, if it is still there."""
    if db.execute("UPDATE nodes SET is_rough = 0 WHERE id = ?", (node_id,)).rowcount:
        db.execute("DELETE FROM words WHERE rowid = ?", (node_id,))
        db.execute("DELETE FROM pairs WHERE rowid = ?", (node_id,))
        insert_terms(db, node_id, terms)


def clear_terms(db: sqlite3.Connection) -> None:
    """Empty the lexical index."""
    db.execute("DELETE FROM words")
    db.execute("DELETE FROM pairs")


# --------------------------------------------------------------------------- problems


def record_problem(
    db: sqlite3.Connection,
    path: Path,
    root: Path,
    state: FileState,
    reason: str,
    hint: str,
    stamp: tuple[int, int, str] | None,
) -> None:
    """Note why a file is not in the library as it stands on disk; ``stamp`` is how it stood."""
    size, mtime_ns, splitter = stamp or (None, None, None)
    db.execute(
        "INSERT OR REPLACE INTO problems"
        " (path, root, state, reason, hint, seen_at, size, mtime_ns, splitter)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            path_to_bytes(path),
            path_to_bytes(root),
            state,
            storable(reason),
            storable(hint),
            now(),
            size,
            mtime_ns,
            splitter,
        ),
    )


def problem_stamps(db: sqlite3.Connection) -> dict[str, tuple[int, int, str] | None]:
    """Size, modification time (ns) and splitter of every file with a problem, when it was met."""
    rows = db.execute("SELECT path, size, mtime_ns, splitter FROM problems")
    return {
        os.fsdecode(path): None if splitter is None else (size, mtime_ns, splitter)
        for path, size, mtime_ns, splitter in rows
    }


def clear_problem(db: sqlite3.Connection, path: Path) -> None:
    """Forget what was wrong with a file."""
    db.execute("DELETE FROM problems WHERE path = ?", (path_to_bytes(path),))


def files(db: sqlite3.Connection) -> list[FileStatus]:
    """Every file the library knows of, by path.

    A stored document whose file has since failed to be read is ``failed``, with the nodes it
    still has.
    """
    status = dict(_stored_files(db))
    rows = db.execute("SELECT path, root, state, reason, hint, seen_at FROM problems")
    for path, root, state, reason, hint, seen_at in rows:
        known = status.get(path) or FileStatus(path_from_bytes(path), state)
        status[path] = replace(
            known,
            state=state,
            reason=reason,
            hint=hint,
            root=path_from_bytes(root),
            indexed_at=seen_at,
        )
    return [status[path] for path in sorted(status)]


def _stored_files(db: sqlite3.Connection) -> Iterator[tuple[bytes, FileStatus]]:
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for document_id, language, nodes in db.execute(
        "SELECT document_id, language, count(*) FROM nodes GROUP BY document_id, language"
    ):
        counted[document_id][language] = nodes
    for id, path, root, title, format, pages, unread, size, indexed_at in db.execute(
        "SELECT id, path, root, title, format, pages, unread, size, indexed_at FROM documents"
    ):
        languages = counted[id]
        yield (
            path,
            FileStatus(
                path_from_bytes(path),
                "indexed",
                nodes=languages.total(),
                root=path_from_bytes(root),
                title=title,
                format=format,
                language=languages.most_common(1)[0][0] if languages else "",
                pages=pages,
                unread=tuple(json.loads(unread)),
                size=size,
                indexed_at=indexed_at,
            ),
        )
