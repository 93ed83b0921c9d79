"""What a newcomer is shown once: three steps from a folder of notes to a source."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Button, Static

from assistant.tui.cells import MUTED
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S


class Tour(Dialog[bool]):
    """Three steps, one at a time; True if the user wants to do the first at its end."""

    DEFAULT_CSS = """
    Tour {
        & > .box { max-width: 72; }
        & #step { height: auto; min-height: 7; width: 1fr; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "turn(1)", S.tour_next, id="tour.next"),
        Binding("left", "turn(-1)", S.tour_back, id="tour.back"),
    ]

    heading = S.tour
    step: reactive[int] = reactive(0)

    def body(self) -> ComposeResult:
        yield Static(id="step", markup=False)
        with Horizontal(classes="buttons"):
            yield Button(S.tour_skip, id="skip", compact=True)
            yield Button(S.tour_next, id="next", variant="primary", compact=True)

    def on_mount(self) -> None:
        button = self.query_one("#next", Button)
        button.active_effect_duration = 0  # while it lasts the next Enter would be lost
        button.focus()

    def watch_step(self, step: int) -> None:
        """Show a step, with how far that is."""
        title, text = S.tour_steps[step]
        dots = " ".join("●" if n == step else "○" for n in range(len(S.tour_steps)))
        self.query_one("#step", Static).update(
            Content.assemble((title, "bold"), "\n\n", text, "\n\n", (dots, MUTED))
        )
        self.query_one("#next", Button).label = S.tour_go if self._is_last else S.tour_next
        self.query_one("#skip", Button).label = S.close if self._is_last else S.tour_skip

    @property
    def _is_last(self) -> bool:
        return self.step == len(S.tour_steps) - 1

    def action_turn(self, by: int) -> None:
        self.step = min(max(self.step + by, 0), len(S.tour_steps) - 1)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "skip":
            self.dismiss(False)
        elif self._is_last:
            self.dismiss(True)
        else:
            self.action_turn(1)
