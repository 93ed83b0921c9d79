"""Two results on one set: where they differ, by how much, and whether by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from assistant.display import count
from assistant.errors import ConfigError
from assistant.evaluation.saved import ANSWERS, SavedRun
from assistant.evaluation.significance import LEVEL, PairedTest, holm, paired_test
from assistant.evaluation.tables import Table, percent

ALL = "all"
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
_MOST_CHANGED = 10
_FEWEST = 6  # questions of a language: all signs alike, five have p = 2/2^5, above the level


@dataclass(frozen=True, slots=True)
class Tested:
    """One metric of one way of searching, over the questions of one ``group``.

    ``first`` and ``second`` are the means, ``corrected`` is p corrected for all tests of the
    comparison (:func:`~assistant.evaluation.significance.holm`).
    """

    search: str
    group: str
    metric: str
    first: float
    second: float
    test: PairedTest
    corrected: float

    @property
    def beyond_chance(self) -> bool:
        return self.corrected < LEVEL


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that the two do unlike well on, by the decisive metric.

    Of a search the ranks of the first right passage are told (None: not among ten), of an answer
    the ``first_reply`` and ``second_reply``, in short.
    """

    search: str
    id: str
    group: str
    text: str
    first: float
    second: float
    first_rank: int | None
    second_rank: int | None
    first_reply: str = ""
    second_reply: str = ""


@dataclass(frozen=True, slots=True)
class RunComparison:
    """What became of a set from a first result to a second.

    ``settings`` are those that differ, each with both values (None where it is not noted).
    ``alike`` are the searches that gave every question the same scores, ``only_first`` and
    ``only_second`` those that only one of the results has; answers count as one of them.
    ``questions`` were asked in both, of ``asked`` in each. ``decisive`` is the metric that each
    search is judged by first.
    """

    name: str
    first: str
    second: str
    settings: Mapping[str, tuple[str | None, str | None]]
    questions: int
    asked: tuple[int, int]
    tests: tuple[Tested, ...]
    changed: tuple[Changed, ...]
    alike: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    decisive: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """JSON values; each test says whether it is beyond chance."""
        tests = [{**asdict(each), "beyond_chance": each.beyond_chance} for each in self.tests]
        return {"kind": "comparison", **asdict(self), "tests": tests, "verdicts": self.verdicts()}

    def verdicts(self) -> list[str]:
        """What can be said, a sentence each."""
        return list(_verdicts(self))

    def tables(self) -> tuple[Table, ...]:
        return tuple(_tables(self))


def compare_runs(first: SavedRun, second: SavedRun) -> RunComparison:
    """Test ``second`` against ``first``, question by question.

    Each metric of each search is tested over all questions and over those of each language.

    Raises:
        ConfigError: they are of different sets, or share no question or no way of searching.
    """
    _refuse_other_sets(first, second)
    names = [name for name in first.searches if name in second.searches]
    common = {
        id for name in names for id in first.searches[name].keys() & second.searches[name].keys()
    }
    if not common:
        what = "question" if names else "way of searching"
        raise ConfigError(
            f"{first.file} and {second.file} have no {what} in common",
            "evaluate both with the same --limit, or without one",
        )
    differing = [name for name in names if _differ(first.searches[name], second.searches[name])]
    tests = [
        tested
        for name in differing
        for group in _groups(first, common)
        for tested in _test(first, second, name, group)
    ]
    # One that no shuffling of signs could make significant takes no part in the correction
    # (Tarone 1990).
    open_ones = [each.test.p for each in tests if each.test.changed]
    corrected = iter(holm(open_ones))
    tests = [replace(t, corrected=next(corrected)) if t.test.changed else t for t in tests]
    return RunComparison(
        name=first.name,
        first=str(first.file),
        second=str(second.file),
        settings=_settings(first.system, second.system),
        questions=len(common),
        asked=(_asked(first), _asked(second)),
        tests=tuple(tests),
        changed=tuple(each for name in differing for each in _changed(first, second, name)),
        alike=tuple(name for name in names if name not in differing),
        only_first=tuple(name for name in first.searches if name not in names),
        only_second=tuple(name for name in second.searches if name not in names),
        decisive={name: first.decisive(name) for name in differing},
    )


