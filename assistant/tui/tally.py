"""How far an ingestion is, counted from its events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant import types

if TYPE_CHECKING:
    from assistant.types import FileFailed, IndexProgress, IngestEvent

Kind = Literal["adding", "syncing", "embedding"]


@dataclass(frozen=True, slots=True)
class IngestTally:
    """How far an ingestion is. Times in seconds since it began.

    ``kind``: ``adding`` is done by hand, ``syncing`` takes in changes of a folder that is watched,
    ``embedding`` goes on where an ingestion was cut off. ``words`` counts the passages that are
    found by their morphemes, ``passages`` those that have their embedding, ``index`` is how far the
    index of many vectors is.
    """

    files: int = 0
    files_total: int = 0
    words: int = 0
    words_total: int = 0
    passages: int = 0
    passages_total: int = 0
    index: IndexProgress | None = None
    current: Path | None = None
    elapsed: float = 0.0
    embedding_since: float | None = None
    kind: Kind = "adding"
    failures: tuple[FileFailed, ...] = field(default=())

    @property
    def can_stop(self) -> bool:
        """The user may end it."""
        return self.kind != "syncing"

    @property
    def rate(self) -> float | None:
        """Passages embedded a second; None before there is something to measure."""
        if self.embedding_since is None or not self.passages:
            return None
        spent = self.elapsed - self.embedding_since
        return self.passages / spent if spent > 0 else None

    @property
    def seconds_left(self) -> float | None:
        return (self.passages_total - self.passages) / self.rate if self.rate else None


def advance(tally: IngestTally, event: IngestEvent, elapsed: float) -> IngestTally:
    """The tally after one more event."""
    tally = replace(tally, elapsed=elapsed)
    match event:
        case types.IngestStarted(files, _):
            return replace(tally, files_total=files)
        case types.AnalysisProgress(done, total):
            return replace(tally, words=done, words_total=total)
        case types.EmbeddingProgress(done, total):
            since = tally.embedding_since
            return replace(
                tally,
                passages=done,
                passages_total=total,
                embedding_since=elapsed if since is None else since,
            )
        case types.IndexProgress():
            return replace(tally, index=event)
        case types.FileFailed(path):
            return replace(
                tally, files=tally.files + 1, current=path, failures=(*tally.failures, event)
            )
        case types.FilesUnchanged(count):
            return replace(tally, files=min(tally.files + count, tally.files_total))
        case types.FileIndexed(path) | types.FileSkipped(path):
            return replace(tally, files=min(tally.files + 1, tally.files_total), current=path)
    return tally
