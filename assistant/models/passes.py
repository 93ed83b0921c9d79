"""One pass of a language model after the other, each broken off between two layers where asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch

from assistant.models.prefixes import Kept

if TYPE_CHECKING:
    from torch import Tensor

_LAYER_SECONDS = 0.08  # what a layer may take: a stop is heard after one
_FIRST_SLICE = 256  # tokens, while it is not known how fast the model reads
_SMALLEST, _LARGEST = 32, 1024  # tokens; memory grows with a slice, and more is not faster

Asked = Callable[[], bool]
"""Whether to stop now."""


class Stopped(Exception):
    """A pass was broken off; what it was to add is not in the cache."""


class Passes:
    """Runs a model over tokens.

    A pass of a large model takes longer than who presses Esc will wait, and half a pass is worth
    nothing: so the wish to stop is looked at before every layer. ``Kept`` is as before when a pass
    breaks off, for whatever reason.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._thread = threading.local()  # several threads may run the same model
        layers = _layers(model)
        self._layers = max(1, len(layers))
        for layer in layers:
            layer.register_forward_pre_hook(self._look)
        self._rate = 0.0  # tokens a second, as the last slice was read

    def read(self, kept: Kept, ids: Sequence[int], asked: Asked) -> list[int]:
        """Run ``ids`` slice by slice but for the last slice, which is given back.

        Raises:
            Stopped: ``asked`` turned true.
        """
        rest = list(ids)
        while len(rest) > (size := self.slice):
            self._read_slice(kept, rest[:size], asked)
            rest = rest[size:]
        return rest

    def read_all(self, kept: Kept, ids: Sequence[int], asked: Asked) -> None:
        """Run ``ids`` slice by slice.

        Raises:
            Stopped: ``asked`` turned true; the slices before are kept.
        """
        if rest := self.read(kept, ids, asked):
            self._read_slice(kept, rest, asked)

    def _read_slice(self, kept: Kept, ids: list[int], asked: Asked) -> None:
        began = time.perf_counter()
        self._run(kept, ids, 1, asked)
        # Of a short slice most of the time is the weights' way from memory.
        if len(ids) >= _SMALLEST:
            self._rate = len(ids) / max(time.perf_counter() - began, 1e-6)

    def choose(
        self, kept: Kept, ids: Sequence[int], draft: Sequence[int], asked: Asked
    ) -> list[int]:
        """Run ``ids`` and ``draft``; the model's choice after the last id and each drafted one.

        Raises:
            Stopped: ``asked`` turned true.
        """
        logits = self._run(kept, [*ids, *draft], len(draft) + 1, asked)
        chosen: list[int] = logits[0, -len(draft) - 1 :].argmax(-1).tolist()
        return chosen

    @property
    def slice(self) -> int:
        """Tokens to be read in one pass, so that no layer takes long."""
        if not self._rate:
            return _FIRST_SLICE
        fitting = int(self._rate * self._layers * _LAYER_SECONDS)
        return max(_SMALLEST, min(_LARGEST, fitting))

    def _run(self, kept: Kept, ids: list[int], logits: int, asked: Asked) -> Tensor:
        before = len(kept.ids)
        outer = getattr(self._thread, "asked", None)
        self._thread.asked = asked
        try:
            with torch.inference_mode():
                output = self._model(
                    input_ids=torch.tensor([ids], device=self._model.device),
                    past_key_values=kept.cache,
                    use_cache=True,
                    logits_to_keep=logits,
                )
        except BaseException:
            if kept.can_crop:
                kept.rewind(before)
            raise
        finally:
            self._thread.asked = outer
        kept.ids += ids
        made: Tensor = output.logits
        return made

    def _look(self, layer: Any, arguments: Any) -> None:
        asked: Asked | None = getattr(self._thread, "asked", None)
        if asked is not None and asked():
            raise Stopped


def _layers(model: Any) -> Sequence[Any]:
    """The layers of a decoder; none where they are not to be found, and passes run to their end."""
    lists: list[Any] = [part for part in model.modules() if isinstance(part, torch.nn.ModuleList)]
    return max(lists, key=len, default=[])
