"""Exact match and F1 of short answers, by the conventions of SQuAD and of KorQuAD."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from assistant.types import Language

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_KOREAN_SIGNS = str.maketrans(dict.fromkeys("'\"《》<>〈〉()‘’", " "))


def exact_match(short: str, gold: Sequence[str], language: Language) -> float:
    """1.0 where ``short`` is one of the gold answers once both are normalised, else 0.0."""
    normalised = _normaliser(language)
    return float(any(normalised(short) == normalised(answer) for answer in gold))


def f1(short: str, gold: Sequence[str], language: Language) -> float:
    """The best F1 (0 to 1) of ``short`` with one of the gold answers, as bags of units.

    Units are words in English (Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine
    Comprehension of Text") and characters in Korean (Lim et al. 2019, "KorQuAD1.0"; so too Park
    et al. 2021, "KLUE"), whose particles make a word of every ending.
    """
    return max((_f1(_units(short, language), _units(each, language)) for each in gold), default=0.0)


def holds_answer(text: str, gold: Sequence[str], language: Language) -> bool:
    """Whether one of the gold answers stands in ``text``, both normalised.

    In English at the edges of words; in Korean spaces do not matter, nor what follows: particles
    are written to the word.
    """
    if language == "ko":
        held = normalise_korean(text).replace(" ", "")
        wanted = [normalise_korean(answer).replace(" ", "") for answer in gold]
        return any(each and each in held for each in wanted)
    held = f" {normalise_english(text)} "
    return any(each and f" {each} " in held for each in map(normalise_english, gold))


def normalise_english(text: str) -> str:
    """SQuAD's: lower case, without ASCII punctuation, articles and surplus white space."""
    plain = unicodedata.normalize("NFC", text).lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLE.sub(" ", plain).split())


def normalise_korean(text: str) -> str:
    """KorQuAD 1.0's: brackets and quotes are spaces, then lower case and no ASCII punctuation."""
    spaced = unicodedata.normalize("NFC", text).translate(_KOREAN_SIGNS)
    return " ".join(spaced.lower().translate(_PUNCTUATION).split())


def _normaliser(language: Language) -> Callable[[str], str]:
    return normalise_korean if language == "ko" else normalise_english


def _units(text: str, language: Language) -> list[str]:
    if language == "ko":
        return list(normalise_korean(text).replace(" ", ""))
    return normalise_english(text).split()


def _f1(short: list[str], gold: list[str]) -> float:
    common = sum((Counter(short) & Counter(gold)).values())
    return 2 * common / (len(short) + len(gold)) if common else 0.0
