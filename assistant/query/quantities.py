"""Numbers, dates and times of a text by their value, so that two ways of writing one agree.

"12,000" is "12000" and "1만 2천", "7.2B" is "72억", "20-bit" is "20비트", "November 21" is
"11월 21일". Where one side leaves a unit out, the number alone is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KOREAN_SCALES = {"십": 1e1, "백": 1e2, "천": 1e3, "만": 1e4, "억": 1e8, "조": 1e12}
_LATIN_SCALES = {
    "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12,
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
_MONTHS = "January February March April May June July August September October November December"
_MONTH_OF = {name[:3].lower(): n for n, name in enumerate(_MONTHS.split(), start=1)}

# Of a unit that is not named here nothing is asked: counters differ too much between two wordings.
_UNITS = {
    "percent": r"%|％|퍼센트|percent\b|per cent\b",
    "bit": r"[- ]?bits?\b|비트",
    "kilobyte": r"Ki?B\b|킬로바이트", "megabyte": r"Mi?B\b|메가바이트",
    "gigabyte": r"Gi?B\b|기가(?:바이트)?", "terabyte": r"Ti?B\b|테라(?:바이트)?",
    "millisecond": r"ms\b|milliseconds?\b|밀리초", "second": r"s\b|sec(?:ond)?s?\b|초",
    "minute": r"min(?:ute)?s?\b|분", "hour": r"h\b|hours?\b|시간", "day": r"[- ]?days?\b|일",
    "week": r"[- ]?weeks?\b|주(?!년|차)", "month": r"[- ]?months?\b|개월|달",
    "year": r"[- ]?years?\b",
}  # fmt: skip

_DIGITS = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(
    rf"(?P<first>{_DIGITS})"
    r"(?P<tail>(?:e[-+]?\d+)|(?:\s?[십백천만억조]+(?![가-힣]{2})(?:\s?\d[\d,.]*[십백천만억조]+)*)"
    r"|(?:[KMBT](?![A-Za-z])|\s(?:thousand|million|billion|trillion)\b))?"
    rf"\s?(?:{'|'.join(f'(?P<{name}>{unit})' for name, unit in _UNITS.items())})?",
    re.IGNORECASE,
)
_KOREAN_PIECE = re.compile(r"(\d[\d,.]*)\s?([십백천만억조]+)")
_LISTED = re.compile(r"^\s*\d+[.)] ", re.MULTILINE)
_OF_A_NAME = re.compile(r"(?:[A-Za-z_@]|[A-Za-z_@][-._/])$")

_DATES = (
    re.compile(r"(?<!\d)(?P<year>\d{4})[-./] ?(?P<month>\d{1,2})[-./] ?(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?:(?P<year>\d{4})년\s?)?(?P<month>\d{1,2})월\s?(?P<day>\d{1,2})일"),
    re.compile(
        rf"\b(?P<name>{'|'.join(n[:3] for n in _MONTHS.split())})[a-z]*\.? "
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{4}))?"
    ),
    re.compile(
        r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)? "
        rf"(?P<name>{'|'.join(n[:3] for n in _MONTHS.split())})[a-z]*\.?(?:,? (?P<year>\d{{4}}))?"
    ),
)
_TIMES = (
    re.compile(r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<hour>\d{1,2})시(?!간|대)(?: ?(?P<minute>\d{1,2})분)?"),
)
_MONTH_NAME = re.compile(rf"\b({'|'.join(_MONTHS.split())})\b")

_WORDS = {
    word: str(value)
    for value, words in enumerate(
        (
            "one once first single 하나 한 첫", "two twice second both 둘 두", "three third 셋 세",
            "four fourth 넷 네", "five fifth 다섯", "six sixth 여섯", "seven seventh 일곱",
            "eight eighth 여덟", "nine ninth 아홉", "ten tenth 열", "eleven", "twelve",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_WORDS |= {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "hundred": "100"}
_WORD = re.compile(r"[A-Za-z]+|[가-힣]+")
_SAID = re.compile(r"\b(three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """``text`` as written; ``value`` in one way of writing; ``unit`` empty where none is known."""

    text: str
    kind: str
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What a text has of values: by value the units it stands with, dates as (year, month-day)."""

    numbers: dict[str, frozenset[str]]
    dates: frozenset[tuple[str, str]]

    def has(self, wanted: Quantity) -> bool:
        if wanted.kind == "date":
            year, _, day = wanted.value.partition("/")
            agreeing = [y for y, d in self.dates if d == day]
            return any(not year or not y or y == year for y in agreeing)
        if wanted.kind == "number" and wanted.unit == "percent":
            share = _written(float(wanted.value) / 100)
            if "" in self.numbers.get(share, ()):
                return True
        units = self.numbers.get(wanted.value)
        if units is None:
            return False
        return not wanted.unit or not units - {wanted.unit, ""} or bool(units & {wanted.unit, ""})


