"""What all tests share: a home of their own, and the converted models of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import paths

_LONGEST_ID = 80  # characters


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Whole files as parameters are no names: they may differ from one process to the next."""
    long = isinstance(val, str | bytes) and len(val) > _LONGEST_ID
    return argname if long else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with real models take longest, so they come first and none is waited for at the end."""
    items.sort(key=lambda item: item.get_closest_marker("models") is None)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which settings, library, weights and models of this test live."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("ASSISTANT_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """The real cache of converted models: made once by whichever test needs it first."""
    folder = paths.model_cache()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def home_with_models(model_cache: Path, home: Path) -> Path:
    """As ``home``, with the real models in it."""
    (home / "models").symlink_to(model_cache, target_is_directory=True)
    return home
