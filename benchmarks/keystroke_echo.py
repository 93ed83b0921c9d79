"""How soon a key is echoed while a model writes and a folder is being taken in.

    python benchmarks/keystroke_echo.py FOLDER [--model M] [--keys 60] [--library LIBRARY]

FOLDER holds notes that are ingested meanwhile, or is a BEIR folder whose passages are made notes.
LIBRARY is an ingested library that is copied; without one the sample notes are ingested first. Real
models, the real interface in a terminal of 118 by 34; Pilot presses the keys, and the time is from
the key to the first frame that shows its letter. It is told apart what went on beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

from answer_during_ingestion import QUESTIONS, write_passages
from frames import TimedApp, p95, settled, until
from textual.pilot import Pilot

from assistant import tui
from assistant.config import AnswerSettings, ModelSettings, Settings
from assistant.desk import Desk
from assistant.models.device import prepare_environment

SIZE = (118, 34)
NOTES = Path(__file__).parent.parent / "data"
LETTERS = "attention 어텐션은 가중합이다 "
_EVERY_SECONDS = 0.12
_LONGEST_SECONDS = 60


class Typist:
    """Types into the prompt and notes how long each key took to be seen, by what went on."""

    def __init__(self, app: TimedApp, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot
        self.taken: dict[str, list[float]] = {}
        self._letters: Iterator[str] = cycle(LETTERS)

    def beside(self) -> str:
        turn = self.app.chat.conversation.running
        doing = [turn.state.value] if turn is not None else []
        tally = self.app.tally
        if self.app.busy and tally is not None:
            doing.append("embedding" if tally.embedding_since is not None else "reading files")
        return " and ".join(doing) or "nothing else"

    async def type(self) -> None:
        """Press one key; it counts where the same went on before and after."""
        prompt, letter = self.app.chat.prompt, next(self._letters)
        expected = prompt.text + letter
        before = self.beside()
        taken = await self.app.frame_after(
            partial(self.pilot.press, letter if letter != " " else "space"),
            lambda: prompt.text == expected,
        )
        if self.beside() == before:
            self.taken.setdefault(before, []).append(taken)
        if len(prompt.text) > 60:
            prompt.text = ""
        await asyncio.sleep(_EVERY_SECONDS)


async def measure(desk: Desk, folder: Path, keys: int) -> dict[str, list[float]]:
    gc.disable()  # until the first paint, as `assistant` does
    app = TimedApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot, app)
        await until(pilot, lambda: app.chat.status.ready and app.chat.status.searchable)
        await pilot.pause(3.0)  # what every prompt begins with is being read
        typist = Typist(app, pilot)
        for _ in range(keys // 2):
            await typist.type()
        app.add_notes(folder)
        questions = cycle(QUESTIONS)
        wanted = "answering and embedding"
        end = perf_counter() + _LONGEST_SECONDS
        while perf_counter() < end and len(typist.taken.get(wanted, ())) < keys:
            if app.chat.conversation.running is None and typist.beside() == "embedding":
                app.chat.prompt.text = ""
                await app.chat.ask(next(questions), (), app.chat.scope)
            await typist.type()
        app._stop_job.set()
        for turn in app.chat.conversation.turns:
            turn.stop()
        await until(pilot, lambda: not app.busy)
    return typist.taken


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--library", type=Path)
    chosen = parser.parse_args()
    sys.setswitchinterval(tui._SWITCH_SECONDS)  # as `assistant` does
    with tempfile.TemporaryDirectory() as scratch:
        library, more = Path(scratch) / "library", chosen.folder
        if chosen.library:
            shutil.copytree(chosen.library, library)
        if (chosen.folder / "corpus.jsonl").exists():
            more = Path(scratch) / "more"
            write_passages(chosen.folder, more)
        settings = Settings(
            library=library,
            models=ModelSettings(generation=chosen.model),
            answer=AnswerSettings(refusal=0),
        )
        prepare_environment(settings)
        desk = Desk(settings)
        if not chosen.library:
            for _ in desk.ingest([NOTES]):
                pass
        taken = asyncio.run(measure(desk, more, chosen.keys))
        desk.close()
    for doing, seconds in taken.items():
        if len(seconds) > 1:
            median, worst = 1000 * statistics.median(seconds), 1000 * max(seconds)
            print(
                f"{doing:30} {len(seconds):4} keys: median {median:5.1f} ms, "
                f"p95 {1000 * p95(seconds):6.1f} ms, longest {worst:6.1f} ms"
            )


if __name__ == "__main__":
    main()
