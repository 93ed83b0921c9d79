"""BM25 over the FTS5 table.

FTS5's own inverse document frequency falls to nothing for a word that half of the nodes hold, which
in a library of a few notes is any word. So each term is asked for by itself, FTS5's frequency is
divided out of its score and the always positive one of Lucene put in its place:
``idf = ln(1 + (N - n + 0.5) / (n + 0.5))``.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence

import numpy as np

from assistant.library.lexical import LexicalHits


def search(db: sqlite3.Connection, terms: Sequence[str], k: int) -> LexicalHits:
    """The ``k`` best nodes for the distinct ``terms``."""
    wanted = tuple(dict.fromkeys(terms))
    (total,) = db.execute("SELECT count(*) FROM nodes").fetchone()
    weight = 0.0
    found: list[np.ndarray] = []
    for term in wanted:
        # In quotes a term is a string and never FTS5's query syntax; no term holds a quote.
        rows = db.execute(
            "SELECT rowid, -bm25(lexical) FROM lexical WHERE lexical MATCH ?", (f'"{term}"',)
        ).fetchall()
        n = len(rows)
        idf = math.log1p((total - n + 0.5) / (n + 0.5))
        weight += idf
        if rows:
            hits = np.array(rows, dtype=np.float64)
            hits[:, 1] *= idf / _fts5_idf(total, n)
            found.append(hits)
    if not found:
        return LexicalHits((), 0.0, wanted)
    everything = np.concatenate(found)
    ids, where = np.unique(everything[:, 0].astype(np.int64), return_inverse=True)
    scores = np.bincount(where, weights=everything[:, 1])
    best = np.lexsort((ids, -scores))[:k]
    coverage = min(1.0, max(0.0, float(scores.max()) / weight))
    hits_ = tuple((int(ids[i]), float(scores[i])) for i in best)
    return LexicalHits(hits_, coverage, wanted)


def _fts5_idf(total: int, n: int) -> float:
    idf = math.log((total - n + 0.5) / (n + 0.5))
    return idf if idf > 0 else 1e-6
