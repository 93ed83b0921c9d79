"""What is said of files that cannot be read: what is wrong, and then what to do about it."""

from __future__ import annotations

from pathlib import Path

from assistant.errors import ReadError
from assistant.ingestion.readers.naming import file_name


def broken(path: Path, what: str = "", *, save_as: str = "") -> ReadError:
    """Of a file its library could not make sense of.

    ``what`` it should have been, by default a file of its own suffix; ``save_as`` is the suffix to
    save it as, by default the same.
    """
    save_as = save_as or path.suffix.lower()
    return ReadError(
        f"{file_name(path)} is not {what or f'a {save_as} file'}, or a broken one",
        f"open it and save it again as {save_as}",
    )


def locked(path: Path) -> ReadError:
    """Of a file with a password."""
    return ReadError(
        f"{file_name(path)} is locked by a password", "save a copy without the password"
    )
