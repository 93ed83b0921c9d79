"""What the library says of what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

FileState: TypeAlias = Literal["indexed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One line of ``status --files``.

    ``nodes`` are those stored, also of a file that has since failed to be read. ``unread`` are its
    pages without text, ``language`` that of most of its nodes ("" for none), ``indexed_at`` when it
    was stored or last seen to fail: ISO 8601 in UTC.
    """

    path: Path
    state: FileState
    nodes: int = 0
    reason: str = ""
    hint: str = ""
    root: Path = Path()
    title: str = ""
    format: str = ""
    language: str = ""
    pages: int = 0
    unread: tuple[int, ...] = ()
    size: int = 0
    indexed_at: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """A folder or file that was ingested, and what it holds.

    ``include`` and ``exclude`` are patterns in ``.gitignore`` form: with the first only what they
    name is read, what the second name is passed by. ``watched``: changes are taken in as they
    happen. ``synced_at`` is when it was last brought in step, ISO 8601 in UTC.
    """

    path: Path
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    watched: bool = False
    synced_at: str = ""
    documents: int = 0
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class Notebook:
    """A named collection: every document at or beneath one of ``paths``, now and later."""

    name: str
    paths: tuple[Path, ...]
    documents: int = 0
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """What a library holds. ``embedded`` of ``nodes`` take part in dense search."""

    folder: Path
    documents: int
    nodes: int
    embedded: int
    index_type: str
    embedding_model: str
    size: int
    failed: tuple[FileStatus, ...] = ()
    chats: int = 0


@dataclass(frozen=True, slots=True)
class Chat:
    """A stored conversation; times are ISO 8601 in UTC.

    ``good`` and ``bad`` count the answers that were rated so.
    """

    id: int
    title: str
    created: str
    updated: str
    turns: int
    pinned: bool = False
    good: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class ChatHit:
    """A turn that was found in ``chat``: the ``turn``-th from 1, ``question`` and its answer."""

    chat: Chat
    turn: int
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class WaitingTurn:
    """A turn whose meaning is not known yet; ``text`` is what stands for it."""

    id: int
    text: str
