"""Which folder of notes to add: typed, pasted or chosen from a tree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from rich.text import Text, TextType
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Button, DirectoryTree, Input, Static

from assistant.display import plain
from assistant.tui.locate import complete, locate
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S


class PathLocated(Message):
    """The disk was asked whether what was typed is there."""

    def __init__(self, typed: str, path: Path | None) -> None:
        super().__init__()
        self.typed = typed
        self.path = path


class PathSuggester(Suggester):
    """Draws a path out to the next folder."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(complete, value)


class PathInput(Input):
    """An input in which Tab takes the suggestion, as in a shell."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False, id="path.complete"),
    ]

    def action_complete(self) -> None:
        if self._suggestion and self.cursor_at_end:
            self.action_cursor_right()
        else:
            self.screen.focus_next()


class FolderTree(DirectoryTree):
    """Folders only, their names shown as text."""

    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        return (path for path in paths if not path.name.startswith(".") and self._safe_is_dir(path))

    def process_label(self, label: TextType) -> Text:
        return Text(plain(str(label)).replace("\n", " ") or " ")


class AddFolder(Dialog[Path]):
    """Dismissed with a path that exists."""

    DEFAULT_CSS = """
    AddFolder {
        & Input { border: round $border-blurred; background: $surface; }
        & Input:focus { border: round $border; }
        & FolderTree { height: 12; margin-top: 1; background: $surface; padding: 0; }
        & .problem { color: $text-error; display: none; margin-top: 1; }
        & .hint { margin: 0 0 1 0; }
    }
    """

    heading = S.add_title

    def __init__(self, start: Path | None = None, *, chosen: Path | None = None) -> None:
        super().__init__()
        self._start = start or Path.home()
        # What is shown may not name the file any more; what was chosen does.
        self._chosen = None if chosen is None else (plain(str(chosen)), chosen)

    def body(self) -> ComposeResult:
        yield Static(S.add_hint, classes="hint", markup=False)
        shown = self._chosen[0] if self._chosen else ""
        yield PathInput(shown, placeholder="~/", suggester=PathSuggester(), id="path")
        yield Static(classes="problem", markup=False)
        yield FolderTree(self._start)
        with Horizontal(classes="buttons"):
            yield Button(S.cancel, id="cancel", compact=True)
            yield Button(S.add_go, id="add", variant="primary", compact=True)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(DirectoryTree.DirectorySelected)
    def _choose(self, event: DirectoryTree.DirectorySelected) -> None:
        event.stop()
        field = self.query_one(Input)
        field.value = plain(str(event.path))
        field.cursor_position = len(field.value)
        self._chosen = (field.value, event.path)

    @on(Input.Changed)
    def _retract(self) -> None:
        self._complain("")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._try()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "add":
            self._try()
        else:
            self.dismiss(None)

    def _try(self) -> None:
        typed = self.query_one(Input).value
        if self._chosen is not None and self._chosen[0] == typed:
            self.dismiss(self._chosen[1])
        elif typed.strip():
            self._locate(typed)
        else:
            self._complain(S.path_empty)

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _locate(self, typed: str) -> None:
        self.post_message(PathLocated(typed, locate(typed)))

    @on(PathLocated)
    def _located(self, event: PathLocated) -> None:
        event.stop()
        if event.path is not None:
            self.dismiss(event.path)
        else:
            self._complain(S.path_missing.format(path=plain(event.typed)))

    def _complain(self, problem: str) -> None:
        line = self.query_one(".problem", Static)
        line.display = bool(problem)
        line.update(problem)
