"""Draw the pictures of the documentation from a real run.

    python docs/screenshots.py ["a question"]

Everything in the pictures is what the program does: the notes of ``data/`` in a library of their
own, the embedded models, the interface itself. Writes an SVG for every screen into ``docs/``.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rich.cells import cell_len
from textual.pilot import Pilot

from assistant import config, paths
from assistant.desk import Desk
from assistant.tui.app import AssistantApp
from assistant.tui.screens.tour import Tour
from assistant.tui.widgets.turn import Turn

HERE = Path(__file__).parent
QUESTION = "LoRA 기본 랭크를 8에서 16으로 올린 까닭은 무엇인가요?"
ENGLISH = "How long may a job run on the short partition?"
UNANSWERABLE = "김치찌개는 어떻게 끓이나요?"
SIZE = (118, 34)
NARROW = (80, 24)
PATIENCE_SECONDS = 300

_CELL = 12.2  # width of a terminal cell in Textual's SVG
_WEB_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
_FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', D2Coding, NanumGothicCoding, monospace"
_PIECE = re.compile(r"[가-힣]|[^\s가-힣]+|\s+")
_TEXT = re.compile(
    r'<text (?P<head>[^>]*?)x="(?P<x>[\d.]+)" (?P<y>y="[\d.]+") textLength="[\d.]+"'
    r"(?P<tail>[^>]*)>(?P<text>[^<]*)</text>"
)


Pictures = Iterator[tuple[str, str]]


async def chat(desk: Desk, question: str, size: tuple[int, int] = SIZE) -> str:
    """Ask ``question`` in the interface; return the picture of its answer as SVG."""
    app = AssistantApp(desk)
    async with app.run_test(size=size) as pilot:
        await _ask(pilot, app, question)
        return _picture(app)


async def explained(desk: Desk, question: str) -> str:
    """Why the sources of an answer were found."""
    app = AssistantApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        app.chat.quotes = True
        await _ask(pilot, app, question)
        await app.chat.action_explain()
        await pilot.pause(4.0)
        return _picture(app)


async def pressed(desk: Desk, *keys: str, seconds: float = 3.0, ready: bool = False) -> str:
    """What is on screen some ``seconds`` after ``keys``; ``ready``: once the models are loaded."""
    app = AssistantApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(10 * PATIENCE_SECONDS if ready else 0):
            if app.chat.status.searchable:
                break
            await asyncio.sleep(0.1)
        await pilot.pause(1.0)  # until the prompt has the focus
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.3)
        await pilot.pause(seconds)
        return _picture(app)


async def library(desk: Desk) -> str:
    """Turn to a file that could not be read; return the picture of the library as SVG."""
    app = AssistantApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(2.0)
        for key in ("down", "right", "end", *("up",) * 20):
            entry = app.shelves.entry
            if entry is not None and entry.file is not None and entry.file.state == "failed":
                break
            await pilot.press(key)
            await pilot.pause(0.2)
        await pilot.pause(1.0)
        return _picture(app)


async def dialog(desk: Desk, action: str, seconds: float = 4.0) -> str:
    """A screen that one of the application's commands opens."""
    app = AssistantApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(1.0)
        await app.run_action(action)
        await pilot.pause(seconds)
        return _picture(app)


async def _ask(pilot: Pilot[None], app: AssistantApp, question: str) -> None:
    app.chat.prompt.insert(question)
    await pilot.press("enter")
    for _ in range(10 * PATIENCE_SECONDS):
        await asyncio.sleep(0.1)
        turns = list(app.chat.query(Turn))
        if turns and turns[-1].answer is not None:
            await pilot.pause(1.0)
            return
    raise SystemExit("no answer came")


async def shown_round(desk: Desk) -> str:
    """What somebody without notes sees first."""
    app = AssistantApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(10 * PATIENCE_SECONDS):
            if isinstance(app.screen, Tour):
                break
            await asyncio.sleep(0.1)
        await pilot.pause(1.0)
        return _picture(app)


