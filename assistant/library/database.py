"""Connections, transactions, migrations, and SQLite's errors in the house's own terms."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from assistant.errors import (
    LibraryBusy,
    LibraryCorrupt,
    LibraryError,
    LibraryUnwritable,
)

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process that is writing."""

# Script n takes a library from version n to n + 1.
_MIGRATIONS = ("schema.sql", "schema_2.sql", "schema_3.sql", "schema_4.sql")

_READ_ONLY_HINT = "copy the library to a folder you may write to, or set `library` in the settings"


class Database:
    """One SQLite file, used from any thread: each has a connection of its own.

    A file that cannot be written is opened for reading, and :attr:`read_only` is then true.

    Raises:
        LibraryCorrupt: the file is no library, is damaged, or was made by a newer version.
        LibraryUnwritable: there is no file and none can be made.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.read_only = False
        self._mode = "rwc"
        self._connections: dict[threading.Thread, _Connection] = {}
        self._guard = threading.Lock()
        # Writers of this process queue here instead of polling SQLite's lock.
        self._writer = threading.Lock()
        self._closed = False
        with _mapped(file):
            try:
                self._open()
            except BaseException:
                self.close()
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the library throughout."""
        with _mapped(self.file), self._mine() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is kept, or none.

        A ``durable`` one that changes something survives a power cut, and with it all before it.

        Raises:
            LibraryBusy: another process has been writing for :data:`BUSY_TIMEOUT`.
            LibraryUnwritable: the library is read-only or the disk is full.
        """
        if self.read_only:
            raise LibraryUnwritable(f"{self.file.parent} is read-only", _READ_ONLY_HINT)
        with _mapped(self.file), self._writer, self._mine() as connection:
            if durable:
                connection.execute("PRAGMA synchronous = FULL")
            try:
                # IMMEDIATE: a transaction that begins by reading cannot wait for a lock later.
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                if durable:
                    connection.execute("PRAGMA synchronous = NORMAL")

    def close(self) -> None:
        """Close every thread's connection, each when what it is doing is done."""
        with self._guard:
            self._closed = True
            connections = list(self._connections.values())
            self._connections.clear()
        for connection in connections:
            connection.close()

    # ----------------------------------------------------------------------- opening

    def _open(self) -> None:
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            if _code(error) not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                raise
            if not self.file.exists():
                raise
            self._open_read_only()
        with self._mine() as connection:
            version = self._check_version(connection)
        if version < len(_MIGRATIONS):
            raise LibraryUnwritable(
                f"{self.file} is of an older version and cannot be brought up to date here",
                _READ_ONLY_HINT,
            )

    def _prepare(self) -> None:
        with self._mine() as connection:
            version = self._check_version(connection)
            # Both in one statement: another process may be making the library right now.
            made_by_others = connection.execute(
                "SELECT user_version = 0 AND EXISTS (SELECT 1 FROM sqlite_master)"
                " FROM pragma_user_version"
            ).fetchone()
            if made_by_others[0]:
                raise LibraryCorrupt(
                    f"{self.file} is a database, but not a library", "choose another folder"
                )
            connection.execute("PRAGMA journal_mode = WAL")
            if version == len(_MIGRATIONS):
                _try_to_write(connection)
            if version < len(_MIGRATIONS):
                _migrate(connection)

    def _open_read_only(self) -> None:
        self._drop_connections()
        self.read_only = True
        self._mode = "ro"
        try:
            with self._mine() as connection:
                connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            # WAL needs a -shm file beside the library, and none can be made here. `immutable`
            # does without, but would not see what is still in the -wal file.
            log = self.file.with_name(self.file.name + "-wal")
            if log.exists() and log.stat().st_size > 0:
                raise LibraryUnwritable(
                    f"{self.file} was not closed properly and its folder is read-only",
                    "open it once where it can be written",
                ) from error
            self._drop_connections()
            self._mode = "ro&immutable=1"

    def _check_version(self, connection: sqlite3.Connection) -> int:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(_MIGRATIONS):
            raise LibraryCorrupt(
                f"{self.file} was made by a newer version of assistant", "update assistant"
            )
        return int(version)

    # ----------------------------------------------------------------------- connections

    @contextmanager
    def _mine(self) -> Iterator[sqlite3.Connection]:
        thread = threading.current_thread()
        with self._guard:
            if self._closed:
                raise LibraryError("the library is closed")
            mine = self._connections.get(thread)
            if mine is None:
                for other in [other for other in self._connections if not other.is_alive()]:
                    self._connections.pop(other).close()
                mine = self._connections[thread] = _Connection(self.file, self._mode)
        with mine.in_use as connection:
            yield connection

    def _drop_connections(self) -> None:
        with self._guard:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()


class _Connection:
    """A connection that is closed only between two uses, whichever thread asks for it."""

    def __init__(self, file: Path, mode: str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
        )
        # With WAL, a killed process loses nothing it has committed and tears nothing: what it
        # wrote is in the system's hands. FULL would add a sync to each file ingested and only
        # helps when the power fails: NORMAL may then lose the last transactions, each whole, up
        # to the last durable one.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA temp_store = MEMORY")
        self._connection.execute("PRAGMA cache_size = -16000")

    @property
    @contextmanager
    def in_use(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._connection

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another process may have done some or all of it.
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for script in _MIGRATIONS[version:]:
            text = files("assistant.library").joinpath(script).read_text("utf-8")
            for statement in _statements(text):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {max(version, len(_MIGRATIONS))}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    # executescript would end the transaction before it begins.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _try_to_write(connection: sqlite3.Connection) -> None:
    """Raise what SQLite raises when a file or its folder is read-only; change nothing."""
    try:
        # BEGIN IMMEDIATE alone passes on a read-only file.
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
        finally:
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if _code(error) != sqlite3.SQLITE_BUSY:  # another is writing, so it can be written
            raise


# --------------------------------------------------------------------------- errors


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 when the error is Python's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@contextmanager
def _mapped(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, file) from error


def _translated(error: sqlite3.Error, file: Path) -> LibraryError:
    match _code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LibraryBusy(
                f"another process is writing to {file}", "wait for it to finish, then try again"
            )
        case sqlite3.SQLITE_FULL:
            return LibraryUnwritable(
                f"the disk is full: {file}", "free some space; what was stored before is whole"
            )
        case sqlite3.SQLITE_IOERR:
            return LibraryUnwritable(
                f"{file} cannot be written or read: {error}",
                "is there room on its disk, and within your quota? What was stored before is whole",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return LibraryUnwritable(f"{file} cannot be written", _READ_ONLY_HINT)
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return LibraryCorrupt(
                f"{file} is damaged or not a library ({error})",
                f"move {file.parent} away and ingest your notes again, or restore a backup",
            )
        case _:
            return LibraryError(f"{file}: {error}", "run `assistant doctor`")
