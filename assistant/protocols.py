"""What the rest of the house may ask of a model; the real ones and the fakes both keep to it.

Numbers are named, but NumPy is not imported: most commands do without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event
from typing import TYPE_CHECKING, Protocol, TypeAlias

from assistant.types import Message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Vector: TypeAlias = "NDArray[np.float32]"
"""Shape (dimension,), L2-normalised."""

Matrix: TypeAlias = "NDArray[np.float32]"
"""Shape (n, dimension), each row L2-normalised."""

Scores: TypeAlias = "NDArray[np.float32]"
"""Shape (n,), one for each document; higher is nearer, the unit is the model's own."""


class Tokenizer(Protocol):
    """Counts as the model will; cheap to have, the model's weights are not loaded for it."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted."""
        ...

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Character spans (start, end) of the tokens of ``text``, in order."""
        ...


class Encoder(Protocol):
    """Turns text into vectors whose inner product is their cosine similarity."""

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text would get another vector: model, revision, prompts."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """Longest input, in tokens, that is not cut, prompt and special tokens included."""
        ...

    @property
    def device(self) -> str: ...

    def encode_query(self, query: str) -> Vector: ...

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        """Rows in the order of ``texts``."""
        ...


class Reranker(Protocol):
    """Reads a question and a passage together: surer than two vectors, and far slower."""

    @property
    def name(self) -> str: ...

    @property
    def device(self) -> str: ...

    def rank(self, query: str, documents: Sequence[str]) -> Scores:
        """How well each document answers ``query``, in the order of ``documents``.

        Raises:
            ModelError: the model failed.
        """
        ...


class Generator(Protocol):
    """A chat language model."""

    @property
    def name(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def context_window(self) -> int:
        """Most tokens of prompt and answer together."""
        ...

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of the prompt these messages make, the chat template included."""
        ...

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Event) -> Iterator[str]:
        """Greedy answer, piece by piece; ends soon after ``stop`` is set.

        A piece holds whole characters. The number of tokens made so far is
        :attr:`generated_tokens`; whether the end was the model's own is :attr:`finished`.

        Raises:
            GenerationError: the model failed; what was yielded before stands.
        """
        ...

    def prefill(self, messages: Sequence[Message], *, stop: Event) -> None:
        """Read ahead what prompts will begin with; of the last message, its beginning.

        For a spare moment, as is whatever else has the first answer come sooner: it gives way to
        :meth:`stream` at once, and ends soon after ``stop`` is set. Where nothing can be read ahead
        nothing happens.

        Raises:
            GenerationError: the model failed.
        """
        ...

    @property
    def generated_tokens(self) -> int:
        """Tokens made by the last (or current) :meth:`stream`."""
        ...

    @property
    def finished(self) -> bool:
        """True when the last stream ended by the model's end-of-turn token."""
        ...