def draw(desk: Desk, question: str) -> Pictures:
    """Every picture with its name; the chats of the first ones are listed by a later one."""
    yield "chat", asyncio.run(chat(desk, question))
    yield "narrow", asyncio.run(chat(desk, ENGLISH, NARROW))
    yield "refused", asyncio.run(chat(desk, UNANSWERABLE))
    yield "explain", asyncio.run(explained(desk, question))
    yield "library", asyncio.run(library(desk))
    yield "chats", asyncio.run(pressed(desk, "ctrl+o", "slash", *"rank", ready=True))
    yield "commands", asyncio.run(pressed(desk, "slash"))
    yield "notes", asyncio.run(pressed(desk, *["at_sign", "l", "o", "r", "a"]))
    yield "palette", asyncio.run(dialog(desk, "app.command_palette"))
    yield "help", asyncio.run(dialog(desk, "app.help"))
    yield "add", asyncio.run(dialog(desk, "app.add_folder"))
    yield "scope", asyncio.run(dialog(desk, "screen.choose_scope"))
    yield "models", asyncio.run(dialog(desk, "screen.use_model"))
    yield "settings", asyncio.run(dialog(desk, "app.settings"))
    yield "doctor", asyncio.run(dialog(desk, "app.doctor", 20.0))
    interface = replace(desk.settings.interface, theme="assistant-contrast")
    desk.use_settings(replace(desk.settings, interface=interface))
    yield "contrast", asyncio.run(chat(desk, question))


def _picture(app: AssistantApp) -> str:
    svg = app.export_screenshot(title="assistant", simplify=True)
    # No font is fetched from anywhere: the reader's own will do.
    svg = re.sub(r'"?Fira Code"?', _FONTS, _WEB_FONTS.sub("", svg))
    return _TEXT.sub(_cell_by_cell, svg)


def _cell_by_cell(match: re.Match[str]) -> str:
    """Words and wide characters each at their own place: no font can put Hangul out of line."""
    pieces = []
    x = float(match["x"])
    for piece in _PIECE.findall(html.unescape(match["text"]).replace("\xa0", " ")):
        if piece.strip():
            place = f'<text {match["head"]}x="{x:g}" {match["y"]}{match["tail"]}>'
            pieces.append(f"{place}{html.escape(piece, quote=False)}</text>")
        x += _CELL * cell_len(piece)
    return "".join(pieces)


def _move_in(home: Path) -> None:
    """The pictures are nobody's: what they show lies in the home folder of nobody."""
    models = paths.model_cache()
    os.environ["HOME"] = str(home)
    os.environ["ASSISTANT_HOME"] = str(home / ".assistant")
    paths.config_file().parent.mkdir(parents=True)
    paths.model_cache().symlink_to(models, target_is_directory=True)


def main() -> None:
    """Ingest ``data/`` into a library that is thrown away, ask, draw."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "student"
        _move_in(home)
        notes = home / "notes"
        shutil.copytree(HERE.parent / "data", notes)
        # What goes wrong in any folder of notes: a download that broke off, a file left empty.
        (notes / "강의자료 3주차.pdf").write_bytes(b"%PDF-1.7\n")
        (notes / "나중에 쓸 것.md").touch()
        newcomer = Desk(config.load(library=home / ".assistant" / "empty"))
        (HERE / "tour.svg").write_text(asyncio.run(shown_round(newcomer)), encoding="utf-8")
        newcomer.close()
        desk = Desk(config.load())
        for _ in desk.ingest([notes]):
            pass
        desk.add_to_notebook("머신러닝", sorted(notes.glob("0[13]-*")))
        desk.load_generator()
        sys.executable = "~/.venv/bin/python"  # from here on only the check-up asks for it
        question = sys.argv[1] if len(sys.argv) > 1 else QUESTION
        for name, picture in draw(desk, question):
            (HERE / f"{name}.svg").write_text(picture, encoding="utf-8")
            sys.stderr.write(f"{name}\n")
        desk.close()


if __name__ == "__main__":
    main()
