"""What all dialogs share: a quiet box in the middle that Esc closes."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from assistant.tui.strings import S

Result = TypeVar("Result")

_AROUND = 8  # rows of frame, padding, title and hint
_SHORT = 28  # rows below which a dialog has no air and all the height


class Dialog(ModalScreen[Result], Generic[Result]):
    """Subclasses give a title and :meth:`body`; closed by Esc the result is None."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
        & > .box {
            width: 80%;
            max-width: 90;
            min-width: 40;
            height: auto;
            max-height: 90%;
            padding: 1 2;
            border: round $border;
            background: $surface;
            & > .fits { height: auto; scrollbar-size-vertical: 1; }
            & > .title { text-style: bold; color: $primary; margin-bottom: 1; width: 1fr; }
            & > .hint { color: $text-muted; margin-top: 1; width: 1fr; }
            & > .buttons { height: auto; align-horizontal: right; margin-top: 1; }
            & Button { margin-left: 2; min-width: 10; }
        }
        &.-short > .box { max-height: 100%; padding: 0 2; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", S.close, id="dialog.close"),
    ]

    heading = ""

    def on_resize(self, event: Resize) -> None:
        """Let what scrolls take what title, hint and frame leave of nine tenths of the screen."""
        short = event.size.height < _SHORT
        self.set_class(short, "-short")
        room = event.size.height - 6 if short else event.size.height * 9 // 10 - _AROUND
        for scrolled in self.query(".fits"):
            scrolled.styles.max_height = max(3, room)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self.heading, classes="title", markup=False)
            yield from self.body()

    def body(self) -> ComposeResult:
        """What stands beneath the title."""
        yield from ()

    def action_leave(self) -> None:
        self.dismiss(None)
