"""The library: folders, files and notebooks, what became of each, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.events import Resize
from textual.reactive import var
from textual.widgets import Footer, Input, Static
from textual.worker import get_current_worker

from assistant.display import plain, plain_path
from assistant.tui.messages import (
    EntryActivated,
    EntryPicked,
    LibraryChanged,
    LibraryListed,
    WorkFailed,
)
from assistant.tui.screens.confirm import Confirm
from assistant.tui.screens.notebooks import ChooseNotebook, NotebookChoice
from assistant.tui.screens.opens import OpensFiles
from assistant.tui.shelves import Entry, Shelves, sieve
from assistant.tui.strings import S, counted
from assistant.tui.tally import IngestTally
from assistant.tui.widgets.entry_detail import EntryDetail
from assistant.tui.widgets.ingest_bar import IngestBar
from assistant.tui.widgets.library_tree import LibraryTree
from assistant.tui.widgets.shelf_line import ShelfLine
from assistant.tui.work import as_error, list_library
from assistant.types import Root

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.tui.app import AssistantApp

WIDE = 110
"""Columns from which the detail stands beside the tree."""


class FilterInput(Input):
    """Where part of a name is typed; Enter and the arrow lead on to what was found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,enter", "screen.focus_tree", show=False, id="filter.down"),
    ]


class LibraryScreen(OpensFiles):
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
        Binding("s", "ask_here", S.ask_here_key, id="library.ask-here"),
        Binding("f5,u", "sync", S.sync_key, id="library.sync"),
        Binding("r", "retry", S.retry_key, id="library.retry"),
        Binding("o", "open", S.open_key, id="library.open"),
        Binding("w", "watch(True)", S.watch_key, id="library.watch"),
        Binding("w", "watch(False)", S.unwatch_key, id="library.unwatch"),
        Binding("n", "notebook", S.notebook_key, id="library.notebook"),
        Binding("d,delete", "remove", S.remove_key, id="library.remove"),
        Binding("a,ctrl+l", "app.add_folder", S.add_key, id="library.add"),
    ]

    problems: var[bool] = var(False)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.shelves: Shelves | None = None
        self._offered: list[bool | None] = []

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

    @property
    def keeper(self) -> AssistantApp:
        """The application, which does what is to be done to the library."""
        return cast("AssistantApp", self.app)

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
        try:
            shelves = list_library(self.desk)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))
            return
        if not worker.is_cancelled:
            self.post_message(LibraryListed(shelves))

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
        # The footer is laid out anew only when it would look different.
        offered = [
            self.check_action(
                binding.action.partition("(")[0], (binding.action.endswith("(True)"),)
            )
            for binding in self.BINDINGS
            if isinstance(binding, Binding)
        ]
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

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

    # ------------------------------------------------------------------ what keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with what the cursor is on."""
        entry = self.entry
        match action:
            case "open":
                return entry is not None and entry.file is not None
            case "retry":
                return entry is not None and "failed" in entry.sick
            case "remove":
                return entry is not None
            case "ask_here":
                return entry is not None and entry.nodes > 0
            case "notebook":
                return entry is not None and entry.notebook is None
            case "watch":
                root = self._root()
                return root is not None and root.watched is not parameters[0]
        return True

    def _root(self) -> Root | None:
        entry = self.entry
        if entry is None or entry.notebook is not None or self.shelves is None:
            return None
        return self.shelves.root_above(entry.path)

    def action_sync(self) -> None:
        """Bring the folder the cursor is in up to date; on a heading, all of them."""
        root = self._root()
        self.keeper.sync([root.path] if root is not None else [])

    def action_retry(self) -> None:
        """Read what failed once more."""
        if self.entry is None or self.shelves is None:
            return
        paths = {self.shelves.on_disk(file.path): None for file in self.entry.failures()}
        if paths:
            self.keeper.sync(list(paths))
        else:
            self.notify(S.nothing_to_retry)

    def action_watch(self, on: bool) -> None:
        if (root := self._root()) is not None:
            self.keeper.set_watched(root.path, on)

    def action_ask_here(self) -> None:
        if self.entry is not None:
            self.keeper.ask_only(self.entry)

    # Awaited, so that what is typed next goes to the dialog.

    async def action_remove(self) -> None:
        entry = self.entry
        if entry is None:
            return
        if entry.notebook is not None:
            await self._delete_notebook(entry.notebook.name)
            return
        lines = [plain_path(entry.path), "", counted(S.remove_files, entry.files)]
        if entry.root is not None:
            lines.append(S.remove_root)
        elif (root := self._root()) is not None:
            name = plain_path(root.path, root.path.parent)
            lines.append(S.remove_beneath.format(root=name))

        def remove(agreed: bool | None) -> None:
            if agreed:
                self.keeper.remove(entry.path)

        sure = Confirm(S.remove_title, "\n".join(lines), agree=S.remove_key)
        await self.app.push_screen(sure, remove)

    async def _delete_notebook(self, name: str) -> None:
        def delete(agreed: bool | None) -> None:
            if agreed:
                self._change(lambda: self.desk.delete_notebook(name), S.notebook_deleted)

        detail = f"#{plain(name)}\n\n{S.delete_notebook_body}"
        await self.app.push_screen(Confirm(S.delete_notebook, detail, agree=S.delete), delete)

    async def action_notebook(self) -> None:
        entry = self.entry
        if entry is None or entry.notebook is not None or self.shelves is None:
            return

        def change(choice: NotebookChoice | None) -> None:
            if choice is not None:
                self._file_under(entry.path, choice)

        known = [each.notebook for each in self.shelves.notebooks if each.notebook is not None]
        await self.app.push_screen(ChooseNotebook(entry.path, known), change)

    def _file_under(self, path: Path, choice: NotebookChoice) -> None:
        done = S.notebook_added if choice.add else S.notebook_taken
        notice = done.format(name=plain_path(path, path.parent), notebook=plain(choice.name))
        if choice.add:
            self._change(lambda: self.desk.add_to_notebook(choice.name, [path]), notice)
        else:
            self._change(lambda: self.desk.take_from_notebook(choice.name, [path]), notice)

    @work(thread=True, exit_on_error=False, group="change")
    def _change(self, what: Callable[[], object], notice: str) -> None:
        try:
            what()
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))
        else:
            self.post_message(LibraryChanged(notice))

    # ------------------------------------------------------------------ opening

    @on(EntryActivated)
    def _activated(self, event: EntryActivated) -> None:
        event.stop()
        self._show_file(event.entry)

    def action_open(self) -> None:
        if self.entry is not None and self.entry.file is not None:
            self._show_file(self.entry)

    def _show_file(self, entry: Entry) -> None:
        if self.shelves is None:
            return
        file = self.shelves.on_disk(entry.path)
        if file != entry.path:
            self.notify(S.open_in_archive)
        self.show_file(file)
