"""Taking the language out of embeddings.

A multilingual encoder puts texts of one language near each other whatever they say, so that a
Korean question ranks every Korean passage before the English one that answers it. Subtracting each
language's mean takes most of that out (Libovický, Rosa and Fraser, 2020, "On the Language
Neutrality of Pre-trained Multilingual Representations"). On the sample notes the dense leg alone
went from 46.4 to 82.0 nDCG@10 on questions across languages, fused with words from 46.7 to 67.1;
Korean questions lost 0.6 in the dense leg and nothing fused, English ones nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.protocols import Matrix

Groups: TypeAlias = NDArray[np.intp]
"""Shape (n,): for each node 1 when its text is Korean at least in part, 0 when not."""

GROUPS = 2

# A mean of few nodes says more of what they are about than of their language: it is drawn
# towards no shift at all, as if by so many nodes.
_DOUBT = 10
# The shifts are kept while the number of nodes stays within this factor of what they were taken of.
_GROWTH = 1.25
# A shift that has moved by less changes one in 200 of the ten nearest (docs/scale.md). From some
# 5,000 nodes on, a quarter more of the same kind moves it less: no need to build all anew.
_STILL = 0.005

_NOTHING = 1e-5  # what sums of numbers differ by that are the same


@dataclass(frozen=True, slots=True)
class Shifts:
    """``rows`` (groups, dimension), float32: what is subtracted from each group's embeddings.

    It is the group's mean less the mean of all, so in a library of one language nothing changes
    and scores remain cosines. ``nodes`` is how many embeddings they were taken of.
    """

    rows: Matrix
    nodes: int

    @classmethod
    def none(cls, dimension: int) -> Shifts:
        """No shift at all."""
        return cls(np.zeros((GROUPS, dimension), dtype=np.float32), 0)

    @classmethod
    def of(cls, blocks: Iterable[tuple[Groups, Matrix]], dimension: int) -> Shifts:
        """The shifts for embeddings given in blocks."""
        sums = np.zeros((GROUPS, dimension), dtype=np.float64)
        counts = np.zeros((GROUPS, 1), dtype=np.float64)
        for groups, vectors in blocks:
            for group in range(GROUPS):
                members = vectors[groups == group]
                sums[group] += members.sum(axis=0, dtype=np.float64)
                counts[group] += len(members)
        total = counts.sum()
        if not total:
            return cls.none(dimension)
        means = sums / np.maximum(counts, 1)
        rows = (means - sums.sum(axis=0) / total) * counts / (counts + _DOUBT)
        return cls(np.where(counts > 0, rows, 0).astype(np.float32), int(total))

    @property
    def of_two_languages(self) -> bool:
        """Whether both groups have members: of one there is nothing to shift."""
        return bool(np.abs(self.rows).max() > _NOTHING)

    def fit(self, nodes: int) -> bool:
        """Whether they may still serve for that many nodes."""
        return self.nodes / _GROWTH <= nodes <= self.nodes * _GROWTH

    def are_near(self, other: Shifts) -> bool:
        """Whether it makes no difference which of the two is applied."""
        return float(np.linalg.norm(self.rows - other.rows, axis=1).max()) <= _STILL

    def apply(self, groups: Groups, vectors: Matrix) -> Matrix:
        """``vectors`` less the shift of each row's group; no longer normalised."""
        shifted: Matrix = vectors - self.rows[groups]
        return shifted
