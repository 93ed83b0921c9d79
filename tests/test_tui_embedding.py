"""Embedding goes on by itself where an ingestion was cut off."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot

from assistant.errors import FingerprintMismatch, LibraryBusy, LibraryUnwritable, ModelMissing
from assistant.tui.strings import S
from assistant.types import EmbeddingProgress, IngestFinished, IngestReport, IngestStarted, Root
from tests.tui_desk import (
    FILES,
    FULL,
    INGESTION,
    NOTES,
    ROOTS,
    ScriptedDesk,
    app_of,
    screen_text,
    wait_until,
)

WIDE = (130, 36)
EMBEDDING = (
    IngestStarted(0, 0),
    EmbeddingProgress(32, 157),
    EmbeddingProgress(157, 157),
    IngestFinished(IngestReport(embedded=157)),
)


def desk_of(**more: Any) -> ScriptedDesk:
    known: dict[str, Any] = {"roots": ROOTS, "files": FILES, "ingest_events": INGESTION[-1:]}
    return ScriptedDesk(**{**known, "embed_events": EMBEDDING, **more})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.tui.changes._QUIET_SECONDS", 0.0)
    monkeypatch.setattr("assistant.tui.changes._POST_SECONDS", 0.0)


async def started(pilot: Pilot[Any], desk: ScriptedDesk) -> None:
    app: Any = pilot.app
    await wait_until(pilot, lambda: app.chat.status.library and app.chat.status.ready)
    await pilot.pause(0.1)


async def test_what_waits_is_embedded_in_the_background_without_a_notice() -> None:
    gate = Event()
    desk = desk_of(embed_gate=gate)
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: S.embedding in screen_text(app))
        assert S.stop_key not in screen_text(app)
        desk.library_status = replace(FULL, embedded=FULL.nodes)
        gate.set()
        await wait_until(pilot, lambda: S.embedding not in screen_text(app))
        await wait_until(pilot, lambda: app.chat.status.library.embedded == FULL.nodes)
        assert not app._notifications
        assert desk.embeddings == 1


async def test_nothing_is_done_when_nothing_waits_or_a_folder_is_watched() -> None:
    for more in (
        {"status": replace(FULL, embedded=FULL.nodes)},
        {"roots": (Root(NOTES, watched=True),)},
    ):
        desk = desk_of(**more)
        app = app_of(desk)
        async with app.run_test(size=WIDE) as pilot:
            await started(pilot, desk)
            assert desk.embeddings == 0


async def test_what_is_done_by_hand_comes_first_and_then_embedding_goes_on() -> None:
    desk = desk_of(embed_gate=Event())
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: desk.at_work)
        app.remove(FILES[0].path)
        await wait_until(pilot, lambda: FILES[0].path not in desk.library_files)
        await wait_until(pilot, lambda: desk.embeddings == 2)
        # Stopped by the user it stays so, whatever is removed.
        app.stop_embedding()
        await wait_until(pilot, lambda: not desk.at_work)
        app.remove(FILES[1].path)
        await wait_until(pilot, lambda: not app.busy)
        await pilot.pause(0.1)
        assert desk.embeddings == 2


async def test_an_ingestion_that_was_stopped_does_not_go_on_by_itself() -> None:
    desk = desk_of(embed_events=(), ingest_events=INGESTION, ingest_gate=Event())
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await started(pilot, desk)
        assert desk.embeddings == 1
        app.sync()
        await wait_until(pilot, lambda: desk.ingested)
        app._stop_job.set()
        await wait_until(pilot, lambda: not app.busy)
        await pilot.pause(0.1)
        assert desk.embeddings == 1


async def test_a_busy_library_is_tried_once_more_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assistant.tui.keeping._AGAIN_SECONDS", 0.1)
    busy = LibraryBusy("another process takes notes in", "wait")
    desk = desk_of(embed_events=(busy, busy, busy))
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: desk.embeddings == 2)
        await pilot.pause(0.4)
        assert desk.embeddings == 2
        assert not app._notifications


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LibraryUnwritable("it is read-only", ""), False),
        (ModelMissing("no embedding model", ""), False),
        (FingerprintMismatch("embedded by another model", "embed again"), True),
    ],
)
async def test_only_what_the_user_can_mend_here_is_told(error: Exception, told: bool) -> None:
    desk = desk_of(embed_events=(error,))
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await started(pilot, desk)
        await wait_until(pilot, lambda: desk.embeddings == 1 and not desk.at_work)
        await pilot.pause(0.1)
        assert ("embed again" in screen_text(app)) is told
        assert len(app._notifications) == told
