"""A place in LaTeX source that moves on over braces, options and space."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

OPTION = re.compile(r"\*?[ \t]*\[([^\[\]\n]{0,300})\]")
_BRACE = re.compile(r"\\(?:verb\*?|lstinline)([^\sA-Za-z*{\[])[^\n]*?\1|\\[\s\S]|%[^\n]*|[{}]")
ARGUMENT = 4_000
"""Characters; a longer argument is no name of anything."""


def closing(text: str) -> dict[int, int]:
    """For each opening brace the position of the one that closes it, if any does."""
    found = {}
    opened = []
    for step in _BRACE.finditer(text):
        if step[0] == "{":
            opened.append(step.start())
        elif step[0] == "}" and opened:
            found[opened.pop()] = step.start()
    return found


@dataclass(slots=True)
class Cursor:
    """A text and a position in it, from which everything is taken."""

    text: str
    position: int = 0
    _closing: dict[int, int] = field(init=False)
    _unclosed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._closing = closing(self.text)

    def at(self, mark: str) -> bool:
        """Whether the text goes on with a mark."""
        return self.text.startswith(mark, self.position)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The match of a pattern here, which is not passed over."""
        return pattern.match(self.text, self.position)

    def group(self, position: int | None = None) -> tuple[str, int] | None:
        """What stands between the brace here and the one that closes it, and the end."""
        start = self.position if position is None else position
        stop = self._closing.get(start)
        if stop is None or stop - start > ARGUMENT:
            return None
        return self.text[start + 1 : stop], stop + 1

    def argument(self) -> str:
        """The group here on one line; "" if there is none."""
        group = self.group()
        if group is None:
            return ""
        self.position = group[1]
        return " ".join(group[0].split())

    def until(self, end: str) -> str | None:
        """The text up to a mark, None where it never comes; the mark is passed over."""
        if end in self._unclosed:
            return None
        stop = self.text.find(end, self.position)
        if stop < 0:
            self._unclosed.add(end)
            return None
        content = self.text[self.position : stop]
        self.position = stop + len(end)
        return content

    def option(self) -> str | None:
        """The first of the options here, all of which are passed over; None without one."""
        first = self.match(OPTION)
        self.skip_options()
        return first[1] if first else None

    def skip_options(self) -> None:
        while option := self.match(OPTION):
            self.position = option.end()

    def skip_spaces(self) -> None:
        while self.text.startswith((" ", "\t"), self.position):
            self.position += 1

    def brace(self) -> int:
        """The position of what comes after the space here, be it over lines."""
        position = self.position
        while position < len(self.text) and self.text[position] in " \t\n":
            position += 1
        return position
