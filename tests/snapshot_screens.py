"""Every screen drawn into text: ``python -m tests.snapshot_screens FOLDER VARIANT…``.

A file for each: what the terminal shows, and beneath it, cell by cell, in which style.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.style import Style
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from assistant.settings_list import settings_list
from assistant.tui import moments
from assistant.tui.app import AssistantApp
from assistant.types import Check, Setting
from tests.tui_desk import (
    ANSWER,
    EMPTY,
    FILES,
    FULL,
    NOTEBOOKS,
    REFUSAL,
    ROOTS,
    ScriptedDesk,
    app_of,
    wait_until,
)

SIZES = {"wide": (120, 36), "narrow": (80, 24), "korean": (100, 30), "contrast": (120, 36)}
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Desk(ScriptedDesk):
    """With a check-up and settings that are the same everywhere."""

    def diagnose(self) -> Iterator[Check]:
        yield Check("library is whole", "ok", "text, words and vectors agree")
        yield Check("OCR", "warning", "the program tesseract is missing", "install it")
        yield Check("device", "ok", "CPU, 2 threads")
        yield Check("model scripted-llm", "error", "weights are not installed", "pip install …")

    def list_settings(self) -> list[Setting]:
        return settings_list(self.settings)


def desk_of(variant: str, **more: Any) -> Desk:
    theme = "assistant-contrast" if variant == "contrast" else "assistant-dark"
    desk = Desk(ANSWER, REFUSAL, roots=ROOTS, files=FILES, notebooks=NOTEBOOKS, theme=theme, **more)
    desk.create_chat("BERT 미세조정에서 학습률은 얼마로 해야 하나?")
    desk.append_turn(1, "BERT 미세조정에서 학습률은 얼마로 해야 하나?", ANSWER)
    return desk


async def drawn(variant: str) -> AsyncIterator[tuple[str, AssistantApp]]:
    """The screens one after the other, each by its name, on one application."""
    desk = desk_of(variant, status=replace(FULL, failed=FILES[5:6]))
    app = app_of(desk)
    async with app.run_test(size=SIZES[variant]) as pilot:
        await wait_until(pilot, lambda: app.chat.status.library and app.chat.status.ready)
        yield "welcome", await _settled(pilot, app)
        await pilot.press(*"왜 나누나?", "enter")
        await _answered(pilot, app, 1)
        yield "answer", await _settled(pilot, app)
        await pilot.press(*"/")
        yield "slash", await _settled(pilot, app)
        await pilot.press("backspace", "f1")
        yield "help", await _settled(pilot, app)
        await pilot.press("escape", "ctrl+p")
        await wait_until(pilot, lambda: app.screen.query_one("CommandList").option_count)
        yield "palette", await _settled(pilot, app)
        await pilot.press("escape")
        for name, action in (
            ("chats", "screen.chats"),
            ("scope", "screen.choose_scope"),
            ("explain", "screen.explain"),
            ("models", "screen.use_model"),
            ("add", "app.add_folder"),
            ("settings", "app.settings"),
            ("doctor", "app.doctor"),
            ("report", "app.library_status"),
            ("tour", "app.tour"),
        ):
            await app.run_action(action)
            yield name, await _settled(pilot, app)
            await pilot.press("escape")
            await wait_until(pilot, lambda: app.screen is app.chat)
        await pilot.press("f2")
        await wait_until(pilot, lambda: app.shelves.shelves)
        await pilot.press("down", "down", "end", "up")
        yield "library", await _settled(pilot, app)
        await pilot.press("escape", *"김치찌개는?", "enter")
        await _answered(pilot, app, 2)
        yield "refused", await _settled(pilot, app)
    empty = app_of(Desk(status=EMPTY))
    async with empty.run_test(size=SIZES[variant]) as pilot:
        await wait_until(pilot, lambda: empty.chat.status.library and empty.chat.status.ready)
        yield "empty", await _settled(pilot, empty)


async def _answered(pilot: Pilot[None], app: AssistantApp, count: int) -> None:
    page = app.chat.conversation
    await wait_until(pilot, lambda: len(page.exchanges) == count and page.exchanges[-1].answer)
    await _settled(pilot, app)


async def _settled(pilot: Pilot[None], app: AssistantApp) -> AssistantApp:
    """Until no worker is at anything and nothing changes any more."""
    before, same = "", 0
    for _ in range(200):
        await pilot.pause(0.05)
        for field in app.screen.query("Input, TextArea"):
            if isinstance(field, Input | TextArea):
                field.cursor_blink = False
        # Those that are no threads go on for as long as their widget is there.
        threads = [each for each in app.workers if each._thread_worker and each.group != "watch"]
        if any(worker.is_running for worker in threads):
            continue
        same = same + 1 if (now := picture(app)) == before else 0
        if same == 3:
            return app
        before = now
    raise SystemExit(f"{app.screen} does not come to rest")


def picture(app: AssistantApp) -> str:
    """The cells of the terminal, then the style of each by a letter, then what letters mean."""
    letters: dict[str, str] = {}
    texts, grid = [], []
    for strip in app.screen._compositor.render_strips():
        texts.append(strip.text.rstrip())
        line = ""
        for segment in strip:
            style = _told(segment.style or Style())
            line += letters.setdefault(style, _LETTERS[len(letters)]) * segment.cell_length
        grid.append(line.rstrip(line[-1:]) + line[-1:] if line else "")
    legend = [f"{letter} {style}" for style, letter in letters.items()]
    return "\n".join([*texts, "─" * 8, *grid, "─" * 8, *legend, ""])


def _told(style: Style) -> str:
    """Colours and what else can be seen of a style."""
    parts = [str(style.color and style.color.name), "on", str(style.bgcolor and style.bgcolor.name)]
    marks = ("bold", "dim", "italic", "underline", "reverse", "strike")
    return " ".join([*parts, *(mark for mark in marks if getattr(style, mark))])


async def main(folder: Path, variants: list[str]) -> None:
    """Write a file for each screen of each variant."""
    moments.now = lambda: datetime(2026, 11, 21, 15, 5, tzinfo=UTC)
    for variant in variants:
        async for name, app in drawn(variant):
            await asyncio.sleep(0)
            (folder / f"{name}.{variant}.txt").write_text(picture(app), "utf-8")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
