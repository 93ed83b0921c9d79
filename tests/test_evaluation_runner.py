"""A whole evaluation over an engine that finds and says what it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from assistant.errors import GenerationError, ModelMissing
from assistant.evaluation.questions import Question, Target
from assistant.evaluation.report import (
    AnswerScores,
    EvaluationFinished,
    EvaluationProgress,
    Group,
    NotesReport,
)
from assistant.evaluation.runner import evaluate_notes
from assistant.evaluation.tables import text
from assistant.types import (
    Answer,
    Answered,
    Citation,
    Evidence,
    Language,
    Place,
    QueryEvent,
    Retrieval,
    Retrieved,
    Source,
    Timing,
    Token,
)

PADDING = "GPT는 생성할 때 왼쪽에 패딩한다."
RANK = "The LoRA rank was raised to 16 and alpha to 32."
TRAP = "The LoRA rank is 8 in last year's notes."


def passage(n: int, path: str, text: str) -> Source:
    return Source(n, n, Path(path), Place(headings=("H",)), "", text, 1.0 / n)


def reply(
    question: str,
    text: str,
    language: Language,
    sources: Sequence[Source] = (),
    cited: Sequence[Source] = (),
    *,
    refused: bool = False,
) -> Answer:
    return Answer(
        question,
        text,
        language,
        "refused" if refused else "complete",
        citations=tuple(
            Citation(s.n, s.path, s.place, s.text, 0, len(s.text), 0, len(text), 1.0) for s in cited
        ),
        sources=tuple(sources),
        timing=Timing(first_token=0.5, total=2.0),
    )


class Engine:
    """Answers from a script and counts what it was asked."""

    def __init__(self, script: dict[str, tuple[list[Source], Answer | Exception]]) -> None:
        self.script = script
        self.asked: list[str] = []
        self.depths: set[int | None] = set()

    def retrieve(self, question: str, *, top_k: int | None = None) -> Retrieval:
        self.depths.add(top_k)
        return Retrieval(question, tuple(self.script[question][0]), Evidence())

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]:
        assert not history
        self.asked.append(question)
        yield Retrieved(self.retrieve(question))
        answer = self.script[question][1]
        if isinstance(answer, Exception):
            raise answer
        yield Token(answer.text)
        yield Answered(answer)


KO = Question(
    "ko",
    "ko",
    "패딩은 어디에?",
    True,
    False,
    (Target(Path("/a.md"), PADDING),),
    (("왼쪽", "left"),),
)
EN = Question(
    "en",
    "en",
    "Which rank and alpha?",
    True,
    False,
    (Target(Path("/b.md"), RANK),),
    (("16",), ("32",)),
)
CROSS = Question(
    "x", "ko", "랭크와 알파는?", True, True, (Target(Path("/b.md"), RANK),), (("16",), ("32",))
)
SILENT = Question("none", "en", "Who won the cup?", False)
SILENT_KO = Question("none-ko", "ko", "우승자는?", False)
QUESTIONS = (KO, EN, CROSS, SILENT, SILENT_KO)


def script() -> dict[str, tuple[list[Source], Answer | Exception]]:
    """All right but for: the trap ranked first for EN and cited too, SILENT answered."""
    padding = passage(1, "/a.md", PADDING)
    trap, rank = passage(1, "/old.md", TRAP), passage(2, "/b.md", RANK)
    first = passage(1, "/b.md", RANK)
    return {
        KO.text: ([padding], reply(KO.text, "왼쪽에 붙입니다 [1].", "ko", [padding], [padding])),
        EN.text: (
            [trap, rank],
            reply(EN.text, "Rank 16, alpha 32 [1][2].", "en", [trap, rank], [trap, rank]),
        ),
        CROSS.text: ([first], reply(CROSS.text, "16과 32입니다 [1].", "ko", [first], [first])),
        SILENT.text: ([trap], reply(SILENT.text, "Team 9 won [1].", "en", [trap], [trap])),
        SILENT_KO.text: ([trap], reply(SILENT_KO.text, "노트에 없습니다.", "ko", refused=True)),
    }


def evaluate(engine: Engine, *, answers: bool = True) -> NotesReport:
    *progress, last = evaluate_notes(engine, QUESTIONS, answers=answers, name="small")
    assert progress == [EvaluationProgress("asking", done, 5) for done in range(1, 6)]
    assert isinstance(last, EvaluationFinished)
    assert isinstance(last.report, NotesReport)
    return last.report


def group(report: NotesReport, name: str) -> Group:
    [found] = [each for each in report.groups if each.name == name]
    return found


def answers_of(report: NotesReport, name: str = "all") -> AnswerScores:
    scores = group(report, name).answers
    assert scores is not None
    return scores


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


def test_answers_citations_and_times() -> None:
    scores = answers_of(evaluate(Engine(script())))
    assert scores.fact_recall is not None
    assert scores.fact_recall.mean == 1.0
    # Four citations of answers to answerable questions; the one of the trap is wrong.
    assert scores.citations == 4
    assert scores.citation_precision == pytest.approx(3 / 4)
    assert scores.cited == 1.0
    assert scores.in_language == 1.0
    assert (scores.first_token, scores.total, scores.errors) == (0.5, 2.0, 0)


def test_refusals_are_counted() -> None:
    told = script()
    told[KO.text] = (told[KO.text][0], reply(KO.text, "왼쪽인지 모릅니다.", "ko", refused=True))
    report = evaluate(Engine(told))
    refusals = answers_of(report).refusals
    assert (refusals.unanswerable, refusals.right, refusals.false) == (2, 1, 1)
    assert (refusals.precision, refusals.recall, refusals.f1) == (0.5, 0.5, 0.5)
    english = answers_of(report, "en").refusals
    assert (english.precision, english.recall, english.f1) == (None, 0.0, 0.0)
    # A refusal states no fact, whatever its wording.
    assert report.questions[0].answer is not None
    assert report.questions[0].answer.facts == (False,)


def test_a_wrong_answer_lowers_the_scores() -> None:
    right = answers_of(evaluate(Engine(script())))
    told = script()
    sources, answer = told[EN.text]
    assert isinstance(answer, Answer)
    wrong = replace(
        answer, text="랭크는 8이고 알파는 32입니다 [1].", citations=answer.citations[:1]
    )
    told[EN.text] = (sources, wrong)
    scores = answers_of(evaluate(Engine(told)))
    assert right.fact_recall is not None
    assert scores.fact_recall is not None
    assert scores.complete is not None
    assert scores.fact_recall.mean < right.fact_recall.mean
    assert scores.fact_recall.mean == pytest.approx((1 + 0.5 + 1) / 3)
    assert scores.complete.mean == pytest.approx(2 / 3)
    assert scores.citation_precision == pytest.approx(2 / 3)
    assert scores.in_language == pytest.approx(4 / 5)


def test_a_worse_ranking_lowers_the_scores() -> None:
    told = script()
    told[KO.text] = ([passage(1, "/copy.md", PADDING)], told[KO.text][1])
    report = evaluate(Engine(told))
    assert group(report, "ko").retrieval["recall@10"].mean == 0.0


def test_a_failed_answer_is_an_error_and_not_the_end() -> None:
    told = script()
    told[EN.text] = (told[EN.text][0], GenerationError("out of memory"))
    report = evaluate(Engine(told))
    scores = answers_of(report)
    assert scores.errors == 1
    assert scores.fact_recall is not None
    assert scores.fact_recall.mean == pytest.approx(2 / 3)
    assert report.questions[1].answer is not None
    assert report.questions[1].answer.error == "out of memory"


def test_a_missing_model_is_the_end() -> None:
    told = script()
    told[KO.text] = (told[KO.text][0], ModelMissing("no weights"))
    with pytest.raises(ModelMissing):
        list(evaluate_notes(Engine(told), QUESTIONS))


def test_retrieval_only_asks_for_no_answer() -> None:
    engine = Engine(script())
    report = evaluate(engine, answers=False)
    assert engine.asked == []
    assert group(report, "all").answers is None
    assert len(report.tables()) == 1


def test_report_is_json_and_tables() -> None:
    report = evaluate(Engine(script()))
    told = json.loads(json.dumps(report.to_json()))
    assert told["kind"] == "notes"
    assert told["groups"][0]["answers"]["refusals"]["recall"] == 0.5
    english = told["questions"][1]
    assert [source["relevant"] for source in english["found"]] == [False, True]
    assert english["answer"]["citations"][0] == {
        "n": 1,
        "path": str(Path("/old.md")),
        "place": "H",
        "text": TRAP,
        "right": False,
    }
    shown = text(report.tables())
    assert "Retrieval on small (%)" in shown
    assert "75.0 of 4" in shown
    widths = {len(row) for row in report.tables()[1].rows} | {len(report.tables()[1].columns)}
    assert len(widths) == 1
