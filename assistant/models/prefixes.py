"""Keys and values of prompts that were read, so that no common beginning is read again.

A chat template, the instructions and, for a question on the same notes, the notes themselves stand
at the beginning of one prompt after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

if TYPE_CHECKING:
    from torch import Tensor

_MOST_BYTES = 256 * 1024**2
_GROWTH = 512  # tokens; of these a 1.5B model's keys and values take 15 MB in bfloat16


class GrowingLayer(DynamicLayer):  # type: ignore[no-untyped-call] # of its base's subclass hook
    """Keys and values of one layer, written in place into a store that grows by steps.

    ``DynamicLayer`` copies all of them for each new token. Shape (1, heads, tokens, head size).
    """

    keys: Any
    values: Any
    _stored: tuple[Tensor, Tensor] | None = None

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start = self.get_seq_length()
        end = start + key_states.shape[-2]
        if self._stored is None or self._stored[0].shape[-2] < end:
            self._stored = (
                _grown(self.keys, key_states, start, end),
                _grown(self.values, value_states, start, end),
            )
        keys, values = self._stored
        keys[..., start:end, :] = key_states
        values[..., start:end, :] = value_states
        self.keys, self.values = keys[..., :end, :], values[..., :end, :]
        return self.keys, self.values

    def copy(self, length: int) -> GrowingLayer:
        """A layer of its own that holds the first ``length`` tokens."""
        layer: GrowingLayer = _layer()
        if self.is_initialized and length:
            layer.update(self.keys[..., :length, :], self.values[..., :length, :])
        return layer

    @property
    def bytes(self) -> int:
        """What the store takes."""
        return sum(part.nbytes for part in self._stored or ())


def _layer() -> GrowingLayer:
    made: Any = GrowingLayer  # its base is not typed
    layer: GrowingLayer = made()
    return layer


def _grown(held: Tensor, new: Tensor, start: int, end: int) -> Tensor:
    batch, heads, _, size = new.shape
    store = new.new_empty((batch, heads, -(-end // _GROWTH) * _GROWTH, size))
    if start:
        store[..., :start, :] = held
    return store


@dataclass(slots=True)
class Kept:
    """Token ids whose keys and values are in ``cache``."""

    ids: list[int]
    cache: Any

    @property
    def can_crop(self) -> bool:
        """Only plain attention forgets its last tokens exactly; a window or a state cannot."""
        return all(type(layer) is GrowingLayer for layer in self.cache.layers)

    def rewind(self, length: int) -> None:
        """Forget all but the first ``length`` tokens, also those of a pass that broke off."""
        for layer in self.cache.layers:
            if surplus := layer.get_seq_length() - length:
                layer.crop(-surplus)
        del self.ids[length:]

    @property
    def bytes(self) -> int:
        """What the stores of the cache take."""
        return sum(layer.bytes for layer in self.cache.layers)


class Prefixes:
    """The caches of the last prompts, as many as fit ``most_bytes``, and always the last."""

    def __init__(self, config: Any, *, most_bytes: int = _MOST_BYTES) -> None:
        self._config = config
        self._most_bytes = most_bytes
        self._kept: list[Kept] = []  # the one used last is last
        self._lock = Lock()

    def take(self, prompt: Sequence[int]) -> Kept:
        """A cache for ``prompt`` that holds what of its beginning is known, never all of it.

        The last token is always left to compute: its logits begin the answer.
        """
        with self._lock:
            return self._take(list(prompt[:-1]))

    def _take(self, known: list[int]) -> Kept:
        best = max(self._kept, key=lambda kept: common_prefix(kept.ids, known), default=None)
        length = common_prefix(best.ids, known) if best is not None else 0
        if best is None or not length:
            return Kept([], self._empty())
        if 2 * length >= len(best.ids):
            # Little of it is lost: it becomes the new prompt's, and nothing is copied.
            self._kept.remove(best)
            best.rewind(length)
            return best
        copied = self._empty()
        copied.layers = [layer.copy(length) for layer in best.cache.layers]
        return Kept(best.ids[:length], copied)

    def give(self, kept: Kept) -> None:
        """Keep what was read, for the next prompt."""
        if not kept.ids or not kept.can_crop:
            return
        with self._lock:
            self._kept.append(kept)
            while len(self._kept) > 1 and sum(each.bytes for each in self._kept) > self._most_bytes:
                del self._kept[0]

    def _empty(self) -> Any:
        cache = DynamicCache(config=self._config)
        if all(type(layer) is DynamicLayer for layer in cache.layers):
            cache.layers = [_layer() for _ in cache.layers]
        return cache


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many ids both begin with."""
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    return length
