"""What a question is put to, and what was found for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from assistant.types.documents import Place


@dataclass(frozen=True, slots=True)
class Pick:
    """A passage, or every one of the documents at or beneath ``path`` where ``node_id`` is 0.

    ``label`` is what people see besides the file's name: the place of the passage.
    """

    path: Path
    node_id: int = 0
    label: str = field(default="", compare=False)

    def holds(self, path: Path, node_id: int) -> bool:
        """Whether the passage ``node_id`` of the document at ``path`` is meant."""
        return self.node_id == node_id if self.node_id else path.is_relative_to(self.path)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents a question is put to: those at or beneath ``paths``, all when there are none.

    ``name`` is what people see: a notebook, a folder, a file. What is ``pinned`` is always offered
    as evidence, before all that is found, also from outside ``paths``; what is ``excluded`` never.
    ``wider`` is for a question that was refused: more passages are offered, and less is asked of
    them before an answer is given.
    """

    paths: tuple[Path, ...] = ()
    name: str = ""
    pinned: tuple[Pick, ...] = ()
    excluded: tuple[Pick, ...] = ()
    wider: bool = False

    def __bool__(self) -> bool:
        """Whether it leaves documents out by where they are."""
        return bool(self.paths)

    def holds(self, path: Path, node_id: int = -1) -> bool:
        """Whether passages of the document at ``path``, or the one of ``node_id``, may be found."""
        if self.paths and not any(path.is_relative_to(member) for member in self.paths):
            return False
        return not any(pick.holds(path, node_id) for pick in self.excluded)


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
class Surroundings:
    """What a document says right before and right after a passage; "" at its ends."""

    before: str = ""
    after: str = ""


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
