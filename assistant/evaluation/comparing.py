"""Two results on one set: where they differ, by how much, and whether by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from assistant.errors import ConfigError
from assistant.evaluation.comparison_words import ALL, tables, verdicts
from assistant.evaluation.saved import ANSWERS, SavedRun
from assistant.evaluation.significance import LEVEL, PairedTest, holm, paired_test
from assistant.evaluation.tables import Table

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
        return list(verdicts(self))

    def tables(self) -> tuple[Table, ...]:
        return tuple(tables(self))


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
