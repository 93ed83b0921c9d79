"""The prompt: lines, history, paste, and where the terminal's cursor is."""

from __future__ import annotations

import unicodedata
from typing import Any

from textual import events, on
from textual.app import App, ComposeResult
from textual.widgets import Static

from assistant.tui.messages import QuestionSubmitted
from assistant.tui.widgets.prompt import Prompt
from tests.tui_desk import ScriptedDesk, app_of, wait_until


class Host(App[None]):
    CSS = "#above { height: 5; }"

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static(id="above")
        yield Prompt()

    @property
    def prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @on(QuestionSubmitted)
    def _hear(self, event: QuestionSubmitted) -> None:
        self.heard.append(event.text)
        self.prompt.accept()


async def say(pilot: Any, *questions: str) -> None:
    for question in questions:
        await pilot.press(*question, "enter")


async def test_enter_sends_and_newline_keys_do_not() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(*"첫 줄", "ctrl+j", *"둘째", "shift+enter", *"셋째", "enter")
        await pilot.pause()
        assert app.heard == ["첫 줄\n둘째\n셋째"]
        assert app.prompt.text == ""
        await pilot.press("space", "enter")
        assert len(app.heard) == 1


async def test_it_grows_with_its_lines_to_a_limit() -> None:
    app = Host()
    async with app.run_test(size=(60, 30)) as pilot:
        heights = []
        for _ in range(10):
            await pilot.pause()
            heights.append(app.prompt.size.height)
            await pilot.press("ctrl+j")
        assert heights[:4] == [1, 2, 3, 4]
        assert max(heights) == heights[-1] < 10


async def test_up_and_down_leaf_through_earlier_questions_and_keep_the_draft() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await say(pilot, "하나", "둘", "둘")
        await pilot.press(*"초안", "up")
        assert app.prompt.text == "둘"
        await pilot.press("up")
        assert app.prompt.text == "하나"
        await pilot.press("up")
        assert app.prompt.text == "하나"
        await pilot.press("down", "down")
        assert app.prompt.text == "초안"
        assert app.prompt.cursor_location == (0, 2)


async def test_up_moves_within_several_lines_first() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await say(pilot, "하나")
        await pilot.press("a", "ctrl+j", "b", "up")
        assert app.prompt.text == "a\nb"
        await pilot.press("up")
        assert app.prompt.text == "하나"


async def test_up_moves_within_a_wrapped_line_first() -> None:
    app = Host()
    async with app.run_test(size=(30, 20)) as pilot:
        await say(pilot, "하나")
        app.prompt.insert("긴 질문 " * 10)
        await pilot.pause()
        await pilot.press("up")
        assert app.prompt.text == "긴 질문 " * 10


async def test_a_paste_is_composed_and_cleaned() -> None:
    app = Host()
    async with app.run_test() as pilot:
        decomposed = unicodedata.normalize("NFD", "한국어")
        app.prompt.post_message(events.Paste(f"{decomposed}\x1b[31m 질문\r\n다음"))
        await pilot.pause()
        assert app.prompt.text == "한국어[31m 질문\n다음"
        assert app.prompt.cursor_location == (1, 2)


async def test_the_terminal_cursor_is_where_an_input_method_must_draw() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press(*"한글")
        await pilot.pause()
        region = app.prompt.content_region
        assert app.cursor_position == (region.x + 4, region.y)
        # The prompt moves without being typed into: the cursor goes with it.
        app.query_one("#above").styles.height = 9
        await pilot.pause()
        await pilot.pause()
        assert app.prompt.content_region.y == region.y + 4
        assert app.cursor_position == (region.x + 4, region.y + 4)


async def test_enter_never_overtakes_what_was_typed_before_it() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        keys = [events.Key(character, character) for character in "3강에서 다룬 개념은?"]
        first = [*keys[:5], events.Key("ctrl+j", None), *keys[5:]]
        # As a terminal sends them that was typed into while the interface was busy.
        for key in (*first, events.Key("enter", "\r"), events.Key("가", "가")):
            app.post_message(key)
        await wait_until(pilot, lambda: desk.asked)
        assert desk.asked[0][0] == "3강에서 \n다룬 개념은?"
        await wait_until(pilot, lambda: app.chat.prompt.text == "가")


async def test_a_letter_with_alt_is_a_key_of_the_chat_and_no_text() -> None:
    app = Host()
    app.bind("alt+w", "hear_alt")
    heard: list[str] = []
    app.action_hear_alt = lambda: heard.append("alt")  # type: ignore[attr-defined]
    async with app.run_test() as pilot:
        app.post_message(events.Key("alt+w", "w"))  # as it comes of the bytes Esc, w
        await pilot.press("w")
        await pilot.pause()
        assert heard == ["alt"]
        assert app.prompt.text == "w"
