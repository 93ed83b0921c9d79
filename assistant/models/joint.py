"""Two encoders heard as one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assistant.protocols import Encoder, Matrix, Vector


class JointEncoder:
    """An :class:`~assistant.protocols.Encoder`: the vectors of two, end to end.

    They are scaled so that a cosine is ``1 - weight`` times the first encoder's cosine plus
    ``weight`` times the second's. Texts are cut where the first encoder cuts them at the latest.
    """

    def __init__(self, first: Encoder, second: Encoder, weight: float, *, name: str) -> None:
        self._voices = (first, math.sqrt(1.0 - weight)), (second, math.sqrt(weight))
        self.name = name
        self.fingerprint = f"{name}/{weight}/{first.fingerprint}/{second.fingerprint}"
        self.dimension = first.dimension + second.dimension
        self.max_tokens = first.max_tokens
        self.device = first.device

    def encode_query(self, query: str) -> Vector:
        return np.concatenate([scale * voice.encode_query(query) for voice, scale in self._voices])

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        return np.concatenate(
            [scale * voice.encode_document(texts) for voice, scale in self._voices], axis=1
        )
