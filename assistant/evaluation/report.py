"""What an evaluation found, as values; each report gives itself as JSON and as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from assistant.display import count
from assistant.evaluation.answer_report import AnswersReport
from assistant.evaluation.metrics import Comparison, Interval, Scores
from assistant.evaluation.refusing import Refusals, refusal_table
from assistant.evaluation.tables import (
    METRIC_COLUMNS,
    Table,
    metric_cells,
)
from assistant.types import Language

# --------------------------------------------------------------------------- notes


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A retrieved passage and whether it was a right one."""

    path: str
    place: str
    score: float
    relevant: bool


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """One question: ``rank`` (from 1) of the first right passage, None when none was found.

    ``scores`` is None for an unanswerable question. ``refused`` tells whether what was found was
    too little for an answer to be written at all.
    """

    id: str
    question: str
    language: Language
    answerable: bool
    cross_lingual: bool
    found: tuple[FoundSource, ...]
    rank: int | None
    scores: Scores | None
    refused: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The scores of some of the questions: all, those of one language, the cross-lingual."""

    name: str
    questions: int
    answerable: int
    retrieval: Mapping[str, Interval]
    refusals: Refusals


@dataclass(frozen=True, slots=True)
class NotesReport:
    """Retrieval on a folder of notes.

    ``system`` says what was evaluated (models, settings, versions); ``dataset`` is a hash of notes
    and questions, by which two results are known to be of the same.
    """

    name: str
    system: Mapping[str, str]
    groups: tuple[Group, ...]
    questions: tuple[QuestionResult, ...]
    dataset: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON values, every question with its sources and verdicts."""
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
        groups = [(g.name, g.answerable, g.refusals) for g in self.groups]
        return (retrieval, *_refusals(self.name, groups))


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
    """Retrieval on a BEIR set: lexical, dense, and both ways of joining them.

    ``gain`` is nDCG@10 of the score fusion over the better of its two legs. ``texts`` and
    ``languages`` are of each query by its id (:mod:`assistant.evaluation.languages`); ``system``
    and ``dataset`` are as in :class:`NotesReport`; ``notes`` tell what is odd about the set.
    ``refusals``, where some queries have no answer there, are those before anything is written.
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
    refusals: Refusals | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON values, every query's scores included."""
        return {"kind": "beir", **asdict(self)}

    def tables(self) -> tuple[Table, ...]:
        refusals = [(self.name, self.queries, self.refusals)] if self.refusals else []
        return (*self._searches(), *_refusals(self.name, refusals))

    def _searches(self) -> tuple[Table, ...]:
        if not self.systems:
            return ()
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


def _refusals(name: str, groups: Sequence[tuple[str, int, Refusals]]) -> Iterator[Table]:
    """The refusals of those groups that have unanswerable questions, if any has."""
    if groups := [group for group in groups if group[2].unanswerable]:
        yield refusal_table(f"Refusals on {name} before anything is written (%)", groups)


Report: TypeAlias = NotesReport | BeirReport | AnswersReport

# --------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """``done`` of ``total`` steps: ``indexing``, ``embedding`` or ``asking``.

    ``kept`` says that an earlier run has done this one, so that it took no time.
    """

    step: str
    done: int
    total: int
    kept: bool = False


@dataclass(frozen=True, slots=True)
class EvaluationResumed:
    """``kept`` of the ``total`` answers on a set are there from an earlier run, in ``journal``."""

    name: str
    kept: int
    total: int
    journal: Path


@dataclass(frozen=True, slots=True)
class EvaluationFinished:
    """The last event of an evaluation."""

    report: Report


EvaluationEvent: TypeAlias = EvaluationProgress | EvaluationResumed | EvaluationFinished
