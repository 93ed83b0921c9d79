"""A question and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static
from textual.worker import Worker, get_current_worker

from assistant.display import plain
from assistant.errors import AssistantError
from assistant.tui import widgets
from assistant.tui.asking import follow
from assistant.tui.exchange import Exchange, State
from assistant.tui.marks import PARTIAL, UNSUPPORTED, without_marks
from assistant.tui.messages import (
    AnswerCompleted,
    AnswerGrew,
    AskAbandoned,
    AskFailed,
    CitationActivated,
    EvidenceFound,
    NotesQuoted,
    SummaryAdvanced,
    ThinkingBegun,
    TurnPicked,
    TurnStored,
    WorkFailed,
)
from assistant.tui.strings import S
from assistant.tui.widgets.doing import Doing
from assistant.tui.widgets.facts import Facts
from assistant.tui.wording import error_text, quotation, summary_step
from assistant.tui.work import as_error

if TYPE_CHECKING:
    from assistant.tui.record import Asks, ChatRecord
    from assistant.types import Answer, Source

__all__ = ["State", "Turn"]


class Turn(Vertical):
    """Shows an exchange; asks in a thread of its own. Its messages bubble to the screen."""

    DEFAULT_CSS = """
    Turn {
        height: auto;
        padding: 0 1 1 1;
        & > .question {
            border-left: outer $border-blurred;
            padding: 0 1;
            margin-bottom: 1;
            color: $primary;
            text-style: bold;
        }
        &.-current > .question { border-left: outer $primary; }
        & > .standalone { color: $text-muted; padding: 0 2; margin-bottom: 1; }
        & > .glimpse {
            display: none;
            margin: 1 2 0 2;
            padding: 0 1;
            border-left: outer $border-blurred;
            color: $text-muted;
        }
        & > AnswerText { padding: 0 2; }
        & > .error { padding: 0 2; color: $text-error; }
        &.-refused > AnswerText { color: $text-muted; text-style: italic; }
    }
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
        self._stop = Event()
        self._asking: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        exchange = self.exchange
        yield Static(plain(exchange.question), classes="question", markup=False)
        if exchange.running:
            yield Doing(exchange)
            yield Static(classes="glimpse", markup=False)
        yield widgets.AnswerText()
        if exchange.failure:
            yield Static(exchange.failure, classes="error", markup=False)
        yield Facts(exchange)

    async def on_mount(self) -> None:
        if self.exchange.answer is not None:
            await self._show_answer(self.exchange.answer)
        elif self.exchange.streamed and not self.running:
            await self.query_one(widgets.AnswerText).finish(self.exchange.streamed)

    def on_unmount(self) -> None:
        self._stop.set()

    # ------------------------------------------------------------------ what others ask

    @property
    def running(self) -> bool:
        return self.exchange.running

    @property
    def state(self) -> State:
        return self.exchange.state

    @property
    def question(self) -> str:
        return self.exchange.question

    @property
    def answer(self) -> Answer | None:
        return self.exchange.answer

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.exchange.sources

    @property
    def text(self) -> str:
        return self.exchange.text

    def ask(
        self,
        desk: Asks,
        record: ChatRecord,
        history: Sequence[tuple[str, Answer]] = (),
        *,
        quotes: bool = False,
    ) -> None:
        """Put the question; evidence, tokens and answer follow as messages.

        With ``quotes`` no model writes: the answer is sentences of the notes.
        """
        self._asking = self._ask(desk, record, history, quotes)

    def stop(self) -> None:
        """End the answer and keep what came of it."""
        if not self.running:
            return
        self._stop.set()
        if self.state is State.ANSWERING:
            self.note(S.stopping)
        else:
            # There is nothing to keep, and whatever the thread waits for may take minutes.
            if self._asking is not None:
                self._asking.cancel()
            self._end(State.STOPPED)
            self.post_message(AskAbandoned())

    def read(self, current: bool) -> None:
        """Whether this is the turn whose sources are shown."""
        self.set_class(current, "-current")
        for body in self.query(widgets.AnswerText):
            body.read(current)

    def tell(self) -> None:
        """Say beneath the answer what is known of it now."""
        self.query_one(Facts).tell()

    def note(self, text: str) -> None:
        """Say what the turn waits for; empty: what it does by itself."""
        self.query_one(Doing).note(text)

    # ------------------------------------------------------------------ the thread

    @work(thread=True, exit_on_error=False, group="ask")
    def _ask(
        self,
        desk: Asks,
        record: ChatRecord,
        history: Sequence[tuple[str, Answer]],
        quotes: bool,
    ) -> None:
        worker = get_current_worker()
        question, scope = self.exchange.question, self.exchange.scope
        try:
            if quotes:
                events = desk.quote(question, history=history, scope=scope)
            else:
                events = desk.ask(question, history=history, scope=scope, stop=self._stop)
            answer = follow(events, self.post_message, lambda: worker.is_cancelled)
        except Exception as error:  # noqa: BLE001 - whatever it was, the conversation goes on
            if not worker.is_cancelled:
                self.post_message(AskFailed(as_error(error)))
            return
        if answer is not None and answer.text:
            self._store(record, answer)

    def _store(self, record: ChatRecord, answer: Answer) -> None:
        try:
            self.post_message(TurnStored(*record.append(self.question, answer)))
        except AssistantError as error:
            self.post_message(WorkFailed(error))

    # ------------------------------------------------------------------ what came of it

    @on(EvidenceFound)
    def _take_evidence(self, event: EvidenceFound) -> None:
        if not self.running:
            event.stop()
            return
        self.exchange.found = event.retrieval.sources
        self._show_standalone(event.standalone)
        self.query_one(widgets.AnswerText).offer(source.n for source in self.exchange.sources)
        self.exchange.state = State.READING
        self.note("")

    @on(NotesQuoted)
    def _take_quotation(self, event: NotesQuoted) -> None:
        event.stop()
        if self.state is State.READING:
            glimpse = self.query_one(".glimpse", Static)
            glimpse.update(quotation(event.citations))
            glimpse.display = True

    @on(ThinkingBegun)
    def _take_thinking(self, event: ThinkingBegun) -> None:
        event.stop()
        if self.state is State.READING:
            self.query_one(Doing).step(S.thinking)

    @on(SummaryAdvanced)
    def _take_step(self, event: SummaryAdvanced) -> None:
        event.stop()
        if self.running:
            self.query_one(Doing).step(summary_step(event.step))

    @on(AnswerGrew)
    async def _take_more(self, event: AnswerGrew) -> None:
        if not self.running:
            event.stop()
            return
        if self.state is not State.ANSWERING:
            self.exchange.state = State.ANSWERING
            self.query_one(".glimpse").display = False
            self.query_one(Doing).step("")
            self.note("")
        self.exchange.streamed += event.text
        await self.query_one(widgets.AnswerText).write(event.text)

    @on(AnswerCompleted)
    async def _take_answer(self, event: AnswerCompleted) -> None:
        if not self.running:
            event.stop()
            return
        self.exchange.answer = event.answer
        self._end(State.STOPPED if event.answer.finish == "stopped" else State.COMPLETE)
        await self._show_answer(event.answer)

    @on(TurnStored)
    def _take_number(self, event: TurnStored) -> None:
        self.exchange.number = event.number

    @on(AskFailed)
    async def _take_failure(self, event: AskFailed) -> None:
        if not self.running:
            event.stop()
            return
        self.exchange.failure = error_text(event.error)
        self._end(State.FAILED)
        told = Static(self.exchange.failure, classes="error", markup=False)
        await self.mount(told, before=self.query_one(Facts))
        if self.exchange.streamed:
            await self.query_one(widgets.AnswerText).finish(self.exchange.streamed)

    @on(CitationActivated)
    def _follow(self, event: CitationActivated) -> None:
        event.stop()
        self.post_message(TurnPicked(self.exchange, event.n))

    def on_click(self) -> None:
        self.post_message(TurnPicked(self.exchange))

    # ------------------------------------------------------------------ showing

    def _end(self, state: State) -> None:
        self.exchange.state = state
        self.query_one(Doing).display = False
        self.query_one(".glimpse").display = False
        self.query_one(Facts).tell()

    def _show_standalone(self, question: str) -> None:
        if question and not self.query(".standalone"):
            line = Static(f"→ {plain(question)}", classes="standalone", markup=False)
            self.mount(line, after=self.query_one(".question"))

    async def _show_answer(self, answer: Answer) -> None:
        self._show_standalone(answer.standalone)
        self.set_class(answer.refused, "-refused")
        body = self.query_one(widgets.AnswerText)
        body.offer(source.n for source in self.exchange.sources)
        shown = replace(answer, text=without_marks(answer.text))
        await body.finish(shown.marked(partial=PARTIAL, unsupported=UNSUPPORTED))
        body.read(self.has_class("-current"))
        self.query_one(Facts).tell()
