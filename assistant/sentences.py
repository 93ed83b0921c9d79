"""Sentence boundaries in Korean and English notes, by rule.

Splitting and citing both need them, and the spans must be the same for both; so the rules stand
here, at the bottom of the house, on the standard library alone. Where a rule is in doubt it does
not split: a sentence too long is still true, half a sentence may not be.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence

# A line that opens a block of its own: bullet, number, heading, table row, definition, task.
_OPENS_BLOCK = re.compile(
    r"""[ \t]*(?:
        [-*+•·▪‣◦○●■□※–—][ \t]           # bullet
      | \(?(?:\d{1,3}|[가-하]|[a-zA-Z]|[ivxIVX]{1,4})[.)][ \t]   # 1.  2)  (3)  가.  a)
      | [①-⑳❶-❿]
      | \#{1,6}[ \t]
      | \|
      | >
      | \[\^?[^\]\n]+\]:                  # footnote or link definition
    )""",
    re.VERBOSE,
)
# A line that is a block by itself, whatever follows.
_WHOLE_LINE = re.compile(r"[ \t]*(?:#{1,6}[ \t]|\||(?:[-*_=][ \t]*){3,}$)")
_MARKER = re.compile(r"[ \t>]*\(?(?:\d{1,3}|[가-하]|[a-zA-Z]|[ivxIVX]{1,4})[.)][ \t]+")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")  # of a code block

_TERMINATOR = re.compile(r"(?P<mark>[.!?…‥]+|[。！？]+)(?P<closers>[\"'”’»)\]}」』】〉》*_`]*)")
# Abbreviations after which a sentence goes on, and those which only a number follows.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'/])(?:"
    r"e\.g|i\.e|cf|vs|viz|ca|approx|al|resp|w\.r\.t|Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|Gen|Gov|Rev"
    r"|[A-Z]|[A-Za-z](?:\.[A-Za-z])+"
    r")$"
)
_NUMBERED = re.compile(
    r"(?:^|[\s(\[“\"'])(?:figs?|eqs?|eqns?|secs?|sect|chs?|chap|tab|no|nos|vol|pp?|ver|v|art|ex"
    r"|제|그림|표)$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<!\d)\d{4}\.\s?\d{1,2}\.\s?\d{1,2}$")
_QUOTATIVE = re.compile(r"(?:이?라고|이?라는|하고|라며|고\s)")

_LOOK_BACK = 16  # longer than any abbreviation or date above
_LONGEST_REMARK = 400  # characters in parentheses
_WRAPPED_COLUMNS = 48  # a line at least this wide was wrapped; a shorter one ended on purpose


def sentences(text: str) -> list[tuple[int, int]]:
    """Character spans (start, end) of the sentences of ``text``, in order and disjoint.

    Together they hold every character that is not white space. A list item, a heading, a table
    row and a line of a fenced code block end where their line ends; a sentence wrapped over
    lines is one. Time is linear in the length of the text.
    """
    spans: list[tuple[int, int]] = []
    for start, end, is_prose in _blocks(text):
        if is_prose:
            spans.extend(_split_block(text, start, end))
        else:
            spans.append((start, end))
    return spans


def fenced(lines: Sequence[str]) -> list[bool]:
    """For each line, whether it belongs to a fenced code block, the fences included.

    A fence that nothing closes is no fence: the rest of the text stays what it is.
    """
    closing: dict[str, list[tuple[int, int]]] = {"`": [], "~": []}  # (line, length of the fence)
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if match and not line[match.end() :].strip():
            closing[match[1][0]].append((number, len(match[1])))
    inside = [False] * len(lines)
    unclosable = {"`": sys.maxsize, "~": sys.maxsize}
    position = 0
    while position < len(lines):
        match = _FENCE.match(lines[position])
        position += 1
        # "```x```" on one line is inline code.
        if not match or (match[1][0] == "`" and "`" in lines[position - 1][match.end() :]):
            continue
        mark, length = match[1][0], len(match[1])
        if length >= unclosable[mark]:
            continue
        marks = closing[mark]
        later = range(bisect_left(marks, (position, 0)), len(marks))
        end = next((marks[k][0] for k in later if marks[k][1] >= length), None)
        if end is None:
            unclosable[mark] = length
            continue
        inside[position - 1 : end + 1] = [True] * (end + 2 - position)
        position = end + 1
    return inside


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """Stretches without white space around them that no sentence crosses, and if they are prose."""
    block: tuple[int, int] | None = None
    position = 0
    lines = text.split("\n")
    for line, in_fence in zip(lines, fenced(lines), strict=True):
        start, end = position, position + len(line)
        position = end + 1
        visible = line.strip()
        if block and (in_fence or not visible or _ends_block(text, block, line)):
            yield *_trim(text, *block), True
            block = None
        if not visible:
            continue
        if in_fence or _WHOLE_LINE.match(line):
            yield *_trim(text, start, end), not in_fence and not visible.startswith("|")
        else:
            block = (block[0] if block else start, end)
    if block:
        yield *_trim(text, *block), True


def _ends_block(text: str, block: tuple[int, int], following: str) -> bool:
    """Whether the line break after ``block`` separates, or only wraps."""
    if _OPENS_BLOCK.match(following) or _WHOLE_LINE.match(following):
        return True
    if following.lstrip()[:1].islower():
        return False
    last = text[max(block[0], text.rfind("\n", block[0], block[1]) + 1) : block[1]]
    return not is_wrapped(last)


def is_wrapped(line: str) -> bool:
    """Whether a line is so wide (in terminal columns) that its break may be mere wrapping."""
    if len(line) >= _WRAPPED_COLUMNS:
        return True
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    return len(line) + wide >= _WRAPPED_COLUMNS


def _split_block(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    marker = _MARKER.match(text, start, end)
    sentence = start
    for match in _TERMINATOR.finditer(text, marker.end() if marker else start, end):
        if match.end() < end and _is_boundary(text, sentence, match, end):
            yield _trim(text, sentence, match.end())
            sentence = match.end()
    if text[sentence:end].strip():
        yield _trim(text, sentence, end)


def _is_boundary(text: str, sentence: int, match: re.Match[str], end: int) -> bool:
    mark, closers = match["mark"], match["closers"]
    after = match.end()
    following = text[after]
    before = text[match.start() - 1] if match.start() > sentence else ""
    if mark[0] in "。！？":
        return True
    if not following.isspace():
        # "했다.그리고": the space after a Korean ending is often forgotten.
        return not closers and before in set("다요죠까음함됨임") and _is_hangul(following)
    next_word = text[after : after + _LOOK_BACK].lstrip()
    if not next_word:
        return False
    if ")" in closers:
        # "(왜?) 때문에": a remark inside a sentence, unless the sentence began with it.
        opened = text.rfind("(", max(sentence, match.start() - _LONGEST_REMARK), match.start())
        lead = text[sentence : max(sentence, min(opened, sentence + _LOOK_BACK))]
        if lead.lstrip("\"'“*_ \t\n"):
            return False
    if closers and _QUOTATIVE.match(next_word):
        return False
    if next_word[0].islower() and not _is_hangul(before):
        return False
    if mark != ".":
        return True
    head = text[max(sentence, match.start() - _LOOK_BACK) : match.start()]
    if _ABBREVIATION.search(head) or _DATE.search(head):
        return False
    if _NUMBERED.search(head) and next_word[0].isdigit():
        return False
    # "2025. 3. 28.": parts of a date, not ends.
    return not (before.isdigit() and re.match(r"\d{1,2}\s?\.", next_word))


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣" or "ㄱ" <= character <= "ㆎ"


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
