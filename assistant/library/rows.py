"""How values of the house stand in a row of SQLite."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.types import Document, Node, Place, StoredNode

DOCUMENT = "path, root, title, format, size, mtime_ns, sha256, splitter, pages, unread"
"""Columns of a document, in the order of its fields."""

PLACE = "page, cell, line, headings, slide, sheet, first_row, last_row, seconds"
"""Columns of a place, in the order of its fields."""

NODE = f'position, text, context, {PLACE}, start, "end", language, key'
"""Columns of a node, without its id and its document's."""


def now() -> str:
    """The time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat()


def storable(text: str) -> str:
    """``text``, or as long a one that is valid Unicode: SQLite takes no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def path_to_bytes(path: Path) -> bytes:
    """The path as the system names it; a file name need not be valid Unicode."""
    return os.fsencode(path)


def path_from_bytes(path: bytes) -> Path:
    """What :func:`path_to_bytes` was given."""
    return Path(os.fsdecode(path))


def document_to_row(document: Document) -> tuple[Any, ...]:
    """Values for :data:`DOCUMENT`."""
    return (
        path_to_bytes(document.path),
        path_to_bytes(document.root),
        storable(document.title),
        document.format,
        document.size,
        document.mtime_ns,
        document.sha256,
        document.splitter,
        document.pages,
        json.dumps(document.unread),
    )


def document_from_row(row: tuple[Any, ...]) -> Document:
    """The document of a row of :data:`DOCUMENT`."""
    path, root, title, format, size, mtime_ns, sha256, splitter, pages, unread = row
    return Document(
        path_from_bytes(path),
        path_from_bytes(root),
        title,
        format,
        size,
        mtime_ns,
        sha256,
        splitter,
        pages,
        tuple(json.loads(unread)),
    )


def storable_node(node: Node) -> Node:
    """``node`` with text and context that SQLite takes; offsets stay true."""
    return replace(node, text=storable(node.text), context=storable(node.context))


def indexed_text(text: str, context: str) -> str:
    """:attr:`Node.indexed_text` of a stored node."""
    return Node(text, Place(), 0, 0, "other", context).indexed_text


def content_key(node: Node) -> bytes:
    """SHA-256 of what is embedded: the same text needs one embedding, wherever it stands."""
    return hashlib.sha256(node.indexed_text.encode()).digest()


def node_to_row(position: int, node: Node) -> tuple[Any, ...]:
    """Values for :data:`NODE`."""
    return (
        position,
        node.text,
        node.context,
        *_place_to_row(node.place),
        node.start,
        node.end,
        node.language,
        content_key(node),
    )


def stored_node_from_row(row: tuple[Any, ...]) -> StoredNode:
    """From id, document id, path, title, then text … language as in :data:`NODE`."""
    id, document_id, path, title, text, context, *where, start, end, language = row
    node = Node(text, _place_from_row(where), start, end, language, context)
    return StoredNode(id, document_id, path_from_bytes(path), title, node)


def _place_to_row(place: Place) -> tuple[Any, ...]:
    return (
        place.page,
        place.cell,
        place.line,
        json.dumps(place.headings),
        place.slide,
        storable(place.sheet),
        place.first_row,
        place.last_row,
        place.seconds,
    )


def _place_from_row(row: Sequence[Any]) -> Place:
    page, cell, line, headings, *rest = row
    return Place(page, cell, line, tuple(json.loads(headings)), *rest)
