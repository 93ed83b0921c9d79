"""Where questions are put: everywhere, or in one notebook, folder or file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.screen import Screen

from assistant.tui import screens
from assistant.tui.messages import ScopeChosen, WorkFailed
from assistant.tui.shelves import Entry
from assistant.tui.strings import S
from assistant.tui.work import as_error
from assistant.types import EVERYTHING

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.types import Scope


class AsksWithin(Screen[None]):
    """A screen with questions, and with a ``scope`` that they are put to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "choose_scope", S.scope_key, id="chat.scope"),
        Binding("f4", "ask_everything", S.all_notes, id="chat.all-notes"),
    ]

    scope: var[Scope] = var(EVERYTHING)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    async def action_choose_scope(self) -> None:
        everything = Entry(Path(), S.all_notes)

        def choose(entry: Entry | None) -> None:
            if entry is everything:
                self.action_ask_everything()
            elif entry is not None:
                self.ask_only(entry)

        await self.app.push_screen(screens.ChooseScope(self.desk, everything), choose)

    def action_ask_everything(self) -> None:
        self.post_message(ScopeChosen(EVERYTHING))

    @work(thread=True, exclusive=True, exit_on_error=False, group="scope")
    def ask_only(self, entry: Entry) -> None:
        """Limit questions to a notebook, folder or file."""
        try:
            if entry.notebook is not None:
                scope = self.desk.scope(notebook=entry.notebook.name)
            else:
                scope = self.desk.scope(paths=[entry.path])
                name = scope.name + (os.sep if entry.is_folder else "")
                scope = replace(scope, name=name)
            self.post_message(ScopeChosen(scope))
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(ScopeChosen)
    def _take_scope(self, event: ScopeChosen) -> None:
        self.scope = event.scope
