"""What watching folders did, told as a person wants to hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from assistant import types
from assistant.errors import AssistantError
from assistant.tui.messages import ChangesTakenIn, IngestAdvanced, RootOutOfStep, WatchingBegan
from assistant.tui.tally import IngestTally, advance

if TYPE_CHECKING:
    from assistant.tui.tally import Kind
    from assistant.types import FileFailed, IngestEvent, WatchEvent

_POST_SECONDS = 0.1
_QUIET_SECONDS = 1.0


class Changes:
    """Gathers what one ingestion of a watched folder did into one fact.

    What is done within a moment is told when it is done, without a word on the way; what had
    changed before all folders were watched is one fact. ``embeds``: no folder is watched, passages
    that waited are embedded.
    """

    def __init__(self, *, embeds: bool = False) -> None:
        self._kind: Kind = "embedding" if embeds else "syncing"
        self._tells = embeds
        self._count_anew()
        self._forget()

    def _count_anew(self) -> None:
        self._began = self._posted = monotonic()
        self._tally = IngestTally(kind=self._kind)

    def _forget(self) -> None:
        self._updated: dict[Path, None] = {}  # in order, each once
        self._removed: dict[Path, None] = {}
        self._failed: dict[Path, FileFailed] = {}
        self._embedded = 0

    def take(
        self, event: WatchEvent
    ) -> Iterator[WatchingBegan | ChangesTakenIn | RootOutOfStep | IngestAdvanced]:
        """What is to be told after one more event."""
        match event:
            case types.WatchStarted(roots):
                yield WatchingBegan(roots)
                self._tells = True
                yield self._gathered()
            case types.WatchFailed(root, reason, hint):
                yield RootOutOfStep(root, AssistantError(reason, hint))
            case types.IngestFinished(report):
                self._failed.update((each.path, each) for each in self._tally.failures)
                self._embedded += report.embedded
                if self._tells:
                    yield self._gathered()
            case types.IngestStarted():
                self._count_anew()
                yield from self._count(event)
            case types.FileIndexed(path) | types.FileMoved(path):
                self._updated[path] = None
                yield from self._count(event)
            case types.FileRemoved(path):
                self._removed[path] = None
            case types.ChangesSeen():
                pass
            case _:
                yield from self._count(event)

    def _gathered(self) -> ChangesTakenIn:
        fact = ChangesTakenIn(
            tuple(self._updated),
            tuple(self._removed),
            tuple(self._failed.values()),
            self._embedded,
        )
        self._forget()
        return fact

    def _count(self, event: IngestEvent) -> Iterator[IngestAdvanced]:
        now = monotonic()
        self._tally = advance(self._tally, event, now - self._began)
        if now - self._began > _QUIET_SECONDS and now - self._posted >= _POST_SECONDS:
            self._posted = now
            yield IngestAdvanced(self._tally)
