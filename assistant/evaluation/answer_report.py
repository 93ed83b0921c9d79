"""What an evaluation of answers found, as values; the report gives itself as JSON and as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assistant.evaluation.metrics import Interval, Spread
from assistant.evaluation.refusing import Refusals, refusal_table
from assistant.evaluation.tables import METRIC_COLUMNS, Table, interval, metric_cells, percent
from assistant.types import Finish, Language


@dataclass(frozen=True, slots=True)
class JudgedCitation:
    """A citation of an answer.

    ``gold`` says that it leads to a passage the set names for the question; ``right`` that it does,
    or that what it leads to holds the answer.
    """

    n: int
    path: str
    place: str
    text: str
    right: bool
    gold: bool = False


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer and what is right about it; times in seconds.

    ``short`` is its short form (:mod:`assistant.evaluation.extracting`), ``short_by_model`` whether
    the model chose it, not rules alone. ``facts`` tells of each
    fact whether it is stated, ``claims`` how well the sources support each sentence, ``offered``
    whether a right passage was among the answer's sources. ``error`` is why there is no answer.
    """

    text: str
    finish: Finish | None
    short: str = ""
    short_by_model: bool = False
    facts: tuple[bool, ...] = ()
    citations: tuple[JudgedCitation, ...] = ()
    claims: tuple[str, ...] = ()
    offered: bool = False
    in_language: bool = True
    retrieval: float | None = None
    first_token: float | None = None
    total: float | None = None
    tokens_per_second: float | None = None
    error: str = ""

    @property
    def refused(self) -> bool:
        return self.finish == "refused"

    @property
    def answered(self) -> bool:
        return not self.error and not self.refused


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question: ``rank`` (from 1) of the first right passage, None when none was found.

    ``group`` is its language, or ``cross-lingual``; ``gold`` are the short answers of the set.
    ``retrieval`` are the ranking metrics, None where the set names no passage; ``scores`` are
    those of the answer, by metric, each only where it can be told.
    """

    id: str
    set: str
    question: str
    language: Language
    group: str
    answerable: bool
    gold: tuple[str, ...]
    rank: int | None
    retrieval: dict[str, float] | None
    answer: JudgedAnswer
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class AskedSet:
    """A set of which ``questions`` were asked; ``dataset`` is a hash of all of it.

    ``system`` says what was evaluated: models, settings, versions.
    """

    name: str
    dataset: str
    questions: int
    system: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Speed:
    """Times in seconds and the rate of decoding, as they were on the machine that answered."""

    retrieval: Spread | None
    first_token: Spread | None
    total: Spread | None
    tokens_per_second: Spread | None


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """The scores of some of the questions: of a set, of all, of a language.

    ``scores`` by metric: ``exact_match``, ``f1``, ``holds_answer`` and ``fact_recall``,
    ``complete`` over answerable questions, a refusal or an error counting 0; ``offered`` (a right
    passage was put before the model) and ``answered`` over the same; ``citation_precision`` over
    the ``citations`` of answers to them and ``citation_recall`` over those answers; ``unsupported``
    over the ``claims`` of all answers given; ``in_language`` and ``decision`` (answered what can
    be answered, refused what cannot) over all replies.
    """

    name: str
    questions: int
    answerable: int
    scores: Mapping[str, Interval]
    citations: int
    claims: int
    refusals: Refusals
    retrieval: Mapping[str, Interval]
    speed: Speed
    errors: int


@dataclass(frozen=True, slots=True)
class AnswersReport:
    """An evaluation of answers on one or more sets; questions were drawn by ``seed``."""

    sets: tuple[AskedSet, ...]
    groups: tuple[AnswerGroup, ...]
    questions: tuple[AskedQuestion, ...]
    seed: int

    @property
    def name(self) -> str:
        return " + ".join(one.name for one in self.sets)

    def to_json(self) -> dict[str, Any]:
        """JSON values, every question with its answer and verdicts."""
        return {"kind": "answers", **asdict(self)}

    def tables(self) -> tuple[Table, ...]:
        """Answers, citations, refusals, speed and retrieval, a row for each group."""
        made = (
            self._answers(),
            self._citations(),
            self._refusals(),
            self._speed(),
            self._retrieval(),
        )
        return tuple(_without_gaps(table) for table in made if table.rows)

    def _answers(self) -> Table:
        return Table(
            f"Answers on {self.name} (%)",
            (
                "questions",
                "n",
                "exact match [95%]",
                "F1 [95%]",
                "holds answer",
                "facts [95%]",
                "complete",
                "right passage offered",
                "answered",
            ),
            tuple(
                (
                    group.name,
                    str(group.answerable),
                    interval(group.scores.get("exact_match")),
                    interval(group.scores.get("f1")),
                    _mean(group, "holds_answer"),
                    interval(group.scores.get("fact_recall")),
                    _mean(group, "complete"),
                    _mean(group, "offered"),
                    _mean(group, "answered"),
                )
                for group in self.groups
                if group.answerable
            ),
        )

    def _citations(self) -> Table:
        return Table(
            f"Citations, support and language on {self.name} (%)",
            (
                "questions",
                "n",
                "citation precision [95%]",
                "of",
                "citation recall",
                "unsupported sentences [95%]",
                "of",
                "language",
            ),
            tuple(
                (
                    group.name,
                    str(group.questions),
                    interval(group.scores.get("citation_precision")),
                    str(group.citations),
                    _mean(group, "citation_recall"),
                    interval(group.scores.get("unsupported")),
                    str(group.claims),
                    _mean(group, "in_language"),
                )
                for group in self.groups
            ),
        )

    def _refusals(self) -> Table:
        return refusal_table(
            f"Refusals on {self.name} (%)",
            [(group.name, group.answerable, group.refusals) for group in self.groups],
        )

    def _speed(self) -> Table:
        return Table(
            "Speed on this machine: median (p95)",
            ("questions", "n", "retrieval", "first token", "whole answer", "tokens/s"),
            tuple(
                (
                    group.name,
                    str(group.questions - group.errors),
                    _seconds(group.speed.retrieval, 2),
                    _seconds(group.speed.first_token),
                    _seconds(group.speed.total),
                    _rate(group.speed.tokens_per_second),
                )
                for group in self.groups
            ),
        )

    def _retrieval(self) -> Table:
        return Table(
            f"Retrieval on {self.name} (%)",
            ("questions", "n", *METRIC_COLUMNS),
            tuple(
                (
                    group.name,
                    str(group.retrieval["ndcg@10"].count),
                    *metric_cells(group.retrieval),
                )
                for group in self.groups
                if group.retrieval
            ),
        )


def _without_gaps(table: Table) -> Table:
    """Without the columns that say nothing of any row: facts where a set has none."""
    kept = [
        index for index in range(len(table.columns)) if any(row[index] != "–" for row in table.rows)
    ]
    return Table(
        table.title,
        tuple(table.columns[index] for index in kept),
        tuple(tuple(row[index] for index in kept) for row in table.rows),
    )


def _mean(group: AnswerGroup, metric: str) -> str:
    found = group.scores.get(metric)
    return percent(found.mean if found else None)


def _seconds(value: Spread | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value.median:.{digits}f} s ({value.p95:.{digits}f})"


def _rate(value: Spread | None) -> str:
    # Of a rate the slow end is what is felt.
    return "–" if value is None else f"{value.median:.1f} ({value.p5:.1f})"
