"""The screen one works on: conversation, sources, prompt, status."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.widgets import Footer

from assistant.display import plain
from assistant.errors import QuestionError
from assistant.models.reference import leaves_machine
from assistant.tui import screens
from assistant.tui.exchange import State
from assistant.tui.messages import (
    AnswerCompleted,
    AskAbandoned,
    AskFailed,
    EvidenceFound,
    LibraryCounted,
    ModelAdvanced,
    ModelFailed,
    ModelNoticed,
    ModelReady,
    QuestionSubmitted,
    WorkFailed,
)
from assistant.tui.record import ChatRecord
from assistant.tui.screens.copying import TakesAlong
from assistant.tui.screens.reading import ReadsSources
from assistant.tui.strings import S
from assistant.tui.widgets.completions import Completions
from assistant.tui.widgets.conversation import Conversation
from assistant.tui.widgets.ingest_bar import IngestBar
from assistant.tui.widgets.prompt import Prompt
from assistant.tui.widgets.sources import SourcePanel
from assistant.tui.widgets.status import StatusLine
from assistant.tui.widgets.title import TitleLine

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.tui.tally import IngestTally
    from assistant.tui.widgets.turn import Turn
    from assistant.types import ModelOption, Scope

WIDE = 100
"""Columns from which the sources stand beside the conversation."""


class ChatScreen(TakesAlong):
    """Puts questions to the desk and hands what comes to the widgets that show it."""

    DEFAULT_CSS = """
    ChatScreen {
        layout: vertical;
        background: $background;
        & > #desk { width: 100%; height: 1fr; layout: horizontal; }
        & > #desk.-below { layout: vertical; }
        & #talk { width: 1fr; height: 1fr; }
        & Footer { background: $background; }
    }
    """

    HELP = S.marks_help

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", S.stop, id="chat.stop"),
        Binding("escape", "leave_edit", S.cancel, id="chat.leave-edit"),
        Binding("escape", "focus_prompt", S.to_prompt, id="chat.prompt"),
        Binding("ctrl+r", "ask_again", S.again, id="chat.ask-again"),
        Binding("f5", "search_wider", S.search_wider, id="chat.wider"),
        Binding("f9", "edit_question", S.edit_question, id="chat.edit", show=False),
        Binding("ctrl+y", "copy_answer", S.copy, id="chat.copy"),
        Binding("alt+c", "copy_code", S.copy_code, id="chat.copy-code", show=False),
        Binding("alt+g", "rate('good')", S.good, id="chat.good", show=False),
        Binding("alt+w", "rate('bad')", S.bad, id="chat.bad", show=False),
        *ReadsSources.KEYS,
        Binding("ctrl+n", "new_chat", S.new, id="chat.new"),
        Binding("ctrl+o", "chats", S.chats, id="chat.chats"),
        Binding("ctrl+l", "app.add_folder", S.notes, id="chat.add-folder"),
        Binding("f2,ctrl+b", "app.library", S.shelves, id="chat.library"),
        Binding("f8", "toggle_quotes", S.quotes, id="chat.quotes", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.record = ChatRecord(desk)

    def compose(self) -> ComposeResult:
        yield TitleLine()
        with Container(id="desk"):
            with Vertical(id="talk"):
                yield Conversation(id="conversation")
            yield SourcePanel(id="sources")
        yield IngestBar(id="ingest")
        yield Completions(self.desk, self.commands)
        yield Prompt(id="prompt")
        yield StatusLine()
        yield Footer(show_command_palette=True)

    def on_mount(self) -> None:
        self.conversation = self.query_one(Conversation)
        self.panel = self.query_one(SourcePanel)
        self.prompt = self.query_one(Prompt)
        self.prompt.completions = self.query_one(Completions)
        self.status = self.query_one(StatusLine)
        self.ingest_bar = self.query_one(IngestBar)
        self.conversation.welcome.tell(leaves_machine=leaves_machine(self.desk.settings))
        self.panel.display = False
        if self.desk.settings.interface.reduced_motion:
            self.app.animation_level = "none"
            self.prompt.cursor_blink = False
        self.prompt.focus()
        self.watch(self.app, "tally", self._show_tally)
        self.watch(self.app, "watched", self._show_watching)

    def _show_tally(self, tally: IngestTally | None) -> None:
        self.ingest_bar.tally = tally

    def _show_watching(self, roots: tuple[Path, ...]) -> None:
        self.status.watching = bool(roots)

    def watch_scope(self, scope: Scope) -> None:
        """Say where the next question goes."""
        self.prompt.limit(scope.name if scope else "")
        self.refresh_bindings()

    def watch_quotes(self, quotes: bool) -> None:
        """Say how the next question is answered."""
        self.tell_how()

    def tell_how(self) -> None:
        edited = S.branches if self.edited is not None else ""
        self.prompt.tell(" · ".join(filter(None, (edited, S.quotes_only if self.quotes else ""))))

    def action_toggle_quotes(self) -> None:
        self.quotes = not self.quotes

    def on_resize(self, event: Resize) -> None:
        below = event.size.width < WIDE
        self.query_one("#desk").set_class(below, "-below")
        self.panel.place_below(below)

    # ------------------------------------------------------------------ asking

    @on(QuestionSubmitted)
    async def _take_question(self, event: QuestionSubmitted) -> None:
        if self.conversation.running is not None:
            self.notify(S.still_answering)
            return
        if self.ingest_bar.running and self.status.holds_nothing:
            self.notify(S.still_reading)
            return
        self.prompt.accept()
        if (edited := self.edited) is not None:
            await self.branch(edited)
        await self.ask(event.text, self.conversation.history(), self.scope)

    @on(EvidenceFound)
    @on(AnswerCompleted)
    @on(AskAbandoned)
    @on(AskFailed)
    def _refresh_sources(self) -> None:
        exchange = self.conversation.exchanges[-1]
        if exchange is self.conversation.current:
            self.show_sources(exchange)
        if (turn := self.conversation.running) is not None:
            self.explain_wait(turn)

    @on(AnswerCompleted)
    def _take_answer(self, event: AnswerCompleted) -> None:
        self.status.timing = event.answer.timing
        if not self.query_one(TitleLine).chat:
            self.query_one(TitleLine).chat = event.answer.question
        self.refresh_bindings()

    @on(AskAbandoned)
    def _take_abandonment(self) -> None:
        self.refresh_bindings()

    @on(AskFailed)
    def _take_failure(self, event: AskFailed) -> None:
        self.refresh_bindings()
        if isinstance(event.error, QuestionError):
            self.prompt.give_back(self.conversation.exchanges[-1].question)

    def explain_wait(self, turn: Turn) -> None:
        """Say what a waiting question waits for: a model that is still being loaded."""
        status = self.status
        if turn.state is State.SEARCHING and not status.searchable and not status.failed:
            turn.note(" · ".join(filter(None, (S.waiting_embedding, status.preparing))))
        elif turn.state is State.READING and status.ready is None and not status.failed:
            turn.note(" · ".join(filter(None, (S.waiting_generation, status.preparing))))
        elif turn.running and turn.state is not State.ANSWERING:
            turn.note("")

    # ------------------------------------------------------------------ models and library

    @on(ModelAdvanced)
    @on(ModelReady)
    @on(ModelFailed)
    def _take_model(self) -> None:
        if (turn := self.conversation.running) is not None:
            self.explain_wait(turn)

    @on(ModelFailed)
    def _tell_failure(self, event: ModelFailed) -> None:
        self.conversation.welcome.tell(failed=event)
        self.post_message(WorkFailed(event.error))

    @on(ModelReady)
    def _tell_ready(self, event: ModelReady) -> None:
        away = event.leaves_machine if event.task == "generation" else None
        self.conversation.welcome.tell(ready=event, leaves_machine=away)

    @on(ModelNoticed)
    def _tell_notice(self, event: ModelNoticed) -> None:
        self.notify(plain(S.said(event.text)), markup=False, timeout=10)

    @on(LibraryCounted)
    def _greet(self, event: LibraryCounted) -> None:
        self.conversation.welcome.tell(status=event.status)

    # ------------------------------------------------------------------ what keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        turns = self.conversation.exchanges if self.is_mounted else []
        match action:
            case "stop":
                return self.is_mounted and self.conversation.running is not None
            case "leave_edit":
                return self.edited is not None
            case "focus_prompt":
                return self.is_mounted and not self.prompt.has_focus
            case (
                "edit_question"
                | "ask_again"
                | "new_chat"
                | "copy_answer"
                | "toggle_sources"
                | "next_citation"
            ):
                return bool(turns)
            case "search_wider":
                here = self.conversation.current if turns else None
                return here is not None and here.was_refused and not here.scope.wider
            case "ask_everything":
                return bool(self.scope)
        return True

    def action_focus_prompt(self) -> None:
        self.prompt.focus()

    async def action_explain(self) -> None:
        """Say why the sources of the answer turned to were found."""
        here = self.conversation.current
        if here is None or not here.sources:
            self.notify(S.why_nothing, severity="warning")
            return
        history = self.conversation.history(before=here)
        screen = screens.ExplainScreen(self.desk, here.question, here.sources, history, here.scope)
        await self.app.push_screen(screen)

    # Awaited, so that what is typed next goes to the dialog and not to the prompt behind it.

    async def action_use_model(self) -> None:
        if self.conversation.running is not None:
            self.notify(S.still_answering)
        else:
            await self.app.push_screen(screens.ChooseModel(self.desk), self._use_model)

    def _use_model(self, option: ModelOption | None) -> None:
        if option is not None and not option.active:
            self.status.use(self.desk, option)
