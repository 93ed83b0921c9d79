"""``assistant chats``."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app as cli, options
from assistant.cli.console import report_error
from assistant.config import load
from assistant.desk import Desk
from assistant.errors import AssistantError
from assistant.types import Answer
from tests.fakes import BagOfWordsEncoder

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Two chats: number 1 about back-propagation, number 2 in English with a hostile title."""
    desk = Desk(load())
    for question, text in (
        ("역전파는 무엇인가요?", "기울기를 뒤로 전합니다."),
        ("What is [bold]attention[/]\x1b[31m?", "A weighted mean."),
    ):
        chat = desk.create_chat(question)
        desk.append_turn(chat, question, Answer(question, text, "ko", "complete"))
    desk.close()
    monkeypatch.setattr(options, "Desk", partial(Desk, encoder=BagOfWordsEncoder()))

    def invoke(*arguments: str | Path, code: int = 0) -> Result:
        result = CliRunner().invoke(cli.app, ["chats", *map(str, arguments)])
        if isinstance(result.exception, AssistantError):
            assert report_error(result.exception) == code, result.exception
        else:
            assert result.exit_code == code, result.output
        return result

    return invoke


def numbers(result: Result) -> list[int]:
    return [chat["id"] for chat in json.loads(result.stdout)["chats"]]


def test_chats_are_listed_as_plain_text(run: Run) -> None:
    lines = run().stdout.splitlines()
    assert lines[0].startswith("2")
    assert "What is [bold]attention[/][31m?" in lines[0]
    assert "역전파는 무엇인가요?" in lines[1]


def test_found_by_words_and_by_meaning(run: Run) -> None:
    assert "기울기를 뒤로" in run("search", "기울기", "--words").stdout
    assert run("search", "weighted mean, hidden", "--words").stdout == ""
    found = json.loads(run("search", "weighted mean, hidden", "--json").stdout)
    assert found["hits"][0]["chat"]["id"] == 2


def test_a_chat_is_pinned_and_renamed(run: Run) -> None:
    run("pin", "1")
    run("rename", "1", "  시험\n범위 ")
    assert numbers(run("--json")) == [1, 2]
    assert "★ 시험 범위" in run().stdout
    run("pin", "1", "--off")
    assert numbers(run("--json")) == [2, 1]


def test_a_chat_is_deleted_and_taken_back(run: Run) -> None:
    assert "restore 1" in run("delete", "1").stderr
    assert numbers(run("--json")) == [2]
    run("restore", "1")
    assert numbers(run("--json")) == [2, 1]
    assert run("delete", "9", code=1).exception is not None


def test_a_chat_is_exported(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("export", "1")
    assert (tmp_path / "역전파는 무엇인가요.md").read_text("utf-8").startswith("# 역전파는")
    run("export", "1", "--to", "chat.json")
    written = json.loads((tmp_path / "chat.json").read_text("utf-8"))
    assert written == json.loads(run("export", "1", "--json").stdout)
    assert written["turns"][0]["text"] == "기울기를 뒤로 전합니다."
