"""``assistant models`` and ``assistant models use``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant import config
from assistant.cli import app as cli
from assistant.cli.console import report_error
from assistant.errors import AssistantError
from assistant.library.library import Library
from assistant.models import catalog, choosing
from assistant.types import LibraryStatus
from tests.endpoint import Server, served

LARGE, SMALL = "qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct"

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def installed(home: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Models that are there; no other is."""
    names = {SMALL, "multilingual-e5-small"}
    monkeypatch.setattr(
        choosing, "_missing", lambda spec: "" if spec.name in names else "pip install …"
    )
    return names


@pytest.fixture
def run(home: Path) -> Run:
    def invoke(*arguments: str | Path, code: int = 0) -> Result:
        result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        if isinstance(result.exception, AssistantError):
            assert report_error(result.exception) == code, result.exception
        else:
            assert result.exit_code == code, (result.output, result.exception)
        return result

    return invoke


def error(result: Result) -> AssistantError:
    assert isinstance(result.exception, AssistantError)
    return result.exception


def test_a_name_of_the_catalogue_is_written_down(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('[models]\ngeneration = "auto" # for now\n')
    shown = run("models", "use", SMALL)
    assert f"models.generation: auto → {SMALL}" in shown.stdout
    assert config.load().models.generation == SMALL
    assert "# for now" in (home / "config.toml").read_text()
    told = json.loads(run("models", "use", "auto", "--json").stdout)
    assert told == {
        "setting": "models.generation",
        "before": SMALL,
        "after": "auto",
        "file": str(home / "config.toml"),
        "notes": [],
    }
    assert json.loads(run("models", "--json").stdout)["models"][0]["name"]


def test_unknown_names_are_refused_with_what_is_like_them(run: Run, home: Path) -> None:
    refused = error(run("models", "use", "qwen2.5-coder-0.5b", code=1))
    assert f"did you mean {SMALL}" in refused.hint
    for wrong in ("nonsense", "./nowhere", "--task=embedding auto", "~/no.gguf"):
        run("models", "use", *wrong.split(), code=1)
    assert not (home / "config.toml").exists()


def test_a_model_of_the_other_task_is_refused(run: Run) -> None:
    refused = error(run("models", "use", SMALL, "--task", "embedding", code=1))
    assert refused.hint.endswith("--task answer")
    refused = error(run("models", "use", "multilingual-e5-small", "--task", "answer", code=1))
    assert refused.hint.endswith("--task embedding")


def test_what_is_not_installed_says_how(run: Run) -> None:
    assert "pip install" in error(run("models", "use", LARGE, code=1)).hint


def test_paths_are_kept_whole_and_looked_into(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "모델"
    folder.mkdir()
    assert "holds no model" in error(run("models", "use", "./모델", code=1)).message
    (folder / "config.json").write_text("{}")
    run("models", "use", "./모델")
    assert config.load().models.generation == str(folder)
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"no model")
    assert "no GGUF" in error(run("models", "use", "mine.gguf", code=1)).message
    file.write_bytes(b"GGUF" + bytes(20))
    run("models", "use", "mine.gguf")
    assert config.load().models.generation == str(file)
    hub = json.loads(run("models", "use", "org/name", "--json").stdout)
    assert "model hub" in hub["notes"][0]


def test_another_embedding_model_says_what_becomes_of_the_notes(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not json.loads(run("models", "use", "org/bge", "--task", "embedding", "--json").stdout)[
        "notes"
    ][1:]
    Library.open(home / "library").close()
    state = LibraryStatus(home / "library", 3, 9, 9, "flat", "multilingual-e5-small", 1)
    monkeypatch.setattr(Library, "status", lambda self: state)
    notes = " ".join(
        json.loads(run("models", "use", "org/m3", "--task", "embedding", "--json").stdout)["notes"]
    )
    assert "9 passages" in notes
    assert "embedded again" in notes
    assert "ingest" in notes
    back = json.loads(run("models", "use", "multilingual-e5-small", "--json").stdout)
    assert (back["setting"], back["notes"]) == ("models.embedding", [])


def test_an_endpoint_is_asked_and_named(run: Run, home: Path) -> None:
    with served(Server(models=("qwen3:4b", "gemma3:latest"))) as server:
        root = server.url.removesuffix("/v1")
        refused = error(run("models", "use", server.url, code=1))
        assert "qwen3:4b, gemma3:latest" in refused.hint
        assert not (home / "config.toml").exists()
        run("models", "use", f"{server.url}#gemma3")
        assert config.load().models.generation == f"{server.url}#gemma3:latest"
        asked = len(server.seen)
        listed = run("models").stdout
        assert "gemma3:latest" in listed
        assert server.url in listed
        state = json.loads(run("status", "--json").stdout)
        assert (state["endpoint"], state["leaves_machine"]) == (server.url, False)
        assert f"gemma3:latest at {server.url}" in run("status").stdout
        assert len(server.seen) == asked  # to name an endpoint is not to call it
        server.listing = lambda handler: handler.reply(
            *((200, '{"data": [{"id": "one"}]}') if handler.path.startswith("/v1") else (404, ""))
        )
        run("models", "use", root)
        assert config.load().models.generation == f"{server.url}#one"
    gone = error(run("models", "use", server.url, code=1))
    assert "no server answers" in gone.message


def test_an_endpoint_elsewhere_is_said_to_be(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('[models]\ngeneration = "https://api.example.com/v1#large"\n')
    for command in ("status", "models"):
        assert "leave this machine" in run(command).stdout
    assert json.loads(run("status", "--json").stdout)["leaves_machine"] is True


def test_a_variable_that_wins_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS__GENERATION", "auto")
    told = json.loads(run("models", "use", SMALL, "--json").stdout)
    assert "ASSISTANT_MODELS__GENERATION" in told["notes"][0]


def test_the_catalogue_has_the_names_used_here() -> None:
    assert catalog.find(LARGE)
    assert catalog.find(SMALL)
