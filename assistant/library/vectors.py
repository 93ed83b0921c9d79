"""FAISS: nearest vectors by inner product.

The index is derived from the library's embeddings and may be thrown away at any time. FAISS has no
type stubs; it is imported through one function, late, and stays untyped in this module alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import struct
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np

from assistant.errors import LibraryUnwritable
from assistant.library.centring import GROUPS, Groups, Shifts
from assistant.library.embeddings import Ids
from assistant.protocols import Matrix, Vector
from assistant.types import Check

_log = logging.getLogger(__name__)

# Magic, format version, dimension, generation, length of the payload. Then come the SHA-256 of
# header and payload, and the payload: how many nodes the shifts were taken of, the shifts, FAISS.
_HEADER = struct.Struct("<8sIIQQ")
_MAGIC = b"\x93ADVECT\n"
_FORMAT = 2
_NODES = struct.Struct("<Q")

_GPU_TEMPORARY = 64 << 20  # bytes; FAISS would take 1.5 GB, and the models need the memory more


class VectorIndex:
    """Vectors by node id, less the shift of their language, searched exactly."""

    TYPE = "exact, float16"
    """What the index is, in words."""

    def __init__(self, dimension: int, shifts: Shifts | None = None) -> None:
        self.shifts = shifts or Shifts.none(dimension)
        self._set(_new_index(dimension))

    @classmethod
    def load(cls, file: Path, dimension: int, generation: int) -> VectorIndex | None:
        """The index that :meth:`save` wrote; None when it is missing, older, torn or another's."""
        try:
            content = file.read_bytes()
        except OSError:
            return None
        if len(content) < _HEADER.size + 32:
            return None
        header, digest = content[: _HEADER.size], content[_HEADER.size : _HEADER.size + 32]
        payload = memoryview(content)[_HEADER.size + 32 :]
        if header != _HEADER.pack(_MAGIC, _FORMAT, dimension, generation, len(payload)):
            return None
        # FAISS reads a damaged index without a word, or crashes on it.
        if hashlib.sha256(header + payload).digest() != digest:
            return None
        index = cls.__new__(cls)
        (nodes,) = _NODES.unpack_from(payload)
        rows = np.frombuffer(payload, np.float32, GROUPS * dimension, _NODES.size)
        index.shifts = Shifts(rows.reshape(GROUPS, dimension), nodes)
        start = _NODES.size + rows.nbytes
        try:
            index._set(_faiss().deserialize_index(np.frombuffer(payload[start:], dtype=np.uint8)))
        except RuntimeError as error:  # another release of FAISS wrote it
            _log.info("%s is not readable by this FAISS: %s", file, error)
            return None
        return index

    def save(self, file: Path, generation: int) -> None:
        """Replace ``file`` at once, or not at all.

        FAISS' own writer knows no checksum and no Korean file name on Windows. Only one process
        may save at a time.

        Raises:
            LibraryUnwritable: no space or no permission.
        """
        payload = b"".join(
            (
                _NODES.pack(self.shifts.nodes),
                self.shifts.rows.tobytes(),
                _faiss().serialize_index(self._index).tobytes(),
            )
        )
        header = _HEADER.pack(_MAGIC, _FORMAT, self.dimension, generation, len(payload))
        digest = hashlib.sha256(header + payload).digest()
        part = file.with_name(f"{file.name}.part")  # one left by a kill is overwritten
        try:
            try:
                with part.open("wb") as stream:
                    stream.write(header + digest)
                    stream.write(payload)
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

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    @property
    def ids(self) -> Ids:
        """Node ids, in no order."""
        ids: Ids = _faiss().vector_to_array(self._index.id_map)
        return ids

    @property
    def type(self) -> str:
        """What FAISS calls it, and where it is searched."""
        return self.TYPE + (" on GPU" if self._on_gpu is not None else "")

    def add(self, ids: Ids, groups: Groups, vectors: Matrix) -> None:
        """Rows of ``vectors`` under ``ids``, none of which may be there already."""
        shifted = self.shifts.apply(groups, vectors)
        self._index.add_with_ids(np.ascontiguousarray(shifted, dtype=np.float32), ids)
        self._leave_gpu()

    def remove(self, ids: Ids) -> None:
        """Forget ``ids``; those not there are passed over."""
        self._index.remove_ids(ids)
        self._leave_gpu()

    def search(self, vector: Vector, k: int, within: Ids | None = None) -> list[tuple[int, float]]:
        """(id, inner product) of the ``k`` nearest, best first; fewer when there are fewer.

        With ``within`` only those ids are looked at, on the CPU.

        It is the inner product with the vector that was added, less its group's shift.
        """
        k = min(k, int(self._index.ntotal))
        if k <= 0:
            return []
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        with _single_thread():
            if within is None:
                scores, ids = self._searchable().search(query, k)
            else:
                faiss = _faiss()
                chosen = faiss.SearchParameters(sel=faiss.IDSelectorBatch(within))
                scores, ids = self._index.search(query, k, params=chosen)
        # FAISS fills up with -1 where it finds no more.
        pairs = zip(ids[0].tolist(), scores[0].tolist(), strict=True)
        return [(id, score) for id, score in pairs if id >= 0]

    def _set(self, index: Any) -> None:
        self._index = index
        self._gpu_refused = False
        self._leave_gpu()

    def _leave_gpu(self) -> None:
        self._on_gpu: Any = None
        self._resources: Any = None  # FAISS does not keep them alive for the index that uses them

    def _searchable(self) -> Any:
        if self._on_gpu is None and not self._gpu_refused and gpu_count() > 0:
            try:
                self._resources, self._on_gpu = _to_gpu(self._index)
            except RuntimeError as error:
                _log.warning("searching on the CPU, as FAISS could not use the GPU: %s", error)
                self._gpu_refused = True
        return self._on_gpu if self._on_gpu is not None else self._index


