"""Jobs done at the library by hand, one at a time: taking in, forgetting, taking back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TypeAlias

from textual import on, work
from textual.app import App
from textual.reactive import var

from assistant import types
from assistant.display import plain_path
from assistant.tui.messages import (
    DocumentsForgotten,
    IngestAdvanced,
    IngestEnded,
    IngestFailed,
    WorkFailed,
)
from assistant.tui.strings import S, counted
from assistant.tui.tally import IngestTally, advance
from assistant.tui.wording import failures_summary, ingest_summary
from assistant.tui.work import as_error

if TYPE_CHECKING:
    from assistant.types import IngestEvent, LibraryStatus, Root, WatchEvent

_POST_SECONDS = 0.1
_COUNT_SECONDS = 3.0

Job = Callable[[], object]
Ingestion: TypeAlias = "Callable[[Event], Iterator[IngestEvent]]"
"""Begins an ingestion, which ends early when the event is set."""


class Keeps(Protocol):
    """The part of a desk that keeps the library in step."""

    def ingest(
        self,
        paths: Sequence[Path] = (),
        *,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        retry: bool = False,
        stop: Event | None = None,
    ) -> Iterator[IngestEvent]: ...

    def embed_waiting(self, *, stop: Event | None = None) -> Iterator[IngestEvent]: ...

    def watch(self, paths: Sequence[Path] = (), *, stop: Event) -> Iterator[WatchEvent]: ...

    def status(self) -> LibraryStatus: ...

    def roots(self) -> list[Root]: ...

    def set_watched(self, root: Path, watched: bool) -> None: ...

    def remove(self, path: Path) -> list[Path]: ...


class JobsApp(App[None]):
    """Runs one job at the library at a time; what goes on by itself stands back for it.

    ``tally`` is how far the job is, None when there is none. ``removed`` is the root, as it was,
    from which something was removed last and can be taken back.
    """

    keeper: Keeps
    tally: var[IngestTally | None] = var(None)
    removed: var[Root | None] = var(None)

    def __init__(self) -> None:
        super().__init__()
        self._busy = False
        self._titles = (S.added, S.added_stopped)
        self._stop_job = Event()
        self._waiting: deque[Job] = deque()
        self._counted = 0.0
        self._told: dict[Path, str] = {}

    def library_changed(self) -> None:
        """What the library holds is not what it was."""
        raise NotImplementedError

    @property
    def library_is_shown(self) -> bool:
        """The screen that tells of each file is before the user."""
        raise NotImplementedError

    def stand_back(self) -> bool:
        """Have what goes on by itself end; False when nothing does."""
        raise NotImplementedError

    def go_on(self, *, embeds: bool | None) -> None:
        """A job is done: what goes on by itself may.

        ``embeds``: what waits may be embedded, None leaves that as it was.
        """
        raise NotImplementedError

    def on_unmount(self) -> None:
        self._stop_job.set()

    # ------------------------------------------------------------------ one at a time

    @property
    def busy(self) -> bool:
        """Something is done to the library that nothing must come between."""
        return self._busy

    def _alone(self, job: Job) -> bool:
        """Do ``job`` once all has stood back for it; not at all while another is being done."""
        if self._busy:
            self.notify(S.adding_already)
            return False
        self._busy = True
        if self.stand_back():
            self._waiting.append(job)
        else:
            job()
        return True

    def _job_done(self, *, embeds: bool | None = None) -> None:
        self._busy = False
        self.library_changed()
        self.go_on(embeds=embeds)

    # ------------------------------------------------------------------ taking in

    def add_notes(self, path: Path | None) -> None:
        """Take in ``path``; None is what a dialog gives that was left."""
        if path is not None:
            self._take_in(
                lambda stop: self.keeper.ingest([path], stop=stop), S.added, S.added_stopped
            )

    def sync(self, paths: Sequence[Path] = (), *, retry: bool = False) -> None:
        """Bring ``paths``, or everything, in step; ``retry`` what could not be read as well."""
        self._take_in(
            lambda stop: self.keeper.ingest(paths, retry=retry, stop=stop),
            S.synced,
            S.synced_stopped,
        )

    def take_back(self) -> None:
        """Take in again what was removed last."""
        root = self.removed
        if root is None:
            return

        def restore(stop: Event) -> Iterator[IngestEvent]:
            # Its root with the patterns it had: what lies in a root must not become one.
            yield from self.keeper.ingest(
                [root.path], include=root.include, exclude=root.exclude, stop=stop
            )
            if root.watched:
                self.keeper.set_watched(root.path, True)

        if self._take_in(restore, S.taken_back, S.synced_stopped):
            self.removed = None
            self.clear_notifications()  # that it can be taken back holds no more

    def _take_in(self, ingestion: Ingestion, done: str, stopped: str) -> bool:
        stop = Event()
        if not self._alone(lambda: self._ingest(ingestion, stop)):
            return False
        self._titles = (done, stopped)
        self._stop_job = stop
        self._counted = 0.0
        self.tally = IngestTally()
        return True

    @work(thread=True, exit_on_error=False, group="ingest")
    def _ingest(self, ingestion: Ingestion, stop: Event) -> None:
        began = posted = monotonic()
        tally = IngestTally()
        report = types.IngestReport()
        try:
            for event in ingestion(stop):
                if isinstance(event, types.IngestFinished):
                    report = event.report
                    continue
                now = monotonic()
                tally = advance(tally, event, now - began)
                if now - posted >= _POST_SECONDS:
                    posted = now
                    self.post_message(IngestAdvanced(tally))
        except Exception as error:  # noqa: BLE001 - all else goes on without these notes
            self.post_message(IngestFailed(as_error(error)))
        else:
            self.post_message(IngestEnded(report, tally.failures))

    @on(IngestAdvanced)
    def _take_tally(self, event: IngestAdvanced) -> None:
        self.tally = event.tally
        # Files can be found before they are embedded.
        if event.tally.elapsed < self._counted:
            self._counted = 0.0
        if event.tally.elapsed - self._counted >= _COUNT_SECONDS:
            self._counted = event.tally.elapsed
            self.library_changed()

    @on(IngestEnded)
    def _take_end(self, event: IngestEnded) -> None:
        self.tally = None
        failures = event.failures
        self._told.update((failure.path, failure.reason) for failure in failures)
        # One notice for all: each pushes the page further down.
        lines = [ingest_summary(event.report)]
        if failures:
            lines.append(failures_summary(failures, hint=not self.library_is_shown))
        self.notify(
            "\n".join(lines),
            title=self._titles[event.report.stopped],
            severity="warning" if failures else "information",
            markup=False,
            timeout=12 if failures else 10,
        )
        self._job_done(embeds=not event.report.stopped)

    @on(IngestFailed)
    def _take_failure(self, event: IngestFailed) -> None:
        self.tally = None
        self.post_message(WorkFailed(event.error))
        self._job_done(embeds=False)

    # ------------------------------------------------------------------ forgetting

    def remove(self, path: Path) -> None:
        """Let the library forget what is at or beneath ``path``."""
        self._alone(lambda: self._remove(path))

    @work(thread=True, exit_on_error=False, group="ingest")
    def _remove(self, path: Path) -> None:
        try:
            above = [root for root in self.keeper.roots() if path.is_relative_to(root.path)]
            gone = self.keeper.remove(path)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(IngestFailed(as_error(error)))
        else:
            root = max(above, key=lambda each: len(each.path.parts), default=None)
            self.post_message(DocumentsForgotten(path, tuple(gone), root))

    @on(DocumentsForgotten)
    def _tell_forgotten(self, event: DocumentsForgotten) -> None:
        self.removed = event.root
        left = counted(S.removed_count, len(event.paths))
        name = plain_path(event.path, event.path.parent)
        text = f"{left} · {S.undo_hint}" if event.root is not None else left
        self.notify(text, title=S.removed.format(name=name), markup=False, timeout=10)
        self._job_done()
