"""Paths as people type, paste and drop them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path


def locate(typed: str) -> Path | None:
    """The file or folder meant by ``typed``, or None when there is none.

    ``~`` is expanded; quotes and backslashes that a terminal adds to a dropped path are taken
    off; a Korean name is found whether the disk holds it composed (NFC) or decomposed (NFD).
    """
    typed = typed.strip()
    candidates = [typed, typed.strip("'\""), typed.replace("\\ ", " ").removeprefix("file://")]
    for candidate in candidates:
        if candidate and (found := _find(Path(candidate).expanduser())):
            return found
    return None


def _find(path: Path) -> Path | None:
    try:
        if path.exists():
            return path.absolute()
        parent = path.parent if path.parent == path else _find(path.parent)
        if parent is None or not parent.is_dir():
            return None
        name = unicodedata.normalize("NFC", path.name)
        with os.scandir(parent) as entries:
            for entry in entries:
                if unicodedata.normalize("NFC", entry.name) == name:
                    return parent / entry.name
    except (OSError, ValueError):
        return None
    return None


def complete(typed: str) -> str | None:
    """``typed`` drawn out to the first folder it may become, or None."""
    folder, slash, start = typed.rpartition("/")
    parent = locate(folder + slash) if slash else (Path.cwd() if typed else None)
    if typed == "~":
        return "~/"
    if parent is None:
        return None
    wanted = unicodedata.normalize("NFC", start).casefold()
    try:
        with os.scandir(parent) as entries:
            names = sorted(
                unicodedata.normalize("NFC", entry.name)
                for entry in entries
                if entry.is_dir() and entry.name.startswith(".") == start.startswith(".")
            )
    except OSError:
        return None
    for name in names:
        if name.casefold().startswith(wanted):
            return f"{typed}{name[len(start) :]}/"
    return None
