"""The questions and answers of one chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from assistant.errors import AssistantError
from assistant.tui.messages import ModelFailed, ModelReady, ModelTask
from assistant.tui.strings import S, counted
from assistant.tui.widgets.turn import Turn
from assistant.tui.wording import error_text
from assistant.types import Answer, LibraryStatus

SHOWN_AT_ONCE = 20


class Welcome(Static):
    """What an empty page says: what to do next."""

    DEFAULT_CSS = """
    Welcome {
        width: 1fr;
        height: auto;
        padding: 0 4;
        text-align: center;
        color: $text-muted;
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._status: LibraryStatus | None = None
        self._problems: dict[ModelTask, AssistantError] = {}
        self._leaves_machine = False

    def tell(
        self,
        *,
        status: LibraryStatus | None = None,
        failed: ModelFailed | None = None,
        ready: ModelReady | None = None,
        leaves_machine: bool | None = None,
    ) -> None:
        """Greet with what the library holds, and with a model that is missing."""
        self._status = status or self._status
        if failed is not None:
            self._problems[failed.task] = failed.error
        if ready is not None:
            self._problems.pop(ready.task, None)
        if leaves_machine is not None:
            self._leaves_machine = leaves_machine
        self.update(self._content())

    def on_mount(self) -> None:
        self.update(self._content())

    def _content(self) -> Content:
        title = (S.greeting, "bold $foreground")
        lines: list[Content | str | tuple[str, str]]
        if self._status is not None and not self._status.documents:
            body = S.empty_body_away if self._leaves_machine else S.empty_body
            lines = [(S.empty_title, "bold $foreground"), "\n\n", (body, "$foreground")]
            lines += ["\n", S.empty_other]
        elif self._status is not None:
            ready = counted(S.greeting_ready, self._status.documents)
            lines = [title, "\n\n", ready, "\n\n", S.greeting_tips]
        else:
            lines = [title, "\n\n", S.greeting_tips]
        for problem in self._problems.values():
            lines += ["\n\n", (error_text(problem), "$text-error")]
        return Content.assemble(*lines)


class Earlier(Static, can_focus=True):
    """Stands for the turns of a long chat that are not laid out yet."""

    DEFAULT_CSS = """
    Earlier {
        width: 1fr; height: auto; padding: 1; text-align: center; color: $text-muted;
        &:hover, &:focus { color: $primary; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", S.earlier, id="conversation.earlier")
    ]

    def __init__(self, turns: Sequence[tuple[str, Answer]]) -> None:
        super().__init__(markup=False)
        self.keep(turns)

    def keep(self, turns: Sequence[tuple[str, Answer]]) -> None:
        """Stand for ``turns``, and for nothing when there are none."""
        self.turns = turns
        self.display = bool(turns)
        self.update(counted(S.earlier_turns, len(turns)))

    async def on_click(self) -> None:
        await self.action_show()

    async def action_show(self) -> None:
        conversation = self.screen.query_one(Conversation)
        await conversation.lay_out_before(self)


class Conversation(VerticalScroll):
    """Turns one under another, kept scrolled to the end while the reader is there."""

    DEFAULT_CSS = """
    Conversation {
        width: 1fr;
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        &:focus { background-tint: $foreground 2%; }
        & > .page { height: auto; min-height: 100%; padding-top: 1; }
        & > .page.-empty { align: center middle; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.welcome = Welcome()
        # As tall as the view at least: an anchored container puts less than that at its bottom.
        self._page = Vertical(self.welcome, classes="page -empty")
        self.current: Turn | None = None

    def compose(self) -> ComposeResult:
        yield self._page

    def on_mount(self) -> None:
        self.anchor()

    # ------------------------------------------------------------------ what is there

    @property
    def turns(self) -> list[Turn]:
        return list(self._page.query_children(Turn))

    @property
    def running(self) -> Turn | None:
        """The turn that is being answered."""
        return next((turn for turn in reversed(self.turns) if turn.running), None)

    def history(self, before: Turn | None = None) -> list[tuple[str, Answer]]:
        """What the model may look back on, oldest first; all, or what stands before a turn."""
        turns = self.turns
        if before is not None:
            turns = turns[: turns.index(before)]
        earlier = [pair for rest in self._page.query_children(Earlier) for pair in rest.turns]
        return earlier + [(turn.question, turn.answer) for turn in turns if turn.answer is not None]

    # ------------------------------------------------------------------ changing it

    async def add(self, question: str) -> Turn:
        """A new turn at the end, in view."""
        turn = Turn(question)
        self._greet(False)
        await self._page.mount(turn)
        self.turn_to(turn)
        self.anchor()
        return turn

    async def show(self, turns: Sequence[tuple[str, Answer]]) -> None:
        """Replace everything; a long chat is laid out from its end."""
        self.current = None
        await self.query("Turn, Earlier").remove()
        self._greet(not turns)
        before, shown = turns[:-SHOWN_AT_ONCE], turns[-SHOWN_AT_ONCE:]
        if before:
            await self._page.mount(Earlier(before))
        await self._page.mount_all(Turn(question, answer) for question, answer in shown)
        if shown:
            self.turn_to(self.turns[-1])
        self.anchor()

    async def lay_out_before(self, earlier: Earlier) -> None:
        """Lay out some more of a long chat, above what is there."""
        shown = earlier.turns[-SHOWN_AT_ONCE:]
        earlier.keep(earlier.turns[:-SHOWN_AT_ONCE])
        first = self.turns[0]
        self.release_anchor()
        await self._page.mount_all([Turn(*pair) for pair in shown], before=first)
        self.call_after_refresh(self.scroll_to_widget, first, animate=False, top=True)

    async def go_to(self, number: int) -> Turn | None:
        """Turn to the question of that number, counted from 1, and bring it into view."""
        for earlier in self._page.query_children(Earlier):
            while 0 < number <= len(earlier.turns):
                await self.lay_out_before(earlier)
            number -= len(earlier.turns)
        turns = self.turns
        if not 0 < number <= len(turns):
            return None
        turn = turns[number - 1]
        self.turn_to(turn)
        self.release_anchor()
        self.call_after_refresh(self.scroll_to_widget, turn, animate=False, top=True)
        return turn

    def _greet(self, empty: bool) -> None:
        self.welcome.display = empty
        self._page.set_class(empty, "-empty")

    def turn_to(self, turn: Turn) -> None:
        """Make ``turn`` the one whose sources are shown."""
        if self.current is not None:
            self.current.remove_class("-current")
        self.current = turn
        turn.add_class("-current")

    def step(self, by: int) -> Turn | None:
        """Turn to the answer before or after, and bring it into view."""
        turns = self.turns
        if not turns:
            return None
        here = turns.index(self.current) if self.current in turns else len(turns) - 1
        turn = turns[max(0, min(len(turns) - 1, here + by))]
        self.turn_to(turn)
        self.scroll_to_widget(turn, animate=False, top=True)
        return turn
