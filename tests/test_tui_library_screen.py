"""The library screen: what it shows, and what its keys do."""

from __future__ import annotations

import os
import subprocess
import unicodedata
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from assistant.errors import LibraryCorrupt, NotebookError
from assistant.tui.screens.add_folder import AddFolder
from assistant.tui.screens.choose_scope import ChooseScope
from assistant.tui.screens.confirm import Confirm
from assistant.tui.screens.library import LibraryScreen
from assistant.tui.screens.notebooks import ChooseNotebook
from assistant.tui.shelves import Entry
from assistant.tui.strings import S, counted
from assistant.tui.widgets.library_tree import LibraryTree
from assistant.types import IngestFinished, IngestReport, Root, Scope
from tests.tui_desk import (
    DECOMPOSED,
    EMPTY,
    EXPORT,
    FILES,
    INGESTION,
    LOCKED,
    NOTEBOOKS,
    NOTES,
    ROOTS,
    SCANNED,
    THESIS,
    WEEK,
    ScriptedDesk,
    app_of,
    file,
    screen_text,
    wait_until,
)

WIDE = (130, 36)
NARROW = (80, 24)
DONE = (IngestFinished(IngestReport(indexed=1)),)


def desk_of(**more: Any) -> ScriptedDesk:
    known: dict[str, Any] = {"roots": ROOTS, "files": FILES, "notebooks": NOTEBOOKS}
    return ScriptedDesk(**{**known, "ingest_events": DONE, **more})


async def open_library(pilot: Pilot[Any]) -> LibraryTree:
    app: Any = pilot.app
    await pilot.press("f2")
    await wait_until(pilot, lambda: app.screen is app.shelves and app.shelves.shelves)
    await pilot.pause()
    return app.screen.query_one(LibraryTree)  # type: ignore[no-any-return]


async def go_to(pilot: Pilot[Any], path: Path) -> None:
    """Put the cursor on ``path``, its folders opened by key."""
    app: Any = pilot.app
    tree = app.screen.query_one(LibraryTree)
    await pilot.press("home")
    for _ in range(200):
        entry = tree.entry
        if entry is not None and entry.path == path:
            return
        inside = entry is not None and path.is_relative_to(entry.path)
        await pilot.press("right" if inside else "down")
        await pilot.pause()
    raise AssertionError(f"{path} is not there")


def rows_of(app: Any) -> list[str]:
    """The lines of the screen, without what stands in the detail beside them."""
    return [line.partition("│")[0] for line in screen_text(app).splitlines()]


def line_with(app: Any, text: str) -> str:
    return next((row for row in rows_of(app) if text in row), "")


# ---------------------------------------------------------------------- what is shown


async def test_the_tree_tells_what_became_of_each_file() -> None:
    app = app_of(desk_of())
    async with app.run_test(size=WIDE) as pilot:
        tree = await open_library(pilot)
        assert "✕ 1  ◐ 1  ○ 1" in line_with(app, "/notes/강의 노트 (7)")
        failed = line_with(app, "잠긴 [bold]파일.pdf")
        assert f"✕ {S.failed}" in failed
        assert f"○ {S.skipped}" in line_with(app, "빈 파일.md")
        assert f"◐ {S.blank_pages.format(count=4)}" in line_with(app, "10주차 스캔.pdf")
        indexed = line_with(app, "chapter 2.tex")
        for part in (f"● {S.indexed}", "48", "en", S.day(datetime(2026, 9, 14))):
            assert part in indexed
        assert line_with(app, "#머신러닝 (2)")
        # What is closed has no rows: they are made when it is opened.
        assert not line_with(app, "어텐션.md")
        assert "3월.md" not in screen_text(app)
        await go_to(pilot, EXPORT / "회의록" / "3월.md")
        assert "3월.md" in screen_text(app)
        assert isinstance(tree.entry, Entry)


