"""What doctor says of the embedding model."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config import ModelSettings, Settings
from assistant.desk import Desk
from assistant.desk.diagnosing import _describe_encoder
from assistant.models.catalog import E5_AND_USE
from assistant.types import Check


def checks(home: Path, embedding: str, made_by: str) -> dict[str, Check]:
    models = ModelSettings(embedding=embedding)
    desk = Desk(Settings(library=home / "library", models=models))
    try:
        if made_by:
            desk.library.set_fingerprint(made_by, f"{made_by}/1", 8)
        return {check.name: check for check in _describe_encoder(desk)}
    finally:
        desk.close()


@pytest.mark.parametrize(
    ("embedding", "made_by"),
    [
        (E5_AND_USE.name, ""),
        (E5_AND_USE.name, E5_AND_USE.name),
        ("/models/my-e5", "my-e5"),
        ("org/model", "org/model"),
    ],
)
def test_a_library_of_the_model_that_is_set_is_well(home, embedding, made_by) -> None:
    assert checks(home, embedding, made_by).keys() == {"refusals"}


def test_a_library_of_another_model_is_told_with_the_way_back(home: Path) -> None:
    found = checks(home, E5_AND_USE.name, E5_AND_USE.first.name)["embedding model"]
    assert found.level == "error"
    assert f"assistant models use {E5_AND_USE.first.name}" in found.hint


def test_whether_refusals_are_fitted_is_told(home: Path) -> None:
    assert checks(home, E5_AND_USE.name, "")["refusals"].detail.startswith("fitted to")
    assert "not fitted" in checks(home, "org/model", "")["refusals"].detail
