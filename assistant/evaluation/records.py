"""JSON Lines and tab-separated files, with errors that name the line."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import PathNotFound, ReadError

Record = Mapping[str, Any]


@contextmanager
def at(file: Path, number: int) -> Iterator[None]:
    """Turn a ValueError inside into a ReadError that names file and line."""
    try:
        yield
    except ValueError as error:
        raise ReadError(f"{file}, line {number}: {error}", "mend that line") from error


def lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers from 1.

    Raises:
        PathNotFound: there is no such file.
        ReadError: it may not be read or is not UTF-8.
    """
    try:
        with file.open(encoding="utf-8-sig") as opened:
            for number, line in enumerate(opened, start=1):
                if line.strip():
                    yield number, line
    except FileNotFoundError as error:
        raise PathNotFound(f"no file {file}", "check the name of the folder") from error
    except UnicodeDecodeError as error:
        raise ReadError(f"{file} is not UTF-8: {error.reason}", "save it as UTF-8") from error
    except OSError as error:
        raise ReadError(f"cannot read {file}: {error.strerror}", "check its permissions") from error


def records(file: Path) -> Iterator[tuple[int, Record]]:
    """The objects of a JSON Lines file, with their line numbers; raises as :func:`lines`."""
    for number, line in lines(file):
        with at(file, number):
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"not JSON ({error.msg} at column {error.colno})") from error
            if not isinstance(record, dict):
                raise ValueError("not a JSON object")
        yield number, record


def string(record: Record, field: str, *, empty: bool = False) -> str:
    """A required text field, NFC; blank only where ``empty`` allows it."""
    value = record.get(field)
    if not isinstance(value, str) or not (empty or value.strip()):
        raise ValueError(f"'{field}' is missing or not a {'' if empty else 'non-empty '}string")
    return unicodedata.normalize("NFC", value)


def identity(record: Record, field: str) -> str:
    """A required id, NFC: a string, or a whole number as some sets have it."""
    value = record.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return string(record, field).strip()


def boolean(record: Record, field: str, default: bool | None = None) -> bool:
    """A true or false; required unless there is a ``default``."""
    value = record.get(field, default)
    if not isinstance(value, bool):
        raise ValueError(f"'{field}' is missing or neither true nor false")
    return value


def objects(record: Record, field: str) -> list[Record]:
    """A list of objects; empty when left out."""
    value = record.get(field) or []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError(f"'{field}' is not a list of objects")
    return value
