"""When the tour is shown: once, to who has no notes here yet, and whenever it is asked for."""

from __future__ import annotations

from typing import Protocol

from textual import on, work

from assistant.tui import screens
from assistant.tui.keeping import KeepingApp
from assistant.tui.messages import LibraryCounted, NewcomerMet


class KnowsNewcomers(Protocol):
    """The part of a desk that remembers who has seen the tour."""

    def is_new_here(self) -> bool: ...

    def remember_tour(self) -> None: ...


class TouringApp(KeepingApp):
    """Shows a newcomer round; ``guide`` remembers that it was done."""

    guide: KnowsNewcomers

    def __init__(self) -> None:
        super().__init__()
        self._looked = False

    async def action_add_folder(self) -> None:
        """Ask which folder of notes to add."""
        raise NotImplementedError

    @on(LibraryCounted)
    def _look_whom(self, event: LibraryCounted) -> None:
        if not self._looked and not event.status.documents:
            self._meet()
        self._looked = True

    @work(thread=True, exit_on_error=False, group="tour")
    def _meet(self) -> None:
        if self.guide.is_new_here():
            self.post_message(NewcomerMet())

    @on(NewcomerMet)
    async def _show_round(self) -> None:
        # Who is at something already needs no guide.
        if len(self.screen_stack) == 1:
            await self.action_tour()

    async def action_tour(self) -> None:
        await self.push_screen(screens.Tour(), self._end_tour)

    async def _end_tour(self, wants_to_add: bool | None) -> None:
        self._remember()
        if wants_to_add:
            await self.action_add_folder()

    @work(thread=True, exit_on_error=False, group="tour")
    def _remember(self) -> None:
        self.guide.remember_tour()
