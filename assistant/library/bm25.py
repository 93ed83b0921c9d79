"""BM25 over the FTS5 table.

FTS5's own inverse document frequency falls to nothing for a word that half of the nodes hold, which
in a library of a few notes is any word. So each term is asked for by itself, FTS5's frequency is
divided out of its score and the always positive one of Lucene put in its place:
``idf = ln(1 + (N - n + 0.5) / (n + 0.5))``.
"""

from __future__ import annotations

import math
import sqlite3
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

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
    scale: float  # from FTS5's score to ours


def search(db: sqlite3.Connection, query: Terms, k: int) -> LexicalHits:
    """The ``k`` best nodes for the distinct terms of a question."""
    (total,) = db.execute("SELECT count(*) FROM nodes").fetchone()
    words = tuple(dict.fromkeys(query.words))
    asked = [_weighed(db, "words", word, total, 1.0) for word in words]
    pairs = dict.fromkeys(query.pairs)
    asked += [_weighed(db, "pairs", pair, total, _PAIR_WEIGHT) for pair in pairs]
    held = sorted((term for term in asked if term.nodes), key=lambda term: -term.weight)
    if not held:
        return LexicalHits((), 0.0, words)

    found, scores = [], []
    for term in held[:_MOST_TERMS]:
        hits = _hits(db, term)
        found.append(hits[:, 0].astype(np.int64))
        scores.append(hits[:, 1] * term.scale)
    ids, where = np.unique(np.concatenate(found), return_inverse=True)
    sums = np.bincount(where, weights=np.concatenate(scores))
    best = np.lexsort((ids, -sums))[:k]
    coverage = min(1.0, float(sums.max()) / sum(term.weight for term in asked))
    return LexicalHits(tuple((int(ids[i]), float(sums[i])) for i in best), coverage, words)


def _weighed(db: sqlite3.Connection, table: _Table, text: str, total: int, factor: float) -> _Term:
    row = db.execute(f"SELECT doc FROM {table}_vocabulary WHERE term = ?", (text,)).fetchone()
    n = row[0] if row else 0
    weight = factor * math.log1p((total - n + 0.5) / (n + 0.5))
    fts5_idf = math.log((total - n + 0.5) / (n + 0.5))
    return _Term(table, text, n, weight, weight / (fts5_idf if fts5_idf > 0 else 1e-6))


def _hits(db: sqlite3.Connection, term: _Term) -> np.ndarray:
    """Node ids and FTS5's scores, shape (n, 2)."""
    # In quotes a term is a string and never FTS5's query syntax; no term holds a quote.
    rows = db.execute(
        f"SELECT rowid, -bm25({term.table}) FROM {term.table} WHERE {term.table} MATCH ?",
        (f'"{term.text}"',),
    )
    return np.fromiter(chain.from_iterable(rows), dtype=np.float64).reshape(-1, 2)
