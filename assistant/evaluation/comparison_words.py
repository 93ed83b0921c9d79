"""A comparison of two results in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.display import count
from assistant.evaluation.saved import ANSWERS
from assistant.evaluation.tables import Table, percent

if TYPE_CHECKING:
    from assistant.evaluation.comparing import RunComparison, Tested

ALL = "all"
"""The group of all questions."""

LABELS = {
    "ndcg@10": "nDCG@10",
    "mrr@10": "MRR@10",
    "exact_match": "exact match",
    "f1": "F1",
    "holds_answer": "holds answer",
    "fact_recall": "facts",
    "in_language": "language",
    "citation_precision": "citation precision",
    "citation_recall": "citation recall",
    "unsupported": "unsupported sentences",
    "offered": "right passage offered",
    "decision": "rightly answered or refused",
}
"""What metrics are called for people, where that differs."""

_LOWER_IS_BETTER = frozenset({"unsupported"})


def verdicts(result: RunComparison) -> Iterator[str]:
    """What can be said, a sentence each."""
    if result.asked != (result.questions, result.questions):
        a, b = result.asked
        yield f"A asked {a:,} questions, B {b:,}: compared on the {result.questions:,} of both"
    for names, side in ((result.only_first, "A"), (result.only_second, "B")):
        if names:
            yield f"only in {side}, and not compared: {'; '.join(names)}"
    for name in result.alike:
        yield f"{name}: the same scores for every question"
    for name in dict.fromkeys(each.search for each in result.tests):
        tests = [each for each in result.tests if each.search == name]
        yield f"{name}: {_verdict(tests, result.decisive[name])}"


def _verdict(tests: list[Tested], decisive: str) -> str:
    """Of one search: what is beyond chance, the decisive metric first."""
    real = [each for each in tests if each.beyond_chance]
    if not real:
        # None of the decisive metric where no question of both has it.
        every = [each for each in tests if each.group == ALL]
        whole = next((each for each in every if each.metric == decisive), every[0])
        return (
            f"no difference beyond chance ({_label(whole.metric)} {_points(whole.test.difference)},"
            f" {_p(whole.corrected, 'p')}; {count(whole.test.changed, 'question')} of"
            f" {whole.test.count:,} changed)"
        )
    told = []
    for word, sign in (("better", 1), ("worse", -1)):
        own = [each for each in real if _gain(each) * sign > 0]
        if own:
            what = "; ".join(
                f"{_label(each.metric)}{'' if each.group == ALL else f' ({each.group})'}"
                f" {_points(each.test.difference)}, {_p(each.corrected, 'p')}"
                for each in own
            )
            told.append(f"B is {word} beyond chance in {what}")
    return ". ".join(told)


def _gain(tested: Tested) -> float:
    difference = tested.test.difference
    return -difference if tested.metric in _LOWER_IS_BETTER else difference


def tables(result: RunComparison) -> Iterator[Table]:
    """Settings that differ, every test, and the questions that changed most."""
    if result.settings:
        yield Table(
            "What differs between A and B",
            ("setting", "A", "B"),
            tuple((key, a or "–", b or "–") for key, (a, b) in result.settings.items()),
        )
    for search, group in dict.fromkeys((each.search, each.group) for each in result.tests):
        own = [each for each in result.tests if (each.search, each.group) == (search, group)]
        told = count(own[0].test.count, "question")
        yield Table(
            f"{result.name}, {search}, {told if group == ALL else f'{told} in {group}'} (%)",
            ("metric", "A", "B", "B − A [95%]", "changed", "p", "p corrected", ""),
            tuple(_row(each) for each in own),
        )
    for search in dict.fromkeys(each.search for each in result.changed):
        what = "answer" if search == ANSWERS else "rank"
        yield Table(
            f"Questions that changed most, {search}",
            ("question", f"{_label(result.decisive[search])} A", "B", f"{what} A", "B"),
            tuple(
                (
                    " ".join(f"{each.id}: {each.text}".split()),
                    percent(each.first),
                    percent(each.second),
                    " ".join(each.first_reply.split()) or str(each.first_rank or "–"),
                    " ".join(each.second_reply.split()) or str(each.second_rank or "–"),
                )
                for each in result.changed
                if each.search == search
            ),
        )


def _row(tested: Tested) -> tuple[str, ...]:
    test = tested.test
    return (
        _label(tested.metric),
        percent(tested.first),
        percent(tested.second),
        f"{_points(test.difference)} [{_points(test.low)}, {_points(test.high)}]",
        f"{test.changed:,}",
        _p(test.p) if test.changed else "–",
        _p(tested.corrected) if test.changed else "–",
        "beyond chance" if tested.beyond_chance else "",
    )


def _label(metric: str) -> str:
    return LABELS.get(metric, metric)


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}"


def _p(value: float, name: str = "") -> str:
    """``< 0.001`` or ``0.020``, with a ``name`` in front ``p < 0.001`` or ``p = 0.020``."""
    if value < 0.001:
        return f"{name} < 0.001".strip()
    return f"{name} = {value:.3f}" if name else f"{value:.3f}"