def _new_index(dimension: int) -> Any:
    # The one place that chooses a type. Exact float16 loses nothing, as the stored embeddings are
    # float16, and is faster than float32 at any size. Types that trade exactness for speed beyond
    # some 200,000 nodes would be chosen here, by the count.
    faiss = _faiss()
    flat = faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    return faiss.IndexIDMap2(flat)


# --------------------------------------------------------------------------- FAISS itself


@cache
def _faiss() -> Any:
    # Threads that spin while they wait take the cores from the language model. OpenMP reads the
    # variable as its library is loaded, and PyTorch, which has its own, shall not see it.
    name = "OMP_WAIT_POLICY"
    before = os.environ.get(name)
    os.environ.setdefault(name, "PASSIVE")
    try:
        import faiss
    finally:
        if before is None:
            os.environ.pop(name, None)
    # Above this many queries FAISS multiplies matrices; its default never does.
    faiss.cvar.distance_compute_blas_threshold = 20
    return faiss


@contextlib.contextmanager
def _single_thread() -> Iterator[None]:
    # One query is slower on two threads than on one. OpenMP keeps the number for each calling
    # thread, so a search elsewhere does not see this.
    faiss = _faiss()
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def gpu_count() -> int:
    """GPUs that this build of FAISS can use."""
    faiss = _faiss()
    return int(faiss.get_num_gpus()) if hasattr(faiss, "StandardGpuResources") else 0


def _to_gpu(index: Any) -> tuple[Any, Any]:
    faiss = _faiss()
    resources = faiss.StandardGpuResources()
    resources.setTempMemory(_GPU_TEMPORARY)
    options = faiss.GpuClonerOptions()
    options.useFloat16 = True
    return resources, faiss.index_cpu_to_gpu(resources, 0, index, options)


def describe_faiss() -> list[Check]:
    """Lines for ``assistant doctor``: which FAISS this is and whether it sees a GPU."""
    try:
        faiss = _faiss()
    except ImportError as error:
        return [Check("faiss", "error", str(error), "pip install faiss-cpu")]
    build: Literal["GPU", "CPU"] = "GPU" if hasattr(faiss, "StandardGpuResources") else "CPU"
    count = gpu_count()
    detail = f"{faiss.__version__}, {build} build, {count} GPUs, {VectorIndex.TYPE}"
    checks = [Check("faiss", "ok", detail)]
    if build == "GPU":
        if count:
            checks.append(Check("faiss gpu", "ok", f"{count} usable"))
        else:
            hint = "check the driver with nvidia-smi"
            checks.append(Check("faiss gpu", "warning", "none usable; searching on the CPU", hint))
    elif _is_installed("faiss-gpu"):
        checks.append(
            Check(
                "faiss gpu",
                "warning",
                "faiss-gpu is installed, but the CPU build has overwritten it",
                "pip install --force-reinstall --no-deps faiss-gpu",
            )
        )
    return checks


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
