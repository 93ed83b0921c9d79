"""The numbers and bullets Word prints before paragraphs, which are not in their text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

_LEVELS = 9
_LONGEST = 40  # characters of a number with what stands around it
_GANADA = "가나다라마바사아자차카타파하"
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level is numbered: ``text`` is a pattern such as ``%1.%2.``"""

    format: str = "decimal"
    text: str = ""
    start: int = 1


class Numbering:
    """Counts the paragraphs of a document's lists; to be asked in their order."""

    def __init__(self, element: BaseOxmlElement | None) -> None:
        self._lists: dict[str, tuple[str, dict[int, _Level]]] = {}
        self._counts: dict[str, list[int | None]] = {}
        if element is None:
            return
        abstract = {
            _value(each, "w:abstractNumId"): _levels(each)
            for each in element.iter(qn("w:abstractNum"))
        }
        for each in element.iter(qn("w:num")):
            counted = _child_value(each, "w:abstractNumId")
            levels = dict(abstract.get(counted, {}))
            number = _value(each, "w:numId")
            for override in each.iter(qn("w:lvlOverride")):
                levels |= _levels(override)
                start = _child_value(override, "w:startOverride")
                level = _integer(_value(override, "w:ilvl"))
                if start and level in levels:
                    old = levels[level]
                    levels[level] = _Level(old.format, old.text, _integer(start, 1))
                    counted = f"{counted}/{number}"  # begins anew, so it counts for itself
            self._lists[number] = counted, levels

    def label(self, number: str, level: int) -> str:
        """What stands before the next paragraph of list ``number``: ``-``, ``2.1``, ``나)``."""
        if number not in self._lists or not 0 <= level < _LEVELS:
            return ""
        counted, levels = self._lists[number]
        counts = self._counts.setdefault(counted, [None] * _LEVELS)
        own = levels.get(level, _Level(format="bullet"))
        before = counts[level]
        counts[level] = own.start if before is None else before + 1
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        if own.format == "bullet":
            return "-"
        if own.format == "none":
            return ""

        def counted_at(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            shown = levels.get(at, _Level())
            count = counts[at]
            return _format(shown.format, shown.start if count is None else count)

        return re.sub(r"%([1-9])", counted_at, own.text)[:_LONGEST].strip()


def _levels(element: BaseOxmlElement) -> dict[int, _Level]:
    return {
        _integer(_value(each, "w:ilvl")): _Level(
            _child_value(each, "w:numFmt") or "decimal",
            _child_value(each, "w:lvlText"),
            _integer(_child_value(each, "w:start"), 1),
        )
        for each in element.iter(qn("w:lvl"))
    }


def _value(element: BaseOxmlElement, name: str) -> str:
    return str(element.get(qn(name)) or "")


def _child_value(element: BaseOxmlElement, name: str) -> str:
    child = element.find(qn(name))
    return "" if child is None else str(child.get(qn("w:val")) or "")


def _integer(text: str, default: int = 0) -> int:
    return int(text) if re.fullmatch(r"\d{1,6}", text) else default


def _format(name: str, count: int) -> str:
    make = _FORMATS.get(name)
    return str(count) if make is None or count < 1 else make(count)


def _letter(count: int) -> str:
    # Word goes on after z with aa, bb, and so on.
    return chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, _LONGEST)


def _roman(count: int) -> str:
    if count > 39:
        return str(count)
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (count // worth)
        count %= worth
    return text


def _circled(count: int) -> str:
    return chr(ord("①") + count - 1) if count <= 20 else f"({count})"


_FORMATS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "lowerLetter": _letter,
        "upperLetter": lambda count: _letter(count).upper(),
        "lowerRoman": _roman,
        "upperRoman": lambda count: _roman(count).upper(),
        "ganada": lambda count: _GANADA[(count - 1) % len(_GANADA)],
        "decimalEnclosedCircle": _circled,
        "decimalZero": lambda count: f"{count:02}",
    }
)
