"""Weights laid out once as the CPU's matrix product wants them, where that is found to be faster.

oneDNN brings a plain weight into its own layout at every call. Over a few rows, as when an answer
is written, that costs as much as the product; what comes out is the same to the last bit.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor

_ROWS = (1, 8, 256)
"""Rows of a pass: a token, a token with a draft, a slice of a prompt."""

_TRIES = 5
_SLOWER = 1.05  # what a measurement may err by
_ERRORS = (RuntimeError, AttributeError, NotImplementedError, TypeError)  # another PyTorch's


class PackedLinear(torch.nn.Module):
    """A linear layer by its packed weight; the plain one is not kept."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        self.bias = linear.bias
        self.packed: Any = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), None)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.packed, self.bias, "none", [], "")
        return made


def packable(model: Any, notes: Path) -> Iterator[Callable[[], None]]:
    """One step for each linear layer, to be taken one after the other; none where it is no gain.

    A step takes some hundredths of a second, and between two of them, as during one, the model may
    be run by other threads. Whether it is a gain is measured once on this machine and kept in the
    file ``notes``. The output layer of a model that reads its words by the same weight stays plain:
    it would take memory twice.
    """
    if model.device.type != "cpu":
        return
    words, head = model.get_input_embeddings(), model.get_output_embeddings()
    places = [
        (parent, name, part)
        for parent in model.modules()
        for name, part in parent.named_children()
        if type(part) is torch.nn.Linear
        and not (part is head and words is not None and part.weight is words.weight)
    ]
    if not places or not is_faster(max((part for _, _, part in places), key=_size), notes):
        return
    while places:  # so that no plain weight is held any longer than it takes
        yield partial(_pack, *places.pop())


def _pack(parent: torch.nn.Module, name: str, linear: torch.nn.Linear) -> None:
    setattr(parent, name, PackedLinear(linear))


def is_faster(linear: torch.nn.Linear, notes: Path) -> bool:
    """Whether packing pays for a layer like ``linear``: measured, or remembered in ``notes``."""
    key = _key(linear)
    known = _read(notes)
    if key not in known:
        known[key] = _measure(linear)
        _write(notes, known)
    return known[key]


@torch.inference_mode()
def _measure(linear: torch.nn.Linear) -> bool:
    try:
        packed = PackedLinear(linear)
        gains = []
        for rows in _ROWS:
            x = torch.randn(rows, linear.in_features, dtype=linear.weight.dtype)
            if not torch.allclose(packed(x).float(), linear(x).float(), rtol=0.02, atol=0.05):
                return False
            times: list[list[float]] = [[], []]
            for _ in range(_TRIES):
                for arm, taken in zip((linear, packed), times, strict=True):
                    began = time.perf_counter()
                    arm(x)
                    taken.append(time.perf_counter() - began)
            plain, other = map(min, times)
            gains.append(plain / other)
    except _ERRORS:
        return False
    return min(gains) * _SLOWER >= 1 and max(gains) > _SLOWER


def _size(linear: torch.nn.Linear) -> int:
    return linear.weight.numel()


def _key(linear: torch.nn.Linear) -> str:
    parts = (
        platform.node(),
        platform.processor() or platform.machine(),
        torch.backends.cpu.get_cpu_capability(),
        f"{torch.get_num_threads()} threads",
        f"torch {torch.__version__}",
        f"{linear.weight.dtype}".removeprefix("torch."),
        f"{linear.out_features}x{linear.in_features}",
    )
    return ", ".join(parts)


def _read(notes: Path) -> dict[str, bool]:
    try:
        known = json.loads(notes.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): bool(value) for key, value in known.items()} if type(known) is dict else {}


def _write(notes: Path, known: dict[str, bool]) -> None:
    """Keep it if that can be; else it is measured again next time."""
    scratch = notes.with_name(f".{notes.name}.{os.getpid()}")
    try:
        notes.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps(known, indent=1), "utf-8")
        scratch.replace(notes)
    except OSError:
        with suppress(OSError):
            scratch.unlink()
