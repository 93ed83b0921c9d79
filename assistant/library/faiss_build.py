"""FAISS itself: how it is imported, its threads, its GPUs.

FAISS has no type stubs; it is imported through one function, late, and stays untyped in the modules
that hold its indexes.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from assistant.types import Check

_log = logging.getLogger(__name__)

GPU_MOST = 2048
"""So many of the nearest FAISS finds on a GPU."""

_GPU_TEMPORARY = 64 << 20  # bytes; FAISS would take 1.5 GB, and the models need the memory more


@cache
def faiss() -> Any:
    """The module, set up for few questions at a time beside other work."""
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
    return faiss


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """One query is slower on two threads than on one."""
    # OpenMP keeps the number for each calling thread, so a search elsewhere does not see this.
    module = faiss()
    threads = module.omp_get_max_threads()
    module.omp_set_num_threads(1)
    try:
        yield
    finally:
        module.omp_set_num_threads(threads)


class GpuCopy:
    """A copy of an index on the GPU, made when it is first searched.

    What does not fit or fails is left with one warning: the index is then searched on the CPU.
    """

    def __init__(self) -> None:
        self._refused = False
        self._copy: Any = None
        self._resources: Any = None  # FAISS does not keep them alive for the index that uses them

    def __bool__(self) -> bool:
        return self._copy is not None

    def search(self, index: Any, query: Any, k: int) -> Any | None:
        """What the copy of ``index`` finds; None where there is no GPU, it refused, or k is large.

        With k and ``query`` as FAISS takes and returns them.
        """
        if self._refused or k > GPU_MOST or gpu_count() == 0:
            return None
        try:
            if self._copy is None:
                self._resources, self._copy = to_gpu(index)
                size = index.ntotal * index.d * 2 / 1e6
                _log.info("searching on the GPU: %.0f MB of vectors copied there", size)
            return self._copy.search(query, k)
        except RuntimeError as error:
            _log.warning("searching on the CPU, as FAISS could not use the GPU: %s", error)
            self._refused = True
            self.drop()
            return None

    def drop(self) -> None:
        """Forget the copy: the index has changed."""
        self._copy = self._resources = None


def gpu_count() -> int:
    """GPUs that this build of FAISS can use."""
    module = faiss()
    return int(module.get_num_gpus()) if hasattr(module, "StandardGpuResources") else 0


def to_gpu(index: Any) -> tuple[Any, Any]:
    """Resources and the copy in float16 that needs them.

    Raises:
        RuntimeError: it does not fit, or the GPU fails.
    """
    module = faiss()
    resources = module.StandardGpuResources()
    resources.setTempMemory(_GPU_TEMPORARY)
    options = module.GpuClonerOptions()
    options.useFloat16 = True
    return resources, module.index_cpu_to_gpu(resources, 0, index, options)


def describe_build() -> list[Check]:
    """Which FAISS this is and whether it sees a GPU."""
    try:
        module = faiss()
    except ImportError as error:
        return [Check("faiss", "error", str(error), "pip install faiss-cpu")]
    build: Literal["GPU", "CPU"] = "GPU" if hasattr(module, "StandardGpuResources") else "CPU"
    count = gpu_count()
    checks = [Check("faiss", "ok", f"{module.__version__}, {build} build, {count} GPUs")]
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
