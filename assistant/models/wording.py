"""Words of libraries and servers, fit for one line of ours."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from assistant.display import plain

_LONGEST_NAME = 120
_MOST_NAMED = 8


def first_line(error: BaseException) -> str:
    """What the error says first; its type where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def one_line(name: str) -> str:
    """A name as a server gave it, fit to be shown."""
    return " ".join(plain(name).split())[:_LONGEST_NAME]


def a_few(names: Sequence[str], wanted: str = "") -> str:
    """Names for people: those like ``wanted`` first, and not hundreds of them."""
    near = difflib.get_close_matches(wanted, names, n=_MOST_NAMED, cutoff=0.4)
    ordered = [*near, *(name for name in names if name not in near)]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(map(one_line, ordered[:_MOST_NAMED])) + more
