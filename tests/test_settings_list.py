"""Settings as they are listed, and changed by what people write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant import config
from assistant.cli import app as cli
from assistant.config import Settings
from assistant.desk import Desk
from assistant.errors import ConfigError, ModelLoadError
from assistant.models.choosing import Choice
from assistant.settings_list import changed, settings_list
from assistant.types import Setting


def one(settings: Settings, key: str) -> Setting:
    return next(each for each in settings_list(settings) if each.key == key)


def test_every_setting_says_what_it_means(home: Path) -> None:
    listed = settings_list(config.load())
    assert len(listed) > 20
    assert [each.key for each in listed if len(each.help) < 10] == []
    assert one(config.load(), "retrieval.fusion").choices == ("score", "reciprocal_rank")


def test_where_a_value_comes_from(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config.toml").write_text("[answer]\nsources = 5\n")
    monkeypatch.setenv("ASSISTANT_ANSWER__MAX_TOKENS", "99")
    settings = config.load()
    sources = one(settings, "answer.sources")
    assert (sources.value, sources.default, sources.origin) == ("5", "3", "file")
    assert one(settings, "answer.max_tokens").origin == "environment"
    assert one(settings, "answer.refusal").origin == "default"


@pytest.mark.parametrize(
    ("key", "text", "stored"),
    [
        ("answer.sources", " 5 ", 5),
        ("retrieval.dense_weight", "0.75", 0.75),
        ("ingestion.include", "*.md, *.pdf,", ("*.md", "*.pdf")),
        ("ingestion.include", "", ()),
        ("retrieval.dictionary", "", None),
        ("retrieval.dictionary", "~/낱말.txt", "~/낱말.txt"),
        ("models.device", "cpu", "cpu"),
    ],
)
def test_text_becomes_a_value(home: Path, key: str, text: str, stored: object) -> None:
    settings, value = changed(config.load(), key, text)
    assert value == stored
    section, name = key.split(".")
    assert str(getattr(getattr(settings, section), name)) == str(stored)


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("answer.sources", "99", "must be 20 or less"),
        ("answer.sources", "many", "must be a whole number"),
        ("models.device", "tpu", "must be one of auto, cpu"),
        ("answer.source", "3", "no setting answer.source"),
        ("library", "/x", "no setting library"),
        ("", "", "no setting"),
    ],
)
def test_what_cannot_be_is_refused_and_not_written(
    home: Path, key: str, text: str, message: str
) -> None:
    desk = Desk(config.load())
    with pytest.raises(ConfigError, match=message):
        desk.change_setting(key, text)
    assert not (home / "config.toml").exists()


def test_a_change_is_kept_and_counts_at_once_where_it_can(home: Path) -> None:
    desk = Desk(config.load())
    desk.change_setting("answer.sources", "5")
    desk.change_setting("ingestion.exclude", "*.log, 임시/")
    assert desk.settings.answer.sources == 5
    assert desk.settings.ingestion.exclude == ()  # what is being read is not read by two rules
    kept = config.load()
    assert (kept.answer.sources, kept.ingestion.exclude) == (5, ("*.log", "임시/"))
    change = desk.change_setting("answer.sources", None)
    assert (change.before, change.after) == (5, None)
    assert config.load().answer.sources == desk.settings.answer.sources == 3
    assert "sources" not in (home / "config.toml").read_text()
    assert desk.change_setting("answer.sources", None).before is None


def test_a_model_that_cannot_be_loaded_takes_no_other_setting_back(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(config.load())

    def fail(*_: object) -> None:
        desk.change_setting("answer.sources", "5")  # while it is being loaded
        raise ModelLoadError("no such model", "take another")

    monkeypatch.setattr(desk, "load_generator", fail)
    with pytest.raises(ModelLoadError):
        desk.use_generator(Choice("generation", "broken"))
    assert desk.settings.answer.sources == 5
    assert desk.settings.models.generation == "auto"


def test_a_variable_wins_and_that_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_ANSWER__SOURCES", "7")
    desk = Desk(config.load())
    assert desk.change_setting("answer.sources", "5").overridden == "ASSISTANT_ANSWER__SOURCES"
    assert desk.settings.answer.sources == 7


def test_the_command_line(home: Path) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli.app, ["settings", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    assert "Most prompt tokens" in run()
    assert "every setting is as it comes" in run("--changed")
    assert "answer.sources: 5" in run("set", "answer.sources", "5")
    (listed,) = json.loads(run("--changed", "--json"))["settings"]
    assert (listed["key"], listed["value"]) == ("answer.sources", "5")
    assert "as it comes" in run("reset", "answer.sources")
