"""The vectors of a library, nearest first by inner product.

The index is derived from the library's embeddings and may be thrown away at any time.

It is kept in one file, and what has changed since in another beside it where the index is large: a
few passages more or fewer are then written in milliseconds. A change is in neither, or wholly in
one: each file is replaced at once, and the second counts only with the very first that it was
written for.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.library import index_file
from assistant.library.centring import GROUPS, Groups, Shifts
from assistant.library.embeddings import Ids
from assistant.library.faiss_build import describe_build, single_thread
from assistant.library.segments import ChangingVectors, ScannedVectors
from assistant.library.telling import Passes, Told, nobody
from assistant.protocols import Matrix, Vector
from assistant.types import Check

_log = logging.getLogger(__name__)

EXACT_NUMBERS = 38_400_000
"""So many numbers, 100,000 vectors of 384, are all compared with the question.

More are scanned in a short form first. Comparing takes as long as there are numbers."""

# Changes since the scanned part was made are searched exactly, beside it. Beyond this share of it
# they cost more than they save, and it is made anew.
_CHANGED = 0.05

_NODES = struct.Struct("<Q")
_CHANGING = 3  # so many parts, the first ones, change when passages come and go


class VectorIndex:
    """Vectors by node id, less the shift of their language.

    A few are searched exactly. Of many, most are scanned in a short form and the best of them
    scored exactly; those added since are searched exactly beside them.
    """

    def __init__(self, dimension: int, shifts: Shifts | None = None) -> None:
        self.dimension = dimension
        self.shifts = shifts or Shifts.none(dimension)
        self._changing = ChangingVectors(dimension)
        self._scanned: ScannedVectors | None = None
        self._stamp: int | None = None  # of the file that holds the scanned part as it is

    @classmethod
    def load(cls, file: Path, dimension: int, generation: int) -> VectorIndex | None:
        """The index that :meth:`save` wrote; None when it is missing, older, torn or another's."""
        read = _read(file, dimension, generation)
        if read is None:
            return None
        stamp, (shifts, changing, dead, *scanned) = read
        index = cls.__new__(cls)
        index.dimension = dimension
        index._stamp = stamp
        (nodes,) = _NODES.unpack_from(shifts.data)
        rows = np.frombuffer(shifts, dtype="<f4", offset=_NODES.size).reshape(GROUPS, dimension)
        index.shifts = Shifts(rows.astype(np.float32), nodes)
        try:
            index._changing = ChangingVectors.read(changing)
            is_scanned = bool(scanned and scanned[0].size)
            index._scanned = ScannedVectors.read(dead, *scanned) if is_scanned else None
        except RuntimeError as error:
            _log.info("%s is not readable by this FAISS: %s", file, error)
            return None
        return index

    def save(self, file: Path, generation: int) -> None:
        """Replace ``file``, or what is written beside it, at once or not at all.

        Only one process may save at a time.

        Raises:
            LibraryUnwritable: no space or no permission.
        """
        scanned = self._scanned
        parts: list[index_file.Part] = [self._write_shifts, self._changing.write]
        if scanned is None:
            self._save_whole(file, generation, parts)
            return
        parts.append(scanned.write_dead)
        on_disk = index_file.head_of(file)  # another process may have replaced it
        if on_disk is not None and on_disk.stamp == self._stamp:
            head = index_file.Head(self.dimension, generation, on_disk.stamp)
            index_file.write(_changes_beside(file), head, parts)
            return
        parts += (scanned.write_numbers, scanned.write_scan, scanned.write_store)
        self._save_whole(file, generation, parts)

    def _save_whole(self, file: Path, generation: int, parts: list[index_file.Part]) -> None:
        stamp = index_file.new_stamp()
        index_file.write(file, index_file.Head(self.dimension, generation, stamp), parts)
        self._stamp = stamp
        # Left by a kill, it bears another stamp and is passed over.
        _changes_beside(file).unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self._changing) + (len(self._scanned) if self._scanned else 0)

    @property
    def ids(self) -> Ids:
        """Node ids, in no order."""
        changing = self._changing.ids
        return np.concatenate((self._scanned.ids, changing)) if self._scanned else changing

    @property
    def type(self) -> str:
        """What the index is in words, and where it is searched."""
        scanned = self._scanned
        words = planned_type(len(self), len(self))
        if scanned is not None:
            words = f"fast scan, best {scanned.candidates:,} exact, recall@10 {scanned.recall:.3f}"
        on_gpu = self._changing.on_gpu or (scanned is not None and scanned.on_gpu)
        return words + (" on GPU" if on_gpu else "")

    def add(self, ids: Ids, groups: Groups, vectors: Matrix) -> None:
        """Rows of ``vectors`` under ``ids``, none of which may be there already."""
        self._changing.add(ids, self.shifts.apply(groups, vectors))

    def remove(self, ids: Ids) -> None:
        """Forget ``ids``; those not there are passed over."""
        self._changing.remove(ids)
        if self._scanned is not None:
            self._scanned.remove(ids)

    def search(self, vector: Vector, k: int, within: Ids | None = None) -> list[tuple[int, float]]:
        """(id, inner product) of the ``k`` nearest, best first; fewer when there are fewer.

        With ``within`` only those ids are looked at, each exactly, on the CPU.

        It is the inner product with the vector that was added, less its group's shift.
        """
        if k <= 0:
            return []
        query = np.ascontiguousarray(vector, dtype=np.float32)
        with single_thread():
            ids, scores = self._changing.search(query, k, within)
            if self._scanned is not None:
                more_ids, more_scores = self._scanned.search(query, k, within)
                ids, scores = np.concatenate((more_ids, ids)), np.concatenate((more_scores, scores))
        best = np.argsort(-scores, kind="stable")[:k]
        return list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))

    def settled(self, exact_up_to: int | None = None, told: Told = nobody) -> VectorIndex:
        """The index in the form that suits its size; itself when it has that already.

        The one place that chooses. It may be searched meanwhile, and not changed. Making a scanned
        part takes some 20 seconds for each million vectors and room for a second copy of them.
        """
        count, scanned = len(self), self._scanned
        if exact_up_to is None:
            exact_up_to = most_exact(self.dimension)
        if scanned is None and count <= exact_up_to:
            return self
        index = VectorIndex(self.dimension, self.shifts)
        if count <= exact_up_to // 2:
            for ids, vectors in self._blocks():
                index._changing.add(ids, vectors)
            return index
        if scanned is not None:
            changed = len(self._changing) + scanned.dead
            if changed <= _CHANGED * len(scanned):
                return self
        index._scanned = ScannedVectors.build(
            self._blocks, self.dimension, Passes(told, "building", count, 2)
        )
        return index

    def _blocks(self) -> Iterator[tuple[Ids, Matrix]]:
        if self._scanned is not None:
            yield from self._scanned.blocks()
        yield from self._changing.blocks()

    def _write_shifts(self, write: index_file.Write) -> None:
        write(_NODES.pack(self.shifts.nodes))
        write(self.shifts.rows.astype("<f4").tobytes())


