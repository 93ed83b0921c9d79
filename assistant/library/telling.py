"""Telling how far the making of a large index is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

from assistant.types import IndexProgress, IndexStep

Told: TypeAlias = Callable[[IndexProgress], object]
"""Who is told."""

_Block = TypeVar("_Block", bound=tuple[Any, ...])


def nobody(_: IndexProgress) -> None:
    """Tells none."""


class Passes:
    """Counts a step that goes over ``count`` vectors ``times`` times."""

    def __init__(self, told: Told, step: IndexStep, count: int, times: int) -> None:
        self._told = told
        self._step = step
        self._total = count * times
        self._done = 0

    def over(self, blocks: Iterable[_Block]) -> Iterator[_Block]:
        """The blocks, whose first part is an id for each vector, told of once they are done."""
        for block in blocks:
            yield block
            self._done += len(block[0])
            self._told(IndexProgress(self._step, self._done, self._total))
