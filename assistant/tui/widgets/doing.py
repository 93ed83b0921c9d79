"""What a question that is being answered waits for, and for how long."""

from __future__ import annotations

from time import monotonic

from textual.content import Content
from textual.widgets import Static

from assistant.tui.exchange import Exchange, State
from assistant.tui.strings import S, counted

_TICK_SECONDS = 0.5


class Doing(Static):
    """One line; nothing while the answer itself is seen to grow."""

    DEFAULT_CSS = """
    Doing { color: $text-muted; padding: 0 2; }
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(markup=False)
        self._exchange = exchange
        self._note = ""
        self._step = ""
        self._since = monotonic()

    def on_mount(self) -> None:
        self.set_interval(_TICK_SECONDS, self.tell)
        self.tell()

    def note(self, text: str) -> None:
        """Say what it waits for; empty: what it does by itself."""
        self._note = text
        self.tell()

    def step(self, text: str) -> None:
        """Say how far a model is that does more than write; empty: it writes."""
        self._step = text
        self.tell()

    def tell(self) -> None:
        """Say it anew."""
        exchange = self._exchange
        answering = exchange.state is State.ANSWERING
        self.display = exchange.running and (not answering or bool(self._note or self._step))
        if self.display:
            doing = {
                State.SEARCHING: S.searching,
                State.READING: counted(S.reading, len(exchange.sources)),
            }
            what = self._note or self._step or doing.get(exchange.state, "")
            seconds = int(monotonic() - self._since)
            told = f"{what} · {S.seconds.format(count=seconds)}" if seconds else f"{what}…"
            self.update(Content(told))
