"""BM25 over the FTS5 tables (Robertson & Zaragoza 2009), with the inverse document frequency of
Lucene: ``idf = ln(1 + (N - n + 0.5) / (n + 0.5))``.

FTS5's own frequency falls to nothing for a word that half of the nodes hold, which in a library of
a few notes is any word; and its ``bm25()`` costs fifty times what it costs to tell which nodes hold
a word. So FTS5 is asked for ids alone, rarest terms first, and each node is credited with the idf
of the terms it holds: its score if it held each once and were of average length. The best of these
are scored exactly, from the terms that the tables keep. What is common is looked up only as far as
:data:`_MOST_ROWS` allows, and counts for the nodes that rarer terms have brought in: the bargain of
MaxScore (Turtle & Flood 1995), without its guarantee.

A pair of syllables counts its idf, times a weight, wherever it occurs, however often.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.library.embeddings import Ids
from assistant.library.lexical import LexicalHits, Terms
from assistant.library.postings import Lookup, Postings, Table, terms_of

_Scores: TypeAlias = NDArray[np.float64]

_K1, _B = 1.2, 0.75  # the usual ones, and FTS5's

# Measured on Korean question sets: a pair helps as a hint, not as a word of its own.
_PAIR_WEIGHT = 0.3

_STRETCH = 64  # nodes with neighbouring ids

_HEAD = 8  # bytes that are compared as one number: of Korean words, up to two syllables
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(_HEAD + 1)], dtype=np.uint64)

# The weightiest terms of a question that are looked up: a pasted page has hundreds, and each
# costs as much as the nodes that hold it. All of them count for the coverage.
_MOST_TERMS = 64

_MOST_ROWS = 100_000
"""Ids fetched for the words of a question; those of one word and of all pairs are always."""

_EXACT = (500, 1000)
"""Nodes that are scored exactly: one in a thousand, but no fewer and no more than these. In a
library of fewer they are all that hold a term."""


class _Term(NamedTuple):
    table: Table
    text: str
    nodes: int  # that hold it
    weight: float
    ids: Ids | None = None  # of these nodes, where they are known already, ascending


def search(
    db: sqlite3.Connection,
    query: Terms,
    k: int,
    within: Ids | None = None,
    postings: Postings | None = None,
) -> LexicalHits:
    """The ``k`` best nodes, of ``within`` if given, for the distinct terms of a question.

    How rare a term is counts in the whole library, whatever ``within`` is. ``db`` is within a
    transaction that has written nothing. ``postings`` is what is known from questions before.
    """
    lookup = (postings or Postings()).at(db)
    words = tuple(dict.fromkeys(query.words))
    asked = [_counted(lookup, "words", word, 1.0) for word in words]
    # Ids tell how many there are: what is looked up in any case need not be counted before.
    is_long = len(words) + len(query.pairs) > _MOST_TERMS
    pair_of = _counted if is_long else _looked_up
    asked += [pair_of(lookup, "pairs", pair, _PAIR_WEIGHT) for pair in query.pairs]
    held = sorted((term for term in asked if term.nodes), key=lambda term: -term.weight)
    held = held[:_MOST_TERMS]
    if not held:
        return LexicalHits((), 0.0, words)

    least, most = _EXACT
    ids, scores = _candidates(lookup, held, max(k, least, min(lookup.nodes // 1000, most)), within)
    if not len(ids):
        return LexicalHits((), 0.0, words)

    average = lookup.words / lookup.nodes
    scores += _word_scores(db, ids, [t for t in held if t.table == "words"], average)
    best = np.lexsort((ids, -scores))[:k]
    coverage = min(1.0, float(scores.max()) / sum(term.weight for term in asked))
    hits = tuple((int(ids[i]), float(scores[i])) for i in best if scores[i] > 0)
    return LexicalHits(hits, coverage if hits else 0.0, words)


def _counted(lookup: Lookup, table: Table, text: str, factor: float) -> _Term:
    nodes = lookup.count(table, text)
    return _Term(table, text, nodes, factor * _idf(nodes, lookup.nodes))


def _looked_up(lookup: Lookup, table: Table, text: str, factor: float) -> _Term:
    ids = lookup.holding(table, text)
    return _Term(table, text, len(ids), factor * _idf(len(ids), lookup.nodes), ids)


def _idf(nodes: int, total: int) -> float:
    return math.log1p((total - nodes + 0.5) / (nodes + 0.5))


# --------------------------------------------------------------------------- candidates


def _candidates(
    lookup: Lookup, terms: Sequence[_Term], most: int, within: Ids | None
) -> tuple[Ids, _Scores]:
    """Ids of the up to ``most`` nodes, of ``within`` if given, whose terms weigh most together.

    Beside them what each gets for its pairs.
    """
    is_small = within is not None and len(within) <= most
    pairs = [term for term in terms if term.table == "pairs"]
    words = [term for term in terms if term.table == "words"]
    words = [] if is_small else _affordable(words, math.inf if within is None else len(within))
    found = [_ids(lookup, term, within) for term in (*pairs, *words)]
    every = within if within is not None and is_small else np.concatenate(found)
    if not len(every):
        return every, np.empty(0)
    # A place for each id between the least and the greatest: quicker than bringing ids together.
    first = int(every.min())
    hints = np.zeros(int(every.max()) - first + 1, np.float32)
    sums = np.zeros_like(hints)
    for term, ids in zip((*pairs, *words), found, strict=True):
        (hints if term.table == "pairs" else sums)[ids - first] += term.weight
    sums += hints
    places = every - first if is_small else _greatest(sums, most)
    return places + first, hints[places].astype(np.float64)


def _affordable(words: Sequence[_Term], scope: float) -> list[_Term]:
    """The rarest words: as many as :data:`_MOST_ROWS` allows of so many nodes, and one at least."""
    rarest = sorted(words, key=lambda word: word.nodes)
    rows = accumulate(min(word.nodes, scope) for word in rarest)
    afforded = sum(count <= _MOST_ROWS for count in rows)
    return rarest[: max(1, afforded)]


def _ids(lookup: Lookup, term: _Term, within: Ids | None) -> Ids:
    """Ids of the nodes, of ``within`` if given, that hold the term."""
    ids = lookup.holding(term.table, term.text) if term.ids is None else term.ids
    return ids if within is None else ids[np.isin(ids, within)]


def _greatest(sums: NDArray[np.float32], most: int) -> Ids:
    """Where the up to ``most`` greatest sums above 0 are; of equal ones, some from everywhere."""
    # The greatest of each stretch are sums themselves: what is less than ``most`` of them is not
    # among the greatest of all, and most sums are.
    stretches = sums[: len(sums) // _STRETCH * _STRETCH].reshape(-1, _STRETCH).max(axis=1)
    enough = np.partition(stretches, -most)[-most] if len(stretches) >= most else 0.0
    places = np.flatnonzero(sums >= enough if enough > 0 else sums > 0)
    if len(places) <= most:
        return places
    values = sums[places]
    least = np.partition(values, -most)[-most]
    above, equal = places[values > least], places[values == least]
    spread = np.linspace(0, len(equal) - 1, most - len(above)).astype(np.int64)
    return np.sort(np.concatenate([above, equal[spread]]))  # read in the order they lie in


# --------------------------------------------------------------------------- scores


def _word_scores(
    db: sqlite3.Connection, ids: Ids, words: Sequence[_Term], average_length: float
) -> _Scores:
    """BM25 of each node for the words alone; ``ids`` come in any order."""
    if not words:
        return np.zeros(len(ids))
    counts, lengths = _counts(db, ids, [word.text for word in words])
    saturated = counts * (_K1 + 1) / (counts + _K1 * (1 - _B + _B * lengths / average_length))
    scores: _Scores = saturated @ np.array([word.weight for word in words])
    return scores


def _counts(db: sqlite3.Connection, ids: Ids, words: Sequence[str]) -> tuple[_Scores, _Scores]:
    """How often each node holds each word, shape (ids, words), and how many it holds, (ids, 1)."""
    texts = terms_of(db, ids.tolist())
    tokens = _Tokens([texts.get(id, b"") for id in ids.tolist()])
    counts = np.stack([tokens.count(word.encode()) for word in words], axis=1)
    return counts.astype(np.float64), tokens.lengths[:, None].astype(np.float64)


class _Tokens:
    """The words of many texts, separated by single spaces, side by side: all compared at once."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._bytes = b" ".join(texts) + b" " + bytes(_HEAD)
        data = np.frombuffer(self._bytes, dtype=np.uint8)
        ends = np.flatnonzero(data[:-_HEAD] == ord(" "))
        self._starts = np.concatenate(([0], ends[:-1] + 1))
        self._sizes = ends - self._starts
        # The first bytes of each word as one number, zeros behind a shorter word.
        heads = np.ndarray(len(data) - _HEAD, dtype="<u8", buffer=self._bytes, strides=(1,))
        self._heads = heads[self._starts] & _MASKS[np.minimum(self._sizes, _HEAD)]
        first_bytes = np.cumsum([0, *(len(text) + 1 for text in texts)])
        self._first = np.searchsorted(self._starts, first_bytes)  # word of each text, and the end
        self.lengths = np.diff(self._first)
        """How many words each text has."""
        self.lengths -= self._per_text(np.flatnonzero(self._sizes == 0))

    def count(self, word: bytes) -> NDArray[np.int64]:
        """How often each text holds ``word``."""
        head = int.from_bytes(word[:_HEAD], "little")
        found = np.flatnonzero(self._heads == np.uint64(head))
        found = found[self._sizes[found] == len(word)]
        if len(word) > _HEAD:
            starts = self._starts[found].tolist()
            found = found[[self._bytes.startswith(word, start) for start in starts]]
        return self._per_text(found)

    def _per_text(self, words: Ids) -> NDArray[np.int64]:
        of = np.searchsorted(self._first, words, side="right") - 1
        return np.bincount(of, minlength=len(self._first) - 1)
