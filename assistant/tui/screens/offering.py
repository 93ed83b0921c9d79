"""What the prompt asks for beside questions: commands, notes to ask alone, notes to add."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on, work
from textual.app import SystemCommand

from assistant.display import plain
from assistant.tui.locate import locate
from assistant.tui.messages import AddingWanted, PathFound, PathPasted
from assistant.tui.screens.scope import AsksWithin
from assistant.tui.shelves import Entry
from assistant.tui.widgets.completions import OfferTaken
from assistant.tui.widgets.prompt import Prompt


class TakesOffers(AsksWithin):
    """A screen whose prompt offers commands, notes and notebooks."""

    def commands(self) -> Iterable[SystemCommand]:
        """What can be done now, as the command palette has it."""
        return self.app.get_system_commands(self)

    @on(OfferTaken)
    async def _take_offer(self, event: OfferTaken) -> None:
        self.query_one(Prompt).forget(event.length)
        if isinstance(event.offer, Entry):
            self.ask_only(event.offer)
        elif (done := event.offer.callback()) is not None:
            await done

    @on(PathPasted)
    def _look_for(self, event: PathPasted) -> None:
        self._locate(event.text)

    @work(thread=True, exclusive=True, exit_on_error=False, group="pasted")
    def _locate(self, text: str) -> None:
        if (path := locate(text)) is not None:
            self.post_message(PathFound(text, path))

    @on(PathFound)
    def _offer_to_add(self, event: PathFound) -> None:
        prompt = self.query_one(Prompt)
        if plain(prompt.text) == plain(event.text):  # it is no part of a question
            prompt.clear()
            self.post_message(AddingWanted(event.path))
