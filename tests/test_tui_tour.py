"""The tour: shown once to who has no notes, left at any time, had again when asked for."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Button

from assistant.config import Settings
from assistant.desk import Desk
from assistant.tui.screens.add_folder import AddFolder
from assistant.tui.screens.tour import Tour
from assistant.tui.strings import S
from tests.tui_desk import EMPTY, ScriptedDesk, app_of, screen_text, wait_until

SIZE = (80, 24)


def newcomer() -> ScriptedDesk:
    desk = ScriptedDesk(status=EMPTY)
    desk.new_here = True
    return desk


async def test_a_newcomer_is_shown_three_steps_and_then_adds_a_folder() -> None:
    desk = newcomer()
    app = app_of(desk)
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: isinstance(app.focused, Button))
        for title, _ in S.tour_steps:
            await wait_until(pilot, lambda title=title: title in screen_text(app))
            await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, AddFolder))
        await wait_until(pilot, lambda: not desk.new_here)


async def test_it_is_left_at_once_and_not_shown_again_unless_asked_for() -> None:
    desk = newcomer()
    app = app_of(desk)
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, Tour))
        await pilot.press("right", "left", "escape")
        await wait_until(pilot, lambda: app.screen is app.chat and not desk.new_here)
    again = app_of(desk)
    async with again.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: S.empty_title in screen_text(again))
        await pilot.pause(0.2)
        assert again.screen is again.chat
        await pilot.press("slash", *"tour")
        await wait_until(pilot, lambda: S.tour_command in screen_text(again))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(again.screen, Tour))
        assert again.chat.prompt.text == ""


async def test_who_has_notes_or_is_at_something_is_shown_nothing() -> None:
    desk = ScriptedDesk()
    desk.new_here = True
    app = app_of(desk)
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: app.chat.status.library)
        await pilot.pause(0.2)
        assert app.screen is app.chat


def test_the_library_remembers(tmp_path: Path) -> None:
    desk = Desk(Settings(library=tmp_path / "library"))
    assert desk.is_new_here()
    desk.remember_tour()
    assert not desk.is_new_here()
    assert desk.status().documents == 0
    desk.close()
    (tmp_path / "file").touch()
    Desk(Settings(library=tmp_path / "file")).remember_tour()  # it cannot be kept, and no more
