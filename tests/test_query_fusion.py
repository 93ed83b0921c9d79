import pytest

from assistant.library.dense import DenseHits
from assistant.query.fusion import gate, reciprocal_rank_fusion, score_fusion, trusted


def test_scores_by_hand():
    dense = [(1, 0.9), (2, 0.8), (3, 0.5)]
    lexical = [(3, 6.0), (1, 3.0)]
    fused = score_fusion(dense, lexical, coverage=0.4, dense_weight=0.6, depth=100)
    # Dense on a scale from 0.5 to 0.9, lexical from 0 to 6 at half its weight (coverage 0.4/0.8).
    assert [node for node, _ in fused] == [1, 2, 3]
    assert dict(fused) == pytest.approx(
        {1: 0.6 + 0.2 * 0.5, 2: 0.6 * 0.75, 3: 0.6 * 0.0 + 0.2 * 1.0}
    )


def test_a_full_lexical_leg_starts_at_its_last_hit():
    lexical = [(1, 6.0), (2, 4.0), (3, 2.0)]
    fused = score_fusion([], lexical, coverage=1.0, dense_weight=0.5, depth=3)
    assert dict(fused) == pytest.approx({1: 0.5, 2: 0.25, 3: 0.0})


def test_without_coverage_the_lexical_leg_is_silent():
    dense = [(1, 0.9), (2, 0.8)]
    noise = [(9, 5.0), (8, 4.0)]
    fused = score_fusion(dense, noise, coverage=0.0, dense_weight=0.4, depth=100)
    assert fused[0] == (1, pytest.approx(0.4))
    assert {node: score for node, score in fused if score > 0} == {1: pytest.approx(0.4)}


@pytest.mark.parametrize("vectors", [[], [(1, 0.0), (2, 0.0)], [(1, -0.1), (2, -0.2)]])
def test_a_dense_leg_that_knows_nothing_leaves_the_lexical_order(vectors):
    fused = score_fusion(vectors, [(2, 3.0), (7, 2.0)], coverage=1, dense_weight=0.9, depth=100)
    assert [node for node, score in fused if score > 0] == [2, 7]


def test_ties_go_by_id():
    fused = score_fusion([(5, 0.7), (3, 0.7)], [], coverage=0, dense_weight=1, depth=100)
    assert fused == [(3, 1.0), (5, 1.0)]
    assert reciprocal_rank_fusion([(5, 1.0)], [(3, 1.0)]) == [
        (3, pytest.approx(1 / 61)),
        (5, pytest.approx(1 / 61)),
    ]


def test_reciprocal_rank_fusion_by_hand():
    fused = reciprocal_rank_fusion([(1, 0.9), (2, 0.1)], [(2, 99.0)], k=60)
    assert fused == [(2, pytest.approx(1 / 62 + 1 / 61)), (1, pytest.approx(1 / 61))]


def test_nothing_found_is_nothing():
    assert score_fusion([], [], coverage=0, dense_weight=0.5, depth=100) == []
    assert reciprocal_rank_fusion([], []) == []


@pytest.mark.parametrize("coverage", [0.2, 0.6, 0.9])
@pytest.mark.parametrize(
    ("query", "is_korean", "share"),
    [
        ("LoRA의 랭크는 얼마인가요?", True, 1),
        ("LoRA의 랭크는 얼마인가요?", False, 0.25),
        ("What is the rank of LoRA?", False, 1),
        ("What is the rank of LoRA?", True, 0.25),
        ("What is the rank of LoRA?", None, 1),  # a library of one language
        ("3.14?", True, 1),  # a question of none
    ],
)
def test_words_count_less_where_meaning_finds_the_other_language(query, is_korean, share, coverage):
    dense = DenseHits(((1, 0.9),), 0.9, is_korean)
    assert gate(trusted(query, coverage, dense)) == pytest.approx(share * gate(coverage))
