"""Untrusted text made fit to be shown, and quantities made fit to be read."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

# C0 and C1 controls but tab and newline (an ESC among them starts a terminal command), and the
# marks that reorder or hide the text around them.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """``text`` in NFC without anything a terminal would obey; unknown bytes become ``�``."""
    shown = _UNSHOWN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", shown.encode("utf-8", "replace").decode())


def plain_path(path: Path, base: Path | None = None) -> str:
    """A path as a person writes it: relative to ``base`` or the home folder where that is shorter.

    File names that are not UTF-8 keep their readable part. For display only: the result need not
    name the file any more.
    """
    for anchor, prefix in ((base, ""), (Path.home(), "~/")):
        if anchor is not None and path != anchor and path.is_relative_to(anchor):
            path = path.relative_to(anchor)
            return plain(prefix + _readable(path))
    return plain(_readable(path))


def _readable(path: Path) -> str:
    # One line: a newline is legal in a file name and would forge a second one.
    return os.fsencode(path).decode("utf-8", "replace").replace("\n", " ").replace("\t", " ")


def size(count: int) -> str:
    """Bytes for people: ``1.1 GB``, in powers of 1,000 as disks and downloads are sold."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def count(number: int, thing: str, things: str | None = None) -> str:
    """``1 passage``, ``2,000 passages``."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
