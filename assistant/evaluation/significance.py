"""Whether a difference between two systems, asked the same questions, is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.metrics import compare

LEVEL = 0.05
"""The chance one is ready to take of calling a difference real that is none."""

_FLIPS = 20_000
_BLOCK = 1_000  # permutations at a time: all of them at once would be gigabytes for a large set


@dataclass(frozen=True, slots=True)
class PairedTest:
    """How far a second system is above a first, on the ``count`` questions both were asked.

    ``difference`` is that of the means; ``low`` and ``high`` bound it (95%, paired bootstrap).
    ``p`` is the chance of as large a difference between systems that are alike, by Fisher's
    randomization test. ``changed`` counts the questions on which they differ at all.
    """

    difference: float
    low: float
    high: float
    p: float
    count: int
    changed: int


def paired_test(
    first: Mapping[str, float], second: Mapping[str, float], *, seed: int = 0
) -> PairedTest | None:
    """Test ``second`` against ``first`` by question id; None without common questions."""
    bounds = compare(first, second, seed=seed)
    if bounds is None:
        return None
    common = sorted(first.keys() & second.keys())
    differences = np.asarray([second[key] - first[key] for key in common], dtype=np.float64)
    return PairedTest(
        difference=bounds.difference,
        low=bounds.low,
        high=bounds.high,
        p=randomization_p(differences, seed=seed),
        count=len(common),
        changed=int(np.count_nonzero(differences)),
    )


def randomization_p(differences: NDArray[np.float64], *, seed: int = 0) -> float:
    """Two-sided p of Fisher's randomization test on paired differences, shape (n,).

    Were the systems alike, each difference might as well have the other sign: p is the share of
    random signs that give a sum as far from zero. Smucker, Allan and Carterette (2007, "A
    Comparison of Statistical Significance Tests for Information Retrieval Evaluation") recommend
    it over the sign and Wilcoxon tests, and find it to agree with the bootstrap and the t-test.
    """
    # A sign in front of zero changes nothing, and most questions are answered alike.
    moving = differences[differences != 0.0]
    if not len(moving):
        return 1.0
    random = np.random.default_rng(seed)
    # Sums that are equal on paper may differ in the last bit.
    observed = abs(float(moving.sum())) - 1e-9
    extreme = 0
    for _ in range(_FLIPS // _BLOCK):
        signs = random.integers(0, 2, (_BLOCK, len(moving)), dtype=np.int8) * 2.0 - 1.0
        extreme += int((np.abs(signs @ moving) >= observed).sum())
    # One is added so that no finite number of permutations claims a p of 0.
    return (extreme + 1) / (_FLIPS + 1)


def holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for how many there are (Holm 1979), in the same order.

    With each below :data:`LEVEL` taken for real, the chance that any of them is not stays there.
    """
    adjusted = [1.0] * len(values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = largest
    return adjusted
