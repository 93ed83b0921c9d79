"""Right or wrong: a retrieved source, a stated fact, a citation, the language of an answer."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from assistant.evaluation.questions import Question
from assistant.types import Citation, Language, Source

STRADDLE = 0.6
"""Least share of a passage that a source cut off by its own edge has to hold."""


# --------------------------------------------------------------------------- passages


def is_relevant(source: Source, question: Question) -> bool:
    """Whether a source is a passage that answers the question, found in the right file.

    The same words in another file do not count unless the question names that file too: near
    duplicates are there to lead astray.
    """
    return any(
        _same_file(source.path, target.path)
        and (target.passage is None or holds_passage(source.text, target.passage))
        for target in question.targets
    )


def holds_passage(text: str, passage: str) -> bool:
    """Whether ``text`` holds ``passage``, whole or cut off by an edge of ``text``.

    Compared are the letters and digits alone (NFC, case folded): line breaks, Korean spacing and
    markup differ between a file and what its reader gives. A passage that straddles two nodes
    counts in the one whose beginning is at least :data:`STRADDLE` of the passage's end, or whose
    end is at least that share of its beginning; a node wholly inside a long passage counts when
    it makes up that share.
    """
    held, wanted = _letters(text), _letters(passage)
    if not wanted:
        return False
    if wanted in held:
        return True
    least = max(1, round(STRADDLE * len(wanted)))
    if len(held) < least:
        return False
    return held in wanted or any(
        held.endswith(wanted[:size]) or held.startswith(wanted[-size:])
        for size in range(len(wanted) - 1, least - 1, -1)
    )


@lru_cache(maxsize=4096)
def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFC", text).casefold()
    return "".join(filter(str.isalnum, folded))


def _same_file(one: Path, other: Path) -> bool:
    return _file_key(one) == _file_key(other)


@lru_cache(maxsize=4096)
def _file_key(path: Path) -> str:
    # macOS gives names in NFD and reaches temporary folders by a link.
    return unicodedata.normalize("NFC", os.path.realpath(path))


# --------------------------------------------------------------------------- facts

_CITATION = re.compile(r"\s?\[\d+(?:\s*,\s*\d+)*\]")
_MARKUP = re.compile(r"[*`]")
# Thousands: a comma, an underscore, a thin or no-break space between a digit and three digits.
_SEPARATOR = re.compile(r"(?<=\d)[,_\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_WORD_EDGES = re.compile(r"\s+|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")


def states_fact(text: str, alternatives: Iterable[str]) -> bool:
    """Whether ``text`` holds one of the alternative wordings of a fact.

    Case, markup, spacing and separators of thousands do not matter ("1,024" is "1024", "16GB"
    is "16 GB", "전이 학습" is "전이학습"). A number must stand alone: "0.5" is not in "10.5". A
    Latin wording begins a word and may be a stem ("execut"); a Korean one stands anywhere.
    """
    plain = _plain(_CITATION.sub(" ", text))
    return any(_pattern(alternative).search(plain) for alternative in alternatives)


def stated_facts(text: str, question: Question) -> tuple[bool, ...]:
    """For each fact of the question, whether ``text`` states it."""
    return tuple(states_fact(text, alternatives) for alternatives in question.facts)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold().translate(_DASHES)
    text = _MARKUP.sub("", text)
    while (joined := _SEPARATOR.sub("", text)) != text:
        text = joined
    return text


@lru_cache(maxsize=4096)
def _pattern(alternative: str) -> re.Pattern[str]:
    plain = _plain(alternative).strip()
    body = r"\s*".join(re.escape(piece) for piece in _WORD_EDGES.split(plain) if piece)
    before = after = ""
    if plain[:1].isdigit():
        before = r"(?<!\d)(?<!\d\.)"
    elif plain[:1].isascii() and plain[:1].isalpha():
        before = r"(?<![a-z])"
    if plain[-1:].isdigit():
        after = r"(?!\d)(?!\.\d)"
    return re.compile(before + body + after)


# --------------------------------------------------------------------------- answers


def citation_is_right(citation: Citation, sources: Sequence[Source], question: Question) -> bool:
    """Whether a citation leads to what answers the question.

    It does when its source is relevant, when its sentence states a fact in the right file, or
    when its sentence states every fact wherever it stands.
    """
    if any(is_relevant(source, question) for source in sources if source.n == citation.n):
        return True
    stated = stated_facts(citation.text, question)
    in_right_file = any(_same_file(citation.path, target.path) for target in question.targets)
    return any(stated) if in_right_file else bool(stated) and all(stated)


_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_HANGUL = re.compile(r"[가-힣]")


def language_of(text: str) -> Language:
    """``ko`` or ``en`` by most of the words, ``other`` where there are none.

    A word with a Hangul syllable is Korean ("BERT는"). Code does not count.
    """
    words = [_HANGUL.search(word) is not None for word in _WORD.findall(_CODE.sub(" ", text))]
    if not words:
        return "other"
    return "ko" if 2 * sum(words) >= len(words) else "en"


def is_in_language(text: str, language: Language) -> bool:
    """Whether a reply is in the language of its question.

    One without words ("32") is right in any, and a question in both is content with either.
    """
    return language == "mixed" or language_of(text) in (language, "other")
