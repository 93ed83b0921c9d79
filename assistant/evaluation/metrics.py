"""Ranking metrics by trec_eval, and how sure a mean over questions is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ConfigError

METRICS = ("ndcg@10", "recall@1", "recall@5", "recall@10", "mrr@10")
DEPTH = 10
"""How many of a ranking's first entries the metrics look at."""

_TREC_NAMES = {
    "ndcg@10": "ndcg_cut_10",
    "recall@1": "recall_1",
    "recall@5": "recall_5",
    "recall@10": "recall_10",
    "mrr@10": "recip_rank",  # of a run cut at DEPTH
}
_RESAMPLES = 2000
_CELLS = 1 << 20  # of a matrix of resamples

Scores = dict[str, float]
"""One question's value of each of :data:`METRICS`, from 0 to 1."""


def measure(
    qrels: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]]
) -> dict[str, Scores]:
    """Each judged question's scores: recall@1/5/10, MRR@10 and nDCG@10 as trec_eval has them.

    ``qrels[question][document]`` is a grade (0 irrelevant), ``rankings[question]`` the documents
    found, best first. A question that found nothing scores 0; one with no relevant document is
    left out.

    Raises:
        ConfigError: trec_eval is not installed on this platform.
    """
    try:
        import pytrec_eval
    except ImportError as error:
        raise ConfigError(
            "retrieval metrics need pytrec-eval-terrier, which this platform has no wheel of",
            "pip install pytrec-eval-terrier (needs a C compiler and a network)",
        ) from error
    judged = {q: dict(grades) for q, grades in qrels.items() if any(g > 0 for g in grades.values())}
    # Scores fall with the rank: trec_eval orders by score and breaks ties by name.
    runs = {
        question: {
            document: float(DEPTH - rank)
            for rank, document in enumerate(dict.fromkeys(ranking[:DEPTH]))
        }
        for question, ranking in rankings.items()
        if question in judged and ranking
    }
    evaluator = pytrec_eval.RelevanceEvaluator(
        judged, {"ndcg_cut.10", "recall.1,5,10", "recip_rank"}
    )
    evaluated = evaluator.evaluate(runs)
    return {
        question: {
            metric: float(evaluated[question][name]) if question in evaluated else 0.0
            for metric, name in _TREC_NAMES.items()
        }
        for question in judged
    }


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over ``count`` questions and its 95% bootstrap confidence interval."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much a second system is above a first, on the ``count`` questions both were asked.

    ``low`` and ``high`` bound the mean difference (95%, paired bootstrap); ``p`` is the
    two-sided share of resamples in which its sign turns.
    """

    difference: float
    low: float
    high: float
    p: float
    count: int

    @property
    def beyond_chance(self) -> bool:
        return self.low > 0 or self.high < 0


def bootstrap(values: Sequence[float], *, seed: int = 0) -> Interval | None:
    """Mean and percentile bootstrap interval (Efron 1979); None when there are no values."""
    if not values:
        return None
    array = np.asarray(values, dtype=np.float64)
    low, high = np.percentile(_resampled_means(array, seed), (2.5, 97.5))
    return Interval(float(array.mean()), float(low), float(high), len(array))


def ratio(parts: Sequence[float], wholes: Sequence[float], *, seed: int = 0) -> Interval | None:
    """The sum of ``parts`` over that of ``wholes``, a pair for each question, with its interval.

    Questions are resampled, not what they hold: the sentences of one answer stand or fall together.
    Resamples whose wholes sum to nothing are left out. ``count`` is of questions with a whole. None
    when all wholes are zero.
    """
    if not sum(wholes):
        return None
    pairs = np.asarray([parts, wholes], dtype=np.float64)
    random = np.random.default_rng(seed)
    drawn = random.integers(0, pairs.shape[1], (_RESAMPLES, pairs.shape[1]))
    sums = pairs[:, drawn].sum(axis=2)
    sums = sums[:, sums[1] > 0]
    low, high = np.percentile(sums[0] / sums[1], (2.5, 97.5))
    value = float(pairs[0].sum() / pairs[1].sum())
    return Interval(value, float(low), float(high), int(np.count_nonzero(pairs[1])))


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of ``count`` values and how far they reach: 5th and 95th percentile."""

    median: float
    p5: float
    p95: float
    count: int


def spread(values: Sequence[float]) -> Spread | None:
    """Median and percentiles, None of nothing."""
    if not values:
        return None
    p5, median, p95 = np.percentile(np.asarray(values, dtype=np.float64), (5, 50, 95))
    return Spread(float(median), float(p5), float(p95), len(values))


def compare(
    first: Mapping[str, float], second: Mapping[str, float], *, seed: int = 0
) -> Comparison | None:
    """Paired bootstrap of ``second`` minus ``first`` by question id; None without common ones."""
    common = sorted(first.keys() & second.keys())
    if not common:
        return None
    differences = np.asarray([second[key] - first[key] for key in common], dtype=np.float64)
    means = _resampled_means(differences, seed)
    low, high = np.percentile(means, (2.5, 97.5))
    # One is added so that no finite number of resamples claims a p of 0.
    tail = min(int((means <= 0).sum()), int((means >= 0).sum())) + 1
    return Comparison(
        difference=float(differences.mean()),
        low=float(low),
        high=float(high),
        p=min(1.0, 2 * tail / (len(means) + 1)),
        count=len(common),
    )


def mean_scores(scores: Sequence[Scores], *, seed: int = 0) -> dict[str, Interval]:
    """The interval of each metric; empty when there are no scores."""
    intervals = {metric: bootstrap([s[metric] for s in scores], seed=seed) for metric in METRICS}
    return {metric: interval for metric, interval in intervals.items() if interval is not None}


def _resampled_means(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    # Some rows at a time: one matrix of all resamples would be gigabytes for a large set.
    rows = max(1, _CELLS // len(values))
    sizes = [min(rows, _RESAMPLES - start) for start in range(0, _RESAMPLES, rows)]
    drawn = (random.integers(0, len(values), (size, len(values))) for size in sizes)
    return np.concatenate([values[indices].mean(axis=1) for indices in drawn])
