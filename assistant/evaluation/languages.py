"""Which language the texts of a data set are in, as far as results are told apart by it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import islice

CROSS_LINGUAL = "cross-lingual"
"""The group of queries none of whose passages is in their own language."""

_WORD = re.compile(r"[^\W\d_]+")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅣ]")
_LATIN = re.compile(r"[A-Za-z]")
_FUNCTION_WORDS = (
    "the of and to in is was for on that with as by it at from be are this an or which what how"
    " who when where does did"
)
_ENGLISH = frozenset(_FUNCTION_WORDS.split())
# Of English words, questions included, three in ten are among these; of German or French ones,
# one in twenty at most.
_ENGLISH_SHARE = 0.12
_LOOKED_AT = 2_000  # texts of a set


def groups(queries: Mapping[str, str], relevant: Mapping[str, Collection[str]]) -> dict[str, str]:
    """The group of each query by its id: ``ko``, ``en``, ``other`` or :data:`CROSS_LINGUAL`.

    ``queries`` are texts by id, ``relevant`` the texts of the passages that answer each. Whether
    Latin letters are English is decided for all queries together, and for all passages.
    """
    query_languages = _languages(queries.values())
    passages = list(dict.fromkeys(text for texts in relevant.values() for text in texts))
    known = dict(zip(passages, _languages(passages), strict=True))
    result = {}
    for (id, _), language in zip(queries.items(), query_languages, strict=True):
        theirs = {known[text] for text in relevant.get(id, ())}
        result[id] = language if not theirs or language in theirs else CROSS_LINGUAL
    return result


def _languages(texts: Iterable[str]) -> list[str]:
    texts = list(texts)
    scripts = [_script(text) for text in texts]
    latin = (
        "en"
        if _is_english(t for t, s in zip(texts, scripts, strict=True) if s == "latin")
        else "other"
    )
    return [latin if script == "latin" else script for script in scripts]


def _script(text: str) -> str:
    """``ko`` where a third of the words hold Hangul, ``latin`` where half are Latin.

    Korean texts are full of Latin terms and names; "BERT는" holds Hangul.
    """
    words = _WORD.findall(text)
    hangul = sum(_HANGUL.search(word) is not None for word in words)
    latin = sum(_LATIN.search(word) is not None and not _HANGUL.search(word) for word in words)
    if hangul and 3 * hangul >= len(words):
        return "ko"
    return "latin" if latin and 2 * latin >= len(words) else "other"


def _is_english(texts: Iterable[str]) -> bool:
    words = [word for text in islice(texts, _LOOKED_AT) for word in _WORD.findall(text.casefold())]
    return bool(words) and sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words)