async def test_the_detail_gives_the_reason_the_next_step_and_the_notebooks() -> None:
    app = app_of(desk_of())
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await go_to(pilot, LOCKED.path)
        await pilot.pause()
        shown = screen_text(app)
        assert "has a password" in shown
        assert "→ remove the password and sync" in shown
        await go_to(pilot, SCANNED.path)
        await pilot.pause()
        shown = " ".join(screen_text(app).split())
        assert S.without_text.format(pages="3, 7–9") in shown
        assert "#머신러닝" in shown


async def test_korean_names_are_composed_and_their_columns_in_line() -> None:
    app = app_of(desk_of())
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await go_to(pilot, DECOMPOSED)
        await pilot.pause()
        shown = screen_text(app)
        assert unicodedata.is_normalized("NFC", shown)
        rows = [row for row in rows_of(app) if f"● {S.indexed}" in row]
        assert len(rows) >= 4
        assert len({cell_len(row[: row.index("●")]) for row in rows}) == 1


async def test_on_a_small_terminal_everything_has_its_place() -> None:
    app = app_of(desk_of())
    async with app.run_test(size=NARROW) as pilot:
        await open_library(pilot)
        await go_to(pilot, LOCKED.path)
        await pilot.pause()
        lines = screen_text(app).splitlines()
        assert len(lines) <= 24
        assert f"✕ {S.failed}" in line_with(app, "잠긴")
        assert "has a password" in screen_text(app)
        assert app.shelves.detail.region.y > app.shelves.library_tree.region.y


@pytest.mark.parametrize("width", [30, 44, 60, 80, 200])
async def test_rows_never_wrap_and_names_keep_their_end(width: int) -> None:
    long = file(NOTES / ("아주 긴 이름의 강의 노트 정리본 " * 6 + "최종.md"))
    app = app_of(desk_of(roots=ROOTS[:1], files=[long], notebooks=()))
    async with app.run_test(size=(width, 24)) as pilot:
        await open_library(pilot)
        row = line_with(app, "●")
        assert row
        assert any("md" in line or "최종" in line for line in screen_text(app).splitlines())


async def test_an_empty_library_says_what_to_do() -> None:
    app = app_of(ScriptedDesk(status=EMPTY))
    async with app.run_test(size=NARROW) as pilot:
        await open_library(pilot)
        assert S.empty_shelves.splitlines()[1] in screen_text(app)
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddFolder))


async def test_a_library_that_cannot_be_listed_is_a_notice() -> None:
    desk = desk_of()

    def fail() -> Any:
        raise LibraryCorrupt("library.sqlite3 is torn", "restore it")

    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: app.chat.status.library)
        desk.files = fail  # type: ignore[method-assign]
        await pilot.press("f2")
        await wait_until(pilot, lambda: "library.sqlite3 is torn" in screen_text(app))


async def test_thousands_of_files_are_rows_only_where_they_are_looked_at() -> None:
    files = [
        file(NOTES / f"{folder}주차" / f"노트 {number}.md")
        for folder in range(50)
        for number in range(100)
    ]
    app = app_of(desk_of(roots=ROOTS[:1], files=files, notebooks=()))
    async with app.run_test(size=WIDE) as pilot:
        tree = await open_library(pilot)
        assert counted(S.files, 5000) in screen_text(app)
        assert tree.last_line == 51
        assert len(app.screen.query("*")) < 60
        await go_to(pilot, NOTES / "7주차" / "노트 3.md")
        assert tree.last_line == 151
        await pilot.press("slash", *"43주차 99")
        await wait_until(pilot, lambda: tree.last_line == 3)
        await pilot.press("escape")
        await wait_until(pilot, lambda: tree.last_line == 151)


async def test_it_is_as_it_was_left() -> None:
    app = app_of(desk_of())
    async with app.run_test(size=WIDE) as pilot:
        tree = await open_library(pilot)
        await go_to(pilot, DECOMPOSED)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)
        await pilot.press("ctrl+b")
        await wait_until(pilot, lambda: app.screen is app.shelves)
        await pilot.pause(0.1)
        assert tree.entry is not None
        assert tree.entry.path == DECOMPOSED


