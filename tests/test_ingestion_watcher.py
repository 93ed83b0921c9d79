"""Watching real folders: what changes on disk is taken in, and nothing else is."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from assistant.errors import LibraryBusy
from assistant.ingestion import watcher
from assistant.ingestion.watcher import BEING_WRITTEN, watch
from assistant.types import (
    ChangesSeen,
    FileSkipped,
    IngestEvent,
    IngestFinished,
    IngestReport,
    WatchEvent,
    WatchFailed,
    WatchStarted,
)

DONE = IngestFinished(IngestReport())


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "_QUIET", 50)
    monkeypatch.setattr(watcher, "_LONGEST", 300)
    monkeypatch.setattr(watcher, "_TICK", 100)
    monkeypatch.setattr(watcher, "_AGAIN", 0.2)


class Watching:
    """A watch in a thread, and what it says."""

    def __init__(self, sync: Callable[[Path], Iterator[IngestEvent]], own_folder: Path) -> None:
        self.stop = Event()
        self._events: queue.Queue[WatchEvent] = queue.Queue()
        self._sync = sync
        self._own_folder = own_folder

    def start(self, *roots: Path) -> Watching:
        def run() -> None:
            for event in watch(roots, self._sync, own_folder=self._own_folder, stop=self.stop):
                self._events.put(event)

        self.thread = Thread(target=run)
        self.thread.start()
        self.wait(WatchStarted)
        return self

    def wait(self, kind: type[WatchEvent], seconds: float = 20) -> WatchEvent:
        """The next event of a kind."""
        end = time.monotonic() + seconds
        while True:
            event = self._events.get(timeout=max(0.01, end - time.monotonic()))
            if isinstance(event, kind):
                return event

    def is_silent(self, kind: type[WatchEvent], seconds: float = 1.0) -> bool:
        try:
            self.wait(kind, seconds)
        except queue.Empty:
            return True
        return False


@pytest.fixture
def synced() -> list[Path]:
    return []


@pytest.fixture
def watching(tmp_path: Path, synced: list[Path]) -> Iterator[Watching]:
    def sync(root: Path) -> Iterator[IngestEvent]:
        synced.append(root)
        yield DONE

    watching = Watching(sync, tmp_path / "notes" / "own")
    yield watching
    watching.stop.set()
    watching.thread.join(10)
    assert not watching.thread.is_alive()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes" / "강의").mkdir(parents=True)
    return tmp_path / "notes"


def test_a_new_file_is_taken_in(watching: Watching, notes: Path, synced: list[Path]) -> None:
    watching.start(notes)
    assert synced == [notes]
    (notes / "강의" / "어텐션.md").write_text("질의와 키의 내적")
    assert watching.wait(ChangesSeen) == ChangesSeen(notes, 1)
    watching.wait(IngestFinished)
    assert synced == [notes, notes]


def test_many_changes_are_one_ingestion(
    watching: Watching, notes: Path, synced: list[Path]
) -> None:
    watching.start(notes)
    for number in range(40):
        (notes / f"{number}.md").write_text("글")
    watching.wait(ChangesSeen)
    assert watching.is_silent(ChangesSeen, 1)
    assert len(synced) <= 3  # and not 41


def test_what_is_hidden_or_the_library_itself_is_no_change(watching: Watching, notes: Path) -> None:
    (notes / ".git").mkdir()
    (notes / "own").mkdir()
    watching.start(notes)
    watching.is_silent(ChangesSeen, 0.5)
    (notes / ".git" / "index").write_text("x")
    (notes / ".swap.md.swp").write_text("x")
    (notes / "own" / "library.sqlite3-wal").write_text("x")
    assert watching.is_silent(ChangesSeen)
    (notes / ".assistantignore").write_text("*.txt\n")
    watching.wait(ChangesSeen)


def test_a_removed_file_and_folder_are_seen(watching: Watching, notes: Path) -> None:
    (notes / "강의" / "a.md").write_text("글")
    watching.start(notes)
    watching.is_silent(ChangesSeen, 0.5)
    (notes / "강의" / "a.md").unlink()
    watching.wait(ChangesSeen)
    (notes / "강의").rmdir()
    watching.wait(ChangesSeen)


def test_a_file_named_by_itself_is_followed_through_being_replaced(
    watching: Watching, notes: Path
) -> None:
    file = notes / "a.md"
    file.write_text("하나")
    watching.start(file)
    for text in ("둘째 판", "셋째 판이다"):
        fresh = notes / "fresh"
        fresh.write_text(text)
        fresh.replace(file)  # as editors save
        assert watching.wait(ChangesSeen) == ChangesSeen(file, 1)


def test_a_folder_that_comes_back_is_watched_again(watching: Watching, notes: Path) -> None:
    watching.start(notes)
    away = notes.with_name("away")
    notes.rename(away)
    watching.is_silent(ChangesSeen, 0.5)
    away.rename(notes)
    time.sleep(0.5)
    (notes / "b.md").write_text("글")
    watching.wait(ChangesSeen)


def test_a_half_written_file_is_looked_at_again(tmp_path: Path, notes: Path) -> None:
    runs: list[int] = []

    def sync(root: Path) -> Iterator[IngestEvent]:
        runs.append(1)
        if len(runs) < 3:
            yield FileSkipped(root / "a.md", BEING_WRITTEN)
        yield DONE

    watching = Watching(sync, tmp_path / "own").start(notes)
    end = time.monotonic() + 10
    while len(runs) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.6)
    watching.stop.set()
    watching.thread.join(10)
    assert len(runs) == 3  # twice again, and no more once it was whole


def test_a_failure_is_told_once_and_tried_again(tmp_path: Path, notes: Path) -> None:
    attempts: list[int] = []

    def sync(root: Path) -> Iterator[IngestEvent]:
        attempts.append(1)
        if len(attempts) < 4:
            raise LibraryBusy("another process is writing", "wait")
        yield DONE

    watching = Watching(sync, tmp_path / "own")
    stop, seen = watching.stop, []
    for event in watch([notes], sync, own_folder=tmp_path / "own", stop=stop):
        seen.append(event)
        if isinstance(event, IngestFinished):
            stop.set()
    assert [event for event in seen if isinstance(event, WatchFailed)] == [
        WatchFailed(notes, "another process is writing", "wait")
    ]
    assert len(attempts) == 4
