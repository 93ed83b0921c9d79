"""Answers asked, judged one by one, and summed up over sets and languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean

from assistant.evaluation.answer_report import (
    AnswerGroup,
    AnswersReport,
    AskedQuestion,
    AskedSet,
    JudgedAnswer,
    JudgedCitation,
    Speed,
)
from assistant.evaluation.asking import Engine, Reply, ask_all, ranked
from assistant.evaluation.extracting import Shortener
from assistant.evaluation.journal import Journal
from assistant.evaluation.judging import (
    citation_is_right,
    is_in_language,
    is_relevant,
    stated_facts,
)
from assistant.evaluation.languages import CROSS_LINGUAL
from assistant.evaluation.metrics import Spread, bootstrap, mean_scores, ratio, spread
from assistant.evaluation.questions import Question
from assistant.evaluation.refusing import refusals_of
from assistant.evaluation.report import (
    EvaluationEvent,
    EvaluationFinished,
    EvaluationProgress,
    EvaluationResumed,
)
from assistant.evaluation.short_answers import exact_match, f1, holds_answer
from assistant.protocols import Generator
from assistant.types import Answer, Citation, Source


class AnswerRun:
    """One evaluation of answers over any number of sets, ``total`` questions in all."""

    def __init__(self, total: int, seed: int = 0) -> None:
        self._total = total
        self._seed = seed
        self._sets: list[AskedSet] = []
        self._questions: list[AskedQuestion] = []

    def ask(
        self,
        engine: Engine,
        questions: Sequence[Question],
        journal: Journal,
        *,
        name: str,
        dataset: str,
        system: Mapping[str, str],
        load: Callable[[], Generator] | None = None,
    ) -> Iterator[EvaluationEvent]:
        """Ask the questions of a set; yields progress after each.

        The paths of the questions' targets must be absolute and in the engine's library. ``load``
        gives the model that makes short forms; without it they are made by rule.

        Raises:
            EmptyLibrary: the library holds nothing.
            ModelError: a model is missing or cannot be loaded.
            ReadError: the journal cannot be written.
        """
        if kept := sum(question.id in journal for question in questions):
            yield EvaluationResumed(name, kept, len(questions), journal.file)
        short_form = "by rule" if load is None else "model, else rules"
        told = {**system, "short form": short_form}
        self._sets.append(AskedSet(name, dataset, len(questions), told))
        shortener = Shortener(load, journal)
        for reply in ask_all(engine, questions, journal):
            self._questions.append(judged(reply, name, shortener))
            yield EvaluationProgress("asking", len(self._questions), self._total, reply.kept)

    def finish(self) -> EvaluationFinished:
        """The report on all that was asked."""
        return EvaluationFinished(
            AnswersReport(
                sets=tuple(self._sets),
                groups=tuple(_groups(self._sets, self._questions, self._seed)),
                questions=tuple(self._questions),
                seed=self._seed,
            )
        )


# --------------------------------------------------------------------------- one by one


def judged(reply: Reply, name: str, shortener: Shortener) -> AskedQuestion:
    """What is right about the reply to a question of the set ``name``."""
    question = reply.question
    found = ranked(question, reply.found)
    answer = _judged_answer(question, reply, shortener)
    return AskedQuestion(
        id=question.id,
        set=name,
        question=question.text,
        language=question.language,
        group=CROSS_LINGUAL if question.cross_lingual else question.language,
        answerable=question.answerable,
        gold=question.answers,
        rank=found.rank,
        retrieval=found.scores,
        answer=answer,
        scores=_scores(question, answer),
    )


def _judged_answer(question: Question, reply: Reply, shortener: Shortener) -> JudgedAnswer:
    answer = reply.answer
    if answer is None:
        return JudgedAnswer("", None, error=reply.error, in_language=False)
    short, by_model = shortener.shorten(question, answer)
    return JudgedAnswer(
        text=answer.text,
        finish=answer.finish,
        short=short,
        short_by_model=by_model,
        facts=(False,) * len(question.facts)
        if answer.refused
        else stated_facts(answer.text, question),
        citations=tuple(_judged_citation(c, answer, question) for c in answer.citations),
        claims=tuple(claim.support for claim in answer.claims),
        offered=any(is_relevant(source, question) for source in answer.sources),
        in_language=is_in_language(answer.text, question.language),
        retrieval=answer.timing.retrieval,
        first_token=answer.timing.first_token,
        total=answer.timing.total,
        tokens_per_second=answer.timing.tokens_per_second,
    )


def _judged_citation(citation: Citation, answer: Answer, question: Question) -> JudgedCitation:
    cited = [source for source in answer.sources if source.n == citation.n]
    gold = any(is_relevant(source, question) for source in cited)
    return JudgedCitation(
        citation.n,
        str(citation.path),
        citation.place.label,
        citation.text,
        right=gold or _leads_to_answer(citation, cited, answer, question),
        gold=gold,
    )


def _leads_to_answer(
    citation: Citation, cited: Sequence[Source], answer: Answer, question: Question
) -> bool:
    if question.answers:
        texts = [source.text for source in cited]
        return any(holds_answer(text, question.answers, question.language) for text in texts)
    return citation_is_right(citation, answer.sources, question)


def _scores(question: Question, answer: JudgedAnswer) -> dict[str, float]:
    """The question's share (0 to 1) in each metric that can be told of it."""
    scores: dict[str, float] = {}
    if not answer.error:
        scores["decision"] = float(answer.refused != question.answerable)
        scores["in_language"] = float(answer.in_language)
        if answer.claims:
            scores["unsupported"] = fmean(claim == "unsupported" for claim in answer.claims)
    if not question.answerable:
        return scores
    scores["answered"] = float(answer.answered)
    if question.answers:
        scores["exact_match"] = exact_match(answer.short, question.answers, question.language)
        scores["f1"] = f1(answer.short, question.answers, question.language)
        held = holds_answer(answer.text, question.answers, question.language)
        scores["holds_answer"] = float(answer.answered and held)
    if question.facts:
        scores["fact_recall"] = fmean(answer.facts) if answer.facts else 0.0
        scores["complete"] = float(bool(answer.facts) and all(answer.facts))
    if question.targets and not answer.error:
        scores["offered"] = float(answer.offered)
    if answer.answered:
        if answer.citations:
            scores["citation_precision"] = fmean(each.right for each in answer.citations)
        if question.targets:
            scores["citation_recall"] = float(any(each.gold for each in answer.citations))
    return scores


