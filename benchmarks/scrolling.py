"""How a chat of 1,000 turns opens and scrolls, against one of ten.

    python benchmarks/scrolling.py [--rounds 3] [--keys 40]

Pilot presses the keys, the library holds both chats, and the time is from the key to the first
frame that shows another place. Keys come ten a second. Both chats take turns in one process. No
model is loaded: what is measured is the interface.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from frames import TimedApp, p95, settled

from assistant.config import Settings
from assistant.desk import Desk
from assistant.errors import ModelMissing
from assistant.tui.widgets.conversation import Conversation
from assistant.types import Answer, Chat, Place, Source

SIZE = (118, 34)
SHORT, LONG = 10, 1000
ANSWER = (
    "내적을 **√d_k로 나누는** 것은 softmax가 포화되지 않게 하려는 것입니다 [1]. "
    "패딩 위치는 마스크로 빠집니다 [2].\n\n"
    "| 기호 | 뜻 |\n|---|---|\n| `d_k` | 키의 차원 |\n| softmax | 확률로 바꾸는 함수 |\n\n"
    "```python\nscores = q @ k.T / math.sqrt(d_k)\n```"
)
SOURCES = tuple(
    Source(n, n, Path(f"/notes/{n}.md"), Place(line=n), "노트", "어텐션은 가중치를 구한다.", 1.0)
    for n in (1, 2, 3)
)


class Idle(Desk):
    """A desk without models."""

    def load_encoder(self, *_: object) -> NoReturn:
        raise ModelMissing("none is wanted here")

    def load_generator(self, *_: object) -> NoReturn:
        raise ModelMissing("none is wanted here")


def fill(desk: Desk, turns: int) -> Chat:
    number = desk.create_chat(f"{turns} turns")
    for turn in range(1, turns + 1):
        # Of one to four paragraphs, so that no height can be guessed.
        text = "\n\n".join([ANSWER, *[f"{turn}번째 답의 문단입니다. " * 8] * (turn % 4)])
        answer = Answer(f"{turn}번째 질문", text, "ko", "complete", sources=SOURCES)
        desk.append_turn(number, answer.question, answer)
    return next(chat for chat in desk.chats() if chat.id == number)


async def measure(desk: Desk, chat: Chat, keys: int) -> tuple[float, list[float], int]:
    """Seconds to open the chat, of each page up or down, and the most turns laid out."""
    gc.disable()  # until the first paint, as `assistant` does
    app = TimedApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot, app)
        page = app.chat.conversation
        opened = await app.frame_after(
            lambda: app.chat.open_chat(chat),
            lambda: (
                len(page.exchanges) == chat.turns
                and page.is_vertical_scroll_end
                and bool(page.turns)
                and page.turns[-1].region.height > 0
            ),
        )
        await pilot.pause(1.0)
        taken, most, key = [], 0, "pageup"
        for _ in range(keys):
            if page.scroll_y < page.size.height:
                key = "pagedown"
            elif page.is_vertical_scroll_end:
                key = "pageup"
            taken.append(await app.frame_after(partial(pilot.press, key), _left(page)))
            most = max(most, len(page.turns))
            await asyncio.sleep(0.1)
    return opened, taken, most


def _left(page: Conversation) -> Callable[[], bool]:
    """Whether another place of ``page`` is shown than now."""
    before = page.scroll_y
    return lambda: page.scroll_y != before


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keys", type=int, default=40)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        desk = Idle(Settings(library=Path(scratch)))
        chats = {turns: fill(desk, turns) for turns in (SHORT, LONG)}
        opened: dict[int, list[float]] = {turns: [] for turns in chats}
        scrolled: dict[int, list[float]] = {turns: [] for turns in chats}
        laid_out = dict.fromkeys(chats, 0)
        for _ in range(chosen.rounds):
            for turns, chat in chats.items():
                first, pages, most = asyncio.run(measure(desk, chat, chosen.keys))
                opened[turns].append(first)
                scrolled[turns] += pages
                laid_out[turns] = max(laid_out[turns], most)
        desk.close()
    for turns in chats:
        first, pages = statistics.median(opened[turns]), scrolled[turns]
        print(
            f"{turns:5} turns: opened in {1000 * first:4.0f} ms; a page in "
            f"{1000 * statistics.median(pages):.1f} ms, p95 {1000 * p95(pages):.1f} ms; "
            f"at most {laid_out[turns]} turns laid out"
        )
    few, many = p95(scrolled[SHORT]), p95(scrolled[LONG])
    ratio = statistics.median(opened[LONG]) / statistics.median(opened[SHORT])
    print(
        f"{LONG} against {SHORT}: p95 of a page {many / few:.2f} times, opening {ratio:.2f} times"
    )


if __name__ == "__main__":
    main()
