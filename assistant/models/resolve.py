"""From a name in the settings to a model that runs.

What the user configured (a local folder, a ``.gguf`` file, a hub id) comes first, then the
embedded packages; where neither is there, :class:`ModelMissing` says what to install. Nothing
asks the network but a hub id and the URL of an endpoint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from assistant import paths
from assistant.config import Settings
from assistant.errors import ModelLoadError, ModelMissing
from assistant.models import catalog, weights
from assistant.models.address import parse
from assistant.models.cache import convert_once, is_converted
from assistant.models.catalog import JointSpec, ModelSpec, Task
from assistant.models.device import choose_device, free_memory, guess_bf16, prepare_environment
from assistant.models.reference import kind
from assistant.models.weights import Progress, silent
from assistant.models.wording import one_line
from assistant.protocols import Encoder, Generator, Tokenizer
from assistant.types import ModelProgress, ModelState

_GIB = 1024**3

HUB = "model hub"
"""The source of a model that is named by its hub id."""

FETCHED = "it is fetched from the model hub when it is first needed, and kept"

Notice = Callable[[str], None]


def load_tokenizer(settings: Settings, progress: Progress | None = None) -> Tokenizer:
    """The embedding model's tokenizer, without torch.

    Raises:
        ModelMissing, ModelCorrupt, ModelLoadError.
    """
    from assistant.models.tokenizer import FastTokenizer

    prepare_environment(settings)
    name = settings.models.embedding
    if joint := catalog.find_joint(name):
        name = joint.first.name
    if kind(name) == "hub":
        return FastTokenizer(_hub_file(name, "tokenizer.json"))
    folder, _ = _embedding_folder(name, progress or silent)
    return FastTokenizer(folder / "tokenizer.json")


def load_encoder(settings: Settings, progress: Progress | None = None) -> Encoder:
    """The embedding model, converted first where that was not done.

    Raises:
        ModelMissing, ModelCorrupt, ModelLoadError.
    """
    progress = progress or silent
    prepare_environment(settings)
    name = settings.models.embedding
    joint = catalog.find_joint(name)
    if joint is None:
        return _encoder(name, settings, progress)
    from assistant.models.joint import JointEncoder

    _require(joint)
    first, second = (_encoder(spec.name, settings, progress) for spec in joint.voices)
    return JointEncoder(first, second, joint.weight, name=name)


def _require(joint: JointSpec) -> None:
    """Look for the weights of both models before either is prepared, which takes a while."""
    for spec in joint.voices:
        try:
            if not _is_converted(spec):
                weights.locate(spec)
        except ModelMissing as missing:
            alone = joint.first.name
            hint = missing.hint
            if spec is not joint.first:
                hint += f"; or search without it: assistant models use {alone}"
            raise ModelMissing(missing.message, hint) from missing


def _encoder(name: str, settings: Settings, progress: Progress) -> Encoder:
    hub = kind(name) == "hub"
    folder, identity = (Path(), "") if hub else _embedding_folder(name, progress)
    device = choose_device(settings)
    progress(ModelProgress(name, "loading", 0, 1))
    encoder: Encoder
    spec = catalog.find(name)
    if spec is not None and spec.form == "use":
        from assistant.models.universal import UniversalEncoder

        encoder = UniversalEncoder(folder, device, name=name, weights=identity)
    else:
        from assistant.models.embedding import SentenceEncoder

        encoder = SentenceEncoder(
            name if hub else str(folder),
            device,
            name=name if hub else _short(name),
            weights=identity,
            local_files_only=not hub,
        )
    progress(ModelProgress(name, "loading", 1, 1))
    return encoder


def load_generator(
    settings: Settings, progress: Progress | None = None, notice: Notice | None = None
) -> Generator:
    """The language model; ``notice`` hears why ``auto`` did not take the larger one.

    Raises:
        ModelMissing, ModelCorrupt, ModelLoadError, EndpointError.
    """
    progress = progress or silent
    prepare_environment(settings)
    name = settings.models.generation
    match kind(name):
        case "endpoint":
            from assistant.models.connecting import connect

            return connect(settings.models)
        case "auto":
            device = choose_device(settings)
            free = free_memory(device)
            spec, why = choose_generation(bf16=device.dtype != "float32", free=free)
            if why and notice:
                notice(why)
            location, name = str(_converted(spec, progress)), spec.name
        case "embedded":
            location = str(_converted(_spec(name, "generation"), progress))
        case "gguf":
            location = str(_converted_gguf(Path(name).expanduser(), progress))
        case "folder":
            location = str(Path(name).expanduser())
        case "hub":
            location = name
        case _:
            raise _unknown("generation", name)
    from assistant.models.generation import ChatGenerator

    device = choose_device(settings)
    hub = kind(name) == "hub"
    progress(ModelProgress(name, "loading", 0, 1))
    generator = ChatGenerator(
        location,
        device,
        name=name if hub else _short(name),
        local_files_only=not hub,
        notes=paths.model_cache() / "measured.json",
    )
    progress(ModelProgress(name, "loading", 1, 1))
    return generator


def choose_generation(*, bf16: bool, free: int) -> tuple[ModelSpec, str]:
    """The largest embedded language model that is installed and fits ``free`` bytes of memory.

    Returns it and a sentence that says why a larger one was passed over, else "". The
    smallest installed one is taken however little memory is free.

    Raises:
        ModelMissing: none is installed.
    """
    specs = [spec for spec in catalog.CATALOG if spec.task == "generation"]
    available = [spec for spec in specs if _is_converted(spec) or weights.is_installed(spec)]
    if not available:
        weights.locate(specs[0])  # raises, naming what to install
    largest = specs[0]
    chosen = next((spec for spec in available if free >= _needed(spec, bf16)), available[-1])
    if chosen is largest:
        return chosen, ""
    if largest not in available:
        return chosen, (
            f"{largest.name} is not installed, taking the smaller {chosen.name}; "
            f'pip install "assistant-desk[{largest.extra}]" brings it'
        )
    return chosen, (
        f"{largest.name} needs {_needed(largest, bf16) / _GIB:.0f} GiB of memory: only "
        f"{free / _GIB:.1f} GiB free, taking the smaller model {chosen.name}"
    )


def _needed(spec: ModelSpec, bf16: bool) -> int:
    """Bytes of memory to run the model, or to convert it first if that takes more."""
    running = spec.memory_bf16 if bf16 else spec.memory
    return running if _is_converted(spec) else max(running, spec.conversion_memory)


def describe_models(settings: Settings) -> list[ModelState]:
    """Every model of the catalogue and those the settings name; nothing heavy is imported."""
    active = {settings.models.embedding, _active_generation(settings)}
    if joint := catalog.find_joint(settings.models.embedding):
        active |= {spec.name for spec in joint.voices}
    states = [_embedded_state(spec, spec.name in active) for spec in catalog.CATALOG]
    states += [_joint_state(spec, spec.name in active) for spec in catalog.JOINT]
    wanted: tuple[tuple[Task, str], ...] = (
        ("embedding", settings.models.embedding),
        ("generation", settings.models.generation),
    )
    return states + [
        _configured_state(task, name) for task, name in wanted if kind(name) not in _OURS
    ]


_OURS = {"auto", "embedded", "joint"}


def _active_generation(settings: Settings) -> str:
    if kind(settings.models.generation) != "auto":
        return settings.models.generation
    try:
        return choose_generation(bf16=guess_bf16(), free=free_memory())[0].name
    except ModelMissing:
        return ""


def _embedded_state(spec: ModelSpec, active: bool) -> ModelState:
    folder = _folder(spec)
    converted = is_converted(folder, spec.sha256)
    hint = ""
    try:
        location: Path | None = weights.locate(spec)[0].path
    except ModelMissing as missing:
        location, hint = None, missing.hint
    return ModelState(
        name=spec.name,
        task=spec.task,
        source=spec.source,
        revision=spec.revision,
        licence=spec.licence,
        size=_size(folder) if converted else spec.size,
        installed=location is not None,
        converted=converted,
        active=active,
        location=folder if converted else location,
        hint="" if converted else hint,
    )


def _joint_state(joint: JointSpec, active: bool) -> ModelState:
    states = [_embedded_state(spec, active) for spec in joint.voices]
    return ModelState(
        name=joint.name,
        task="embedding",
        source=" and ".join(state.name for state in states) + ", together",
        revision=", ".join(state.revision for state in states),
        licence=", ".join(state.licence for state in states),
        size=sum(state.size for state in states),
        installed=all(state.installed for state in states),
        converted=all(state.converted for state in states),
        active=active,
        hint=next((state.hint for state in states if state.hint), ""),
    )


def _configured_state(task: Task, name: str) -> ModelState:
    meaning = kind(name)
    if meaning == "endpoint" and task == "generation":
        return _endpoint_state(name)
    path = Path(name).expanduser()
    there = meaning == "folder" or (meaning == "gguf" and path.is_file())
    return ModelState(
        name=name,
        task=task,
        source={"folder": "local folder", "gguf": "local file", "hub": HUB}.get(meaning, "unknown"),
        revision="",
        licence="see the model's own",
        size=_size(path) if there else 0,
        installed=there,
        converted=meaning == "gguf" and there and is_converted(*_gguf_folder(path)),
        active=True,
        location=path if there else None,
        hint=FETCHED if meaning == "hub" else "" if there else _unknown(task, name).hint,
    )


def _endpoint_state(name: str) -> ModelState:
    from assistant.models.connecting import LEAVES

    address = parse(name)
    return ModelState(
        name=one_line(address.model or address.label),
        task="generation",
        source=f"endpoint {address.url}",
        revision="",
        licence="see the model's own",
        size=0,
        installed=False,
        converted=False,
        active=True,
        hint="" if address.is_local else LEAVES,
        endpoint=address.url,
        leaves_machine=not address.is_local,
    )


def _embedding_folder(name: str, progress: Progress) -> tuple[Path, str]:
    """Folder of the embedding model and what identifies its weights."""
    match kind(name):
        case "embedded":
            spec = _spec(name, "embedding")
            return _converted(spec, progress), spec.sha256
        case "folder":
            folder = Path(name).expanduser()
            return folder, _hash_of_weights(folder)
        case _:
            raise _unknown("embedding", name)


def _converted(spec: ModelSpec, progress: Progress) -> Path:
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
        _folder(spec),
        spec.sha256,
        write,
        needed=spec.size + spec.converted_size,
        model=spec.name,
        progress=progress,
    )


def _converted_gguf(file: Path, progress: Progress) -> Path:
    from assistant.models import convert_gguf

    if not file.is_file():
        raise _unknown("generation", str(file))
    folder, source = _gguf_folder(file)
    return convert_once(
        folder,
        source,
        lambda target: convert_gguf.convert(file, target, model=file.stem, progress=progress),
        needed=4 * file.stat().st_size,  # four-bit weights become sixteen-bit ones
        model=file.stem,
        progress=progress,
    )


def _gguf_folder(file: Path) -> tuple[Path, str]:
    """Where the file's conversion lives, and what identifies the file without reading it."""
    stat = file.stat()
    source = f"{file.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    key = hashlib.sha256(source.encode()).hexdigest()
    return paths.model_cache() / f"{file.stem}-{key[:12]}", key