# ---------------------------------------------------------------------- filtering


async def test_typing_leaves_what_is_found_and_esc_brings_all_back() -> None:
    app = app_of(desk_of())
    async with app.run_test(size=WIDE) as pilot:
        tree = await open_library(pilot)
        await pilot.press("slash", *"어텐")
        await wait_until(pilot, lambda: line_with(app, "어텐션.md"))
        assert not line_with(app, "chapter 2.tex")
        # The letters of the keys were typed, not obeyed.
        await pilot.press(*" ps")
        await wait_until(pilot, lambda: S.nothing_found in screen_text(app))
        assert app.screen.query_one(Input).value == "어텐 ps"
        await pilot.press("escape")
        await wait_until(pilot, lambda: line_with(app, "chapter 2.tex"))
        assert tree.has_focus
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)


async def test_only_problems_are_left_by_a_key() -> None:
    app = app_of(desk_of())
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await pilot.press("p")
        await wait_until(pilot, lambda: S.problems_only in screen_text(app))
        assert line_with(app, "잠긴")
        assert not line_with(app, "1주차 토큰화.md")
        await pilot.press("p")
        await wait_until(pilot, lambda: line_with(app, "1주차 토큰화.md"))


# ---------------------------------------------------------------------- syncing


async def test_what_failed_is_read_again_alone() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_library(pilot)
        await go_to(pilot, LOCKED.path)
        desk.library_files[LOCKED.path] = file(LOCKED.path)
        del desk.library_files[SCANNED.path]
        await pilot.press("r")
        await wait_until(pilot, lambda: desk.ingested == [LOCKED.path])
        await wait_until(pilot, lambda: f"● {S.indexed}" in line_with(app, "잠긴"))
        assert S.synced in screen_text(app)
        # Nothing has failed any more: the key is not offered.
        await pilot.press("r")
        await pilot.pause()
        assert desk.ingested == [LOCKED.path]


async def test_of_an_archive_the_archive_is_read_again() -> None:
    member = replace(LOCKED, path=EXPORT / "회의록" / "잠긴.pdf")
    desk = desk_of(files=(*FILES, member))
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await go_to(pilot, NOTES)
        await pilot.press("r")
        # By its root: a folder that is named becomes a root of its own, as does a list of files.
        await wait_until(pilot, lambda: desk.ingested == [NOTES] and not app.busy)
        await go_to(pilot, member.path)
        await pilot.press("r")
        await wait_until(pilot, lambda: desk.ingested == [NOTES, EXPORT] and not app.busy)
        await pilot.press("home", "r")
        await wait_until(pilot, lambda: set(desk.ingested[2:]) == {NOTES, THESIS})
        assert desk.retried == [True, True, True]


async def test_a_folder_is_synced_from_anything_in_it_and_all_from_the_heading() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await go_to(pilot, DECOMPOSED)
        await pilot.press("f5")
        await wait_until(pilot, lambda: desk.ingested == [NOTES] and not app.busy)
        await pilot.press("home", "f5")
        await wait_until(pilot, lambda: set(desk.ingested[1:]) == {NOTES, THESIS})


async def test_the_bar_of_an_ingestion_is_on_both_screens() -> None:
    desk = desk_of(ingest_events=INGESTION, ingest_gate=Event())
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: app.chat.status.library)
        app.add_notes(NOTES)
        await wait_until(pilot, lambda: S.adding in screen_text(app))
        await open_library(pilot)
        assert S.adding in screen_text(app)
        # One at a time, and nothing is lost by trying.
        await pilot.press("f5")
        await wait_until(pilot, lambda: S.adding_already in screen_text(app))
        assert desk.ingested == [NOTES]
        await pilot.press("ctrl+l")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: S.added_stopped in screen_text(app))
        assert isinstance(app.screen, LibraryScreen)
        assert S.adding not in line_with(app, S.files_done[-5:])


