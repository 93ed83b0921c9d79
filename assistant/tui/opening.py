"""Showing a file in the program that its owner uses for it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from assistant.display import plain, plain_path
from assistant.errors import AssistantError
from assistant.tui.strings import S

_PAGES = (".html", ".htm", ".xhtml")  # text, but written for a browser
_VIEWER_SECONDS = 1.0  # in which a viewer that cannot show a file has said so
_VIEWERS = {"darwin": "open", "win32": "explorer"}


@dataclass(frozen=True, slots=True)
class Opening:
    """A program with its arguments; ``in_terminal`` if it may want the terminal to itself."""

    command: tuple[str, ...]
    in_terminal: bool


# How editors are told the line to begin at; others are given the file alone.
_PLUS = frozenset(
    ("emacs", "emacsclient", "jed", "joe", "kak", "mcedit", "micro", "nano", "nvim", "vi", "vim")
)
_COLON = frozenset(("hx", "helix", "subl", "zed"))
_GOTO = frozenset(("code", "codium", "cursor"))


def opening(
    path: Path,
    environ: Mapping[str, str],
    platform: str = sys.platform,
    *,
    line: int | None = None,
) -> Opening:
    """How to show ``path``: text in ``$VISUAL`` or ``$EDITOR``, all else in the system's viewer.

    An editor begins at ``line``, from 1, where it is one that can be told. No shell has a part in
    it, so no file name means anything but itself.

    Raises:
        AssistantError: the file is gone, or there is no program to show it.
    """
    from assistant.ingestion.readers import FORMATS

    name = plain_path(path, path.parent)
    suffix = path.suffix.lower()
    is_text = suffix in FORMATS and FORMATS[suffix].is_text and suffix not in _PAGES
    if not path.exists():
        raise AssistantError(S.gone_from_disk.format(name=name), S.gone_hint)
    editor = environ.get("VISUAL") or environ.get("EDITOR") or ""
    try:
        words = shlex.split(editor)
    except ValueError:
        words = []
    if is_text and words and shutil.which(words[0]):
        return Opening((*words, *_at(words[0], path, line)), in_terminal=True)
    viewer = shutil.which(_VIEWERS.get(platform, "xdg-open"))
    if viewer is None:
        raise AssistantError(S.no_viewer.format(name=name), S.no_viewer_hint)
    return Opening((viewer, str(path)), in_terminal=False)


def _at(editor: str, path: Path, line: int | None) -> tuple[str, ...]:
    name = Path(editor).name
    if line is None:
        return (str(path),)
    if name in _PLUS:
        return (f"+{line}", str(path))
    if name in _COLON:
        return (f"{path}:{line}",)
    return ("--goto", f"{path}:{line}") if name in _GOTO else (str(path),)


def view(how: Opening, file: Path) -> None:
    """Start a viewer that goes on by itself, also after this program has ended.

    Raises:
        AssistantError: it could not be started, or said at once that it cannot show the file.
    """
    quiet = subprocess.DEVNULL
    failure = AssistantError(
        S.viewer_failed.format(program=plain(how.command[0]), name=plain_path(file, file.parent)),
        S.no_viewer_hint,
    )
    try:
        viewer = subprocess.Popen(
            how.command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError as error:
        raise failure from error
    try:
        status = viewer.wait(_VIEWER_SECONDS)
    except subprocess.TimeoutExpired:
        # Somebody has to wait for it, or it stays behind as a zombie.
        Thread(target=viewer.wait, daemon=True).start()
        return
    if status != 0 and sys.platform != "win32":  # explorer returns 1 for success
        raise failure
