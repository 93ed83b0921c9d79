"""The documents of a library: what an ingestion puts in, takes out and compares with the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from assistant.library import documents, embeddings, lexical, notebooks, rows
from assistant.library.fingerprint import Fingerprinted
from assistant.types import Document, FileState, FileStatus, Node


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to store; ``moved_from`` is where the same file stood before."""

    document: Document
    nodes: tuple[Node, ...]
    moved_from: Path | None = None


class Contents(Fingerprinted):
    """The part of a library that holds documents, and what was wrong with those it does not."""

    def document(self, path: Path) -> Document | None:
        """What is stored of the file at exactly this path."""
        with self._database.reading() as db:
            return documents.find(db, path)

    def documents(self, root: Path | None = None) -> list[Document]:
        """Documents ingested from ``root``, or all, by path."""
        with self._database.reading() as db:
            return documents.under(db, root)

    def stamps(self) -> dict[str, tuple[int, int, str, str]]:
        """Size, modification time (ns), splitter and SHA-256 of every document, by its path.

        What an ingestion compares with the disk: plain values, as there may be many thousands.
        """
        with self._database.reading() as db:
            return documents.stamps(db)

    def replace_document(self, document: Document, nodes: Sequence[Node]) -> None:
        """Put ``document`` in with its nodes, in place of what was stored at its path."""
        self.replace_documents([NewDocument(document, tuple(nodes))])

    def replace_documents(self, changes: Sequence[NewDocument], *, rough: bool = False) -> None:
        """Put documents in with their nodes, each in place of what was stored at its path.

        Embeddings of text that stays the same are kept, recorded problems are forgotten. Many
        small documents at once are analysed on all cores. ``rough``: Korean is found by what
        needs no analysis, until :meth:`refine` has been over it.
        """
        kept = [[rows.storable_node(node) for node in change.nodes] for change in changes]
        # Before the transaction: others may write while Kiwi is at work.
        texts = [node.indexed_text for nodes in kept for node in nodes]
        terms = (
            map(lexical.analyse_roughly, texts)
            if rough
            else lexical.analyse_all(texts, self._dictionary)
        )
        analysed = [list(islice(terms, len(nodes))) for nodes in kept]
        with self._database.writing() as db:
            self._check_analyser(db)
            pairs_change = False
            for change, nodes, own in zip(changes, kept, analysed, strict=True):
                path = change.document.path
                pairs_change = pairs_change or documents.is_embedded(db, path)
                documents.delete(db, path)
                documents.insert(db, change.document, nodes, own)
                documents.clear_problem(db, path)
                if change.moved_from is not None:
                    self._move(db, change.moved_from, path, nodes)
                pairs_change = pairs_change or documents.is_embedded(db, path)
            if pairs_change:
                embeddings.change_generation(db)

    @staticmethod
    def _move(db: sqlite3.Connection, before: Path, path: Path, nodes: Sequence[Node]) -> None:
        # A document without a title of its own is called after its file, and its nodes are found
        # by that name: their keys change though their text does not.
        keys = documents.embedded_keys(db, before)
        pairs = [
            (keys[place], rows.content_key(node))
            for position, node in enumerate(nodes)
            if (place := (position, node.text)) in keys
        ]
        embeddings.copy(db, pairs)
        documents.delete(db, before)
        documents.clear_problem(db, before)
        notebooks.move(db, before, path)

    def count_rough(self) -> int:
        """How many nodes wait to be analysed."""
        with self._database.reading() as db:
            return documents.count_rough(db)

    def refine(self, most: int) -> int:
        """Analyse up to ``most`` nodes that were stored roughly; returns how many."""
        with self._database.reading() as db:
            texts = documents.rough_texts(db, most)
        terms = list(lexical.analyse_all([text for _, text in texts], self._dictionary))
        if texts:
            with self._database.writing() as db:
                self._check_analyser(db)
                for (node_id, _), node_terms in zip(texts, terms, strict=True):
                    documents.refine_terms(db, node_id, node_terms)
        return len(texts)

    def touch_document(self, document: Document) -> None:
        """Note a new size and time of a file whose content is the same."""
        with self._database.writing() as db:
            documents.touch(db, document)
            documents.clear_problem(db, document.path)

    def remove_document(self, path: Path) -> None:
        """Forget the file, its nodes and what was wrong with it."""
        self.remove_documents([path])

    def remove_documents(self, paths: Sequence[Path]) -> None:
        """Forget these files, their nodes and what was wrong with them."""
        with self._database.writing() as db:
            were_embedded = False
            for path in paths:
                were_embedded = were_embedded or documents.is_embedded(db, path)
                documents.delete(db, path)
                documents.clear_problem(db, path)
            if were_embedded:
                embeddings.change_generation(db)

    def remove_beneath(self, path: Path) -> list[Path]:
        """Forget every file at or beneath ``path``; returns which they were."""
        with self._database.reading() as db:
            gone = documents.paths_beneath(db, path)
        self.remove_documents(gone)
        return gone

    def documents_beneath(self, path: Path) -> list[Path]:
        """Every file at or beneath ``path`` that the library knows of."""
        with self._database.reading() as db:
            return documents.paths_beneath(db, path)

    def record_problem(
        self,
        path: Path,
        root: Path,
        state: FileState,
        reason: str,
        hint: str = "",
        stamp: tuple[int, int, str] | None = None,
    ) -> None:
        """Note why a file was not read; what is stored of it stays.

        ``stamp`` is its size, modification time (ns) and the splitter that would have cut it:
        while they are the same, trying again is of no use.
        """
        with self._database.writing() as db:
            documents.record_problem(db, path, root, state, reason, hint, stamp)

    def lacking_text(self) -> list[str]:
        """Paths of the documents that have pages on which no text was found."""
        with self._database.reading() as db:
            return documents.lacking_text(db)

    def problem_stamps(self) -> dict[str, tuple[int, int, str] | None]:
        """By path, the stamp of every file with a problem; None where there was none."""
        with self._database.reading() as db:
            return documents.problem_stamps(db)

    def files(self) -> list[FileStatus]:
        """Every file the library knows of, by path."""
        with self._database.reading() as db:
            return documents.files(db)
