"""What the process that reads files and the one that asks it say to each other.

A message is a JSON list, its first item the kind, behind its length in four bytes. JSON carries no
code, so a reader that a file has taken over can say nothing but text. From the parent comes
``[settled, path, known]``, where the first ``settled`` files of the request are not asked for. The
child says ``[READY]`` once, and then for each file of each request

- ``[BEGIN, n, path, size, sha256]``: reading begins of the file, the ``n``-th of the request;
- ``[BEAT]``: it goes on, and may have its seconds anew;
- ``[READ, n, is_last, path, size, sha256, format, reading, error, skipped]``: it is read, and is
  the last of the request or not.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from assistant.errors import AssistantError, EmptyFile, ReadError, ReaderStopped
from assistant.ingestion.readers import FORMATS
from assistant.ingestion.readers.base import Reading
from assistant.types import Part, Place

READY, BEGIN, BEAT, READ = "ready", "begin", "beat", "read"

OUT_OF_MEMORY = 77
"""Exit status of a child whose reader asked for more memory than there is for it."""

ARCHIVE = "archive"
"""What the format of an archive is called."""

ARCHIVES = frozenset({".zip"})
"""Suffixes of archives: of these the members are read."""

_LENGTH = struct.Struct(">I")
_PLACE = tuple(field.name for field in fields(Place))
_HEADINGS = _PLACE.index("headings")
_place_to_row = attrgetter(*_PLACE)
_ERRORS = {error.__name__: error for error in (ReadError, EmptyFile, ReaderStopped)}


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A file to read: ``path`` is on disk, and an archive is one request.

    ``known`` holds SHA-256 in hex by path: of the file, and of the members of an archive
    (``notes.zip/week 3/a.md``), as they are stored. What has its known hash is not read.
    """

    path: Path
    known: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FileRead:
    """What became of a file, or of a member of an archive.

    ``size`` (bytes) and ``sha256`` are those of the content, 0 and "" where it was not had;
    ``format`` is the name of its :class:`~assistant.ingestion.readers.Format`, ``archive`` for an
    archive itself, whose reading is empty. Where ``reading`` is None, either ``error`` says why,
    or ``skipped`` says why it is no note, or the content is what was known.
    """

    path: Path
    size: int
    sha256: str
    format: str
    reading: Reading | None
    error: AssistantError | None
    skipped: str = ""


def format_name(path: Path) -> str:
    """What the format of a file with such a name is called; "" for none that is read."""
    suffix = path.suffix.lower()
    if suffix in ARCHIVES:
        return ARCHIVE
    return FORMATS[suffix].name if suffix in FORMATS else ""


# --------------------------------------------------------------------------- messages


def send(stream: IO[bytes], *message: Any) -> None:
    """Write a message and flush."""
    # File names may hold lone surrogates, which stand for bytes that are no UTF-8.
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    data = body.encode("utf-8", "surrogatepass")
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> list[Any] | None:
    """The next message; None when the other side has gone, be it amid a message."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        return None
    message: list[Any] = json.loads(data.decode("utf-8", "surrogatepass"))
    return message


# --------------------------------------------------------------------------- values


def file_read_to_row(read: FileRead) -> list[Any]:
    """What follows ``last`` in a message of the kind :data:`READ`."""
    error = read.error and [type(read.error).__name__, read.error.message, read.error.hint]
    reading = read.reading and _reading_to_row(read.reading)
    return [
        str(read.path),
        read.size,
        read.sha256,
        read.format,
        reading,
        error,
        read.skipped,
    ]


def file_read_from_row(row: list[Any]) -> FileRead:
    """What :func:`file_read_to_row` was given."""
    path, size, sha256, format, reading, error, skipped = row
    return FileRead(
        Path(path),
        size,
        sha256,
        format,
        _reading_from_row(reading) if reading is not None else None,
        _error_from_row(*error) if error is not None else None,
        skipped,
    )


def _reading_to_row(reading: Reading) -> list[Any]:
    parts = [[part.text, _place_to_row(part.place)] for part in reading.parts]
    return [reading.title, parts, reading.pages, reading.unread]


def _reading_from_row(row: list[Any]) -> Reading:
    title, parts, pages, unread = row
    return Reading(
        title, tuple(Part(text, _place(place)) for text, place in parts), pages, tuple(unread)
    )


def _place(row: list[Any]) -> Place:
    row[_HEADINGS] = tuple(row[_HEADINGS])
    return Place(*row)


def _error_from_row(name: str, message: str, hint: str) -> AssistantError:
    return _ERRORS.get(name, ReadError)(message, hint)
