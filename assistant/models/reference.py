"""What a model's name in the settings means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.models import catalog
from assistant.models.address import is_address, parse

if TYPE_CHECKING:
    from assistant.config import Settings

Kind = Literal["auto", "embedded", "joint", "folder", "gguf", "hub", "endpoint", "unknown"]

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def kind(name: str) -> Kind:
    """Tell apart ``auto``, a catalogue name, a folder, a ``.gguf`` file, a hub id and a URL.

    ``joint`` is a catalogue name of two models together. What exists on disk under the name is
    meant before a hub id of the same form.
    """
    if name == "auto":
        return "auto"
    if is_address(name):
        return "endpoint"
    if catalog.find(name):
        return "embedded"
    if catalog.find_joint(name):
        return "joint"
    path = Path(name).expanduser()
    if path.suffix.lower() == ".gguf":
        return "gguf"
    if path.is_dir():
        return "folder"
    if _HUB_ID.fullmatch(name) and not name.startswith("."):
        return "hub"
    return "unknown"


def leaves_machine(settings: Settings) -> bool:
    """Whether what the language model reads goes to another machine."""
    name = settings.models.generation
    return is_address(name) and not parse(name).is_local


def needs_network(settings: Settings) -> bool:
    """Whether the settings name a hub model: the one case in which the hub may be asked."""
    named = (settings.models.embedding, settings.models.generation, settings.retrieval.reranker)
    return any(name and kind(name) == "hub" for name in named)
