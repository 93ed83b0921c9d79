"""The dialog in which one says where questions are put."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from assistant.tui.cells import MUTED, cut
from assistant.tui.messages import LibraryListed
from assistant.tui.screens.dialog import Dialog
from assistant.tui.shelves import Entry, folded, scopes
from assistant.tui.strings import S, counted
from assistant.tui.widgets.pick_input import PickInput
from assistant.tui.work import Lists, library_listed

_SHOWN = 100


class ChooseScope(Dialog[Entry]):
    """Dismissed with the entry to be asked; with one of no name for all notes."""

    DEFAULT_CSS = """
    ChooseScope {
        & Input { border: round $border-blurred; background: $surface; }
        & Input:focus { border: round $border; }
        & OptionList {
            height: auto; max-height: 14; border: none; padding: 0; background: $surface;
            &:focus { border: none; background-tint: $foreground 0%; }
        }
    }
    """

    heading = S.scope_title

    def __init__(self, desk: Lists, everything: Entry) -> None:
        super().__init__()
        self._desk = desk
        self._everything = everything
        self._all: list[tuple[str, Entry]] = []
        self._found: list[Entry] = [everything]

    def body(self) -> ComposeResult:
        yield PickInput(placeholder=S.filter_hint)
        yield OptionList(markup=False)
        yield Static(S.scope_hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._load()

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _load(self) -> None:
        self.post_message(library_listed(self._desk))

    @on(LibraryListed)
    def _take_list(self, event: LibraryListed) -> None:
        event.stop()
        self._all = list(scopes(event.shelves))
        self._find(self.query_one(Input).value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._find(event.value)

    def _find(self, typed: str) -> None:
        words = folded(typed.lstrip("@")).split()
        found = [entry for text, entry in self._all if all(word in text for word in words)]
        # Without a word only what was named or collected by hand: files are found by typing.
        if not words:
            found = [entry for entry in found if entry.root or entry.notebook]
        self._found = ([] if words else [self._everything]) + found[:_SHOWN]
        width = max(20, min(90, int(self.app.size.width * 0.8)) - 8)
        listing = self.query_one(OptionList)
        listing.set_options(Option(self._row(entry, width)) for entry in self._found)
        listing.highlighted = 0 if self._found else None

    def _row(self, entry: Entry, width: int) -> Content:
        if entry is self._everything:
            return Content(entry.name)
        tail = f"  {counted(S.files, entry.files)}" if entry.is_folder else ""
        if entry.root is None and entry.notebook is None:
            tail = f"  {entry.path.parent.name}{tail}"
        tail = cut(tail, width // 2)
        name = cut(entry.name, width - Content(tail).cell_length)
        return Content.assemble(name, (tail, MUTED))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        here = self.query_one(OptionList).highlighted
        if here is not None and here < len(self._found):
            self.dismiss(self._found[here])

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found[event.option_index])
