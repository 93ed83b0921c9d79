"""The first line of the library screen."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from assistant.tui.cells import MUTED
from assistant.tui.shelves import Health, Shelves, Sieve
from assistant.tui.strings import S, counted
from assistant.tui.wording import SIGNS


class ShelfLine(Widget):
    """What the library holds in all, and which part of it is shown."""

    DEFAULT_CSS = """
    ShelfLine { height: 1; width: 100%; padding: 0 2; background: $surface; }
    """

    shelves: reactive[Shelves | None] = reactive(None)
    sieve: reactive[Sieve] = reactive(Sieve())
    watching: reactive[bool] = reactive(False)

    def render(self) -> RenderResult:
        parts: list[Content] = []
        shelves = self.shelves
        if shelves is not None and shelves.status.nodes:
            status = shelves.status
            parts.append(Content(counted(S.files, sum(entry.files for entry in shelves.roots))))
            if status.embedded < status.nodes:
                share = 100 * status.embedded // status.nodes
                parts.append(Content(S.embedded.format(share=share)))
        if self.watching:
            parts.append(Content(f"◉ {S.watching}"))
        if shelves is not None:
            parts += self._problems(shelves)
        if self.sieve.problems:
            parts.append(Content.styled(S.problems_only, "$accent"))
        if self.sieve.words:
            parts.append(Content.styled(f"/ {' '.join(self.sieve.words)}", "$accent"))
        title = Content.styled(S.shelves, "bold $primary")
        return Content.assemble(title, "  ", Content.styled(" · ", MUTED).join(parts)).truncate(
            self.content_size.width, ellipsis=True
        )

    def _problems(self, shelves: Shelves) -> list[Content]:
        styles: tuple[tuple[Health, str], ...] = (
            ("failed", "$text-error"),
            ("partly", "$text-warning"),
            ("skipped", MUTED),
        )
        counts = {
            state: sum(entry.sick.get(state, 0) for entry in shelves.roots) for state, _ in styles
        }
        return [
            Content.styled(f"{SIGNS[state]} {counts[state]:,}", style)
            for state, style in styles
            if counts[state]
        ]
