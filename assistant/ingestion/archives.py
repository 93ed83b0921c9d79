"""Zip files, of which none is trusted: exports of notes, and the formats that are zips inside.

Nothing is ever unpacked to disk under its own name. What an archive says of its sizes is checked
before anything is read, and what it gives while it is read, because the two can differ.
"""

from __future__ import annotations

import copy
import io
import re
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO

from assistant.errors import ReadError
from assistant.ingestion.junk import passed_by
from assistant.ingestion.text import clean

_MB = 1_000_000
_CHUNK = 1 << 16  # bytes decompressed at once
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
# The others decompress without a bound on what one read gives; no program writes notes with them.
_LOCAL_HEADER = 30  # bytes, before the name
_ENCRYPTED = 0x1  # flag bits of the format
_UTF8_NAME = 0x800
_DRIVE = re.compile(r"[A-Za-z]:$")
_LONGEST_NAME = 1_000  # characters of a member's path

_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What zipfile throws at archives that are damaged or made to be."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The most that is taken: members, bytes of all and of one, and bytes to a byte packed."""

    members: int
    total: int
    member: int
    # Below this many bytes a ratio means nothing: an empty spreadsheet reaches 500.
    free: int = 64 * _MB
    ratio: int = 150


_DOCUMENT = _Bounds(members=20_000, total=1_000 * _MB, member=512 * _MB)
# Exports hold photographs and recordings, which are counted and never read.
_EXPORT = _Bounds(members=100_000, total=32_000 * _MB, member=8_000 * _MB)
_READ_MEMBER = 256 * _MB  # one member of an export, in memory
_READ_TOTAL = 4_000 * _MB  # all members of an export that are read
_NESTED = 4_000 * _MB  # a zip within an export, which is spooled to an unnamed file


@dataclass(frozen=True, slots=True)
class Member:
    """A file within an export.

    ``name`` is a relative path of visible NFC characters, with ``/`` and without ``..``; ``size``
    is in bytes, as the archive states it. ``refused`` says why it cannot be read, "" if it can.
    """

    name: str
    size: int
    refused: str = ""
    _source: _Source | None = field(default=None, repr=False, compare=False)

    def read(self) -> bytes:
        """Its bytes; to be asked for before the next member is.

        Raises:
            ReadError: it is damaged, is larger than it says or than is read, or was refused.
        """
        if self.refused or self._source is None:
            raise ReadError(f"{self.name} {self.refused or 'cannot be read'}")
        return self._source.read(self.name)


def open_archive(data: bytes, name: str) -> zipfile.ZipFile:
    """A document that is a zip inside, every member of which has the size it states.

    Once this has returned, libraries may read the same bytes without bounds of their own. A
    member that is damaged is left to them. ``name`` is the file's, for messages.

    Raises:
        ReadError: it is no zip, is locked by a password, or unpacks to more than is taken.
    """
    archive = _open(io.BytesIO(data), name, _DOCUMENT)
    for info in archive.infolist():
        if info.compress_type not in _METHODS:
            raise ReadError(f"{name} is packed by a method that is not read", _AGAIN)
        if _lies(archive, info):
            raise _bomb(name, "a member is larger than it states")
    return archive


