"""Refusing as the detection of questions that cannot be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evaluation.metrics import Interval, ratio
from assistant.evaluation.tables import Table, interval


@dataclass(frozen=True, slots=True)
class Refusals:
    """How well refusals tell unanswerable questions from answerable ones.

    ``right`` and ``false`` count refusals of unanswerable and of answerable questions. A ratio
    is None when it would divide by nothing.
    """

    unanswerable: int
    right: int
    false: int
    precision: Interval | None
    recall: Interval | None
    f1: Interval | None


def refusals_of(judged: Sequence[tuple[bool, bool]], seed: int = 0) -> Refusals:
    """From (answerable, refused) of each question."""
    refused = [int(was_refused) for _, was_refused in judged]
    unanswerable = [int(not answerable) for answerable, _ in judged]
    right = [a * b for a, b in zip(refused, unanswerable, strict=True)]
    both = [a + b for a, b in zip(refused, unanswerable, strict=True)]
    return Refusals(
        unanswerable=sum(unanswerable),
        right=sum(right),
        false=sum(refused) - sum(right),
        precision=ratio(right, refused, seed=seed),
        recall=ratio(right, unanswerable, seed=seed),
        # The harmonic mean of both, in counts.
        f1=ratio([2 * each for each in right], both, seed=seed),
    )


def refusal_table(title: str, groups: Sequence[tuple[str, int, Refusals]]) -> Table:
    """A row for each group: its name, how many of its questions are answerable, its refusals."""
    return Table(
        title,
        (
            "questions",
            "unanswerable",
            "refused rightly",
            "falsely",
            "precision [95%]",
            "recall [95%]",
            "F1 [95%]",
        ),
        tuple(
            (
                name,
                str(refusals.unanswerable),
                str(refusals.right),
                f"{refusals.false} of {answerable}",
                interval(refusals.precision),
                interval(refusals.recall),
                interval(refusals.f1),
            )
            for name, answerable, refusals in groups
        ),
    )
