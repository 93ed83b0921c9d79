"""What is taken along: answers, code, citations, and files opened at their place."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.tui import clipboard
from assistant.tui.opening import opening
from assistant.tui.strings import S
from assistant.tui.widgets.sources import SourceList
from assistant.tui.wording import code_blocks
from assistant.types import Place
from tests.tui_desk import ANSWER, ATTENTION, USED, ScriptedDesk, app_of, citation, wait_until

WIDE = (120, 36)
CODE = "먼저\n\n```python\na = 1\n```\n\n~~~\nb\n```\n~~~\n\n끝\n\n```\n닫히지 않은\n"


async def answered(pilot: Any, app: Any) -> None:
    await pilot.press(*"질문", "enter")
    page = app.chat.conversation
    await wait_until(pilot, lambda: page.exchanges and page.running is None)
    await wait_until(pilot, lambda: app.chat.panel.opened)


def test_code_blocks_keep_their_own_fences_and_one_may_be_open() -> None:
    assert code_blocks(CODE) == ["a = 1\n", "b\n```\n", "닫히지 않은\n"]
    assert code_blocks("없음") == []


async def test_code_is_copied_block_after_block(home: Path) -> None:
    app = app_of(ScriptedDesk(replace(ANSWER, text=CODE)))
    async with app.run_test(size=WIDE) as pilot:
        await answered(pilot, app)
        for block in ("a = 1\n", "b\n```\n", "닫히지 않은\n", "a = 1\n"):
            await pilot.press("alt+c")
            await wait_until(pilot, lambda block=block: app.clipboard == block)
            await wait_until(pilot, lambda block=block: _kept() == block)


def _kept() -> str:
    file = clipboard.copied_file()
    return file.read_text("utf-8") if file.exists() else ""


async def test_a_citation_is_copied_with_its_place_and_goes_out_as_osc_52(home: Path) -> None:
    app = app_of(ScriptedDesk())
    written: list[str] = []
    async with app.run_test(size=WIDE) as pilot:
        await answered(pilot, app)
        assert app._driver is not None
        app._driver.write = written.append  # type: ignore[method-assign]
        app.screen.query_one(SourceList).focus()
        await pilot.press("c")
        await wait_until(pilot, lambda: app.clipboard)
        assert app.clipboard == f"{USED}\n— {ATTENTION.path} · {ATTENTION.place.label}"
        told = base64.b64encode(app.clipboard.encode()).decode()
        assert f"\x1b]52;c;{told}\a" in written


def test_programs_for_the_clipboard_are_those_of_the_machine_in_front() -> None:
    assert clipboard.programs({}, "linux") == []
    assert clipboard.programs({"WAYLAND_DISPLAY": "0"}, "linux") == [("wl-copy",)]
    far = {"SSH_CONNECTION": "1", "DISPLAY": ":0", "TMUX": "x"}
    assert [command[0] for command in clipboard.programs(far, "linux")] == ["tmux"]


async def test_hits_are_walked_and_the_file_is_opened_at_the_one_in_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    last = "이 나눗셈이 없으면 큰 차원에서 학습이 느려진다."
    source = replace(ATTENTION, place=Place(line=40))
    cited = tuple(citation(source, each) for each in ("어텐션은 질의와 키의 내적으로", last))
    app = app_of(ScriptedDesk(replace(ANSWER, sources=(source,), citations=cited)))
    opened: list[tuple[Path, int | None]] = []
    async with app.run_test(size=WIDE) as pilot:
        monkeypatch.setattr(app.chat, "show_file", lambda *place: opened.append(place))
        await answered(pilot, app)
        app.screen.query_one(SourceList).focus()
        await pilot.press("o", "n", "o", "n", "o", "N", "o")
        await wait_until(pilot, lambda: len(opened) == 4)
        # The second sentence used stands in the passage's second paragraph.
        assert [line for _, line in opened] == [40, 42, 40, 42]
        assert {path for path, _ in opened} == {source.path}


@pytest.mark.parametrize(
    ("editor", "told"),
    [
        ("vim", ("vim", "+7", "{file}")),
        ("nano -w", ("nano", "-w", "+7", "{file}")),
        ("hx", ("hx", "{file}:7")),
        ("code --wait", ("code", "--wait", "--goto", "{file}:7")),
        ("ours", ("ours", "{file}")),
    ],
)
def test_an_editor_begins_at_the_line(
    editor: str, told: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: name)
    note = tmp_path / "노트.md"
    note.write_text("가", "utf-8")
    how = opening(note, {"EDITOR": editor}, "linux", line=7)
    assert how.command == tuple(word.format(file=note) for word in told)


async def test_without_code_that_is_said() -> None:
    app = app_of(ScriptedDesk(replace(ANSWER, text="없음")))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await answered(pilot, app)
        await pilot.press("alt+c")
        await wait_until(pilot, lambda: any(n.message == S.no_code for n in app._notifications))
