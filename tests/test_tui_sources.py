"""The evidence: found, opened, highlighted, and never taken for markup."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.widgets import OptionList, Static

from assistant.tui.screens.chat import WIDE
from assistant.tui.strings import S
from assistant.tui.widgets.answer import AnswerText
from assistant.tui.widgets.links import SCHEME
from assistant.tui.widgets.sources import Passage, SourceList, highlight
from assistant.types import Place, Surroundings
from tests.tui_desk import (
    ANSWER,
    ATTENTION,
    LAB,
    PADDING,
    USED,
    ScriptedDesk,
    app_of,
    citation,
    screen_text,
    wait_until,
)


async def answered(pilot: Any, app: Any, question: str = "질문") -> None:
    await pilot.press(*question, "enter")
    await wait_until(
        pilot, lambda: app.chat.conversation.turns and app.chat.conversation.running is None
    )
    await pilot.pause()


def highlighted(app: App[Any]) -> list[str]:
    """The stretches of the open passage that are set off."""
    content = app.screen.query_one(Passage).query_one(".text", Static).visual
    return [content.plain[span.start : span.end] for span in content.spans]  # type: ignore[attr-defined]


async def test_the_sentence_used_is_highlighted_and_another_source_can_be_chosen() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=(120, 36)) as pilot:
        await answered(pilot, app)
        assert app.chat.panel.opened == 1
        assert highlighted(app) == [USED]
        app.screen.query_one(SourceList).focus()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.chat.panel.opened == 2
        assert highlighted(app) == [
            "The attention mask is 0 at padded positions, so they take no part"
        ]
        await pilot.press("down", "enter")
        await pilot.pause()
        assert highlighted(app) == []
        assert "0.913" in screen_text(app)


async def test_a_digit_and_the_cycling_key_open_citations() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await answered(pilot, app)
        await pilot.press("ctrl+g")
        assert app.chat.panel.opened == 2
        await pilot.press("ctrl+g")
        assert app.chat.panel.opened == 1
        await pilot.press("alt+3")
        assert app.chat.panel.opened == 3
        assert app.chat.prompt.text == ""
        app.chat.conversation.focus()
        await pilot.press("2")
        assert app.chat.panel.opened == 2
        await pilot.press("7")
        await wait_until(pilot, lambda: S.no_such_citation.format(n=7) in screen_text(app))
        assert app.chat.panel.opened == 2


async def test_a_click_on_a_citation_opens_its_source() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=(120, 36)) as pilot:
        await answered(pilot, app)
        lines = screen_text(app).splitlines()
        row = next(index for index, line in enumerate(lines) if "[2]" in line)
        strip = app.screen._compositor.render_strips()[row]
        before = strip.text[: strip.text.index("[2]")]
        await pilot.click(offset=(cell_len(before) + 1, row))
        await wait_until(pilot, lambda: app.chat.panel.opened == 2)


def reversed_text(app: App[Any]) -> list[str]:
    """What is set off by reversed colours."""
    return [
        segment.text
        for strip in app.screen._compositor.render_strips()
        for segment in strip
        if segment.style and segment.style.reverse and "[" in segment.text
    ]


async def test_tab_walks_the_citations_of_the_answer_and_enter_opens_one() -> None:
    table = "| a |\n|---|\n| 셀 [3] |"
    answer = replace(ANSWER, text=f"하나 [1]. 둘 [2].\n\n{table}")
    app = app_of(ScriptedDesk(ANSWER, answer))
    async with app.run_test(size=(120, 36)) as pilot:
        await answered(pilot, app, "하나")
        await answered(pilot, app, "둘")
        first, second = app.screen.query(AnswerText)
        assert not first.can_focus  # of an answer not turned to Tab does not stop at any
        app.chat.conversation.focus()
        await pilot.press("tab")
        assert second.has_focus
        await wait_until(pilot, lambda: reversed_text(app) == ["[1]"])
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: app.chat.panel.opened == 2)
        assert reversed_text(app) == ["[2]"]
        await pilot.press("right", "enter")
        await wait_until(pilot, lambda: app.chat.panel.opened == 3)
        await pilot.press("left", "left", "enter")
        await wait_until(pilot, lambda: app.chat.panel.opened == 1)
        await pilot.press("tab", "tab", "tab")
        assert app.screen.query_one(SourceList).has_focus
        await wait_until(pilot, lambda: reversed_text(app) == [])


async def test_an_earlier_answer_shows_its_own_sources() -> None:
    second = replace(ANSWER, sources=(replace(LAB, n=1),), citations=())
    app = app_of(ScriptedDesk(ANSWER, second))
    async with app.run_test(size=(120, 36)) as pilot:
        await answered(pilot, app, "하나")
        await answered(pilot, app, "둘")
        assert [source.node_id for source in app.chat.panel.sources] == [13]
        await pilot.press("ctrl+up")
        assert [source.node_id for source in app.chat.panel.sources] == [11, 12, 13]
        assert app.chat.conversation.turns[0].has_class("-current")
        await pilot.press("ctrl+down")
        assert [source.node_id for source in app.chat.panel.sources] == [13]


async def test_a_far_sentence_is_scrolled_into_view() -> None:
    text = "한국어 문장이 여기 있습니다. " * 120 + USED + " 끝입니다." * 200
    long = replace(ATTENTION, text=text)
    answer = replace(ANSWER, sources=(long,), citations=(citation(long, USED),))
    app = app_of(ScriptedDesk(answer))
    async with app.run_test(size=(120, 36)) as pilot:
        await answered(pilot, app)
        await wait_until(pilot, lambda: "√d_k로 나누어" in screen_text(app))


@pytest.mark.parametrize(("width", "below"), [(WIDE, False), (WIDE - 1, True), (80, True)])
async def test_the_panel_is_beside_or_below_by_width(width: int, below: bool) -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=(width, 30)) as pilot:
        await answered(pilot, app)
        panel, talk = app.chat.panel.region, app.chat.conversation.region
        assert (panel.y >= talk.bottom) is below
        assert (panel.x >= talk.right) is not below
        assert app.chat.prompt.region.bottom <= 30


async def test_the_panel_follows_a_resize_and_its_key() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=(120, 30)) as pilot:
        await answered(pilot, app)
        await pilot.resize_terminal(80, 24)
        await wait_until(
            pilot, lambda: app.chat.panel.region.y >= app.chat.conversation.region.bottom
        )
        await pilot.press("ctrl+t")
        assert not app.chat.panel.display
        await pilot.press("ctrl+t")
        assert app.chat.panel.display
        await pilot.press("ctrl+t", "ctrl+g")
        assert app.chat.panel.display


HOSTILE = "[bold]x[/] [link=http://evil]y[/link] [@click=app.quit]z[/] [/nothing]"
ESCAPES = "\x1b[31mred\x1b]8;;http://evil\x1b\\\x1b[2J\x9b1m\u202etxt"


@pytest.mark.parametrize("size", [(200, 40), (90, 40)])
async def test_markup_and_escapes_are_shown_as_text_everywhere(size: tuple[int, int]) -> None:
    source = replace(
        ATTENTION,
        path=Path(f"/n/{HOSTILE.replace('/', '∕')}{ESCAPES.replace('/', '')}.md"),
        place=Place(headings=(HOSTILE + ESCAPES,)),
        text=HOSTILE + ESCAPES + USED,
    )
    answer = replace(
        ANSWER,
        text=f"{HOSTILE}{ESCAPES}\n\n| a | b |\n|--|--|\n| {HOSTILE} | [1] |\n\n"
        f"```{HOSTILE}\n{HOSTILE}{ESCAPES}\n```\n\n"
        "![image](http://evil) [link](http://evil) <http://evil> <b>html</b> &#27;[31m [1]",
        sources=(source,),
        citations=(citation(source, USED),),
        model=HOSTILE,
    )
    app = app_of(ScriptedDesk(answer))
    async with app.run_test(size=size) as pilot:
        app.chat.prompt.insert(HOSTILE + ESCAPES)
        await pilot.press("enter")
        await wait_until(
            pilot, lambda: app.chat.conversation.turns and app.chat.conversation.running is None
        )
        await pilot.pause()
        shown = screen_text(app)
        assert "\x1b" not in shown
        assert "\x9b" not in shown
        assert "\u202e" not in shown
        assert shown.count("[bold]x[/]") >= 3
        assert "[link](http://evil)" in shown
        assert "<b>html</b>" in shown
        assert highlighted(app) == [USED]
        # Nothing but our own citations can be followed.
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                action = str((segment.style.meta if segment.style else {}).get("@click", ""))
                assert not action or SCHEME in action
                assert not (segment.style and segment.style.link)


def test_highlighting_keeps_to_the_sentence_when_controls_are_removed() -> None:
    text = "\x1b[1mbefore\x07 used\x00 sentence\r\n after"
    start = text.index("used")
    content = highlight(text, [(start, text.index("\r"))])
    assert [content.plain[span.start : span.end] for span in content.spans] == ["used sentence"]


async def test_only_offered_numbers_become_links() -> None:
    class Host(App[None]):
        def compose(self) -> Any:
            yield AnswerText()

    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        text = app.query_one(AnswerText)
        text.offer({1, 2})
        await text.write("a [1] b [3] c [1, ")
        await text.finish("a [1] b [3] c [1, 2] `x[1]` [01] [1](http://evil)")
        await pilot.pause()
        found = [
            str(segment.style.meta["@click"])
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and "@click" in segment.style.meta
        ]
        assert found == [f"link('{SCHEME}{n}')" for n in (1, 1, 2, 1, 1)]
        assert "[3]" in screen_text(app)
        assert "x[1]" in screen_text(app)
        assert "(http://evil)" in screen_text(app)


async def test_long_korean_names_are_cut_in_the_middle_and_columns_align() -> None:
    app = app_of(ScriptedDesk(replace(ANSWER, sources=(ATTENTION, PADDING, LAB))))
    async with app.run_test(size=(100, 30)) as pilot:
        await answered(pilot, app)
        listing = app.chat.panel.query_one(OptionList)
        rows = [str(option.prompt).splitlines()[0] for option in listing.options]
        assert all(cell_len(row) <= listing.scrollable_content_region.width for row in rows)
        assert rows[0].startswith("  1 ●")
        assert "…" in rows[0]
        assert rows[0].rstrip().endswith(".md")
        assert rows[2].rstrip().endswith(".ipynb")


async def test_the_text_around_a_passage_is_shown_and_the_sentence_used_stays_in_view() -> None:
    desk = ScriptedDesk()
    above = "\n".join(f"앞의 {n}번째 줄 [b]" for n in range(60))
    desk.around[desk.search("").sources[0].node_id] = Surroundings(above, "뒤에 오는 말")
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await answered(pilot, app)
        passage = app.screen.query_one(Passage)
        await wait_until(pilot, lambda: passage.has_class("-within"))
        await wait_until(pilot, lambda: passage.scroll_y > 0)
        assert highlighted(app) == [USED]
        shown = screen_text(app)
        assert "앞의 59번째 줄 [b]" in shown
        assert "앞의 0번째 줄" not in shown
        assert USED[:8] in shown
        app.screen.query_one(SourceList).focus()
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: not passage.has_class("-within"))
        assert "앞의 59번째 줄" not in screen_text(app)
