"""Retrieval on a folder of notes: its questions put to a query engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assistant.evaluation.asking import Engine, ranked
from assistant.evaluation.metrics import DEPTH, mean_scores
from assistant.evaluation.questions import Question
from assistant.evaluation.refusing import refusals_of
from assistant.evaluation.report import (
    EvaluationEvent,
    EvaluationFinished,
    EvaluationProgress,
    FoundSource,
    Group,
    NotesReport,
    QuestionResult,
)


def evaluate_notes(
    engine: Engine,
    questions: Sequence[Question],
    *,
    name: str = "notes",
    system: Mapping[str, str] | None = None,
    dataset: str = "",
) -> Iterator[EvaluationEvent]:
    """Search for every question; yields progress after each and the report at the end.

    The questions' paths must be absolute (:func:`~.questions.make_absolute`) and their files in
    the engine's library. No language model is loaded. A passage is to be found once: the first
    right source counts, further ones neither gain nor cost, so recall@k is the share of questions
    with a right source in the first k.

    Raises:
        EmptyLibrary: the library holds nothing.
        ModelError: a model is missing or cannot be loaded.
    """
    results = []
    for done, question in enumerate(questions, start=1):
        results.append(_evaluate(engine, question))
        yield EvaluationProgress("asking", done, len(questions))
    yield EvaluationFinished(
        NotesReport(name, dict(system or {}), _groups(results), tuple(results), dataset)
    )


def _evaluate(engine: Engine, question: Question) -> QuestionResult:
    retrieval = engine.retrieve(question.text, top_k=DEPTH)
    sources = retrieval.sources
    found = ranked(question, sources)
    return QuestionResult(
        id=question.id,
        question=question.text,
        language=question.language,
        answerable=question.answerable,
        cross_lingual=question.cross_lingual,
        found=tuple(
            FoundSource(str(source.path), source.place.label, source.score, right)
            for source, right in zip(sources, found.relevant, strict=True)
        ),
        rank=found.rank,
        scores=found.scores,
        refused=engine.is_hopeless(retrieval),
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
        refusals=refusals_of([(result.answerable, result.refused) for result in results]),
    )
