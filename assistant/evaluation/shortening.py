"""An answer in sentences reduced to the few words that a gold answer is.

Gold answers of SQuAD and its kin are spans of a passage ("308"); a desk answers in sentences ("The
Panthers defense surrendered 308 points. [1]"). Compared as it stands such an answer never matches.
What an answer adds to its question is found by words alone, so the reduction knows neither passage
nor gold answer and cannot mend a wrong answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

from assistant.library.lexical import Morpheme, analyse, morphemes
from assistant.sentences import sentences
from assistant.types import Language

Role: TypeAlias = Literal["news", "known", "joint", "break"]

_CITATION = re.compile(r"\s?\[\d+(?:\s*,\s*\d+)*\]")
_MARKUP = re.compile(r"\*\*|`|^\s*(?:[-*•]|\d+[.)])\s+", re.MULTILINE)
_LEAD = re.compile(
    r"^(?:according to (?:the|your) (?:notes?|text|passage)s?|based on the notes?"
    r"|the notes (?:say|state|mention) that|(?:노트|주어진 노트)에 (?:따르면|의하면))[,:]?\s*",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s?\((?![A-Z]{2,8}\))[^()]*\)")  # an acronym belongs to its name
_HANGUL = re.compile(r"[가-힣]")
_EDGES = " \t\n.,;:!?…\"'“”‘’«»"


def short_form(text: str, question: str, language: Language) -> str:
    """The words of the answer's first sentence that are not the question's.

    Words are those of the question when their stems are (in Korean: their morphemes). What is left
    is cut where verbs and known words stood; of the pieces the one is taken that a form of *be*
    (이다) says, else in English the one the sentence begins with, else the longest. Where a number
    is asked for, it begins with one; where a person or a place is, it is a name in capitals, if
    there is one; where a kind of thing is (어느 대학교), it ends with its name; else a piece with a
    number is taken last. Remarks in parentheses are left out, what stands in quotes goes without
    the rest.
    An answer without anything new stands as it is.
    """
    if not (sentence := _first_sentence(text)):
        return ""
    korean = _HANGUL.search(sentence) and (language == "ko" or not re.search("[A-Za-z]", sentence))
    pieces = _korean(sentence, question) if korean else _english(sentence, question)
    if not pieces:
        return sentence.strip(_EDGES)
    return _chosen(pieces, question, _kind_asked_for(question)).strip(_EDGES)


def _first_sentence(text: str) -> str:
    text = _MARKUP.sub("", _CITATION.sub("", text)).strip()
    spans = [text[start:end] for start, end in sentences(text)]
    if not spans:
        return ""
    # "There are two:" and then the items.
    first = spans[1] if len(spans) > 1 and spans[0].rstrip().endswith(":") else spans[0]
    first = _LEAD.sub("", first)
    # A remark is not what is said; an answer that is one remark is.
    return _REMARK.sub("", first) if re.search(r"\w", _REMARK.sub("", first)) else first


@dataclass(frozen=True, slots=True)
class _Piece:
    """Neighbouring words that are news.

    ``said`` where a form of *be* says them, ``first`` where the sentence begins with them: an
    answer that repeats its question does so only when the subject is what is asked for.
    """

    text: str
    said: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or morpheme, at ``sentence[start:end]``, and what it does to a piece."""

    start: int
    end: int
    role: Role
    is_be: bool = False


def _chosen(pieces: Sequence[_Piece], question: str, kind: str) -> str:
    """The piece that fits what is asked for best, cut to the number or the name that it is."""
    if _ASKS_NUMBER.search(question):
        if numbers := [piece for piece in pieces if _NUMBER_WORD.search(piece.text)]:
            best = max(numbers, key=lambda piece: piece.said).text
            year = _YEAR.search(best) if _ASKS_YEAR.search(question) else None
            return year.group() if year else _number(best)
    else:
        # A date beside what is asked for is seldom it.
        pieces = [replace(piece, text=_WHEN.sub("", piece.text) or piece.text) for piece in pieces]
        others = [piece for piece in pieces if piece.said or not _NUMBER_WORD.search(piece.text)]
        pieces = others or pieces
    if _ASKS_NAME.search(question):
        names = [replace(p, text=match.group()) for p in pieces for match in _NAME.finditer(p.text)]
        pieces = names or pieces
    of_kind = [piece.text for piece in pieces if kind and kind in piece.text[1:]]
    if of_kind:
        # "서울대학교 의과대학" where a 대학교 is asked for.
        text = of_kind[0]
        return text[: text.index(kind, 1) + len(kind)]
    best = max(pieces, key=lambda piece: (piece.said, piece.first, len(piece.text))).text
    quoted = _QUOTED.search(best)
    return quoted[1] or quoted[2] or quoted[3] if quoted else _HANGING.sub("", best)


def _number(text: str) -> str:
    """From the first number on; of a Korean date no more than the date."""
    found = _NUMBER_WORD.search(text)
    number = text[found.start() :] if found else text
    date = _DATE.match(number)
    return date.group() if date else number


