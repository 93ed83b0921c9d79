"""The first line of the screen."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from assistant.display import plain
from assistant.tui.cells import MUTED, cut_end
from assistant.tui.strings import S


class TitleLine(Widget):
    """The product's name and the chat's."""

    DEFAULT_CSS = """
    TitleLine { height: 1; width: 100%; padding: 0 2; background: $surface; }
    """

    chat: reactive[str] = reactive("")

    def render(self) -> RenderResult:
        name = "assistant"
        chat = plain(self.chat).replace("\n", " ") or S.new_chat
        chat = cut_end(chat, self.content_size.width - len(name) - 3)
        return Content.assemble((name, "bold $primary"), ("  ", ""), (chat, MUTED))