def stated(text: str) -> tuple[Quantity, ...]:
    """What a claim states: not the numbers of a list, nor those that are part of a name."""
    text = _LISTED.sub(lambda match: " " * len(match.group()), text)
    found = [q for start, q in _quantities(text) if not _OF_A_NAME.search(text[:start][-2:])]
    said = (Quantity(m.group(), "number", _WORDS[m.group().lower()]) for m in _SAID.finditer(text))
    return (*found, *said)


def held(text: str) -> Held:
    """All that ``text`` has, number words and parts of names included."""
    numbers: dict[str, set[str]] = {}
    dates: set[tuple[str, str]] = set()
    for _, quantity in _quantities(text):
        if quantity.kind == "date":
            year, _, day = quantity.value.partition("/")
            dates.add((year, day))
            for part in filter(None, (year, *day.split("-"))):
                numbers.setdefault(part, set()).add("")
            continue
        numbers.setdefault(quantity.value, set()).add(quantity.unit)
        if quantity.kind == "time":
            for part in quantity.value.split(":"):
                numbers.setdefault(_written(float(part)), set()).add("")
        elif quantity.unit == "percent":
            numbers.setdefault(_written(float(quantity.value) / 100), set()).add("")
    for match in re.finditer(_DIGITS, text):  # "7" of "7B" as well
        numbers.setdefault(_written(_plain(match.group())), set())
    for word in _WORD.findall(text):
        if (value := _WORDS.get(word.lower())) is not None:
            numbers.setdefault(value, set()).add("")
    for month in _MONTH_NAME.findall(text):
        numbers.setdefault(str(_MONTH_OF[month[:3].lower()]), set()).add("")
    return Held({value: frozenset(units) for value, units in numbers.items()}, frozenset(dates))


def _quantities(text: str) -> Iterator[tuple[int, Quantity]]:
    """Where each begins, and what it is; dates and times before the numbers in them."""
    for pattern in _DATES:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            month = groups.get("month") or str(_MONTH_OF[groups["name"].lower()])
            value = f"{groups['year'] or ''}/{int(month)}-{int(groups['day'])}"
            yield match.start(), Quantity(match.group(), "date", value)
        text = pattern.sub(lambda match: " " * len(match.group()), text)
    for pattern in _TIMES:
        for match in pattern.finditer(text):
            value = f"{int(match['hour'])}:{int(match['minute'] or 0):02}"
            yield match.start(), Quantity(match.group(), "time", value)
        text = pattern.sub(lambda match: " " * len(match.group()), text)
    for match in _NUMBER.finditer(text):
        unit = next((name for name in _UNITS if match[name]), "")
        value = _written(_value(match["first"], match["tail"] or ""))
        yield match.start(), Quantity(match.group().strip(), "number", value, unit)


def _value(first: str, tail: str) -> float:
    tail = tail.strip()
    if not tail:
        return _plain(first)
    if tail[0] in "eE" and tail[1:].lstrip("+-").isdigit():
        return float(f"{_plain(first)}e{tail[1:]}")
    if (scale := _LATIN_SCALES.get(tail.lower())) is not None:
        return _plain(first) * scale
    total = 0.0
    for digits, scales in _KOREAN_PIECE.findall(first + tail):
        value = _plain(digits)
        for scale in scales:
            value *= _KOREAN_SCALES[scale]
        total += value
    return total


def _plain(digits: str) -> float:
    try:
        return float(digits.replace(",", "").rstrip("."))
    except ValueError:  # "2.43.0", cut anywhere, is no number
        return float(digits.split(".")[0].replace(",", "") or 0)


def _written(value: float) -> str:
    return f"{value:.10g}"
