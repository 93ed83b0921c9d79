"""Keys of the user's own, in place of those the interface comes with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from textual.binding import Binding
from textual.dom import DOMNode

from assistant.tui import screens


class Key(NamedTuple):
    """What can be given another key: ``keys`` as they come, and what they do."""

    id: str
    keys: str
    does: str


def known() -> dict[str, Key]:
    """Everything with a key, by its id; every screen is imported for it."""
    screens.import_all()
    found: dict[str, Key] = {}
    for owner in _own(DOMNode):
        for binding in vars(owner).get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id:
                found.setdefault(binding.id, Key(binding.id, binding.key, binding.description))
    return dict(sorted(found.items()))


def read(wanted: Iterable[str], ids: Iterable[str]) -> tuple[Mapping[str, str], list[str]]:
    """``id=key``, or several keys with spaces between (``chat.new=f10 f12``), for Textual.

    Returns the keymap, and what of ``wanted`` names nothing in ``ids`` or no key.
    """
    known_ids = set(ids)
    keymap: dict[str, str] = {}
    wrong = []
    for each in wanted:
        name, _, keys = (part.strip() for part in each.partition("="))
        if name in known_ids and keys:
            keymap[name] = ",".join(keys.split())
        else:
            wrong.append(each)
    return keymap, wrong


def _own(cls: type) -> Iterator[type]:
    children: list[type] = cls.__subclasses__()
    for child in children:
        if child.__module__.startswith("assistant.tui"):
            yield child
        yield from _own(child)