def files_of(file: Path) -> tuple[Path, Path]:
    """All that an index saved as ``file`` may be kept in."""
    return file, _changes_beside(file)


def _changes_beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.changes")


def _read(file: Path, dimension: int, generation: int) -> tuple[int, list[index_file.Bytes]] | None:
    """The file's stamp and the parts of the index, those that have changed taken from beside it."""
    # Another process may replace either between two looks: what was read is looked at again.
    beside = _changes_beside(file)

    def is_wanted(head: index_file.Head | None) -> bool:
        return head is not None and (head.dimension, head.generation) == (dimension, generation)

    def is_base(head: index_file.Head | None) -> bool:
        if head is not None and changes is not None and head.stamp == changes.head.stamp:
            return head.dimension == dimension
        return is_wanted(head)

    changes = index_file.read(beside) if is_wanted(index_file.head_of(beside)) else None
    changes = changes if changes is not None and is_wanted(changes.head) else None
    if not is_base(index_file.head_of(file)):  # before all of it is read
        return None
    whole = index_file.read(file)
    if whole is None or not is_base(whole.head):
        return None
    stamp, parts = whole.head.stamp, whole.parts
    if changes is not None and changes.head.stamp == stamp:
        parts = [*changes.parts[:_CHANGING], *parts[_CHANGING:]]
    return stamp, parts


def most_exact(dimension: int) -> int:
    """Up to how many vectors are searched exactly."""
    return EXACT_NUMBERS // dimension


def planned_type(count: int, exact_up_to: int) -> str:
    """What an index of so many vectors will be, in words."""
    return "exact, float16" if count <= exact_up_to else "fast scan, best candidates exact"


def describe_faiss() -> list[Check]:
    """Lines for ``assistant doctor``: FAISS, its GPU, and how vectors are searched."""
    checks = describe_build()
    if checks[0].level != "error":
        few, many = most_exact(384), most_exact(896)
        detail = (
            f"exact up to {few:,} passages of 384 numbers or {many:,} of 896, fast scan and exact"
            " scores beyond"
        )
        checks.append(Check("vector index", "ok", detail))
    return checks
