"""Text to terms, the same for notes and questions.

Hangul goes through Kiwi, which takes particles and endings off; Latin words are stemmed
(Snowball English). Whatever is written with digits or connecting signs (``bert-base``, ``fp16``,
``nn.Linear``, ``1e-4``) is a term as it stands, and so are its parts. Words of the user's own
dictionary stay whole.
"""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import islice, pairwise
from typing import Any, NamedTuple, TypeAlias

from assistant.library.rows import storable

ANALYSER_VERSION = f"2/kiwipiepy-{version('kiwipiepy')}"
"""Changes whenever the same text may give other terms."""

Dictionary: TypeAlias = tuple[str, ...]
"""Korean words that are kept whole, sorted (:mod:`assistant.library.dictionary`)."""

# Kiwi's tags of morphemes that carry meaning: nouns, numerals, verbs, adjectives, roots, adverbs.
_CONTENT = frozenset({"NNG", "NNP", "NR", "VV", "VA", "XR", "MAG"})
# What a Korean compound is made of; notes write the same one with and without spaces.
_COMPOUND = frozenset({"NNG", "NNP", "NR", "XR", "XPN", "XSN", "NNB"})

_HANGUL = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
_IDEOGRAPH = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_SYLLABLES = re.compile(r"[\uac00-\ud7a3]+")
_LETTER = rf"[^\W_{_HANGUL}{_IDEOGRAPH}]"
# Latin, Greek, Cyrillic … letters and digits, with the signs that tie the parts of a name.
_RUN = re.compile(rf"{_LETTER}+(?:[-_.+#/]+{_LETTER}+)*(?:\+\+|#)?")
_IDEOGRAPHS = re.compile(rf"[{_IDEOGRAPH}]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)*(?:e[-+]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PART = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HYPHENATED = re.compile(r"[^\W\d_]+-[^\W\d_]+")  # fine-tuning, which is finetuning as well
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


class Terms(NamedTuple):
    """What a text is found by.

    ``words`` come in order and with repetitions. ``pairs`` are the distinct neighbouring syllables
    of Korean compounds: they bring "역전파" and "역 전파" together however Kiwi takes them apart.
    ``are_rough``: there is Korean that was not analysed.
    """

    words: list[str]
    pairs: list[str]
    are_rough: bool = False


class Morpheme(NamedTuple):
    """A morpheme of a Korean text, with Kiwi's tag, and where it stands."""

    form: str
    tag: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LexicalHits:
    """What words found.

    ``hits`` are (node id, BM25 score), best first; scores are positive. ``coverage`` (0 to 1) is
    the share of the question's term weight that the best hit reaches. ``terms`` are the words of
    the question, as analysed.
    """

    hits: tuple[tuple[int, float], ...]
    coverage: float
    terms: tuple[str, ...]


def version_with(dictionary: Dictionary, analyser: str) -> str:
    """The version of ``analyser`` with these words: other words give other terms."""
    if not dictionary:
        return analyser
    digest = hashlib.sha256("\n".join(dictionary).encode()).hexdigest()
    return f"{analyser}/words-{digest[:12]}"


def analyse(text: str) -> list[str]:
    """The words of ``text`` as the index knows them, in order, with repetitions."""
    return next(analyse_all([text])).words


def analyse_all(texts: Sequence[str], dictionary: Dictionary = ()) -> Iterator[Terms]:
    """The terms of each text; many texts are analysed on several threads."""
    own = frozenset(dictionary)
    for text, morphemes in _morphemes([_normalised(text) for text in texts], dictionary):
        words = [*_content_words(morphemes, own), *_latin(text), *_ideographs(text)]
        yield Terms(words, list(dict.fromkeys(_compound_pairs(text, morphemes))))


def analyse_roughly(text: str) -> Terms:
    """What ``text`` can be found by at once, some thirty times sooner than :func:`analyse_all`.

    Its Latin words are as they will be; Korean is found by any pair of neighbouring syllables.
    """
    text = _normalised(text)
    runs = _SYLLABLES.findall(text)
    pairs = (a + b for run in runs for a, b in pairwise(run))
    words = [*_latin(text), *_ideographs(text)]
    return Terms(words, list(dict.fromkeys(pairs)), are_rough=bool(runs))


def _normalised(text: str) -> str:
    # Full-width letters and decomposed Hangul become the usual ones; Kiwi takes no lone surrogate.
    return unicodedata.normalize("NFKC", storable(text))


# --------------------------------------------------------------------------- Korean


def morphemes(text: str) -> list[Morpheme]:
    """The morphemes of ``text``, particles and endings too; Latin words are each one."""
    text = storable(text)
    if not text.strip():
        return []
    with _KIWI_LOCK:
        tokens = list(_kiwi(()).tokenize(text, oov_handling="rule"))
    return [Morpheme(t.form, _tag(t), t.start, t.start + t.len) for t in tokens]


_KIWI_LOCK = threading.Lock()


@lru_cache(maxsize=2)  # a process works with one dictionary, and for a while with none
def _kiwi(dictionary: Dictionary) -> Any:
    from kiwipiepy import Kiwi  # a second and 200 MB, and only where there is text to analyse

    # Without the dictionary of names of several words: it doubles the time and finds no better.
    kiwi = Kiwi(load_multi_dict=False)
    for word in dictionary:
        kiwi.add_user_word(word, "NNP")
    return kiwi


def _morphemes(texts: Sequence[str], dictionary: Dictionary) -> Iterator[tuple[str, list[Any]]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH)):
        # Kiwi is not promised to be safe across threads. Taking turns by the batch keeps a
        # question from waiting for all of a large document. `rule` takes compounds that Kiwi
        # does not know ("경사하강법") into words that it knows; by default they stay whole.
        korean = [text for text in batch if _SYLLABLES.search(text)]
        analysed: Iterator[list[Any]] = iter(())
        if korean:
            with _KIWI_LOCK:
                analysed = iter(list(_kiwi(dictionary).tokenize(korean, oov_handling="rule")))
        for text in batch:
            yield text, next(analysed) if _SYLLABLES.search(text) else []


