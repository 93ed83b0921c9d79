"""A dialog that asks for one line."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from assistant.display import plain
from assistant.tui.screens.dialog import Dialog


class AskText(Dialog[str]):
    """Dismissed with the line, never an empty one."""

    DEFAULT_CSS = """
    AskText Input { border: round $border-blurred; background: $surface; }
    AskText Input:focus { border: round $border; }
    """

    def __init__(self, heading: str, value: str = "", *, hint: str = "") -> None:
        super().__init__()
        self.heading = heading
        self._value = value
        self._hint = hint

    def body(self) -> ComposeResult:
        yield Input(self._value, select_on_focus=False)
        if self._hint:
            yield Static(self._hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if value := plain(event.value).strip():
            self.dismiss(value)
