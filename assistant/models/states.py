"""What `assistant models` lists: every model that is known or named, and how ready it is."""

from __future__ import annotations

from pathlib import Path

from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models import catalog, weights
from assistant.models.address import parse
from assistant.models.cache import is_converted
from assistant.models.catalog import JointSpec, ModelSpec, Task
from assistant.models.device import free_memory, guess_bf16
from assistant.models.folders import folder_of, gguf_folder, size_on_disk, unknown
from assistant.models.reference import kind
from assistant.models.resolve import choose_generation
from assistant.models.wording import one_line
from assistant.types import ModelState

HUB = "model hub"
"""The source of a model that is named by its hub id."""

FETCHED = "it is fetched from the model hub when it is first needed, and kept"

_OURS = {"auto", "embedded", "joint"}


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


def _active_generation(settings: Settings) -> str:
    if kind(settings.models.generation) != "auto":
        return settings.models.generation
    try:
        return choose_generation(bf16=guess_bf16(), free=free_memory())[0].name
    except ModelMissing:
        return ""


def _embedded_state(spec: ModelSpec, active: bool) -> ModelState:
    folder = folder_of(spec)
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
        size=size_on_disk(folder) if converted else spec.size,
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
        size=size_on_disk(path) if there else 0,
        installed=there,
        converted=meaning == "gguf" and there and is_converted(*gguf_folder(path)),
        active=True,
        location=path if there else None,
        hint=FETCHED if meaning == "hub" else "" if there else unknown(task, name).hint,
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
