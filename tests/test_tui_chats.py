"""The list of earlier chats: searched, kept in order, exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from assistant.tui.app import AssistantApp
from assistant.tui.screens.ask_text import AskText
from assistant.tui.screens.chat import ChatScreen
from assistant.tui.screens.chats import ChatList
from assistant.tui.strings import S
from tests.tui_desk import ANSWER, ScriptedDesk, app_of, screen_text, wait_until

WIDE = (120, 36)


async def ask(pilot: Pilot[Any], app: AssistantApp, question: str) -> None:
    app.chat.prompt.text = question
    await pilot.press("enter")
    await wait_until(
        pilot, lambda: app.chat.conversation.turns and not app.chat.conversation.running
    )


def desk_with(*titles: str) -> ScriptedDesk:
    desk = ScriptedDesk()
    for title in titles:
        desk.append_turn(desk.create_chat(title), title, ANSWER)
    return desk


def titles(app: AssistantApp) -> list[str]:
    listing = app.screen.query_one(OptionList)
    lines = [str(listing.get_option_at_index(i).prompt) for i in range(listing.option_count)]
    return [line.split("  ")[0] for line in lines]


async def opened(pilot: Pilot[Any], app: AssistantApp, *shown: str) -> ChatList:
    await pilot.press("ctrl+o")
    await wait_until(pilot, lambda: isinstance(app.screen, ChatList) and titles(app) == list(shown))
    assert isinstance(app.screen, ChatList)
    return app.screen


async def test_what_is_typed_is_searched_for_and_enter_opens_the_hit() -> None:
    desk = desk_with("역전파란?", "어텐션이란?")
    desk.append_turn(1, "왜 기울기가 사라지나?", ANSWER)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: app.chat.status.searchable)
        await opened(pilot, app, "어텐션이란?", "역전파란?")
        await pilot.press("slash", *"기울기")
        await wait_until(pilot, lambda: titles(app) == ["역전파란?"])
        await wait_until(pilot, lambda: desk.searched[-1:] == [("기울기", True)])
        assert ("기울기", False) in desk.searched  # words first
        assert "왜 기울기가 사라지나?" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        await wait_until(pilot, lambda: len(app.chat.conversation.turns) == 2)
        current = app.chat.conversation.current
        assert current is not None
        assert current.question == "왜 기울기가 사라지나?"


async def test_a_hit_far_up_in_a_long_chat_is_brought_into_view() -> None:
    desk = ScriptedDesk()
    chat = desk.create_chat("긴 대화")
    for number in range(1, 51):
        desk.append_turn(chat, f"{number}번째 질문", ANSWER)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, "긴 대화")
        await pilot.press("slash", *"8번째")
        await wait_until(pilot, lambda: len(titles(app)) == 5)
        await pilot.press("enter")
        await wait_until(
            pilot,
            lambda: (
                app.chat.conversation.current is not None
                and app.chat.conversation.current.question == "8번째 질문"
            ),
        )
        await wait_until(pilot, lambda: "8번째 질문" in screen_text(app))


async def test_escape_leaves_the_search_before_the_list() -> None:
    app = app_of(desk_with("하나", "둘"))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, "둘", "하나")
        await pilot.press("slash", "x")
        await wait_until(pilot, lambda: titles(app) == [S.no_chats_found])
        await pilot.press("escape")
        await wait_until(pilot, lambda: titles(app) == ["둘", "하나"])
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))


async def test_what_is_deleted_can_be_taken_back() -> None:
    desk = desk_with("하나", "둘")
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, "둘", "하나")
        await pilot.press("delete")
        await wait_until(pilot, lambda: titles(app) == ["하나"])
        await pilot.press("d")
        await wait_until(pilot, lambda: titles(app) == [S.no_chats])
        await pilot.press("u", "u")
        await wait_until(pilot, lambda: titles(app) == ["둘", "하나"])
        await pilot.press("u")  # there is nothing more


async def test_deleting_the_chat_on_screen_clears_it() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, app, "질문")
        await wait_until(pilot, lambda: desk.stored)
        await opened(pilot, app, "질문")
        await pilot.press("delete")
        await wait_until(pilot, lambda: not app.chat.conversation.turns)
        assert app.chat.record.chat_id is None


async def test_a_pinned_chat_stands_first_and_stays_chosen() -> None:
    desk = desk_with("하나", "둘")
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, "둘", "하나")
        await pilot.press("down", "p")
        await wait_until(pilot, lambda: titles(app) == ["★ 하나", "둘"])
        assert app.screen.query_one(OptionList).highlighted == 0
        await pilot.press("p")
        await wait_until(pilot, lambda: titles(app) == ["둘", "하나"])


async def test_a_new_title_is_seen_in_the_list_and_above_the_chat() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, app, "질문")
        await wait_until(pilot, lambda: desk.stored)
        await opened(pilot, app, "질문")
        await pilot.press("r")
        await wait_until(pilot, lambda: isinstance(app.screen, AskText))
        field = app.screen.query_one(Input)
        assert field.value == "질문"
        field.value = "시험 범위"
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatList))
        await wait_until(pilot, lambda: titles(app) == ["시험 범위"])
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        assert "시험 범위" in screen_text(app).splitlines()[0]


async def test_a_chat_is_written_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    desk = desk_with("하나")
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await opened(pilot, app, "하나")
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, AskText))
        app.screen.query_one(Input).value = "~/내보낸 것"
        await pilot.press("enter")
        await wait_until(pilot, lambda: desk.exported == [(1, tmp_path / "내보낸 것")])
        await wait_until(pilot, lambda: "내보낸 것/chat.md" in screen_text(app))


# --------------------------------------------------------------------------- branches


async def test_an_edited_question_goes_on_from_before_it_in_a_chat_of_its_own() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        for question in ("하나", "둘", "셋"):
            await ask(pilot, app, question)
        await wait_until(pilot, lambda: len(desk.stored[1][1]) == 3)
        await pilot.press("ctrl+up", "f9")
        await wait_until(pilot, lambda: app.chat.prompt.text == "둘")
        assert S.branches in screen_text(app)
        await pilot.press(*"째", "enter")
        page = app.chat.conversation
        await wait_until(pilot, lambda: [turn.question for turn in page.turns] == ["하나", "둘째"])
        await wait_until(pilot, lambda: page.running is None and len(desk.stored) == 2)
        await wait_until(pilot, lambda: len(desk.stored[2][1]) == 2)
        assert [asked for asked, _ in desk.stored[1][1]] == ["하나", "둘", "셋"]
        assert [asked for asked, _ in desk.stored[2][1]] == ["하나", "둘째"]
        assert [asked for asked, _ in desk.asked[-1][1]] == ["하나"]
        assert S.branches not in screen_text(app)


async def test_an_edit_can_be_left() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, app, "하나")
        await pilot.press("f9")
        await wait_until(pilot, lambda: app.chat.prompt.text == "하나")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.chat.prompt.text == "")
        await ask(pilot, app, "둘")
        await wait_until(pilot, lambda: len(desk.stored[1][1]) == 2)
        assert len(desk.stored) == 1
