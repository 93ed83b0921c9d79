"""Text for the clipboard, of this machine or of the one that a terminal runs on.

Terminals take it by an escape sequence (OSC 52), also over ssh. Some do not, and none says so. So
on this machine the system's own program is asked besides, tmux is told (which hands it on to the
terminal outside), and the text is kept in a file that can be read in any way.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant import paths

_SECONDS = 2.0


def copied_file() -> Path:
    """Where what was copied last is kept."""
    return paths.log_file().with_name("copied.txt")


def programs(environ: Mapping[str, str], platform: str = sys.platform) -> list[Sequence[str]]:
    """The commands that take text for a clipboard where this runs; each reads standard input."""
    found: list[Sequence[str]] = []
    if environ.get("TMUX"):
        found.append(("tmux", "load-buffer", "-w", "-"))
    if environ.get("SSH_CONNECTION"):
        return found  # the clipboard of the far machine is nobody's
    if platform == "darwin":
        found.append(("pbcopy",))
    elif environ.get("WAYLAND_DISPLAY"):
        found.append(("wl-copy",))
    elif environ.get("DISPLAY"):
        found.append(("xclip", "-selection", "clipboard"))
    return found


def keep(text: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Hand ``text`` on, in a thread; returns the file it is kept in, None where it cannot be."""
    for command in programs(environ):
        if shutil.which(command[0]):
            quiet = subprocess.DEVNULL
            try:
                subprocess.run(
                    command, input=text.encode(), stdout=quiet, stderr=quiet, timeout=_SECONDS
                )
            except (OSError, subprocess.TimeoutExpired):
                continue  # there are the terminal and the file
    file = copied_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
    except OSError:
        return None
    return file
