"""From a question to an answer, as a stream of events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event

from assistant.config import AnswerSettings, RetrievalSettings
from assistant.errors import ModelMissing
from assistant.library.library import Library
from assistant.protocols import Encoder, Generator
from assistant.query.accepting import is_no_answer
from assistant.query.admission import admit
from assistant.query.citations import Grounded, cite, makes_claims
from assistant.query.draft import is_in_language
from assistant.query.followup import Understood, understand, with_earlier
from assistant.query.gathering import gather
from assistant.query.kinds import kind_of
from assistant.query.matching import Grounds
from assistant.query.prompt import answer_language
from assistant.query.quoting import glimpse, quote
from assistant.query.refusal import (
    confidence,
    is_hopeless,
    refusal_text,
)
from assistant.query.reranking import Reranking
from assistant.query.search import search
from assistant.query.special import Special
from assistant.query.widen import widen
from assistant.query.writing import Asked, Clock, Draft, outcome, write
from assistant.query.yes_no import decided
from assistant.types import (
    EVERYTHING,
    Answer,
    Answered,
    Message,
    QueryEvent,
    QuestionKind,
    Quoted,
    Retrieval,
    Retrieved,
    Scope,
    Source,
    Timing,
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
        self._special = Special(library, encoder, generator, self._search, self.is_hopeless)

    def retrieve(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Retrieval:
        """The passages of ``scope`` nearest to ``question``, as it is meant after ``history``.

        Raises:
            QuestionError: there is no question.
            EmptyLibrary: there is nothing to search.
        """
        question = admit(question, self._library, scope)
        return self._find(understand(question, history), top_k, scope)

    def _find(self, understood: Understood, top_k: int | None, scope: Scope) -> Retrieval:
        found = self._search(understood.standalone, top_k, scope)
        return with_earlier(found, understood, self._library, scope)

    def _search(self, query: str, top_k: int | None, scope: Scope) -> Retrieval:
        return search(
            self._library,
            self._encoder,
            query,
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
        kind: QuestionKind | None = None,
    ) -> Iterator[QueryEvent]:
        """Yield ``Retrieved``, mostly ``Quoted``, ``Token`` by ``Token``, then ``Answered``.

        A summary yields ``Summarising`` before each step. ``kind`` is told by the question's
        wording unless given; some kinds are answered without the generator.

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
        clock = Clock()
        stop = stop or Event()
        question = admit(question, self._library, scope)
        understood = understand(question, history)
        language = understood.language or answer_language(question)
        nothing = Answer(question, "", language, "stopped", standalone=understood.rewriting)
        nothing = replace(nothing, kind=kind or kind_of(understood.standalone))
        refused = replace(nothing, text=refusal_text(language, scope), finish="refused")
        special = self._special.events(
            understood, nothing, refused, scope, stop, top_k=top_k or self._answer.sources
        )
        if special is not None:
            for event in special:
                yield Answered(clock.stamp(event.answer)) if isinstance(event, Answered) else event
            return
        found = gather(
            understood.standalone,
            nothing.kind,
            lambda query, k: self._search(query, k, scope),
            top_k or self._answer.sources,
        )
        found = with_earlier(found, understood, self._library, scope)
        yield Retrieved(found, understood.rewriting)

        timing = Timing(retrieval=found.seconds)
        nothing = replace(nothing, sources=found.sources, timing=timing)
        refused = replace(refused, sources=found.sources, timing=timing)
        if stop.is_set():
            yield Answered(clock.stamp(nothing))
            return
        certainty = confidence(found, self._encoder)
        # Who pins a passage says that the answer is there: what was written is judged then.
        if not scope.pinned and is_hopeless(certainty, self._answer.refusal):
            yield Answered(clock.stamp(refused))
            return

        grounds = Grounds(found.sources, self._encoder)
        if quoted := glimpse(understood.standalone, grounds):
            yield Quoted(quoted)
        try:
            generator = self._generator()
        except ModelMissing as error:
            _log.info("quoting, as there is no language model: %s", error.message)
            yield Answered(clock.stamp(self._quoted(refused)))
            return
        found = replace(found, sources=self._widen(found.sources, generator))
        refused = replace(refused, model=generator.name)
        asked = Asked(
            understood.standalone, language, found, certainty, understood.carried, nothing.kind
        )
        draft = yield from write(asked, generator, self._answer, stop, clock)
        if draft.finish != "stopped":
            borne_out = self._borne_out(asked, draft)
            if self._is_refusal(asked, draft, borne_out):
                yield Answered(clock.stamp(refused))
                return
            if not is_in_language(draft.text, language):
                again = outcome(write(asked, generator, self._answer, stop, clock, firmer=True))
                if again.finish == "stopped":
                    draft = replace(draft, finish="stopped")
                elif is_in_language(again.text, language):
                    better = self._borne_out(asked, again)
                    if not self._is_refusal(asked, again, better):
                        draft, borne_out = again, better
            if nothing.kind == "yes_no":
                offered = Grounds(draft.offered, self._encoder)
                borne_out = decided(borne_out, asked.question, language, offered)
        else:
            borne_out = self._borne_out(asked, draft)
        answer = replace(
            nothing,
            text=borne_out.text,
            finish=draft.finish,
            citations=borne_out.citations,
            claims=borne_out.claims,
            in_language=is_in_language(borne_out.text, language),
            sources=draft.offered,
            left_out=len(found.sources) - len(draft.offered),
            omitted=draft.omitted,
            context=draft.context,
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
        clock = Clock()
        question = admit(question, self._library, scope)
        understood = understand(question, history)
        language = understood.language or answer_language(question)
        text = refusal_text(language, scope)
        refused = Answer(question, text, language, "refused", standalone=understood.rewriting)
        refused = replace(refused, kind=kind_of(understood.standalone))
        special = self._special.events(
            understood, refused, refused, scope, None, top_k=top_k or self._answer.sources
        )
        if special is not None:
            for event in special:
                yield Answered(clock.stamp(event.answer)) if isinstance(event, Answered) else event
            return
        found = self._find(understood, top_k, scope)
        yield Retrieved(found, understood.rewriting)
        timing = Timing(retrieval=found.seconds)
        refused = replace(refused, sources=found.sources, timing=timing)
        if not scope.pinned and self.is_hopeless(found):
            yield Answered(clock.stamp(refused))
        else:
            yield Answered(clock.stamp(self._quoted(refused)))

    def is_hopeless(self, found: Retrieval) -> bool:
        """Whether what was found is refused as no answer, before anything is written."""
        return is_hopeless(confidence(found, self._encoder), self._answer.refusal)

    def _quoted(self, refused: Answer) -> Answer:
        asked = refused.standalone or refused.question
        text, citations = quote(asked, Grounds(refused.sources, self._encoder))
        if not citations:
            return refused
        return replace(refused, text=text, finish="quoted", citations=citations)

    def _widen(self, sources: tuple[Source, ...], generator: Generator) -> tuple[Source, ...]:
        if not self._answer.passage_tokens:
            return sources

        def count(text: str) -> int:
            return generator.count([Message("user", text)])

        return widen(sources, self._library, count, most=self._answer.passage_tokens)

    def _borne_out(self, asked: Asked, draft: Draft) -> Grounded:
        return cite(draft.text, asked.question, Grounds(draft.offered, self._encoder))

    def _is_refusal(self, asked: Asked, draft: Draft, borne_out: Grounded) -> bool:
        refusal = self._answer.refusal
        claims, certainty = borne_out.claims, asked.confidence
        if is_no_answer(asked.question, draft.text, claims, certainty, refusal):
            return True
        # Every answer comes with its source; one that no source carries is none.
        return bool(refusal and not borne_out.citations and makes_claims(borne_out.text))
