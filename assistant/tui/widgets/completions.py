"""What may be meant by ``/``, ``@`` and ``#`` in the prompt, offered above it as one types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from textual import on, work
from textual.app import SystemCommand
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from assistant.tui.cells import MUTED, cut
from assistant.tui.messages import LibraryListed
from assistant.tui.shelves import Entry, folded, scopes
from assistant.tui.strings import S, counted
from assistant.tui.work import Lists, library_listed

_MOST = 50

# A command is the whole of what was typed; a note or notebook stands anywhere, after a space.
_COMMAND = re.compile(r"/([^\n/]*)\Z")
_NAME = re.compile(r"(?:^|(?<=\s))([@#])(\S*)\Z")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A beginning to be completed: ``sigil`` is ``/``, ``@`` or ``#``, ``typed`` what follows it.

    ``length`` is how many characters before the cursor it takes.
    """

    sigil: str
    typed: str
    length: int


def wanted(before: str) -> Wanted | None:
    """What is being begun at the end of ``before``, the text up to the cursor."""
    if match := _COMMAND.match(before):
        return Wanted("/", match[1], len(before))
    if match := _NAME.search(before):
        return Wanted(match[1], match[2], len(match[0]))
    return None


class OfferTaken(Message):
    """A command is to be run, or the next questions put to one entry of the library.

    ``length`` characters before the cursor asked for it.
    """

    def __init__(self, offer: SystemCommand | Entry, length: int) -> None:
        super().__init__()
        self.offer = offer
        self.length = length


class Completions(OptionList, can_focus=False):
    """The offers for what is being begun; hidden where there is nothing, or nothing fits.

    It never has the focus: the prompt hands it the keys that are meant for it.
    """

    DEFAULT_CSS = """
    Completions {
        height: auto; max-height: 8; margin: 0 1; padding: 0 1; display: none;
        border: none; background: $surface;
    }
    """

    def __init__(self, desk: Lists, commands: Callable[[], Iterable[SystemCommand]]) -> None:
        super().__init__(markup=False)
        self._desk = desk
        self._commands = commands
        self.wanted: Wanted | None = None
        self._entries: Sequence[tuple[str, Entry]] | None = None
        self._offers: Sequence[SystemCommand | Entry] = ()

    @property
    def is_open(self) -> bool:
        return bool(self.display)

    def complete(self, wanted: Wanted | None) -> None:
        """Offer what fits, and nothing for None."""
        if wanted == self.wanted:
            return
        # The library is read once for each name, when its sign is typed.
        before = self.wanted.sigil if self.wanted else ""
        if wanted is not None and wanted.sigil in "@#" and wanted.sigil != before:
            self._entries = None
            self._list()
        self.wanted = wanted
        self._fill()

    def close(self) -> None:
        """Offer nothing until something else is begun."""
        self.display = False

    def move(self, by: int) -> None:
        """Turn to the offer before or after."""
        if by > 0:
            self.action_cursor_down()
        else:
            self.action_cursor_up()

    def take(self) -> None:
        """Say which offer is turned to."""
        at = self.highlighted
        if self.wanted is not None and at is not None and at < len(self._offers):
            self.post_message(OfferTaken(self._offers[at], self.wanted.length))
        self.close()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.take()

    # ------------------------------------------------------------------ offers

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _list(self) -> None:
        self.post_message(library_listed(self._desk))

    @on(LibraryListed)
    def _take_list(self, event: LibraryListed) -> None:
        event.stop()
        self._entries = list(scopes(event.shelves))
        self._fill()

    def _fill(self) -> None:
        found = self._fitting()[:_MOST]
        self._offers = [offer for _, offer in found]
        width = max(20, self.app.size.width - 6)
        self.set_options(Option(_row(offer, width)) for offer in self._offers)
        self.display = bool(self._offers)
        self.highlighted = 0 if self._offers else None

    def _fitting(self) -> list[tuple[str, SystemCommand | Entry]]:
        if self.wanted is None:
            return []
        words = folded(self.wanted.typed).split()
        offers: list[tuple[str, SystemCommand | Entry]]
        if self.wanted.sigil == "/":
            offers = [(folded(f"{each.title} {each.help}"), each) for each in self._commands()]
        else:
            of_notebooks = self.wanted.sigil == "#"
            known = self._entries or ()
            offers = [pair for pair in known if (pair[1].notebook is not None) == of_notebooks]
        fitting = [(text, each) for text, each in offers if all(word in text for word in words)]
        # What begins with what was typed is meant before what holds it somewhere.
        start = "".join(words[:1])
        return sorted(fitting, key=lambda each: not _name(each[1]).startswith(start))


def _name(offer: SystemCommand | Entry) -> str:
    return folded(offer.title if isinstance(offer, SystemCommand) else offer.name)


def _row(offer: SystemCommand | Entry, width: int) -> Content:
    if isinstance(offer, SystemCommand):
        name, told = f"/{offer.title}", offer.help
    elif offer.notebook is not None:
        name, told = offer.name, counted(S.files, offer.files)
    else:
        count = counted(S.files, offer.files) if offer.is_folder else ""
        name, told = f"@{offer.name}", "  ".join(filter(None, (offer.path.parent.name, count)))
    name = cut(name, 2 * width // 3)
    told = cut(told, width - Content(name).cell_length - 2)
    return Content.assemble(name, (f"  {told}", MUTED))
