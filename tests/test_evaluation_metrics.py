"""Metrics against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assistant.evaluation.metrics import (
    METRICS,
    Spread,
    bootstrap,
    compare,
    mean_scores,
    measure,
    ratio,
    spread,
)


def test_one_relevant_document_at_rank_three() -> None:
    scores = measure({"q": {"gold": 1}}, {"q": ["a", "b", "gold", "c"]})["q"]
    assert scores == pytest.approx(
        {
            "ndcg@10": 1 / math.log2(4),
            "recall@1": 0.0,
            "recall@5": 1.0,
            "recall@10": 1.0,
            "mrr@10": 1 / 3,
        }
    )


def test_graded_relevance_and_a_missed_document() -> None:
    # Gains 1 at rank 2 and 3 at rank 6; ideal order 3, 2, 1. trec_eval's gain is the grade.
    qrels = {"q": {"good": 3, "fair": 1, "missed": 2, "bad": 0}}
    ranking = ["bad", "fair", "x", "y", "z", "good"]
    scores = measure(qrels, {"q": ranking})["q"]
    dcg = 1 / math.log2(3) + 3 / math.log2(7)
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert scores["ndcg@10"] == pytest.approx(dcg / ideal)
    assert scores["recall@5"] == pytest.approx(1 / 3)
    assert scores["recall@10"] == pytest.approx(2 / 3)
    assert scores["mrr@10"] == pytest.approx(1 / 2)


def test_rank_eleven_is_too_deep_for_every_metric() -> None:
    ranking = [f"d{i}" for i in range(10)] + ["gold"]
    assert set(measure({"q": {"gold": 1}}, {"q": ranking})["q"].values()) == {0.0}


def test_order_is_the_ranking_s_own_and_not_the_ids() -> None:
    # trec_eval breaks ties by id; distinct scores must keep it from doing so here.
    for gold in ("aaa", "zzz"):
        scores = measure({"q": {gold: 1}}, {"q": ["mmm", gold]})["q"]
        assert scores["mrr@10"] == pytest.approx(1 / 2)


def test_silent_questions_count_and_unjudged_ones_do_not() -> None:
    qrels = {"empty": {"gold": 1}, "absent": {"gold": 1}, "nothing relevant": {"gold": 0}}
    scores = measure(qrels, {"empty": [], "nothing relevant": ["gold"]})
    assert scores.keys() == {"empty", "absent"}
    assert all(value == 0.0 for each in scores.values() for value in each.values())


def test_mean_and_interval() -> None:
    values = [0.0, 1.0] * 50
    interval = bootstrap(values, seed=1)
    assert interval is not None
    assert interval == bootstrap(values, seed=1)
    assert interval.mean == 0.5
    # The standard error of the mean is 0.5 / sqrt(100) = 0.05.
    assert interval.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.02)
    assert interval.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.02)
    assert bootstrap([]) is None


def test_pairing_sees_a_difference_that_means_hide() -> None:
    random = np.random.default_rng(0)
    hard = random.random(200)
    first = {f"q{i}": float(value) for i, value in enumerate(hard)}
    second = {key: value + 0.01 for key, value in first.items()}
    comparison = compare(first, second)
    assert comparison is not None
    assert comparison.difference == pytest.approx(0.01)
    assert comparison.beyond_chance
    assert comparison.p < 0.01


def test_noise_is_not_beyond_chance() -> None:
    random = np.random.default_rng(0)
    first = {f"q{i}": float(value) for i, value in enumerate(random.random(200))}
    second = {key: float(value) for key, value in zip(first, random.random(200), strict=True)}
    comparison = compare(first, second)
    assert comparison is not None
    assert not comparison.beyond_chance
    assert comparison.p > 0.05
    same = compare(first, first)
    assert same is not None
    assert same.p == 1.0


def test_only_common_questions_are_compared() -> None:
    comparison = compare({"a": 0.0, "b": 0.0}, {"b": 1.0, "c": 0.0})
    assert comparison is not None
    assert (comparison.count, comparison.difference) == (1, 1.0)
    assert compare({"a": 0.0}, {"b": 0.0}) is None


def test_mean_scores_of_nothing_are_none_at_all() -> None:
    assert mean_scores([]) == {}
    assert mean_scores([dict.fromkeys(METRICS, 0.5)])["mrr@10"].mean == 0.5


def test_a_ratio_is_of_sums_and_resamples_questions() -> None:
    # Two of three citations of one answer, none of one of the other: 2 of 4, not (2/3 + 0) / 2.
    found = ratio([2, 0, 0], [3, 1, 0])
    assert found is not None
    assert (found.mean, found.count) == (0.5, 2)
    assert found.low == 0.0
    assert found.high == pytest.approx(2 / 3)
    assert ratio([0, 0], [0, 0]) is None
    assert ratio([], []) is None
    certain = ratio([1] * 50, [1] * 50)
    assert certain is not None
    assert (certain.low, certain.mean, certain.high) == (1.0, 1.0, 1.0)


def test_a_spread_has_both_ends() -> None:
    found = spread([float(value) for value in range(101)])
    assert found == Spread(50.0, 5.0, 95.0, 101)
    assert spread([]) is None
