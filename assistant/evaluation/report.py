"""What an evaluation found, as values; each report gives itself as JSON and as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from assistant.display import count
from assistant.evaluation.metrics import Comparison, Interval, Scores
from assistant.evaluation.tables import (
    METRIC_COLUMNS,
    Table,
    interval,
    metric_cells,
    percent,
    seconds,
)
from assistant.types import Finish, Language

# --------------------------------------------------------------------------- notes


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A retrieved passage and whether it was a right one."""

    path: str
    place: str
    score: float
    relevant: bool


@dataclass(frozen=True, slots=True)
class JudgedCitation:
    """A citation of an answer and whether it leads to what answers the question."""

    n: int
    path: str
    place: str
    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer and what is right about it; ``first_token`` and ``total`` in seconds.

    ``facts`` tells of each fact whether it is stated, ``offered`` whether a right passage was
    among the answer's sources. ``error`` is why there is no answer.
    """

    text: str
    finish: Finish | None
    facts: tuple[bool, ...] = ()
    citations: tuple[JudgedCitation, ...] = ()
    offered: bool = False
    in_language: bool = True
    first_token: float | None = None
    total: float = 0.0
    error: str = ""

    @property
    def refused(self) -> bool:
        return self.finish == "refused"


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """One question: ``rank`` (from 1) of the first right passage, None when none was found.

    ``scores`` is None for an unanswerable question, ``answer`` when answers were not asked for.
    """

    id: str
    question: str
    language: Language
    answerable: bool
    cross_lingual: bool
    found: tuple[FoundSource, ...]
    rank: int | None
    scores: Scores | None
    answer: JudgedAnswer | None = None


@dataclass(frozen=True, slots=True)
class RefusalScores:
    """Refusing as the detection of unanswerable questions.

    ``right`` and ``false`` count refusals of unanswerable and of answerable questions. A ratio
    is None when it would divide by nothing.
    """

    unanswerable: int
    right: int
    false: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """How good answers are.

    ``fact_recall`` is the mean share of a question's facts that its answer states, ``complete``
    the share of questions with every fact stated; both over the answerable ones, a refusal or
    an error counting 0. ``citation_precision`` is over the ``citations`` of answers to
    answerable questions, ``cited`` the share of those answers that cite at all, and
    ``in_language`` the share of all replies in the language of the question. Times are means
    in seconds, for information.
    """

    fact_recall: Interval | None
    complete: Interval | None
    citation_precision: float | None
    citations: int
    cited: float | None
    refusals: RefusalScores
    in_language: float | None
    first_token: float | None
    total: float | None
    errors: int


@dataclass(frozen=True, slots=True)
class Group:
    """The scores of some of the questions: all, those of one language, the cross-lingual."""

    name: str
    questions: int
    answerable: int
    retrieval: Mapping[str, Interval]
    answers: AnswerScores | None


@dataclass(frozen=True, slots=True)
class NotesReport:
    """An evaluation on a folder of notes.

    ``system`` says what was evaluated (models, settings, versions); ``dataset`` is a hash of notes
    and questions, by which two results are known to be of the same.
    """

    name: str
    system: Mapping[str, str]
    groups: tuple[Group, ...]
    questions: tuple[QuestionResult, ...]
    dataset: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON values, every question with its sources, answer and verdicts."""
        return {"kind": "notes", **asdict(self)}

    def tables(self) -> tuple[Table, ...]:
        retrieval = Table(
            f"Retrieval on {self.name} (%)",
            ("questions", "n", *METRIC_COLUMNS),
            tuple(
                (group.name, str(group.answerable), *metric_cells(group.retrieval))
                for group in self.groups
                if group.answerable
            ),
        )
        answered = [group for group in self.groups if group.answers is not None]
        if not answered:
            return (retrieval,)
        answers = Table(
            f"Answers on {self.name} (%)",
            (
                "questions",
                "n",
                "facts [95%]",
                "complete",
                "citations right",
                "language",
                "first token",
                "total",
            ),
            tuple(_answer_row(group, group.answers) for group in answered if group.answers),
        )
        refusals = Table(
            f"Refusals on {self.name} (%)",
            (
                "questions",
                "unanswerable",
                "refused rightly",
                "falsely",
                "precision",
                "recall",
                "F1",
            ),
            tuple(
                (
                    group.name,
                    str(scores.unanswerable),
                    str(scores.right),
                    f"{scores.false} of {group.answerable}",
                    percent(scores.precision),
                    percent(scores.recall),
                    percent(scores.f1),
                )
                for group in answered
                if group.answers
                for scores in [group.answers.refusals]
            ),
        )
        return (retrieval, answers, refusals)


def _answer_row(group: Group, scores: AnswerScores) -> tuple[str, ...]:
    return (
        group.name,
        str(group.questions),
        interval(scores.fact_recall),
        percent(scores.complete.mean if scores.complete else None),
        f"{percent(scores.citation_precision)} of {scores.citations}",
        percent(scores.in_language),
        seconds(scores.first_token),
        seconds(scores.total),
    )


# --------------------------------------------------------------------------- BEIR


@dataclass(frozen=True, slots=True)
class SystemScores:
    """One way of searching: mean scores, the same by language, and each query's own by its id."""

    name: str
    scores: Mapping[str, Interval]
    queries: Mapping[str, Scores]
    groups: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BeirReport:
    """An evaluation on a BEIR set: lexical, dense, and both ways of joining them.

    ``gain`` is nDCG@10 of the score fusion over the better of its two legs. ``texts`` and
    ``languages`` are of each query by its id (:mod:`assistant.evaluation.languages`); ``system``
    and ``dataset`` are as in :class:`NotesReport`; ``notes`` tell what is odd about the set.
    """

    name: str
    encoder: str
    passages: int
    queries: int
    systems: tuple[SystemScores, ...]
    gain: Comparison | None
    texts: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    system: Mapping[str, str] = field(default_factory=dict)
    dataset: str = ""
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON values, every query's scores included."""
        return {"kind": "beir", **asdict(self)}

    def tables(self) -> tuple[Table, ...]:
        counted = Counter(self.languages.values())
        asked = f"{self.queries:,} queries"
        if len(counted) == 1:
            asked += f", all {next(iter(counted))}"
        title = f"{self.name}: {self.passages:,} passages, {asked} (%)"
        rows = tuple((system.name, *metric_cells(system.scores)) for system in self.systems)
        whole = Table(title, ("search", *METRIC_COLUMNS), rows)
        if len(counted) < 2:
            return (whole,)
        parts = (
            Table(
                f"{self.name}, {group}: {count(size, 'query', 'queries')} (%)",
                ("search", *METRIC_COLUMNS),
                tuple((each.name, *metric_cells(each.groups[group])) for each in self.systems),
            )
            for group, size in sorted(counted.items())
        )
        return (whole, *parts)


Report: TypeAlias = NotesReport | BeirReport

# --------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """``done`` of ``total`` steps: ``indexing``, ``embedding`` or ``asking``."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EvaluationFinished:
    """The last event of an evaluation."""

    report: Report


EvaluationEvent: TypeAlias = EvaluationProgress | EvaluationFinished
