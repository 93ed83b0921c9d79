"""Dense search that keeps step with the database."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.errors import FingerprintMismatch
from assistant.library import embeddings
from assistant.library.centring import Shifts
from assistant.library.embeddings import Ids
from assistant.library.telling import Passes, Told, nobody
from assistant.library.vectors import VectorIndex, files_of, most_exact, planned_type
from assistant.protocols import Vector
from assistant.types import IndexProgress


@dataclass(frozen=True, slots=True)
class DenseHits:
    """What meaning found.

    ``hits`` are (node id, score), best first; a score is the cosine, levelled between languages
    (:mod:`assistant.library.centring`). ``similarity`` is the best cosine as it is, 0 for no hits.
    ``is_korean`` says whether the best hit is, at least in part; None in a library of one language.
    """

    hits: tuple[tuple[int, float], ...] = ()
    similarity: float = 0.0
    is_korean: bool | None = None


class DenseSearch:
    """The FAISS index of one library, loaded or built when first asked.

    Other threads and processes may commit embeddings at any time: every search first compares the
    generation of the index with the database's and takes in what has changed. Nodes and their
    embeddings never change once written, so comparing ids is enough.
    """

    def __init__(self, file: Path, exact_up_to: int | None = None) -> None:
        self._file = file
        self._exact_up_to = exact_up_to
        self._lock = threading.Lock()
        self._index: VectorIndex | None = None
        self._generation = 0  # of the index
        self._extent: embeddings.Extent | None = None  # of what the index was made of
        self._saved = 0  # of the file, as far as it is known to be whole
        self._settling = False

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
            is_mixed = index.shifts.of_two_languages
        if not hits:
            return DenseHits()
        # What lies further behind than the shifts are apart is not the nearest in any language.
        behind = hits[0][1] - float(shifts.max() - shifts.min())
        ids, scores = zip(*(hit for hit in hits if hit[1] >= behind), strict=True)
        groups = embeddings.groups_of(db, ids)
        is_korean = bool(groups[0]) if is_mixed else None
        return DenseHits(hits, float((scores + shifts[groups]).max()), is_korean)

    def settle(self, db: sqlite3.Connection, told: Told = nobody) -> None:
        """Bring the index into the form that suits its size, which may take a minute.

        Searches go on meanwhile and find what was there before. ``db`` is within a transaction.
        """
        with self._lock:
            index = self._current(db, told)
            if index is None or self._settling:
                return
            self._settling = True
        try:
            limit = self._limit(index.dimension)
            settled = _shifted(db, index, told, limit).settled(limit, told)
            with self._lock:
                self._index = settled
                if settled is not index:  # though of the same passages
                    self._saved = 0
        finally:
            self._settling = False

    def save(self, db: sqlite3.Connection, told: Told = nobody) -> None:
        """Write the index as it is in this transaction, unless the file is that already."""
        with self._lock:
            if self._settling:  # by another thread, which will save it
                return
            index = self._current(db)
            if index is None:
                for file in files_of(self._file):
                    file.unlink(missing_ok=True)
            elif self._saved != self._generation:
                count = len(index)
                told = told if count > self._limit(index.dimension) else nobody
                told(IndexProgress("saving", 0, count))
                index.save(self._file, self._generation)
                told(IndexProgress("saving", count, count))
                self._saved = self._generation

    def type(self, count: int, dimension: int) -> str:
        """What the index of ``count`` vectors is, in words."""
        index = self._index
        return planned_type(count, self._limit(dimension)) if index is None else index.type

    def _limit(self, dimension: int) -> int:
        return most_exact(dimension) if self._exact_up_to is None else self._exact_up_to

    def _current(self, db: sqlite3.Connection, told: Told = nobody) -> VectorIndex | None:
        dimension = int(embeddings.meta(db, "dimension") or 0)
        generation = embeddings.generation(db)
        if dimension == 0 or generation == 0:
            return None
        if self._index is None:
            self._index = VectorIndex.load(self._file, dimension, generation)
            if self._index is not None:
                self._generation = self._saved = generation
                self._extent = embeddings.extent(db)
        if self._index is None:
            limit = self._limit(dimension)
            made = _shifted(db, VectorIndex(dimension), told, limit)
            self._index = made.settled(limit, told)
        elif self._generation == generation or self._settling:
            return self._index
        else:
            self._take_in_changes(db, self._index)
            # Of many, the shifts hardly move: that can wait until the index is settled.
            if len(self._index) <= self._limit(dimension):
                self._index = _shifted(db, self._index)
        self._generation = generation
        self._extent = embeddings.extent(db)
        return self._index

    def _take_in_changes(self, db: sqlite3.Connection, index: VectorIndex) -> None:
        held = index.ids
        changes = embeddings.changes_since(db, self._extent) if self._extent else None
        if changes is None:
            wanted = embeddings.pair_ids(db)
            new, gone = wanted[~np.isin(wanted, held)], held[~np.isin(held, wanted)]
        else:
            made, have_gone = changes
            new = made[~np.isin(made, held)]
            gone = held[~np.isin(held, embeddings.node_ids(db))] if have_gone else held[:0]
        if len(gone):
            index.remove(gone)
        for ids, groups, vectors in embeddings.vectors_of(db, new, index.dimension):
            index.add(ids, groups, vectors)


def _shifted(
    db: sqlite3.Connection, index: VectorIndex, told: Told = nobody, told_from: int = 0
) -> VectorIndex:
    """The index with shifts that fit its size; another one if they have moved.

    ``told`` hears of more than ``told_from`` vectors.
    """
    if len(index) and index.shifts.fit(len(index)):
        return index
    wanted = np.sort(index.ids) if len(index) else embeddings.pair_ids(db)
    told = told if len(wanted) > told_from else nobody
    passes = Passes(told, "reading", len(wanted), 2)
    blocks = passes.over(embeddings.vectors_of(db, wanted, index.dimension))
    shifts = Shifts.of(((groups, vectors) for _, groups, vectors in blocks), index.dimension)
    if len(index) and shifts.are_near(index.shifts):
        index.shifts = replace(index.shifts, nodes=shifts.nodes)
        return index
    index = VectorIndex(index.dimension, shifts)
    for ids, groups, vectors in passes.over(embeddings.vectors_of(db, wanted, index.dimension)):
        index.add(ids, groups, vectors)
    return index
