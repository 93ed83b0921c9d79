"""Answers on a BEIR set through the whole path: library, engine, journal, command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from typer.testing import CliRunner

from assistant.cli import app as cli, options
from assistant.cli.console import report_error
from assistant.desk import Desk
from assistant.errors import AssistantError
from assistant.types import Message
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator, WordTokenizer

CORPUS = {
    "d1": "The learning rate was warmed up for 500 steps.",
    "d2": "The capital of France is Paris, which lies on the Seine.",
    "d3": "생성할 때 패딩은 왼쪽에 붙인다.",
}
QUERIES = {
    "q1": ("How many steps was the learning rate warmed up?", ["500"], "d1"),
    "q2": ("What is the capital of France?", ["Paris"], "d2"),
    "q3": ("생성할 때 패딩은 어느 쪽에 붙이나?", ["왼쪽"], "d3"),
}
ANSWERS = {
    "q1": "The learning rate was warmed up for 500 steps.",
    "q2": "The capital of France is Lyon, which lies on the Seine.",
    "q3": "생성할 때 패딩은 왼쪽에 붙인다.",
}
SHORT = "for 500 steps"  # what the model takes out of every answer
SILENT = {"n1": "Who composed the opera Tosca in Rome?", "n2": "오페라 토스카의 작곡가는 누구인가?"}

Run = Callable[..., str]


def write_set(folder: Path, corpus: dict[str, str], queries: list[dict[str, object]]) -> Path:
    folder.mkdir(parents=True)
    rows = [{"_id": id, "title": "", "text": text} for id, text in corpus.items()]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    judged = [f"{id}\t{gold}\t1\n" for id, (_, _, gold) in QUERIES.items()]
    asked = {query["_id"] for query in queries}
    kept = [row for row in judged if row.split("\t")[0] in asked]
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(kept))
    return folder


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    queries = [{"_id": id, "text": q, "answers": a} for id, (q, a, _) in QUERIES.items()]
    return write_set(tmp_path / "gold", CORPUS, queries)


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    queries: list[dict[str, object]] = [
        {"_id": id, "text": q, "answers": []} for id, q in SILENT.items()
    ]
    return write_set(tmp_path / "gold_noanswer", CORPUS, queries)


class Answering(ScriptedGenerator):
    """Answers from the script; of its own answers it takes out what ``SHORT`` says."""

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Event) -> Iterator[str]:
        question = messages[-1].content
        if question.startswith(("Question: ", "질문: ")):
            self.finished = True
            yield SHORT
            return
        yield from super().stream(messages, max_tokens=max_tokens, stop=stop)


@pytest.fixture
def generator() -> ScriptedGenerator:
    return Answering(*ANSWERS.values())


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generator: ScriptedGenerator) -> Run:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    desk = partial(
        Desk, encoder=BagOfWordsEncoder(), tokenizer=WordTokenizer(), generator=generator
    )
    monkeypatch.setattr(options, "Desk", desk)

    def invoke(*arguments: object, code: int = 0) -> str:
        result = CliRunner().invoke(cli.app, ["eval", *map(str, arguments)])
        if isinstance(result.exception, AssistantError):
            assert report_error(result.exception) == code, result.exception
            return f"{result.exception.message} {result.exception.hint}"
        assert result.exit_code == code, (result.output, result.exception)
        return result.stdout

    return invoke


def test_a_set_and_its_twin_are_answered_judged_and_reported(
    run: Run, gold: Path, silent: Path, generator: ScriptedGenerator, tmp_path: Path
) -> None:
    report = tmp_path / "report.md"
    value = json.loads(run(gold, silent, "--answers", "--json", "-o", report))
    assert [each["name"] for each in value["sets"]] == ["gold", "gold_noanswer"]
    asked = {each["id"]: each for each in value["questions"]}
    assert [asked[id]["scores"]["exact_match"] for id in QUERIES] == [1.0, 0.0, 1.0]
    # The model's piece holds the one by rule, which is shorter; of another answer it is no piece.
    assert asked["q1"]["answer"]["short"] == "500"
    assert [asked[id]["answer"]["short_by_model"] for id in QUERIES] == [True, False, False]
    assert value["sets"][0]["system"]["short form"] == "model, else rules"
    assert asked["q1"]["scores"]["citation_precision"] == 1.0
    assert all(asked[id]["answer"]["finish"] == "refused" for id in SILENT)
    groups = {each["name"]: each for each in value["groups"]}
    assert groups["all"]["refusals"]["recall"]["mean"] == 1.0
    assert groups["ko"]["refusals"]["unanswerable"] == 1
    assert groups["gold"]["retrieval"]["recall@1"]["mean"] == 1.0
    assert "## Refusals on gold" in report.read_text("utf-8")
    assert value["sets"][0]["system"]["answer.sources"] == "3"

    # A second run asks nothing, and says so.
    before = len(generator.asked)
    again = json.loads(run(gold, silent, "--answers", "--json"))
    assert len(generator.asked) == before
    assert again == value


def test_limits_seeds_and_other_settings(
    run: Run, gold: Path, silent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = json.loads(run(gold, silent, "--answers", "-n", 2, "-n", 1, "--json"))
    assert [each["questions"] for each in value["sets"]] == [2, 1]
    assert "3 limits for 2 folders" in run(
        gold, silent, "--answers", "-n", 1, "-n", 1, "-n", 1, code=2
    )
    drawn = {
        tuple(q["id"] for q in json.loads(run(gold, "--answers", *seed, "--json"))["questions"])
        for seed in (["-n", 1, "--seed", 1], ["-n", 1, "--seed", 1], ["-n", 1])
    }
    assert len(drawn) == 2
    monkeypatch.setenv("ASSISTANT_ANSWER__SOURCES", "1")
    other = json.loads(run(gold, "--answers", "-n", 2, "--json"))
    assert other["sets"][0]["system"]["answer.sources"] == "1"


def test_two_results_are_compared(run: Run, gold: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "a.json", tmp_path / "b.json"
    run(gold, "--answers", "-o", one)
    run(gold, "--answers", "--fresh", "-o", other)  # the script's last answer to every question
    told = run("--compare", one, other)
    assert "Questions that changed most, answers" in told
    assert "retrieval: the same scores for every question" in told


def test_what_cannot_be_measured_is_refused(
    run: Run, gold: Path, silent: Path, tmp_path: Path
) -> None:
    plain = write_set(
        tmp_path / "plain", CORPUS, [{"_id": id, "text": q} for id, (q, _, _) in QUERIES.items()]
    )
    assert "says nothing about answers" in run(plain, "--answers", code=2)
    assert "one folder at a time" in run(gold, plain, code=2)
    assert "neither a .md nor a .json" in run(gold, "-o", tmp_path / "report.txt", code=2)
    assert "no folder" in run(gold, "-o", tmp_path / "nowhere" / "report.md", code=2)
    twin = tmp_path / "elsewhere" / "gold"
    twin.parent.mkdir()
    twin.symlink_to(gold)
    assert "the same name" in run(gold, twin, "--answers", code=2)
    assert "whether it is refused, --answers tells" in run(silent, code=2)
    # Without --answers retrieval is measured, on either kind of folder.
    assert json.loads(run(gold, "--json"))["kind"] == "beir"