def _refuse_other_sets(first: SavedRun, second: SavedRun) -> None:
    told = {"beir": "a BEIR set", "notes": "notes with questions", "answers": "answers"}
    if first.kind != second.kind:
        what = f"{first.file} is of {told[first.kind]}, {second.file} of {told[second.kind]}"
    elif first.dataset == second.dataset:
        return
    elif first.name != second.name:
        what = f"{first.file} is of the set {first.name}, {second.file} of {second.name}"
    else:
        what = (
            f"both results are of a set called {first.name}, but its content has changed in between"
            f" ({first.dataset[:8]} in {first.file}, {second.dataset[:8]} in {second.file})"
        )
    raise ConfigError(what, "evaluate one and the same set twice, with different settings")


def _settings(
    first: Mapping[str, str], second: Mapping[str, str]
) -> dict[str, tuple[str | None, str | None]]:
    keys = dict.fromkeys([*first, *second])
    pairs = {key: (first.get(key), second.get(key)) for key in keys}
    return {key: (a, b) for key, (a, b) in pairs.items() if a != b}


def _asked(run: SavedRun) -> int:
    return max(map(len, run.searches.values()))


def _differ(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    return any(first[id] != second[id] for id in first.keys() & second.keys())


def _groups(run: SavedRun, common: set[str]) -> dict[str, set[str]]:
    """Question ids by group: all of them and, where there are several languages, each's own.

    Too few for any difference to be significant are no group of their own.
    """
    members: dict[str, set[str]] = {}
    for id in common:
        members.setdefault(run.groups.get(id, ""), set()).add(id)
    if len(members) < 2:
        return {ALL: common}
    parts = {name: members[name] for name in sorted(members) if len(members[name]) >= _FEWEST}
    return {ALL: common, **parts}


def _test(first: SavedRun, second: SavedRun, search: str, group: str) -> Iterator[Tested]:
    one, other = first.searches[search], second.searches[search]
    common = one.keys() & other.keys()
    members = _groups(first, set(common))[group]
    for metric in first.metrics(search):
        # A citation is only judged where there is one, a refusal has none.
        both = [id for id in members if metric in one[id] and metric in other[id]]
        before = {id: one[id][metric] for id in both}
        after = {id: other[id][metric] for id in both}
        test = paired_test(before, after)
        if test is None:
            continue
        means = [sum(values.values()) / test.count for values in (before, after)]
        yield Tested(search, group, metric, means[0], means[1], test, corrected=1.0)


def _changed(first: SavedRun, second: SavedRun, search: str) -> list[Changed]:
    """The questions whose decisive metric changed most."""
    one, other = first.searches[search], second.searches[search]
    decisive, is_answers = first.decisive(search), search == ANSWERS
    found = [
        Changed(
            search,
            id,
            first.groups.get(id, ""),
            first.texts.get(id, ""),
            one[id][decisive],
            other[id][decisive],
            None if is_answers else _rank(one[id]["mrr@10"]),
            None if is_answers else _rank(other[id]["mrr@10"]),
            first.replies.get(id, "") if is_answers else "",
            second.replies.get(id, "") if is_answers else "",
        )
        for id in one.keys() & other.keys()
        if decisive in one[id]
        and decisive in other[id]
        and one[id][decisive] != other[id][decisive]
    ]
    found.sort(key=lambda each: (-abs(each.second - each.first), each.id))
    return found[:_MOST_CHANGED]


def _rank(reciprocal: float) -> int | None:
    return round(1 / reciprocal) if reciprocal else None


# --------------------------------------------------------------------------- in words


def _verdicts(result: RunComparison) -> Iterator[str]:
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


def _tables(result: RunComparison) -> Iterator[Table]:
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
