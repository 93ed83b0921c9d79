"""Passages that are offered whatever a search makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.library.library import Library
from assistant.types import Pick, Source

OF_A_FILE = 2
"""Passages that a pinned file has at the front, its best ones."""


def pinned_first(
    found: Sequence[Source],
    pinned: Sequence[Pick],
    library: Library,
    best_of: Callable[[Path], Sequence[Source]],
    *,
    most: int,
) -> tuple[Source, ...]:
    """What is ``pinned``, then what was ``found``, numbered; ``most``, or all that is pinned.

    ``best_of`` finds the best passages at or beneath a path. A pinned passage that was not found
    has a score of 0 and no legs; one that is no longer in the library is passed over.
    """
    known = {source.node_id: source for source in found}
    front: dict[int, Source] = {}
    for pick in pinned:
        if pick.node_id:
            passages = [known[pick.node_id]] if pick.node_id in known else _stored(library, pick)
        else:
            passages = list(best_of(pick.path))
        for source in passages:
            front.setdefault(source.node_id, source)
    rest = [source for source in found if source.node_id not in front]
    sources = [*front.values(), *rest[: max(0, most - len(front))]]
    return tuple(replace(source, n=n) for n, source in enumerate(sources, start=1))


def _stored(library: Library, pick: Pick) -> list[Source]:
    return [
        Source(0, stored.id, stored.path, stored.node.place, stored.title, stored.node.text, 0.0)
        for stored in library.nodes([pick.node_id]).values()
    ]
