"""What a reader is, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from assistant.types import Part


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as its reader understood it.

    ``title`` is the document's own, "" if it has none. ``pages`` counts its pages or slides (0
    where the format has none), ``unread`` are the numbers of those on which no text was found.
    """

    title: str
    parts: tuple[Part, ...]
    pages: int = 0
    unread: tuple[int, ...] = ()


Reader: TypeAlias = Callable[[Path, bytes], Reading]
"""Takes a file's path, for messages alone, and its bytes.

Raises EmptyFile when it holds no text (with a hint when something can be done about it) and
ReadError when it is not what its suffix says.
"""
