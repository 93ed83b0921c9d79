"""From a question to an answer, as a stream of events."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Events
from dataclasses import dataclass, replace
from threading import Event
from typing import TypeAlias

from assistant.config import AnswerSettings, RetrievalSettings
from assistant.display import plain
from assistant.errors import ModelMissing
from assistant.library.library import Library
from assistant.protocols import Encoder, Generator
from assistant.query.admission import admit
from assistant.query.citations import cite, makes_claims
from assistant.query.draft import before_loop, is_in_language, is_looping, tidy
from assistant.query.followup import condense, earlier_turn
from assistant.query.matching import Grounds
from assistant.query.prompt import answer_language, build_prompt
from assistant.query.quoting import quote
from assistant.query.refusal import REFUSAL, confidence, is_hopeless, is_unsupported, says_unknown
from assistant.query.reranking import Reranking
from assistant.query.search import search
from assistant.query.widen import widen
from assistant.types import (
    EVERYTHING,
    Answer,
    Answered,
    Finish,
    Language,
    Message,
    QueryEvent,
    Retrieval,
    Retrieved,
    Scope,
    Source,
    Timing,
    Token,
)

_log = logging.getLogger(__name__)


class QueryEngine:
    """Answers questions over one library. It keeps no state between questions."""

    def __init__(
        self,
        library: Library,
        encoder: Encoder,
        generator: Callable[[], Generator],
        retrieval: RetrievalSettings,
        answer: AnswerSettings,
        *,
        reranking: Reranking | None = None,
    ) -> None:
        self._library = library
        self._encoder = encoder
        self._generator = generator
        self._retrieval = retrieval
        self._answer = answer
        self._reranking = reranking

    def retrieve(
        self, question: str, *, top_k: int | None = None, scope: Scope = EVERYTHING
    ) -> Retrieval:
        """The passages of ``scope`` nearest to ``question``.

        Raises:
            QuestionError: there is no question.
            EmptyLibrary: there is nothing to search.
        """
        question = admit(question, self._library, scope)
        return search(
            self._library,
            self._encoder,
            question,
            self._retrieval,
            top_k=top_k,
            scope=scope,
            reranking=self._reranking,
        )

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]:
        """Yield ``Retrieved``, then ``Token`` by ``Token``, then ``Answered``.

        The generator is only loaded once the evidence was yielded, and not at all when the
        evidence shows that the notes hold no answer. ``history`` is the chat so far, oldest
        first; a question that refers back takes the turn before along. Only documents in ``scope``
        are evidence. After ``stop`` is set what came so far becomes the answer. Where there is no
        generator the answer is what :meth:`quote` gives of the same evidence.

        Raises:
            QuestionError: the question is empty or too long.
            EmptyLibrary: there is nothing to search.
            ModelError: the generator failed; tokens yielded before stand.
        """
        clock = _Clock()
        stop = stop or Event()
        question = admit(question, self._library, scope)
        found = self.retrieve(
            condense(question, history), top_k=top_k or self._answer.sources, scope=scope
        )
        yield Retrieved(found)

        language = answer_language(question)
        nothing = Answer(question, "", language, "stopped", sources=found.sources)
        nothing = replace(nothing, timing=Timing(retrieval=found.seconds))
        refused = replace(nothing, text=REFUSAL[language], finish="refused")
        if stop.is_set():
            yield Answered(clock.stamp(nothing))
            return
        certainty = confidence(found, self._encoder)
        if is_hopeless(certainty, self._answer.refusal):
            yield Answered(clock.stamp(refused))
            return

        try:
            generator = self._generator()
        except ModelMissing as error:
            _log.info("quoting, as there is no language model: %s", error.message)
            yield Answered(clock.stamp(self._quoted(nothing)))
            return
        found = replace(found, sources=self._widen(found.sources, generator))
        refused = replace(refused, model=generator.name)
        asked = _Asked(question, language, found, certainty, earlier_turn(question, history))
        draft = yield from self._write(asked, generator, stop, clock)
        if draft.finish != "stopped":
            if self._is_refusal(asked, draft):
                yield Answered(clock.stamp(refused))
                return
            if not is_in_language(draft.text, language):
                again = _outcome(self._write(asked, generator, stop, clock, firmer=True))
                if again.finish == "stopped":
                    draft = replace(draft, finish="stopped")
                elif is_in_language(again.text, language) and not self._is_refusal(asked, again):
                    draft = again

        text, citations = cite(draft.text, question, Grounds(draft.offered, self._encoder))
        if (
            not citations
            and draft.finish != "stopped"
            and self._answer.refusal
            and makes_claims(text)
        ):
            # Every answer comes with its source; one that no source carries is none.
            yield Answered(clock.stamp(refused))
            return
        answer = replace(
            nothing,
            text=text,
            finish=draft.finish,
            citations=citations,
            sources=draft.offered,
            left_out=len(found.sources) - len(draft.offered),
            model=generator.name,
        )
        yield Answered(clock.stamp(answer))

    def quote(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Iterator[QueryEvent]:
        """Yield ``Retrieved``, then ``Answered`` with the best sentences, word for word.

        No language model is involved. Refuses as :meth:`ask` does before it writes.

        Raises:
            QuestionError: the question is empty or too long.
            EmptyLibrary: there is nothing to search.
        """
        clock = _Clock()
        question = admit(question, self._library, scope)
        found = self.retrieve(condense(question, history), top_k=top_k, scope=scope)
        yield Retrieved(found)
        language = answer_language(question)
        nothing = Answer(question, REFUSAL[language], language, "refused", sources=found.sources)
        nothing = replace(nothing, timing=Timing(retrieval=found.seconds))
        if is_hopeless(confidence(found, self._encoder), self._answer.refusal):
            yield Answered(clock.stamp(nothing))
        else:
            yield Answered(clock.stamp(self._quoted(nothing)))

    def _quoted(self, nothing: Answer) -> Answer:
        text, citations = quote(nothing.question, Grounds(nothing.sources, self._encoder))
        if not citations:
            return replace(nothing, text=REFUSAL[nothing.language], finish="refused")
        return replace(nothing, text=text, finish="quoted", citations=citations)

    def _widen(self, sources: tuple[Source, ...], generator: Generator) -> tuple[Source, ...]:
        if not self._answer.passage_tokens:
            return sources

        def count(text: str) -> int:
            return generator.count([Message("user", text)])

        return widen(sources, self._library, count, most=self._answer.passage_tokens)

    def _write(
        self,
        asked: _Asked,
        generator: Generator,
        stop: Event,
        clock: _Clock,
        *,
        firmer: bool = False,
    ) -> Writing:
        settings = self._answer
        prompt = build_prompt(
            asked.question,
            asked.found.sources,
            language=asked.language,
            budget=min(settings.context_tokens, generator.context_window - settings.max_tokens),
            count=generator.count,
            earlier=asked.earlier,
            firmer=firmer,
        )
        clock.prompt_tokens += prompt.tokens
        text, loops = "", False
        for piece in generator.stream(prompt.messages, max_tokens=settings.max_tokens, stop=stop):
            clock.token()
            text += piece
            yield Token(plain(piece))
            if loops := is_looping(text):
                text = before_loop(text)
                break
        clock.answer_tokens += generator.generated_tokens
        finish: Finish = "complete"
        if not generator.finished and not loops:
            finish = "stopped" if stop.is_set() else "length"
        return _Draft(tidy(text), finish, prompt.offered)

    def _is_refusal(self, asked: _Asked, draft: _Draft) -> bool:
        grounds = Grounds(draft.offered, self._encoder)
        return says_unknown(draft.text) or is_unsupported(
            draft.text, asked.question, grounds, asked.confidence, self._answer.refusal
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with all that its prompt is made of."""

    question: str
    language: Language
    found: Retrieval
    confidence: float
    earlier: tuple[str, Answer] | None


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the model wrote, tidied, and the sources it had before it."""

    text: str
    finish: Finish
    offered: tuple[Source, ...]


Writing: TypeAlias = Events[Token, None, _Draft]


def _outcome(writing: Writing) -> _Draft:
    """The draft alone; its tokens are not shown."""
    while True:
        try:
            next(writing)
        except StopIteration as end:
            draft: _Draft = end.value
            return draft


class _Clock:
    """Times one answer and counts its tokens."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._first_token: float | None = None
        self.prompt_tokens = 0
        self.answer_tokens = 0

    def token(self) -> None:
        if self._first_token is None:
            self._first_token = time.perf_counter() - self._started

    def stamp(self, answer: Answer) -> Answer:
        timing = replace(
            answer.timing,
            first_token=self._first_token,
            total=time.perf_counter() - self._started,
            prompt_tokens=self.prompt_tokens,
            answer_tokens=self.answer_tokens,
        )
        return replace(answer, timing=timing)