def _content_words(morphemes: Iterable[Any], own: Set[str]) -> Iterator[str]:
    for token in morphemes:
        if token.form in own and not _SYLLABLES.fullmatch(token.form):
            yield token.form.lower()  # and its parts, as of any name with signs
        if _tag(token) in _CONTENT:
            # A form may hold more than syllables: single letters of slang, the space of a name.
            yield from _SYLLABLES.findall(token.form)


def _compound_pairs(text: str, morphemes: Iterable[Any]) -> Iterator[str]:
    compound = ""
    end = 0
    for token in morphemes:
        joins = _tag(token) in _COMPOUND and _SYLLABLES.fullmatch(token.form)
        if not joins or text[end : token.start].strip(" "):
            yield from map("".join, pairwise(compound))
            compound = ""
        if joins:
            compound += token.form
        end = token.start + token.len
    yield from map("".join, pairwise(compound))


def _tag(token: Any) -> str:
    tag: str = token.tag.partition("-")[0]  # VV-I is a verb, of irregular form
    return tag


# --------------------------------------------------------------------------- everything else


def _latin(text: str) -> Iterator[str]:
    for match in _RUN.finditer(_THOUSANDS.sub("", text)):
        run = match.group()
        if _NUMBER.fullmatch(run):
            yield run.lower()
            yield from _releases(run)
            continue
        parts = [piece for part in _PART.findall(run) for piece in _CAMEL.split(part)]
        if len(parts) > 1 or _TIES.search(run):
            yield _folded(run)
        if _HYPHENATED.fullmatch(run):
            yield _stem(_folded(run.replace("-", "")))
        for part in parts:
            yield from _releases(part)
            folded = _folded(part)
            # A stop word in capitals is a name: AND, IT.
            if folded not in _STOP or (part.isupper() and len(part) > 1):
                yield _stem(folded)


def _releases(number: str) -> Iterator[str]:
    """What a version of three numbers or more is a version of: 2.43 for 2.43.0."""
    numbers = number.split(".")
    return (".".join(numbers[:n]) for n in range(2, len(numbers)))


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
    import snowballstemmer  # with the stemmers of all languages

    stem: str = snowballstemmer.stemmer("english").stemWord(word)
    # Snowball takes the plural of GPU for a Latin word like "virus".
    return stem.removesuffix("s") if stem.endswith("pus") else stem
