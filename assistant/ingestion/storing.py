"""Stores documents a few at a time, while others are split."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from assistant.library.library import Library, NewDocument

BATCH_SECONDS = 0.3
"""Longest that a document waits for others to be stored with."""

_BATCH_NODES = 64  # analysed together on all cores, and one transaction
_BATCH_FILES = 16


class BatchWriter:
    """Gathers documents and stores each batch in a thread, one batch at a time."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._executor = ThreadPoolExecutor(1, "storing")
        self._batch: list[NewDocument] = []
        self._nodes = 0
        self._since = 0.0  # when the first of the batch came
        self._being_stored: list[NewDocument] = []
        self._storing: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._executor.shutdown()

    def add(self, change: NewDocument) -> None:
        """Have a document stored, with those that come soon after."""
        if not self._batch:
            self._since = time.monotonic()
        self._batch.append(change)
        self._nodes += len(change.nodes)

    def stored(self, *, everything: bool = False) -> list[NewDocument]:
        """What was stored since the last time; to be asked for often.

        Waits where a batch is ready before the one in front of it is stored, and with
        ``everything`` until nothing is left to store.

        Raises:
            LibraryError: a batch could not be stored.
        """
        done: list[NewDocument] = []
        if self._is_ready() or everything:
            done += self._finish()
            self._begin()
        if everything or (self._storing is not None and self._storing.done()):
            done += self._finish()
        return done

    def _is_ready(self) -> bool:
        return bool(self._batch) and (
            self._nodes >= _BATCH_NODES
            or len(self._batch) >= _BATCH_FILES
            or time.monotonic() - self._since >= BATCH_SECONDS
        )

    def _begin(self) -> None:
        if self._batch:
            self._being_stored, self._batch, self._nodes = self._batch, [], 0
            self._storing = self._executor.submit(
                self._library.replace_documents, self._being_stored, rough=True
            )

    def _finish(self) -> list[NewDocument]:
        if self._storing is None:
            return []
        self._storing.result()
        self._storing = None
        return self._being_stored
