"""Two saved results: what is beyond chance, what is refused, and what is told."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import ConfigError, PathNotFound, ReadError
from assistant.evaluation.comparing import RunComparison, compare_runs
from assistant.evaluation.languages import groups
from assistant.evaluation.metrics import METRICS
from assistant.evaluation.provenance import digest, flat
from assistant.evaluation.saved import load_run
from assistant.evaluation.significance import holm, paired_test, randomization_p


def result(scores: dict[str, float], **more: Any) -> dict[str, Any]:
    """A result on a BEIR set in which every metric of a query has the same value."""
    queries = {id: dict.fromkeys(METRICS, value) for id, value in scores.items()}
    return {
        "kind": "beir",
        "name": "작은 집합",
        "dataset": "d1",
        "system": {"retrieval.dense_weight": "0.5"},
        "texts": {id: f"질문 {id}" for id in scores},
        "languages": {id: "ko" if id.startswith("k") else "en" for id in scores},
        "systems": [{"name": "hybrid", "scores": {}, "queries": queries}],
        **more,
    }


def saved(folder: Path, name: str, value: dict[str, Any]) -> Path:
    file = folder / name
    file.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return file


def compared(folder: Path, first: dict[str, Any], second: dict[str, Any]) -> RunComparison:
    one, other = saved(folder, "a.json", first), saved(folder, "b.json", second)
    return compare_runs(load_run(one), load_run(other))


# --------------------------------------------------------------------------- the tests


def test_the_randomization_test_against_all_permutations() -> None:
    # Of the 2^8 ways to set the signs only two have a sum as far from zero as all alike.
    p = randomization_p(np.full(8, 0.1))
    assert p == pytest.approx(2 / 2**8, abs=0.002)
    # One against: 1 way with none, 8 with one negative sign, twice.
    p = randomization_p(np.array([0.1] * 7 + [-0.1]))
    assert p == pytest.approx(2 * (1 + 8) / 2**8, abs=0.006)


def test_questions_answered_alike_change_no_p() -> None:
    moving = np.array([0.4, 0.3, 0.2, -0.1, 0.5, 0.6])
    padded = np.concatenate([moving, np.zeros(10_000)])
    assert randomization_p(padded) == randomization_p(moving)
    assert randomization_p(np.zeros(5)) == 1.0


def test_a_test_of_noise_is_below_the_level_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    values = [randomization_p(random.normal(size=30)) for _ in range(60)]
    assert sum(p < 0.05 for p in values) <= 8


def test_a_paired_test_has_all_parts() -> None:
    first = {f"q{i}": 0.5 for i in range(40)}
    second = {id: 0.5 + (0.1 if i < 20 else 0.0) for i, id in enumerate(first)}
    test = paired_test(first, second)
    assert test is not None
    assert test.difference == pytest.approx(0.05)
    assert 0 < test.low < 0.05 < test.high
    assert (test.count, test.changed) == (40, 20)
    assert test.p < 0.001
    assert paired_test(first, {}) is None


def test_holm_worked_out_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


# --------------------------------------------------------------------------- comparing


def test_a_real_gain_in_one_language_is_told_as_such(tmp_path: Path) -> None:
    before = {f"k{i}": 0.5 for i in range(60)} | {f"e{i}": 0.5 for i in range(60)}
    after = {id: 0.9 if id.startswith("k") else 0.5 for id in before}
    told = compared(
        tmp_path, result(before), result(after, system={"retrieval.dense_weight": "0.4"})
    )
    by_group = {(each.group, each.metric): each for each in told.tests}
    assert by_group["ko", "ndcg@10"].beyond_chance
    assert by_group["ko", "ndcg@10"].test.difference == pytest.approx(0.4)
    assert by_group["all", "ndcg@10"].beyond_chance
    assert by_group["en", "ndcg@10"].test.changed == 0
    assert not by_group["en", "ndcg@10"].beyond_chance
    assert told.settings == {"retrieval.dense_weight": ("0.5", "0.4")}
    assert all(each.id.startswith("k") for each in told.changed)
    [verdict] = told.verdicts()
    assert verdict.startswith("hybrid: B is better beyond chance in nDCG@10 +20.0")
    assert "nDCG@10 (ko) +40.0" in verdict
    assert "(en)" not in verdict
    tables = "\n".join(table.text() for table in told.tables())
    assert "retrieval.dense_weight  0.5  0.4" in tables
    assert "60 questions in ko" in tables
    assert json.loads(json.dumps(told.to_json()))["tests"][0]["beyond_chance"] is True


def test_too_few_questions_of_a_language_are_not_tested_apart(tmp_path: Path) -> None:
    before = {f"k{i}": 0.5 for i in range(20)} | {f"e{i}": 0.5 for i in range(5)}
    told = compared(tmp_path, result(before), result(dict.fromkeys(before, 0.6)))
    assert {each.group for each in told.tests} == {"all", "ko"}


def test_a_difference_within_chance_is_called_none(tmp_path: Path) -> None:
    before = {f"k{i}": 0.5 for i in range(20)}
    after = before | {"k1": 1.0, "k2": 0.0, "k3": 1.0}
    told = compared(tmp_path, result(before), result(after))
    assert not any(each.beyond_chance for each in told.tests)
    [verdict] = told.verdicts()
    assert "no difference beyond chance" in verdict
    assert "3 questions of 20 changed" in verdict
    assert told.settings == {}


def test_the_same_result_twice_is_the_same(tmp_path: Path) -> None:
    once = result({"k1": 0.5, "e1": 1.0})
    told = compared(tmp_path, once, once)
    assert told.tests == told.changed == ()
    assert told.verdicts() == ["hybrid: the same scores for every question"]


def test_ranks_and_size_order_the_questions_that_changed(tmp_path: Path) -> None:
    before = {"k1": 0.5, "k2": 1.0, "k3": 0.2}
    after = {"k1": 0.25, "k2": 0.0, "k3": 0.2}
    told = compared(tmp_path, result(before), result(after))
    assert [(c.id, c.first_rank, c.second_rank) for c in told.changed] == [
        ("k2", 1, None),
        ("k1", 2, 4),
    ]
    assert told.changed[0].text == "질문 k2"


def test_only_what_both_asked_is_compared_and_it_is_said(tmp_path: Path) -> None:
    first, second = result({"k1": 0.5, "k2": 0.5}), result({"k2": 1.0, "k3": 1.0})
    second["systems"].append({"name": "hybrid + second stage", "scores": {}, "queries": {}})
    told = compared(tmp_path, first, second)
    assert told.questions == 1
    assert told.verdicts()[0] == "A asked 2 questions, B 2: compared on the 1 of both"
    assert told.verdicts()[1] == "only in B, and not compared: hybrid + second stage"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"dataset": "d2"}, "called 작은 집합, but its content has changed"),
        ({"dataset": "d2", "name": "other"}, "of the set 작은 집합, .* of other"),
        ({"kind": "notes", "questions": []}, "no question"),
    ],
)
def test_other_sets_are_refused_by_name(tmp_path: Path, more: dict[str, Any], problem: str) -> None:
    with pytest.raises((ConfigError, ReadError), match=problem):
        compared(tmp_path, result({"k1": 0.5}), result({"k1": 0.5}, **more))


def test_notes_and_a_beir_set_are_refused(tmp_path: Path) -> None:
    asked = {
        "id": "k1",
        "question": "?",
        "language": "ko",
        "cross_lingual": False,
        "scores": dict.fromkeys(METRICS, 1.0),
    }
    notes = {"kind": "notes", "name": "n", "dataset": "d1", "system": {}, "questions": [asked]}
    with pytest.raises(ConfigError, match=r"a\.json is of a BEIR set, .*b\.json of notes"):
        compared(tmp_path, result({"k1": 0.5}), notes)


def test_nothing_in_common_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no question in common"):
        compared(tmp_path, result({"k1": 0.5}), result({"k2": 0.5}))
    other = result({"k1": 0.5})
    other["systems"][0]["name"] = "dense"
    with pytest.raises(ConfigError, match="no way of searching in common"):
        compared(tmp_path, result({"k1": 0.5}), other)


# --------------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b'{"kind": "beir", "na', r"cut off: .* line 1, column"),
        (b"\xff\xd8\xff\xe0 a picture", "is not JSON"),
        (b"[1, 2]", "no result of"),
        (b'{"hits": []}', "no result of"),
        (b"[" * 100_000, "no result of"),
        (b'{"kind": "beir", "systems": []}', "does not say of which set"),
        (b'{"kind": "beir", "dataset": "d", "name": "n"}', "damaged: 'systems' is missing"),
    ],
)
def test_a_foreign_or_damaged_file_is_told(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    with pytest.raises(ReadError, match=problem) as caught:
        load_run(file)
    assert str(file) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("score", [1.5, -0.1, math.nan, "high", None])
def test_a_score_that_is_none_is_told(tmp_path: Path, score: Any) -> None:
    value = result({"k1": 0.5})
    value["systems"][0]["queries"]["k1"]["ndcg@10"] = score
    with pytest.raises(ReadError, match="is damaged"):
        load_run(saved(tmp_path, "a.json", value))


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PathNotFound):
        load_run(tmp_path / "a.json")
    with pytest.raises(ReadError, match="cannot read"):
        load_run(tmp_path)


def test_utf16_of_a_windows_shell_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(json.dumps(result({"k1": 0.5}), ensure_ascii=False).encode("utf-16"))
    assert load_run(file).texts == {"k1": "질문 k1"}


# --------------------------------------------------------------------------- sets


def test_languages_of_queries_and_where_they_cross() -> None:
    queries = {
        "ko": "BERT는 몇 층인가요?",
        "en": "How many layers does the large model have in it?",
        "ko over en": "워밍업은 몇 단계였나?",
    }
    passages = {
        "ko": ["BERT는 12층이다. 그 위에 분류층이 있다."],
        "en": ["It has 24 layers, and each of them is as wide as in the small one."],
        "ko over en": ["The warm-up was of 500 steps."],
    }
    assert groups(queries, passages) == {"ko": "ko", "en": "en", "ko over en": "cross-lingual"}


def test_other_languages_are_not_called_english() -> None:
    german = {"a": "Wie viele Schichten hat das große Modell?", "b": "Wer hat es gebaut?"}
    answers = {"a": ["Das große Modell hat 24 Schichten."], "b": ["Die Universität hat es gebaut."]}
    assert groups(german, answers) == {"a": "other", "b": "other"}
    assert groups({"j": "東京の人口は?"}, {"j": ["約1400万人です。"]}) == {"j": "other"}
    assert groups({"n": "42?"}, {}) == {"n": "other"}


def test_a_digest_minds_content_and_no_order() -> None:
    assert digest([[1, "가"], [2, "나"]]) == digest([[2, "나"], [1, "가"]])
    assert digest([[1, "가"]]) != digest([[1, "나"]])
    assert digest([[1], [1]]) != digest([[1]])


def test_settings_are_flattened() -> None:
    assert flat({"a": {"b": 0.5, "c": ["x"]}, "d": "e"}) == {"a.b": "0.5", "a.c": '["x"]', "d": "e"}


# --------------------------------------------------------------------------- answers


def answers(values: dict[str, float], short: str, **more: Any) -> dict[str, Any]:
    """A result on answers: F1 by question; the last question cannot be answered."""
    asked = [
        {
            "id": id,
            "set": "s",
            "question": f"질문 {id}",
            "group": "ko",
            "retrieval": dict.fromkeys(METRICS, 1.0),
            "answer": {"finish": "complete", "short": short, "text": "", "error": ""},
            "scores": {"decision": 1.0, "f1": value},
        }
        for id, value in values.items()
    ]
    silent = {**asked[-1], "id": "none", "retrieval": None, "scores": {"decision": 0.0}}
    sets = [{"name": "s", "dataset": "d1", "system": {"answer.sources": "3"}}]
    return {"kind": "answers", "sets": sets, "questions": [*asked, silent], **more}


def test_answers_are_compared_by_what_can_be_told_of_each(tmp_path: Path) -> None:
    before = answers({f"q{i}": 0.5 for i in range(30)}, "여의도")
    after = answers({f"q{i}": 0.5 if i else 1.0 for i in range(30)}, "광화문")
    told = compared(tmp_path, before, after)
    assert told.alike == ("retrieval",)
    tests = {each.metric: each.test for each in told.tests}
    assert (tests["f1"].count, tests["f1"].changed) == (30, 1)
    assert (tests["decision"].count, tests["decision"].changed) == (31, 0)
    [changed] = told.changed
    assert (changed.id, changed.first_reply, changed.second_reply) == ("s/q0", "여의도", "광화문")
    assert "answers: no difference beyond chance (F1 +1.7, p = 1.000" in told.verdicts()[-1]
    shown = "\n".join(table.text() for table in told.tables())
    assert "answer A" in shown
    assert "광화문" in shown
    better = answers({f"q{i}": 0.9 for i in range(30)}, "광화문")
    assert (
        "B is better beyond chance in F1 +40.0" in compared(tmp_path, before, better).verdicts()[-1]
    )


def test_answers_on_other_sets_are_refused(tmp_path: Path) -> None:
    before = answers({"q": 0.5}, "가")
    other = answers({"q": 0.5}, "가", sets=[{"name": "s", "dataset": "d2", "system": {}}])
    with pytest.raises(ConfigError, match="content has changed"):
        compared(tmp_path, before, other)
    with pytest.raises(ConfigError, match="is of answers"):
        compared(tmp_path, before, result({"q": 0.5}))
