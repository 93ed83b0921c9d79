"""Why a passage was found, and why a file was not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from assistant.types.retrieval import Evidence, Source


@dataclass(frozen=True, slots=True)
class Share:
    """What a leg adds to a fused score: ``weight`` times ``scaled`` (0 to 1).

    ``rank`` and ``score`` are the leg's own; None where it did not find the passage.
    """

    leg: str
    rank: int | None
    score: float | None
    scaled: float
    weight: float

    @property
    def points(self) -> float:
        return self.weight * self.scaled


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a passage was found.

    ``shares`` are the summands of its fused score. ``matched`` and ``missing`` are the question's
    terms that the passage, with its title and headings, holds or not. ``spans`` are the
    characters (start, end) of the passage's text that match, ``best`` those of the sentence
    nearest to the question; None when no sentence is nearer than another.
    """

    source: Source
    shares: tuple[Share, ...]
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()
    best: tuple[int, int] | None = None

    @property
    def fused(self) -> float:
        return sum(share.points for share in self.shares)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why passages were found for ``query``.

    ``fusion`` is how the legs were joined; ``gate`` (0 to 1) how far words were trusted, by the
    share of the question's term weight that the best hit holds.
    """

    query: str
    fusion: str
    gate: float
    evidence: Evidence
    hits: tuple[Explained, ...]
    seconds: float = 0.0


Fate: TypeAlias = Literal[
    "found",  # it is hit ``hit``
    "copy",  # it says the same as hit ``hit``, which was taken instead
    "ranked",  # it is behind the hits, at ``rank`` of the candidates
    "beyond",  # no leg has it among its candidates
    "not_embedded",  # its words do not match, and its meaning is not known yet
    "out_of_scope",  # it is not where the question was put
    "failed",  # it could not be read
    "skipped",  # it was not read, or holds no text
    "ignored",  # a pattern or its name keeps it out
    "new",  # it is where notes are taken from, and was not taken in yet
    "not_ingested",  # it is outside all that was ingested
    "missing",  # there is no such file
]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why ingestion passes a file by: ``reason`` in a few words.

    ``pattern`` is what names it, of the file ``where`` or, for an empty path, of the settings or
    those given with its folder.
    """

    reason: str
    pattern: str = ""
    where: Path = Path()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What became of a file that was expected to be found.

    ``path`` is what was meant, ``reason`` and ``hint`` what the library noted of it; ``root`` is
    the folder it belongs to, if any. It has ``nodes`` passages, ``waiting`` of them without an
    embedding; ``searched`` passages were asked in all. ``rank`` is that of its best passage among
    the fused candidates; ``passage`` explains that passage, its legs' ranks counted among all that
    were asked as far down as 2,000. ``put_back`` are the ranks of those of its passages that
    stand before a hit of another file, and gave way to it as better ones of their own are hits.
    """

    question: str
    path: Path
    fate: Fate
    reason: str = ""
    hint: str = ""
    root: Path | None = None
    hindrance: Hindrance | None = None
    nodes: int = 0
    waiting: int = 0
    searched: int = 0
    hit: int | None = None
    rank: int | None = None
    put_back: tuple[int, ...] = ()
    passage: Explained | None = None
    hits: tuple[Source, ...] = ()
