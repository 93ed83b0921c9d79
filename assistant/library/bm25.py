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

import json
import math
import re
import sqlite3
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.library.embeddings import Ids
from assistant.library.lexical import LexicalHits, Terms

_Table: TypeAlias = Literal["words", "pairs"]
_Scores: TypeAlias = NDArray[np.float64]

_K1, _B = 1.2, 0.75  # the usual ones, and FTS5's

# Measured on Korean question sets: a pair helps as a hint, not as a word of its own.
_PAIR_WEIGHT = 0.3

# The weightiest terms of a question that are looked up: a pasted page has hundreds, and each
# costs as much as the nodes that hold it. All of them count for the coverage.
_MOST_TERMS = 64

_MOST_ROWS = 100_000
"""Ids fetched for the words of a question; those of one word and of all pairs are always."""

_EXACT = (500, 1000)
"""Nodes that are scored exactly: one in a thousand, but no fewer and no more than these. In a
library of fewer they are all that hold a term."""


class _Term(NamedTuple):
    table: _Table
    text: str
    nodes: int  # that hold it
    weight: float


def search(db: sqlite3.Connection, query: Terms, k: int, within: Ids | None = None) -> LexicalHits:
    """The ``k`` best nodes, of ``within`` if given, for the distinct terms of a question.

    How rare a term is counts in the whole library, whatever ``within`` is. ``db`` is within a
    transaction that has written nothing.
    """
    total, tokens = _totals(db)
    words = tuple(dict.fromkeys(query.words))
    asked = [_weighed(db, "words", word, total, 1.0) for word in words]
    asked += [_weighed(db, "pairs", pair, total, _PAIR_WEIGHT) for pair in query.pairs]
    held = sorted((term for term in asked if term.nodes), key=lambda term: -term.weight)
    held = held[:_MOST_TERMS]
    if not held:
        return LexicalHits((), 0.0, words)

    least, most = _EXACT
    ids, scores = _candidates(db, held, max(k, least, min(total // 1000, most)), within)
    if not len(ids):
        return LexicalHits((), 0.0, words)

    scores += _word_scores(db, ids, [t for t in held if t.table == "words"], tokens / total)
    best = np.lexsort((ids, -scores))[:k]
    coverage = min(1.0, float(scores.max()) / sum(term.weight for term in asked))
    hits = tuple((int(ids[i]), float(scores[i])) for i in best if scores[i] > 0)
    return LexicalHits(hits, coverage if hits else 0.0, words)


def _totals(db: sqlite3.Connection) -> tuple[int, int]:
    """How many rows and how many words there are."""
    # FTS5's own record of them ("averages" in fts5_index.c), two SQLite varints: counting the
    # rows of a million nodes takes longer than finding the words of a question in them.
    row = db.execute("SELECT block FROM words_data WHERE id = 1").fetchone()
    numbers, value = [], 0
    for byte in row[0] if row else b"":
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(value)
            value = 0
    return (numbers[0], numbers[1]) if numbers else (0, 0)


def _weighed(db: sqlite3.Connection, table: _Table, text: str, total: int, factor: float) -> _Term:
    row = db.execute(f"SELECT doc FROM {table}_vocabulary WHERE term = ?", (text,)).fetchone()
    n = row[0] if row else 0
    return _Term(table, text, n, factor * math.log1p((total - n + 0.5) / (n + 0.5)))


# --------------------------------------------------------------------------- candidates


def _candidates(
    db: sqlite3.Connection, terms: Sequence[_Term], most: int, within: Ids | None
) -> tuple[Ids, _Scores]:
    """Ids of the up to ``most`` nodes, of ``within`` if given, whose terms weigh most together.

    Beside them what each gets for its pairs.
    """
    is_small = within is not None and len(within) <= most
    pairs = [term for term in terms if term.table == "pairs"]
    words = [term for term in terms if term.table == "words"]
    words = [] if is_small else _affordable(words, math.inf if within is None else len(within))
    found = [_holding(db, term, within) for term in (*pairs, *words)]
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


def _holding(db: sqlite3.Connection, term: _Term, within: Ids | None) -> Ids:
    """Ids of the nodes, of ``within`` if given, that hold the term."""
    # In quotes a term is a string and never FTS5's query syntax; no term holds a quote. As one
    # text the ids come several times faster than as rows.
    (text,) = db.execute(
        f"SELECT group_concat(rowid) FROM {term.table} WHERE {term.table} MATCH ?",
        (f'"{term.text}"',),
    ).fetchone()
    ids = np.fromstring(text or "", dtype=np.int64, sep=",")
    return ids if within is None else ids[np.isin(ids, within)]


def _greatest(sums: NDArray[np.float32], most: int) -> Ids:
    """Where the up to ``most`` greatest sums above 0 are; of equal ones, some from everywhere."""
    places = np.flatnonzero(sums)
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
    # A space before and behind each word; as bytes, which are searched faster than characters.
    rows = db.execute(
        "SELECT rowid, CAST(' ' || terms || ' ' AS BLOB) FROM words"
        " WHERE rowid IN (SELECT value FROM json_each(?))",
        (json.dumps(ids.tolist()),),
    )
    texts = dict(rows.fetchall())
    column = {word.encode(): n for n, word in enumerate(words)}
    any_word = re.compile(b" (" + b"|".join(map(re.escape, column)) + b")(?= )")
    counts = np.zeros((len(ids), len(words)))
    lengths = np.ones((len(ids), 1))
    for row, id in enumerate(ids.tolist()):
        text = texts.get(id, b"")
        lengths[row] = text.count(b" ") - 1
        for word in any_word.findall(text):
            counts[row, column[word]] += 1
    return counts, lengths
