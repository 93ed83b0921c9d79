"""Answers, code and citations taken along to other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from assistant.display import plain_path
from assistant.tui.messages import SourceOpened, TextKept, TextTaken
from assistant.tui.screens.judging import JudgesAnswers
from assistant.tui.screens.opens import OpensFiles
from assistant.tui.strings import S
from assistant.tui.wording import answer_for_clipboard, code_blocks

if TYPE_CHECKING:
    from assistant.tui.exchange import Exchange


class TakesAlong(JudgesAnswers, OpensFiles):
    """A screen from which text is copied and files are opened."""

    _block: tuple[Exchange, int] | None = None  # the code copied last

    @on(TextTaken)
    def _copy(self, event: TextTaken) -> None:
        event.stop()
        self.app.copy_to_clipboard(event.text)
        self._keep(event.text, event.notice)

    @work(thread=True, exclusive=True, exit_on_error=False, group="copy")
    def _keep(self, text: str, notice: str) -> None:
        from assistant.tui import clipboard

        file = clipboard.keep(text)
        self.post_message(TextKept(notice, file))

    @on(TextKept)
    def _tell_kept(self, event: TextKept) -> None:
        event.stop()
        where = S.also_kept.format(file=plain_path(event.file)) if event.file else ""
        self.notify(where or event.notice, title=event.notice if where else "", markup=False)

    @on(SourceOpened)
    def _open_source(self, event: SourceOpened) -> None:
        event.stop()
        self.show_file(event.path, event.line)

    def action_copy_answer(self) -> None:
        here = self.conversation.current
        if here is None or not here.text:
            self.notify(S.nothing_to_copy, severity="warning")
            return
        text = answer_for_clipboard(here.text, here.sources, here.citations)
        self.post_message(TextTaken(text, S.copied))

    def action_copy_code(self) -> None:
        """Copy the code of the answer turned to; of several blocks the next each time."""
        here = self.conversation.current
        blocks = code_blocks(here.text) if here is not None else []
        if here is None or not blocks:
            self.notify(S.no_code, severity="warning")
            return
        before = self._block[1] if self._block is not None and self._block[0] is here else -1
        at = (before + 1) % len(blocks)
        self._block = here, at
        notice = S.code_copied.format(number=at + 1, count=len(blocks))
        self.post_message(TextTaken(blocks[at], notice))

    def action_copy_citation(self) -> None:
        self.panel.action_copy()
