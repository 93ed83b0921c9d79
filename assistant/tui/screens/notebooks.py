"""In which notebooks a file or folder is: add it to one, or take it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from assistant.display import plain, plain_path
from assistant.tui.cells import MUTED, cut_end, pad
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S, counted
from assistant.types import Notebook


@dataclass(frozen=True, slots=True)
class NotebookChoice:
    """``add`` to the notebook ``name``, or take out of it."""

    name: str
    add: bool


class ChooseNotebook(Dialog[NotebookChoice]):
    """Dismissed with what is to be done."""

    DEFAULT_CSS = """
    ChooseNotebook {
        & Input { border: round $border-blurred; background: $surface; }
        & Input:focus { border: round $border; }
        & OptionList {
            height: auto; max-height: 12; border: none; padding: 0; background: $surface;
            &:focus { border: none; background-tint: $foreground 0%; }
        }
        & .problem { color: $text-error; display: none; }
        & .hint { margin: 0 0 1 0; }
    }
    """

    def __init__(self, path: Path, notebooks: Sequence[Notebook]) -> None:
        super().__init__()
        self._path = path
        self._notebooks = list(notebooks)
        self.heading = S.notebook_title.format(name=plain_path(path, path.parent))

    def body(self) -> ComposeResult:
        yield Static(S.notebook_hint, classes="hint", markup=False)
        yield Input(placeholder=S.notebook_name, id="name")
        yield Static(classes="problem", markup=False)
        yield OptionList(markup=False)

    def on_mount(self) -> None:
        self._fill()
        self.query_one(Input).focus()

    def _fill(self) -> None:
        listing = self.query_one(OptionList)
        listing.display = bool(self._notebooks)
        width = max(20, min(84, int(self.app.size.width * 0.8)) - 8)
        listing.set_options(Option(self._row(notebook, width)) for notebook in self._notebooks)

    def _row(self, notebook: Notebook, width: int) -> Content:
        tail = f"  {counted(S.files, notebook.documents)}"
        if self._is_within(notebook) and self._path not in notebook.paths:
            tail = f"  {S.through_folder}{tail}"
        room = max(4, width - 2 - cell_len(tail))
        sign = "● " if self._is_within(notebook) else "○ "
        name = pad(cut_end(f"#{plain(notebook.name)}", room), room)
        return Content.assemble((sign, "$accent"), name, (tail, MUTED))

    def _is_within(self, notebook: Notebook) -> bool:
        return any(map(self._path.is_relative_to, notebook.paths))

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        notebook = self._notebooks[event.option_index]
        if not self._is_within(notebook):
            self.dismiss(NotebookChoice(notebook.name, add=True))
        elif self._path in notebook.paths:
            self.dismiss(NotebookChoice(notebook.name, add=False))
        else:
            self._complain(S.taken_by_folder.format(notebook=plain(notebook.name)))

    @on(Input.Changed)
    def _retract(self) -> None:
        self._complain("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        name = plain(event.value).strip().removeprefix("#").strip()
        if name:
            self.dismiss(NotebookChoice(name, add=True))
        else:
            self._complain(S.name_empty)

    def _complain(self, problem: str) -> None:
        line = self.query_one(".problem", Static)
        line.display = bool(problem)
        line.update(problem)
