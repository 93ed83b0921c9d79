"""Converted models on disk: a folder is whole, or it does not count.

A conversion writes into a folder beside its target, flushes it to disk, leaves a marker that
names the source and every file with its length, and only then renames. Processes take turns by
a lock that the system releases when its holder dies.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import ModelLoadError
from assistant.models.weights import Progress, silent
from assistant.types import ModelProgress

_MARKER = "converted.json"
_FORMAT = 1  # raise it when a conversion writes something else from the same source


def is_converted(folder: Path, source: str) -> bool:
    """Whether ``folder`` was written whole from ``source`` and still is."""
    try:
        marker = json.loads((folder / _MARKER).read_text("utf-8"))
        if (marker["source"], marker["format"]) != (source, _FORMAT):
            return False
        return all((folder / name).stat().st_size == size for name, size in marker["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def convert_once(
    folder: Path,
    source: str,
    write: Callable[[Path], None],
    *,
    needed: int,
    model: str,
    progress: Progress = silent,
) -> Path:
    """Have ``write`` fill ``folder`` unless it is there already; returns ``folder``.

    ``source`` identifies the weights (a hash), ``needed`` is the bytes of disk the conversion
    takes at its height. ``write`` may leave scratch files named ``*.scratch``: they are dropped.

    Raises:
        ModelLoadError: the disk is full or the cache cannot be written.
    """
    if is_converted(folder, source):
        return folder
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.with_name(f".{folder.name}.lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            progress(ModelProgress(model, "waiting for another process to convert", 0, 1))
            lock.acquire()
        try:
            if is_converted(folder, source):
                return folder
            _remove(partial)
            _check_space(folder.parent, needed)
            partial.mkdir()
            write(partial)
            _seal(partial, source)
            _remove(folder)
            partial.replace(folder)
            _flush(folder.parent)
        finally:
            if partial.exists():
                shutil.rmtree(partial, ignore_errors=True)
            lock.release()
    except OSError as error:
        raise ModelLoadError(
            f"the converted {model} cannot be written to {folder.parent}: {error}",
            "free some disk space or mend the folder's permissions",
        ) from error
    return folder


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelLoadError(
            f"{needed / 1e9:.1f} GB of disk are needed in {folder}, {free / 1e9:.1f} GB are free",
            "free some space, or move everything elsewhere with ASSISTANT_HOME",
        )


def _seal(folder: Path, source: str) -> None:
    """Flush every file to disk and write the marker last."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        if path.suffix == ".scratch":
            path.unlink()
            continue
        files[path.relative_to(folder).as_posix()] = path.stat().st_size
        _flush(path)
    marker = folder / _MARKER
    marker.write_text(
        json.dumps({"source": source, "format": _FORMAT, "files": files}, indent=1), "utf-8"
    )
    _flush(marker)
    _flush(folder)


def _flush(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows cannot open a folder for this
        return
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
