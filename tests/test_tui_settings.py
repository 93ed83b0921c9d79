"""The settings and the check-up, each in an app of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from assistant import config
from assistant.desk import Desk
from assistant.settings_list import settings_list
from assistant.tui.messages import SettingChanged, WorkFailed
from assistant.tui.screens.ask_text import AskText
from assistant.tui.screens.doctor import Doctor
from assistant.tui.screens.settings import ChooseValue, SettingsScreen
from assistant.tui.strings import EN, KO, S
from assistant.types import Check
from tests.tui_desk import screen_text, wait_until

SIZE = (100, 40)


class Host(App[None]):
    """Shows one dialog and keeps what it posts."""

    def __init__(self, dialog: Screen[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.changed: list[SettingChanged] = []
        self.failed: list[WorkFailed] = []

    async def on_mount(self) -> None:
        await self.push_screen(self.dialog)

    def on_setting_changed(self, event: SettingChanged) -> None:
        self.changed.append(event)

    def on_work_failed(self, event: WorkFailed) -> None:
        self.failed.append(event)


async def find(pilot: Pilot[None], app: Host, words: str) -> OptionList:
    listing = app.dialog.query_one(OptionList)
    await wait_until(pilot, lambda: listing.option_count > 20)
    app.dialog.query_one(Input).value = words
    await wait_until(pilot, lambda: 0 < listing.option_count < 5)
    listing.focus()
    return listing


async def test_a_value_is_typed_checked_and_kept(home: Path) -> None:
    desk = Desk(config.load())
    app = Host(SettingsScreen(desk))
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, app, "answer.sources")
        assert desk.list_settings()[0].help  # what is beneath is what the settings say
        assert "Passages put before" in screen_text(app) or "구절 수" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, AskText))
        app.screen.query_one(Input).value = "99"
        await pilot.press("enter")
        # Refused with the reason, and asked again with what was typed.
        await wait_until(pilot, lambda: len(app.failed) == 1)
        assert "must be 20 or less" in app.failed[0].error.message
        await wait_until(pilot, lambda: isinstance(app.screen, AskText))
        assert app.screen.query_one(Input).value == "99"
        app.screen.query_one(Input).value = "5"
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(app.changed) == 1)
        assert (app.changed[0].key, app.changed[0].at_once) == ("answer.sources", True)
        assert config.load().answer.sources == desk.settings.answer.sources == 5
        await wait_until(pilot, lambda: "● answer.sources" in screen_text(app))
        await pilot.press("backspace")
        await wait_until(pilot, lambda: config.load().answer.sources == 3)
        await wait_until(pilot, lambda: "● answer.sources" not in screen_text(app))


async def test_one_of_several_is_chosen(home: Path) -> None:
    app = Host(SettingsScreen(Desk(config.load())))
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, app, "retrieval.fusion")
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ChooseValue))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: len(app.changed) == 1)
        assert config.load().retrieval.fusion == "reciprocal_rank"


async def test_what_the_environment_sets_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_ANSWER__SOURCES", "7")
    app = Host(SettingsScreen(Desk(config.load())))
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, app, "answer.sources")
        await wait_until(pilot, lambda: "ASSISTANT_ANSWER__SOURCES" in screen_text(app))
        await pilot.press("backspace")  # nothing in the file to put back
        assert app.changed == []


def test_every_setting_is_explained_in_korean(home: Path) -> None:
    assert set(KO.setting_texts) == {each.key for each in settings_list(config.load())}


def test_the_setting_decides_the_language_before_keys_are_named() -> None:
    code = (
        "from assistant.tui import strings; strings.speak('ko');"
        "from assistant.tui.screens.chat import ChatScreen;"
        "print(ChatScreen.BINDINGS[0].description)"
    )
    spoken = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert spoken.stdout.strip() == KO.stop != EN.stop


class Patient:
    """A desk with one thing amiss."""

    def diagnose(self) -> Iterator[Check]:
        yield Check("library is whole", "ok", "text, words and vectors agree")
        yield Check("OCR", "warning", "[red]tesseract\x1b[31m is missing", "apt install it")


async def test_the_check_up_tells_what_to_mend() -> None:
    app = Host(Doctor(Patient()))
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: "● library is whole" in screen_text(app))
        await wait_until(pilot, lambda: "◐ OCR  [red]tesseract[31m is missing" in screen_text(app))
        hint = app.dialog.query_one(".hint", Static)
        await wait_until(
            pilot, lambda: str(hint.content) == S.doctor_problems.split("|")[0].format(count=1)
        )
        assert "→ apt install it" in screen_text(app)