# ---------------------------------------------------------------------- removing


async def test_removing_asks_first_and_says_what_will_be() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_library(pilot)
        await go_to(pilot, WEEK)
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        shown = " ".join(screen_text(app).split())
        assert counted(S.remove_files, 2) in shown
        assert S.remove_beneath.format(root="강의 노트").split(".")[0] in shown
        await pilot.press("enter")  # the harmless answer comes first
        await wait_until(pilot, lambda: isinstance(app.screen, LibraryScreen))
        assert DECOMPOSED in desk.library_files
        await pilot.press("delete")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: DECOMPOSED not in desk.library_files)
        await wait_until(pilot, lambda: line_with(app, "강의 노트 (5)"))
        assert counted(S.removed_count, 2) in screen_text(app)
        await go_to(pilot, THESIS)
        await pilot.press("d")
        await wait_until(pilot, lambda: S.remove_root in screen_text(app))
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: THESIS not in desk.library_roots)


async def test_what_was_removed_last_is_taken_back_into_the_root_it_was_in() -> None:
    watched = replace(ROOTS[1], watched=True)
    desk = desk_of(roots=(ROOTS[0], watched))
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_library(pilot)
        await pilot.press("u")  # not offered yet
        await go_to(pilot, WEEK)
        await pilot.press("d", "tab", "enter")
        await wait_until(pilot, lambda: S.undo_hint in screen_text(app) and not app.busy)
        assert S.removed.format(name="2주차") in screen_text(app)
        assert desk.library_roots[NOTES].exclude
        assert desk.ingested == []
        await pilot.press("u")
        await wait_until(pilot, lambda: desk.ingested == [NOTES] and not app.busy)
        assert desk.library_roots[NOTES].exclude == ()
        assert S.taken_back in screen_text(app)
        app.remove(THESIS)
        await wait_until(pilot, lambda: THESIS not in desk.library_roots and not app.busy)
        await pilot.press("u")
        await wait_until(pilot, lambda: THESIS in desk.library_roots and not app.busy)
        assert desk.library_roots[THESIS].exclude == ("*.bak",)
        assert desk.library_roots[THESIS].watched


# ---------------------------------------------------------------------- notebooks


async def test_a_file_is_put_into_a_notebook_and_taken_out_again() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_library(pilot)
        await go_to(pilot, LOCKED.path)
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, ChooseNotebook))
        await pilot.press("enter")
        await wait_until(pilot, lambda: S.name_empty in screen_text(app))
        await pilot.press(*"#시험 준비", "enter")
        await wait_until(pilot, lambda: line_with(app, "#시험 준비 (1)"))
        assert desk.library_notebooks["시험 준비"].paths == (LOCKED.path,)
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, ChooseNotebook))
        await wait_until(pilot, lambda: "● #시험 준비" in screen_text(app))
        assert "○ #머신러닝" in screen_text(app)
        await pilot.press("tab", "end", "enter")
        await wait_until(pilot, lambda: desk.library_notebooks["시험 준비"].paths == ())


async def test_what_is_in_a_notebook_through_a_folder_is_not_taken_out_alone() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await go_to(pilot, DECOMPOSED)
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, ChooseNotebook))
        assert S.through_folder in screen_text(app)
        app.screen.query_one(OptionList).focus()
        await pilot.press("home", "enter")
        told = S.taken_by_folder.format(notebook="머신러닝")
        await wait_until(pilot, lambda: told in screen_text(app))
        assert desk.library_notebooks["머신러닝"] == NOTEBOOKS[0]


async def test_deleting_a_notebook_leaves_its_documents() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await pilot.press("end", "up")
        await wait_until(pilot, lambda: app.shelves.entry and app.shelves.entry.notebook)
        await pilot.press("d")
        await wait_until(pilot, lambda: S.delete_notebook_body in screen_text(app))
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: "머신러닝" not in desk.library_notebooks)
        assert len(desk.library_files) == len(FILES)


# ---------------------------------------------------------------------- asking only here


