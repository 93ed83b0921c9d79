"""Where models run and in which numbers, chosen once from the settings and the machine.

Module functions import torch when called, never when this module is imported.
"""

from __future__ import annotations

import gc
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import psutil

from assistant.config import Settings
from assistant.errors import ModelLoadError
from assistant.models.reference import needs_network
from assistant.types import Check

if TYPE_CHECKING:
    import torch

DType = Literal["float32", "bfloat16", "float16"]

_GIB = 1024**3
_CGROUP = Path("/sys/fs/cgroup")

_ENVIRONMENT = {
    # Idle OpenMP threads that spin take the cores from the other model and from the screen.
    "OMP_WAIT_POLICY": "passive",
    "GOMP_SPINCOUNT": "0",
    "TOKENIZERS_PARALLELISM": "false",
    # The terminal belongs to the user interface.
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
}


@dataclass(frozen=True, slots=True)
class Device:
    """A torch device string, the number format of weights on it, and CPU threads."""

    name: str
    dtype: DType
    threads: int

    @property
    def torch_dtype(self) -> torch.dtype:
        import torch

        dtype: torch.dtype = getattr(torch, self.dtype)
        return dtype


def prepare_environment(settings: Settings) -> None:
    """Set what torch and the hub's libraries read when they are imported; call it before."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if not needs_network(settings):
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def quiet_libraries() -> None:
    """Keep transformers off the terminal, even if imported before the environment was set."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    logging.disable_progress_bar()
    logging.set_verbosity_error()


def choose_device(settings: Settings) -> Device:
    """Take what the settings demand, else CUDA, else Apple's GPU, else the CPU.

    Raises:
        ModelLoadError: the device demanded is not there.
    """
    prepare_environment(settings)
    import torch

    wanted = settings.models.device
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted != "auto" and not there[wanted]:
        raise ModelLoadError(
            f"torch finds no {wanted} device",
            'set models.device to "auto", or see `assistant doctor`',
        )
    name = wanted if wanted != "auto" else next(name for name in there if there[name])
    threads = settings.models.threads or physical_cores()
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    return Device(name, _dtype(settings, name), threads)


def _dtype(settings: Settings, device: str) -> DType:
    if settings.models.dtype != "auto":
        return settings.models.dtype
    if device == "cuda":
        import torch

        return "bfloat16" if torch.cuda.is_bf16_supported(False) else "float16"
    if device == "mps":
        return "float16"
    return "bfloat16" if cpu_has_bf16() else "float32"


def cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 in hardware (AMX or AVX512-BF16)."""
    import torch

    # Private names, so their absence in another version means "not known to".
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(getattr(torch.cpu, probe, lambda: False)() for probe in probes)


def physical_cores() -> int:
    """Cores this process may use, hyper-threads not counted, at least one."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = min(cores, len(os.sched_getaffinity(0)))
    return max(1, cores)


def guess_bf16() -> bool:
    """As :func:`cpu_has_bf16` without torch, where the system tells: on Linux."""
    try:
        flags = Path("/proc/cpuinfo").read_text("ascii", "replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def free_memory(device: Device | None = None) -> int:
    """Bytes that can be had without swapping, on the device or (None, CPU, MPS) the machine."""
    if device is not None and device.name == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    available = int(psutil.virtual_memory().available)
    limit = cgroup_free(_CGROUP)
    return available if limit is None else min(available, limit)


def release_memory() -> None:
    """Give back the memory of models that nobody holds any more."""
    gc.collect()  # the parts of a network refer to each other
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def cgroup_free(folder: Path) -> int | None:
    """Bytes this container may still take (cgroup v2); None where nothing limits it."""
    try:
        limit = int((folder / "memory.max").read_text("ascii"))
        used = int((folder / "memory.current").read_text("ascii"))
        stat = (folder / "memory.stat").read_text("ascii")
    except (OSError, ValueError):  # no such file, or the word "max"
        return None
    rows = dict(line.split() for line in stat.splitlines())
    # Cached files count as used, and are given up when memory is asked for.
    return max(0, limit - used + int(rows.get("inactive_file", 0)))


def describe_device(settings: Settings) -> list[Check]:
    """``doctor``'s lines on Python, torch, device, number format and memory. Imports torch."""
    checks = [_python()]
    try:
        device = choose_device(settings)
    except ImportError as error:
        hint = "pip install --force-reinstall torch"
        return [*checks, Check("torch", "error", f"cannot be imported: {error}", hint)]
    except ModelLoadError as error:
        return [*checks, Check("device", "error", error.message, error.hint), _memory()]
    import torch

    checks.append(Check("torch", "ok", torch.__version__))
    checks.append(Check("device", "ok", _device_detail(device)))
    checks.append(_numbers(device))
    checks.append(_memory())
    return checks


def _python() -> Check:
    detail = f"{platform.python_version()} ({sys.executable})"
    if (3, 11) <= sys.version_info < (3, 14):
        return Check("python", "ok", detail)
    return Check("python", "warning", detail, "3.11 to 3.13 are tested")


def _device_detail(device: Device) -> str:
    if device.name == "cuda":
        import torch

        total = torch.cuda.get_device_properties(0).total_memory
        return f"{torch.cuda.get_device_name(0)}, {total / _GIB:.0f} GiB"
    if device.name == "mps":
        return "Apple GPU (mps)"
    plural = "s" if device.threads != 1 else ""
    return f"CPU, {device.threads} thread{plural}"


def _numbers(device: Device) -> Check:
    if device.dtype != "float32":
        return Check("numbers", "ok", device.dtype)
    return Check(
        "numbers",
        "warning",
        "float32: this CPU has no bfloat16 arithmetic, answers start several times later",
        "a smaller models.generation or a GPU helps",
    )


def _memory() -> Check:
    free, total = free_memory(), psutil.virtual_memory().total
    detail = f"{free / _GIB:.1f} GiB free of {total / _GIB:.1f}"
    if free < 4 * _GIB:
        hint = "close other programs: the smallest language model needs up to 4 GiB"
        return Check("memory", "warning", detail, hint)
    return Check("memory", "ok", detail)
