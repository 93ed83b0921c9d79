"""Answers over an engine that says what it is told: judged, kept, summed up, reported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import GenerationError, ModelMissing, ReadError
from assistant.evaluation.answer_report import AnswerGroup, AnswersReport, AskedQuestion
from assistant.evaluation.answers import AnswerRun
from assistant.evaluation.journal import Journal, code_digest
from assistant.evaluation.markdown import as_markdown
from assistant.evaluation.questions import Question
from assistant.evaluation.report import EvaluationFinished, EvaluationProgress, EvaluationResumed
from assistant.evaluation.tables import text
from assistant.types import Answer, Claim, Source
from tests.evaluation_script import (
    EN,
    KO,
    PADDING,
    QUESTIONS,
    RANK,
    SILENT,
    TRAP,
    Engine,
    passage,
    reply,
    script,
)

Script = dict[str, tuple[list[Source], Answer | Exception]]


def evaluate(told: Script, folder: Path, **sets: tuple[Question, ...]) -> AnswersReport:
    sets = sets or {"small": QUESTIONS}
    run = AnswerRun(sum(map(len, sets.values())))
    for name, questions in sets.items():
        journal = Journal({"set": name}, cache=folder)
        list(run.ask(Engine(told), questions, journal, name=name, dataset=name, system={"k": "v"}))
    finished = run.finish()
    assert isinstance(finished, EvaluationFinished)
    assert isinstance(finished.report, AnswersReport)
    return finished.report


def group(report: AnswersReport, name: str = "all") -> AnswerGroup:
    [found] = [each for each in report.groups if each.name == name]
    return found


def means(report: AnswersReport, name: str = "all") -> Mapping[str, float]:
    return {metric: each.mean for metric, each in group(report, name).scores.items()}


def of(report: AnswersReport, id: str) -> AskedQuestion:
    [found] = [each for each in report.questions if each.id == id]
    return found


# --------------------------------------------------------------------------- judging


def test_facts_citations_and_times(tmp_path: Path) -> None:
    report = evaluate(script(), tmp_path)
    scores = means(report)
    assert scores["fact_recall"] == scores["complete"] == scores["answered"] == 1.0
    # Four citations of answers to answerable questions; the one of the trap is wrong.
    assert group(report).citations == 4
    assert scores["citation_precision"] == pytest.approx(3 / 4)
    assert scores["citation_recall"] == 1.0
    assert scores["in_language"] == 1.0
    assert scores["decision"] == pytest.approx(4 / 5)
    speed = group(report).speed
    assert speed.first_token is not None
    assert (speed.first_token.median, group(report).errors) == (0.5, 0)
    assert group(report).retrieval["recall@1"].mean == pytest.approx(2 / 3)


def test_a_wrong_answer_lowers_the_scores(tmp_path: Path) -> None:
    told = script()
    sources, answer = told[EN.text]
    assert isinstance(answer, Answer)
    wrong = replace(
        answer, text="랭크는 8이고 알파는 32입니다 [1].", citations=answer.citations[:1]
    )
    told[EN.text] = (sources, wrong)
    scores = means(evaluate(told, tmp_path))
    assert scores["fact_recall"] == pytest.approx((1 + 0.5 + 1) / 3)
    assert scores["complete"] == pytest.approx(2 / 3)
    assert scores["citation_precision"] == pytest.approx(2 / 3)
    assert scores["citation_recall"] == pytest.approx(2 / 3)
    assert scores["in_language"] == pytest.approx(4 / 5)


def test_refusals_of_two_sets_are_pooled(tmp_path: Path) -> None:
    told = script()
    told[KO.text] = (told[KO.text][0], reply(KO.text, "왼쪽인지 모릅니다.", "ko", refused=True))
    report = evaluate(told, tmp_path, answered=QUESTIONS[:3], silent=QUESTIONS[3:])
    assert [each.name for each in report.groups] == [
        "answered",
        "silent",
        "all",
        "ko",
        "en",
        "cross-lingual",
    ]
    apart = group(report, "answered").refusals
    assert apart.recall is None
    assert apart.precision is not None
    assert (apart.precision.mean, apart.false) == (0.0, 1)
    pooled = group(report).refusals
    assert (pooled.unanswerable, pooled.right, pooled.false) == (2, 1, 1)
    for each in (pooled.precision, pooled.recall, pooled.f1):
        assert each is not None
        assert each.mean == 0.5
        assert each.low <= 0.5 <= each.high
    # A refusal states no fact, whatever its wording.
    assert of(report, "ko").scores["fact_recall"] == 0.0


def test_short_answers_are_matched(tmp_path: Path) -> None:
    gold = replace(KO, answers=("왼쪽",), facts=())
    english = replace(EN, answers=("16 alpha", "raised to 16"), facts=())
    told = script()
    told[KO.text] = ([passage(1, "/a.md", PADDING)], reply(KO.text, "왼쪽 [1]", "ko"))
    report = evaluate(told, tmp_path, gold=(gold, english))
    right = of(report, "ko").scores
    assert (right["exact_match"], right["f1"], right["holds_answer"]) == (1.0, 1.0, 1.0)
    partly = of(report, "en").scores
    assert partly["exact_match"] == 0.0
    assert 0.0 < partly["f1"] < 1.0
    assert partly["holds_answer"] == 1.0
    # Another passage that holds the gold answer is cited rightly, if not the gold one.
    elsewhere = [passage(1, "/other.md", f"{RANK} again")]
    told[EN.text] = (elsewhere, reply(EN.text, "Rank 16.", "en", elsewhere, elsewhere))
    scores = of(evaluate(told, tmp_path / "2", gold=(english,)), "en").scores
    assert (scores["citation_precision"], scores["citation_recall"]) == (1.0, 0.0)
    assert scores["offered"] == 0.0
    trap = [passage(1, "/old.md", TRAP)]
    told[EN.text] = (trap, reply(EN.text, "Rank 8.", "en", trap, trap))
    assert of(evaluate(told, tmp_path / "3", g=(english,)), "en").scores["citation_precision"] == 0


def test_unsupported_sentences_are_counted_over_all_answers_given(tmp_path: Path) -> None:
    told = script()
    for question, supports in ((KO, "supported unsupported"), (SILENT, "unsupported partial")):
        sources, answer = told[question.text]
        assert isinstance(answer, Answer)
        claims = [Claim(0, 1, support, 0.5) for support in supports.split()]  # type: ignore[arg-type]
        told[question.text] = (sources, replace(answer, claims=tuple(claims)))
    report = evaluate(told, tmp_path)
    assert group(report).claims == 4
    assert means(report)["unsupported"] == 0.5
    assert of(report, "ko").scores["unsupported"] == 0.5


def test_a_failed_answer_is_an_error_and_is_asked_again(tmp_path: Path) -> None:
    told = script()
    told[EN.text] = (told[EN.text][0], GenerationError("out of memory"))
    report = evaluate(told, tmp_path)
    assert group(report).errors == 1
    assert means(report)["fact_recall"] == pytest.approx(2 / 3)
    assert of(report, "en").answer.error == "out of memory"
    assert group(evaluate(script(), tmp_path)).errors == 0


def test_a_missing_model_is_the_end(tmp_path: Path) -> None:
    told = script()
    told[KO.text] = (told[KO.text][0], ModelMissing("no weights"))
    with pytest.raises(ModelMissing):
        evaluate(told, tmp_path)


# --------------------------------------------------------------------------- going on


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    engine = Engine(script())
    run = AnswerRun(5)
    how = {"name": "small", "dataset": "d", "system": {}}
    events = run.ask(engine, QUESTIONS, Journal({"a": "b"}, cache=tmp_path), **how)  # type: ignore[arg-type]
    assert next(events) == EvaluationProgress("asking", 1, 5)
    assert next(events) == EvaluationProgress("asking", 2, 5)
    events.close()

    journal = Journal({"a": "b"}, cache=tmp_path)
    with journal.file.open("ab") as torn:
        torn.write(b'{"id": "x", "answer": "{\\"quest')
    journal = Journal({"a": "b"}, cache=tmp_path)
    again, run = Engine(script()), AnswerRun(5)
    first, *rest = run.ask(again, QUESTIONS, journal, **how)  # type: ignore[arg-type]
    assert first == EvaluationResumed("small", 2, 5, journal.file)
    assert [each.kept for each in rest if isinstance(each, EvaluationProgress)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert again.asked == [question.text for question in QUESTIONS[2:]]
    assert journal.file.read_text("ascii").count("\n") == 6

    whole = Engine(script())
    rest = list(AnswerRun(5).ask(whole, QUESTIONS, Journal({"a": "b"}, cache=tmp_path), **how))  # type: ignore[arg-type]
    assert whole.asked == []
    report = run.finish().report
    assert isinstance(report, AnswersReport)
    assert [asked.answer.text for asked in report.questions] == [
        asked.answer.text for asked in evaluate(script(), tmp_path / "x").questions
    ]


_SLOW = """
import sys, time
from pathlib import Path
from assistant.evaluation.answers import AnswerRun
from assistant.evaluation.journal import Journal
from tests.evaluation_script import QUESTIONS, Engine, script

