"""Which keys do something here and now."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from assistant.tui.bindings import keys_of, reachable
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S

_KEYS_WIDTH = 22


class Help(Dialog[None]):
    """The keys of ``screen`` and of what has the focus there; what marks in answers mean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "leave", S.close, id="help.close", show=False),
    ]

    heading = S.help

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self._about = screen

    def body(self) -> ComposeResult:
        told = _listed(self._about)
        with VerticalScroll(classes="fits"):
            yield Static(told, markup=False)
        yield Static(S.help_hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


def _listed(screen: Screen[object]) -> Content:
    """Sections by who acts on a key: what is in focus, the screen, the whole program."""
    sections: dict[str, list[Binding]] = {S.help_focus: [], S.help_screen: [], S.help_always: []}
    for node, binding in reachable(screen):
        title = S.help_focus
        if node is screen:
            title = S.help_screen
        elif node is screen.app:
            title = S.help_always
        sections[title].append(binding)
    parts = [_section(title, found, screen.app) for title, found in sections.items() if found]
    if explained := getattr(screen, "HELP", None):
        title, _, text = explained.partition("\n")
        parts.append(Content.assemble((title, "bold $primary"), "\n", text))
    return Content("\n\n").join(parts)


def _section(title: str, bindings: list[Binding], app: App[Any]) -> Content:
    """A title and a line for each thing to do, with its keys."""
    keys: dict[str, list[Binding]] = {}
    for binding in bindings:
        keys.setdefault(binding.description, []).append(binding)
    lines = [Content.styled(title, "bold $primary")]
    for does, bound in keys.items():
        named = keys_of(app, bound)
        gap = " " * max(2, _KEYS_WIDTH - cell_len(named))
        lines.append(Content.assemble("  ", (named, "$accent"), gap, does))
    return Content("\n").join(lines)
