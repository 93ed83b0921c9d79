"""An answer in sentences reduced to the few words that a gold answer is.

Gold answers of SQuAD and its kin are spans of a passage ("308"); a desk answers in sentences ("The
Panthers defense surrendered 308 points. [1]"). Compared as it stands such an answer never matches.
What an answer adds to its question is found by words alone, so the reduction knows neither passage
nor gold answer and cannot mend a wrong answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.evaluation.pieces import EMPTY_NOUNS, Piece, english_pieces, korean_pieces
from assistant.library.lexical import morphemes
from assistant.sentences import sentences
from assistant.types import Language

_CITATION = re.compile(r"\s?\[\d+(?:\s*,\s*\d+)*\]")
_MARKUP = re.compile(r"\*\*|`|^\s*(?:[-*•]|\d+[.)])\s+", re.MULTILINE)
_LEAD = re.compile(
    r"^(?:according to (?:the|your) (?:notes?|text|passage)s?|based on the notes?"
    r"|the notes (?:say|state|mention) that|(?:노트|주어진 노트)에 (?:따르면|의하면))[,:]?\s*",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s?\((?![A-Z]{2,8}\))[^()]*\)")  # an acronym belongs to its name
_HANGUL = re.compile(r"[가-힣]")
_WHICH = frozenset({"어느", "어떤", "무슨"})
EDGES = " \t\n.,;:!?…\"'“”‘’«»"
"""What a short form neither begins nor ends with."""


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
    pieces = korean_pieces(sentence, question) if korean else english_pieces(sentence, question)
    if not pieces:
        return sentence.strip(EDGES)
    return _chosen(pieces, question, _kind_asked_for(question)).strip(EDGES)


def without_marks(text: str) -> str:
    """``text`` without citations and Markdown."""
    return _MARKUP.sub("", _CITATION.sub("", text)).strip()


def _first_sentence(text: str) -> str:
    text = without_marks(text)
    spans = [text[start:end] for start, end in sentences(text)]
    if not spans:
        return ""
    # "There are two:" and then the items.
    first = spans[1] if len(spans) > 1 and spans[0].rstrip().endswith(":") else spans[0]
    first = _LEAD.sub("", first)
    # A remark is not what is said; an answer that is one remark is.
    return _REMARK.sub("", first) if re.search(r"\w", _REMARK.sub("", first)) else first


def _chosen(pieces: Sequence[Piece], question: str, kind: str) -> str:
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
        if one.tag in nouns and one.form not in EMPTY_NOUNS:
            asked = (other.tag == "JX" and other is found[-1]) or other.tag in ("JKG", "VCP")
            return one.form if asked and len(one.form) > 1 else ""
    return ""
