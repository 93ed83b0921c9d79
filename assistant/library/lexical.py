"""Text to terms, the same for notes and questions.

Hangul goes through Kiwi, which takes particles and endings off; Latin words are stemmed
(Snowball English). Whatever is written with digits or connecting signs (``bert-base``, ``fp16``,
``nn.Linear``, ``1e-4``) is a term as it stands, and so are its parts.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import islice, pairwise
from typing import Any

import snowballstemmer

ANALYSER_VERSION = f"1/kiwipiepy-{version('kiwipiepy')}"
"""Changes whenever the same text may give other terms."""

# Kiwi's tags of morphemes that carry meaning: nouns, numerals, verbs, adjectives, roots, adverbs.
_CONTENT = frozenset({"NNG", "NNP", "NR", "VV", "VA", "XR", "MAG"})
# What a Korean compound is made of; notes write the same one with and without spaces.
_COMPOUND = frozenset({"NNG", "NNP", "NR", "XR", "XPN", "XSN", "NNB"})

_HANGUL = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
_IDEOGRAPH = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W_{_HANGUL}{_IDEOGRAPH}]"
# Latin, Greek, Cyrillic … letters and digits, with the signs that tie the parts of a name.
_RUN = re.compile(rf"{_LETTER}+(?:[-_.+#/]+{_LETTER}+)*(?:\+\+|#)?")
_IDEOGRAPHS = re.compile(rf"[{_IDEOGRAPH}]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)*(?:e[-+]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PART = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TIES = re.compile(r"[-_.+#/\d]")

# Words so common in questions and notes that they only make searching slow.
_FUNCTION_WORDS = (
    "a an and are as at be been but by can did do does for from had has have he her his how i if in"
    " into is it its me my of on or our she so than that the their them then there these they this"
    " to was we were what when where which who whom whose why will with would you your"
    " s t re ve ll"
)
_STOP = frozenset(_FUNCTION_WORDS.split())

_BATCH = 32  # texts for which Kiwi is held at a time


@dataclass(frozen=True, slots=True)
class LexicalHits:
    """What words found.

    ``hits`` are (node id, BM25 score), best first; scores are positive. ``coverage`` (0 to 1) is
    the share of the question's term weight that the best hit reaches. ``terms`` are the question's.
    """

    hits: tuple[tuple[int, float], ...]
    coverage: float
    terms: tuple[str, ...]


def analyse(text: str) -> list[str]:
    """Terms of ``text`` in order, with repetitions."""
    return next(analyse_all([text]))


def analyse_all(texts: Sequence[str]) -> Iterator[list[str]]:
    """:func:`analyse` for many texts, on several threads."""
    for morphemes, text in _morphemes([unicodedata.normalize("NFKC", text) for text in texts]):
        yield [*_korean(text, morphemes), *_latin(text), *_ideographs(text)]


# --------------------------------------------------------------------------- Korean


def _morphemes(texts: Sequence[str]) -> Iterator[tuple[list[Any], str]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH)):
        # Kiwi is not promised to be safe across threads. Taking turns by the batch keeps a
        # question from waiting for all of a large document.
        with _KIWI_LOCK:
            analysed = list(_kiwi().tokenize(batch))
        yield from zip(analysed, batch, strict=True)


_KIWI_LOCK = threading.Lock()


@cache
def _kiwi() -> Any:
    from kiwipiepy import Kiwi  # 1.5 s and 200 MB, and only where there is text to analyse

    return Kiwi()


def _korean(text: str, morphemes: Iterable[Any]) -> Iterator[str]:
    compound = ""
    end = 0
    for token in morphemes:
        tag = token.tag.partition("-")[0]
        if tag in _CONTENT:
            yield token.form
        joins = tag in _COMPOUND and _is_hangul(token.form)
        if not joins or text[end : token.start].strip(" "):
            yield from _pairs(compound)
            compound = ""
        if joins:
            compound += token.form
        end = token.start + token.len
    yield from _pairs(compound)


def _pairs(compound: str) -> Iterator[str]:
    """Neighbouring syllables of a compound, marked so that they are no morphemes."""
    for first, second in pairwise(compound):
        yield f"~{first}{second}"


def _is_hangul(form: str) -> bool:
    return all("가" <= letter <= "힣" for letter in form)


# --------------------------------------------------------------------------- everything else


def _latin(text: str) -> Iterator[str]:
    for match in _RUN.finditer(_THOUSANDS.sub("", text)):
        run = match.group()
        if _NUMBER.fullmatch(run):
            yield run.lower()
            continue
        parts = [piece for part in _PART.findall(run) for piece in _CAMEL.split(part)]
        if len(parts) > 1 or _TIES.search(run):
            yield _folded(run)
        for part in parts:
            folded = _folded(part)
            # A stop word in capitals is a name: AND, IT.
            if folded not in _STOP or (part.isupper() and len(part) > 1):
                yield _stem(folded)


def _ideographs(text: str) -> Iterator[str]:
    for match in _IDEOGRAPHS.finditer(text):
        run = match.group()
        yield from (a + b for a, b in pairwise(run)) if len(run) > 1 else (run,)


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    # A stemmer keeps the word it works on and must not be shared by threads; making one is cheap.
    stem: str = snowballstemmer.stemmer("english").stemWord(word)
    # Snowball takes the plural of GPU for a Latin word like "virus".
    return stem.removesuffix("s") if stem.endswith("pus") else stem
