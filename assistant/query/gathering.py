"""Which passages a question of some kind needs before it is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from assistant.query.draft import fences
from assistant.query.kinds import sides
from assistant.types import QuestionKind, Retrieval, Source

_MORE = {"list": 1, "comparison": 1}
"""Passages beyond the usual number: the items of a list stand in several places."""

Search = Callable[[str, int], Retrieval]
"""The best passages for a query, as many as asked."""


def gather(question: str, kind: QuestionKind, search: Search, top_k: int) -> Retrieval:
    """What ``search`` finds for ``question``, as its kind wants it.

    For a comparison the passages of both sides in turn, for a question for code those with code
    first.
    """
    wanted = top_k + _MORE.get(kind, 0)
    found = search(question, wanted)
    if kind == "comparison" and (both := sides(question)):
        lists = [search(side, wanted) for side in both]
        seconds = found.seconds + sum(each.seconds for each in lists)
        sources = _in_turn([each.sources for each in lists], found.sources)[:wanted]
        return replace(found, sources=_numbered(sources), seconds=seconds)
    if kind == "code":
        return replace(found, sources=_numbered(sorted(found.sources, key=_has_no_code)))
    return found


def _in_turn(lists: Sequence[Sequence[Source]], rest: Sequence[Source]) -> list[Source]:
    turns = chain.from_iterable(zip_longest(*(some[:2] for some in lists), fillvalue=None))
    chosen: dict[int, Source] = {}
    for source in chain(turns, rest):
        if source is not None:
            chosen.setdefault(source.node_id, source)
    return list(chosen.values())


def _has_no_code(source: Source) -> bool:
    return not fences(source.text)


def _numbered(sources: Sequence[Source]) -> tuple[Source, ...]:
    return tuple(replace(source, n=n) for n, source in enumerate(sources, start=1))
