"""Keeping folders in step while the interface runs."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

from textual.pilot import Pilot

from assistant.errors import LibraryUnwritable
from assistant.tui.changes import Changes
from assistant.tui.messages import ChangesTakenIn, WatchingBegan
from assistant.tui.strings import S, counted
from assistant.tui.widgets.library_tree import LibraryTree
from assistant.types import (
    EmbeddingProgress,
    FileFailed,
    FileIndexed,
    FileMoved,
    FileRemoved,
    FilesUnchanged,
    IngestFinished,
    IngestReport,
    IngestStarted,
    Root,
    WatchFailed,
    WatchStarted,
)
from tests.tui_desk import (
    FILES,
    INGESTION,
    NOTES,
    ROOTS,
    THESIS,
    ScriptedDesk,
    app_of,
    file,
    screen_text,
    wait_until,
)

WIDE = (130, 36)
WATCHED = (Root(NOTES, watched=True), ROOTS[1])
FINISHED = IngestFinished(IngestReport())


def desk_of(**more: Any) -> ScriptedDesk:
    known: dict[str, Any] = {"roots": WATCHED, "files": FILES, "ingest_events": INGESTION[-1:]}
    return ScriptedDesk(**{**known, **more})


async def watching(pilot: Pilot[Any], desk: ScriptedDesk, *roots: Path) -> None:
    app: Any = pilot.app
    await wait_until(pilot, lambda: desk.watching[-1:] == [roots] and app.watched == roots)


def tell(desk: ScriptedDesk, *events: Any) -> None:
    for event in (IngestStarted(len(events), 1), *events, FINISHED):
        desk.changes.put(event)


async def test_watched_folders_are_kept_in_step_from_the_start() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await watching(pilot, desk, NOTES)
        assert S.watching in screen_text(app)
        tell(
            desk,
            FileIndexed(NOTES / "가.md", 3, replaced=True),
            FileMoved(NOTES / "나.md", NOTES / "옛.md"),
            FileIndexed(NOTES / "나.md", 3, replaced=True),
            FileRemoved(NOTES / "다.md"),
        )
        await wait_until(pilot, lambda: counted(S.taken_in, 2) in screen_text(app))
        assert "가.md, 나.md" in screen_text(app)
        assert f"{counted(S.taken_out, 1)}: 다.md" in screen_text(app)
        assert len(app._notifications) == 1
        assert app.chat.prompt.has_focus


async def test_what_did_not_change_is_not_told() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await watching(pilot, desk, NOTES)
        failure = FileFailed(NOTES / "나쁨.pdf", "it is corrupt", "")
        tell(desk, FilesUnchanged(40))
        tell(desk, failure)
        told = f"{counted(S.not_read, 1)}: 나쁨.pdf"
        await wait_until(pilot, lambda: told in screen_text(app))
        assert len(app._notifications) == 1
        # It is tried at every change and told once, until something else is wrong with it.
        tell(desk, failure)
        tell(desk, FileFailed(NOTES / "나쁨.pdf", "it has a password", ""))
        await wait_until(pilot, lambda: desk.changes.empty() and len(app._notifications) == 2)


def test_what_fails_as_watching_begins_is_one_notice_for_all_folders() -> None:
    gathered = Changes()
    facts: list[Any] = []
    for root in (NOTES, THESIS):
        for event in (
            IngestStarted(2, 1),
            FileIndexed(root / "가.md", 3, replaced=True),
            FileFailed(root / "나쁨.pdf", "it is corrupt", ""),
            FINISHED,
        ):
            facts += gathered.take(event)
    assert facts == []
    began, told = gathered.take(WatchStarted((NOTES, THESIS)))
    assert isinstance(began, WatchingBegan)
    assert isinstance(told, ChangesTakenIn)
    assert told.updated == (NOTES / "가.md", THESIS / "가.md")
    assert [failure.path.parent for failure in told.failed] == [NOTES, THESIS]
    # From now on each change is told as it comes, without those before.
    facts = [fact for event in (IngestStarted(1, 1), FINISHED) for fact in gathered.take(event)]
    assert facts == [ChangesTakenIn((), (), ())]


async def test_nothing_is_watched_unless_it_was_asked_for() -> None:
    desk = desk_of(roots=ROOTS)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: app.chat.status.library and app.chat.status.ready)
        await pilot.pause(0.1)
        assert desk.watching == []
        assert S.watching not in screen_text(app)


async def test_the_switch_of_a_folder_turns_watching_on_and_off() -> None:
    desk = desk_of(roots=ROOTS)
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("f2")
        await wait_until(pilot, lambda: app.shelves.shelves)
        tree = app.screen.query_one(LibraryTree)
        await wait_until(pilot, lambda: tree.entry is not None)
        first = tree.entry.path  # type: ignore[union-attr]
        other = THESIS if first == NOTES else NOTES
        await pilot.press("w")
        await watching(pilot, desk, first)
        assert S.watching in screen_text(app)
        await wait_until(pilot, lambda: "◉" in screen_text(app))
        desk.library_roots[other] = Root(other, watched=True)
        # The other switch: watching begins anew with both.
        await wait_until(pilot, lambda: app.shelves.shelves.by_path[first].root.watched)
        await pilot.press("w")
        await watching(pilot, desk, other)
        assert not desk.library_roots[first].watched


async def test_an_ingestion_by_hand_has_the_library_to_itself() -> None:
    gate = Event()
    desk = desk_of(ingest_events=INGESTION, ingest_gate=gate)
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await watching(pilot, desk, NOTES)
        app.sync([THESIS])
        await wait_until(pilot, lambda: desk.ingested == [THESIS])
        assert desk.watching[-1] == ()
        assert app.watched == ()
        gate.set()
        await wait_until(pilot, lambda: not app.busy)
        await watching(pilot, desk, NOTES)


async def test_removing_waits_for_watching_to_stand_back() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await watching(pilot, desk, NOTES)
        app.remove(THESIS)
        await wait_until(pilot, lambda: THESIS not in desk.library_roots)
        await watching(pilot, desk, NOTES)
        assert desk.watching.count((NOTES,)) == 2
        app.remove(NOTES)
        await wait_until(pilot, lambda: not desk.library_roots and not app.busy)
        await wait_until(pilot, lambda: app.watched == ())
        told = S.removed.format(name="강의 노트")
        await wait_until(pilot, lambda: told in screen_text(app))


async def test_a_folder_that_falls_out_of_step_is_a_notice_and_watching_goes_on() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await watching(pilot, desk, NOTES)
        desk.changes.put(WatchFailed(NOTES, "its drive is gone", "connect it"))
        told = S.watch_failed.format(name="강의 노트")
        await wait_until(pilot, lambda: told in screen_text(app))
        assert "its drive is gone" in screen_text(app)
        assert "connect it" in screen_text(app)
        assert app.watched == (NOTES,)
        desk.changes.put(LibraryUnwritable("the disk is full", "make room"))
        await wait_until(pilot, lambda: S.watch_ended in screen_text(app))
        assert "the disk is full" in screen_text(app)
        assert app.watched == ()
        # It is not begun again into the same error, but by the next thing done by hand.
        assert len(desk.watching) == 1
        app.sync([NOTES])
        await wait_until(pilot, lambda: len(desk.watching) == 2)


async def test_changes_show_on_the_library_screen() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await watching(pilot, desk, NOTES)
        await pilot.press("f2")
        await wait_until(pilot, lambda: app.shelves.shelves)
        new = NOTES / "0주차 새 노트.md"
        desk.library_files[new] = file(new)
        tell(desk, FileIndexed(new, 12, replaced=False))
        await wait_until(pilot, lambda: new in app.shelves.shelves.by_path)


async def test_much_that_is_taken_in_by_watching_has_a_bar_that_cannot_be_stopped(
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("assistant.tui.changes._QUIET_SECONDS", 0.0)
    monkeypatch.setattr("assistant.tui.changes._POST_SECONDS", 0.0)
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await watching(pilot, desk, NOTES)
        desk.changes.put(IngestStarted(2, 10))
        desk.changes.put(FileIndexed(NOTES / "가.md", 3, replaced=True))
        desk.changes.put(EmbeddingProgress(100, 400))
        await wait_until(pilot, lambda: S.syncing in screen_text(app))
        await wait_until(pilot, lambda: "100/400" in screen_text(app))
        assert S.stop_key not in screen_text(app)
        desk.changes.put(FINISHED)
        await wait_until(pilot, lambda: S.syncing not in screen_text(app))
