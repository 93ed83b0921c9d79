"""An ingestion while it runs: one line, out of the way of what else is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget

from assistant.display import plain_path
from assistant.tui.cells import bar, cut
from assistant.tui.moments import duration
from assistant.tui.strings import S

if TYPE_CHECKING:
    from assistant.tui.tally import IngestTally

_BAR = 20


class IngestBar(Widget):
    """Shows how far the ingestion is that ``tally`` counts; hidden while there is none."""

    DEFAULT_CSS = """
    IngestBar {
        height: 1; width: 100%; padding: 0 2; color: $text-muted; display: none;
        &.-running { display: block; }
    }
    """

    tally: reactive[IngestTally | None] = reactive(None)

    @property
    def running(self) -> bool:
        return self.tally is not None

    def watch_tally(self, tally: IngestTally | None) -> None:
        """Come and go with the ingestion."""
        self.set_class(tally is not None, "-running")

    @on(Click)
    async def _ask_to_stop(self) -> None:
        if self.tally is not None and self.tally.can_stop:
            await self.run_action("app.stop_adding")

    def render(self) -> RenderResult:
        tally = self.tally
        if tally is None:
            return ""
        said, done, total = _stage(tally)
        parts = [said.format(done=f"{done:,}", total=f"{total:,}")]
        if not tally.passages_total and 0 < total == done:
            parts.append(S.waiting_embedding)
        if tally.index is None and tally.rate is not None:
            parts.append(S.per_second.format(rate=f"{tally.rate:.0f}"))
        if tally.index is None and tally.seconds_left is not None:
            parts.append(S.time_left.format(time=duration(tally.seconds_left)))
        if tally.kind == "adding":
            parts.append(S.stop_key)
        what = {"adding": S.adding, "syncing": S.syncing, "embedding": S.embedding}[tally.kind]
        moves = self.app.animation_level != "none"
        drawn = (bar(done / total if total else 0.0, _BAR), " ") if moves else ()
        line = Content.assemble((f"{what} ", "$foreground"), *drawn) + " · ".join(parts)
        room = self.content_size.width - line.cell_length - 2
        if tally.current is not None and said == S.files_done and room > 8:
            line = Content.assemble(line, "  ", (cut(plain_path(tally.current), room), "dim"))
        return line


def _stage(tally: IngestTally) -> tuple[str, int, int]:
    """What is counted now, how many are done and of how many."""
    if tally.index is not None:
        said = {
            "reading": S.index_reading,
            "building": S.index_building,
            "saving": S.index_saving,
        }
        return said[tally.index.step], tally.index.done, tally.index.total
    if tally.passages_total:
        return S.passages_done, tally.passages, tally.passages_total
    if tally.words_total:
        return S.words_done, tally.words, tally.words_total
    return S.files_done, tally.files, tally.files_total
