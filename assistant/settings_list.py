"""All settings with what they mean, and text made a value of one of them."""

from __future__ import annotations

import ast
import difflib
import inspect
import os
import tomllib
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from assistant import config
from assistant.config import SECTIONS, Settings
from assistant.errors import ConfigError
from assistant.settings_file import Value
from assistant.settings_value import Unfit, checked, choices, declared, defaults
from assistant.types import Setting

_AT_ONCE = ("answer.", "retrieval.", "interface.theme")
_LATER = ("retrieval.dictionary",)  # read when the library is opened


def settings_list(settings: Settings) -> list[Setting]:
    """Every setting of every section, in the order they are documented."""
    written = _written()
    listed = []
    for section, model in SECTIONS.items():
        values = getattr(settings, section)
        wanted = declared(model)
        for name, default in defaults(model).items():
            key = f"{section}.{name}"
            value = getattr(values, name)
            listed.append(
                Setting(
                    key=key,
                    value=as_text(value),
                    default=as_text(default),
                    help=_help()[key],
                    choices=choices(wanted[name]),
                    origin=_origin(key, written),
                    at_once=key.startswith(_AT_ONCE) and key not in _LATER,
                )
            )
    return listed


def changed(settings: Settings, key: str, text: str | None) -> tuple[Settings, Value | None]:
    """``settings`` with ``text`` as the value of ``key``, and that value; None is the default.

    Raises:
        ConfigError: there is no such setting, or it cannot be that.
    """
    section, name = _split(key)
    model = SECTIONS[section]
    if text is None:
        return _with(settings, section, name, defaults(model)[name]), None
    wanted = declared(model)[name]
    try:
        value = checked(wanted, text.strip())
    except Unfit as error:
        raise ConfigError(f"setting {key!r}: {error}", _help()[key]) from error
    return _with(settings, section, name, value), _storable(value)


def _with(settings: Settings, section: str, name: str, value: object) -> Settings:
    """``settings`` with another value in one place."""
    changed_section = replace(getattr(settings, section), **{name: value})
    return replace(settings, **{section: changed_section})


def as_text(value: object) -> str:
    """A value as people write it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(map(str, value))
        case float():
            return f"{value:g}"
    return str(value)


def _split(key: str) -> tuple[str, str]:
    section, _, name = key.partition(".")
    if section not in SECTIONS or name not in defaults(SECTIONS[section]):
        near = difflib.get_close_matches(key, _help(), n=1)
        hint = f"did you mean {near[0]}?" if near else "`assistant settings` lists all"
        raise ConfigError(f"there is no setting {key}", hint)
    return section, name


@lru_cache(maxsize=1)
def _help() -> dict[str, str]:
    """What stands beneath each field in the source of :mod:`assistant.config`."""
    classes = {
        node.name: node
        for node in ast.parse(inspect.getsource(config)).body
        if isinstance(node, ast.ClassDef)
    }
    told = {}
    for section, model in SECTIONS.items():
        body = classes[model.__name__].body
        for field, text in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                said = text.value if isinstance(text, ast.Expr) else None
                words = said.value if isinstance(said, ast.Constant) else ""
                told[f"{section}.{field.target.id}"] = " ".join(
                    str(words).replace("``", "`").split()
                )
    return told


def _storable(value: object) -> Value | None:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple):
        return tuple(map(str, value))
    return str(value)


def _written() -> dict[str, Any]:
    file: Path = config.file()
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}  # said when the settings were loaded, or changed since


def _origin(key: str, written: dict[str, Any]) -> Literal["default", "file", "environment"]:
    section, name = key.split(".")
    variable = f"ASSISTANT_{section}__{name}".upper()
    if any(each.upper() == variable for each in os.environ):
        return "environment"
    values = written.get(section)
    return "file" if isinstance(values, dict) and name in values else "default"
