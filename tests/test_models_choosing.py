"""A desk that changes its language model, and what there is to change to."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from assistant.config import ModelSettings, Settings
from assistant.desk import Desk
from assistant.errors import ModelLoadError
from assistant.models import choosing, resolve
from assistant.models.choosing import Choice
from tests.endpoint import Server, served
from tests.fakes import ScriptedGenerator

SMALL = "qwen2.5-coder-0.5b-instruct"


class Network(ScriptedGenerator):
    """A generator that refers to itself, as the parts of a network do."""

    def __init__(self, name: str) -> None:
        super().__init__("서울")
        self.name = name
        self.itself = self


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Loads a Network for each setting; says which are still in memory."""
    made: list[weakref.ref[Network]] = []

    def load(settings: Settings, *_: object) -> Network:
        # As large as it is, there must not be two at any time.
        assert not [ref for ref in made if ref() is not None]
        name = settings.models.generation
        if name == "broken":
            raise ModelLoadError("it is broken", "take another")
        if name == "worse":
            raise RuntimeError("nobody thought of that")
        network = Network(name)
        made.append(weakref.ref(network))
        return network

    monkeypatch.setattr(resolve, "load_generator", load)
    return lambda: [network.name for ref in made if (network := ref()) is not None]


def test_the_old_model_is_let_go_before_the_new_one_is_loaded(
    home: Path, alive: Callable[[], list[str]]
) -> None:
    desk = Desk(Settings(models=ModelSettings(generation="first")))
    assert desk.load_generator().name == "first"
    assert desk.use_generator(Choice("generation", "second")).name == "second"
    assert alive() == ["second"]
    assert desk.settings.models.generation == "second"
    assert desk.load_generator().name == "second"


def test_a_model_that_cannot_be_loaded_leaves_the_settings(
    home: Path, alive: Callable[[], list[str]]
) -> None:
    desk = Desk(Settings(models=ModelSettings(generation="first")))
    desk.load_generator()
    with pytest.raises(ModelLoadError):
        desk.use_generator(Choice("generation", "broken"))
    with pytest.raises(RuntimeError):
        desk.use_generator(Choice("generation", "worse"))
    assert desk.settings.models.generation == "first"
    assert alive() == []
    assert desk.load_generator().name == "first"


def test_nobody_gets_a_model_that_is_on_its_way_out(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(Settings(models=ModelSettings(generation="first")))
    got: list[str] = []
    ask = Thread(target=lambda: got.append(desk.load_generator().name))

    def load(settings: Settings, *_: object) -> Network:
        if settings.models.generation == "second":
            ask.start()
            ask.join(0.1)
            assert ask.is_alive()  # it waits for the new one
        return Network(settings.models.generation)

    monkeypatch.setattr(resolve, "load_generator", load)
    desk.load_generator()
    desk.use_generator(Choice("generation", "second"))
    ask.join(5)
    assert got == ["second"]


def test_all_models_of_an_endpoint_may_be_taken_and_the_way_back_is_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_missing", lambda spec: "pip install it")
    with served(Server(models=("one", "two"))) as server:
        setting = f"{server.url}#one"
        desk = Desk(Settings(models=ModelSettings(generation=setting)))
        options = {option.setting: option for option in desk.language_models()}
        assert options[setting].active
        assert options[f"{server.url}#two"].place == f"127.0.0.1:{server.server_port}"
        assert not options[setting].leaves_machine
        assert "pip install" in options[SMALL].problem
        desk.use_generator(desk.choose_model(f"{server.url}#two"))
        assert desk.load_generator().name == "two"
        monkeypatch.setattr(resolve, "load_generator", lambda *_: Network("auto"))
        desk.use_generator(Choice("generation", "auto"))
        asked = len(server.seen)
        settings = [option.setting for option in desk.language_models()]
        assert settings[0] == "auto"
        assert setting in settings
        assert len(server.seen) > asked
    gone = {option.setting: option for option in desk.language_models()}
    assert "no server answers" in gone[setting].problem


def test_nothing_is_asked_where_no_endpoint_is_configured(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    desk = Desk(Settings())
    assert desk.language_models()[0].active
    assert desk.models()
    assert desk.choose_model("org/name").setting == "org/name"
