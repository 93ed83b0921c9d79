"""What watching folders did, told as a person wants to hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from assistant.errors import AssistantError
from assistant.tui.messages import ChangesTakenIn, IngestAdvanced, RootOutOfStep, WatchingBegan
from assistant.tui.tally import IngestTally, advance
from assistant.types import (
    ChangesSeen,
    FileIndexed,
    FileMoved,
    FileRemoved,
    IngestEvent,
    IngestFinished,
    IngestStarted,
    WatchEvent,
    WatchFailed,
    WatchStarted,
)

_POST_SECONDS = 0.1
_QUIET_SECONDS = 1.0


class Changes:
    """Gathers what one ingestion of a watched folder did into one fact.

    What is done within a moment is told when it is done, without a word on the way.
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._began = self._posted = monotonic()
        self._tally = IngestTally(by_hand=False)
        self._updated: dict[Path, None] = {}  # in order, each once
        self._removed: dict[Path, None] = {}

    def take(
        self, event: WatchEvent
    ) -> Iterator[WatchingBegan | ChangesTakenIn | RootOutOfStep | IngestAdvanced]:
        """What is to be told after one more event."""
        match event:
            case WatchStarted(roots):
                yield WatchingBegan(roots)
            case WatchFailed(root, reason, hint):
                yield RootOutOfStep(root, AssistantError(reason, hint))
            case IngestFinished():
                failed = self._tally.failures
                yield ChangesTakenIn(tuple(self._updated), tuple(self._removed), failed)
                self._forget()
            case IngestStarted():
                self._forget()
                yield from self._count(event)
            case FileIndexed(path) | FileMoved(path):
                self._updated[path] = None
                yield from self._count(event)
            case FileRemoved(path):
                self._removed[path] = None
            case ChangesSeen():
                pass
            case _:
                yield from self._count(event)

    def _count(self, event: IngestEvent) -> Iterator[IngestAdvanced]:
        now = monotonic()
        self._tally = advance(self._tally, event, now - self._began)
        if now - self._began > _QUIET_SECONDS and now - self._posted >= _POST_SECONDS:
            self._posted = now
            yield IngestAdvanced(self._tally)
