"""Adding notes from inside, and the chats that are kept."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.widgets import Input, Static

from assistant.errors import LibraryUnwritable
from assistant.tui.locate import complete, locate
from assistant.tui.screens.add_folder import AddFolder
from assistant.tui.screens.chats import ChatList
from assistant.tui.screens.confirm import Confirm
from assistant.tui.strings import S
from assistant.tui.tally import IngestTally, advance
from assistant.types import (
    AnalysisProgress,
    EmbeddingProgress,
    FilesUnchanged,
    IndexProgress,
    IngestStarted,
)
from tests.tui_desk import (
    ANSWER,
    EMPTY,
    INGESTION,
    REFUSAL,
    SOURCES,
    ScriptedDesk,
    app_of,
    screen_text,
    wait_until,
)

WIDE = (120, 36)


# ---------------------------------------------------------------------- adding notes


async def test_an_empty_library_greets_and_its_key_adds_a_folder(tmp_path: Path) -> None:
    notes = tmp_path / "강의 노트"
    notes.mkdir()
    desk = ScriptedDesk(status=EMPTY, ingest_events=INGESTION)
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: S.empty_title in screen_text(app))
        assert S.empty_other in screen_text(app)
        await pilot.press("ctrl+l")
        await wait_until(pilot, lambda: isinstance(app.screen, AddFolder))
        await wait_until(pilot, lambda: app.screen.query(Input))
        app.screen.query_one(Input).value = str(notes)
        await pilot.press("enter")
        await wait_until(pilot, lambda: desk.ingested == [notes])
        await wait_until(pilot, lambda: S.added in screen_text(app))
        # What failed is in the same notice, which says where the reasons are.
        assert f"[bold]잠긴 파일.pdf — {S.see_library}" in screen_text(app)
        assert len(app._notifications) == 1
        assert S.new_files.format(count=2) in screen_text(app)
        assert S.failed_files.format(count=1) in screen_text(app)
        assert not app.chat.ingest_bar.display


async def test_a_path_that_is_not_there_is_said_and_can_be_mended(tmp_path: Path) -> None:
    desk = ScriptedDesk(ingest_events=INGESTION[-1:])
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+l")
        await wait_until(pilot, lambda: isinstance(app.screen, AddFolder))
        await pilot.press("enter")
        await wait_until(pilot, lambda: S.path_empty in screen_text(app))
        field = app.screen.query_one(Input)
        field.value = str(tmp_path / "없음")
        await pilot.press("enter")
        problem = S.path_missing.format(path=field.value)
        line = app.screen.query_one(".problem", Static)
        await wait_until(pilot, lambda: line.display and str(line.visual) == problem)
        assert desk.ingested == []
        field.value = str(tmp_path)
        await pilot.press("enter")
        await wait_until(pilot, lambda: desk.ingested == [tmp_path])


async def test_what_is_typed_after_the_key_goes_to_the_dialog() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+l", *"/강의")
        assert app.screen.query_one(Input).value == "/강의"
        assert app.chat.prompt.text == ""


async def test_notes_are_added_while_the_chat_goes_on_and_can_be_stopped() -> None:
    desk = ScriptedDesk(ingest_events=INGESTION, ingest_gate=Event())
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.pause()
        app.add_notes(Path("/notes"))
        await wait_until(pilot, lambda: S.adding in screen_text(app))
        await pilot.press(*"질문", "enter")
        await wait_until(pilot, lambda: desk.stored)
        assert app.chat.ingest_bar.running
        app.add_notes(Path("/other"))
        assert desk.ingested == [Path("/notes")]
        await pilot.press("ctrl+l")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: not app.chat.ingest_bar.running)
        await wait_until(pilot, lambda: S.added_stopped in screen_text(app))


async def test_a_question_asked_while_the_first_notes_are_read_stays_in_the_prompt() -> None:
    desk = ScriptedDesk(status=EMPTY, ingest_events=INGESTION, ingest_gate=Event())
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.pause()
        app.add_notes(Path("/notes"))
        await wait_until(pilot, lambda: S.adding in screen_text(app))
        await pilot.press(*"질문", "enter")
        await wait_until(pilot, lambda: S.still_reading in screen_text(app))
        assert app.chat.prompt.text == "질문"
        assert not desk.asked


async def test_the_bar_counts_files_then_words_then_embeddings() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=WIDE) as pilot:
        tally = advance(IngestTally(), IngestStarted(files=3, size=10), 0.0)
        for event, said in (
            (FilesUnchanged(1), S.files_done.format(done=1, total=3)),
            (AnalysisProgress(4, 9), S.words_done.format(done=4, total=9)),
            (EmbeddingProgress(2, 9), S.passages_done.format(done=2, total=9)),
            (IndexProgress("building", 3, 9), S.index_building.format(done=3, total=9)),
        ):
            app.tally = tally = advance(tally, event, 1.0)
            await wait_until(pilot, lambda said=said: said in screen_text(app))


async def test_an_ingestion_that_breaks_off_is_a_notice() -> None:
    error = LibraryUnwritable("the disk is full", "make room")
    app = app_of(ScriptedDesk(ingest_events=(*INGESTION[:2], error)))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.pause()
        app.add_notes(Path("/notes"))
        await wait_until(pilot, lambda: "the disk is full" in screen_text(app))
        assert "make room" in screen_text(app)
        assert not app.chat.ingest_bar.running


def test_a_tally_tells_rate_and_time_left() -> None:
    tally = IngestTally()
    for second, event in enumerate(INGESTION[:-1]):
        tally = advance(tally, event, float(second))
    assert (tally.files, tally.files_total) == (3, 3)
    assert len(tally.failures) == 1
    # Embedding began at 4 s; 10 passages were there at 6 s.
    assert tally.rate == 5.0
    assert tally.seconds_left == 0.0
    half = advance(tally, EmbeddingProgress(5, 10), 5.0)
    assert half.seconds_left == 1.0
    assert IngestTally().rate is None
    one = advance(advance(IngestTally(), IngestStarted(1, 1), 0), FilesUnchanged(1), 0)
    assert (one.files, one.files_total) == (1, 1)


# ---------------------------------------------------------------------- paths


def test_paths_are_found_as_people_type_them(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    decomposed = tmp_path / unicodedata.normalize("NFD", "한국어 노트") / "하위"
    decomposed.mkdir(parents=True)
    typed = unicodedata.normalize("NFC", str(decomposed))
    assert locate(typed) == decomposed
    assert locate("~") == tmp_path
    assert locate("~/한국어 노트/하위/") == decomposed
    assert locate(f"'{typed}'") == decomposed
    assert locate(typed.replace(" ", "\\ ")) == decomposed
    assert locate(str(tmp_path / "없음")) is None
    assert locate("bad\0name") is None
    assert locate("  ") is None


def test_a_path_is_drawn_out_to_the_next_folder(tmp_path: Path) -> None:
    (tmp_path / "강의").mkdir()
    (tmp_path / "강변").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "file.md").touch()
    assert complete(f"{tmp_path}/강의") == f"{tmp_path}/강의/"
    assert complete(f"{tmp_path}/강") == f"{tmp_path}/강변/"
    assert complete(f"{tmp_path}/.") == f"{tmp_path}/.hidden/"
    assert complete(f"{tmp_path}/f") is None
    assert complete("/nowhere/at/all") is None
    assert complete("") is None


# ---------------------------------------------------------------------- chats


async def ask(pilot: Any, app: Any, question: str) -> None:
    count = len(app.chat.conversation.turns)
    await pilot.press(*question, "enter")
    await wait_until(
        pilot,
        lambda: len(app.chat.conversation.turns) > count and app.chat.conversation.running is None,
    )


async def test_a_chat_is_kept_and_reopened_with_its_sources() -> None:
    desk = ScriptedDesk(ANSWER, REFUSAL)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, app, "첫째 질문")
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: not app.chat.conversation.turns)
        assert not app.chat.panel.display
        await ask(pilot, app, "둘째 질문")
        await wait_until(pilot, lambda: len(desk.stored) == 2)
        assert desk.asked[-1] == ("둘째 질문", [])
        await pilot.press("ctrl+o")
        await wait_until(
            pilot,
            lambda: isinstance(app.screen, ChatList) and "첫째 질문" in screen_text(app),
        )
        await pilot.press("down", "enter")
        await wait_until(
            pilot,
            lambda: [turn.question for turn in app.chat.conversation.turns] == ["첫째 질문"],
        )
        await wait_until(pilot, lambda: app.chat.panel.sources == SOURCES)
        assert app.chat.panel.display
        await ask(pilot, app, "셋째 질문")
        await wait_until(pilot, lambda: len(desk.stored[1][1]) == 2)
        assert [question for question, _ in desk.asked[-1][1]] == ["첫째 질문"]


async def test_a_chat_that_is_not_there_is_a_notice() -> None:
    app = app_of(ScriptedDesk(), chat_id=7)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: S.no_such_chat.format(id=7) in screen_text(app))


@pytest.mark.parametrize("failing", ["create_chat", "append_turn"])
async def test_a_chat_that_cannot_be_kept_is_said_and_goes_on(failing: str) -> None:
    desk = ScriptedDesk()

    def fail(*_: object) -> int:
        raise LibraryUnwritable("the library is read-only", "choose another")

    setattr(desk, failing, fail)
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ask(pilot, app, "질문")
        await wait_until(pilot, lambda: "the library is read-only" in screen_text(app))
        assert app.chat.conversation.turns[0].answer is not None
