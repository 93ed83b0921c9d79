"""One module per file format; each yields the parts of a document with their places."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from assistant.errors import AssistantError, EmptyFile, ReadError
from assistant.ingestion.text import clean
from assistant.types import Part

Reader: TypeAlias = Callable[[Path, bytes], tuple[str, list[Part]]]
"""Takes a file's path, for messages alone, and its bytes; gives title ("" if none) and parts."""

SUPPORTED: Mapping[str, str] = MappingProxyType(
    {
        ".md": "markdown",
        ".markdown": "markdown",
        ".txt": "text",
        ".text": "text",
        ".rst": "text",
        ".pdf": "pdf",
        ".ipynb": "notebook",
    }
)
"""Format name by lower-case suffix."""

_TITLE_CHARACTERS = 200

TEXT_FORMATS = frozenset(("markdown", "text"))
"""Formats whose bytes are the text itself."""


def read(path: Path, data: bytes | None = None) -> tuple[str, list[Part]]:
    """Title and parts of a file; ``data`` are its bytes if the caller has them.

    A part under a heading begins with that heading's line where the section begins. The title
    is the document's own, or else its file name without suffix.

    Raises:
        EmptyFile: it holds no text.
        ReadError: it cannot be opened, or is not what its suffix says.
    """
    name = unicodedata.normalize("NFC", path.name)
    if data is None:
        data = load(path)
    reader = _reader(SUPPORTED.get(path.suffix.lower(), ""))
    if reader is None:
        raise ReadError(f"{name}: {path.suffix or 'no suffix'} is not a format that is read")
    try:
        title, parts = reader(path, data)
    except AssistantError:
        raise
    except Exception as error:  # whatever a format's library throws at a file nobody foresaw
        raise ReadError(f"{name} cannot be read: {error!r:.100}", "try to open it") from error
    parts = [part for part in parts if part.text.strip()]
    if not parts:
        raise EmptyFile(f"{name} holds no text")
    title = " ".join((title or clean(path.stem)).split())
    return title[:_TITLE_CHARACTERS] or name, parts


def load(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        ReadError: it cannot be opened.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        name = unicodedata.normalize("NFC", path.name)
        hint = "check who may read it" if isinstance(error, PermissionError) else ""
        why = (error.strerror or type(error).__name__).lower()
        raise ReadError(f"{name} cannot be opened: {why}", hint) from error


def _reader(format_name: str) -> Reader | None:
    # Imported at first use: each brings its library along.
    match format_name:
        case "markdown":
            from assistant.ingestion.readers.markdown import read as reader
        case "text":
            from assistant.ingestion.readers.plain import read as reader
        case "pdf":
            from assistant.ingestion.readers.pdf import read as reader
        case "notebook":
            from assistant.ingestion.readers.notebook import read as reader
        case _:
            return None
    return reader
