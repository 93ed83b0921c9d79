"""A long chat: little of it is laid out, and nobody sees that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from textual.pilot import Pilot

from assistant.tui.app import AssistantApp
from assistant.tui.widgets.conversation import Conversation
from tests.tui_desk import ANSWER, ScriptedDesk, app_of, screen_text, wait_until

WIDE = (120, 36)
TURNS = 300


def long_chat(**more: Any) -> tuple[ScriptedDesk, int]:
    """A chat whose answers are of one to twelve paragraphs and hold their number."""
    desk = ScriptedDesk(**more)
    chat = desk.create_chat("긴 대화")
    for number in range(1, TURNS + 1):
        paragraphs = [f"{number}번 답의 {part}번째 문단입니다." for part in range(number % 12 + 1)]
        answer = replace(ANSWER, text="\n\n".join(paragraphs))
        desk.append_turn(chat, f"{number}번째 질문", answer)
    return desk, chat


async def settled(pilot: Pilot[Any], page: Conversation) -> None:
    """Until nothing is laid out any more."""
    before = None
    while page._is_settling or page._sought or before != (before := (page._last, page.scroll_y)):
        await pilot.pause(0.03)


async def opened(pilot: Pilot[Any], app: AssistantApp) -> Conversation:
    page = app.chat.conversation
    await wait_until(pilot, lambda: len(page.exchanges) >= TURNS)
    await settled(pilot, page)
    return page


def shown(page: Conversation) -> list[str]:
    """The rows of the conversation on screen, without its scrollbar."""
    region = page.region
    strips = page.screen._compositor.render_strips()[region.y : region.bottom]
    return [strip.crop(region.x, region.right - 1).text.rstrip() for strip in strips]


async def test_opening_lays_out_what_is_near_and_the_model_looks_back_on_all() -> None:
    desk, chat = long_chat()
    app = app_of(desk, chat_id=chat)
    async with app.run_test(size=WIDE) as pilot:
        page = await opened(pilot, app)
        assert len(page.turns) < 30
        assert page.turns[-1].question == f"{TURNS}번째 질문"
        assert f"{TURNS}번 답" in screen_text(app)
        assert len(page.history()) == TURNS
        assert page.current is page.exchanges[-1]


async def test_a_page_up_moves_what_is_seen_by_a_page_however_tall_turns_prove() -> None:
    desk, chat = long_chat()
    app = app_of(desk, chat_id=chat)
    async with app.run_test(size=WIDE) as pilot:
        page = await opened(pilot, app)
        height = page.size.height
        for _ in range(4):
            before = shown(page)
            await pilot.press("pageup")
            await settled(pilot, page)
            after = shown(page)
            # The reader's place: what was at the top is next, a page further down.
            assert 0 < len(page.turns) < 40
            await pilot.press("pagedown")
            await settled(pilot, page)
            assert shown(page) == before
            await pilot.press("pageup")
            await settled(pilot, page)
            assert shown(page) == after
            assert height == page.size.height


async def test_both_ends_and_any_turn_are_reached_and_what_is_far_is_let_go(
    home: Path,
) -> None:
    desk, chat = long_chat()
    app = app_of(desk, chat_id=chat)
    async with app.run_test(size=WIDE) as pilot:
        page = await opened(pilot, app)
        page.focus()
        await pilot.press("home")
        await settled(pilot, page)
        await wait_until(pilot, lambda: "1번째 질문" in shown(page)[1])
        assert len(page.turns) < 40
        assert page.turns[-1].question != f"{TURNS}번째 질문"
        await page.go_to(150)
        await settled(pilot, page)
        assert shown(page)[0].endswith("150번째 질문")
        await pilot.press("ctrl+up")
        await settled(pilot, page)
        assert shown(page)[0].endswith("149번째 질문")
        assert [turn.question for turn in page.turns if turn.has_class("-current")] == [
            "149번째 질문"
        ]
        await pilot.press("ctrl+y")
        await wait_until(pilot, lambda: app.clipboard.startswith("149번 답의 0번째"))
        await pilot.press("end")
        await settled(pilot, page)
        await wait_until(pilot, lambda: f"{TURNS}번 답" in screen_text(app))
        assert page.is_vertical_scroll_end


async def test_the_end_is_followed_and_a_reader_far_up_is_left_alone() -> None:
    gate = Event()
    desk, chat = long_chat(gate=gate)
    app = app_of(desk, chat_id=chat)
    async with app.run_test(size=WIDE) as pilot:
        page = await opened(pilot, app)
        app.chat.prompt.text = "새 질문"
        await pilot.press("enter")
        await wait_until(pilot, lambda: page.running is not None and page.running.text)
        await settled(pilot, page)
        assert "새 질문" in screen_text(app)
        await page.go_to(20)
        await settled(pilot, page)
        before = shown(page)
        assert page.running is not None  # far below, and still being answered
        gate.set()
        await wait_until(pilot, lambda: len(desk.stored[chat][1]) == TURNS + 1)
        await settled(pilot, page)
        assert shown(page) == before
        assert page.running is None
        page.scroll_end()
        await settled(pilot, page)
        await wait_until(pilot, lambda: "새 질문" in screen_text(app))


async def test_a_resize_keeps_the_place() -> None:
    desk, chat = long_chat()
    app = app_of(desk, chat_id=chat)
    async with app.run_test(size=WIDE) as pilot:
        page = await opened(pilot, app)
        await page.go_to(100)
        await settled(pilot, page)
        await pilot.resize_terminal(90, 30)
        await settled(pilot, page)
        assert any(row.endswith("100번째 질문") for row in shown(page)[:3])
