"""How much of one text another holds: by their characters, across languages by their meaning.

Trigrams need no dictionary and hardly mind Korean particles and endings: "양자화는" and
"양자화를" share all that matters. A trigram weighs what it tells about one sentence among those
offered (inverse document frequency), so that common endings count for little.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence, Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias
from weakref import WeakKeyDictionary

from assistant.library.lexical import analyse_all
from assistant.protocols import Encoder, Matrix, Vector
from assistant.query.checks import Text
from assistant.sentences import sentences
from assistant.types import Language, Source

Trigrams: TypeAlias = frozenset[str]

_NOT_WORD = re.compile(r"[\W_]+")
_ENDING = re.compile(r"(?:[가-힣]니다|[가-힣]?다|요)(?=\W|$)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_HANGUL = re.compile(r"[가-힣]")
_LATIN = re.compile(r"[A-Za-z]")

_NUMBER_WEIGHT = 3  # as much as a word, which has about as many trigrams
_MOST_ENCODED = 40  # sentences; short ones take about 10 ms each on two cores
_UNRELATED = (
    "오늘은 바람이 많이 불어서 산책을 짧게 했다.",
    "동생은 내일 아침 기차로 부산에 간다.",
    "The bakery on the corner closes at six.",
    "She painted the garden fence green last summer.",
)
"""Remarks that no question is about: how alike anything is to them is no likeness."""

_unrelated: WeakKeyDictionary[Encoder, Vector] = WeakKeyDictionary()
"""The mean of their vectors by encoder: four sentences take as long to encode as two questions."""


def trigrams(text: str) -> Trigrams:
    """The character trigrams of ``text``, words kept apart; its numbers as they are, after ``#``.

    Case, punctuation and the endings of Korean sentences are left out: notes say "한다" where an
    answer says "합니다".
    """
    words = _NOT_WORD.sub(" ", _ENDING.sub(" ", text.casefold())).strip()
    grams = {f" {words} "[i : i + 3] for i in range(len(words))}
    return frozenset(grams | {f"#{number}" for number in numbers(text)})


def numbers(text: str) -> frozenset[str]:
    """The numbers written in ``text``, thousands separators and trailing zeros taken out."""
    return frozenset(_plain(match) for match in _NUMBER.findall(text))


def _plain(number: str) -> str:
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", number):
        number = number.replace(",", "")
    whole, dot, fraction = number.partition(".")
    if dot and fraction.isdigit():
        fraction = fraction.rstrip("0")
        return f"{whole}.{fraction}" if fraction else whole
    return number


def language_of(text: str) -> Language:
    """``ko`` where a third of the words or more have Hangul in them: Korean is full of Latin terms.

    ``other`` where there are no words of either script.
    """
    words = text.split()
    hangul = sum(bool(_HANGUL.search(word)) for word in words)
    latin = sum(bool(_LATIN.search(word)) and not _HANGUL.search(word) for word in words)
    if not hangul and not latin:
        return "other"
    return "ko" if 2 * hangul >= latin else "en"


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of a source: ``source.text[start:end]``."""

    source: Source
    start: int
    end: int
    trigrams: Trigrams
    language: Language

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]


