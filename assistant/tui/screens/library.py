"""The library: folders, files and notebooks, what became of each, and what can be done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.events import Resize
from textual.reactive import var
from textual.widgets import Footer, Input, Static
from textual.worker import get_current_worker

from assistant.tui.messages import (
    EntryPicked,
    LibraryListed,
    WorkFailed,
)
from assistant.tui.screens.library_keys import ActsOnLibrary
from assistant.tui.shelves import Entry, sieve
from assistant.tui.strings import S
from assistant.tui.tally import IngestTally
from assistant.tui.widgets.entry_detail import EntryDetail
from assistant.tui.widgets.ingest_bar import IngestBar
from assistant.tui.widgets.library_tree import LibraryTree
from assistant.tui.widgets.shelf_line import ShelfLine
from assistant.tui.work import library_listed

if TYPE_CHECKING:
    from assistant.desk import Desk

WIDE = 110
"""Columns from which the detail stands beside the tree."""


class FilterInput(Input):
    """Where part of a name is typed; Enter and the arrow lead on to what was found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,enter", "screen.focus_tree", show=False, id="filter.down"),
    ]


class LibraryScreen(ActsOnLibrary):
    """Lists the library in a worker and hands what is to be done to the application."""

    DEFAULT_CSS = """
    LibraryScreen {
        layout: vertical;
        background: $background;
        & > #shelves { width: 100%; height: 1fr; layout: horizontal; }
        & > #shelves.-below { layout: vertical; }
        & #left { width: 1fr; height: 1fr; padding: 1 0 0 1; }
        & > #shelves.-below #left { padding-top: 0; }
        & #columns { height: 1; color: $text-muted; text-wrap: nowrap; }
        & #empty { width: 1fr; height: 1fr; content-align: center middle; text-align: center; }
        & #empty { color: $text-muted; display: none; }
        & #filter-line { height: 3; display: none; }
        & FilterInput { border: round $border-blurred; background: $background; margin: 0 1; }
        & FilterInput:focus { border: round $border; }
        & Footer { background: $background; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2,ctrl+b", "back", S.back, id="library.back"),
        Binding("slash", "filter", S.filter_key, id="library.filter", key_display="/"),
        Binding("p", "problems", S.problems_key, id="library.problems"),
        *ActsOnLibrary.KEYS,
    ]

    problems: var[bool] = var(False)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)

    def compose(self) -> ComposeResult:
        yield ShelfLine()
        with Container(id="shelves"):
            with Vertical(id="left"):
                yield Static(id="columns", markup=False)
                yield LibraryTree(id="tree")
                yield Static(S.empty_shelves, id="empty", markup=False)
            yield EntryDetail(id="detail")
        with Horizontal(id="filter-line"):
            yield FilterInput(placeholder=S.filter_hint, id="filter")
        yield IngestBar(id="ingest")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.library_tree = self.query_one(LibraryTree)
        self.detail = self.query_one(EntryDetail)
        self.filter_input = self.query_one(FilterInput)
        self.library_tree.focus()
        self.watch(self.app, "tally", self._show_tally)
        self.watch(self.app, "watched", self._show_watching)

    def _show_tally(self, tally: IngestTally | None) -> None:
        self.query_one(IngestBar).tally = tally

    def _show_watching(self, roots: tuple[Path, ...]) -> None:
        self.query_one(ShelfLine).watching = bool(roots)

    def on_screen_resume(self) -> None:
        self.reload()

    def on_resize(self, event: Resize) -> None:
        below = event.size.width < WIDE
        self.query_one("#shelves").set_class(below, "-below")
        self.detail.set_class(below, "-below")
        self.call_after_refresh(self._name_columns)

    def _name_columns(self) -> None:
        self.query_one("#columns", Static).update(self.library_tree.columns.heading())

    # ------------------------------------------------------------------ listing

    @work(thread=True, exclusive=True, exit_on_error=False, group="list")
    def reload(self) -> None:
        """Read the library and show it anew; what is open stays open."""
        worker = get_current_worker()
        fact = library_listed(self.desk)
        if isinstance(fact, WorkFailed) or not worker.is_cancelled:
            self.post_message(fact)

    @on(LibraryListed)
    def _take_list(self, event: LibraryListed) -> None:
        event.stop()
        self.shelves = event.shelves
        self.query_one(ShelfLine).shelves = event.shelves
        self._fill()

    def _fill(self) -> None:
        if self.shelves is None:
            return
        wanted = sieve(self.filter_input.value, problems=self.problems)
        self.library_tree.show(self.shelves, wanted)
        nothing = not self.library_tree.root.children
        empty = self.query_one("#empty", Static)
        empty.display = nothing
        self.library_tree.display = not nothing
        empty.update(S.nothing_found if wanted else S.empty_shelves)
        self.query_one(ShelfLine).sieve = wanted

    @on(EntryPicked)
    def _turn_to(self, event: EntryPicked) -> None:
        event.stop()
        if self.shelves is not None:
            self.detail.show(event.entry, self.shelves)
        self.offer()

    @property
    def entry(self) -> Entry | None:
        """What the keys act on."""
        return self.library_tree.entry if self.is_mounted and self.library_tree.display else None

    # ------------------------------------------------------------------ filtering

    def action_filter(self) -> None:
        self.query_one("#filter-line").display = True
        self.filter_input.focus()

    def action_focus_tree(self) -> None:
        if self.library_tree.display:
            self.library_tree.focus()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    def action_problems(self) -> None:
        """Show only files that something is wrong with, or all again."""
        self.problems = not self.problems
        self._fill()
        self.refresh_bindings()

    def action_back(self) -> None:
        """Show everything again if only a part is shown; else go back to the chat."""
        line = self.query_one("#filter-line")
        if line.display or self.problems:
            line.display = False
            self.problems = False
            with self.filter_input.prevent(Input.Changed):
                self.filter_input.value = ""
            self._fill()
            self.library_tree.focus()
        else:
            self.app.pop_screen()
