"""What the interface says. ``LC_ALL``, ``LC_MESSAGES`` or ``LANG`` decides the language."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from assistant.tui.strings.english import EN, Strings
from assistant.tui.strings.korean import KO

__all__ = ["EN", "KO", "S", "Strings", "choose", "counted", "speak"]


def counted(text: str, count: int) -> str:
    """``text`` with its ``{count}``, in the singular or the plural form."""
    one, _, many = text.partition("|")
    return (one if count == 1 or not many else many).format(count=f"{count:,}")


def choose(environ: Mapping[str, str]) -> Strings:
    """The language the environment asks for; English where it asks for none we have."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return KO if value.lower().startswith("ko") else EN
    return EN


S = choose(os.environ)


def speak(language: Literal["auto", "ko", "en"]) -> None:
    """Speak this language instead of the environment's.

    Before any other module of the interface is imported: keys are named when classes are made.
    """
    global S
    if language != "auto":
        S = KO if language == "ko" else EN
