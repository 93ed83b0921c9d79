"""The folders that models are read from: the user's own, or converted from the packages once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from assistant import paths
from assistant.errors import ModelLoadError, ModelMissing
from assistant.models import catalog, weights
from assistant.models.cache import convert_once, is_converted
from assistant.models.catalog import ModelSpec, Task
from assistant.models.reference import kind
from assistant.models.weights import Progress


def embedding_folder(name: str, progress: Progress) -> tuple[Path, str]:
    """Folder of the embedding model and what identifies its weights."""
    match kind(name):
        case "embedded":
            spec = spec_of(name, "embedding")
            return converted(spec, progress), spec.sha256
        case "folder":
            folder = Path(name).expanduser()
            return folder, _hash_of_weights(folder)
        case _:
            raise unknown("embedding", name)


def converted(spec: ModelSpec, progress: Progress) -> Path:
    """The folder an embedded model is loaded from, converted now where that was not done.

    Raises:
        ModelMissing, ModelCorrupt.
    """

    def write(folder: Path) -> None:
        match spec.form:
            case "e5":
                from assistant.models import convert_e5

                convert_e5.convert(spec, folder, progress)
            case "use":
                from assistant.models import convert_use

                convert_use.convert(spec, folder, progress)
            case "gguf":
                from assistant.models import convert_gguf

                file = folder / "weights.scratch"
                weights.join(spec, file, progress)
                convert_gguf.convert(file, folder, model=spec.name, progress=progress)

    return convert_once(
        folder_of(spec),
        spec.sha256,
        write,
        needed=spec.size + spec.converted_size,
        model=spec.name,
        progress=progress,
    )


def converted_gguf(file: Path, progress: Progress) -> Path:
    """The folder the user's ``.gguf`` file is loaded from, converted now where it changed.

    Raises:
        ModelMissing, ModelCorrupt.
    """
    from assistant.models import convert_gguf

    if not file.is_file():
        raise unknown("generation", str(file))
    folder, source = gguf_folder(file)
    return convert_once(
        folder,
        source,
        lambda target: convert_gguf.convert(file, target, model=file.stem, progress=progress),
        needed=4 * file.stat().st_size,  # four-bit weights become sixteen-bit ones
        model=file.stem,
        progress=progress,
    )


def gguf_folder(file: Path) -> tuple[Path, str]:
    """Where the file's conversion lives, and what identifies the file without reading it."""
    stat = file.stat()
    source = f"{file.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    key = hashlib.sha256(source.encode()).hexdigest()
    return paths.model_cache() / f"{file.stem}-{key[:12]}", key


def folder_of(spec: ModelSpec) -> Path:
    """Where an embedded model lies once it is converted."""
    return paths.model_cache() / spec.name


def is_prepared(spec: ModelSpec) -> bool:
    """Whether an embedded model was converted, whole and from these very weights."""
    return is_converted(folder_of(spec), spec.sha256)


def spec_of(name: str, task: Task) -> ModelSpec:
    """The embedded model of that name.

    Raises:
        ModelLoadError: it is for another task.
    """
    spec = catalog.find(name)
    if spec is None or spec.task != task:
        raise ModelLoadError(
            f"{name} is no {task} model", f"change models.{task}; `assistant models` lists them"
        )
    return spec


def unknown(task: Task, name: str) -> ModelMissing:
    """The error for a name that is neither a model nor a file, with those that are known."""
    names = [spec.name for spec in catalog.CATALOG if spec.task == task]
    if task == "embedding":
        names += [spec.name for spec in catalog.JOINT]
    known = ", ".join(names)
    return ModelMissing(
        f"models.{task} is {name!r}: no folder, no file and no model of that name",
        f"known: {known}; or a folder (./…), a hub id (org/name)"
        + (", a .gguf file or the URL of an endpoint" if task == "generation" else ""),
    )


def _hash_of_weights(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted([*folder.rglob("*.safetensors"), *folder.rglob("pytorch_model*.bin")]):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def size_on_disk(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
