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
from typing import Any, TypeAlias

from assistant import config
from assistant.errors import ConfigError

Value: TypeAlias = bool | int | float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A setting in ``file``; ``before`` and ``after`` are None where it has no value of its own.

    ``overridden`` names the environment variable that wins over the file, if one is set.
    """

    file: Path
    key: str
    before: Value | None
    after: Value | None
    overridden: str = ""


def store(section: str, name: str, value: Value | None) -> Change:
    """Set ``name`` of ``[section]``, or take its line out where ``value`` is None.

    The file is made where there is none, and replaced at once.

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
    before = tuple(before) if isinstance(before, list) else before
    change = Change(file, f"{section}.{name}", before, value, _variable(section, name))
    if before != value:
        changed = edit(text, section, name, value)
        if changed is None:
            raise ConfigError(
                f"{file} is written in a way that cannot be changed safely",
                f"take {name} out of [{section}] yourself"
                if value is None
                else f"write {name} = {_written(value)} beneath [{section}] yourself",
            )
        _replace(file, changed)
    return change


def edit(text: str, section: str, name: str, value: Value | None) -> str | None:
    """``text`` (TOML) with that value, or None where no edit of one line gives just that."""
    settings = tomllib.loads(text)
    others = {key: kept for key, kept in settings.get(section, {}).items() if key != name}
    if value is None:
        wanted = {**settings, section: others}
        candidates = _without(text, section, name)
    else:
        listed = list(value) if isinstance(value, tuple) else value
        wanted = {**settings, section: {**others, name: listed}}
        candidates = _candidates(text, section, name, _written(value))
    for candidate in candidates:
        read = _read(candidate)
        if read is not None and {section: {}, **read} == wanted:
            return candidate
    return None


def _assignment(section: str, name: str) -> re.Pattern[str]:
    key = rf"(?:{re.escape(name)}|{re.escape(section)}\s*\.\s*{re.escape(name)})"
    return re.compile(rf"(\s*{key}\s*=\s*)(.*)", re.DOTALL)


def _without(text: str, section: str, name: str) -> Iterator[str]:
    lines = text.split("\n")
    for n, line in enumerate(lines):
        if _assignment(section, name).fullmatch(line):
            yield "\n".join([*lines[:n], *lines[n + 1 :]])


def _candidates(text: str, section: str, name: str, value: str) -> Iterator[str]:
    lines = text.split("\n")
    assignment = _assignment(section, name)
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


def _written(value: Value) -> str:
    # JSON's strings, numbers, truth values and lists are TOML, but for the one control character
    # that JSON lets through.
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