# --------------------------------------------------------------------------- sums


def _groups(
    sets: Sequence[AskedSet], questions: Sequence[AskedQuestion], seed: int
) -> Iterator[AnswerGroup]:
    """Each set where there are several; all questions; each language's own; across languages."""
    if len(sets) > 1:
        for one in sets:
            yield _group(one.name, [q for q in questions if q.set == one.name], seed)
    yield _group("all", questions, seed)
    names = dict.fromkeys(("ko", "en", "mixed", "other", CROSS_LINGUAL))
    present = [name for name in names if any(q.group == name for q in questions)]
    if len(present) > 1:
        for name in present:
            yield _group(name, [q for q in questions if q.group == name], seed)


def _group(name: str, questions: Sequence[AskedQuestion], seed: int) -> AnswerGroup:
    metrics = dict.fromkeys(metric for question in questions for metric in question.scores)
    means = {
        metric: bootstrap([q.scores[metric] for q in questions if metric in q.scores], seed=seed)
        for metric in metrics
    }
    given = [q for q in questions if q.answer.answered]
    # Over citations and sentences, not over answers: one with four of them has four chances to err.
    cited = [q for q in given if q.answerable and q.answer.citations]
    means["citation_precision"] = ratio(
        [sum(each.right for each in q.answer.citations) for q in cited],
        [len(q.answer.citations) for q in cited],
        seed=seed,
    )
    stated = [q for q in given if q.answer.claims]
    means["unsupported"] = ratio(
        [sum(claim == "unsupported" for claim in q.answer.claims) for q in stated],
        [len(q.answer.claims) for q in stated],
        seed=seed,
    )
    return AnswerGroup(
        name=name,
        questions=len(questions),
        answerable=sum(question.answerable for question in questions),
        scores={metric: mean for metric, mean in means.items() if mean is not None},
        citations=sum(len(q.answer.citations) for q in cited),
        claims=sum(len(q.answer.claims) for q in stated),
        refusals=refusals_of(
            [(q.answerable, q.answer.refused) for q in questions if not q.answer.error], seed
        ),
        retrieval=mean_scores([q.retrieval for q in questions if q.retrieval], seed=seed),
        speed=_speed([q.answer for q in questions if not q.answer.error]),
        errors=sum(bool(question.answer.error) for question in questions),
    )


def _speed(answers: Sequence[JudgedAnswer]) -> Speed:
    def of(values: Sequence[float | None]) -> Spread | None:
        return spread([value for value in values if value is not None])

    return Speed(
        retrieval=of([answer.retrieval for answer in answers]),
        first_token=of([answer.first_token for answer in answers]),
        total=of([answer.total for answer in answers]),
        tokens_per_second=of([answer.tokens_per_second for answer in answers]),
    )
