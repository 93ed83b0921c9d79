"""The chat for screen readers: line after line, nothing drawn, moved or taken back.

A program that reads a screen aloud follows text that is appended, and nothing else. So there are no
panes and no keys here: what is typed is a question, or a command with a / before it.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, current_thread, main_thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from assistant.display import plain, plain_path
from assistant.errors import AssistantError
from assistant.tui.exchange import Exchange
from assistant.tui.picking import toggled
from assistant.tui.record import ChatRecord
from assistant.tui.strings import S, counted
from assistant.tui.wording import answer_facts, error_text, ingest_summary, summary_step
from assistant.tui.work import as_error
from assistant.types import (
    EVERYTHING,
    Answered,
    IngestFinished,
    Pick,
    Quoted,
    Retrieved,
    Summarising,
    Thinking,
    Token,
)

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.types import Answer, ModelProgress, QueryEvent, Rating, Scope, Source

_STILL_SECONDS = 5.0  # of writing after which it is said that it goes on


class Leaves(Exception):
    """The user wants to leave."""


class Conversation:
    """Questions and commands, a line each, and what is said to them.

    ``say`` is given whole lines.
    """

    def __init__(self, desk: Desk, say: Callable[[str], object], scope: Scope = EVERYTHING) -> None:
        self._desk = desk
        self._say = say
        self._scope = scope
        self._record = ChatRecord(desk)
        self._exchanges: list[Exchange] = []

    # ------------------------------------------------------------------ lines

    def take(self, line: str) -> None:
        """Answer a question, or do what a command says.

        Raises:
            Leaves: it said so.
        """
        line = plain(line).strip()
        try:
            if line.startswith("/"):
                name, _, rest = line[1:].partition(" ")
                self._command(name.casefold(), rest.strip())
            elif line:
                self._ask(line, self._scope)
        except Leaves:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the conversation goes on
            self._say(error_text(as_error(error)))

    def _command(self, name: str, rest: str) -> None:
        commands: Mapping[str, Callable[[], object]] = {
            "help": lambda: self._say(S.linear_help),
            "sources": self._tell_sources,
            "source": lambda: self._tell_source(rest),
            "pin": lambda: self._pick("pinned", rest),
            "exclude": lambda: self._pick("excluded", rest),
            "again": self._ask_again,
            "wider": self._search_wider,
            "good": lambda: self._rate("good"),
            "bad": lambda: self._rate("bad"),
            "new": self._begin,
            "chats": self._tell_chats,
            "chat": lambda: self.open(_number(rest)),
            "add": lambda: self._add(rest),
            "quit": self._leave,
        }
        command = commands.get(name)
        if command is None:
            raise AssistantError(S.linear_unknown.format(name=name), S.linear_see_help)
        command()

    def _leave(self) -> None:
        raise Leaves

    # ------------------------------------------------------------------ questions

    def _history(self, before: Exchange | None = None) -> list[tuple[str, Answer]]:
        end = len(self._exchanges) if before is None else self._exchanges.index(before)
        return [(e.question, e.answer) for e in self._exchanges[:end] if e.answer is not None]

    def _ask(self, question: str, scope: Scope, before: Exchange | None = None) -> None:
        with _stopping() as stop:
            events = self._desk.ask(question, history=self._history(before), scope=scope, stop=stop)
            self._say(S.searching)
            exchange = Exchange(question, scope=scope)
            self._follow(events, exchange)
        self._exchanges.append(exchange)
        if exchange.answer is not None and exchange.answer.text:
            _, exchange.number = self._record.append(question, exchange.answer)

    def _follow(self, events: Iterator[QueryEvent], exchange: Exchange) -> None:
        said = monotonic()
        words = 0
        for event in events:
            match event:
                case Retrieved(retrieval, standalone):
                    exchange.found = retrieval.sources
                    if standalone:
                        self._say(S.linear_meant.format(question=plain(standalone)))
                    self._say(counted(S.reading, len(retrieval.sources)))
                case Quoted(citations):
                    for each in citations:
                        self._say(S.linear_nearest.format(text=_line(each.text), n=each.n))
                case Thinking():
                    self._say(S.thinking)
                case Summarising():
                    self._say(summary_step(event))
                case Token(text):
                    words += len(text.split())
                    if monotonic() - said > _STILL_SECONDS:
                        self._say(S.linear_writing.format(count=words))
                        said = monotonic()
                case Answered(answer):
                    exchange.answer = answer
                    self._say(S.linear_answer)
                    self._say(exchange.text)
                    self._say(answer_facts(answer, exchange.scope, offer=S.linear_wider))

    def _last(self) -> Exchange:
        if not self._exchanges:
            raise AssistantError(S.linear_nothing, S.linear_see_help)
        return self._exchanges[-1]

    def _ask_again(self) -> None:
        last = self._last()
        self._ask(last.question, last.scope, before=last)

    def _search_wider(self) -> None:
        last = self._last()
        self._ask(last.question, replace(last.scope, paths=(), name="", wider=True), before=last)

    def _pick(self, kind: Any, which: str) -> None:
        last, source = self._last(), self._source(which)
        pick = Pick(source.path, source.node_id, plain(source.place.label))
        self._ask(last.question, toggled(last.scope, kind, pick), before=last)

    def _rate(self, rating: Rating) -> None:
        last = self._last()
        self._record.rate(last.number, rating)
        self._say(S.rated_good if rating == "good" else S.rated_bad)

    # ------------------------------------------------------------------ sources

    def _tell_sources(self) -> None:
        exchange = self._last()
        cited = {citation.n for citation in exchange.citations}
        for source in exchange.sources:
            parts = [f"{source.n}", _name(source.path), plain(source.place.label)]
            parts.append(S.linear_cited if source.n in cited else "")
            self._say(", ".join(filter(None, parts)))

    def _source(self, which: str) -> Source:
        number = _number(which)
        found = next((each for each in self._last().sources if each.n == number), None)
        if found is None:
            raise AssistantError(S.no_such_citation.format(n=number), S.linear_see_help)
        return found

    def _tell_source(self, which: str) -> None:
        source = self._source(which)
        self._say(", ".join(filter(None, (plain_path(source.path), plain(source.place.label)))))
        self._say(plain(source.text))
        for citation in self._last().citations:
            if citation.n == source.n:
                self._say(S.linear_used.format(text=_line(citation.text)))

    # ------------------------------------------------------------------ chats and notes

    def _begin(self) -> None:
        self._record = ChatRecord(self._desk)
        self._exchanges = []
        self._say(S.new_chat)

    def _tell_chats(self) -> None:
        for chat in self._desk.chats():
            self._say(f"{chat.id}, {_line(chat.title)}, {counted(S.turns, chat.turns)}")

    def open(self, number: int) -> None:
        """Go on with a stored chat; all of it is said."""
        chat = next((chat for chat in self._desk.chats() if chat.id == number), None)
        if chat is None:
            raise AssistantError(S.no_such_chat.format(id=number), S.linear_see_help)
        self._record = ChatRecord(self._desk, chat)
        turns = enumerate(self._desk.turns(number), start=1)
        self._exchanges = [Exchange(asked, answer, number=n) for n, (asked, answer) in turns]
        self._say(_line(chat.title))
        for exchange in self._exchanges:
            self._say(f"{S.linear_question} {_line(exchange.question)}")
            self._say(exchange.text)

    def _add(self, path: str) -> None:
        with _stopping() as stop:
            self._say(S.adding)
            for event in self._desk.ingest([Path(path).expanduser().absolute()], stop=stop):
                if isinstance(event, IngestFinished):
                    self._say(f"{S.added}: {ingest_summary(event.report)}")


def converse(desk: Desk, *, chat_id: int | None = None, scope: Scope = EVERYTHING) -> None:
    """Take lines from standard input and answer on standard output, until there are no more."""
    chat = Conversation(desk, write, scope)
    write(S.linear_greeting)
    try:
        if chat_id is not None:
            chat.take(f"/chat {chat_id}")
        while True:
            chat.take(_read())
    except (Leaves, EOFError, KeyboardInterrupt):
        pass
    finally:
        desk.close()


def write(text: str) -> None:
    """Say ``text`` on standard output, as lines of its own."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Loading:
    """Says once of each model that it is being made ready."""

    def __init__(self, say: Callable[[str], object] = write) -> None:
        self._say = say
        self._said: set[str] = set()

    def __call__(self, progress: ModelProgress) -> None:
        if progress.model not in self._said:
            self._said.add(progress.model)
            self._say(S.linear_loading.format(name=plain(progress.model)))


def _read() -> str:
    if sys.stdin.isatty():
        with suppress(ImportError):
            import readline  # noqa: F401 - lines can be edited, and earlier ones had back
    return input(f"{S.linear_question} ")


@contextmanager
def _stopping() -> Iterator[Event]:
    """An event that Ctrl-C sets, so that what came so far is kept."""
    stop = Event()
    if current_thread() is not main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise AssistantError(S.linear_number, S.linear_see_help)
    return int(text)


def _name(path: Path) -> str:
    return plain_path(path, base=path.parent)


def _line(text: str) -> str:
    return " ".join(plain(text).split())
