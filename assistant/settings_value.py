"""What the value of a setting may be, said once where the setting is declared, and checked here.

A setting is an annotated field of a frozen dataclass: ``Annotated[int, Between(1, 50)]``. Values
come typed from TOML, and as text from the environment and from people. (pydantic checks the same;
importing it takes longer than all that is drawn before a first question.)
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Between:
    """A number from ``low`` to ``high``, both of them allowed; ``above`` is not."""

    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text that a regular expression matches from end to end; ``says`` what that comes to."""

    regex: str
    says: str


class Unfit(ValueError):
    """A value that a setting cannot have; the text says what it may be."""


def declared(section: type) -> Mapping[str, Any]:
    """The annotation of each field, with what limits it."""
    return get_type_hints(section, include_extras=True)


def default(field: Field[Any]) -> Any:
    """What a setting is unless it is set."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def defaults(section: type) -> dict[str, Any]:
    """What every setting of a section is unless it is set."""
    return {field.name: default(field) for field in fields(section)}


def kind(annotation: Any) -> Any:
    """The type of a setting, without what limits it."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def choices(annotation: Any) -> tuple[str, ...]:
    """All that a setting may be, where those can be counted."""
    wanted = kind(annotation)
    if wanted is bool:
        return ("true", "false")
    return tuple(get_args(wanted)) if get_origin(wanted) is Literal else ()


def checked(annotation: Any, value: object) -> Any:
    """``value`` as the type that ``annotation`` wants.

    Raises:
        Unfit: it is none, or lies outside of what is allowed.
    """
    result = _converted(kind(annotation), value)
    for limit in getattr(annotation, "__metadata__", ()):
        _hold(limit, result)
    return result


def _converted(wanted: Any, value: object) -> Any:
    if get_origin(wanted) is Literal:
        if value not in get_args(wanted):
            raise Unfit(f"must be one of {', '.join(get_args(wanted))}")
        return value
    if get_origin(wanted) is tuple:
        return _listed(value)
    if NoneType in get_args(wanted):
        return None if value in (None, "") else Path(_text(value))
    if wanted is Path:
        return Path(_text(value))
    if wanted is bool:
        return _truth(value)
    if wanted is int:
        return _whole(value)
    if wanted is float:
        return _number(value)
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, str | Path):
        return str(value)
    raise Unfit("must be text")


def _listed(value: object) -> tuple[str, ...]:
    """Texts from a list, or from text with commas between; JSON is read as well."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise Unfit("must be a list of texts") from error
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise Unfit("must be a list of texts")


def _truth(value: object) -> bool:
    said = str(value).strip().lower()
    if said not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        raise Unfit("must be true or false")
    return said in ("true", "1", "yes", "on")


def _number(value: object) -> float:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
    raise Unfit("must be a number")


def _whole(value: object) -> int:
    try:
        number = _number(value)
    except Unfit:
        number = math.nan
    if not number.is_integer():
        raise Unfit("must be a whole number")
    return int(number)


def _hold(limit: object, value: Any) -> None:
    match limit:
        case Between(low, high, above):
            if value < low:
                raise Unfit(f"must be {low:g} or more")
            if value > high:
                raise Unfit(f"must be {high:g} or less")
            if value <= above:
                raise Unfit(f"must be more than {above:g}")
        case Pattern(regex, says):
            if not re.fullmatch(regex, value):
                raise Unfit(f"must be {says}")
