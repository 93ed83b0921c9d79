"""Asking questions of a query engine, with what was answered before kept at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from assistant.errors import GenerationError, QuestionError
from assistant.evaluation.journal import Journal
from assistant.evaluation.judging import is_relevant
from assistant.evaluation.metrics import DEPTH, Scores, measure
from assistant.evaluation.questions import Question
from assistant.types import Answer, Answered, QueryEvent, Retrieval, Source


class Engine(Protocol):
    """What is evaluated: :class:`assistant.query.engine.QueryEngine`, or a stand-in."""

    def retrieve(self, question: str, *, top_k: int | None = None) -> Retrieval: ...

    def is_hopeless(self, found: Retrieval) -> bool: ...

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a question: passages found, best first, and the answer or why there is none.

    ``kept`` says that an earlier run made the answer.
    """

    question: Question
    found: tuple[Source, ...]
    answer: Answer | None
    error: str = ""
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """Which of the sources found are right ones, best first, and the ranking metrics of that.

    ``rank`` (from 1) is that of the first right one, None when none is. ``scores`` is None for a
    question that no passage is named for.
    """

    relevant: tuple[bool, ...]
    rank: int | None
    scores: Scores | None


def ranked(question: Question, sources: Sequence[Source]) -> Ranked:
    """How well ``sources`` were found for ``question``.

    A passage is to be found once: the first right source counts, others neither gain nor cost.
    """
    relevant = tuple(is_relevant(source, question) for source in sources)
    rank = relevant.index(True) + 1 if any(relevant) else None
    if not question.targets:
        return Ranked(relevant, rank, None)
    ranking = ["right" if n == rank else str(n) for n in range(1, len(sources) + 1)]
    measured = measure({question.id: {"right": 1}}, {question.id: ranking})
    return Ranked(relevant, rank, measured[question.id])


def ask_all(engine: Engine, questions: Sequence[Question], journal: Journal) -> Iterator[Reply]:
    """Ask every question that ``journal`` has no answer to; a reply for each, in order.

    Raises:
        EmptyLibrary: the library holds nothing.
        ModelError: a model is missing or cannot be loaded.
        ReadError: the journal cannot be written.
    """
    for question in questions:
        found = engine.retrieve(question.text, top_k=DEPTH).sources
        if (answer := journal.get(question.id)) is not None:
            yield Reply(question, found, answer, kept=True)
            continue
        try:
            answer = _ask(engine, question)
        except (GenerationError, QuestionError) as error:
            # One question that fails does not cost the hour the others took. It is not kept: what
            # failed for want of memory may not fail again.
            yield Reply(question, found, None, error.message)
            continue
        journal.add(question.id, answer)
        yield Reply(question, found, answer)


def _ask(engine: Engine, question: Question) -> Answer:
    events = list(engine.ask(question.text))
    [answer] = [event.answer for event in events if isinstance(event, Answered)]
    return answer
