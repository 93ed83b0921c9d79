"""Dense search that keeps step with the database."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import FingerprintMismatch
from assistant.library import embeddings
from assistant.library.centring import Shifts
from assistant.library.embeddings import Ids
from assistant.library.vectors import VectorIndex
from assistant.protocols import Vector


@dataclass(frozen=True, slots=True)
class DenseHits:
    """What meaning found.

    ``hits`` are (node id, score), best first; a score is the cosine, levelled between languages
    (:mod:`assistant.library.centring`). ``similarity`` is the best cosine as it is, 0 for no hits.
    """

    hits: tuple[tuple[int, float], ...] = ()
    similarity: float = 0.0


class DenseSearch:
    """The FAISS index of one library, loaded or built when first asked.

    Other threads and processes may commit embeddings at any time: every search first compares the
    generation of the index with the database's and takes in what has changed. Nodes and their
    embeddings never change once written, so comparing ids is enough.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._index: VectorIndex | None = None
        self._generation = 0  # of the index
        self._saved = 0  # of the file, as far as it is known to be whole

    def search(
        self, db: sqlite3.Connection, vector: Vector, k: int, within: Ids | None = None
    ) -> DenseHits:
        """The ``k`` nearest nodes, of ``within`` if given. ``db`` is within a transaction.

        Raises:
            FingerprintMismatch: ``vector`` has not the dimension of the library's embeddings.
        """
        with self._lock:
            index = self._current(db)
            if index is None:
                return DenseHits()
            if vector.shape != (index.dimension,):
                raise FingerprintMismatch(
                    f"the question's vector has shape {vector.shape},"
                    f" the library's embeddings {index.dimension} numbers",
                    "use the embedding model the library was made with",
                )
            hits = tuple(index.search(vector, k, within))
            shifts = index.shifts.rows @ vector
        if not hits:
            return DenseHits()
        ids, scores = zip(*hits, strict=True)
        return DenseHits(hits, float((scores + shifts[embeddings.groups_of(db, ids)]).max()))

    def save(self, db: sqlite3.Connection) -> None:
        """Write the index as it is in this transaction, unless the file is that already."""
        with self._lock:
            index = self._current(db)
            if index is None:
                self._file.unlink(missing_ok=True)
            elif self._saved != self._generation:
                index.save(self._file, self._generation)
                self._saved = self._generation

    def type(self) -> str:
        """What the index is, in words."""
        index = self._index
        return VectorIndex.TYPE if index is None else index.type

    def _current(self, db: sqlite3.Connection) -> VectorIndex | None:
        dimension = int(embeddings.meta(db, "dimension") or 0)
        generation = embeddings.generation(db)
        if dimension == 0 or generation == 0:
            return None
        if self._index is None:
            self._index = VectorIndex.load(self._file, dimension, generation)
            if self._index is None:
                self._index = VectorIndex(dimension)
                self._generation = 0
            else:
                self._generation = self._saved = generation
        if self._generation != generation:
            self._index = self._refreshed(db, self._index)
            self._generation = generation
        return self._index

    @staticmethod
    def _refreshed(db: sqlite3.Connection, index: VectorIndex) -> VectorIndex:
        wanted, dimension = embeddings.pair_ids(db), index.dimension
        if not index.shifts.fit(len(wanted)):
            blocks = embeddings.vectors_of(db, wanted, dimension)
            shifts = Shifts.of(((groups, vectors) for _, groups, vectors in blocks), dimension)
            index = VectorIndex(dimension, shifts)
        held = index.ids
        gone = np.setdiff1d(held, wanted)
        if len(gone):
            index.remove(gone)
        new = np.setdiff1d(wanted, held)
        for ids, groups, vectors in embeddings.vectors_of(db, new, dimension):
            index.add(ids, groups, vectors)
        return index
