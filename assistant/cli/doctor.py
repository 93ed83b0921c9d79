"""``assistant doctor``: the desk's own checks and those of the terminal and the disk."""

from __future__ import annotations

import locale
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from assistant import paths
from assistant.desk import Desk
from assistant.display import plain_path, size
from assistant.errors import AssistantError
from assistant.types import Check

# Both embedded language models converted, beside their packages.
_ROOM = 6_000_000_000


def examine(desk: Desk) -> Iterator[Check]:
    """Every check, the quick ones first."""
    yield _terminal()
    yield _disk("library", desk.settings.library, needed=500_000_000)
    yield _disk("model cache", paths.model_cache(), needed=_ROOM)
    yield _library(desk)
    yield from desk.diagnose()


def _terminal() -> Check:
    encoding = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") != "utf8":
        return Check(
            "terminal",
            "warning",
            f"encoding is {encoding}; Korean may not show",
            "set LANG=C.UTF-8 (Windows: use Windows Terminal, `chcp 65001`)",
        )
    if not sys.stdout.isatty():
        return Check("terminal", "ok", "UTF-8, output goes to a pipe")
    colours = os.environ.get("COLORTERM") or os.environ.get("TERM", "unknown")
    columns, lines = shutil.get_terminal_size()
    return Check("terminal", "ok", f"UTF-8, {columns} × {lines}, {colours}")


def _disk(name: str, folder: Path, *, needed: int) -> Check:
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    detail = f"{plain_path(folder)}, {size(free)} free"
    if not os.access(there, os.W_OK):
        return Check(name, "error", f"{detail}, not writable", "set ASSISTANT_HOME to your folder")
    if free < needed and not any(folder.glob("*")):
        return Check(name, "warning", detail, f"{size(needed)} may be needed: free some space")
    return Check(name, "ok", detail)


def _library(desk: Desk) -> Check:
    try:
        state = desk.status()
    except AssistantError as error:
        return Check("library opens", "error", error.message, error.hint)
    if not state.documents:
        return Check("library opens", "warning", "it is empty", "assistant ingest ~/notes")
    return Check("library opens", "ok", f"{state.documents:,} documents, {state.nodes:,} passages")
