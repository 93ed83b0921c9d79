"""A light second stage: neighbours in the question that are neighbours in the passage.

BM25 counts words wherever they stand. A question about a "batch size" is rather answered where
"batch" is beside "size" than where they are a paragraph apart: the windows of the sequential
dependence model (Metzler & Croft 2005), here over words as the lexical index knows them, so that
"배치의 크기" is "배치 크기". Measured by ``benchmarks/second_stage.py``; docs/evaluation.md has the
figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.config import RetrievalSettings
from assistant.library.library import Library
from assistant.query.fusion import Hits, gate

CANDIDATES = 30
"""How many of the best fused hits are looked at; fewer and more found the same."""

_BESIDE = 3  # words: two terms so far apart at most stand together
_NEAR = 10  # words: and so far, half


def add_proximity(
    library: Library, fused: Hits, terms: Sequence[str], weight: float
) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """``fused`` with ``weight`` times the proximity of the best of them added, in the new order.

    ``terms`` are the distinct words of the question, in order. The second list is what was added
    to: (node id, proximity from 0 to 1), best first, those without any left out.
    """
    if weight <= 0 or len(terms) < 2:
        return list(fused), []
    best = fused[:CANDIDATES]
    words = library.words([node_id for node_id, _ in best])
    near = proximity(terms, [words.get(node_id, ()) for node_id, _ in best])
    raised = [(node_id, score + weight * x) for (node_id, score), x in zip(best, near, strict=True)]
    found = [(node_id, x) for (node_id, _), x in zip(best, near, strict=True) if x > 0]
    return _ranked(raised) + list(fused[CANDIDATES:]), _ranked(found)


def proximity_weight(settings: RetrievalSettings, coverage: float) -> float:
    """What a proximity of 1 adds to a fused score: as the lexical leg, it is gated by coverage."""
    if settings.fusion != "score":
        return 0.0  # ranks are on another scale
    return settings.proximity * (1.0 - settings.dense_weight) * gate(coverage)


def proximity(terms: Sequence[str], passages: Sequence[Sequence[str]]) -> list[float]:
    """The share (0 to 1) of the question's neighbouring terms that stand near each other.

    A pair of ``terms`` weighs as much as the commoner of the two tells about one passage among
    these (inverse document frequency). It counts in full where its terms are up to three words
    apart in either order, half up to ten.
    """
    places = [_places(terms, words) for words in passages]
    weights = {term: _rarity(sum(term in place for place in places), len(places)) for term in terms}
    pairs = [(a, b, min(weights[a], weights[b])) for a, b in pairwise(terms)]
    total = sum(weight for _, _, weight in pairs)
    if not total:
        return [0.0] * len(passages)
    return [
        sum(
            weight * _closeness(place[a], place[b])
            for a, b, weight in pairs
            if a in place and b in place
        )
        / total
        for place in places
    ]


def _places(terms: Sequence[str], words: Sequence[str]) -> dict[str, list[int]]:
    """Where in ``words`` each term stands, in order."""
    wanted = set(terms)
    places: dict[str, list[int]] = {}
    for position, word in enumerate(words):
        if word in wanted:
            places.setdefault(word, []).append(position)
    return places


def _rarity(holding: int, passages: int) -> float:
    return math.log1p((passages - holding + 0.5) / (holding + 0.5))


def _closeness(first: Sequence[int], second: Sequence[int]) -> float:
    apart = min(_gaps(first, second))
    return 1.0 if apart <= _BESIDE else 0.5 if apart <= _NEAR else 0.0


def _gaps(first: Sequence[int], second: Sequence[int]) -> Iterator[int]:
    """Distances among which the least of all is, by walking along both at once."""
    i = j = 0
    while i < len(first) and j < len(second):
        yield abs(first[i] - second[j])
        if first[i] < second[j]:
            i += 1
        else:
            j += 1


def _ranked(hits: Hits) -> list[tuple[int, float]]:
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))
