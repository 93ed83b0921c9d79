"""All settings with what they mean, and text made a value of one of them."""

from __future__ import annotations

import ast
import difflib
import inspect
import os
import tomllib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from assistant import config
from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.settings_file import Value
from assistant.types import Setting

_AT_ONCE = ("answer.", "retrieval.", "interface.theme")
_LATER = ("retrieval.dictionary",)  # read when the library is opened


def settings_list(settings: Settings) -> list[Setting]:
    """Every setting of every section, in the order they are documented."""
    written = _written()
    listed = []
    for section, model in _sections().items():
        values = getattr(settings, section)
        for name, field in model.model_fields.items():
            key = f"{section}.{name}"
            value = getattr(values, name)
            listed.append(
                Setting(
                    key=key,
                    value=as_text(value),
                    default=as_text(field.get_default(call_default_factory=True)),
                    help=_help()[key],
                    choices=_choices(field.annotation),
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
    model = _sections()[section]
    before = getattr(settings, section)
    field = model.model_fields[name]
    if text is None:
        default = field.get_default(call_default_factory=True)
        after = before.model_copy(update={name: default})
        return settings.model_copy(update={section: after}), None
    try:
        after = model.model_validate({**before.model_dump(), name: _parsed(field.annotation, text)})
    except ValidationError as error:
        raise ConfigError(f"{key}: {error.errors()[0]['msg']}", _help()[key]) from error
    return settings.model_copy(update={section: after}), _storable(getattr(after, name))


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


def _sections() -> dict[str, type[BaseModel]]:
    return {
        name: info.annotation
        for name, info in Settings.model_fields.items()
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
    }


def _split(key: str) -> tuple[str, str]:
    section, _, name = key.partition(".")
    if name not in getattr(_sections().get(section), "model_fields", {}):
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
    for section, model in _sections().items():
        body = classes[model.__name__].body
        for field, text in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                said = text.value if isinstance(text, ast.Expr) else None
                words = said.value if isinstance(said, ast.Constant) else ""
                told[f"{section}.{field.target.id}"] = " ".join(
                    str(words).replace("``", "`").split()
                )
    return told


def _choices(annotation: Any) -> tuple[str, ...]:
    if annotation is bool:
        return ("true", "false")
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def _parsed(annotation: Any, text: str) -> object:
    text = text.strip()
    if get_origin(annotation) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if not text and type(None) in get_args(annotation):
        return None
    return text  # pydantic reads numbers and truth values from text


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
