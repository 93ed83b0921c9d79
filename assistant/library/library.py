"""The library: one folder, one truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from assistant.errors import (
    EmptyLibrary,
    FingerprintMismatch,
    LibraryBusy,
    LibraryError,
    LibraryUnwritable,
)
from assistant.library import (
    chats,
    documents,
    embeddings,
    lexical,
    notebooks,
    roots,
    rows,
)
from assistant.library.database import Database
from assistant.library.history import History
from assistant.library.lexical import ANALYSER_VERSION, Dictionary, LexicalHits
from assistant.protocols import Matrix, Vector
from assistant.types import (
    EVERYTHING,
    Document,
    FileState,
    FileStatus,
    IndexProgress,
    LibraryStatus,
    Node,
    Notebook,
    Root,
    Scope,
    StoredNode,
)

if TYPE_CHECKING:
    from assistant.library.dense import DenseHits, DenseSearch
    from assistant.library.postings import Postings

_DATABASE = "library.sqlite3"
_VECTORS = "vectors.faiss"
_LOCK = "ingesting.lock"
_FILES = (_DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm", _VECTORS, f"{_VECTORS}.changes")


PATIENCE = 2.0
"""Seconds an ingestion waits for another to end."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to store; ``moved_from`` is where the same file stood before."""

    document: Document
    nodes: tuple[Node, ...]
    moved_from: Path | None = None


