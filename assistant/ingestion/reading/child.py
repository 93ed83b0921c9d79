"""The process that reads files for a :class:`~assistant.ingestion.reading.pool.ReaderPool`.

It hashes before it reads, imports a reader's library at the first file that needs it, and nothing
of the rest of the house. It ends when its standard input does, which is when its parent has gone.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

from assistant.errors import ReadError
from assistant.ingestion.archives import Member, members
from assistant.ingestion.readers import FORMATS, load
from assistant.ingestion.readers.base import Reader, Reading
from assistant.ingestion.reading.beat import listening
from assistant.ingestion.reading.protocol import (
    ARCHIVE,
    ARCHIVES,
    BEAT,
    BEGIN,
    OUT_OF_MEMORY,
    READ,
    READY,
    FileRead,
    file_read_to_row,
    format_name,
    receive,
    send,
)
from assistant.ingestion.text import clean, is_binary

_LARGE = 1 << 20  # bytes; a larger file is hashed before it is loaded


def main(reader: str, seconds: float, memory_mb: int, member_mb: int) -> None:
    """Answer requests until there are no more. ``reader`` is a function's ``module:name``."""
    requests, replies = _take_pipes()
    _limit_memory(memory_mb)
    waiting: SimpleQueue[list[Any]] = SimpleQueue()
    Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    module, _, name = reader.partition(":")
    child = _Child(getattr(import_module(module), name), replies, seconds, member_mb)
    send(replies, READY)
    while True:
        settled, path, known = waiting.get()
        child.answer(settled, Path(path), known)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output, out of reach of libraries that read or print."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return requests, replies


def _limit_memory(memory_mb: int) -> None:
    # A second line behind the parent, which looks ten times a second: who asks for all the memory
    # there is fails at once, and programs that a reader starts are bound as well. Half as much
    # again, because not all that is asked for is used.
    if sys.platform == "win32":
        return
    import resource

    for kind, wanted in (
        (resource.RLIMIT_DATA, memory_mb * 1_500_000),
        (resource.RLIMIT_CORE, 0),  # a crash need not fill the disk
    ):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(kind, (wanted, hard))


def _listen(requests: BinaryIO, waiting: SimpleQueue[list[Any]]) -> None:
    # In a thread, so that the parent's end is seen while a file is read, and so that the parent
    # never waits for a pipe to be emptied.
    while (request := receive(requests)) is not None:
        waiting.put(request)
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with the programs that a reader has started
    os._exit(0)


@dataclass(frozen=True, slots=True)
class _Child:
    read: Reader
    replies: BinaryIO
    seconds: float
    member_mb: int

    def answer(self, settled: int, path: Path, known: Mapping[str, str]) -> None:
        """Tell of the files of a request, all but the first ``settled``."""
        files = self._archive if format_name(path) == ARCHIVE else self._file
        self._set_alarm(2 * self.seconds + 10)
        try:
            for number, read, is_last in files(path, known, settled):
                # Telling may have to wait until the parent has room, for as long as it likes.
                self._set_alarm(0)
                send(self.replies, READ, number, is_last, *file_read_to_row(read))
                self._set_alarm(2 * self.seconds + 10)
        except MemoryError:
            # What is left of this process may not do for the next file.
            os._exit(OUT_OF_MEMORY)
        self._set_alarm(0)

    def _file(
        self, path: Path, known: Mapping[str, str], settled: int
    ) -> Iterator[tuple[int, FileRead, bool]]:
        known_hash = known.get(str(path), "")
        try:
            if known_hash and path.stat().st_size > _LARGE:
                size, sha256 = _hash(path)
                if sha256 == known_hash:
                    yield 0, FileRead(path, size, sha256, format_name(path), None, None), True
                    return
            data = load(path)
        except (OSError, ReadError) as error:
            failure = error if isinstance(error, ReadError) else _unopened(path, error)
            yield 0, FileRead(path, 0, "", format_name(path), None, failure), True
            return
        yield 0, self._content(0, path, data, known_hash), True

    def _archive(
        self, path: Path, known: Mapping[str, str], settled: int
    ) -> Iterator[tuple[int, FileRead, bool]]:
        size, sha256, number = 0, "", settled - 1
        reading: Reading | None = None
        failure: ReadError | None = None
        try:
            size, sha256 = _hash(path)
            if sha256 != known.get(str(path)):
                with path.open("rb") as stream:
                    for number, member in enumerate(members(stream, _name(path))):
                        if number >= settled:
                            for read in self._member(number, path / member.name, member, known):
                                yield number, read, False
                reading = Reading(clean(path.stem), ())
        except ReadError as error:
            failure = error
        except OSError as error:
            failure = _unopened(path, error)
        yield number + 1, FileRead(path, size, sha256, ARCHIVE, reading, failure), True

    def _member(
        self, number: int, path: Path, member: Member, known: Mapping[str, str]
    ) -> Iterator[FileRead]:
        format = format_name(path)
        suffix = path.suffix.lower()
        if suffix not in FORMATS and not (suffix in ARCHIVES and member.refused):
            return
        skipped = member.refused
        if member.size > self.member_mb * 1_000_000:
            size = member.size / 1_000_000
            skipped = f"{size:,.0f} MB is over the limit of {self.member_mb} MB"
        if skipped:
            yield FileRead(path, member.size, "", format, None, None, skipped)
            return
        try:
            data = member.read()
        except ReadError as error:
            yield FileRead(path, member.size, "", format, None, error)
            return
        yield self._content(number, path, data, known.get(str(path), ""))

    def _content(self, number: int, path: Path, data: bytes, known_hash: str) -> FileRead:
        """What ``data`` says; ``number`` is the file's own within its request."""
        size, sha256 = len(data), hashlib.sha256(data).hexdigest()
        name = format_name(path)
        if sha256 == known_hash:
            return FileRead(path, size, sha256, name, None, None)
        format = FORMATS.get(path.suffix.lower())
        if format and format.is_text and is_binary(data):
            return FileRead(path, size, sha256, name, None, None, "binary")
        send(self.replies, BEGIN, number, str(path), size, sha256)
        try:
            with listening(self._beat):
                return FileRead(path, size, sha256, name, self.read(path, data), None)
        except ReadError as error:
            if isinstance(error.__cause__, MemoryError):
                raise MemoryError from error
            return FileRead(path, size, sha256, name, None, error)

    def _beat(self) -> None:
        send(self.replies, BEAT)
        self._set_alarm(2 * self.seconds + 10)

    @staticmethod
    def _set_alarm(seconds: float) -> None:
        # The parent keeps the time. This is for a reader that lets no other thread run, when there
        # is no parent any more: the system then ends it, if late.
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, seconds)


def _hash(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file of any size."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), sha256


def _name(path: Path) -> str:
    return unicodedata.normalize("NFC", path.name)


def _unopened(path: Path, error: OSError) -> ReadError:
    why = (error.strerror or type(error).__name__).lower()
    return ReadError(f"{_name(path)} cannot be opened: {why}", "check who may read it")
