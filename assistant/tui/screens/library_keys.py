"""What the keys of the library screen do to what the cursor is on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.binding import Binding

from assistant.display import plain, plain_path
from assistant.tui.messages import EntryActivated, LibraryChanged, WorkFailed
from assistant.tui.screens.confirm import Confirm
from assistant.tui.screens.notebooks import ChooseNotebook, NotebookChoice
from assistant.tui.screens.opens import OpensFiles
from assistant.tui.shelves import Entry, Health, Shelves, health
from assistant.tui.strings import S, counted
from assistant.tui.work import as_error
from assistant.types import Root

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.tui.app import AssistantApp


class ActsOnLibrary(OpensFiles):
    """Hands what is to be done to ``entry`` to the application; ``shelves`` is what is shown.

    Binds no keys itself, so that a screen may name them after its own.
    """

    KEYS: ClassVar[list[Binding]] = [
        Binding("s", "ask_here", S.ask_here_key, id="library.ask-here"),
        Binding("f5", "sync", S.sync_key, id="library.sync"),
        Binding("r", "retry", S.retry_key, id="library.retry"),
        Binding("o", "open", S.open_key, id="library.open"),
        Binding("w", "watch(True)", S.watch_key, id="library.watch"),
        Binding("w", "watch(False)", S.unwatch_key, id="library.unwatch"),
        Binding("n", "notebook", S.notebook_key, id="library.notebook"),
        Binding("u", "take_back", S.undo_key, id="library.take-back"),
        Binding("d,delete", "remove", S.remove_key, id="library.remove"),
        Binding("a,ctrl+l", "app.add_folder", S.add_key, id="library.add"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.shelves: Shelves | None = None
        self._offered: list[bool | None] = []

    @property
    def entry(self) -> Entry | None:
        """What the cursor is on; None on a heading."""
        raise NotImplementedError

    @property
    def keeper(self) -> AssistantApp:
        """The application, which does what is to be done to the library."""
        return cast("AssistantApp", self.app)

    # ------------------------------------------------------------------ what can be done

    def on_mount(self) -> None:
        self.watch(self.app, "removed", self.offer, init=False)

    def offer(self) -> None:
        """Name the keys in the footer, which is laid out anew only when it looks different."""
        offered = [
            self.check_action(
                binding.action.partition("(")[0], (binding.action.endswith("(True)"),)
            )
            for binding in self.KEYS
        ]
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with what the cursor is on."""
        entry = self.entry
        match action:
            case "open":
                return entry is not None and entry.file is not None
            case "retry":
                return any(map(_may_be_read, self._sick()))
            case "take_back":
                return self.is_mounted and self.keeper.removed is not None
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

    # ------------------------------------------------------------------ what keys do

    def _root(self) -> Root | None:
        entry = self.entry
        if entry is None or entry.notebook is not None or self.shelves is None:
            return None
        return self.shelves.root_above(entry.path)

    def action_sync(self) -> None:
        """Bring the folder the cursor is in up to date; on a heading, all of them."""
        root = self._root()
        self.keeper.sync([root.path] if root is not None else [])

    def _sick(self) -> Iterator[dict[Health, int]]:
        """Of what the cursor is on; on a heading, of everything."""
        if self.entry is not None:
            yield self.entry.sick
        elif self.shelves is not None:
            yield from (entry.sick for entry in self.shelves.roots)

    def action_retry(self) -> None:
        """Read once more what could not be read, or not every page of it."""
        if self.shelves is not None:
            self.keeper.sync(_to_retry(self.entry, self.shelves), retry=True)

    def action_take_back(self) -> None:
        self.keeper.take_back()

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


def _may_be_read(sick: dict[Health, int]) -> bool:
    return "failed" in sick or "partly" in sick


def _to_retry(entry: Entry | None, shelves: Shelves) -> list[Path]:
    """A file by its name; of anything else the roots, for a folder that is named becomes one.

    None at all stand for every root.
    """
    if entry is None:
        return []
    if not entry.is_folder:
        return [shelves.on_disk(entry.path)]
    roots: dict[Path, None] = {}
    for file in entry.every_file():
        if _may_be_read({health(file): 1}):
            above = shelves.root_above(file.path)
            roots[above.path if above is not None else shelves.on_disk(file.path)] = None
    return list(roots)
