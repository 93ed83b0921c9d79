"""From printed lines to running text: which break is a space, which a paragraph, which nothing."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from assistant.ingestion.readers.pdf_layout import HYPHEN, Line

_BULLET = re.compile(r"[-*+•·▪◦○●■□–—①-⑳]|\(?(?:\d{1,3}|[가-하a-zA-Z])[.)]\s")
_LEADERS = re.compile(r"(?:\. ?){4}\s*[\divxlc]+\s*$")
# Particles and endings that no Korean word is written as; after a break they belong to the word
# before it. Those that are words as well (이, 도, 만) are not here.
_SUFFIX = re.compile(
    r"(?:은|는|을|를|의|가|에|에서|에게|으로|로|와|과|이다|이며|이고|한다|하다|했다|하는|하고|하여"
    r"|된다|되는|되어|됐다|들은|들을|들이|까지|부터|처럼|보다|이라고|라고)[.,)]*$"
)


class Flow:
    """Joins printed lines to running text, by what the whole document shows of its habits.

    First :meth:`learn` every page, then ask for :meth:`text`.
    """

    def __init__(self) -> None:
        self._right: dict[tuple[int, int], float] = {}  # of a page's column
        self._steps = array("d")
        self._leading = 0.0
        self._words: set[str] = set()
        self._korean = self._spaced = 0
        self._spaces_are_kept = False

    def learn(self, lines: Sequence[Line]) -> None:
        """Take in the lines of one page."""
        for line in lines:
            column = line.page, line.column
            self._right[column] = max(line.right, self._right.get(column, 0.0))
            # Words seen inside lines are whole; those at the ends of lines may be halves.
            self._words.update(_words(line.text)[1:-1])
        self._steps.extend(
            above.bottom - line.bottom
            for above, line in pairwise(lines)
            if above.size == line.size and above.bottom > line.bottom
        )
        full = [line.text for line in lines if self._is_full(line)]
        self._korean += sum(_is_hangul(text[-1:]) for text in full)
        self._spaced += sum(text.endswith(" ") for text in full)

    def settle(self) -> None:
        """Draw the conclusions, once every page is known."""
        self._leading = median(self._steps) if self._steps else 0.0
        self._steps = array("d")
        self._spaces_are_kept = self._spaced >= 3 and self._spaced * 5 >= self._korean

    def text(self, lines: Sequence[Line]) -> str:
        """The running text of some lines of one page."""
        text, pending = "", lines[0].text
        for above, line in pairwise(lines):
            if pending.endswith(HYPHEN):
                pending += line.text
                continue
            text += self._mend_hyphens(pending)
            text = text.rstrip("\n") + self._break(above, line)
            pending = line.text
        return text + self._mend_hyphens(pending)

    def _is_full(self, line: Line) -> bool:
        """Whether a line reaches so far right that it may have been wrapped."""
        return line.right - line.left >= 0.8 * (self._right[line.page, line.column] - line.left)

    def _break(self, above: Line, line: Line) -> str:
        step = above.bottom - line.bottom
        unfinished = not re.search(r"[.!?:。]\W*$", above.text.rstrip())
        if above.is_row and line.is_row:
            return "\n"
        if above.is_row or line.is_row or (above.column != line.column and step > 0):
            return "\n\n"
        if abs(above.size - line.size) > 0.5 or step > 1.35 * self._leading > 0:
            return "\n\n"
        if _BULLET.match(line.text) or not self._is_full(above):
            return "\n"
        if above.column > 1 and _LEADERS.search(above.text):  # an index is mostly set in columns
            return "\n"
        if step < 0 and not unfinished:  # the top of the next column
            return "\n\n"
        return self._space(above.text, line.text)

    def _space(self, above: str, below: str) -> str:
        if above.endswith(" "):
            return ""
        end, start = above[-1:], below[:1]
        if _is_ideograph(end) and _is_ideograph(start):
            return ""
        if _is_hangul(start) and (_is_hangul(end) or end.isalnum() or end in ")]"):
            before, after = _words(above)[-1], _words(below)[0]
            if self._spaces_are_kept and _is_hangul(end):
                return ""
            if before + after in self._words and not {before, after} <= self._words:
                return ""
            if _SUFFIX.match(after):
                return ""
        return " "

    def _mend_hyphens(self, text: str) -> str:
        if HYPHEN not in text:
            return text
        return re.sub(rf"([^\s{HYPHEN}]*){HYPHEN}\s*(?=([^\s{HYPHEN}]*))", self._hyphen, text)

    def _hyphen(self, match: re.Match[str]) -> str:
        before, after = match[1], match[2].rstrip(".,;:)")
        is_compound = f"{before}-{after}" in self._words and before + after not in self._words
        if is_compound or "-" in after or not after[:1].islower() or not before[-1:].islower():
            return before + "-"
        return before


def _words(text: str) -> list[str]:
    return text.split() or [""]


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def _is_ideograph(character: str) -> bool:
    return "一" <= character <= "鿿" or "ぁ" <= character <= "ヿ"
