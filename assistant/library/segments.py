"""Vectors by node id in FAISS, in two ways: a few that change, and many that only die.

Both keep float16, as the library does, so both score exactly. Inner product throughout.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.library.embeddings import Ids
from assistant.library.faiss_build import GPU_MOST, GpuCopy, faiss
from assistant.library.index_file import Bytes, Write
from assistant.library.telling import Passes
from assistant.protocols import Matrix, Vector

Found: TypeAlias = tuple[Ids, Vector]
"""Node ids and their inner products, in no order."""

_log = logging.getLogger(__name__)

_BLOCK = 8192  # rows decoded at a time
_MANY = 8  # one in so many


class ChangingVectors:
    """Vectors that are all compared with the question."""

    def __init__(self, dimension: int) -> None:
        self._index = faiss().IndexIDMap2(_float16(dimension))
        self._gpu = GpuCopy()

    @classmethod
    def read(cls, part: Bytes) -> ChangingVectors:
        """What :meth:`write` wrote.

        Raises:
            RuntimeError: another release of FAISS wrote it.
        """
        vectors = cls.__new__(cls)
        vectors._index = faiss().deserialize_index(part)
        vectors._gpu = GpuCopy()
        return vectors

    def write(self, write: Write) -> None:
        _write(self._index, write)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def ids(self) -> Ids:
        ids: Ids = faiss().vector_to_array(self._index.id_map)
        return ids

    @property
    def on_gpu(self) -> bool:
        return bool(self._gpu)

    def blocks(self) -> Iterator[tuple[Ids, Matrix]]:
        """All of it, in the order it was added."""
        store = faiss().downcast_index(self._index.index)
        return _blocks(self.ids, store)

    def add(self, ids: Ids, vectors: Matrix) -> None:
        self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)
        self._gpu.drop()

    def remove(self, ids: Ids) -> None:
        """Forget ``ids``; those not there are passed over."""
        if len(self):
            self._index.remove_ids(ids)
            self._gpu.drop()

    def search(self, query: Vector, k: int, within: Ids | None = None) -> Found:
        """Up to ``k`` nearest, of ``within`` if given; those are looked for on the CPU."""
        k = min(k, len(self))
        if not k:
            return _nothing()
        if within is None:
            on_gpu = self._gpu.search(self._index, query[None], k)
            return _found(on_gpu or self._index.search(query[None], k))
        selector = _selector(_flags(within))
        parameters = faiss().SearchParameters(sel=selector)
        return _found(self._index.search(query[None], k, params=parameters))


class ScannedVectors:
    """Vectors of which one bit a number is scanned, and the best candidates are scored exactly.

    The scan is RaBitQ (Gao and Long, 2024, "RaBitQ: Quantizing High-Dimensional Vectors with a
    Theoretical Error Bound for Approximate Nearest Neighbor Search") in FAISS' fast-scan form. It
    looks at every vector, so questions that lie far from all passages, as real ones do, lose no
    more than others: that is where inverted lists fail. Nothing is added; what is removed is only
    passed over, as taking it out costs FAISS a second in a million vectors.
    """

    _NUMBERS = struct.Struct("<QQd")  # vectors, candidates, recall

    def __init__(self, ids: Ids, scan: Any, store: Any, candidates: int, recall: float) -> None:
        self._ids = ids
        self._scan = scan
        self._store = store
        self._codes = _codes(store)
        self._dead = np.zeros(len(ids), dtype=np.bool_)
        self._gpu = GpuCopy()
        self.candidates = candidates
        """How many are scored exactly, at least."""
        self.recall = recall
        """Recall@10 against exact search when it was built, on a sample."""

    @classmethod
    def build(
        cls, blocks: Callable[[], Iterable[tuple[Ids, Matrix]]], dimension: int, passes: Passes
    ) -> ScannedVectors:
        """Of vectors given in blocks, twice: the bits are taken about their mean."""
        module = faiss()
        scan = module.IndexRaBitQFastScan(dimension, module.METRIC_INNER_PRODUCT)
        scan.train(_mean(passes.over(blocks()), dimension)[None])
        store, ids = _float16(dimension), []
        for own, vectors in passes.over(blocks()):
            rows = np.ascontiguousarray(vectors, dtype=np.float32)
            if not len(rows):
                continue
            scan.add(rows)
            store.add(rows)
            ids.append(own)
        candidates, recall = _calibrate(scan, store)
        return cls(np.concatenate(ids), scan, store, candidates, recall)

    @classmethod
    def read(cls, dead: Bytes, numbers: Bytes, scan: Bytes, store: Bytes) -> ScannedVectors:
        """What the ``write_`` methods wrote. The vectors stay in ``store``, in a file if mapped.

        Raises:
            RuntimeError: another release of FAISS wrote it.
        """
        module = faiss()
        count, candidates, recall = cls._NUMBERS.unpack_from(numbers.data)
        vectors = cls(
            np.frombuffer(numbers, dtype="<i8", count=count, offset=cls._NUMBERS.size).copy(),
            module.deserialize_index(scan),
            # Nothing may be added to an index that is a view: FAISS ends the process.
            module.read_index(module.ZeroCopyIOReader(module.swig_ptr(store), store.size)),
            candidates,
            recall,
        )
        vectors._buffer = store
        vectors._dead[np.frombuffer(dead, dtype="<i8")] = True
        return vectors

    _buffer: Bytes | None = None  # keeps alive what the store is a view of

    def write_dead(self, write: Write) -> None:
        write(np.flatnonzero(self._dead).astype("<i8").data)

    def write_numbers(self, write: Write) -> None:
        write(self._NUMBERS.pack(len(self._ids), self.candidates, self.recall))
        write(self._ids.astype("<i8").data)

    def write_scan(self, write: Write) -> None:
        _write(self._scan, write)

    def write_store(self, write: Write) -> None:
        _write(self._store, write)

    def __len__(self) -> int:
        return len(self._ids) - self.dead

    @property
    def dead(self) -> int:
        """How many were removed and still take room."""
        return int(np.count_nonzero(self._dead))

    @property
    def ids(self) -> Ids:
        return self._ids[~self._dead]

    @property
    def on_gpu(self) -> bool:
        return bool(self._gpu)

    def blocks(self) -> Iterator[tuple[Ids, Matrix]]:
        """All that was not removed."""
        for start, (ids, vectors) in enumerate(_blocks(self._ids, self._store)):
            alive = ~self._dead[start * _BLOCK : (start + 1) * _BLOCK]
            yield ids[alive], vectors[alive]

    def remove(self, ids: Ids) -> None:
        """Forget ``ids``; those not there are passed over."""
        self._dead |= self._are_in(ids)

    def search(self, query: Vector, k: int, within: Ids | None = None) -> Found:
        """Up to ``k`` nearest; with ``within`` the very nearest of those."""
        if within is not None:
            return self._exact(query, k, self._are_in(within) & ~self._dead)
        wanted = min(max(self.candidates, 4 * k), len(self._ids))
        # A GPU compares all vectors: those it finds are the nearest already.
        on_gpu = self._gpu.search(self._store, query[None], min(wanted, GPU_MOST))
        _, places = on_gpu or self._scan.search(query[None], wanted)
        candidates = places[0][places[0] >= 0]
        alive = candidates[~self._dead[candidates]]
        if len(alive) < max(k, len(candidates) // 2):  # what lay near the question has gone
            return self._exact(query, k, ~self._dead)
        scores = self._codes[alive].astype(np.float32) @ query
        best = np.argsort(-scores)[:k]
        return self._ids[alive[best]], scores[best]

    def _exact(self, query: Vector, k: int, chosen: NDArray[np.bool_]) -> Found:
        k = min(k, int(np.count_nonzero(chosen)))
        if not k:
            return _nothing()
        # Choosing while it searches takes FAISS several times as long as searching all: when many
        # are chosen, so many of all are looked for that most likely enough of them are.
        if _MANY * np.count_nonzero(chosen) >= len(chosen):
            places, scores = _found(self._store.search(query[None], 2 * _MANY * k))
            inside = chosen[places]
            if np.count_nonzero(inside) >= k:
                return self._ids[places[inside][:k]], scores[inside][:k]
        parameters = faiss().SearchParameters(sel=_selector(chosen))
        places, scores = _found(self._store.search(query[None], k, params=parameters))
        return self._ids[places], scores

    def _are_in(self, ids: Ids) -> NDArray[np.bool_]:
        flags = _flags(ids, int(self._ids.max()) + 1)
        are_in: NDArray[np.bool_] = flags[self._ids]
        return are_in


# --------------------------------------------------------------------------- calibration

_SAMPLE = 64  # questions
_TOP = 10
# A question is no passage: it lies further from all of them, and its neighbours are harder to tell
# apart. Passages with noise of this length stand for questions; of 490 real ones, encoded by
# multilingual-e5-small, a given number of candidates found as many neighbours (docs/scale.md).
_NOISE = 0.6
_AIM = 0.99  # the bar is 0.98; a sample of 640 neighbours is uncertain by some thousandths
_LADDER = (512, 1024, 2048, 4096)


def _calibrate(scan: Any, store: Any) -> tuple[int, float]:
    """How many candidates find the ten nearest, and the recall that was measured with them."""
    random = np.random.default_rng(0)
    codes = _codes(store)
    rows = codes[np.sort(random.choice(len(codes), min(_SAMPLE, len(codes)), replace=False))]
    noise = random.standard_normal(rows.shape) * (_NOISE / np.sqrt(rows.shape[1]))
    questions = rows / np.linalg.norm(rows.astype(np.float32), axis=1, keepdims=True) + noise
    questions = np.ascontiguousarray(questions, dtype=np.float32)
    top = min(_TOP, len(codes))
    _, nearest = store.search(questions, top)
    _, candidates = scan.search(questions, min(_LADDER[-1], len(codes)))
    recall = 0.0
    for step in _LADDER:
        found = [np.isin(a, b).mean() for a, b in zip(nearest, candidates[:, :step], strict=True)]
        recall = float(np.mean(found))
        if recall >= _AIM:
            break
    _log.info("vector index: recall@%d %.3f with %d candidates", top, recall, step)
    return step, recall


# --------------------------------------------------------------------------- FAISS


def _float16(dimension: int) -> Any:
    module = faiss()
    return module.IndexScalarQuantizer(
        dimension, module.ScalarQuantizer.QT_fp16, module.METRIC_INNER_PRODUCT
    )


def _codes(store: Any) -> NDArray[np.float16]:
    # Not a copy: valid as long as nothing is added.
    size = store.ntotal * store.d * 2
    codes: NDArray[np.uint8] = faiss().rev_swig_ptr(store.codes.data(), size)
    return codes.view("<f2").reshape(store.ntotal, store.d)


def _mean(blocks: Iterable[tuple[Ids, Matrix]], dimension: int) -> Vector:
    total, count = np.zeros(dimension, dtype=np.float64), 0
    for _, vectors in blocks:
        total += vectors.sum(axis=0, dtype=np.float64)
        count += len(vectors)
    mean: Vector = (total / count).astype(np.float32)
    return mean


def _blocks(ids: Ids, store: Any) -> Iterator[tuple[Ids, Matrix]]:
    for start in range(0, len(ids), _BLOCK):
        own = ids[start : start + _BLOCK]
        yield own, store.reconstruct_n(start, len(own))


def _write(index: Any, write: Write) -> None:
    # Block by block: FAISS' own buffer would grow to twice the index.
    module = faiss()
    module.write_index(index, module.PyCallbackIOWriter(write))


def _flags(ids: Ids, size: int = 0) -> NDArray[np.bool_]:
    """Of all numbers below ``size``, or as far as ``ids`` reach, which are among them."""
    flags = np.zeros(size or int(ids.max(initial=0)) + 1, dtype=np.bool_)
    flags[ids[ids < len(flags)]] = True
    return flags


def _selector(flags: NDArray[np.bool_]) -> Any:
    return faiss().IDSelectorBitmap(np.packbits(flags, bitorder="little"))


def _found(result: tuple[Matrix, Any]) -> Found:
    scores, ids = result[0][0], result[1][0]
    return ids[ids >= 0], scores[ids >= 0]  # FAISS fills up with -1 where it finds no more


def _nothing() -> Found:
    return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
