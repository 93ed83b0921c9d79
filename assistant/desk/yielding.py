"""Work that can wait gives way to an answer that is being written: both want the same cores."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Condition, Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.protocols import Encoder, Matrix, Vector

_LONGEST_WAIT = 60.0  # seconds; an answer that nobody reads on must not hold work up for ever
_LOOK_SECONDS = 0.2


class Precedence:
    """Who writes an answer says so by :meth:`answering`, who can wait waits by :meth:`wait`."""

    def __init__(self, longest_wait: float = _LONGEST_WAIT) -> None:
        self._longest_wait = longest_wait
        self._answers = 0
        self._changed = Condition()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """An answer is being written."""
        with self._changed:
            self._answers += 1
        try:
            yield
        finally:
            with self._changed:
                self._answers -= 1
                self._changed.notify_all()

    def wait(self, stop: Event) -> None:
        """Return when no answer is being written, ``stop`` is set, or it has taken too long."""
        deadline = time.monotonic() + self._longest_wait
        with self._changed:
            while self._answers and not stop.is_set() and time.monotonic() < deadline:
                self._changed.wait(_LOOK_SECONDS)


class YieldingEncoder:
    """An :class:`~assistant.protocols.Encoder` that waits for answers before each batch.

    A batch is not cut further: in pieces of eight encoding costs a fifth more processor time, and
    an answer that begins amid one of ingestion's waits for little more than a second.
    """

    def __init__(self, encoder: Encoder, precedence: Precedence, stop: Event) -> None:
        self._encoder = encoder
        self._precedence = precedence
        self._stop = stop
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.max_tokens = encoder.max_tokens
        self.device = encoder.device

    def encode_query(self, query: str) -> Vector:
        return self._encoder.encode_query(query)

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        self._precedence.wait(self._stop)
        return self._encoder.encode_document(texts)
