"""A dialog that asks for one line."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from assistant.display import plain
from assistant.tui.screens.dialog import Dialog


class AskText(Dialog[str]):
    """Dismissed with the line; with an empty one only where it ``may_be_empty``."""

    DEFAULT_CSS = """
    AskText Input { border: round $border-blurred; background: $surface; }
    AskText Input:focus { border: round $border; }
    """

    def __init__(
        self, heading: str, value: str = "", *, hint: str = "", may_be_empty: bool = False
    ) -> None:
        super().__init__()
        self.heading = heading
        self._value = value
        self._hint = hint
        self._may_be_empty = may_be_empty

    def body(self) -> ComposeResult:
        yield Input(self._value, select_on_focus=False)
        if self._hint:
            yield Static(self._hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        value = plain(event.value).strip()
        if value or self._may_be_empty:
            self.dismiss(value)
