"""Retrieval on notes, over an engine that finds what it is told."""

from __future__ import annotations

import json

import pytest

from assistant.evaluation.report import (
    EvaluationFinished,
    EvaluationProgress,
    Group,
    NotesReport,
)
from assistant.evaluation.runner import evaluate_notes
from assistant.evaluation.tables import text
from tests.evaluation_script import KO, PADDING, QUESTIONS, Engine, passage, script


def evaluate(engine: Engine) -> NotesReport:
    *progress, last = evaluate_notes(engine, QUESTIONS, name="small")
    assert progress == [EvaluationProgress("asking", done, 5) for done in range(1, 6)]
    assert isinstance(last, EvaluationFinished)
    assert isinstance(last.report, NotesReport)
    return last.report


def group(report: NotesReport, name: str) -> Group:
    [found] = [each for each in report.groups if each.name == name]
    return found


def test_retrieval_by_group() -> None:
    engine = Engine(script())
    report = evaluate(engine)
    assert 10 in engine.depths
    assert [(g.name, g.questions, g.answerable) for g in report.groups] == [
        ("all", 5, 3),
        ("ko", 2, 1),
        ("en", 2, 1),
        ("cross-lingual", 1, 1),
    ]
    assert [result.rank for result in report.questions] == [1, 2, 1, None, None]
    assert group(report, "en").retrieval["recall@1"].mean == 0.0
    assert group(report, "en").retrieval["recall@5"].mean == 1.0
    assert group(report, "en").retrieval["mrr@10"].mean == 0.5
    assert group(report, "all").retrieval["mrr@10"].mean == pytest.approx(2.5 / 3)
    assert group(report, "all").retrieval["mrr@10"].count == 3


def test_refusals_before_anything_is_written_are_told() -> None:
    report = evaluate(Engine(script()))
    refusals = group(report, "all").refusals
    assert (refusals.unanswerable, refusals.right, refusals.false) == (2, 1, 0)
    assert refusals.precision is not None
    assert refusals.precision.mean == 1.0
    title = "Refusals on small before anything is written (%)"
    [table] = [table for table in report.tables() if table.title == title]
    # Of questions that all have an answer, refusals say nothing.
    assert [row[0] for row in table.rows] == ["all", "ko", "en"]


def test_a_worse_ranking_lowers_the_scores() -> None:
    told = script()
    told[KO.text] = ([passage(1, "/copy.md", PADDING)], told[KO.text][1])
    report = evaluate(Engine(told))
    assert group(report, "ko").retrieval["recall@10"].mean == 0.0


def test_no_answer_is_asked_for() -> None:
    engine = Engine(script())
    evaluate(engine)
    assert engine.asked == []


def test_report_is_json_and_tables() -> None:
    report = evaluate(Engine(script()))
    told = json.loads(json.dumps(report.to_json()))
    assert told["kind"] == "notes"
    english = told["questions"][1]
    assert [source["relevant"] for source in english["found"]] == [False, True]
    table, _ = report.tables()
    assert "Retrieval on small (%)" in text([table])
    assert len({len(row) for row in (table.columns, *table.rows)}) == 1
