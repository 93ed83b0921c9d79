"""What a reader says to an answer: rated, and asked again with other sources."""

from __future__ import annotations

from typing import Any

from assistant.errors import LibraryUnwritable
from assistant.tui.picking import toggled
from assistant.tui.strings import S
from assistant.tui.widgets.sources import SourceList
from assistant.types import EVERYTHING, Pick
from tests.tui_desk import (
    ANSWER,
    ATTENTION,
    PADDING,
    REFUSAL,
    ScriptedDesk,
    app_of,
    screen_text,
    wait_until,
)

WIDE = (120, 40)
FILE, PASSAGE = Pick(ATTENTION.path), Pick(PADDING.path, PADDING.node_id)


def test_a_pick_is_taken_back_by_itself_and_takes_the_place_of_its_opposite() -> None:
    pinned = toggled(EVERYTHING, "pinned", FILE)
    assert (pinned.pinned, pinned.excluded) == ((FILE,), ())
    both = toggled(pinned, "excluded", PASSAGE)
    assert (both.pinned, both.excluded) == ((FILE,), (PASSAGE,))
    assert toggled(both, "excluded", PASSAGE) == pinned
    turned = toggled(both, "excluded", FILE)
    assert (turned.pinned, turned.excluded) == ((), (PASSAGE, FILE))
    assert toggled(pinned, "pinned", FILE) == EVERYTHING


def rows(app: Any) -> list[str]:
    listing = app.screen.query_one(SourceList)
    return [str(option.prompt) for option in listing.options]


async def asked(pilot: Any, app: Any, count: int) -> None:
    page = app.chat.conversation
    await wait_until(pilot, lambda: len(page.exchanges) == count and page.running is None)
    await wait_until(pilot, lambda: "●" in rows(app)[0])


async def test_a_source_is_pinned_and_excluded_and_the_question_put_again() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"질문", "enter")
        await asked(pilot, app, 1)
        app.screen.query_one(SourceList).focus()
        await pilot.press("down", "p")  # the second passage
        await asked(pilot, app, 2)
        assert desk.asked[-1] == ("질문", [])  # with the history it had
        (pick,) = desk.scopes[-1].pinned
        assert pick == PASSAGE
        assert S.pinned in rows(app)[1]
        assert "◆" in rows(app)[1]
        assert "◆" not in rows(app)[0]
        named = S.pinned_names.format(names=PADDING.path.name)
        assert named in " ".join(screen_text(app).split())

        app.screen.query_one(SourceList).highlighted = 0
        await pilot.press("X")  # the whole file of the first
        await asked(pilot, app, 3)
        assert desk.scopes[-1].pinned == (PASSAGE,)
        assert desk.scopes[-1].excluded == (FILE,)
        assert "✕" in rows(app)[-1]
        assert S.whole_file in rows(app)[-1]
        await pilot.press("end", "x")  # on the row of what is excluded
        await asked(pilot, app, 4)
        assert desk.scopes[-1].excluded == ()
        await pilot.press("home", "down", "p")
        await asked(pilot, app, 5)
        assert desk.scopes[-1] == EVERYTHING
        assert not any("◆" in row or "✕" in row for row in rows(app))


async def test_asking_again_keeps_the_picks_and_another_question_has_none() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"하나", "enter")
        await asked(pilot, app, 1)
        app.chat.action_pick("excluded")
        await asked(pilot, app, 2)
        await pilot.press("ctrl+r")
        await asked(pilot, app, 3)
        assert len(desk.scopes[-1].excluded) == 1
        app.chat.prompt.text = "둘"
        app.chat.prompt.focus()
        await pilot.press("enter")
        await asked(pilot, app, 4)
        assert desk.scopes[-1] == EVERYTHING


async def test_an_answer_is_rated_in_the_chat_that_keeps_it() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("alt+g")
        await wait_until(pilot, lambda: S.nothing_to_rate in screen_text(app))
        for count, question in enumerate(("하나", "둘"), start=1):
            app.chat.prompt.text = question
            await pilot.press("enter")
            await asked(pilot, app, count)
        await wait_until(pilot, lambda: app.chat.conversation.exchanges[-1].number == 2)
        await pilot.press("alt+w")
        await wait_until(pilot, lambda: desk.stored[1][1][1][1].rating == "bad")
        assert S.rated_bad in screen_text(app)
        assert desk.stored[1][1][0][1].rating == ""
        await pilot.press("alt+g")
        await wait_until(pilot, lambda: desk.stored[1][1][1][1].rating == "good")
        await pilot.press("alt+g")
        await wait_until(pilot, lambda: desk.stored[1][1][1][1].rating == "")
        assert S.rated_good not in screen_text(app)


async def test_a_rating_is_shown_when_a_chat_is_opened_and_undone_if_it_cannot_be_kept() -> None:
    desk = ScriptedDesk()
    desk.append_turn(desk.create_chat("대화"), "하나", ANSWER)
    desk.rate_turn(1, 1, "good")

    def fail(*_: object) -> None:
        raise LibraryUnwritable("the library is read-only", "choose another")

    desk.rate_turn = fail  # type: ignore[method-assign]
    app = app_of(desk, chat_id=1)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: S.rated_good in screen_text(app))
        await pilot.press("alt+w")
        await wait_until(pilot, lambda: "the library is read-only" in screen_text(app))
        assert S.rated_good in screen_text(app)


async def test_a_refused_question_is_searched_wider_once() -> None:
    desk = ScriptedDesk(REFUSAL, REFUSAL)
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"하나", "enter")
        await wait_until(pilot, lambda: S.wider_offered in " ".join(screen_text(app).split()))
        await pilot.press("f5")
        await wait_until(pilot, lambda: S.wider in " ".join(screen_text(app).split()))
        assert [scope.wider for scope in desk.scopes] == [False, True]
        assert [question for question, _ in desk.asked] == ["하나", "하나"]
        await pilot.press("f5")
        await pilot.pause()
        assert len(desk.asked) == 2
