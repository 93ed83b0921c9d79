"""What can be done is found: in the palette, in the help, in the footer."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.screen import Screen

from assistant.tui import keymap
from assistant.tui.app import AssistantApp
from assistant.tui.bindings import doable
from assistant.tui.screens.help import Help
from assistant.tui.strings import S
from tests.tui_desk import (
    ANSWER,
    FILES,
    NOTEBOOKS,
    ROOTS,
    ScriptedDesk,
    app_of,
    screen_text,
    wait_until,
)

SIZE = (110, 44)

# What is typed, moves the cursor or leads back needs no command.
NONE = ("prompt.", "dialog.", "help.", "path.", "pick.", "filter.", "library.fold")
NONE += ("library.unfold", "chat.cite-", "chat.prompt", "app.palette")
# What there is only while something goes on, or on a dialog of its own.
ELSEWHERE = ("chat.stop", "chat.leave-edit", "chat.all-notes", "chats.", "settings.", "explain.")
ELSEWHERE += ("tour.", "library.unwatch", "library.watch", "library.retry", "library.take-back")
ELSEWHERE += ("chat.wider",)


def desk() -> ScriptedDesk:
    return ScriptedDesk(ANSWER, roots=ROOTS, files=FILES, notebooks=NOTEBOOKS)


async def asked(pilot: Any, app: AssistantApp) -> None:
    await pilot.press(*"질문", "enter")
    page = app.chat.conversation
    await wait_until(pilot, lambda: page.exchanges and page.exchanges[-1].answer)
    await pilot.pause()


def actions(app: AssistantApp, screen: Screen[Any]) -> set[str]:
    """The names of the actions that the palette of ``screen`` runs."""
    names = set()
    for command in app.get_system_commands(screen):
        run: Any = command.callback
        if isinstance(run, partial) and run.func == app.run_action:
            names.add("action_" + run.args[0].partition("(")[0].rpartition(".")[2])
        else:
            names.add((run.func if isinstance(run, partial) else run).__name__)
    return names


async def test_whatever_has_a_key_is_in_the_palette() -> None:
    app = app_of(desk())
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        found = {binding.id for _, binding in doable(app.screen)}
        ran = actions(app, app.screen)
        missing = {
            binding.id
            for _, binding in doable(app.screen)
            if "action_" + binding.action.partition("(")[0].rpartition(".")[2] not in ran
        }
        await pilot.press("f2")
        await wait_until(pilot, lambda: app.shelves.shelves)
        await pilot.press("down", "down")
        await pilot.pause()
        found |= {binding.id for _, binding in doable(app.screen)}
        ran = actions(app, app.screen)
        missing |= {
            binding.id
            for _, binding in doable(app.screen)
            if "action_" + binding.action.partition("(")[0].rpartition(".")[2] not in ran
        }
    assert [each for each in missing if not str(each).startswith(NONE)] == []
    assert [
        each
        for each in keymap.known()
        if each not in found and not each.startswith((*NONE, *ELSEWHERE))
    ] == []


async def test_a_dialog_has_commands_of_its_own_alone() -> None:
    app = app_of(desk())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: app.screen is not app.chat)
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {S.search_chats, S.quit} <= set(titles)
        assert S.new_chat not in titles


async def test_a_command_of_a_widget_is_run_where_it_belongs() -> None:
    app = app_of(desk())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await wait_until(pilot, lambda: app.shelves.shelves)
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        assert S.palette_find in screen_text(app)
        await pilot.press(*S.problems_key)
        await pilot.pause(0.3)
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: app.screen is app.shelves and app.shelves.problems)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_help_tells_the_keys_of_the_place(size: tuple[int, int]) -> None:
    app = app_of(desk())
    async with app.run_test(size=size) as pilot:
        await asked(pilot, app)
        await pilot.press(*"왜?")  # it is a letter where one types
        assert app.chat.prompt.text == "왜?"
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, Help))
        await pilot.pause()
        for told in (S.help_focus, S.send, S.help_screen, S.scope_key):
            assert told in screen_text(app)
        await pilot.press("end")
        await wait_until(pilot, lambda: "[?]" in screen_text(app))
        assert S.help_hint in screen_text(app)
        await pilot.press("escape", "f2")
        await wait_until(pilot, lambda: app.screen is app.shelves and app.shelves.shelves)
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, Help))
        await wait_until(pilot, lambda: S.problems_key in screen_text(app))
        assert S.send not in screen_text(app)
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: app.screen is app.shelves)


async def test_the_footer_names_the_palette_in_the_language_of_the_interface() -> None:
    app = app_of(desk())
    async with app.run_test(size=(160, 30)) as pilot:
        await wait_until(pilot, lambda: S.palette in screen_text(app).splitlines()[-1])
        assert "palette" not in screen_text(app)
