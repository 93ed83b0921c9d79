"""What is said beneath an answer."""

from __future__ import annotations

from textual.widgets import Static

from assistant.tui.exchange import Exchange, State
from assistant.tui.strings import S
from assistant.tui.wording import answer_facts


class Facts(Static):
    """Where an answer is from, who wrote it, how fast, how it ended and what was thought of it."""

    DEFAULT_CSS = """
    Facts { color: $text-muted; padding: 0 2; }
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(markup=False, classes="facts")
        self._exchange = exchange

    def on_mount(self) -> None:
        self.tell()

    def tell(self) -> None:
        """Say it anew."""
        exchange = self._exchange
        if exchange.answer is not None:
            self.update(answer_facts(exchange.answer, exchange.scope))
        else:
            self.update(S.stopped if exchange.state is State.STOPPED else "")
