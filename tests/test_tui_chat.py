"""Asking in the interface: evidence first, then the answer, stopped or repeated at will."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from textual.message import Message

from assistant.errors import GenerationError, ModelMissing, QuestionError
from assistant.tui.messages import AnswerCompleted, AnswerGrew, AskFailed, EvidenceFound, TurnStored
from assistant.tui.strings import S
from assistant.tui.widgets.answer import AnswerText
from assistant.tui.widgets.turn import State
from tests.tui_desk import (
    ANSWER,
    ANSWER_TEXT,
    ATTENTION,
    REFUSAL,
    SOURCES,
    ScriptedDesk,
    app_of,
    screen_text,
    wait_until,
)

WIDE = (120, 36)


async def ask(pilot: Any, question: str) -> None:
    await pilot.press(*question)
    await pilot.press("enter")


async def test_answers_are_quoted_where_that_is_wanted() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f8")
        await wait_until(pilot, lambda: S.quotes_only in screen_text(app))
        await ask(pilot, "왜 나누나요?")
        await wait_until(pilot, lambda: desk.stored)
        assert desk.quoted == ["왜 나누나요?"]
        assert desk.asked == []
        assert S.quoted in screen_text(app)
        await pilot.press("f8")
        await ask(pilot, "또?")
        await wait_until(pilot, lambda: desk.asked)
        assert S.quotes_only not in screen_text(app)


async def test_korean_is_typed_sent_and_answered() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "왜 나누나요?")
        await wait_until(pilot, lambda: app.chat.conversation.turns[-1:] and desk.stored)
        turn = app.chat.conversation.turns[-1]
        assert desk.asked == [("왜 나누나요?", [])]
        assert turn.state is State.COMPLETE
        assert turn.query_one(AnswerText).source == ANSWER_TEXT
        assert app.chat.prompt.text == ""
        assert "왜 나누나요?" in screen_text(app)
        assert "12.0" in screen_text(app)


async def test_evidence_is_shown_before_the_first_token() -> None:
    gate = Event()
    desk = ScriptedDesk(gate=gate)
    heard: list[Message] = []
    app = app_of(desk)
    async with app.run_test(size=WIDE, message_hook=heard.append) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: any(isinstance(fact, AnswerGrew) for fact in heard))
        assert app.chat.panel.sources == SOURCES
        assert app.chat.panel.display
        gate.set()
        await wait_until(pilot, lambda: any(isinstance(fact, TurnStored) for fact in heard))
    facts = []
    for fact in heard:
        if isinstance(fact, EvidenceFound | AnswerGrew | AnswerCompleted | TurnStored):
            if fact not in facts:
                facts.append(fact)
    kinds = [type(fact) for fact in facts]
    assert kinds[0] is EvidenceFound
    assert kinds[-2:] == [AnswerCompleted, TurnStored]
    grown = [fact for fact in facts if isinstance(fact, AnswerGrew)]
    assert "".join(fact.text for fact in grown) == ANSWER_TEXT
    # Tokens that came at once travel together.
    assert 1 < len(grown) < len(ANSWER_TEXT.split())


async def test_esc_stops_and_keeps_what_came() -> None:
    desk = ScriptedDesk(gate=Event())
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: app.chat.conversation.turns[0].state is State.ANSWERING)
        app.chat.conversation.focus()
        await wait_until(pilot, lambda: f"esc {S.stop}" in screen_text(app).splitlines()[-1])
        await pilot.press("escape")
        assert not app.chat.prompt.has_focus
        await wait_until(pilot, lambda: desk.stored)
        turn = app.chat.conversation.turns[0]
        await wait_until(pilot, lambda: turn.state is State.STOPPED)
        assert turn.text == "내적을"
        assert turn.query_one(AnswerText).source == "내적을"
        assert S.stopped in screen_text(app)
        assert desk.stored[1][1][0][1].finish == "stopped"
        # With nothing to stop, Esc leads back to the prompt.
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.chat.prompt.has_focus)


async def test_esc_before_the_first_token_frees_the_prompt_at_once() -> None:
    models = Event()
    desk = ScriptedDesk(models_gate=models)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: app.chat.conversation.turns[0].state is State.READING)
        assert S.waiting_generation in screen_text(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.chat.conversation.running is None)
        models.set()
        await ask(pilot, "다음")
        await wait_until(pilot, lambda: desk.stored)
        assert [question for question, _ in desk.stored[1][1]] == ["다음"]


async def test_a_second_question_waits_until_the_first_is_answered() -> None:
    gate = Event()
    desk = ScriptedDesk(gate=gate)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "하나")
        await wait_until(pilot, lambda: app.chat.conversation.turns[0].state is State.ANSWERING)
        await ask(pilot, "둘")
        await pilot.pause()
        assert app.chat.prompt.text == "둘"
        gate.set()
        await wait_until(pilot, lambda: app.chat.conversation.running is None)
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(desk.stored[1][1]) == 2)
        assert [question for question, _ in desk.asked] == ["하나", "둘"]
        assert [question for question, _ in desk.asked[1][1]] == ["하나"]


async def test_ask_again_puts_the_question_with_the_history_it_had() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        for count, question in enumerate(("하나", "둘"), 1):
            await ask(pilot, question)
            await wait_until(
                pilot, lambda count=count: len(desk.stored.get(1, ("", []))[1]) == count
            )
            await wait_until(pilot, lambda: app.chat.conversation.running is None)
        for count in (3, 4):
            await pilot.press("ctrl+r")
            await wait_until(pilot, lambda count=count: len(desk.stored[1][1]) == count)
            await wait_until(pilot, lambda: app.chat.conversation.running is None)
            question, history = desk.asked[-1]
            assert question == "둘"
            assert [earlier for earlier, _ in history] == ["하나"]


async def test_a_refusal_is_quiet_and_shows_the_nearest_passages() -> None:
    app = app_of(ScriptedDesk(REFUSAL))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: app.chat.panel.has_class("-refused"))
        shown = screen_text(app)
        assert S.nearest in shown
        assert S.refused in shown
        assert app.chat.conversation.turns[0].has_class("-refused")


async def test_a_failure_keeps_the_text_and_says_what_next() -> None:
    app = app_of(ScriptedDesk(GenerationError("the model ran out of memory", "close something")))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: app.chat.conversation.turns[0].state is State.FAILED)
        await wait_until(pilot, lambda: "close something" in screen_text(app))
        assert "the model ran out of memory" in screen_text(app)
        assert app.chat.conversation.turns[0].text == "내적을"
        assert app.chat.panel.sources == SOURCES


async def test_an_unforeseen_error_is_a_notice_and_the_log_has_its_trace(caplog: Any) -> None:
    app = app_of(ScriptedDesk(ZeroDivisionError("division by zero")))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: app.chat.conversation.turns[0].state is State.FAILED)
        await wait_until(pilot, lambda: "ZeroDivisionError" in screen_text(app))
        await ask(pilot, "다음")
        await wait_until(pilot, lambda: len(app.chat.conversation.turns) == 2)
    assert any(record.exc_info for record in caplog.records)


async def test_a_question_that_cannot_be_asked_is_given_back() -> None:
    app = app_of(ScriptedDesk(QuestionError("the question is too long", "shorten it")))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "긴 질문")
        await wait_until(pilot, lambda: app.chat.prompt.text == "긴 질문")


async def test_without_a_language_model_the_passages_are_still_found() -> None:
    missing = ModelMissing("no language model is installed", "pip install it")
    app = app_of(ScriptedDesk(generator_error=missing))
    heard: list[Message] = []
    async with app.run_test(size=WIDE, message_hook=heard.append) as pilot:
        await wait_until(pilot, lambda: app.chat.status.failed == "generation")
        await pilot.pause()
        shown = screen_text(app)
        assert "no language model is installed" in shown
        assert "pip install it" in shown
        assert S.no_generation in shown
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: any(isinstance(fact, AskFailed) for fact in heard))
        await wait_until(pilot, lambda: app.chat.panel.display)
        assert app.chat.panel.sources == SOURCES


async def test_the_answer_is_copied_with_the_sources_it_cites(home: Path) -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: app.chat.conversation.turns[-1:] and ANSWER.text)
        await wait_until(pilot, lambda: app.chat.conversation.running is None)
        await pilot.press("ctrl+y")
        await wait_until(pilot, lambda: app.clipboard)
        assert app.clipboard.startswith(ANSWER_TEXT)
        assert f"[1] {ATTENTION.path} · 트랜스포머 ›" in app.clipboard
        assert "[2]" in app.clipboard.splitlines()[-1]
        assert "lab04" not in app.clipboard


async def test_a_failed_turn_is_no_history() -> None:
    desk = ScriptedDesk(GenerationError("failed"), ANSWER)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "하나")
        await wait_until(pilot, lambda: app.chat.conversation.turns[0].state is State.FAILED)
        await ask(pilot, "둘")
        await wait_until(pilot, lambda: desk.stored)
        assert desk.asked[-1] == ("둘", [])


async def test_the_view_follows_the_answer_until_the_reader_scrolls() -> None:
    gate = Event()
    text = " ".join(f"\n\n문단 {number}." for number in range(60))
    answers = (replace(ANSWER, text=text, citations=()), ANSWER)
    app = app_of(ScriptedDesk(*answers))
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "하나")
        conversation = app.chat.conversation
        await wait_until(pilot, lambda: conversation.turns and conversation.running is None)
        await wait_until(pilot, lambda: conversation.max_scroll_y > 20)
        await wait_until(pilot, lambda: conversation.scroll_y == conversation.max_scroll_y)
        app.chat.desk.gate = gate  # type: ignore[attr-defined]
        await ask(pilot, "둘")
        await wait_until(pilot, lambda: conversation.turns[-1].state is State.ANSWERING)
        await wait_until(pilot, lambda: conversation.scroll_y == conversation.max_scroll_y)
        await pilot.press("pageup")
        await wait_until(pilot, lambda: conversation.scroll_y < conversation.max_scroll_y - 2)
        await pilot.wait_for_animation()
        await pilot.wait_for_scheduled_animations()
        here = conversation.scroll_y
        gate.set()
        await wait_until(pilot, lambda: conversation.running is None)
        await pilot.pause()
        assert conversation.scroll_y == here
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: conversation.scroll_y == conversation.max_scroll_y)
