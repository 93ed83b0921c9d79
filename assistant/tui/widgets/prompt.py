"""Where the question is typed."""

from __future__ import annotations

import re
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import TextArea

from assistant.display import plain
from assistant.tui.cells import cut
from assistant.tui.messages import PathPasted, QuestionSubmitted
from assistant.tui.strings import S
from assistant.tui.widgets.completions import Completions, wanted

_PATH = re.compile(r"\s*['\"]?(?:/|~/|file://|[A-Za-z]:\\)")
_FOR_COMPLETIONS = frozenset({"up", "down", "tab", "enter", "escape"})


class Prompt(TextArea):
    """A text area in which Enter sends and the arrow keys leaf through earlier questions.

    It grows with its text. It is emptied by :meth:`accept`, not by sending: whoever receives
    :class:`QuestionSubmitted` may have to turn the question down.
    """

    DEFAULT_CSS = """
    Prompt {
        height: auto;
        max-height: 8;
        margin: 0 1;
        border: round $border-blurred;
        background: $background;
        scrollbar-size-vertical: 1;
        border-title-color: $accent;
        &:focus { border: round $border; }
        & .text-area--cursor-line { background: $background; }
        & .text-area--placeholder { color: $text-muted; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # Shown here, obeyed in _on_key: a binding may come before letters typed ahead of it.
        Binding("enter", "submit", S.send, id="prompt.send"),
        Binding(
            "ctrl+j,shift+enter,alt+enter", "newline", S.newline, id="prompt.newline", show=False
        ),
        # The text area redoes with Ctrl+Y.
        Binding(
            "ctrl+y,super+y", "screen.copy_answer", S.copy_answer, id="prompt.copy", show=False
        ),
        Binding("ctrl+shift+z,super+shift+z", "redo", show=False, id="prompt.redo"),
        Binding("pageup", "scroll_conversation(-1)", show=False, id="prompt.page-up"),
        Binding("pagedown", "scroll_conversation(1)", show=False, id="prompt.page-down"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            placeholder=S.placeholder,
            highlight_cursor_line=False,
        )
        self.completions: Completions | None = None
        self._earlier: list[str] = []
        self._shown: int | None = None
        self._draft = ""
        self._limit = ""
        self._sent = ""

    def on_mount(self) -> None:
        # The text area tells the terminal where its cursor is when the cursor moves; an input
        # method draws there, so it must be told too when the prompt itself has moved.
        self.screen.screen_layout_refresh_signal.subscribe(self, self._place_cursor)

    def _place_cursor(self, _: Screen[object]) -> None:
        if self.has_focus:
            self.app.cursor_position = self.cursor_screen_offset

    def on_text_area_selection_changed(self) -> None:
        """Offer what is being begun before the cursor; typing moves it, too."""
        if self.completions is not None:
            row, column = self.cursor_location
            line = self.document.get_line(row)[:column]
            self.completions.complete(wanted(line if row == 0 else f"\n{line}"))

    def forget(self, length: int) -> None:
        """Take out the ``length`` characters before the cursor: what they asked for was done."""
        row, column = self.cursor_location
        self.delete((row, max(0, column - length)), (row, column))

    async def _on_key(self, event: events.Key) -> None:
        offers = self.completions
        if offers is not None and offers.is_open and event.key in _FOR_COMPLETIONS:
            match event.key:
                case "up" | "down":
                    offers.move(1 if event.key == "down" else -1)
                case "escape":
                    offers.close()
                case _:
                    offers.take()
            event.stop()
            event.prevent_default()
            return
        if event.key == "enter":
            act = self.action_submit
        elif event.key in ("ctrl+j", "shift+enter", "alt+enter"):
            act = self.action_newline
        elif event.key.startswith("alt+"):
            # Most terminals send Esc and the letter, which the text area would take for the letter.
            event.prevent_default()
            return
        else:
            return
        event.stop()
        event.prevent_default()
        act()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = plain(event.text)
        was_empty = not self.text
        if pasted := self._replace_via_keyboard(text, *self.selection):
            self.move_cursor(pasted.end_location)
        # What a terminal makes of a file that is dropped on it.
        if was_empty and _PATH.match(text) and "\n" not in text.strip():
            self.post_message(PathPasted(text))

    def action_submit(self) -> None:
        if question := plain(self.text).strip():
            self._sent = self.text
            self.post_message(QuestionSubmitted(question))

    def action_newline(self) -> None:
        self._replace_via_keyboard("\n", *self.selection)

    def action_cursor_up(self, select: bool = False) -> None:
        at_top = self.navigator.is_first_wrapped_line(self.cursor_location)
        if select or not at_top or not self._leaf(-1):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        at_bottom = self.navigator.is_last_wrapped_line(self.cursor_location)
        if select or not at_bottom or not self._leaf(1):
            super().action_cursor_down(select)

    def action_scroll_conversation(self, pages: int) -> None:
        conversation = self.screen.query("Conversation").first()
        if pages < 0:
            conversation.scroll_page_up()
        else:
            conversation.scroll_page_down()

    def limit(self, name: str) -> None:
        """Say on the frame that only ``name`` is asked; nothing when it is empty."""
        self._limit = plain(name)
        self._write_limit()

    def tell(self, how: str) -> None:
        """Say on the frame how it is answered; nothing when it is empty."""
        self.border_subtitle = Content(how) if how else None

    def on_resize(self) -> None:
        self._write_limit()

    def _write_limit(self) -> None:
        # Cut here, for the frame would cut the end, and a name's end tells most.
        text = S.in_scope.format(name=self._limit) if self._limit else ""
        self.border_title = Content(cut(text, max(0, self.size.width - 8))) if text else None

    def accept(self) -> None:
        """Remember what was sent and leave only what was typed since."""
        sent, self._sent = self._sent, ""
        if not self.text.startswith(sent):
            sent = self.text
        self.remember(plain(sent).strip())
        self._show(self.text[len(sent) :])

    def remember(self, question: str) -> None:
        """Make ``question`` the latest of the earlier ones."""
        self._shown = None
        self._draft = ""
        if question and (not self._earlier or self._earlier[-1] != question):
            self._earlier.append(question)

    def give_back(self, question: str) -> None:
        """Put a question that could not be asked back, unless something was typed meanwhile."""
        if not self.text:
            self._show(question)

    def _leaf(self, step: int) -> bool:
        here = len(self._earlier) if self._shown is None else self._shown
        there = here + step
        if there < 0 or there > len(self._earlier) or here == there:
            return False
        if self._shown is None:
            self._draft = self.text
        self._shown = there if there < len(self._earlier) else None
        self._show(self._draft if self._shown is None else self._earlier[there])
        return True

    def _show(self, text: str) -> None:
        self.text = text
        self.move_cursor(self.document.end)
