"""An ingestion while it runs: one line, out of the way of the chat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Protocol

from textual import on, work
from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget
from textual.worker import get_current_worker

from assistant.display import plain_path
from assistant.tui.cells import bar, cut, duration
from assistant.tui.messages import (
    IngestAdvanced,
    IngestEnded,
    IngestFailed,
    IngestTally,
)
from assistant.tui.strings import S
from assistant.tui.work import as_error
from assistant.types import (
    EmbeddingProgress,
    FileFailed,
    FileIndexed,
    FileSkipped,
    FilesUnchanged,
    IngestEvent,
    IngestFinished,
    IngestStarted,
)

_POST_SECONDS = 0.1
_BAR = 20


class Ingests(Protocol):
    """The part of a desk that adding notes needs."""

    def ingest(
        self, paths: Sequence[Path], *, stop: Event | None = None
    ) -> Iterator[IngestEvent]: ...


class IngestBar(Widget):
    """Runs an ingestion in a thread and shows how far it is; hidden while there is none."""

    DEFAULT_CSS = """
    IngestBar {
        height: 1; width: 100%; padding: 0 2; color: $text-muted; display: none;
        &.-running { display: block; }
    }
    """

    tally: reactive[IngestTally] = reactive(IngestTally())

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stop = Event()

    @property
    def running(self) -> bool:
        return self.has_class("-running")

    def start(self, desk: Ingests, paths: Sequence[Path]) -> None:
        """Begin; :class:`IngestEnded` or :class:`IngestFailed` follows, whatever happens."""
        self._stop = Event()
        self.tally = IngestTally()
        self.add_class("-running")
        self._ingest(desk, tuple(paths), self._stop)

    def stop(self) -> None:
        """End it soon; the file and the batch in flight are finished."""
        self._stop.set()

    def on_unmount(self) -> None:
        self._stop.set()

    @work(thread=True, exclusive=True, exit_on_error=False, group="ingest")
    def _ingest(self, desk: Ingests, paths: tuple[Path, ...], stop: Event) -> None:
        worker = get_current_worker()
        began = posted = monotonic()
        tally = IngestTally()
        try:
            for event in desk.ingest(paths, stop=stop):
                if worker.is_cancelled:
                    return
                if isinstance(event, IngestFinished):
                    self.post_message(IngestEnded(event.report, tally.failures))
                    return
                now = monotonic()
                tally = advance(tally, event, now - began)
                if now - posted >= _POST_SECONDS:
                    posted = now
                    self.post_message(IngestAdvanced(tally))
        except Exception as error:  # noqa: BLE001 - the chat goes on without these notes
            self.post_message(IngestFailed(as_error(error)))

    @on(IngestAdvanced)
    def _take_tally(self, event: IngestAdvanced) -> None:
        self.tally = event.tally

    @on(IngestEnded)
    @on(IngestFailed)
    def _take_end(self) -> None:
        self.remove_class("-running")

    @on(Click)
    async def _ask_to_stop(self) -> None:
        await self.run_action("screen.stop_adding")

    def render(self) -> RenderResult:
        tally = self.tally
        embedding = tally.passages_total > 0
        done, total = (
            (tally.passages, tally.passages_total)
            if embedding
            else (tally.files, tally.files_total)
        )
        shown = (S.passages_done if embedding else S.files_done).format(
            done=f"{done:,}", total=f"{total:,}"
        )
        parts = [shown]
        if not embedding and 0 < total == done:
            parts.append(S.waiting_embedding)
        if tally.rate is not None:
            parts.append(S.per_second.format(rate=f"{tally.rate:.0f}"))
        if tally.seconds_left is not None:
            parts.append(S.time_left.format(time=duration(tally.seconds_left)))
        parts.append(S.stop_key)
        line = Content.assemble(
            (f"{S.adding} ", "$foreground"), bar(done / total if total else 0.0, _BAR), " "
        ) + " · ".join(parts)
        room = self.content_size.width - line.cell_length - 2
        if tally.current is not None and not embedding and room > 8:
            line = Content.assemble(line, "  ", (cut(plain_path(tally.current), room), "dim"))
        return line


def advance(tally: IngestTally, event: IngestEvent, elapsed: float) -> IngestTally:
    """The tally after one more event."""
    tally = replace(tally, elapsed=elapsed)
    match event:
        case IngestStarted(files, _):
            return replace(tally, files_total=files)
        case EmbeddingProgress(done, total):
            since = tally.embedding_since
            return replace(
                tally,
                passages=done,
                passages_total=total,
                embedding_since=elapsed if since is None else since,
            )
        case FileFailed(path):
            return replace(
                tally, files=tally.files + 1, current=path, failures=(*tally.failures, event)
            )
        case FilesUnchanged(count):
            return replace(tally, files=min(tally.files + count, tally.files_total))
        case FileIndexed(path) | FileSkipped(path):
            return replace(tally, files=min(tally.files + 1, tally.files_total), current=path)
    return tally
