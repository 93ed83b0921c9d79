"""A sentence of an answer cut into what it adds to its question.

By words alone: those of the question are known, the others are news, and pieces are runs of news
between verbs and known words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

from assistant.library.lexical import Morpheme, analyse, morphemes

Role: TypeAlias = Literal["news", "known", "joint", "break"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring words that are news.

    ``said`` where a form of *be* says them, ``first`` where the sentence begins with them: an
    answer that repeats its question does so only when the subject is what is asked for.
    """

    text: str
    said: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word or morpheme, at ``sentence[start:end]``, and what it does to a piece."""

    start: int
    end: int
    role: Role
    is_be: bool = False


def _pieces(sentence: str, words: Sequence[Word], *, be_first: bool) -> list[Piece]:
    """Runs of news, with what joins them; ``be_first``: the verb stands before what it says."""
    found: list[Piece] = []
    run: list[Word] = []
    be = False  # whether the last word that is no joint was a form of be
    begun = False  # whether there was a word before that is no joint

    def close(*, followed_by_be: bool) -> None:
        nonlocal run
        while run and run[-1].role == "joint":
            run.pop()
        if run:
            said = be if be_first else followed_by_be
            found.append(
                Piece(
                    sentence[run[0].start : run[-1].end], said, be_first and not found and not begun
                )
            )
        run = []

    for word in words:
        if word.role == "news" or (word.role == "joint" and run):
            run.append(word)
        elif word.role != "joint":
            close(followed_by_be=word.is_be)
            be, begun = word.is_be, True
    close(followed_by_be=False)
    return found


def _spread(words: Sequence[Word], touching: Callable[[Word, Word], bool]) -> list[Word]:
    """The words, the known ones that touch news made news."""
    found = list(words)
    for order in (range(len(found) - 1), range(len(found) - 2, -1, -1)):
        for index in order:
            one, other = found[index], found[index + 1]
            if {one.role, other.role} == {"news", "known"} and touching(one, other):
                found[index] = replace(one, role="news")
                found[index + 1] = replace(other, role="news")
    return found


# --------------------------------------------------------------------------- English

_TOKEN = re.compile(r"[\w$€£%°]+(?:[-.,:/'’–][\w$€£%°]+)*%?|[^\w\s]")
# What cuts a sentence in pieces, and what a piece goes on behind.
_BE_FORMS = "is are was were be been being am 's"
_JOINING = "of the a an and or in on at to for from by with 's de la von van &"
_CUTTING = (
    "has have had do does did can could will would should may might must called named known that"
    " which who whose where when while because so than then there it its they their he she his her"
    " this these those not also as about into over under between after before during"
    " led made took became gave began held left won came"
)
_BE = frozenset(_BE_FORMS.split())
_JOINTS = frozenset(_JOINING.split())
_VERBS = frozenset(_CUTTING.split())


def english_pieces(sentence: str, question: str) -> list[Piece]:
    """The pieces of an English sentence; words are those of the question when their stems are."""
    known = set(analyse(question))
    words = []
    tokens = list(_TOKEN.finditer(sentence))
    for match, after in zip(tokens, [*tokens[1:], None], strict=True):
        lower = match.group().lower()
        role: Role
        if lower in _BE:
            role = "break"
        elif lower in _JOINTS or lower in "-–'\"()“”‘’":
            role = "joint"
        elif lower == ",":
            # A list goes on behind a comma; a clause begins there with another word.
            follows = after.group() if after else ""
            role = "joint" if follows[:1].isupper() or follows.isdigit() else "break"
        elif lower in _VERBS or not re.search(r"\w", lower):
            role = "break"
        else:
            stems = analyse(match.group())
            role = "known" if stems and all(stem in known for stem in stems) else "news"
        words.append(Word(match.start(), match.end(), role, is_be=lower in _BE))
    return _pieces(sentence, _whole_names(sentence, words), be_first=True)


def _whole_names(sentence: str, words: Sequence[Word]) -> list[Word]:
    """A known part of a name whose other part is news is news as well: of two Charleses one."""

    def touching(one: Word, other: Word) -> bool:
        capital = sentence[one.start].isupper() and sentence[other.start].isupper()
        return capital and not sentence[one.end : other.start].strip()

    return _spread(words, touching)


# --------------------------------------------------------------------------- Korean

# Kiwi's tags: nouns, numerals, roots, affixes and letters of other scripts; particles and signs.
_NOMINAL_TAGS = "NNG NNP NNB NR SN SL SH XR XPN XSN MM W_SERIAL W_HASHTAG"
_JOINING_TAGS = "JKG JC SP SS SSO SSC SO SW"
_NOMINAL = frozenset(_NOMINAL_TAGS.split())
_VERB_MAKERS = frozenset({"XSV", "XSA"})
_KOREAN_JOINTS = frozenset(_JOINING_TAGS.split())
_UNITS = frozenset("%℃°$€₩")
_EMPTY_FORMS = "등 등등 것 수 때 때문 이름 제목 사람 곳 무엇 누구 말"
EMPTY_NOUNS = frozenset(_EMPTY_FORMS.split())
"""Nouns that name no kind of thing."""


def korean_pieces(sentence: str, question: str) -> list[Piece]:
    """The pieces of a Korean sentence; words are those of the question by their morphemes."""
    known = {each.form for each in morphemes(question) if each.tag in _NOMINAL}
    found = morphemes(sentence)
    # Kiwi takes the particle behind a sign apart ("%를" to "%", "르", "ᆯ"): that is no noun.
    split = {
        one.start
        for one, other in pairwise(found)
        if one.start == other.start and one.tag in _NOMINAL and other.tag.startswith("J")
    }
    # A noun that a verb is made of ("사망" in "사망하였다") is no answer but the verb.
    split |= {
        one.start
        for one, other in pairwise(found)
        if other.tag in _VERB_MAKERS and _touch(one, other)
    }
    words = [_korean_word(each, known, each.start in split) for each in found]
    return _pieces(sentence, _whole_words(sentence, words), be_first=False)


def _touch(one: Morpheme, other: Morpheme) -> bool:
    return one.end == other.start


def _korean_word(morpheme: Morpheme, known: set[str], is_part: bool) -> Word:
    role: Role = "break"
    if is_part or (morpheme.tag == "NNB" and morpheme.form in EMPTY_NOUNS):
        role = "break"
    elif morpheme.form in _UNITS:
        role = "news"
    elif morpheme.tag in _NOMINAL:
        role = "known" if morpheme.form in known else "news"
    elif morpheme.tag in _KOREAN_JOINTS:
        role = "joint"
    return Word(morpheme.start, morpheme.end, role, is_be=morpheme.tag == "VCP")


def _whole_words(sentence: str, words: Sequence[Word]) -> list[Word]:
    """A known part of a word whose other part is news is news as well: "서울대" behind "서울".

    So is the unit behind a number, be it written to it or not: "6 MHz".
    """

    def touching(one: Word, other: Word) -> bool:
        gap = sentence[one.end : other.start]
        before, after = sentence[one.start : one.end], sentence[other.start : other.end]
        is_unit = before[-1:].isdigit() and after.isascii() and after.isalpha()
        return not gap or (gap == " " and is_unit)

    return _spread(words, touching)
