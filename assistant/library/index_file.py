"""The file of a vector index: parts, each a run of bytes, none of which may change unseen.

FAISS reads a damaged index without a word, or crashes on it; its own writer knows no checksum and
no Korean file name on Windows. So the file is ours and what FAISS writes is a part of it:

    header | parts, one after the other | CRC-32 of each block of the parts

The header holds the parts' lengths and the CRC-32 of itself and the checksums after the parts.
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
_FORMAT = 3
_PARTS = 6
_FIELDS = struct.Struct(f"<8sIIQ{_PARTS}Q")  # magic, format, dimension, generation, lengths
_CRC = struct.Struct("<I")
_HEADER = _FIELDS.size + _CRC.size
_BLOCK = 4 << 20

# A mapped file takes no memory of its own and its pages are shared between processes. A small one
# is read: on Windows a mapped file cannot be replaced, and elsewhere a program that shortens it in
# place, as no part of this one does, would end the process.
_MAPPED_FROM = 64 << 20


def write(file: Path, dimension: int, generation: int, parts: Sequence[Part]) -> None:
    """Replace ``file`` at once, or not at all. Parts that are not given are empty.

    Only one process may write at a time.

    Raises:
        LibraryUnwritable: no space or no permission.
    """
    part = file.with_name(f"{file.name}.part")  # one left by a kill is overwritten
    try:
        try:
            with part.open("wb") as stream:
                _write(stream, dimension, generation, parts)
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


def read(file: Path, dimension: int, generation: int) -> list[Bytes] | None:
    """The parts, mapped where the file is large; None when it is missing, older, torn or other."""
    try:
        content = _content(file)
    except OSError:
        return None
    if len(content) < _HEADER:
        return None
    fields = _FIELDS.unpack_from(content.data)
    lengths = fields[4:]
    end = _HEADER + sum(lengths)
    if (
        fields[:4] != (_MAGIC, _FORMAT, dimension, generation)
        or len(content) != end + _CRC.size * _blocks(sum(lengths))
        or _CRC.unpack_from(content.data, _FIELDS.size)[0] != _crc_of_header(content, end)
        or not _is_whole(content[_HEADER:end], content[end:])
    ):
        return None
    bounds = accumulate(lengths, initial=_HEADER)
    return [content[start:stop] for start, stop in pairwise(bounds)]


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


def _write(stream: IO[bytes], dimension: int, generation: int, parts: Sequence[Part]) -> None:
    stream.write(bytes(_HEADER))
    summed = _Summed(stream)
    lengths = [0] * _PARTS
    for number, part in enumerate(parts):
        before = summed.size
        part(summed.write)
        lengths[number] = summed.size - before
    sums = np.array(summed.sums, dtype="<u4").tobytes()
    stream.write(sums)
    fields = _FIELDS.pack(_MAGIC, _FORMAT, dimension, generation, *lengths)
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
