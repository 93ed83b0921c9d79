"""What a claim says that must stand in a source as it is: numbers, dates, names and code."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from assistant.query import quantities
from assistant.query.polarity import contradicts
from assistant.types import Fault, FaultKind

_CODE = re.compile(r"`([^`\n]+)`")
_QUOTED = re.compile(r"[“\"「『《<‘']([^“”\"「」『』《》<>‘’'\n]{2,40})[”\"」』》>’']")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[-_./@:+#]+[A-Za-z0-9_]+)*")
_IDENTIFIER = re.compile(r".*(?:\d|_|[a-z][A-Z]|\w[./@:#+]\w|\(\))")
_SEPARATORS = re.compile(r"[\s\-_.,·`*'\"“”‘’()\[\]]+")
_FUNCTION_WORDS = (
    "I A The In On At For From To Of And Or But If It This That These Those Yes No Not As By With"
    " When While Where Which What Who Why How There Here They He She We You Its Their Your AI OK"
)
_COMMON = frozenset(_FUNCTION_WORDS.split())


class Text:
    """A text to be looked into; what is derived from it is derived once."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def quantities(self) -> quantities.Held:
        return quantities.held(self.text)

    @cached_property
    def letters(self) -> str:
        return _letters(self.text)

    def names(self, name: str) -> bool:
        """Whether ``name`` stands here, spaces, hyphens and the plural's "s" apart."""
        wanted = _letters(name)
        return not wanted or wanted in self.letters or wanted.removesuffix("s") in self.letters


@dataclass(frozen=True, slots=True)
class Stated:
    """What of a claim is checked to the letter; ``within_language``: the source speaks its own."""

    claim: str
    quantities: tuple[quantities.Quantity, ...]
    code: tuple[str, ...]
    identifiers: tuple[str, ...]
    names: tuple[str, ...]
    quoted: tuple[str, ...]

    @classmethod
    def of(cls, claim: str) -> Stated:
        code = tuple(_CODE.findall(claim))
        prose = _CODE.sub(" ", claim)
        words = list(_words(prose))
        return cls(
            claim,
            quantities.stated(prose),
            code,
            tuple(word for _, word in words if _IDENTIFIER.match(word)),
            tuple(word for first, word in words if _is_name(word, first)),
            tuple(_QUOTED.findall(prose)),
        )

    def faults(
        self, places: Collection[Text], question: Text, sentence: str, *, same_language: bool
    ) -> Iterator[Fault]:
        """What none of ``places`` nor the question has, and whether ``sentence`` denies it."""
        for quantity in self.quantities:
            kind: FaultKind = "date" if quantity.kind == "date" else "number"
            if not any(place.quantities.has(quantity) for place in (*places, question)):
                yield Fault(kind, quantity.text)
        for code in self.code:
            if not _has(code, places, question):
                yield Fault("code", code)
        for name in self.identifiers:
            if not _has(name, places, question):
                yield Fault("name", name)
        if same_language:
            for name in (*self.names, *self.quoted):
                if not _has(name, places, question):
                    yield Fault("name", name)
        if contradicts(self.claim, sentence, question.text):
            yield Fault("negation", "")


def _has(name: str, places: Collection[Text], question: Text) -> bool:
    return any(place.names(name) for place in (*places, question))


def _words(prose: str) -> Iterator[tuple[bool, str]]:
    """Latin words, and whether each begins the claim or what goes before is a full stop."""
    for match in _WORD.finditer(prose):
        before = prose[: match.start()].rstrip(" \"'“‘(*-")
        yield not before or before[-1] in ".!?:>", match.group()


def _is_name(word: str, first: bool) -> bool:
    if _IDENTIFIER.match(word) or word in _COMMON or len(word) < 2:
        return False
    return word.isupper() or (word[0].isupper() and not first)


def _letters(text: str) -> str:
    return _SEPARATORS.sub("", text.casefold())
