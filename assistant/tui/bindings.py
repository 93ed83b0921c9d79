"""What keys do on a screen, as the palette and the help list it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.actions import parse
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget


def reachable(screen: Screen[object]) -> Iterator[tuple[DOMNode, Binding]]:
    """The keys that do something from where the focus is, with who does it.

    Keys without a word to them move the cursor and are left out, as are Textual's own.
    """
    for active in screen.active_bindings.values():
        if active.enabled and active.binding.id and active.binding.description:
            yield active.node, active.binding


def doable(screen: Screen[object]) -> Iterator[tuple[DOMNode, Binding]]:
    """As :func:`reachable`, and what other widgets in sight would do, had they the focus."""
    done = set()
    sight = [each for each in screen.walk_children(Widget) if _is_ours(each) and _is_shown(each)]
    for node in (*sight, screen, screen.app):
        for _, binding in node._bindings:
            if (
                binding.id
                and binding.description
                and binding.id not in done
                and _can(node, binding)
            ):
                done.add(binding.id)
                yield node, binding


def keys_of(app: App[Any], bindings: list[Binding]) -> str:
    """The keys as they stand on a keyboard; of many the first and the last."""
    # A keyboard has either Ctrl or Cmd; the latter seldom reaches a terminal.
    common = [each for each in bindings if not each.key.startswith("super+")]
    keys = list(dict.fromkeys(map(app.get_key_display, common)))
    return f"{keys[0]} … {keys[-1]}" if len(keys) > 4 else ", ".join(keys)


def _is_ours(node: DOMNode) -> bool:
    return type(node).__module__.startswith("assistant.tui")


def _is_shown(widget: Widget) -> bool:
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


def _can(node: DOMNode, binding: Binding) -> bool:
    namespace, name, parameters = parse(binding.action)
    screen = node.screen if isinstance(node, Widget) else node
    owner: DOMNode = {"app": node.app, "screen": screen}.get(namespace, node)
    return bool(owner.check_action(name, parameters))
