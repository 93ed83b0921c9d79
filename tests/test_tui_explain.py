"""Why these sources, and why not that file, in the interface."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.widgets import Input, OptionList, Static

from assistant.errors import LibraryBusy
from assistant.tui.explaining import fate_content, hit_content
from assistant.tui.screens.explain import ExplainScreen
from assistant.tui.strings import EN, KO, S
from assistant.tui.widgets.sources import SourceList
from assistant.types import (
    EVERYTHING,
    Expectation,
    Explained,
    Hindrance,
    Leg,
    Scope,
    Share,
)
from tests.tui_desk import (
    ANSWER,
    ATTENTION,
    FILES,
    LAB,
    LOCKED,
    NOTES,
    ScriptedDesk,
    app_of,
    explanation,
    screen_text,
    wait_until,
)


async def asked(pilot: Any, app: Any, question: str = "질문") -> None:
    await pilot.press(*question, "enter")
    await wait_until(
        pilot, lambda: app.chat.conversation.turns and app.chat.conversation.running is None
    )
    await pilot.pause()


async def opened(pilot: Any, app: Any) -> ExplainScreen:
    app.screen.query_one(SourceList).focus()
    await pilot.press("e")
    await wait_until(pilot, lambda: isinstance(app.screen, ExplainScreen))
    await wait_until(pilot, lambda: S.leg_dense in screen_text(app))
    screen: ExplainScreen = app.screen
    return screen


async def test_the_key_of_the_panel_shows_every_source_with_its_reasons() -> None:
    desk = ScriptedDesk()
    app = app_of(desk, scope=Scope((NOTES,), "강의 노트"))
    async with app.run_test(size=(110, 44)) as pilot:
        await asked(pilot, app)
        await opened(pilot, app)
        shown = screen_text(app)
        for number in (1, 2, 3):
            assert f"[{number}]" in shown
        assert S.why_rank.format(rank="1") in shown
        assert S.why_not_found in shown
        assert "0.50 × 1.00" in shown
        assert f"{S.why_words} 어텐션은" in shown
        assert f"{S.why_without} 없는낱말" in shown
        assert "“학습률 2e-5에서 검증 정확도 0." in shown
        assert desk.explained == [("질문", [], Scope((NOTES,), "강의 노트"))]
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)


async def test_a_later_question_is_explained_with_what_came_before() -> None:
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=(110, 40)) as pilot:
        await asked(pilot, app, "하나")
        await asked(pilot, app, "둘")
        await opened(pilot, app)
        [(question, history, scope)] = desk.explained
        assert (question, [each for each, _ in history], scope) == ("둘", ["하나"], EVERYTHING)


async def test_the_key_is_a_letter_in_the_prompt_and_needs_sources() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=(110, 40), notifications=True) as pilot:
        await pilot.press("e")
        assert app.chat.prompt.text == "e"
        await app.chat.action_explain()
        await wait_until(pilot, lambda: S.why_nothing in screen_text(app))
        assert app.screen is app.chat


async def test_the_palette_offers_it_when_there_are_sources() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=(110, 40)) as pilot:
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert S.why_title not in titles
        await asked(pilot, app)
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert S.why_title in titles


async def test_a_file_of_the_library_is_found_by_part_of_its_name_and_judged() -> None:
    desk = ScriptedDesk(files=FILES)
    app = app_of(desk)
    async with app.run_test(size=(110, 44)) as pilot:
        await asked(pilot, app)
        screen = await opened(pilot, app)
        await pilot.press("slash")
        assert screen.query_one(Input).has_focus
        await wait_until(pilot, lambda: screen._files)
        await pilot.press(*"어텐")
        # Typed composed, stored decomposed.
        await wait_until(pilot, lambda: screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: desk.expected)
        assert desk.expected == [FILES[0].path]
        expected = S.fate_ranked.format(name="어텐션.md", rank=7)
        await wait_until(pilot, lambda: expected in screen_text(app))
        assert S.fate_best in screen_text(app)


async def test_the_arrows_choose_among_the_files_offered() -> None:
    desk = ScriptedDesk(files=FILES)
    app = app_of(desk)
    async with app.run_test(size=(110, 44)) as pilot:
        await asked(pilot, app)
        screen = await opened(pilot, app)
        await wait_until(pilot, lambda: screen._files)
        await pilot.press("slash", *"파일")
        listing = screen.query_one(OptionList)
        await wait_until(pilot, lambda: listing.option_count == 2)
        names = [str(option.prompt) for option in listing.options]
        await pilot.press("down" if "빈" in names[0] else "up", "enter")
        await wait_until(pilot, lambda: LOCKED.hint in screen_text(app))
        assert "[bold]" in screen_text(app)
        assert desk.expected == [LOCKED.path]


async def test_a_path_outside_the_library_may_be_typed(tmp_path: Path) -> None:
    (tmp_path / "메모.md").write_text("메모")
    desk = ScriptedDesk()
    app = app_of(desk)
    async with app.run_test(size=(110, 44)) as pilot:
        await asked(pilot, app)
        screen = await opened(pilot, app)
        await pilot.press("slash")
        screen.query_one(Input).value = str(tmp_path / "메모.md")
        await pilot.press("enter")
        await wait_until(pilot, lambda: S.fate_missing.format(name="메모.md") in screen_text(app))
        assert desk.expected == [tmp_path / "메모.md"]


async def test_it_is_worked_out_in_a_thread() -> None:
    desk = ScriptedDesk()
    threads: list[threading.Thread] = []
    explain = desk.explain

    def noting(*args: Any, **more: Any) -> Any:
        threads.append(threading.current_thread())
        return explain(*args, **more)

    desk.explain = noting  # type: ignore[method-assign]
    app = app_of(desk)
    async with app.run_test(size=(110, 44)) as pilot:
        await asked(pilot, app)
        await opened(pilot, app)
    assert threads
    assert threading.main_thread() not in threads


async def test_what_goes_wrong_is_shown_there(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = ScriptedDesk()
    desk.explain_error = LibraryBusy("another process [b]writes[/b]", "wait a little")
    app = app_of(desk)
    async with app.run_test(size=(110, 44)) as pilot:
        await asked(pilot, app)
        app.screen.query_one(SourceList).focus()
        await pilot.press("e")
        await wait_until(pilot, lambda: "another process [b]writes[/b]" in screen_text(app))
        assert "wait a little" in screen_text(app)
        assert "…" not in str(app.screen.query_one("#hits", Static).visual)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_korean_columns_align_and_nothing_leaves_the_screen(size: tuple[int, int]) -> None:
    app = app_of(ScriptedDesk(ANSWER))
    async with app.run_test(size=size) as pilot:
        await asked(pilot, app)
        await opened(pilot, app)
        lines = screen_text(app).splitlines()
        assert all(cell_len(line) <= size[0] for line in lines)
        [first, second] = [line for line in lines if S.why_rank.format(rank="1") in line][:2]
        at = [cell_len(line[: line.index(S.why_rank.format(rank="1"))]) for line in (first, second)]
        assert at[0] == at[1]


# --------------------------------------------------------------------------- content


def test_matched_words_are_set_off_by_style_alone() -> None:
    [hit] = explanation("?", [ATTENTION]).hits
    content = hit_content(hit, "score", 80)
    marked = [content.plain[s.start : s.end] for s in content.spans if "on $accent" in str(s.style)]
    assert marked == ["어텐션은"]


def test_another_leg_and_far_ranks_and_hostile_words_are_plain() -> None:
    source = replace(
        LAB, legs=(Leg("dense", 2_001, 0.1), Leg("reranker", 4, 2.5)), text="\x1b[31mred[/] text."
    )
    share = Share("dense", 2_001, 0.1, 0.0, 0.5)
    hit = Explained(source, (share,), ("[bold]x[/]\x1b",), (), ((0, 3),), (0, len(source.text)))
    text = hit_content(hit, "reciprocal_rank", 80).plain
    assert "> 2,000" in text
    assert S.leg_reranker in text
    assert "[bold]x[/]" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"fate": "found", "hit": 2}, "2"),
        ({"fate": "copy", "hit": 3}, "3"),
        ({"fate": "beyond", "nodes": 4}, "4"),
        ({"fate": "not_embedded", "nodes": 4, "waiting": 3}, "3"),
        ({"fate": "skipped", "reason": "empty"}, "empty"),
        (
            {"fate": "ignored", "hindrance": Hindrance("ignored", "*.md", Path("/n/.gitignore"))},
            "*.md",
        ),
        ({"fate": "ignored", "hindrance": Hindrance("not included", "*.pdf")}, "*.pdf"),
        ({"fate": "ignored", "hindrance": Hindrance("hidden", ".x.md")}, ".x.md"),
        ({"fate": "new"}, S.remedy_sync),
        ({"fate": "not_ingested"}, S.remedy_add),
        ({"fate": "out_of_scope"}, S.remedy_scope),
        ({"fate": "missing"}, S.remedy_spelling),
        ({"fate": "found", "hit": 1, "waiting": 2}, "2"),
        ({"fate": "found", "hit": 1, "put_back": (3, 4)}, "3, 4"),
    ],
)
def test_every_fate_is_told(more: dict[str, Any], told: str) -> None:
    text = fate_content(Expectation("?", Path("/n/글.md"), **more), "score", 80).plain
    assert "글.md" in text
    assert told in text
    assert "None" not in text
    assert "{" not in text


def test_both_languages_fill_the_same_fields() -> None:
    parts = ("why_", "fate_", "remedy_", "leg_")
    mine = [name for name in vars(type(EN)) if name.startswith(parts)]
    for name in mine:
        english, korean = getattr(EN, name), getattr(KO, name)
        assert english != korean
        for field in ("name", "n", "rank", "reason", "waiting", "passages", "count", "pattern"):
            assert (f"{{{field}}}" in english) == (f"{{{field}}}" in korean), name
