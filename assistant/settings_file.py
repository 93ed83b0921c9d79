"""One setting changed in the user's settings file; all else in it stays as it was written.

Python reads TOML and does not write it. So a line is changed as text, and the text is kept only
if it then reads as before but for that one value.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import config
from assistant.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Change:
    """A setting in ``file``; ``before`` is None where it had no value of its own there.

    ``overridden`` names the environment variable that wins over the file, if one is set.
    """

    file: Path
    key: str
    before: str | None
    after: str
    overridden: str = ""


def store(section: str, name: str, value: str) -> Change:
    """Set ``name`` of ``[section]``; the file is made where there is none, and replaced at once.

    Raises:
        ConfigError: the file cannot be read, written, or changed without touching more of it.
    """
    file = config.file()
    try:
        text = file.read_bytes().decode("utf-8") if file.exists() else ""
        settings = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}", "mend it first") from error
    before = settings.get(section, {}).get(name)
    change = Change(file, f"{section}.{name}", before, value, _variable(section, name))
    if before != value:
        changed = edit(text, section, name, value)
        if changed is None:
            raise ConfigError(
                f"{file} is written in a way that cannot be changed safely",
                f"write {name} = {_quoted(value)} beneath [{section}] yourself",
            )
        _replace(file, changed)
    return change


def edit(text: str, section: str, name: str, value: str) -> str | None:
    """``text`` (TOML) with that value, or None where no edit of one line gives just that."""
    settings = tomllib.loads(text)
    wanted = {**settings, section: {**settings.get(section, {}), name: value}}
    for candidate in _candidates(text, section, name, f"{_quoted(value)}"):
        if _read(candidate) == wanted:
            return candidate
    return None


def _candidates(text: str, section: str, name: str, value: str) -> Iterator[str]:
    lines = text.split("\n")
    key = rf"(?:{re.escape(name)}|{re.escape(section)}\s*\.\s*{re.escape(name)})"
    assignment = re.compile(rf"(\s*{key}\s*=\s*)(.*)", re.DOTALL)
    for n, line in enumerate(lines):
        if match := assignment.fullmatch(line):
            for rest in _after_value(match[2]):
                yield "\n".join([*lines[:n], f"{match[1]}{value}{rest}", *lines[n + 1 :]])
    end = "\r" if "\r\n" in text else ""
    for n, each in enumerate(lines):
        # A table that is written by dots cannot be opened by its name as well.
        if re.match(rf"\s*{re.escape(section)}\s*\.", each):
            dotted = f"{section}.{name} = {value}{end}"
            yield "\n".join([*lines[: n + 1], dotted, *lines[n + 1 :]])
    line = f"{name} = {value}{end}"
    for n, each in enumerate(lines):
        if re.fullmatch(rf"\s*\[\s*{re.escape(section)}\s*\]\s*(?:#.*)?", each):
            yield "\n".join([*lines[: n + 1], line, *lines[n + 1 :]])
    body = text if not text or text.endswith("\n") else f"{text}{end}\n"
    gap = f"{end}\n" if body else ""
    yield f"{body}{gap}[{section}]{end}\n{line}\n"


def _after_value(text: str) -> Iterator[str]:
    """What may stand behind the value in ``text``: a comment from each # on, or the line's end."""
    for match in re.finditer(r"\s*#", text):
        value = _read(f"x = {text[: match.start()]}")
        if value is not None:
            yield text[match.start() :]
    yield "\r" if text.endswith("\r") else ""


def _read(text: str) -> dict[str, Any] | None:
    with suppress(tomllib.TOMLDecodeError):
        return tomllib.loads(text)
    return None


def _quoted(value: str) -> str:
    # A JSON string is a TOML one, but for the one control character that JSON lets through.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _variable(section: str, name: str) -> str:
    variable = f"ASSISTANT_{section}__{name}".upper()
    return variable if any(each.upper() == variable for each in os.environ) else ""


def _replace(file: Path, text: str) -> None:
    target = file.resolve()  # a link to a file kept elsewhere stays one
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            scratch.chmod(target.stat().st_mode & 0o7777)
        if _read(scratch.read_bytes().decode("utf-8")) != _read(text):
            raise ConfigError(f"{file} was not written whole", "is the disk full?")
        scratch.replace(target)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{file} cannot be written: {error}", "check its folder") from error
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
