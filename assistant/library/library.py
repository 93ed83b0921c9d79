"""The library: one folder, one truth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import EmptyLibrary, LibraryBusy, LibraryUnwritable
from assistant.library import chats, documents, embeddings, rows
from assistant.library.contents import Contents, NewDocument
from assistant.library.database import Database
from assistant.library.finding import VECTORS, Finding
from assistant.library.history import History
from assistant.library.lexical import Dictionary
from assistant.library.shelves import Shelves
from assistant.types import LibraryStatus

__all__ = ["PATIENCE", "Library", "NewDocument"]

_DATABASE = "library.sqlite3"
_LOCK = "ingesting.lock"
_FILES = (_DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm", VECTORS, f"{VECTORS}.changes")


PATIENCE = 2.0
"""Seconds an ingestion waits for another to end."""


class Library(Contents, Shelves, Finding):
    """One folder: ``library.sqlite3`` is the truth, ``vectors.faiss`` is derived from it.

    Usable from several threads. Each method that writes is one transaction, so a crash at any
    moment leaves it done or not begun. Besides what a method names, any may raise

    Raises:
        LibraryBusy: another process is writing.
        LibraryUnwritable: the folder is read-only or the disk is full.
        LibraryCorrupt: the database is damaged.
    """

    def __init__(self, folder: Path, database: Database, dictionary: Dictionary = ()) -> None:
        super().__init__(folder, database, dictionary)
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
            return check.check(db) + check.check_index(db, self.folder / VECTORS)

    def status(self) -> LibraryStatus:
        """What the library holds."""
        with self._database.reading() as db:
            known = documents.files(db)
            document_count, node_count = documents.counts(db)
            chat_count = chats.count(db)
            model = embeddings.meta(db, "encoder_name")
            embedded = embeddings.count_pairs(db)
            dimension = int(embeddings.meta(db, "dimension") or 1)
        return LibraryStatus(
            folder=self.folder,
            documents=document_count,
            nodes=node_count,
            embedded=embedded,
            index_type=self._dense.type(embedded, dimension),
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
