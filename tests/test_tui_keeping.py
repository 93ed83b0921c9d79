"""The library screen over a real library: what it does there is what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from assistant.config import Settings
from assistant.desk import Desk
from assistant.tui.app import AssistantApp
from assistant.tui.strings import S, counted
from assistant.types import EmbeddingProgress
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator, WordTokenizer
from tests.tui_desk import screen_text, wait_until

WIDE = (130, 36)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    notes = tmp_path / "notes"
    (notes / "1주차").mkdir(parents=True)
    (notes / "1주차" / "어텐션.md").write_text("# 어텐션\n\n가중치를 구한다.\n", encoding="utf-8")
    (notes / "1주차" / "깨진.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)))
    (notes / "padding.md").write_text("# Padding\n\nTo the longest.\n", encoding="utf-8")
    return notes


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(
        Settings(library=tmp_path / "library"),
        encoder=BagOfWordsEncoder(),
        tokenizer=WordTokenizer(),
        generator=ScriptedGenerator("ok"),
    )
    yield desk
    desk.close()


async def turn_to(pilot: Pilot[Any], path: Path) -> None:
    app: Any = pilot.app
    await pilot.press("home")
    for _ in range(40):
        entry = app.shelves.entry
        if entry is not None and entry.path == path:
            return
        inside = entry is not None and path.is_relative_to(entry.path)
        await pilot.press("right" if inside else "down")
        await pilot.pause()
    raise AssertionError(f"{path} is not there")


async def test_what_is_tried_again_and_taken_back_stays_in_its_root(
    desk: Desk, notes: Path
) -> None:
    list(desk.ingest([notes], exclude=["*.tmp"]))
    app = AssistantApp(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: app.chat.status.library)
        await pilot.press("f2")
        await wait_until(pilot, lambda: app.shelves.shelves)
        broken = notes / "1주차" / "깨진.pdf"
        for path in (broken, broken.parent, notes):
            app.clear_notifications()
            await turn_to(pilot, path)
            await pilot.press("r")
            await wait_until(pilot, lambda: counted(S.not_read, 1) in screen_text(app))
            await wait_until(pilot, lambda: not app.busy)
            assert [root.path for root in desk.roots()] == [notes]
        # Synced only, it is left as it is, and is no notice of its own.
        app.clear_notifications()
        await pilot.press("f5")
        await wait_until(pilot, lambda: counted(S.left_files, 1) in screen_text(app))
        assert counted(S.not_read, 1) not in screen_text(app)
        await wait_until(pilot, lambda: not app.busy)

        held = {file.path for file in desk.files()}
        await turn_to(pilot, broken.parent)
        await pilot.press("d", "tab", "enter")
        await wait_until(pilot, lambda: app.removed and not app.busy)
        assert {file.path for file in desk.files()} == {notes / "padding.md"}
        await pilot.press("u")
        await wait_until(pilot, lambda: {file.path for file in desk.files()} == held)
        await wait_until(pilot, lambda: not app.busy)
        (root,) = desk.roots()
        assert root.exclude == ("*.tmp",)


async def test_an_ingestion_that_was_cut_off_goes_on_at_the_next_start(
    desk: Desk, notes: Path
) -> None:
    cut_off = desk.ingest([notes])
    for event in cut_off:
        if isinstance(event, EmbeddingProgress):
            raise AssertionError("nothing waits any more")
        if desk.status().nodes:
            break
    cut_off.close()
    before = desk.status()
    assert before.embedded < before.nodes
    app = AssistantApp(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: desk.status().embedded == before.nodes)
        await wait_until(pilot, lambda: app.chat.status.library.embedded == before.nodes)
        assert not app._notifications
