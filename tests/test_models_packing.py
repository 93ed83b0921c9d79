"""Packed weights multiply as plain ones do, and what was measured is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from assistant.models import packing
from assistant.models.packing import PackedLinear, is_faster, packable


class Tied(torch.nn.Module):
    """Two layers, and an output layer that shares its weight with the words."""

    device = torch.device("cpu")

    def __init__(self, dtype: torch.dtype = torch.bfloat16) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.words = torch.nn.Embedding(50, 64, dtype=dtype)
        self.inner = torch.nn.Sequential(
            torch.nn.Linear(64, 96, dtype=dtype), torch.nn.Linear(96, 64, bias=False, dtype=dtype)
        )
        self.head = torch.nn.Linear(64, 50, bias=False, dtype=dtype)
        self.head.weight = self.words.weight

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.words

    def get_output_embeddings(self) -> torch.nn.Module:
        return self.head

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.head(self.inner(self.words(ids)))
        return made


@pytest.fixture
def gain(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was measured, which is always a gain here."""
    asked: list[Any] = []
    monkeypatch.setattr(packing, "_measure", lambda linear: asked.append(linear) or True)
    return asked


@pytest.mark.parametrize("rows", [1, 9, 200])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_it_multiplies_as_before(rows: int, dtype: torch.dtype) -> None:
    linear = torch.nn.Linear(64, 96, dtype=dtype)
    x = torch.randn(1, rows, 64, dtype=dtype)
    with torch.inference_mode():
        made = PackedLinear(linear)(x)
        assert made.shape == (1, rows, 96)
        assert made.dtype == dtype
        assert torch.allclose(made.float(), linear(x).float(), rtol=0.01, atol=0.01)


@pytest.mark.usefixtures("gain")
def test_a_model_may_be_run_between_any_two_steps(tmp_path: Path) -> None:
    model = Tied()
    ids = torch.arange(20)
    with torch.inference_mode():
        expected = model(ids)
        steps = 0
        for step in packable(model, tmp_path / "notes.json"):
            step()
            steps += 1
            assert torch.allclose(model(ids).float(), expected.float(), rtol=0.02, atol=0.02)
    assert steps == 2
    assert all(type(part) is PackedLinear for part in model.inner)
    assert type(model.head) is torch.nn.Linear  # it would take memory twice


def test_what_was_measured_is_kept(tmp_path: Path, gain: list[Any]) -> None:
    notes = tmp_path / "cache" / "notes.json"
    for _ in range(2):
        assert is_faster(torch.nn.Linear(8, 8), notes)
    assert len(gain) == 1
    assert is_faster(torch.nn.Linear(8, 16), notes)  # another layer is measured by itself
    assert len(gain) == 2
    notes.write_text("no json", "utf-8")
    assert is_faster(torch.nn.Linear(8, 8), notes)
    assert len(gain) == 3


def test_where_it_is_no_gain_the_weights_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_measure", lambda linear: False)
    assert list(packable(Tied(), tmp_path / "notes.json")) == []


def test_a_pytorch_that_cannot_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(linear: torch.nn.Linear) -> PackedLinear:
        raise AttributeError("'_OpNamespace' 'mkldnn' object has no attribute")

    monkeypatch.setattr(packing, "PackedLinear", missing)
    assert not is_faster(torch.nn.Linear(8, 8), tmp_path / "notes.json")


def test_notes_that_cannot_be_kept_are_no_failure(tmp_path: Path, gain: list[Any]) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert is_faster(torch.nn.Linear(8, 8), tmp_path / "file" / "notes.json")
    assert len(gain) == 1
