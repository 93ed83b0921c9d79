"""Another language model, taken from the command palette."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import OptionList

from assistant.config import ModelSettings
from assistant.errors import ConfigError, ModelMissing
from assistant.tui.commands import commands
from assistant.tui.screens.models import ChooseModel
from assistant.tui.strings import S
from assistant.types import ModelOption
from tests.tui_desk import EMPTY, ScriptedDesk, app_of, screen_text, wait_until

WIDE = (120, 36)
AWAY = ModelOption(
    "https://api.example.com/v1#[b]large", "[b]large", "api.example.com", leaves_machine=True
)
GONE = ModelOption("http://127.0.0.1:1/v1#x", "x", "127.0.0.1:1", problem="no server answers")


def desk_with(*options: ModelOption, **how: object) -> ScriptedDesk:
    desk = ScriptedDesk(**how)  # type: ignore[arg-type]
    desk.options += options
    return desk


async def choose(pilot: object, app: object, down: int) -> None:
    from typing import Any, cast

    pilot, app = cast("Any", pilot), cast("Any", app)
    await app.chat.action_use_model()
    await wait_until(
        pilot,
        lambda: (
            isinstance(app.screen, ChooseModel)
            and app.screen.query_one(OptionList).highlighted is not None
        ),
    )
    await pilot.press(*["down"] * down, "enter")


async def test_the_palette_offers_it_and_the_switch_needs_no_restart() -> None:
    desk = desk_with()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: "scripted-llm · cpu" in screen_text(app))
        (command,) = [each for each in commands(app, app.screen) if each.title == S.use_model]
        await command.callback()  # type: ignore[misc]
        await wait_until(pilot, lambda: S.model_auto in screen_text(app))
        await wait_until(pilot, lambda: "● auto" in screen_text(app))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: "● small · cpu" in screen_text(app))
        await wait_until(pilot, lambda: S.model_taken.format(name="small") in screen_text(app))
        assert desk.settings.models.generation == "small"
        assert desk.kept == ["small"]
        await pilot.press(*"질문", "enter")
        await wait_until(pilot, lambda: len(desk.asked) == 1)


async def test_that_notes_leave_is_shown_before_and_after() -> None:
    desk = desk_with(AWAY)
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: "scripted-llm" in screen_text(app))
        await app.chat.action_use_model()
        await wait_until(pilot, lambda: f"api.example.com · {S.leaves}" in screen_text(app))
        assert "[b]large" in screen_text(app)
        await pilot.press("down", "down", "enter")
        await wait_until(pilot, lambda: f"▲ {S.leaves} · [b]large" in screen_text(app))


@pytest.mark.parametrize("width", [40, 60, 100])
async def test_that_notes_leave_is_shown_at_every_width(width: int) -> None:
    desk = desk_with(status=EMPTY)
    models = ModelSettings(generation=AWAY.setting)
    desk.settings = replace(desk.settings, models=models)
    app = app_of(desk)
    async with app.run_test(size=(width, 24)) as pilot:
        await wait_until(pilot, lambda: "▲" in screen_text(app))
        assert S.leaves in screen_text(app)
        # Nor does the greeting promise what does not hold.
        await wait_until(pilot, lambda: S.empty_title in screen_text(app))
        shown = " ".join(screen_text(app).split())
        assert S.empty_body.split(". ")[-1] not in shown


async def test_one_that_fails_leaves_the_one_before() -> None:
    desk = desk_with()
    desk.broken_models.add("small")
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: "scripted-llm" in screen_text(app))
        await choose(pilot, app, 1)
        await wait_until(pilot, lambda: "small is gone" in screen_text(app))
        await wait_until(pilot, lambda: "● scripted-llm" in screen_text(app))
        assert desk.settings.models.generation == "auto"
        assert desk.kept == []


async def test_a_file_that_cannot_be_written_is_told() -> None:
    desk = desk_with()
    desk.keep_error = ConfigError("config.toml cannot be written", "")
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: "scripted-llm" in screen_text(app))
        await choose(pilot, app, 1)
        reason = S.model_not_kept.format(reason="config.toml cannot be written")
        await wait_until(pilot, lambda: reason in screen_text(app))
        await wait_until(pilot, lambda: "● small" in screen_text(app))


async def test_what_cannot_be_used_now_says_why_and_is_not_taken() -> None:
    desk = desk_with(GONE)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await app.chat.action_use_model()
        await wait_until(pilot, lambda: "no server answers" in screen_text(app))
        await pilot.press("end", "enter")
        await pilot.pause(0.1)
        assert desk.settings.models.generation != GONE.setting


async def test_a_model_mends_a_chat_that_had_none() -> None:
    desk = desk_with(generator_error=ModelMissing("no weights", "pip install them"))
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: S.no_generation in screen_text(app))
        await wait_until(pilot, lambda: "no weights" in screen_text(app))
        desk.generator_error = None
        await choose(pilot, app, 1)
        await wait_until(pilot, lambda: "● small" in screen_text(app))
        await wait_until(pilot, lambda: S.no_generation not in screen_text(app))
        await wait_until(pilot, lambda: "no weights" not in screen_text(app))
