"""Keeps folders in step while files in them change.

The file system tells that something beneath a folder has changed; an ingestion of the folder then
finds out what. It opens nothing that did not change, so no list of changes has to be trusted: what
the system missed or told twice does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

from assistant.errors import AssistantError
from assistant.ingestion.discover import IGNORE_FILES, absolute
from assistant.types import (
    ChangesSeen,
    FileSkipped,
    IngestEvent,
    WatchEvent,
    WatchFailed,
    WatchStarted,
)

Sync = Callable[[Path], Iterator[IngestEvent]]
"""Brings one root in step."""

_QUIET = 400  # milliseconds without a change before changes are taken in
_LONGEST = 3_000  # milliseconds of changes after which they are taken in all the same
_TICK = 500  # milliseconds between two looks at what the system does not report
_AGAIN = 3.0  # seconds until what could not be taken in is tried again

BEING_WRITTEN = "still being written"
"""Why a file is passed by that will be whole in a moment."""


def watch(
    roots: Sequence[Path],
    sync: Sync,
    *,
    own_folder: Path,
    stop: Event,
) -> Iterator[WatchEvent]:
    """Bring each of ``roots`` in step, then again after each change, until ``stop`` is set.

    Changes are gathered until none has come for a moment, so that saving many files is one
    ingestion. A root that cannot be brought in step (its drive is gone, another process is
    ingesting) is told once and tried again. ``own_folder`` is the library's: what is written there
    is no change of notes.
    """
    watched = _Watch([absolute(root) for root in roots], sync, own_folder, stop)
    yield from watched.run()


class _Watch:
    def __init__(self, roots: list[Path], sync: Sync, own_folder: Path, stop: Event) -> None:
        self._roots = roots
        self._sync = sync
        self._own_folder = own_folder
        self._stop = stop
        self._due: dict[Path, float] = {}  # when a root is to be looked at again
        self._failed: dict[Path, str] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}

    def run(self) -> Iterator[WatchEvent]:
        has_begun = False
        while not self._stop.is_set():
            # Again after a folder has come or gone: the system watches what is there.
            folders = self._folders()
            changes = self._changes(folders)
            # Only once the system watches, or what changes in between would be missed.
            if next(changes, None) is None:
                return
            for root in self._roots:
                yield from self._bring_in_step(root)
            if not has_begun:
                has_begun = True
                yield WatchStarted(tuple(self._roots))
            yield from self._follow(folders, changes)

    def _folders(self) -> list[Path]:
        return [root for root in self._roots if root.is_dir()]

    def _follow(self, folders: list[Path], seen: Iterator[set[Path]]) -> Iterator[WatchEvent]:
        for changes in seen:
            counts: dict[Path, int] = {}
            for path in changes:
                for root in folders:
                    if self._matters(path, root):
                        counts[root] = counts.get(root, 0) + 1
            for file in self._changed_files():
                counts[file] = 1
            for root, count in counts.items():
                yield ChangesSeen(root, count)
                yield from self._bring_in_step(root)
            for root in [root for root, due in self._due.items() if due <= time.monotonic()]:
                yield from self._bring_in_step(root)
            if folders != self._folders():
                return

    def _changes(self, folders: list[Path]) -> Iterator[set[Path]]:
        """What has changed since the last time; nothing at a tick without a change."""
        if not folders:
            while not self._stop.wait(_TICK / 1000):
                yield set()
            return
        from watchfiles import watch as changes_beneath

        for changes in changes_beneath(
            *folders,
            watch_filter=None,
            debounce=_LONGEST,
            step=_QUIET,
            rust_timeout=_TICK,
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            yield {Path(path) for _, path in changes}

    def _bring_in_step(self, root: Path) -> Iterator[WatchEvent]:
        self._due.pop(root, None)
        if self._stop.is_set():
            return
        self._stamps[root] = _stamp(root)
        try:
            for event in self._sync(root):
                if isinstance(event, FileSkipped) and event.reason == BEING_WRITTEN:
                    self._due[root] = time.monotonic() + _AGAIN
                yield event
        except AssistantError as error:
            self._due[root] = time.monotonic() + _AGAIN
            if self._failed.get(root) != error.message:  # told once, not at every attempt
                self._failed[root] = error.message
                yield WatchFailed(root, error.message, error.hint)
        else:
            self._failed.pop(root, None)

    def _matters(self, path: Path, root: Path) -> bool:
        if not path.is_relative_to(root) or path.is_relative_to(self._own_folder):
            return False
        parts = path.relative_to(root).parts
        hidden = [part for part in parts if part.startswith(".")]
        return not hidden or (hidden == [parts[-1]] and parts[-1] in IGNORE_FILES)

    def _changed_files(self) -> list[Path]:
        # An editor replaces a file by another, which ends the watching of it; looking is cheap.
        return [
            root
            for root in self._roots
            if not root.is_dir() and _stamp(root) != self._stamps.get(root)
        ]


def _stamp(path: Path) -> tuple[int, int]:
    """Size and time of a file; zeros for what is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return (0, 0) if path.is_dir() else (status.st_size, status.st_mtime_ns)