class Slow(Engine):
    def ask(self, question):
        time.sleep(0.2)
        yield from super().ask(question)

journal = Journal({"a": "b"}, cache=Path(sys.argv[1]))
for _ in AnswerRun(5).ask(Slow(script()), QUESTIONS, journal, name="s", dataset="d", system={}):
    print("one more", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_run_that_was_killed_goes_on(tmp_path: Path) -> None:
    slow = subprocess.Popen(
        [sys.executable, "-c", _SLOW, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    assert slow.stdout is not None
    slow.stdout.readline()
    slow.kill()
    slow.communicate()
    journal = Journal({"a": "b"}, cache=tmp_path)
    assert 1 <= len(journal) < 5
    kept = len(journal)
    engine = Engine(script())
    list(AnswerRun(5).ask(engine, QUESTIONS, journal, name="s", dataset="d", system={}))
    assert engine.asked == [question.text for question in QUESTIONS[kept:]]


def test_other_settings_and_fresh_runs_take_nothing_over(tmp_path: Path) -> None:
    answer = reply("?", "yes", "en", [passage(1, "/p.md", "text")])
    journal = Journal({"temperature": "0"}, cache=tmp_path)
    journal.add("q", answer)
    assert Journal({"temperature": "0"}, cache=tmp_path).get("q") == answer
    assert Journal({"temperature": "1"}, cache=tmp_path).get("q") is None
    assert len(Journal({"temperature": "0"}, cache=tmp_path, fresh=True)) == 0
    assert len(Journal({"temperature": "0"}, cache=tmp_path)) == 0


def test_damaged_lines_are_asked_again(tmp_path: Path) -> None:
    journal = Journal({}, cache=tmp_path)
    journal.add("a", reply("?", "yes", "en"))
    with journal.file.open("ab") as file:
        file.write(b"\x00\x00\x00\n{}\n[]\n")
    journal.add("b", reply("?", "no", "en"))
    read = Journal({}, cache=tmp_path)
    assert ("a" in read, "b" in read, len(read)) == (True, True, 2)


def test_a_journal_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReadError, match="cannot keep answers"):
        Journal({}, cache=tmp_path / "file")


def test_the_code_has_a_digest() -> None:
    assert len(code_digest()) == 12
    assert code_digest() == code_digest()


# --------------------------------------------------------------------------- reports


def test_report_is_json_tables_and_markdown(tmp_path: Path) -> None:
    told = script()
    told[SILENT.text] = (
        told[SILENT.text][0],
        reply(SILENT.text, "<b>Team</b> | 9 won.\n# so", "en"),
    )
    report = evaluate(told, tmp_path)
    value = json.loads(json.dumps(report.to_json()))
    assert value["kind"] == "answers"
    assert value["groups"][0]["refusals"]["recall"]["mean"] == 0.5
    assert value["questions"][1]["answer"]["citations"][0] == {
        "n": 1,
        "path": str(Path("/old.md")),
        "place": "H",
        "text": TRAP,
        "right": False,
        "gold": False,
    }
    for table in report.tables():
        assert {len(row) for row in table.rows} == {len(table.columns)}
    assert "75.0 [" in text(report.tables())
    # Facts are told, exact match is not: these questions have no short gold answers.
    assert "facts [95%]" in report.tables()[0].columns
    assert "exact match [95%]" not in report.tables()[0].columns
    document = as_markdown(report)
    assert "| all | 3 |" in document
    assert "should have refused" in document
    assert "\\<b\\>Team\\</b\\> \\| 9 won. \\# so" in document
    assert "\n# so" not in document
