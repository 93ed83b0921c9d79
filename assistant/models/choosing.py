"""From what a user calls a model to the setting that stands for it, checked before it is kept."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant import paths
from assistant.config import Settings
from assistant.errors import AssistantError, ModelLoadError, ModelMissing
from assistant.models import catalog, weights
from assistant.models.address import parse
from assistant.models.cache import is_converted
from assistant.models.catalog import ModelSpec, Task
from assistant.models.connecting import LEAVES, choose, endpoint_of
from assistant.models.reference import kind
from assistant.models.states import FETCHED
from assistant.models.wording import one_line
from assistant.types import ModelOption

_WORDS = {"embedding": "embedding", "generation": "language"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The value of ``models.<task>``, and what its user should know about it."""

    task: Task
    setting: str
    notes: tuple[str, ...] = ()


def choose_model(name: str, task: Task | None, settings: Settings) -> Choice:
    """What to set so that ``name`` is used; for ``task``, or for the one it is made for.

    The network is asked only where ``name`` is a URL: whether the model is there.

    Raises:
        ModelMissing: nothing of that name is on this machine; the hint says what is like it.
        ModelLoadError: it is a model of the other task, or no model.
        ConfigError, EndpointError: the URL is none, or nobody answers there.
    """
    spec, joint = catalog.find(name), catalog.find_joint(name)
    made_for: Task | None = spec.task if spec else "embedding" if joint else None
    task = task or made_for or "generation"
    if made_for is not None and made_for != task:
        other = {"embedding": "embedding", "generation": "answer"}[made_for]
        raise ModelLoadError(
            f"{name} is no {_WORDS[task]} model", f"assistant models use {name} --task {other}"
        )
    match kind(name):
        case "auto" if task == "generation":
            return Choice(task, "auto")
        case "embedded" | "joint":
            for part in joint.voices if joint else (spec,) if spec else ():
                if hint := _missing(part):
                    raise ModelMissing(f"{part.name} is not installed", hint)
            return Choice(task, name)
        case "folder":
            return Choice(task, str(_folder(name)))
        case "gguf" if task == "generation":
            return Choice(task, str(_gguf(name)))
        case "hub":
            return Choice(task, name, (FETCHED,))
        case "endpoint" if task == "generation":
            return _served(name, settings)
    raise _unknown(name, task)


def language_models(settings: Settings, known: Sequence[str] = ()) -> list[ModelOption]:
    """What may be taken to write answers: the catalogue's models, and those of the settings.

    ``known`` are further values of ``models.generation``, and the one in use may be among them.
    Endpoints among these are asked for all the models they have.
    """
    active = settings.models.generation
    options = [ModelOption("auto", "auto", active=active == "auto")]
    for spec in catalog.CATALOG:
        if spec.task == "generation":
            problem = _missing(spec)
            options.append(ModelOption(spec.name, spec.name, problem=problem))
    for name in dict.fromkeys([*known, active]):
        if kind(name) == "endpoint":
            options += _offered(name, settings)
        elif kind(name) not in ("auto", "embedded"):
            options.append(ModelOption(name, one_line(name)))
    once = {option.setting: option for option in options}
    return [replace(option, active=option.setting == active) for option in once.values()]


def _missing(spec: ModelSpec) -> str:
    try:
        if not is_converted(paths.model_cache() / spec.name, spec.sha256):
            weights.locate(spec)
    except ModelMissing as missing:
        return missing.hint
    return ""


def _offered(name: str, settings: Settings) -> list[ModelOption]:
    address = parse(name)
    own = ModelOption(
        name,
        one_line(address.model or address.label),
        address.label,
        leaves_machine=not address.is_local,
    )
    models = replace(settings.models, generation=name)
    try:
        offered = endpoint_of(models).models()
    except AssistantError as error:
        return [replace(own, problem=error.message)]
    return [own] + [
        replace(own, setting=f"{address.url}#{model.name}", name=one_line(model.name))
        for model in offered
        if address.model or len(offered) > 1
    ]


def _folder(name: str) -> Path:
    folder = Path(name).expanduser().absolute()
    if not any((folder / file).is_file() for file in ("config.json", "modules.json")):
        raise ModelLoadError(
            f"{folder} holds no model", "it should have a config.json, as transformers saves it"
        )
    return folder


def _gguf(name: str) -> Path:
    file = Path(name).expanduser().absolute()
    try:
        with file.open("rb") as content:
            magic = content.read(4)
    except OSError as error:
        raise ModelMissing(
            f"{file} cannot be read: {error.strerror}", "check the path of the .gguf file"
        ) from error
    if magic != b"GGUF":
        raise ModelLoadError(f"{file} is no GGUF file", "download it again")
    return file


def _served(name: str, settings: Settings) -> Choice:
    address = parse(name)
    models = replace(settings.models, generation=name)
    offered = endpoint_of(models).models()
    if not offered and not address.path:
        # People name host and port; the API then lies beneath /v1.
        address = replace(address, path="/v1")
        models = replace(models, generation=address.setting)
        offered = endpoint_of(models).models()
    model = choose(address, offered)
    setting = f"{address.url}#{model.name}"
    return Choice("generation", setting, () if address.is_local else (LEAVES,))


def _unknown(name: str, task: Task) -> ModelMissing:
    known = [spec.name for spec in catalog.CATALOG if spec.task == task]
    known += [joint.name for joint in catalog.JOINT] if task == "embedding" else ["auto"]
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    more = ", a .gguf file or the URL of an endpoint" if task == "generation" else ""
    return ModelMissing(
        f"there is no {_WORDS[task]} model {name}",
        (f"did you mean {' or '.join(near)}? " if near else "")
        + f"known: {', '.join(known)}; or a folder (./…), a hub id (org/name){more}",
    )
