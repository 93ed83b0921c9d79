"""A question with two answers, the harmless one first."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static

from assistant.display import plain
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S


class Confirm(Dialog[bool]):
    """True when the user agreed; None or False when not."""

    def __init__(self, question: str, detail: str, *, agree: str) -> None:
        super().__init__()
        self.heading = question
        self._detail = detail
        self._agree = agree

    def body(self) -> ComposeResult:
        yield Static(plain(self._detail), markup=False)
        with Horizontal(classes="buttons"):
            yield Button(S.cancel, id="cancel", compact=True)
            yield Button(self._agree, id="agree", variant="error", compact=True)

    @on(Button.Pressed)
    def _decide(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "agree")
