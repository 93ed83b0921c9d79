"""Draw the pictures of the documentation from a real run.

    python docs/screenshots.py ["a question"]

Everything in the picture is what the program does: the notes of ``data/`` in a library of their
own, the embedded models, the interface itself. Writes ``docs/chat.svg`` and ``docs/library.svg``.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from rich.cells import cell_len

from assistant import config
from assistant.desk import Desk
from assistant.tui.app import AssistantApp
from assistant.tui.widgets.turn import Turn

HERE = Path(__file__).parent
QUESTION = "LoRA 기본 랭크를 8에서 16으로 올린 까닭은 무엇인가요?"
SIZE = (118, 34)
PATIENCE_SECONDS = 300

_CELL = 12.2  # width of a terminal cell in Textual's SVG
_WEB_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
_FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', D2Coding, NanumGothicCoding, monospace"
_PIECE = re.compile(r"[가-힣]|[^\s가-힣]+|\s+")
_TEXT = re.compile(
    r'<text (?P<head>[^>]*?)x="(?P<x>[\d.]+)" (?P<y>y="[\d.]+") textLength="[\d.]+"'
    r"(?P<tail>[^>]*)>(?P<text>[^<]*)</text>"
)


async def chat(desk: Desk, question: str) -> str:
    """Ask ``question`` in the interface; return the picture of its answer as SVG."""
    app = AssistantApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        app.chat.prompt.insert(question)
        await pilot.press("enter")
        for _ in range(10 * PATIENCE_SECONDS):
            await asyncio.sleep(0.1)
            turns = list(app.chat.query(Turn))
            if turns and turns[-1].answer is not None:
                break
        else:
            raise SystemExit("no answer came")
        await pilot.pause(1.0)
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


def main() -> None:
    """Ingest ``data/`` into a library that is thrown away, ask, draw."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        notes = home / "notes"
        shutil.copytree(HERE.parent / "data", notes)
        # What goes wrong in any folder of notes: a download that broke off, a file left empty.
        (notes / "강의자료 3주차.pdf").write_bytes(b"%PDF-1.7\n")
        (notes / "나중에 쓸 것.md").touch()
        desk = Desk(config.load(library=home / "library"))
        for _ in desk.ingest([notes]):
            pass
        desk.add_to_notebook("머신러닝", sorted(notes.glob("0[13]-*")))
        desk.load_generator()
        os.environ["HOME"] = folder  # the picture is nobody's: its notes lie in ~/notes
        question = sys.argv[1] if len(sys.argv) > 1 else QUESTION
        (HERE / "chat.svg").write_text(asyncio.run(chat(desk, question)), encoding="utf-8")
        (HERE / "library.svg").write_text(asyncio.run(library(desk)), encoding="utf-8")
        desk.close()


if __name__ == "__main__":
    main()