def _folder(spec: ModelSpec) -> Path:
    return paths.model_cache() / spec.name


def _is_converted(spec: ModelSpec) -> bool:
    return is_converted(_folder(spec), spec.sha256)


def _spec(name: str, task: Task) -> ModelSpec:
    spec = catalog.find(name)
    if spec is None or spec.task != task:
        raise ModelLoadError(
            f"{name} is no {task} model", f"change models.{task}; `assistant models` lists them"
        )
    return spec


def _unknown(task: Task, name: str) -> ModelMissing:
    names = [spec.name for spec in catalog.CATALOG if spec.task == task]
    if task == "embedding":
        names += [spec.name for spec in catalog.JOINT]
    known = ", ".join(names)
    return ModelMissing(
        f"models.{task} is {name!r}: no folder, no file and no model of that name",
        f"known: {known}; or a folder (./…), a hub id (org/name)"
        + (", a .gguf file or the URL of an endpoint" if task == "generation" else ""),
    )


def _hub_file(name: str, file: str) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(name, file))
    except (OSError, ValueError) as error:
        raise ModelMissing(
            f"{name} cannot be fetched from the model hub: {str(error).splitlines()[0]}",
            "check the id and the network, or use an embedded model",
        ) from error


def _hash_of_weights(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted([*folder.rglob("*.safetensors"), *folder.rglob("pytorch_model*.bin")]):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _short(name: str) -> str:
    """A model's name without the folders it lies in."""
    path = Path(name)
    return path.stem if path.suffix.lower() == ".gguf" else path.name