async def ask(pilot: Any, app: Any, question: str) -> None:
    count = len(app.chat.conversation.turns)
    await pilot.press(*question, "enter")
    await wait_until(
        pilot,
        lambda: len(app.chat.conversation.turns) > count and app.chat.conversation.running is None,
    )


async def test_a_folder_is_asked_alone_until_all_notes_are_again() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await go_to(pilot, WEEK)
        await pilot.press("s")
        told = S.in_scope.format(name=f"2주차{os.sep}")
        await wait_until(pilot, lambda: app.screen is app.chat and told in screen_text(app))
        await ask(pilot, app, "질문")
        assert desk.scopes[-1].paths == (WEEK,)
        assert told in str(app.chat.conversation.turns[-1].query_one(".facts").visual)
        await pilot.press("ctrl+n")
        await pilot.press("f4")
        await wait_until(pilot, lambda: told not in screen_text(app))
        await ask(pilot, app, "질문")
        assert not desk.scopes[-1]


async def test_a_notebook_is_asked_alone() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await open_library(pilot)
        await pilot.press("end", "up", "s")
        await wait_until(pilot, lambda: app.chat.scope)
        await ask(pilot, app, "질문")
        assert desk.scopes == [Scope(NOTEBOOKS[0].paths, "#머신러닝")]


async def test_the_scope_is_found_by_typing_from_the_chat() -> None:
    desk = desk_of()
    app = app_of(desk)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, ChooseScope))
        await wait_until(pilot, lambda: "#머신러닝" in screen_text(app))
        assert "#empty" not in screen_text(app)
        await pilot.press(*"보고서")
        await wait_until(pilot, lambda: "보고서.hwp" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.chat.scope.paths == (THESIS / "보고서.hwp",))
        assert app.chat.scope.name == "보고서.hwp"
        assert app.chat.prompt.has_focus
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, ChooseScope))
        await pilot.press("enter")
        await wait_until(pilot, lambda: not app.chat.scope)


async def test_the_chat_may_begin_with_a_scope() -> None:
    desk = desk_of()
    app = app_of(desk, scope=Scope((WEEK,), "[bold]#머신러닝"))
    async with app.run_test(size=NARROW) as pilot:
        told = S.in_scope.format(name="[bold]#머신러닝")
        await wait_until(pilot, lambda: told in screen_text(app))
        await ask(pilot, app, "질문")
        assert desk.scopes[-1].paths == (WEEK,)


async def test_a_scope_that_holds_nothing_is_a_notice() -> None:
    desk = desk_of()

    def fail(**_: object) -> Scope:
        raise NotebookError("the notebook holds no notes", "add some")

    desk.scope = fail  # type: ignore[method-assign]
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_library(pilot)
        await go_to(pilot, WEEK)
        await pilot.press("s")
        await wait_until(pilot, lambda: "the notebook holds no notes" in screen_text(app))
        assert not app.chat.scope


# ---------------------------------------------------------------------- opening


async def test_a_note_is_opened_in_the_editor_and_one_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / unicodedata.normalize("NFD", "노트.md")
    note.touch()
    editor = tmp_path / "editor"
    editor.touch(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)
    ran: list[tuple[str, ...]] = []

    def run(command: tuple[str, ...], **_: object) -> None:
        ran.append(command)

    @contextmanager
    def suspend() -> Any:
        yield

    root = Root(tmp_path)
    app = app_of(desk_of(roots=[root], files=[file(note, root=tmp_path)], notebooks=()))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        monkeypatch.setattr(subprocess, "run", run)
        monkeypatch.setattr(app, "suspend", suspend)
        await open_library(pilot)
        await go_to(pilot, note)
        await pilot.press("enter")
        await wait_until(pilot, lambda: ran == [(str(editor), str(note))])
        note.unlink()
        await pilot.press("o")
        told = S.gone_from_disk.format(name="노트.md")
        await wait_until(pilot, lambda: told in screen_text(app))
        assert len(ran) == 1
