"""An answer as it grows: no frame without what was there, no fence lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widgets.markdown import MarkdownFence

from assistant.tui.widgets.answer import AnswerText
from tests.tui_desk import ScriptedDesk, app_of, screen_text, wait_until

CODE = "scores = q @ k.T\nweights = softmax(scores)"
ANSWER = (
    "첫 문단은 그대로 남습니다 [1].\n\n"
    f"```python\n{CODE}\n```\n\n"
    "가운데 문단입니다.\n\n| 기호 | 뜻 |\n|---|---|\n| d_k | 차원 |\n\n~~~\n닫히지 않은 것"
)


class Host(App[None]):
    """Keeps every frame as text."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[str] = []

    def compose(self) -> ComposeResult:
        yield AnswerText()

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        self.frames.append(screen_text(self))


@pytest.mark.parametrize("size", [1, 7])
async def test_no_frame_lacks_what_was_there_before(size: int) -> None:
    app = Host()
    async with app.run_test(size=(60, 40)) as pilot:
        text = app.query_one(AnswerText)
        text.offer({1})
        for start in range(0, len(ANSWER), size):
            await text.write(ANSWER[start : start + size])
            await asyncio.sleep(0.003)
        await wait_until(pilot, lambda: "닫히지 않은 것" in screen_text(app))
        await text.finish(ANSWER)
        await pilot.pause(0.1)
    for lasting in ("첫 문단은 그대로 남습니다", "scores = q @ k.T", "가운데 문단입니다."):
        first = next(at for at, frame in enumerate(app.frames) if lasting in frame)
        assert all(lasting in frame for frame in app.frames[first:]), lasting
    # The fence is code from its first line on, and its marks are never text.
    begun = [frame for frame in app.frames if "scores = q @ k.T" in frame]
    assert not any("```" in frame for frame in begun)


async def test_fences_are_whole_while_they_grow_and_when_they_are_not_closed() -> None:
    app = Host()
    async with app.run_test(size=(60, 40)) as pilot:
        text = app.query_one(AnswerText)
        await text.write(ANSWER[: ANSWER.index("weights") + 7])
        await wait_until(pilot, lambda: list(text.query(MarkdownFence)))
        assert text.query_one(MarkdownFence).code == "scores = q @ k.T\nweights"
        await text.finish(ANSWER)
        closed, open_ended = text.query(MarkdownFence)
        assert closed.code == CODE
        assert open_ended.code == "닫히지 않은 것"
        assert len(text.query("_Table")) == 1


async def test_a_long_paste_is_taken_at_once_and_the_cursor_stands_behind_korean() -> None:
    app = app_of(ScriptedDesk())
    pasted = "\n".join(f"{number}번째 줄을 붙여 넣습니다" for number in range(2000))
    async with app.run_test(size=(80, 24)) as pilot:
        from textual.events import Paste

        prompt = app.chat.prompt
        await pilot.press(*"한글")
        await wait_until(pilot, lambda: prompt.text == "한글")
        left = prompt.content_region.x
        # Two cells a letter: where an input method draws what is being composed.
        await wait_until(pilot, lambda: app.cursor_position.x == left + 4)
        prompt.text = ""
        prompt.post_message(Paste(pasted))
        await wait_until(pilot, lambda: prompt.text == pasted, 5)
        assert prompt.size.height <= 8
        assert app.chat.conversation.size.height > 5
