"""Taking in notes, by hand and by watching, while any screen is shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Protocol

from textual import on, work
from textual.app import App
from textual.reactive import var

from assistant.display import plain_path
from assistant.tui.changes import Changes
from assistant.tui.messages import (
    ChangesTakenIn,
    DocumentsForgotten,
    IngestAdvanced,
    IngestEnded,
    IngestFailed,
    LibraryChanged,
    LibraryCounted,
    RootOutOfStep,
    WatchingBegan,
    WatchingEnded,
    WorkFailed,
)
from assistant.tui.strings import S, counted
from assistant.tui.tally import IngestTally, advance
from assistant.tui.wording import changes_summary, error_text, ingest_summary
from assistant.tui.work import as_error
from assistant.types import (
    FileFailed,
    IngestEvent,
    IngestFinished,
    Root,
    WatchEvent,
)

_POST_SECONDS = 0.1
_COUNT_SECONDS = 3.0
# What watching takes in within this time is told when it is done, without a bar on the way.
_QUIET_SECONDS = 1.0


class Keeps(Protocol):
    """The part of a desk that keeps the library in step."""

    def ingest(
        self, paths: Sequence[Path] = (), *, stop: Event | None = None
    ) -> Iterator[IngestEvent]: ...

    def watch(self, paths: Sequence[Path] = (), *, stop: Event) -> Iterator[WatchEvent]: ...

    def roots(self) -> list[Root]: ...

    def set_watched(self, root: Path, watched: bool) -> None: ...

    def remove(self, path: Path) -> list[Path]: ...


class KeepingApp(App[None]):
    """Runs one job at the library at a time; watching stands back while there is one.

    ``tally`` is how far the job is, None when there is none; ``watched`` are the folders that are
    kept in step right now.
    """

    keeper: Keeps
    tally: var[IngestTally | None] = var(None)
    watched: var[tuple[Path, ...]] = var(())

    def __init__(self) -> None:
        super().__init__()
        self._busy = False
        self._syncs = False
        self._stop_job = Event()
        self._stop_watching: Event | None = None
        self._waiting: deque[Callable[[], object]] = deque()
        self._counted = 0.0
        self._told: dict[Path, str] = {}
        self._opened = False

    def library_changed(self) -> None:
        """What the library holds is not what it was."""
        raise NotImplementedError

    def show_failures(self, failures: tuple[FileFailed, ...]) -> None:
        """Tell which files a job could not read."""
        raise NotImplementedError

    def on_unmount(self) -> None:
        self._stop_job.set()
        if self._stop_watching is not None:
            self._stop_watching.set()

    # ------------------------------------------------------------------ one at a time

    @property
    def busy(self) -> bool:
        """Something is done to the library that watching must not come between."""
        return self._busy

    def _alone(self, job: Callable[[], object]) -> bool:
        """Do ``job`` once nothing is being watched; not at all while another is being done."""
        if self._busy:
            self.notify(S.adding_already)
            return False
        self._busy = True
        if self._stop_watching is None:
            job()
        else:
            self._waiting.append(job)
            self._stop_watching.set()
        return True

    def _job_done(self) -> None:
        self._busy = False
        self.library_changed()
        self._resume_watching()

    # ------------------------------------------------------------------ taking in by hand

    def add_notes(self, path: Path | None) -> None:
        """Take in ``path``; None is what a dialog gives that was left."""
        if path is not None:
            self._take_in((path,), syncs=False)

    def sync(self, paths: Sequence[Path] = ()) -> None:
        """Bring ``paths``, or everything, in step again."""
        self._take_in(tuple(paths), syncs=True)

    def _take_in(self, paths: tuple[Path, ...], *, syncs: bool) -> None:
        stop = Event()
        if self._alone(lambda: self._ingest(paths, stop)):
            self._syncs = syncs
            self._stop_job = stop
            self._counted = 0.0
            self.tally = IngestTally()

    @work(thread=True, exit_on_error=False, group="ingest")
    def _ingest(self, paths: tuple[Path, ...], stop: Event) -> None:
        began = posted = monotonic()
        tally = IngestTally()
        try:
            for event in self.keeper.ingest(paths, stop=stop):
                if isinstance(event, IngestFinished):
                    self.post_message(IngestEnded(event.report, tally.failures))
                    return
                now = monotonic()
                tally = advance(tally, event, now - began)
                if now - posted >= _POST_SECONDS:
                    posted = now
                    self.post_message(IngestAdvanced(tally))
        except Exception as error:  # noqa: BLE001 - all else goes on without these notes
            self.post_message(IngestFailed(as_error(error)))

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
        if event.report.stopped:
            title = S.synced_stopped if self._syncs else S.added_stopped
        else:
            title = S.synced if self._syncs else S.added
        self.notify(ingest_summary(event.report), title=title, markup=False, timeout=10)
        self._job_done()
        if event.failures:
            self._told.update((failure.path, failure.reason) for failure in event.failures)
            self.show_failures(event.failures)

    @on(IngestFailed)
    def _take_failure(self, event: IngestFailed) -> None:
        self.tally = None
        self.post_message(WorkFailed(event.error))
        self._job_done()

    # ------------------------------------------------------------------ forgetting

    def remove(self, path: Path) -> None:
        """Let the library forget what is at or beneath ``path``."""
        self._alone(lambda: self._remove(path))

    @work(thread=True, exit_on_error=False, group="ingest")
    def _remove(self, path: Path) -> None:
        try:
            gone = self.keeper.remove(path)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(IngestFailed(as_error(error)))
        else:
            self.post_message(DocumentsForgotten(tuple(gone)))

    @on(DocumentsForgotten)
    def _tell_forgotten(self, event: DocumentsForgotten) -> None:
        left = counted(S.removed_count, len(event.paths))
        self.notify(left, title=S.removed, markup=False)
        self._job_done()

    @on(LibraryChanged)
    def _take_change(self, event: LibraryChanged) -> None:
        self.notify(event.notice, markup=False)
        self.library_changed()
        if event.roots:
            self._restart_watching()

    # ------------------------------------------------------------------ watching

    @work(thread=True, exit_on_error=False, group="switch")
    def set_watched(self, root: Path, watched: bool) -> None:
        """Keep ``root`` in step from now on, or no longer."""
        try:
            self.keeper.set_watched(root, watched)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))
        else:
            text = S.watch_on if watched else S.watch_off
            name = plain_path(root, root.parent)
            self.post_message(LibraryChanged(text.format(name=name), roots=True))

    @on(LibraryCounted)
    def _begin_watching(self) -> None:
        # Only now: before the first paint no library is opened.
        if not self._opened:
            self._opened = True
            self._resume_watching()

    def _restart_watching(self) -> None:
        if self._stop_watching is not None:
            self._stop_watching.set()  # its end begins it anew
        else:
            self._resume_watching()

    def _resume_watching(self) -> None:
        if self._busy or self._stop_watching is not None or not self.is_running:
            return
        self._stop_watching = Event()
        self._watch(self._stop_watching)

    @work(thread=True, exit_on_error=False, group="watch")
    def _watch(self, stop: Event) -> None:
        try:
            if any(root.watched for root in self.keeper.roots()):
                gathered = Changes()
                for event in self.keeper.watch(stop=stop):
                    for fact in gathered.take(event):
                        self.post_message(fact)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WatchingEnded(as_error(error)))
        else:
            self.post_message(WatchingEnded())

    @on(WatchingBegan)
    def _take_beginning(self, event: WatchingBegan) -> None:
        self.watched = event.roots

    @on(ChangesTakenIn)
    def _tell_changes(self, event: ChangesTakenIn) -> None:
        if self.tally is not None and not self.tally.by_hand:
            self.tally = None
        # What is still wrong was told before.
        news = tuple(each for each in event.failed if self._told.get(each.path) != each.reason)
        self._told.update((failure.path, failure.reason) for failure in news)
        for path in event.updated:
            self._told.pop(path, None)
        if summary := changes_summary(event.updated, event.removed, news):
            self.notify(summary, markup=False, severity="warning" if news else "information")
        if event.updated or event.removed or news:
            self.library_changed()

    @on(RootOutOfStep)
    def _tell_out_of_step(self, event: RootOutOfStep) -> None:
        if self.tally is not None and not self.tally.by_hand:
            self.tally = None
        title = S.watch_failed.format(name=plain_path(event.root, event.root.parent))
        text = error_text(event.error)
        self.notify(text, title=title, severity="warning", markup=False, timeout=12)

    @on(WatchingEnded)
    def _take_watching_end(self, event: WatchingEnded) -> None:
        meant = self._stop_watching is not None and self._stop_watching.is_set()
        self._stop_watching = None
        self.watched = ()
        if self.tally is not None and not self.tally.by_hand:
            self.tally = None
        if event.error is not None:
            self.notify(
                error_text(event.error),
                title=S.watch_ended,
                severity="error",
                markup=False,
                timeout=12,
            )
        if self._waiting:
            self._waiting.popleft()()
        elif meant:
            self._resume_watching()
