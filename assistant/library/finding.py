"""How the passages of a library are found: their embeddings, the index of them, and searches."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from assistant.errors import LibraryError
from assistant.library import documents, embeddings, lexical, notebooks
from assistant.library.embeddings import Ids
from assistant.library.fingerprint import Fingerprinted
from assistant.library.lexical import LexicalHits
from assistant.protocols import Matrix, Vector
from assistant.types import EVERYTHING, IndexProgress, Scope, StoredNode

if TYPE_CHECKING:
    from assistant.library.dense import DenseHits, DenseSearch
    from assistant.library.postings import Postings

VECTORS = "vectors.faiss"
"""The index of embeddings, in the library's folder."""


class Finding(Fingerprinted):
    """The part of a library that is searched."""

    # --------------------------------------------------------------------- embeddings

    def count_pending(self) -> int:
        """How many distinct texts wait to be embedded."""
        with self._database.reading() as db:
            return embeddings.count_pending(db)

    def pending(self) -> list[bytes]:
        """Keys of the texts that wait to be embedded, the longest text first."""
        with self._database.reading() as db:
            return embeddings.pending(db)

    def texts_of(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """The text to embed for each key; keys that no node has any more are left out."""
        with self._database.reading() as db:
            return embeddings.texts_of(db, keys)

    def store_embeddings(self, keys: Sequence[bytes], vectors: Matrix) -> None:
        """Keep ``vectors`` (n, dimension), one per key; their nodes are in dense search at once.

        Raises:
            LibraryError: a number is not finite, or the shape is not the noted one.
        """
        with self._database.writing() as db:
            dimension = int(embeddings.meta(db, "dimension") or 0)
            if vectors.shape != (len(keys), dimension):
                raise LibraryError(
                    f"embeddings of shape {vectors.shape}, expected ({len(keys)}, {dimension})"
                )
            import numpy as np  # to see that nothing has changed takes none

            if not np.isfinite(vectors).all():
                raise LibraryError(
                    "the embedding model gave numbers that are not finite",
                    "set models.dtype to float32",
                )
            if len(keys):
                embeddings.store(db, keys, vectors)
                embeddings.change_generation(db)

    def prune_embeddings(self) -> int:
        """Drop the embeddings that no node uses; returns how many."""
        with self._database.writing() as db:
            return embeddings.prune(db)

    def save_index(self, told: Callable[[IndexProgress], object] = lambda _: None) -> None:
        """Write ``vectors.faiss``, so that the next start need not build it.

        ``told`` hears how far that is where there are many vectors and it takes its time.
        """
        with self._database.reading() as db:
            self._dense.settle(db, told)
        with self._database.writing() as db:  # changes no row, but keeps other writers out
            self._dense.save(db, told)

    # --------------------------------------------------------------------- search

    @cached_property
    def _dense(self) -> DenseSearch:
        # Two threads may make one each at first: either keeps in step with the database by itself.
        from assistant.library.dense import DenseSearch

        return DenseSearch(self.folder / VECTORS)

    @cached_property
    def _postings(self) -> Postings:
        from assistant.library.postings import Postings  # with NumPy

        return Postings()

    def search_dense(self, vector: Vector, k: int, scope: Scope = EVERYTHING) -> DenseHits:
        """The ``k`` nodes of ``scope`` nearest in meaning.

        ``vector`` is normalised, shape (dimension,). The first call loads the index.

        Raises:
            FingerprintMismatch: ``vector`` has another dimension than the embeddings.
        """
        with self._database.reading() as db:
            within = _within(db, scope)
            return self._dense.search(db, vector, k, within)

    def search_lexical(self, query: str, k: int, scope: Scope = EVERYTHING) -> LexicalHits:
        """The ``k`` nodes of ``scope`` that match the words of ``query`` best, by BM25."""
        from assistant.library import bm25

        terms = next(lexical.analyse_all([query], self._dictionary))
        with self._database.reading() as db:
            within = _within(db, scope)
            return bm25.search(db, terms, k, within, self._postings)

    def nodes(self, ids: Sequence[int]) -> dict[int, StoredNode]:
        """Nodes by id, in the order of ``ids``; ids that are gone are left out."""
        with self._database.reading() as db:
            return documents.nodes(db, ids)

    def words(self, ids: Sequence[int]) -> dict[int, list[str]]:
        """The words by which nodes are found, as analysed; those of each script in their order.

        Nodes that are gone are left out.
        """
        from assistant.library.postings import terms_of

        with self._database.reading() as db:
            found = terms_of(db, ids)
        return {node_id: terms.decode().split(" ") for node_id, terms in found.items()}

    def section(self, node_id: int) -> list[StoredNode]:
        """The nodes of the section that a node stands in, in order; itself alone if it is whole."""
        with self._database.reading() as db:
            ids = documents.section_ids(db, node_id)
            return list(documents.nodes(db, ids).values())

    def beside(self, node_id: int) -> list[StoredNode]:
        """A node between its neighbours in the document; nothing where there is no such node."""
        with self._database.reading() as db:
            ids = documents.beside_ids(db, node_id)
            return list(documents.nodes(db, ids).values())

    def nodes_within(self, scope: Scope) -> list[StoredNode]:
        """Every node of the documents in ``scope``, document by document, in their order.

        None where ``scope`` names no documents.
        """
        if not scope:
            return []
        with self._database.reading() as db:
            return list(documents.nodes(db, sorted(notebooks.node_ids(db, scope))).values())

    def count_nodes(self, scope: Scope = EVERYTHING) -> int:
        """How many nodes there are in ``scope``."""
        with self._database.reading() as db:
            within = _within(db, scope)
            return documents.counts(db)[1] if within is None else len(within)


def _within(db: sqlite3.Connection, scope: Scope) -> Ids | None:
    """The nodes that are searched; None for all."""
    return notebooks.node_ids(db, scope) if scope or scope.excluded else None