def members(source: bytes | IO[bytes], name: str) -> Iterator[Member]:
    """The files of an export, in its own order; ``source`` may be an open file of any size.

    Folders, links, and what is hidden or junk by its name are left out. A zip within (Notion packs
    its export twice) is a folder of that name; a zip within that one is refused. Of two members of
    one name the later counts, as it does when unpacking.

    Raises:
        ReadError: it is no zip, is locked by a password, or unpacks to more than is taken.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    yield from _members(file, name, "", _Budget(_READ_TOTAL))


@dataclass(slots=True)
class _Budget:
    """Bytes that may still be read from an export, its inner archives included."""

    left: int


@dataclass(frozen=True, slots=True)
class _Source:
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    budget: _Budget

    def read(self, name: str) -> bytes:
        return b"".join(self.chunks(name, _READ_MEMBER))

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """Its bytes, piece by piece, or ReadError when they are more than ``limit``."""
        if self.info.compress_type not in _METHODS:
            raise ReadError(f"{name} is packed by a method that is not read", _UNPACK)
        if self.info.file_size > limit:
            raise ReadError(f"{name} unpacks to more than is read", _UNPACK)
        size = checksum = 0
        try:
            with self.archive.open(_without_end(self.info)) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    checksum = zlib.crc32(chunk, checksum)
                    self.budget.left -= len(chunk)
                    if size > self.info.file_size or self.budget.left < 0:
                        raise ReadError(f"{name} unpacks to more than is read", _UNPACK)
                    yield chunk
        except _BROKEN as error:
            raise ReadError(f"{name} is damaged: {error!s:.100}", _AGAIN) from error
        if (size, checksum) != (self.info.file_size, self.info.CRC):
            raise ReadError(f"{name} is damaged: its checksum is another", _AGAIN)


_UNPACK = "unpack the archive and ingest the folder"
_AGAIN = "export or download it again"


def _members(file: IO[bytes], name: str, inside: str, budget: _Budget) -> Iterator[Member]:
    with _open(file, name, _EXPORT) as archive:
        by_path: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            path = _safe(_name(info))
            if path and not info.is_dir() and not _is_link(info):
                by_path[path] = info
        for path, info in by_path.items():
            source = _Source(archive, info, budget)
            if path.lower().endswith(".zip"):
                yield from _nested(source, inside + path, bool(inside))
            else:
                yield Member(inside + path, info.file_size, _source=source)


def _nested(source: _Source, path: str, is_deep: bool) -> Iterator[Member]:
    size = source.info.file_size
    if is_deep:
        yield Member(path, size, "is an archive three levels deep")
        return
    with tempfile.TemporaryFile() as file:
        try:
            for chunk in source.chunks(path, _NESTED):
                file.write(chunk)
            yield from _members(file, path, f"{path}/", source.budget)
        except ReadError as error:
            yield Member(path, size, error.message.removeprefix(path).strip())
        except OSError as error:
            yield Member(path, size, f"cannot be unpacked: {error.strerror or error!s:.100}")


def _open(file: IO[bytes], name: str, bounds: _Bounds) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise ReadError(f"{name} is not a zip archive, or was cut short", _AGAIN) from error
    _check(archive.infolist(), name, bounds)
    return archive


def _check(infos: Sequence[zipfile.ZipInfo], name: str, bounds: _Bounds) -> None:
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise ReadError(f"{name} is locked by a password", "save a copy without the password")
    if len(infos) > bounds.members:
        raise _bomb(name, f"it has {len(infos):,} members")
    total = sum(info.file_size for info in infos)
    if total > bounds.total or any(info.file_size > bounds.member for info in infos):
        raise _bomb(name, f"it unpacks to {total / _MB:,.0f} MB")
    packed = sum(info.compress_size for info in infos)
    if total > bounds.free and total > packed * bounds.ratio:
        raise _bomb(name, f"it unpacks to {total / _MB:,.0f} MB from {packed / _MB:,.1f} MB")
    # Members that share their bytes unpack to any size, without one of them being large.
    for before, after in pairwise(sorted(infos, key=lambda info: info.header_offset)):
        if before.header_offset + _LOCAL_HEADER + before.compress_size > after.header_offset:
            raise _bomb(name, "its members overlap")


def _bomb(name: str, why: str) -> ReadError:
    return ReadError(f"{name} is refused: {why}", "if you trust it, unpack it and save it anew")


def _lies(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Whether a member unpacks to more than its stated size."""
    size = 0
    try:
        with archive.open(_without_end(info)) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
    except _BROKEN:
        return False  # damaged: what a library makes of it is bounded by what came so far
    return size > info.file_size


def _without_end(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The same member, read one byte beyond its stated size, where zipfile would stop.

    Without a checksum, which zipfile would compare with that of the bytes so far.
    """
    longer = copy.copy(info)
    longer.file_size += 1
    del longer.CRC
    return longer


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _name(info: zipfile.ZipInfo) -> str:
    """The path as its packer meant it.

    Without the flag for UTF-8 the format knows only code page 437, which nobody means: macOS
    writes UTF-8 all the same, Windows in Korea CP949.
    """
    name = info.orig_filename
    if info.flag_bits & _UTF8_NAME:
        return name
    raw = name.encode("cp437", "replace")
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _safe(name: str) -> str:
    """A relative path without ``..``; "" for what is hidden, junk or no file's name."""
    visible = clean(unicodedata.normalize("NFC", name).replace("\\", "/")).replace("\n", " ")
    steps = [step.strip() for step in visible.split("/")]
    if not steps[-1] or len(visible) > _LONGEST_NAME:
        return ""
    steps = [step for step in steps if step not in ("", ".", "..")]
    if steps and _DRIVE.match(steps[0]):
        del steps[0]
    last = len(steps) - 1
    if any(passed_by(step, is_folder=n < last) for n, step in enumerate(steps)):
        return ""
    return "/".join(steps)
