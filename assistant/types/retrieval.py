"""What a question is put to, and what was found for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.types.documents import Place


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents a question is put to: those at or beneath ``paths``, all when there are none.

    ``name`` is what people see: a notebook, a folder, a file.
    """

    paths: tuple[Path, ...] = ()
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.paths)


EVERYTHING = Scope()
"""The whole library."""


@dataclass(frozen=True, slots=True)
class Leg:
    """How one way of searching ranked a node: ``rank`` from 1, ``score`` in the leg's own unit."""

    name: Literal["dense", "lexical", "proximity", "reranker"]
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Source:
    """A passage offered as evidence, numbered as the answer cites it (``n`` from 1)."""

    n: int
    node_id: int
    path: Path
    place: Place
    title: str
    text: str
    score: float
    legs: tuple[Leg, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure retrieval is that the notes speak of the question.

    ``similarity`` is the best cosine of the dense leg (-1 to 1, 0 when it is empty);
    ``coverage`` the share (0 to 1) of the question's term weight that the best lexical hit holds.
    """

    similarity: float = 0.0
    coverage: float = 0.0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """All that one retrieval found, best first."""

    query: str
    sources: tuple[Source, ...]
    evidence: Evidence
    seconds: float = 0.0
