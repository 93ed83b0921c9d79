"""Asking a folder's questions of a query engine, and judging what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from threading import Event
from typing import Protocol

from assistant.errors import GenerationError, QuestionError
from assistant.evaluation.judging import (
    citation_is_right,
    is_in_language,
    is_relevant,
    stated_facts,
)
from assistant.evaluation.metrics import DEPTH, bootstrap, mean_scores, measure
from assistant.evaluation.questions import Question
from assistant.evaluation.report import (
    AnswerScores,
    EvaluationEvent,
    EvaluationFinished,
    EvaluationProgress,
    FoundSource,
    Group,
    JudgedAnswer,
    JudgedCitation,
    NotesReport,
    QuestionResult,
    RefusalScores,
)
from assistant.types import Answer, Answered, QueryEvent, Retrieval


class Engine(Protocol):
    """What is evaluated: :class:`assistant.query.engine.QueryEngine`, or a stand-in."""

    def retrieve(self, question: str, *, top_k: int | None = None) -> Retrieval: ...

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]: ...


def evaluate_notes(
    engine: Engine,
    questions: Sequence[Question],
    *,
    answers: bool = True,
    name: str = "notes",
    system: Mapping[str, str] | None = None,
    dataset: str = "",
) -> Iterator[EvaluationEvent]:
    """Ask every question; yields progress after each and the report at the end.

    The questions' paths must be absolute (:func:`~.questions.make_absolute`) and their files in
    the engine's library. Without ``answers`` only retrieval is measured, and no language model
    is loaded. A passage is to be found once: the first right source counts, further ones
    neither gain nor cost, so recall@k is the share of questions with a right source in the
    first k.

    Raises:
        EmptyLibrary: the library holds nothing.
        ModelError: a model is missing or cannot be loaded.
    """
    results = []
    for done, question in enumerate(questions, start=1):
        results.append(_evaluate(engine, question, answers=answers))
        yield EvaluationProgress("asking", done, len(questions))
    yield EvaluationFinished(
        NotesReport(name, dict(system or {}), _groups(results), tuple(results), dataset)
    )


def _evaluate(engine: Engine, question: Question, *, answers: bool) -> QuestionResult:
    sources = engine.retrieve(question.text, top_k=DEPTH).sources
    relevant = [is_relevant(source, question) for source in sources]
    rank = relevant.index(True) + 1 if any(relevant) else None
    return QuestionResult(
        id=question.id,
        question=question.text,
        language=question.language,
        answerable=question.answerable,
        cross_lingual=question.cross_lingual,
        found=tuple(
            FoundSource(str(source.path), source.place.label, source.score, right)
            for source, right in zip(sources, relevant, strict=True)
        ),
        rank=rank,
        scores=_scores(question, len(sources), rank) if question.answerable else None,
        answer=_ask(engine, question) if answers else None,
    )


def _scores(question: Question, found: int, rank: int | None) -> dict[str, float]:
    ranking = ["right" if position == rank else str(position) for position in range(1, found + 1)]
    return measure({question.id: {"right": 1}}, {question.id: ranking})[question.id]


def _ask(engine: Engine, question: Question) -> JudgedAnswer:
    try:
        events = list(engine.ask(question.text))
    except (GenerationError, QuestionError) as error:
        # One question that fails does not cost the hour the others took.
        return JudgedAnswer(
            "", None, facts=(False,) * len(question.facts), in_language=False, error=error.message
        )
    [answer] = [event.answer for event in events if isinstance(event, Answered)]
    return JudgedAnswer(
        text=answer.text,
        finish=answer.finish,
        facts=(False,) * len(question.facts)
        if answer.refused
        else stated_facts(answer.text, question),
        citations=tuple(
            JudgedCitation(
                citation.n,
                str(citation.path),
                citation.place.label,
                citation.text,
                citation_is_right(citation, answer.sources, question),
            )
            for citation in answer.citations
        ),
        offered=any(is_relevant(source, question) for source in answer.sources),
        in_language=is_in_language(answer.text, question.language),
        first_token=answer.timing.first_token,
        total=answer.timing.total,
    )


# --------------------------------------------------------------------------- sums


def _groups(results: Sequence[QuestionResult]) -> tuple[Group, ...]:
    """All questions; each language's own, cross-lingual ones apart; the cross-lingual ones."""
    languages = sorted({result.language for result in results}, reverse=True)
    members = {"all": list(results)}
    for language in languages:
        members[language] = [r for r in results if r.language == language and not r.cross_lingual]
    members["cross-lingual"] = [r for r in results if r.cross_lingual]
    return tuple(_group(name, some) for name, some in members.items() if some)


def _group(name: str, results: Sequence[QuestionResult]) -> Group:
    return Group(
        name=name,
        questions=len(results),
        answerable=sum(result.answerable for result in results),
        retrieval=mean_scores([r.scores for r in results if r.scores is not None]),
        answers=_answer_scores(results),
    )


def _answer_scores(results: Sequence[QuestionResult]) -> AnswerScores | None:
    judged = [(r.answerable, r.answer) for r in results if r.answer is not None]
    if not judged:
        return None
    answerable = [answer for is_answerable, answer in judged if is_answerable]
    replies = [answer for _, answer in judged if not answer.error]
    given = [a for a in answerable if not a.error and not a.refused]
    citations = [citation.right for answer in given for citation in answer.citations]
    return AnswerScores(
        fact_recall=bootstrap([fmean(answer.facts) for answer in answerable]),
        complete=bootstrap([float(all(answer.facts)) for answer in answerable]),
        citation_precision=_mean(citations),
        citations=len(citations),
        cited=_mean([bool(answer.citations) for answer in given]),
        refusals=_refusal_scores([(is_answerable, a.refused) for is_answerable, a in judged]),
        in_language=_mean([answer.in_language for answer in replies]),
        first_token=_mean([a.first_token for a in replies if a.first_token is not None]),
        total=_mean([answer.total for answer in replies]),
        errors=len(judged) - len(replies),
    )


def _refusal_scores(judged: Sequence[tuple[bool, bool]]) -> RefusalScores:
    """From (answerable, refused) of each question."""
    unanswerable = sum(not answerable for answerable, _ in judged)
    right = sum(refused and not answerable for answerable, refused in judged)
    false = sum(refused and answerable for answerable, refused in judged)
    return RefusalScores(
        unanswerable=unanswerable,
        right=right,
        false=false,
        precision=_ratio(right, right + false),
        recall=_ratio(right, unanswerable),
        # The harmonic mean of both, in counts.
        f1=_ratio(2 * right, unanswerable + right + false),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
