"""Settings as they are listed and changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: ``key`` is ``section.name``, ``value`` and ``default`` as people write them.

    ``choices`` are all it may be, where those can be counted. ``origin`` is where the value comes
    from. ``at_once``: a change counts from the next question on, and not from the next start.
    """

    key: str
    value: str
    default: str
    help: str
    choices: tuple[str, ...] = ()
    origin: Literal["default", "file", "environment"] = "default"
    at_once: bool = False
