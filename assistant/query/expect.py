"""Why a file that was expected is not among the hits."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from assistant.config import RetrievalSettings
from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.query.copies import Wording
from assistant.query.explain import Legs, ask_legs, explain_sources, shares
from assistant.query.fusion import Hits, reciprocal_rank_fusion, score_fusion
from assistant.query.proximity import add_proximity, proximity_weight
from assistant.types import (
    EVERYTHING,
    Expectation,
    FileStatus,
    Hindrance,
    Leg,
    Retrieval,
    Root,
    Scope,
    Source,
    StoredNode,
)

DEEP = 2_000
"""How far down the legs are asked for the ranks of an expected file; FAISS on a GPU gives 2,048."""

WhyPassedBy = Callable[[Root, Path], Hindrance | None]
"""What keeps a file on disk beneath a root from being read, as ingestion knows it."""


# --------------------------------------------------------------------------- before any search


def without_search(
    library: Library, question: str, path: Path, scope: Scope, why: WhyPassedBy
) -> Expectation:
    """What can be told of ``path`` without a model.

    Its fate is ``ranked`` where only a search can tell: the file has passages in ``scope``.
    ``path`` is absolute; that of the result is as the library spells it. Of a folder it is told
    what becomes of the files in it.
    """
    path = known_path(library, path)
    files = [file for file in library.files() if file.path.is_relative_to(path)]
    expected = Expectation(question, path, "ranked", root=_root_of(library, path))
    nodes = library.count_nodes(Scope((path,)))
    if nodes:
        noted = next((file for file in files if file.path == path), None)
        expected = replace(
            expected,
            nodes=nodes,
            reason=noted.reason if noted else "",
            hint=noted.hint if noted else "",
        )
        return expected if _is_in(library, path, scope) else replace(expected, fate="out_of_scope")
    problem = next((file for file in files if file.reason), None)
    if problem is not None:
        return _with_problem(expected, problem)
    if files:
        return replace(expected, fate="skipped", reason="it holds no text of its own")
    return _unknown(library, expected, why)


def known_path(library: Library, path: Path) -> Path:
    """``path`` as the library spells it, where only its composition or its folder differs.

    A Korean name is the same in NFC and NFD; a name or the end of a path is enough where it is of
    one file alone and nothing is at ``path`` itself.
    """
    if library.documents_beneath(path) or _is_there(path):
        return path
    files = [file.path for file in library.files()]
    known = {_nfc(each): each for file in files for each in (file, *file.parents)}
    if _nfc(path) in known:
        return known[_nfc(path)]
    named = [file for file in files if _nfc(Path(file.name)) == _nfc(Path(path.name))]
    return named[0] if len(named) == 1 else path


def _is_there(path: Path) -> bool:
    # Unlike Path.exists, this minds neither a name too long for the disk nor one it cannot hold.
    return os.path.exists(path)  # noqa: PTH110


def _nfc(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path))


def _root_of(library: Library, path: Path) -> Path | None:
    """The innermost folder it was, or would be, taken in from."""
    above = [root.path for root in library.roots() if path.is_relative_to(root.path)]
    return max(above, key=lambda each: len(each.parts), default=None)


def _is_in(library: Library, path: Path, scope: Scope) -> bool:
    if any(pick.holds(path, -1) for pick in scope.excluded):
        return False
    if not scope or any(path.is_relative_to(member) for member in scope.paths):
        return True
    return any(
        member.is_relative_to(path) and library.documents_beneath(member) for member in scope.paths
    )


def _with_problem(expected: Expectation, file: FileStatus) -> Expectation:
    return replace(
        expected,
        fate="failed" if file.state == "failed" else "skipped",
        path=file.path,
        reason=file.reason,
        hint=file.hint,
    )


def _unknown(library: Library, expected: Expectation, why: WhyPassedBy) -> Expectation:
    """Of a path that the library holds nothing of."""
    path = expected.path
    if not _is_there(path):
        return replace(expected, fate="missing")
    if expected.root is None:
        return replace(expected, fate="not_ingested")
    root = library.root(expected.root)
    found = why(root, path) if root else None
    if found is not None:
        return replace(expected, fate="ignored", hindrance=found, reason=found.reason)
    return replace(expected, fate="new")


# --------------------------------------------------------------------------- after a search


def within_search(
    library: Library,
    encoder: Encoder,
    expected: Expectation,
    found: Retrieval,
    settings: RetrievalSettings,
    *,
    scope: Scope = EVERYTHING,
) -> Expectation:
    """Where a file with passages stands in a search that gave ``found`` with these settings."""
    legs = ask_legs(library, encoder, found.query, settings, scope, at_least=DEEP)
    own = _own_nodes(library, legs, expected, scope)
    fused = _fused(library, legs)
    standing = replace(
        expected,
        hits=found.sources,
        searched=library.count_nodes(scope),
        waiting=expected.nodes - own.embedded if not scope else max(0, own.count - own.embedded),
    )
    hit = next((source for source in found.sources if source.node_id in own.legs), None)
    if hit is not None:
        [passage] = explain_sources(legs, encoder, [replace(hit, legs=own.legs[hit.node_id])])
        rank = fused.get(hit.node_id)
        put_back = _put_back(library, fused, own, found.sources)
        return replace(
            standing, fate="found", hit=hit.n, rank=rank, put_back=put_back, passage=passage
        )
    best = min(own.legs, key=lambda id: _order(legs, fused, id, own.legs[id]), default=None)
    if best is None:
        return replace(standing, fate="not_embedded" if standing.waiting else "beyond")
    stored = library.nodes([best]).get(best)
    if stored is None:  # it was removed in between
        return replace(standing, fate="missing")
    source = _source(stored, own.legs[best])
    [passage] = explain_sources(legs, encoder, [source])
    rank = fused.get(best)
    standing = replace(standing, rank=rank, passage=passage)
    if rank is None:
        is_waiting = standing.waiting and not any(leg.name == "dense" for leg in source.legs)
        return replace(standing, fate="not_embedded" if is_waiting else "beyond")
    if (original := _original(source, found.sources)) is not None:
        return replace(standing, fate="copy", hit=original.n)
    return standing


@dataclass(frozen=True, slots=True)
class _Own:
    """The passages of the expected file that a leg knows; ``count`` of all within the scope."""

    legs: dict[int, tuple[Leg, ...]]
    count: int
    embedded: int


def _own_nodes(library: Library, legs: Legs, expected: Expectation, scope: Scope) -> _Own:
    # The part of the file's folder that was asked: for a file that is itself or nothing.
    inside = [m for m in scope.paths if m.is_relative_to(expected.path) and m != expected.path]
    is_whole = not scope or any(expected.path.is_relative_to(member) for member in scope.paths)
    within = Scope((expected.path,) if is_whole else tuple(inside))
    count = library.count_nodes(within)
    dense = library.search_dense(legs.vector, count, within).hits
    lexical = library.search_lexical(legs.query, count, within).hits
    found: dict[int, tuple[Leg, ...]] = {}
    asked: tuple[tuple[Literal["dense", "lexical"], Hits, Hits], ...] = (
        ("dense", dense, legs.dense.hits),
        ("lexical", lexical, legs.lexical.hits),
    )
    for name, mine, all_hits in asked:
        ranks = {id: rank for rank, (id, _) in enumerate(all_hits, start=1)}
        for id, score in mine:
            # Beyond what was asked for a rank is not known: it is the next at best.
            rank = ranks.get(id, len(all_hits) + 1)
            found[id] = (*found.get(id, ()), Leg(name, rank, score))
    return _Own(found, count, len(dense))


def _fused(library: Library, legs: Legs) -> dict[int, int]:
    """The rank (from 1) of each candidate after the fusion."""
    dense, lexical = legs.candidates
    fused: Hits
    if legs.settings.fusion == "score":
        fused = score_fusion(
            dense,
            lexical,
            coverage=legs.coverage,
            dense_weight=legs.settings.dense_weight,
            depth=legs.depth,
        )
    else:
        fused = reciprocal_rank_fusion(dense, lexical)
    weight = proximity_weight(legs.settings, legs.coverage)
    fused, _ = add_proximity(library, fused, legs.lexical.terms, weight)
    return {id: rank for rank, (id, _) in enumerate(fused, start=1)}


def _order(
    legs: Legs, fused: dict[int, int], id: int, own: tuple[Leg, ...]
) -> tuple[int, float, int]:
    """The best passage of a file first: by fused rank, else by what its legs would have added."""
    points = sum(share.points for share in shares(legs, own))
    return fused.get(id, len(fused) + 1), -points, min(leg.rank for leg in own)


def _put_back(
    library: Library, fused: dict[int, int], own: _Own, hits: tuple[Source, ...]
) -> tuple[int, ...]:
    """Ranks of the file's passages that :data:`assistant.query.select.SAME_FILE` has put back.

    They stand before a hit of another file and are no copies of a hit. A reranker has an order of
    its own.
    """
    if any(leg.name == "reranker" for hit in hits for leg in hit.legs):
        return ()
    shown = {hit.node_id for hit in hits}
    last = max(
        (fused.get(hit.node_id, 0) for hit in hits if hit.node_id not in own.legs), default=0
    )
    before = [id for id in own.legs if id not in shown and fused.get(id, last) < last]
    stored = library.nodes(before)
    kept = [id for id in stored if _original(_source(stored[id], own.legs[id]), hits) is None]
    return tuple(sorted(fused[id] for id in kept))


def _original(source: Source, hits: tuple[Source, ...]) -> Source | None:
    """The hit that says the same, as copies are taken out of a list."""
    wording = Wording.of(source.text)
    return next((hit for hit in hits if wording.is_within(Wording.of(hit.text))), None)


def _source(stored: StoredNode, legs: tuple[Leg, ...]) -> Source:
    node = stored.node
    return Source(0, stored.id, stored.path, node.place, stored.title, node.text, 0.0, legs)