_ASKS_YEAR = re.compile(r"\b(?:what|which) year\b", re.IGNORECASE)
_YEAR = re.compile(r"\b\d{3,4}\b")
_QUOTED = re.compile(
    r"[\"“]([^\"“”]+)[\"”]?|[《〈「『]([^》〉」』]+)|(?<!\w)[‘']([^‘’']+)[’'](?!\w)"
)
# What hangs on to a name or a thing: an adverb before it, a verb behind.
_HANGING = re.compile(
    r"^(?:\w+ly|about|around|some|over|nearly|almost)\s+(?=\w)"
    r"|\s[a-z]+ed$"
)
_WHEN = re.compile(r"^(?:\S*\d+(?:년|월|일|시|분|세기)\S*\s|오[전후]\s)+(?:[초중말]\s|무렵\s)?")
_DATE = re.compile(r"\d+년(?:\s?\d+월)?(?:\s?\d+일)?|\d+월(?:\s?\d+일)?")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|often|large|big|tall|fast|high)\b|\bwhen\b"
    r"|\b(?:what|which) (?:year|date|day|percent|percentage|number|time|age|century|decade)\b"
    r"|\bwhat (?:is|was|are|were) the \w* ?(?:temperature|height|length|weight|speed|population)\b"
    r"|\b(?:temperature|percentage) (?:of|is|was)\b"
    r"|몇|얼마|언제|연도|년도|날짜|일자|일시|시점|시기는|기간은|어느 해|횟수|숫자|나이|비율|개수"
    r"|인원|높이는|길이는|넓이는|면적은|무게는|속도는|가격은|금액은|인구는|점수는|득표율|지지율|확률",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(
    r"[$€£]?\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty"
    r"|fifty|sixty|hundred|thousand|million|billion|half|third|quarter|once|twice|none|zero|dozen"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|[한두세네다섯여섯일곱여덟아홉열]\s?(?:개|명|번|살|가지|차례)",
    re.IGNORECASE,
)


_ASKS_NAME = re.compile(r"\b(?:who|whom|whose|where)\b", re.IGNORECASE)
_NAMED = r"(?:\b[a-z]{1,3}-)?[A-Z][\w.'’-]*"
_NAME = re.compile(rf"{_NAMED}(?:\s+(?:(?:of|the|and|de|von|van|bin)\s+)*{_NAMED})*")


def _pieces(sentence: str, words: Sequence[_Word], *, be_first: bool) -> list[_Piece]:
    """Runs of news, with what joins them; ``be_first``: the verb stands before what it says."""
    found: list[_Piece] = []
    run: list[_Word] = []
    be = False  # whether the last word that is no joint was a form of be
    begun = False  # whether there was a word before that is no joint

    def close(*, followed_by_be: bool) -> None:
        nonlocal run
        while run and run[-1].role == "joint":
            run.pop()
        if run:
            said = be if be_first else followed_by_be
            found.append(
                _Piece(
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


def _spread(words: Sequence[_Word], touching: Callable[[_Word, _Word], bool]) -> list[_Word]:
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


def _english(sentence: str, question: str) -> list[_Piece]:
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
        words.append(_Word(match.start(), match.end(), role, is_be=lower in _BE))
    return _pieces(sentence, _whole_names(sentence, words), be_first=True)


def _whole_names(sentence: str, words: Sequence[_Word]) -> list[_Word]:
    """A known part of a name whose other part is news is news as well: of two Charleses one."""

    def touching(one: _Word, other: _Word) -> bool:
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
_EMPTY = frozenset(_EMPTY_FORMS.split())  # nouns that name no kind of thing
_WHICH = frozenset({"어느", "어떤", "무슨"})


def _korean(sentence: str, question: str) -> list[_Piece]:
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


def _kind_asked_for(question: str) -> str:
    """The noun of a Korean question that says what is asked for: 대학교 in "재학중인 대학교는?"."""
    if not _HANGUL.search(question):
        return ""
    found = [each for each in morphemes(question) if each.tag not in ("SF", "SP")]
    nouns = {"NNG", "NNP"}
    for one, other in pairwise(found):
        if one.form in _WHICH and other.tag in nouns:
            return other.form
    for one, other in reversed(list(pairwise(found))):
        if one.tag in nouns and one.form not in _EMPTY:
            asked = (other.tag == "JX" and other is found[-1]) or other.tag in ("JKG", "VCP")
            return one.form if asked and len(one.form) > 1 else ""
    return ""


def _touch(one: Morpheme, other: Morpheme) -> bool:
    return one.end == other.start


def _korean_word(morpheme: Morpheme, known: set[str], is_part: bool) -> _Word:
    role: Role = "break"
    if is_part or (morpheme.tag == "NNB" and morpheme.form in _EMPTY):
        role = "break"
    elif morpheme.form in _UNITS:
        role = "news"
    elif morpheme.tag in _NOMINAL:
        role = "known" if morpheme.form in known else "news"
    elif morpheme.tag in _KOREAN_JOINTS:
        role = "joint"
    return _Word(morpheme.start, morpheme.end, role, is_be=morpheme.tag == "VCP")


def _whole_words(sentence: str, words: Sequence[_Word]) -> list[_Word]:
    """A known part of a word whose other part is news is news as well: "서울대" behind "서울".

    So is the unit behind a number, be it written to it or not: "6 MHz".
    """

    def touching(one: _Word, other: _Word) -> bool:
        gap = sentence[one.end : other.start]
        before, after = sentence[one.start : one.end], sentence[other.start : other.end]
        is_unit = before[-1:].isdigit() and after.isascii() and after.isalpha()
        return not gap or (gap == " " and is_unit)

    return _spread(words, touching)
