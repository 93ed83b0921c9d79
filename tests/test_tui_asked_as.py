"""What the interface shows of a rewritten question, a summary's steps and what did not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from assistant.tui.strings import S
from assistant.tui.wording import answer_facts
from assistant.types import (
    Answered,
    Evidence,
    Omitted,
    QueryEvent,
    Retrieval,
    Retrieved,
    Summarising,
    Thinking,
    Token,
)
from tests.test_tui_chat import WIDE, ask
from tests.tui_desk import ANSWER, SOURCES, ScriptedDesk, app_of, screen_text, wait_until

STANDALONE = "LoRA의 랭크는 왜 [bold]필요한가요?"


class Paused(ScriptedDesk):
    """Waits before the second step of a summary, and before the answer, to be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.thought, self.go, self.end = Event(), Event(), Event()

    def ask(self, question: str, **kwargs: Any) -> Iterator[QueryEvent]:
        yield Retrieved(Retrieval(question, SOURCES, Evidence()), STANDALONE)
        yield Thinking()
        self.thought.wait(10)
        yield Summarising(0, 2, "a.md · 서론")
        self.go.wait(10)
        yield Token("첫 줄\n")
        yield Summarising(1, 2, "")
        self.end.wait(10)
        yield Answered(replace(ANSWER, question=question, standalone=STANDALONE))


async def test_the_question_that_was_searched_and_each_step_are_shown() -> None:
    desk = Paused()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "그건 왜?")
        await wait_until(pilot, lambda: S.thinking in screen_text(app))
        desk.thought.set()
        await wait_until(pilot, lambda: "1/2: a.md · 서론" in screen_text(app).replace(" of ", "/"))
        assert f"→ {STANDALONE}" in screen_text(app)
        desk.go.set()
        await wait_until(pilot, lambda: "2/2" in screen_text(app).replace(" of ", "/"))
        desk.end.set()
        await wait_until(pilot, lambda: "2/2" not in screen_text(app).replace(" of ", "/"))
        assert not app.chat.conversation.turns[0].running
        assert f"→ {STANDALONE}" in screen_text(app)


async def test_a_question_that_stands_alone_has_no_second_line() -> None:
    app = app_of(ScriptedDesk(ANSWER))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: not app.chat.conversation.turns[0].running)
        assert "→" not in screen_text(app)


def test_what_did_not_fit_is_named() -> None:
    left = (Omitted("passage", Path("/n/긴 노트.md")), Omitted("conversation"))
    assert "(긴 노트.md)" in answer_facts(replace(ANSWER, left_out=1, omitted=left))
