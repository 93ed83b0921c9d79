"""Models as they are listed and prepared, and the lines of a check-up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class ModelState:
    """A line of ``assistant models``. ``size`` in bytes of what is on disk or to be fetched.

    ``endpoint`` is the base URL of a model that is served, and ``leaves_machine`` whether what it
    reads goes to another machine.
    """

    name: str
    task: Literal["embedding", "generation", "reranking"]
    source: str
    revision: str
    licence: str
    size: int
    installed: bool
    converted: bool
    active: bool
    location: Path | None = None
    hint: str = ""
    endpoint: str = ""
    leaves_machine: bool = False


@dataclass(frozen=True, slots=True)
class ModelOption:
    """A language model that can be taken: ``setting`` is then the value of ``models.generation``.

    ``place`` is the host of one that is served. ``problem`` says why it cannot be taken now.
    """

    setting: str
    name: str
    place: str = ""
    active: bool = False
    leaves_machine: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """A step of preparing a model: ``done`` of ``total`` units (bytes or tensors)."""

    model: str
    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``assistant doctor``; ``hint`` says how to mend what is not ok."""

    name: str
    level: Literal["ok", "warning", "error"]
    detail: str
    hint: str = ""
