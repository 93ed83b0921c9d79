"""The [n] of an answer, walked with keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Static

SCHEME = "citation:"
_SET_OFF = "bold reverse"


@dataclass(frozen=True, slots=True)
class Link:
    """A [n]: the widget it stands in, where in that one's text, and its number."""

    widget: Static
    start: int
    end: int
    n: int


def links(answer: Widget) -> list[Link]:
    """Every [n] within ``answer``, in the order they are read."""
    return [link for widget in answer.query(Static) for link in _links_of(widget)]


def _links_of(widget: Static) -> Iterator[Link]:
    if not isinstance(content := widget.visual, Content):
        return
    for span in sorted(content.spans, key=lambda span: span.start):
        action = str(span.style.meta.get("@click", "")) if isinstance(span.style, Style) else ""
        _, found, number = action.rstrip("')").partition(SCHEME)
        if found and number.isdecimal():
            yield Link(widget, span.start, span.end, int(number))


class Walk:
    """Which of some links is turned to; it alone is set off."""

    def __init__(self) -> None:
        self._links: list[Link] = []
        self._here: int | None = None
        self._before: Content | None = None  # what stands where it is set off

    @property
    def here(self) -> Link | None:
        return None if self._here is None else self._links[self._here]

    def begin(self, among: list[Link]) -> None:
        """Turn to the first of other links; ``among`` may be none."""
        self.leave()
        self._links = among
        self._turn(0)

    def step(self, by: int) -> bool:
        """Turn to the link so many further; False, and nothing done, where there is none."""
        there = (self._here or 0) + by
        if self._here is None or not 0 <= there < len(self._links):
            return False
        self.leave()
        self._turn(there)
        return True

    def leave(self) -> None:
        """Turn to none."""
        link = self.here
        if link is not None and self._before is not None and link.widget.is_attached:
            link.widget.update(self._before)
        self._here = self._before = None

    def _turn(self, there: int) -> None:
        if there >= len(self._links):
            return
        self._here = there
        link = self._links[there]
        if isinstance(content := link.widget.visual, Content):
            self._before = content
            link.widget.update(content.stylize(_SET_OFF, link.start, link.end))
