"""Universal Sentence Encoder (multilingual, version 3): text to vectors, without prompts.

Cer et al., 2018, "Universal Sentence Encoder", and Yang et al., 2020, "Multilingual Universal
Sentence Encoder for Semantic Retrieval": embedded pieces and two layers of convolutions over 2, 3
and 5 of them are summed over a text, divided by the root of its length, and pass dense layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from assistant.errors import ModelLoadError
from assistant.models.convert_use import BLOCKS
from assistant.models.device import Device
from assistant.models.wording import first_line
from assistant.protocols import Matrix, Vector

if TYPE_CHECKING:
    from torch import Tensor

_WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Pieces that a convolution sees, and how many of them come before its own."""
_GAP = 2  # empty places between texts laid end to end: no window reaches over it

# The model knows no limit, memory does. Other encoders take in no more of a note than this.
_MOST_TOKENS = 1024
_BATCH_TOKENS_CPU = 2048
_BATCH_TOKENS_GPU = 65_536


class UniversalEncoder:
    """An :class:`~assistant.protocols.Encoder`. Safe to use from several threads."""

    def __init__(self, folder: Path, device: Device, *, name: str, weights: str) -> None:
        """Load what :mod:`assistant.models.convert_use` wrote; ``weights`` identifies it.

        Raises:
            ModelLoadError: it is missing or something else.
        """
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.enable_truncation(_MOST_TOKENS)
            self._network = _Network(folder / "model.safetensors", device)
        except Exception as error:  # neither Rust library raises anything narrower
            raise ModelLoadError(
                f"the embedding model {name} cannot be loaded: {first_line(error)}",
                f"delete {folder}: it is made anew",
            ) from error
        self.name = name
        self.device = device.name
        self.dimension = self._network.dimension
        self.max_tokens = _MOST_TOKENS
        self.fingerprint = f"{name}/{weights[:16]}/{_MOST_TOKENS}"
        self._budget = _BATCH_TOKENS_CPU if device.name == "cpu" else _BATCH_TOKENS_GPU

    def encode_query(self, query: str) -> Vector:
        vector: Vector = self.encode_document([query])[0]
        return vector

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        row = 0
        for batch in _batches([encoding.ids for encoding in encodings], self._budget):
            vectors[row : row + len(batch)] = self._network(batch)
            row += len(batch)
        return vectors


def _batches(texts: Sequence[list[int]], budget: int) -> Iterator[list[list[int]]]:
    """The texts in their order, as many at a time as ``budget`` tokens allow, at least one."""
    batch: list[list[int]] = []
    tokens = 0
    for ids in texts:
        if batch and tokens + len(ids) > budget:
            yield batch
            batch, tokens = [], 0
        batch.append(ids)
        tokens += len(ids)
    if batch:
        yield batch


class _Network:
    """The layers. What is done for each piece runs in the device's numbers, the rest in float32."""

    def __init__(self, file: Path, device: Device) -> None:
        import torch
        from safetensors.torch import load_file

        tensors = load_file(file, device=device.name)
        self._dtype = device.torch_dtype
        self._device = device.name
        self._table = tensors["table"]
        self._scale, self._offset = tensors["scale"][:, None], tensors["lo"][:, None]
        self._epsilon = float(tensors["eps"])
        orders = [order for order, _ in _WINDOWS]

        def joined(name: str) -> Tensor:
            return torch.cat([tensors[f"{name}{order}"] for order in orders], dim=-1)

        self._narrow = joined("proj").to(self._dtype), joined("proj_b")
        self._narrow_norm = joined("ln_g"), joined("ln_b")
        self._width = tensors["proj_b2"].shape[0]
        self._convolutions = [
            [(tensors[f"w{n}_{order}"].to(self._dtype), tensors[f"b{n}_{order}"]) for n in (1, 2)]
            for order in orders
        ]
        self._norm = tensors["ln_g"], tensors["ln_b"]
        self._pooled = tensors["cnn_W"], tensors["cnn_b"]
        self._dense = [tensors[f"d{n}"] for n in range(4)]
        self._past = tensors["p1"], tensors["p3"]
        self.dimension = int(self._dense[3].shape[1])

    def __call__(self, texts: list[list[int]]) -> Matrix:
        """One unit row for each text, a list of token ids; none may be empty."""
        import torch

        with torch.inference_mode():
            lengths = torch.tensor([len(ids) for ids in texts], device=self._device)
            of_text = torch.arange(len(texts), device=self._device).repeat_interleave(lengths)
            ids = torch.tensor(list(chain.from_iterable(texts)), device=self._device)
            features = self._features(ids, of_text)
            sums = features.new_zeros(len(texts), features.shape[1])
            vectors = self._head(sums.index_add_(0, of_text, features), lengths[:, None].float())
            matrix: Matrix = torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()
        return matrix

    def _features(self, ids: Tensor, of_text: Tensor) -> Tensor:
        """Shape (tokens, embedding and convolutions), float32."""
        import torch
        from torch.nn.functional import layer_norm

        block = ids % BLOCKS
        embedded = self._table[ids].float() * self._scale[block] + self._offset[block]
        weight, bias = self._narrow
        narrow = (embedded.to(self._dtype) @ weight).float() + bias
        narrow = layer_norm(narrow, narrow.shape[1:], *self._narrow_norm, self._epsilon)
        places = torch.arange(len(ids), device=self._device) + _GAP * (of_text + 1)
        convolved = [embedded]
        for (order, before), layers, part in zip(
            _WINDOWS, self._convolutions, torch.split(narrow, self._width, dim=1), strict=True
        ):
            windows = places[:, None] + torch.arange(order, device=self._device) - before
            for weight, bias in layers:
                room = part.new_zeros(int(places[-1]) + _GAP + 1, self._width, dtype=self._dtype)
                room[places] = part.to(self._dtype)
                seen = room[windows].flatten(1)
                part = part + torch.relu((seen @ weight).float() + bias)
            convolved.append(part)
        features = torch.cat(convolved, dim=1)
        return layer_norm(features, features.shape[1:], *self._norm, self._epsilon)

    def _head(self, sums: Tensor, lengths: Tensor) -> Tensor:
        import torch

        weight, bias = self._pooled
        pooled = (sums @ weight + lengths * bias) / lengths.sqrt()
        d0, d1, d2, d3 = self._dense
        p1, p3 = self._past
        first = torch.relu(pooled @ d0)
        second = torch.relu(pooled @ p1 + first @ d1)
        third = torch.relu(second @ d2)
        return torch.tanh(second @ p3 + third @ d3)
