"""Exact match and F1 worked out from the definitions of SQuAD's and KorQuAD's scripts."""

from __future__ import annotations

import pytest

from assistant.evaluation.short_answers import exact_match, f1, holds_answer


@pytest.mark.parametrize(
    ("short", "gold", "exact", "overlap"),
    [
        ("The Denver Broncos.", ["Denver Broncos"], 1.0, 1.0),
        ("denver  broncos", ["Broncos", "Denver Broncos"], 1.0, 1.0),
        # 2 of 3 words in common with a gold answer of 2: P 2/3, R 1.
        ("Denver Broncos team", ["Denver Broncos"], 0.0, 0.8),
        # Counted as bags: one "to" of two is common.
        ("to to", ["to be"], 0.0, 0.5),
        ("Panthers", ["Denver Broncos"], 0.0, 0.0),
        ("U.S.", ["us"], 1.0, 1.0),
        ("24–10", ["24-10"], 0.0, 0.0),  # the script strips ASCII punctuation alone
        ("", ["Broncos"], 0.0, 0.0),
        ("another", ["other"], 0.0, 0.0),  # an article is a word of its own
    ],
)
def test_english_by_squad(short: str, gold: list[str], exact: float, overlap: float) -> None:
    assert exact_match(short, gold, "en") == exact
    assert f1(short, gold, "en") == pytest.approx(overlap)


@pytest.mark.parametrize(
    ("short", "gold", "exact", "overlap"),
    [
        ("아타튀르크", ["아타튀르크 "], 1.0, 1.0),
        ("《신세계》", ["신세계"], 1.0, 1.0),
        # 5 characters of 7 are the gold answer's 5: P 5/7, R 1.
        ("아타튀르크공항", ["아타튀르크"], 0.0, 2 * 5 / 12),
        # Spaces count for exact match and not for characters.
        ("전이 학습", ["전이학습"], 0.0, 1.0),
        ("1,024", ["1024"], 1.0, 1.0),
        ("TRT", ["trt"], 1.0, 1.0),
        ("서울", ["부산"], 0.0, 0.0),
        ("서울시", ["부산", "서울"], 0.0, 0.8),
    ],
)
def test_korean_by_korquad(short: str, gold: list[str], exact: float, overlap: float) -> None:
    assert exact_match(short, gold, "ko") == exact
    assert f1(short, gold, "ko") == pytest.approx(overlap)


def test_an_answer_holds_what_it_says_in_a_sentence() -> None:
    assert holds_answer("The winner was the Denver Broncos.", ["denver broncos"], "en")
    assert not holds_answer("They won 3080 points.", ["308"], "en")
    assert holds_answer("공항은 '아타튀르크'입니다.", ["아타 튀르크"], "ko")
    assert not holds_answer("공항은 이스탄불입니다.", ["아타튀르크"], "ko")
    assert not holds_answer("Anything", ["the"], "en")
