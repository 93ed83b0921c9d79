"""Text measured in terminal cells, where a Hangul syllable is two wide."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content

MUTED = "$foreground 60%"
"""Style of what is said by the way. (``$text-muted`` means nothing outside a stylesheet.)"""


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, the middle left out: a name's end tells most."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    head = (width - 1) // 2
    tail = width - 1 - head
    return _start(text, head) + "…" + _start(text[::-1], tail)[::-1]


def cut_end(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, its end left out."""
    if cell_len(text) <= width:
        return text
    return _start(text, width - 1) + "…" if width > 0 else ""


def pad(text: str, width: int) -> str:
    """``text`` in exactly ``width`` cells."""
    return set_cell_size(cut(text, width), width)


def _start(text: str, width: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return text[:index]
    return text


def bar(share: float, width: int, done: str = "$accent", rest: str = "$foreground 20%") -> Content:
    """A bar of ``width`` cells, ``share`` (0 to 1) of it filled; never quite empty."""
    filled = min(width, max(1, round(share * width)))
    return Content.assemble(("━" * filled, done), ("━" * (width - filled), rest))
