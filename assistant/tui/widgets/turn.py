"""A question and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from threading import Event
from time import monotonic

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker, get_current_worker

from assistant.display import plain
from assistant.errors import AssistantError
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
from assistant.tui.record import Asks, ChatRecord
from assistant.tui.strings import S, counted
from assistant.tui.widgets.answer import PARTIAL, UNSUPPORTED, AnswerText, without_marks
from assistant.tui.wording import answer_facts, error_text, quotation, summary_step
from assistant.tui.work import as_error
from assistant.types import (
    EVERYTHING,
    Answer,
    Answered,
    Citation,
    Quoted,
    Retrieved,
    Scope,
    Source,
    Summarising,
    Thinking,
    Token,
)

_FLUSH_SECONDS = 0.05


class State(Enum):
    """Where a turn stands; the last three are ends."""

    SEARCHING = "searching"
    READING = "reading"
    ANSWERING = "answering"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


_ENDS = {State.COMPLETE, State.STOPPED, State.FAILED}


class Turn(Vertical):
    """Asks in a thread of its own and shows what comes; its messages bubble to the screen."""

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
        & > .standalone { display: none; color: $text-muted; padding: 0 2; margin-bottom: 1; }
        & > .state, & > .facts { color: $text-muted; padding: 0 2; }
        & > .glimpse {
            display: none;
            margin: 1 2 0 2;
            padding: 0 1;
            border-left: outer $border-blurred;
            color: $text-muted;
        }
        & > AnswerText { padding: 0 2; }
        & > .error { display: none; padding: 0 2; color: $text-error; }
        &.-failed > .error { display: block; }
        &.-refused > AnswerText { color: $text-muted; text-style: italic; }
    }
    """

    def __init__(self, question: str, answer: Answer | None = None) -> None:
        super().__init__()
        self.question = question
        self.answer = answer
        self.sources: tuple[Source, ...] = answer.sources if answer else ()
        self.state = State.COMPLETE if answer else State.SEARCHING
        self._scope = EVERYTHING
        self._stop = Event()
        self._streamed = ""
        self._note = ""
        self._step = ""  # of a summary
        self._since = monotonic()
        self._clock: Timer | None = None
        self._asking: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield Static(plain(self.question), classes="question", markup=False)
        yield Static(classes="standalone", markup=False)
        yield Static(classes="state", markup=False)
        yield Static(classes="glimpse", markup=False)
        yield AnswerText()
        yield Static(classes="error", markup=False)
        yield Static(classes="facts", markup=False)

    async def on_mount(self) -> None:
        if self.answer is not None:
            await self._show_answer(self.answer)
        else:
            self._clock = self.set_interval(0.5, self._show_state)
            self._show_state()

    def on_unmount(self) -> None:
        self._stop.set()

    # ------------------------------------------------------------------ what others ask

    @property
    def running(self) -> bool:
        return self.state not in _ENDS

    @property
    def scope(self) -> Scope:
        """Where the question was put, as far as that is known: a stored turn does not tell."""
        return self._scope

    @property
    def citations(self) -> tuple[Citation, ...]:
        return self.answer.citations if self.answer else ()

    @property
    def text(self) -> str:
        """What there is of the answer, with marks where the notes do not bear it out."""
        if self.answer is None:
            return self._streamed
        return self.answer.marked(partial="[~]", unsupported="[?]")

    def ask(
        self,
        desk: Asks,
        record: ChatRecord,
        history: Sequence[tuple[str, Answer]] = (),
        scope: Scope = EVERYTHING,
        *,
        quotes: bool = False,
    ) -> None:
        """Put the question; evidence, tokens and answer follow as messages.

        With ``quotes`` no model writes: the answer is sentences of the notes.
        """
        self._scope = scope
        self._asking = self._ask(desk, record, history, scope, quotes)

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
            self.query_one(".facts", Static).update(S.stopped)
            self.post_message(AskAbandoned())

    def note(self, text: str) -> None:
        """Say what the turn waits for; empty: what it does by itself."""
        self._note = text
        self._show_state()

    # ------------------------------------------------------------------ the thread

    @work(thread=True, exit_on_error=False, group="ask")
    def _ask(
        self,
        desk: Asks,
        record: ChatRecord,
        history: Sequence[tuple[str, Answer]],
        scope: Scope,
        quotes: bool,
    ) -> None:
        worker = get_current_worker()
        pending: list[str] = []
        posted = 0.0

        def flush() -> None:
            nonlocal posted
            if pending:
                self.post_message(AnswerGrew("".join(pending)))
                pending.clear()
                posted = monotonic()

        try:
            if quotes:
                events = desk.quote(self.question, history=history, scope=scope)
            else:
                events = desk.ask(self.question, history=history, scope=scope, stop=self._stop)
            for event in events:
                if worker.is_cancelled:
                    return
                match event:
                    case Retrieved(retrieval, standalone):
                        self.post_message(EvidenceFound(retrieval, standalone))
                    case Thinking():
                        self.post_message(ThinkingBegun())
                    case Summarising():
                        flush()
                        self.post_message(SummaryAdvanced(event))
                    case Quoted(citations):
                        self.post_message(NotesQuoted(citations))
                    case Token(text):
                        pending.append(text)
                        if monotonic() - posted >= _FLUSH_SECONDS:
                            flush()
                    case Answered(answer):
                        flush()
                        self.post_message(AnswerCompleted(answer))
                        self._store(record, answer)
        except Exception as error:  # noqa: BLE001 - whatever it was, the conversation goes on
            flush()
            if not worker.is_cancelled:
                self.post_message(AskFailed(as_error(error)))

    def _store(self, record: ChatRecord, answer: Answer) -> None:
        if not answer.text:
            return
        try:
            self.post_message(TurnStored(record.append(self.question, answer)))
        except AssistantError as error:
            self.post_message(WorkFailed(error))

    # ------------------------------------------------------------------ what came of it

    @on(EvidenceFound)
    def _take_evidence(self, event: EvidenceFound) -> None:
        if self.state in _ENDS:
            event.stop()
            return
        self.sources = event.retrieval.sources
        self._show_standalone(event.standalone)
        self.query_one(AnswerText).offer(source.n for source in self.sources)
        self.state = State.READING
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
            self._step = S.thinking
            self._show_state()

    @on(SummaryAdvanced)
    def _take_step(self, event: SummaryAdvanced) -> None:
        event.stop()
        if self.state not in _ENDS:
            self._step = summary_step(event.step)
            self._show_state()

    @on(AnswerGrew)
    async def _take_more(self, event: AnswerGrew) -> None:
        if self.state in _ENDS:
            event.stop()
            return
        if self.state is not State.ANSWERING:
            self.state = State.ANSWERING
            self._step = ""
            self.query_one(".glimpse").display = False
            self.note("")
        self._streamed += event.text
        await self.query_one(AnswerText).write(event.text)

    @on(AnswerCompleted)
    async def _take_answer(self, event: AnswerCompleted) -> None:
        if self.state in _ENDS:
            event.stop()
            return
        self.answer = event.answer
        self.sources = event.answer.sources or self.sources
        self._end(State.STOPPED if event.answer.finish == "stopped" else State.COMPLETE)
        await self._show_answer(event.answer)

    @on(AskFailed)
    async def _take_failure(self, event: AskFailed) -> None:
        if self.state in _ENDS:
            event.stop()
            return
        self._end(State.FAILED)
        self.add_class("-failed")
        self.query_one(".error", Static).update(error_text(event.error))
        if self._streamed:
            await self.query_one(AnswerText).finish(self._streamed)

    @on(CitationActivated)
    def _follow(self, event: CitationActivated) -> None:
        event.stop()
        self.post_message(TurnPicked(self, event.n))

    def on_click(self) -> None:
        self.post_message(TurnPicked(self))

    # ------------------------------------------------------------------ showing

    def _end(self, state: State) -> None:
        self.state = state
        if self._clock is not None:
            self._clock.stop()
        self.query_one(".state").display = False
        self.query_one(".glimpse").display = False

    def _show_state(self) -> None:
        line = self.query_one(".state", Static)
        line.display = self.running and (
            self.state is not State.ANSWERING or bool(self._note or self._step)
        )
        if line.display:
            doing = {
                State.SEARCHING: S.searching,
                State.READING: counted(S.reading, len(self.sources)),
            }
            what = self._note or self._step or doing.get(self.state, "")
            seconds = int(monotonic() - self._since)
            line.update(Content(f"{what} · {seconds} s" if seconds else f"{what}…"))

    def _show_standalone(self, question: str) -> None:
        line = self.query_one(".standalone", Static)
        line.display = bool(question)
        line.update(f"→ {plain(question)}")

    async def _show_answer(self, answer: Answer) -> None:
        self.query_one(".state").display = False
        self._show_standalone(answer.standalone)
        self.set_class(answer.refused, "-refused")
        body = self.query_one(AnswerText)
        body.offer(source.n for source in self.sources)
        shown = replace(answer, text=without_marks(answer.text))
        await body.finish(shown.marked(partial=PARTIAL, unsupported=UNSUPPORTED))
        self.query_one(".facts", Static).update(answer_facts(answer, self._scope))
