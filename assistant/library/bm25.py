"""BM25 over the FTS5 tables.

FTS5's own inverse document frequency falls to nothing for a word that half of the nodes hold, which
in a library of a few notes is any word. So each term is asked for by itself, FTS5's frequency is
divided out of its score and the always positive one of Lucene put in its place:
``idf = ln(1 + (N - n + 0.5) / (n + 0.5))``. A pair of syllables counts its idf, times a weight,
wherever it occurs, however often.
"""

from __future__ import annotations

import math
import sqlite3
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.library.embeddings import Ids
from assistant.library.lexical import LexicalHits, Terms

_Table: TypeAlias = Literal["words", "pairs"]

# Measured on Korean question sets: a pair helps as a hint, not as a word of its own.
_PAIR_WEIGHT = 0.3

# The weightiest terms of a question that are looked up: a pasted page has hundreds, and each
# costs as much as the nodes that hold it. All of them count for the coverage.
_MOST_TERMS = 64


class _Term(NamedTuple):
    table: _Table
    text: str
    nodes: int  # that hold it
    weight: float


def search(db: sqlite3.Connection, query: Terms, k: int, within: Ids | None = None) -> LexicalHits:
    """The ``k`` best nodes, of ``within`` if given, for the distinct terms of a question.

    How rare a term is counts in the whole library, whatever ``within`` is.
    """
    (total,) = db.execute("SELECT count(*) FROM nodes").fetchone()
    words = tuple(dict.fromkeys(query.words))
    asked = [_weighed(db, "words", word, total, 1.0) for word in words]
    asked += [_weighed(db, "pairs", pair, total, _PAIR_WEIGHT) for pair in query.pairs]
    held = sorted((term for term in asked if term.nodes), key=lambda term: -term.weight)
    if not held:
        return LexicalHits((), 0.0, words)

    found = [_find(db, term, total) for term in held[:_MOST_TERMS]]
    ids, where = np.unique(np.concatenate([ids for ids, _ in found]), return_inverse=True)
    sums = np.bincount(where, weights=np.concatenate([scores for _, scores in found]))
    if within is not None:
        inside = np.isin(ids, within, assume_unique=True)
        ids, sums = ids[inside], sums[inside]
        if not len(ids):
            return LexicalHits((), 0.0, words)
    best = np.lexsort((ids, -sums))[:k]
    coverage = min(1.0, float(sums.max()) / sum(term.weight for term in asked))
    return LexicalHits(tuple((int(ids[i]), float(sums[i])) for i in best), coverage, words)


def _weighed(db: sqlite3.Connection, table: _Table, text: str, total: int, factor: float) -> _Term:
    row = db.execute(f"SELECT doc FROM {table}_vocabulary WHERE term = ?", (text,)).fetchone()
    n = row[0] if row else 0
    return _Term(table, text, n, factor * math.log1p((total - n + 0.5) / (n + 0.5)))


def _find(db: sqlite3.Connection, term: _Term, total: int) -> tuple[Ids, NDArray[np.float64]]:
    """Ids of the nodes that hold the term, and its score in each."""
    # In quotes a term is a string and never FTS5's query syntax; no term holds a quote.
    phrase = (f'"{term.text}"',)
    if term.table == "pairs":
        rows = db.execute("SELECT rowid FROM pairs WHERE pairs MATCH ?", phrase)
        ids = np.fromiter(chain.from_iterable(rows), dtype=np.int64)
        return ids, np.full(len(ids), term.weight)
    rows = db.execute("SELECT rowid, -bm25(words) FROM words WHERE words MATCH ?", phrase)
    hits = np.fromiter(chain.from_iterable(rows), dtype=np.float64).reshape(-1, 2)
    fts5_idf = math.log((total - term.nodes + 0.5) / (term.nodes + 0.5))
    scale = term.weight / (fts5_idf if fts5_idf > 0 else 1e-6)
    return hits[:, 0].astype(np.int64), hits[:, 1] * scale
