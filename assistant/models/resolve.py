"""From a name in the settings to a model that runs.

What the user configured (a local folder, a ``.gguf`` file, a hub id) comes first, then the
embedded packages; where neither is there, :class:`ModelMissing` says what to install. Nothing
asks the network but a hub id and the URL of an endpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant import paths
from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models import catalog, weights
from assistant.models.catalog import JointSpec, ModelSpec
from assistant.models.device import choose_device, free_memory, prepare_environment
from assistant.models.folders import (
    converted,
    converted_gguf,
    embedding_folder,
    is_prepared,
    spec_of,
    unknown,
)
from assistant.models.reference import kind
from assistant.models.weights import Progress, silent
from assistant.protocols import Encoder, Generator, Tokenizer
from assistant.types import ModelProgress

_GIB = 1024**3

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
    folder, _ = embedding_folder(name, progress or silent)
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
            if not is_prepared(spec):
                weights.locate(spec)
        except ModelMissing as missing:
            alone = joint.first.name
            hint = missing.hint
            if spec is not joint.first:
                hint += f"; or search without it: assistant models use {alone}"
            raise ModelMissing(missing.message, hint) from missing


def _encoder(name: str, settings: Settings, progress: Progress) -> Encoder:
    hub = kind(name) == "hub"
    folder, identity = (Path(), "") if hub else embedding_folder(name, progress)
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
            location, name = str(converted(spec, progress)), spec.name
        case "embedded":
            location = str(converted(spec_of(name, "generation"), progress))
        case "gguf":
            location = str(converted_gguf(Path(name).expanduser(), progress))
        case "folder":
            location = str(Path(name).expanduser())
        case "hub":
            location = name
        case _:
            raise unknown("generation", name)
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
    available = [spec for spec in specs if is_prepared(spec) or weights.is_installed(spec)]
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
    return running if is_prepared(spec) else max(running, spec.conversion_memory)


def _hub_file(name: str, file: str) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(name, file))
    except (OSError, ValueError) as error:
        raise ModelMissing(
            f"{name} cannot be fetched from the model hub: {str(error).splitlines()[0]}",
            "check the id and the network, or use an embedded model",
        ) from error


def _short(name: str) -> str:
    """A model's name without the folders it lies in."""
    path = Path(name)
    return path.stem if path.suffix.lower() == ".gguf" else path.name
