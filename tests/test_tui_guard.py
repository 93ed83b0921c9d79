"""The thread that draws never waits for a disk, a database or a network."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from assistant.config import Settings
from assistant.desk import Desk
from assistant.tui.app import AssistantApp
from assistant.tui.screens.chats import ChatList
from assistant.tui.screens.library import LibraryScreen
from assistant.tui.screens.settings import SettingsScreen
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator, WordTokenizer
from tests.tui_desk import wait_until

WAITS = (
    "open",
    "sqlite3.connect",
    "socket.connect",
    "os.scandir",
    "os.listdir",
    "subprocess.Popen",
)
# A module is read once, when a screen is first needed; what it takes is part of the first paint.
IMPORTED = (".py", ".pyc", ".so", ".pyd", ".tcss")

_watched: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched is None or event not in WAITS:
        return
    if threading.current_thread() is threading.main_thread():
        what = str(arguments[0]) if arguments else ""
        if not what.endswith(IMPORTED) and not _is_import():
            _watched.append(f"{event} {what}")


def _is_import() -> bool:
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


@contextmanager
def watching() -> Iterator[list[str]]:
    """What the main thread waits for meanwhile; a hook cannot be taken back, only put to sleep."""
    global _watched
    if not getattr(watching, "hooked", False):
        sys.addaudithook(_hook)
        watching.hooked = True  # type: ignore[attr-defined]
    _watched = []
    try:
        yield _watched
    finally:
        _watched = None


def test_the_guard_sees_what_it_guards_against(tmp_path: Path) -> None:
    (tmp_path / "노트.md").write_text("가")
    with watching() as waited:
        (tmp_path / "노트.md").read_text()
        list(tmp_path.iterdir())
        thread = threading.Thread(target=(tmp_path / "노트.md").read_text)
        thread.start()
        thread.join()
    assert [each.split()[0] for each in waited] == ["open", "os.listdir"]


async def test_an_evening_waits_for_nothing_on_the_drawing_thread(
    tmp_path: Path, home: Path
) -> None:
    notes = tmp_path / "강의 노트"
    notes.mkdir()
    (notes / "배치.md").write_text("# 배치\n\n배치 크기는 48이고 학습률은 0.0003이다.\n")
    desk = Desk(
        Settings(library=tmp_path / "library"),
        encoder=BagOfWordsEncoder(),
        tokenizer=WordTokenizer(),
        generator=ScriptedGenerator("배치 크기는 48입니다."),
    )
    desk.remember_tour()
    app = AssistantApp(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await wait_until(pilot, lambda: app.chat.status.searchable)
        with watching() as waited:
            app.add_notes(notes)
            await wait_until(pilot, lambda: not app.busy and desk.status().embedded == 1)
            waited.clear()  # the line above asked the library itself
            await _ask(pilot, app, "배치 크기는 몇인가요?")
            await _ask(pilot, app, "학습률은?")
            await _look(pilot, app, "ctrl+o", ChatList)
            await _look(pilot, app, "f2", LibraryScreen)
            await app.run_action("app.settings")
            await wait_until(pilot, lambda: isinstance(app.screen, SettingsScreen))
            await pilot.pause(0.5)
            await pilot.press("escape")
            await pilot.press("slash", "backspace", "at_sign")
            await pilot.pause(0.5)
    desk.close()
    assert waited == []


async def _ask(pilot: Pilot[None], app: AssistantApp, question: str) -> None:
    page = app.chat.conversation
    count = len(page.turns)
    app.chat.prompt.text = question
    await pilot.press("enter")
    await wait_until(pilot, lambda: len(page.turns) > count and page.running is None)


async def _look(pilot: Pilot[None], app: AssistantApp, key: str, screen: type) -> None:
    await pilot.press(key)
    await wait_until(pilot, lambda: isinstance(app.screen, screen))
    await pilot.pause(0.5)
    await pilot.press("escape")
    await wait_until(pilot, lambda: app.screen is app.chat)