class Library:
    """One folder: ``library.sqlite3`` is the truth, ``vectors.faiss`` is derived from it.

    Usable from several threads. Each method that writes is one transaction, so a crash at any
    moment leaves it done or not begun. Besides what a method names, any may raise

    Raises:
        LibraryBusy: another process is writing.
        LibraryUnwritable: the folder is read-only or the disk is full.
        LibraryCorrupt: the database is damaged.
    """

    def __init__(self, folder: Path, database: Database, dictionary: Dictionary = ()) -> None:
        self.folder = folder
        self._database = database
        self._dictionary = dictionary
        self.history = History(database)

    @classmethod
    def open(cls, folder: Path, *, create: bool = True, dictionary: Dictionary = ()) -> Library:
        """Open the library in ``folder``; one that cannot be written is opened for reading.

        Notes and questions are analysed with the words of ``dictionary`` kept whole.

        Raises:
            EmptyLibrary: there is none, and ``create`` is false.
            LibraryUnwritable: there is none, and none can be made.
            LibraryCorrupt: it is damaged or was made by a newer version.
        """
        file = folder / _DATABASE
        try:
            missing = not file.is_file()
            if missing and not create:
                raise EmptyLibrary(f"there is no library in {folder}", "assistant ingest PATH")
            if missing:
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryUnwritable(
                f"{folder} cannot be used for a library: {error.strerror}",
                "set `library` in the settings to a folder you may write to",
            ) from error
        library = cls(folder, Database(file), dictionary)
        try:
            if not library._database.read_only:
                library._note_analyser()
                library.history.wipe()
        except BaseException:
            library.close()
            raise
        return library

    def close(self) -> None:
        """Close every thread's connection; using the library again raises LibraryError."""
        self._database.close()

    @contextmanager
    def ingesting(self) -> Iterator[None]:
        """Keeps out other ingestions of this library, here and in other processes; readers go on.

        Raises:
            LibraryBusy: another has been at work for :data:`PATIENCE` seconds.
        """
        if self._database.read_only:  # the first write will tell
            yield
            return
        lock = FileLock(self.folder / _LOCK, timeout=PATIENCE, thread_local=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise LibraryBusy(
                "notes are already being taken in, here or by another process",
                "wait until that is done; questions can be asked meanwhile",
            ) from error
        try:
            yield
        finally:
            lock.release()

    def flush(self) -> None:
        """Make all that was committed so far survive a power cut."""
        with self._database.writing(durable=True) as db:
            embeddings.set_meta(db, "flushed", rows.now())

    def check(self) -> list[str]:
        """Faults of the library in words, none when it is whole; reads all of it."""
        from assistant.library import check

        with self._database.reading() as db:
            return check.check(db) + check.check_index(db, self.folder / _VECTORS)

    # ----------------------------------------------------------------------- fingerprint

    def check_fingerprint(self, encoder_fingerprint: str) -> None:
        """Make sure that questions are encoded and analysed as the notes were.

        Raises:
            FingerprintMismatch: by another model, or by another version of the analyser.
        """
        with self._database.reading() as db:
            self._check_encoder(db, encoder_fingerprint)
            self._check_analyser(db)

    def set_fingerprint(self, encoder_name: str, encoder_fingerprint: str, dimension: int) -> None:
        """Note by which encoder the library is embedded: once, before the first embedding.

        Raises:
            FingerprintMismatch: another one is noted already.
        """
        with self._database.writing() as db:
            self._check_encoder(db, encoder_fingerprint)
            if not embeddings.meta(db, "encoder_fingerprint"):
                embeddings.set_meta(db, "encoder_name", encoder_name)
                embeddings.set_meta(db, "encoder_fingerprint", encoder_fingerprint)
                embeddings.set_meta(db, "dimension", str(dimension))

    @property
    def embedding_model(self) -> str:
        """Name of the encoder; empty while nothing was embedded."""
        with self._database.reading() as db:
            return embeddings.meta(db, "encoder_name")

    def analyse_again(self) -> int:
        """Make the lexical index anew where another version's analyser made it.

        Returns how many nodes were analysed; none when nothing has changed.
        """
        with self._database.reading() as db:
            if embeddings.meta(db, "analyser") in ("", self._analyser):
                return 0
        with self._database.writing() as db:
            texts = documents.indexed_texts(db)
            documents.clear_terms(db)
            terms = lexical.analyse_all([text for _, text in texts], self._dictionary)
            for (node_id, _), node_terms in zip(texts, terms, strict=True):
                documents.refine_terms(db, node_id, node_terms)
            embeddings.set_meta(db, "analyser", self._analyser)
        return len(texts)

    def _check_encoder(self, db: sqlite3.Connection, fingerprint: str) -> None:
        if embeddings.meta(db, "encoder_fingerprint") not in ("", fingerprint):
            model = embeddings.meta(db, "encoder_name")
            raise FingerprintMismatch(
                f"the library in {self.folder} was embedded by another model ({model})",
                f"nothing is lost: `assistant models use {model}` goes on with it; or set `library`"
                " to a new folder and ingest there",
            )

    @property
    def _analyser(self) -> str:
        return lexical.version_with(self._dictionary, ANALYSER_VERSION)

    def _check_analyser(self, db: sqlite3.Connection) -> None:
        analyser = embeddings.meta(db, "analyser")
        if analyser not in ("", self._analyser):
            raise FingerprintMismatch(
                f"the library in {self.folder} was analysed by {analyser},"
                f" this is {self._analyser}",
                "`assistant ingest`, or F5 in the chat's library, analyses it anew;"
                " nothing is embedded",
            )

    def _note_analyser(self) -> None:
        with self._database.reading() as db:
            known = embeddings.meta(db, "analyser")
        if not known:
            with self._database.writing() as db:
                embeddings.set_meta(db, "analyser", self._analyser)

    # ----------------------------------------------------------------------- documents

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

    # ----------------------------------------------------------------------- roots, notebooks

    def roots(self) -> list[Root]:
        """What was ingested as such, by path."""
        with self._database.reading() as db:
            return roots.all_roots(db)

    def root(self, path: Path) -> Root | None:
        """The root at exactly this path; its counts are left at 0."""
        with self._database.reading() as db:
            return roots.find(db, path)

    def store_root(self, root: Root) -> None:
        """Keep ``root`` in step from now on, by its patterns."""
        with self._database.writing() as db:
            roots.store(db, root)

    def note_synced(self, path: Path) -> None:
        """The root at ``path`` is in step as of now."""
        with self._database.writing() as db:
            roots.note_synced(db, path)

    def set_watched(self, path: Path, watched: bool) -> bool:
        """Whether there is such a root."""
        with self._database.writing() as db:
            return roots.set_watched(db, path, watched)

    def forget_root(self, path: Path) -> None:
        """Keep ``path`` in step no more; its documents stay."""
        with self._database.writing() as db:
            roots.forget(db, path)

    def move_root(self, before: Path, after: Path) -> None:
        """Keep ``after`` in step, a root as well, as ``before`` was until now.

        Where ``after`` was never in step before, it takes over the patterns that it lacks, whether
        it is watched, and the places in notebooks. ``before`` is forgotten.
        """
        with self._database.writing() as db:
            if roots.move(db, before, after):
                notebooks.move(db, before, after)

    def move_in_notebooks(self, before: Path, after: Path) -> None:
        """What notebooks hold at and beneath ``before`` is now at and beneath ``after``."""
        with self._database.writing() as db:
            notebooks.move(db, before, after)

    def notebooks(self) -> list[Notebook]:
        """All notebooks, by name."""
        with self._database.reading() as db:
            return notebooks.all_notebooks(db)

    def add_to_notebook(self, name: str, paths: Sequence[Path]) -> None:
        """Put folders and files into the notebook ``name``, made if there is none."""
        with self._database.writing() as db:
            notebooks.add(db, name, paths)

    def take_from_notebook(self, name: str, paths: Sequence[Path]) -> int:
        """How many of ``paths`` were in it and are not any more."""
        with self._database.writing() as db:
            return notebooks.take_out(db, name, paths)

    def delete_notebook(self, name: str) -> bool:
        """Whether there was one; its documents stay."""
        with self._database.writing() as db:
            return notebooks.delete(db, name)

    # ----------------------------------------------------------------------- embeddings

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

    # ----------------------------------------------------------------------- search

    @cached_property
    def _dense(self) -> DenseSearch:
        # Two threads may make one each at first: either keeps in step with the database by itself.
        from assistant.library.dense import DenseSearch

        return DenseSearch(self.folder / _VECTORS)

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
            within = notebooks.node_ids(db, scope.paths) if scope else None
            return self._dense.search(db, vector, k, within)

    def search_lexical(self, query: str, k: int, scope: Scope = EVERYTHING) -> LexicalHits:
        """The ``k`` nodes of ``scope`` that match the words of ``query`` best, by BM25."""
        from assistant.library import bm25

        terms = next(lexical.analyse_all([query], self._dictionary))
        with self._database.reading() as db:
            within = notebooks.node_ids(db, scope.paths) if scope else None
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

    def count_nodes(self, scope: Scope = EVERYTHING) -> int:
        """How many nodes there are in ``scope``."""
        with self._database.reading() as db:
            if scope:
                return len(notebooks.node_ids(db, scope.paths))
            return documents.counts(db)[1]

    # ----------------------------------------------------------------------- status, chats

    def status(self) -> LibraryStatus:
        """What the library holds."""
        with self._database.reading() as db:
            known = documents.files(db)
            document_count, node_count = documents.counts(db)
            chat_count = chats.count(db)
            model = embeddings.meta(db, "encoder_name")
            embedded = embeddings.count_pairs(db)
        return LibraryStatus(
            folder=self.folder,
            documents=document_count,
            nodes=node_count,
            embedded=embedded,
            index_type=self._dense.type(embedded),
            embedding_model=model,
            size=sum(_size(self.folder / name) for name in _FILES),
            failed=tuple(file for file in known if file.state == "failed"),
            chats=chat_count,
        )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
