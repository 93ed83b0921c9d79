"""The command line with the real library and engine, and small stand-ins for the models."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app as cli, options
from assistant.cli.console import report_error
from assistant.desk import Desk
from assistant.errors import AssistantError, ModelMissing
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator, WordTokenizer

ANSWER = "The learning rate of the warm-up run was 0.0003."
NOTE = """# Training log

## Warm-up

The learning rate of the warm-up run was 0.0003. It lasted 500 steps.

## Failures

The long run stopped when memory ran out at batch size 48.
"""

Run = Callable[..., Result]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "log.md").write_text(NOTE)
    (folder / "한국어.txt").write_text("배치 크기는 48이고 학습률은 0.0003이다.")
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    desk = partial(
        Desk,
        encoder=BagOfWordsEncoder(),
        tokenizer=WordTokenizer(),
        generator=ScriptedGenerator(ANSWER),
    )
    monkeypatch.setattr(options, "Desk", desk)

    def invoke(*arguments: str | Path, code: int = 0) -> Result:
        result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        if isinstance(result.exception, AssistantError):
            # What `main` does with it, so that the exit code and the line are the user's.
            assert report_error(result.exception) == code, result.exception
        else:
            assert result.exit_code == code, (result.output, result.exception)
        return result

    return invoke


def test_ingest_then_search_then_ask(run: Run, notes: Path) -> None:
    run("ingest", notes)
    found = json.loads(run("search", "learning rate warm-up", "--json", "-k", "2").stdout)
    assert found["query"] == "learning rate warm-up"
    first = found["hits"][0]
    assert first["rank"] == 1
    assert first["path"] == str(notes / "log.md")
    assert "Warm-up" in first["place"]
    assert "0.0003" in first["text"]
    assert set(first["legs"]) == {"dense", "lexical", "proximity"}

    told = json.loads(run("ask", "What was the warm-up learning rate?", "--json").stdout)
    assert told["refused"] is False
    assert told["language"] == "en"
    assert told["answer"].startswith("The learning rate of the warm-up run was 0.0003")
    assert told["citations"][0]["path"] == str(notes / "log.md")
    assert told["citations"][0]["text"] == "The learning rate of the warm-up run was 0.0003."
    assert told["support"]["supported"] == len(told["claims"]) == 1
    assert told["claims"][0]["source"]["n"] == told["citations"][0]["n"]
    assert told["in_language"] is True
    assert {"n", "path", "place", "text"} <= set(told["sources"][0])
    assert told["timing"]["total"] > 0


def test_answer_and_sources_go_to_stdout_and_nothing_else(run: Run, notes: Path) -> None:
    run("ingest", notes)
    result = run("ask", "What was the warm-up learning rate?", "--no-stream")
    assert "0.0003" in result.stdout
    assert "[1] " in result.stdout
    assert "Training log" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_second_run_changes_nothing(run: Run, notes: Path) -> None:
    run("ingest", notes)
    events = [json.loads(line) for line in run("ingest", notes, "--json").stdout.splitlines()]
    assert sum(event.get("count", 0) for event in events) == 2
    assert events[-1]["event"] == "ingest_finished"
    assert events[-1]["indexed"] == events[-1]["embedded"] == 0


def test_a_bad_file_is_named_and_the_rest_goes_in(run: Run, notes: Path) -> None:
    (notes / "broken.pdf").write_bytes(b"%PDF-1.7 not really")
    result = run("ingest", notes)
    assert "broken.pdf" in result.stderr
    state = json.loads(run("status", "--files", "--json").stdout)
    assert state["documents"] == 2
    assert [Path(file["path"]).name for file in state["failed"]] == ["broken.pdf"]
    assert state["failed"][0]["reason"]


def test_names_from_the_disk_are_never_markup(run: Run, notes: Path) -> None:
    (notes / "[bold]x[red].md").write_text("# A\n\nZebra crossing [link=x]here[/link].")
    run("ingest", notes)
    shown = run("search", "zebra crossing").stdout
    assert "[bold]x[red].md" in shown
    assert "[link=x]here[/link]" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ingest", "/no/such/folder"), 2, "/no/such/folder"),
        (("ask", "   "), 2, "empty"),
        (("search", ""), 2, "empty"),
        (("search", "anything"), 1, "assistant ingest"),
        (("ask", "무엇이든?"), 1, "assistant ingest"),
        ((), 1, "assistant ask"),
    ],
)
def test_bad_input_is_one_line_with_the_next_step(
    run: Run,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    run(*arguments, code=code)
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[0].startswith("error: ")
    assert len(lines) == 2
    assert lines[1].strip().startswith("→ ")
    assert said in "".join(lines)


def test_a_fault_of_the_program_is_logged_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    with pytest.raises(ZeroDivisionError) as caught:
        raise ZeroDivisionError("boom")
    assert report_error(caught.value) == 70
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    assert "assistant.log" in shown
    assert "boom" in (tmp_path / "assistant.log").read_text()


def test_chat_without_a_terminal_ingests_once_and_answers(run: Run, notes: Path) -> None:
    first = run("chat", "--notes", notes, "--ask", "What was the warm-up learning rate?")
    assert "0.0003" in first.stdout
    assert "indexed" in first.stderr
    again = run("chat", "--notes", notes, "--ask", "What was the warm-up learning rate?")
    assert "indexed" not in again.stderr


def test_another_library(run: Run, notes: Path, tmp_path: Path) -> None:
    run("--library", tmp_path / "other", "ingest", notes)
    assert json.loads(run("status", "--json").stdout)["documents"] == 0
    state = json.loads(run("-l", tmp_path / "other", "status", "--json").stdout)
    assert state["documents"] == 2


def test_a_name_that_is_not_utf8_is_told_and_kept(run: Run, notes: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (notes / name).write_text("Espresso is strong.")
    run("ingest", notes)
    found = json.loads(run("search", "espresso", "--json").stdout)
    assert found["hits"][0]["path"].endswith("caf\\udce9.txt") or "caf" in found["hits"][0]["path"]
    assert "caf�.txt" in run("search", "espresso").stdout


# --------------------------------------------------------------------------- keeping the library


def test_quoting_needs_no_model(run: Run, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("ingest", notes)
    question = "What was the learning rate of the warm-up run?"
    told = json.loads(run("ask", "--quote", "--json", question).stdout)
    assert told["answer"].startswith("> The learning rate of the warm-up run was 0.0003.")
    assert told["finish"] == "quoted"
    assert told["citations"][0]["text"].startswith(
        "The learning rate of the warm-up run was 0.0003."
    )

    def no_model(*_: object) -> None:
        raise ModelMissing("no weights", "install some")

    monkeypatch.setattr(Desk, "load_generator", no_model)
    result = run("ask", question)
    assert "0.0003" in result.stdout
    assert "no language model is installed" in result.stderr


def test_asking_within_a_notebook_a_folder_or_a_file(run: Run, notes: Path) -> None:
    (notes / "물리").mkdir()
    (notes / "물리" / "힘.md").write_text("힘은 질량과 가속도의 곱이다. 학습률과는 상관이 없다.")
    run("ingest", notes)
    run("notebooks", "add", "물리", notes / "물리")

    def found(*scope: str | Path) -> set[str]:
        hits = json.loads(run("search", "학습률", "--json", *scope).stdout)["hits"]
        return {Path(hit["path"]).name for hit in hits}

    assert len(found()) > 1
    assert found("--notebook", "물리") == {"힘.md"}
    assert found("--in", notes / "물리") == {"힘.md"}
    assert found("--in", notes / "한국어.txt", "--in", notes / "물리") == {"한국어.txt", "힘.md"}
    assert "no notebook 화학" in told(run("search", "x", "--notebook", "화학", code=2))
    assert "nowhere" in told(run("ask", "x", "--in", notes / "nowhere", code=2))


def test_notebooks_are_listed_and_let_go(run: Run, notes: Path) -> None:
    assert "no notebook yet" in run("notebooks").stderr
    run("ingest", notes, "--notebook", "훈련")
    (listed,) = json.loads(run("notebooks", "--json").stdout)["notebooks"]
    assert (listed["name"], listed["documents"], listed["paths"]) == ("훈련", 2, [str(notes)])
    assert "#훈련  2 files" in run("notebooks").stdout
    run("notebooks", "take", "훈련", notes)
    assert json.loads(run("notebooks", "--json").stdout)["notebooks"][0]["documents"] == 0
    run("notebooks", "take", "훈련", notes, code=1)
    run("notebooks", "delete", "훈련")
    assert json.loads(run("notebooks", "--json").stdout)["notebooks"] == []
    assert json.loads(run("status", "--json").stdout)["documents"] == 2


def test_removing_asks_first_and_leaves_the_file(run: Run, notes: Path) -> None:
    run("ingest", notes)
    assert "--yes" in told(run("remove", notes / "log.md", code=1))
    assert json.loads(run("status", "--json").stdout)["documents"] == 2
    gone = json.loads(run("remove", notes / "log.md", "--yes", "--json").stdout)["removed"]
    assert gone == [str(notes / "log.md")]
    assert (notes / "log.md").exists()
    run("ingest")
    assert json.loads(run("status", "--json").stdout)["documents"] == 1
    assert "nothing of" in told(run("remove", notes / "nowhere.md", "--yes", code=2))
    run("ingest", notes / "log.md")
    run("ingest")
    assert json.loads(run("status", "--json").stdout)["documents"] == 2


def test_status_names_folders_and_each_file_with_its_language(run: Run, notes: Path) -> None:
    (notes / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    run("ingest", notes)
    shape = json.loads(run("status", "--files", "--json").stdout)
    (root,) = shape["roots"]
    assert (root["path"], root["documents"]) == (str(notes), 2)
    assert root["synced_at"] > "2020"
    states = {Path(file["path"]).name: file for file in shape["files"]}
    assert states["한국어.txt"]["language"] == "ko"
    assert states["log.md"]["language"] == "en"
    assert states["broken.pdf"]["state"] == "failed"
    assert all(file["indexed_at"] for file in shape["files"])
    text = run("status", "--files").stdout
    assert "broken.pdf: " in text
    assert " ko " in text


def test_patterns_are_kept_with_the_folder(run: Run, notes: Path) -> None:
    run("ingest", notes, "--exclude", "*.txt")
    run("ingest", notes)
    assert json.loads(run("status", "--json").stdout)["documents"] == 1
    run("ingest", notes, "--exclude", "")
    assert json.loads(run("status", "--json").stdout)["documents"] == 2
    run("ingest", notes, "--include", "*.txt")
    assert json.loads(run("status", "--json").stdout)["documents"] == 1


def test_watching_needs_a_folder(run: Run) -> None:
    assert "assistant watch" in told(run("watch", code=1))


def test_results_are_saved_and_compared(
    run: Run, notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {
        "id": "ko-1",
        "language": "ko",
        "question": "배치 크기는 얼마인가?",
        "answerable": True,
        "path": "한국어.txt",
        "passage": None,
        "facts": [["48"]],
    }
    (notes / "questions.jsonl").write_text(json.dumps(asked), encoding="utf-8")
    one, other = tmp_path / "가.json", tmp_path / "나.json"
    one.write_text(run("eval", notes, "--retrieval-only", "--json").stdout, encoding="utf-8")
    monkeypatch.setenv("ASSISTANT_RETRIEVAL__FUSION", "reciprocal_rank")
    other.write_text(run("eval", notes, "--retrieval-only", "--json").stdout, encoding="utf-8")
    told_in_json = json.loads(run("eval", "--compare", one, other, "--json").stdout)
    assert told_in_json["settings"] == {"retrieval.fusion": ["score", "reciprocal_rank"]}
    shown = run("eval", "--compare", one, other).stdout
    assert "retrieval.fusion  score  reciprocal_rank" in shown
    assert "retrieval: the same scores for every question" in shown
    (notes / "log.md").write_text("# Another log")
    other.write_text(run("eval", notes, "--retrieval-only", "--json").stdout, encoding="utf-8")
    assert "content has changed" in told(run("eval", "--compare", one, other, code=2))
    assert "name a folder" in told(run("eval", code=2))
    assert "name a folder" in told(run("eval", notes, "--compare", one, other, code=2))


def told(result: Result) -> str:
    assert isinstance(result.exception, AssistantError)
    return f"{result.exception.message} {result.exception.hint}"


def test_the_log_is_shown_from_its_end(run: Run) -> None:
    assert "nothing went wrong yet" in run("logs").stderr
    file = Path(run("logs", "--path").stdout.strip())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"line {n}\x1b[31m\n" for n in range(100)), "utf-8")
    assert run("logs", "-n", "2").stdout == "line 98[31m\nline 99[31m\n"


def test_a_refused_question_is_searched_wider(
    run: Run, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("ingest", notes)
    refused = run("ask", "How long do cats sleep?")
    assert "--wider" in refused.stderr
    assert "--wider" not in run("ask", "How long do cats sleep?", "--wider").stderr

    monkeypatch.setenv("ASSISTANT_RETRIEVAL__SIMILARITY_TOP_K", "1")
    monkeypatch.setenv("ASSISTANT_ANSWER__SOURCES", "1")
    question = "What was the learning rate of the warm-up run?"
    one = json.loads(run("ask", question, "--json").stdout)
    two = json.loads(run("ask", question, "--json", "--wider").stdout)
    assert [len(told["sources"]) for told in (one, two)] == [1, 2]
    quoted = json.loads(run("ask", question, "--json", "--wider", "--quote").stdout)
    assert len(quoted["sources"]) == 2
