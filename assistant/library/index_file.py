"""The file of a vector index: parts, each a run of bytes, none of which may change unseen.

FAISS reads a damaged index without a word, or crashes on it; its own writer knows no checksum and
no Korean file name on Windows. So the file is ours and what FAISS writes is a part of it:

    header | parts, one after the other | CRC-32 of each block of the parts

The header holds the parts' lengths and the CRC-32 of itself and the checksums after the parts, the
generation of the library's embeddings, and a stamp that ties the file to another: one that holds
what has changed since the other was written bears its stamp.

CRC-32 finds every change of up to 32 bits in a row, and of others all but one in 4 billion a block;
blocks are checked on all cores while the file is read, which takes less time than reading it.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.errors import LibraryUnwritable

Bytes: TypeAlias = NDArray[np.uint8]
Write: TypeAlias = Callable[[bytes | memoryview], object]
Part: TypeAlias = Callable[[Write], None]
"""Writes itself by what it is given."""

_MAGIC = b"\x93ADVECT\n"
_FORMAT = 4
_PARTS = 6
_FIELDS = struct.Struct(f"<8sIIQQ{_PARTS}Q")  # magic, format, dimension, generation, stamp, lengths
_CRC = struct.Struct("<I")
_HEADER = _FIELDS.size + _CRC.size
_BLOCK = 4 << 20

# A mapped file takes no memory of its own and its pages are shared between processes. A small one
# is read: on Windows a mapped file cannot be replaced, and elsewhere a program that shortens it in
# place, as no part of this one does, would end the process.
_MAPPED_FROM = 64 << 20


@dataclass(frozen=True, slots=True)
class Head:
    """What an index file says of itself, but for its parts."""

    dimension: int
    generation: int
    stamp: int


@dataclass(frozen=True, slots=True)
class Content:
    """An index file as it was read and found whole."""

    head: Head
    parts: list[Bytes]


def new_stamp() -> int:
    """A stamp that no other file has."""
    return int.from_bytes(os.urandom(8), "little")


def write(file: Path, head: Head, parts: Sequence[Part]) -> None:
    """Replace ``file`` at once, or not at all. Parts that are not given are empty.

    Only one process may write at a time.

    Raises:
        LibraryUnwritable: no space or no permission.
    """
    part = file.with_name(f"{file.name}.part")  # one left by a kill is overwritten
    try:
        try:
            with part.open("wb") as stream:
                _write(stream, head, parts)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise LibraryUnwritable(
            f"{file} cannot be written: {error.strerror}",
            "free some space; nothing is lost, it can be made again from the library",
        ) from error


def head_of(file: Path) -> Head | None:
    """What ``file`` says of itself, unchecked; None when it is missing or no index file."""
    try:
        with file.open("rb") as stream:
            start = stream.read(_FIELDS.size)
    except OSError:
        return None
    if len(start) < _FIELDS.size:
        return None
    magic, format, *fields = _FIELDS.unpack(start)
    return Head(*fields[:3]) if (magic, format) == (_MAGIC, _FORMAT) else None


def read(file: Path) -> Content | None:
    """The parts, mapped where the file is large; None when it is missing, torn or other."""
    try:
        content = _content(file)
    except OSError:
        return None
    if len(content) < _HEADER:
        return None
    fields = _FIELDS.unpack_from(content.data)
    lengths = fields[5:]
    end = _HEADER + sum(lengths)
    if (
        fields[:2] != (_MAGIC, _FORMAT)
        or len(content) != end + _CRC.size * _blocks(sum(lengths))
        or _CRC.unpack_from(content.data, _FIELDS.size)[0] != _crc_of_header(content, end)
        or not _is_whole(content[_HEADER:end], content[end:])
    ):
        return None
    bounds = accumulate(lengths, initial=_HEADER)
    return Content(Head(*fields[2:5]), [content[start:stop] for start, stop in pairwise(bounds)])


def _content(file: Path) -> Bytes:
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size >= _MAPPED_FROM and os.name != "nt":
            mapped = mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_READ)
            return np.frombuffer(mapped, dtype=np.uint8)
        return np.frombuffer(stream.read(), dtype=np.uint8)


def _blocks(size: int) -> int:
    return -(-size // _BLOCK)


def _crc_of_header(content: Bytes, end: int) -> int:
    return zlib.crc32(content[end:].data, zlib.crc32(content[: _FIELDS.size].data))


def _is_whole(payload: Bytes, sums: Bytes) -> bool:
    blocks = (payload[start : start + _BLOCK].data for start in range(0, len(payload), _BLOCK))
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # zlib lets the other threads run
        found = np.fromiter(pool.map(zlib.crc32, blocks), dtype="<u4")
    return found.tobytes() == sums.tobytes()


def _write(stream: IO[bytes], head: Head, parts: Sequence[Part]) -> None:
    stream.write(bytes(_HEADER))
    summed = _Summed(stream)
    lengths = [0] * _PARTS
    for number, part in enumerate(parts):
        before = summed.size
        part(summed.write)
        lengths[number] = summed.size - before
    sums = np.array(summed.sums, dtype="<u4").tobytes()
    stream.write(sums)
    fields = _FIELDS.pack(_MAGIC, _FORMAT, head.dimension, head.generation, head.stamp, *lengths)
    stream.seek(0)
    stream.write(fields + _CRC.pack(zlib.crc32(sums, zlib.crc32(fields))))


class _Summed:
    """Passes bytes on and keeps the checksum of each block."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.size = 0
        self.sums: list[int] = []

    def write(self, data: bytes | memoryview) -> None:
        self._stream.write(data)
        rest = memoryview(data).cast("B")
        while rest:
            room = _BLOCK - self.size % _BLOCK
            if room == _BLOCK:
                self.sums.append(0)
            piece, rest = rest[:room], rest[room:]
            self.sums[-1] = zlib.crc32(piece, self.sums[-1])
            self.size += len(piece)
