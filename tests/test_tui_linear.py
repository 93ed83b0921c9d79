"""The chat for screen readers: lines in, lines out, nothing taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from assistant.errors import GenerationError
from assistant.tui import linear
from assistant.tui.strings import S, counted
from assistant.tui.tally import IngestTally
from tests.tui_desk import (
    ANSWER,
    ATTENTION,
    PADDING,
    REFUSAL,
    USED,
    ScriptedDesk,
    app_of,
    screen_text,
    wait_until,
)

Talk = Callable[..., list[str]]


def talk(desk: ScriptedDesk, *lines: str) -> list[str]:
    """What is said to ``lines``."""
    said: list[str] = []
    chat = linear.Conversation(cast("Any", desk), said.append)
    for line in lines:
        chat.take(line)
    return said


def test_evidence_then_the_answer_then_what_is_known_of_it() -> None:
    desk = ScriptedDesk()
    said = talk(desk, "왜 나누나요?")
    assert said[0] == S.searching
    assert said[1] == counted(S.reading, 3)
    assert said[2:4] == [S.linear_answer, ANSWER.text]
    assert counted(S.cited, 2) in said[4]
    assert desk.stored[1][1][0][0] == "왜 나누나요?"
    # Nothing that moves the cursor, and nothing that is drawn.
    assert not re.search(r"[\x1b\r\u2500-\u259f]", "\n".join(said))


def test_sources_are_listed_read_and_picked() -> None:
    desk = ScriptedDesk()
    said = talk(desk, "하나", "/sources", "/source 1", "/exclude 2", "/exclude 2", "/pin 1")
    listed = said[5:8]
    assert listed[0].startswith(f"1, {ATTENTION.path.name}")
    assert listed[0].endswith(S.linear_cited)
    assert not listed[2].endswith(S.linear_cited)
    assert S.linear_used.format(text=USED) in said
    assert [len(scope.excluded) for scope in desk.scopes] == [0, 1, 0, 0]
    assert desk.scopes[1].excluded[0].node_id == PADDING.node_id
    assert len(desk.scopes[3].pinned) == 1
    assert [history for _, history in desk.asked[1:2]] == [[]]


def test_a_refused_question_is_searched_wider() -> None:
    desk = ScriptedDesk(REFUSAL, REFUSAL)
    said = talk(desk, "하나", "/wider")
    assert [scope.wider for scope in desk.scopes] == [False, True]
    assert sum(S.linear_wider in line for line in said) == 1
    assert not any(S.wider_offered in line for line in said)


def test_chats_are_told_opened_and_gone_on_with() -> None:
    desk = ScriptedDesk()
    said = talk(desk, "하나", "/good", "/new", "둘", "/chats", "/chat 1", "/again")
    assert desk.stored[1][1][0][1].rating == "good"
    assert f"1, 하나, {counted(S.turns, 1)}" in said
    assert f"{S.linear_question} 하나" in said
    assert desk.asked[-1] == ("하나", [])
    assert len(desk.stored[1][1]) == 2


def test_what_goes_wrong_is_said_and_the_conversation_goes_on() -> None:
    desk = ScriptedDesk(GenerationError("the model ran out of memory", "close something"), ANSWER)
    said = talk(desk, "/sources", "하나", "/source x", "/nothing", "둘")
    assert said[0].startswith(S.linear_nothing)
    assert "the model ran out of memory\n→ close something" in said
    assert any(S.linear_number in line for line in said)
    assert any(S.linear_unknown.format(name="nothing") in line for line in said)
    assert ANSWER.text in said


def test_lines_are_read_until_there_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("하나\n/quit\n둘\n"))
    desk = ScriptedDesk()
    linear.converse(cast("Any", desk))
    assert capsys.readouterr().out.startswith(S.linear_greeting)
    assert [question for question, _ in desk.asked] == ["하나"]


async def test_nothing_moves_by_itself_where_that_is_wanted() -> None:
    desk = ScriptedDesk()
    still = replace(desk.settings.interface, reduced_motion=True)
    desk.settings = replace(desk.settings, interface=still)
    app = app_of(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert app.animation_level == "none"
        assert not app.chat.prompt.cursor_blink
        app.tally = IngestTally(files=3, files_total=10)
        await wait_until(pilot, lambda: "3/10" in screen_text(app))
        assert "━" not in screen_text(app).split("3/10")[0].splitlines()[-1]
