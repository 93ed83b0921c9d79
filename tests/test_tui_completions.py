"""What the prompt offers for / @ and #."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from assistant.tui.app import AssistantApp
from assistant.tui.screens.add_folder import AddFolder
from assistant.tui.screens.chats import ChatList
from assistant.tui.strings import S
from assistant.tui.widgets.completions import Completions, Wanted, wanted
from assistant.types import FileStatus, Notebook, Root
from tests.tui_desk import ScriptedDesk, app_of, wait_until

SIZE = (110, 34)
NOTES = Path("/노트")


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("", None),
        ("질문", None),
        ("/", Wanted("/", "", 1)),
        ("/새 대", Wanted("/", "새 대", 4)),
        ("/etc/passwd", None),  # a path is no command
        ("\n/새", None),
        ("1/2", None),
        ("@", Wanted("@", "", 1)),
        ("요약 @운영", Wanted("@", "운영", 3)),
        ("me@home", None),
        ("@운영 체제", None),
        ("C #", Wanted("#", "", 1)),
        ("C#", None),
    ],
)
def test_what_is_begun(before: str, found: Wanted | None) -> None:
    assert wanted(before) == found


def desk_with_notes() -> ScriptedDesk:
    names = ("운영체제 8주차.md", "네트워크.pdf", "운영체제/교착 상태.md")
    return ScriptedDesk(
        files=[FileStatus(NOTES / name, "indexed", nodes=2, root=NOTES) for name in names],
        roots=[Root(NOTES, documents=3, nodes=6)],
        notebooks=[Notebook("중간고사", (NOTES,), documents=3, nodes=6)],
    )


def offers(app: AssistantApp) -> list[str]:
    listing = app.chat.query_one(Completions)
    if not listing.display:
        return []
    shown = [listing.get_option_at_index(i).prompt for i in range(listing.option_count)]
    return [str(each).split("  ")[0] for each in shown]


async def typed(pilot: Pilot[Any], text: str) -> None:
    await pilot.press(*("space" if each == " " else each for each in text))


async def test_a_command_is_found_by_its_words_and_run() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("slash")
        await wait_until(pilot, lambda: len(offers(app)) > 8)
        await typed(pilot, S.chats[:-1].casefold())
        await wait_until(pilot, lambda: offers(app)[:1] == [f"/{S.chats}"])
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatList))
        assert app.chat.prompt.text == ""
        assert app.screen.query_one(OptionList).has_focus


async def test_a_note_limits_what_is_asked_next() -> None:
    desk = desk_with_notes()
    app = app_of(desk)
    async with app.run_test(size=SIZE) as pilot:
        await typed(pilot, "무엇? @운영")
        # What begins with it first, then what stands in a folder of the name.
        await wait_until(pilot, lambda: offers(app)[:1] == ["@운영체제"] and len(offers(app)) == 3)
        await pilot.press("down", "down", "up", "tab")
        await wait_until(pilot, lambda: app.chat.scope.paths != ())
        assert app.chat.scope.paths == (NOTES / "운영체제 8주차.md",)
        assert app.chat.prompt.text == "무엇? "
        assert offers(app) == []


async def test_a_notebook_is_offered_by_its_sign() -> None:
    app = app_of(desk_with_notes())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("number_sign")
        await wait_until(pilot, lambda: offers(app) == ["#중간고사"])
        await pilot.press("enter")
        await wait_until(pilot, lambda: bool(app.chat.scope))


async def test_escape_keeps_the_text_and_enter_then_sends_it() -> None:
    desk = desk_with_notes()
    app = app_of(desk)
    async with app.run_test(size=SIZE) as pilot:
        await typed(pilot, "@운")
        await wait_until(pilot, lambda: offers(app))
        await pilot.press("escape")
        assert offers(app) == []
        await pilot.press("enter")
        await wait_until(pilot, lambda: [asked[0] for asked in desk.asked] == ["@운"])


async def test_what_fits_nothing_is_a_question() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=SIZE) as pilot:
        await typed(pilot, "/zzz")
        await wait_until(pilot, lambda: offers(app) == [])
        await pilot.press("enter")
        await wait_until(pilot, lambda: [asked[0] for asked in desk.asked] == ["/zzz"])


# --------------------------------------------------------------------------- dropped files


@pytest.mark.parametrize("form", ["{}", "'{}'", "file://{}", "{} "])
async def test_a_folder_that_is_dropped_is_offered_to_be_added(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "강의 노트"
    folder.mkdir()
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=SIZE) as pilot:
        app.chat.prompt.post_message(events.Paste(form.format(folder)))
        await wait_until(pilot, lambda: isinstance(app.screen, AddFolder))
        await wait_until(pilot, lambda: app.screen.query(Input))
        assert app.screen.query_one(Input).value == str(folder)
        assert app.chat.prompt.text == ""
        await pilot.press("enter")
        await wait_until(pilot, lambda: desk.ingested == [folder])


async def test_what_is_no_path_or_part_of_a_question_stays(tmp_path: Path) -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=SIZE) as pilot:
        app.chat.prompt.post_message(events.Paste(f"{tmp_path}/없는 것"))
        await wait_until(pilot, lambda: "없는 것" in app.chat.prompt.text)
        app.chat.prompt.text = "이 경로는? "
        app.chat.prompt.move_cursor((0, 7))
        app.chat.prompt.post_message(events.Paste(str(tmp_path)))
        await wait_until(pilot, lambda: str(tmp_path) in app.chat.prompt.text)
        await pilot.pause(0.2)
        assert app.screen is app.chat