class Grounds:
    """The offered sources, taken apart into sentences to be compared with."""

    def __init__(self, sources: Sequence[Source], encoder: Encoder) -> None:
        self.sources = tuple(sources)
        self._encoder = encoder
        self._vectors: dict[Language, tuple[list[int], Matrix]] = {}
        self.sentences = tuple(
            SourceSentence(source, start, end, trigrams(text), language_of(text))
            for source in sources
            for start, end in sentences(source.text)
            if (text := source.text[start:end]).strip()
        )
        self._texts = {source.n: Text(f"{heading(source)} {source.text}") for source in sources}
        self._headings = {source.n: Text(heading(source)) for source in sources}
        self._passages = {n: trigrams(text.text) for n, text in self._texts.items()}
        self._numbers = {n: numbers(text.text) for n, text in self._texts.items()}
        self._frequency = Counter(gram for s in self.sentences for gram in s.trigrams)

    def passage(self, source: Source) -> Trigrams:
        """All trigrams of a source, its title and headings included."""
        return self._passages[source.n]

    def numbers(self, source: Source) -> frozenset[str]:
        """All numbers of a source, its title and headings included."""
        return self._numbers[source.n]

    def text(self, source: Source) -> Text:
        """A source with its title and headings, to be looked into."""
        return self._texts[source.n]

    def heading(self, source: Source) -> Text:
        """Title and headings of a source alone."""
        return self._headings[source.n]

    def terms(self, position: int) -> frozenset[str]:
        """The words of a sentence, by its index in :attr:`sentences`, as search knows them."""
        return self._terms[0][position]

    def passage_terms(self, source: Source) -> frozenset[str]:
        """The words of a source, its title and headings included."""
        return self._terms[1][source.n]

    @cached_property
    def _terms(self) -> tuple[tuple[frozenset[str], ...], dict[int, frozenset[str]]]:
        texts = [
            *(sentence.text for sentence in self.sentences),
            *(self._texts[source.n].text for source in self.sources),
        ]
        found = [frozenset(terms.words) for terms in analyse_all(texts)]
        count = len(self.sentences)
        passages = (source.n for source in self.sources)
        return tuple(found[:count]), dict(zip(passages, found[count:], strict=True))

    def share(self, wanted: AbstractSet[str], held: AbstractSet[str]) -> float:
        """The weighted share (0 to 1) of ``wanted`` that is in ``held``; 0 when none is wanted."""
        total = sum(map(self._weight, wanted))
        return sum(self._weight(gram) for gram in wanted & held) / total if total else 0.0

    def likeness(self, text: str) -> dict[int, float]:
        """How alike in meaning ``text`` is to the sentences that are in another language.

        Keys are indices into :attr:`sentences`, of the first 40 such sentences; values run from
        0 (as unlike as an unrelated remark) to 1 (the same).
        """
        language = language_of(text)
        foreign, vectors = self._in_other_languages(language)
        if not foreign:
            return {}
        [own] = self._encoder.encode_document([text])
        floor = unrelated_similarity(own, self._encoder)
        cosines = map(float, vectors @ own)
        return {i: rescaled(c, floor) for i, c in zip(foreign, cosines, strict=True)}

    def _in_other_languages(self, language: Language) -> tuple[list[int], Matrix]:
        if language not in self._vectors:
            foreign = [
                index
                for index, sentence in enumerate(self.sentences)
                if sentence.language not in (language, "other")
            ][:_MOST_ENCODED]
            texts = [self.sentences[index].text for index in foreign]
            self._vectors[language] = foreign, self._encoder.encode_document(texts)
        return self._vectors[language]

    def _weight(self, gram: str) -> float:
        rarity = math.log(1 + len(self.sentences) / max(self._frequency[gram], 1))
        return _NUMBER_WEIGHT * rarity if gram.startswith("#") else rarity


def unrelated_similarity(vector: Vector, encoder: Encoder) -> float:
    """The cosine that ``vector`` has with texts it has nothing to do with.

    Encoders differ in it (multilingual-e5-small is near 0.77, others near 0), so a cosine says
    something only by how far it lies above.
    """
    if encoder not in _unrelated:
        _unrelated[encoder] = encoder.encode_document(_UNRELATED).mean(axis=0)
    return float(_unrelated[encoder] @ vector)


def rescaled(cosine: float, floor: float) -> float:
    """``cosine`` on a scale from ``floor`` (0) to the same text (1)."""
    return min(max((cosine - floor) / (1.0 - floor), 0.0), 1.0) if floor < 1.0 else 0.0


def heading(source: Source) -> str:
    """Title and heading path of a source on one line, without saying the same twice."""
    parts = dict.fromkeys(part for part in (source.title, *source.place.headings) if part)
    return " › ".join(parts)
