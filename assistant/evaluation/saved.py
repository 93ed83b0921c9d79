"""Results that `assistant eval --json` wrote, read back to be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import PathNotFound, ReadError
from assistant.evaluation.languages import CROSS_LINGUAL
from assistant.evaluation.metrics import METRICS, Scores

RETRIEVAL = "retrieval"
"""What the only search of a result on notes is called."""

ANSWERS = "answers"
"""What the answers of a result are called, beside its searches."""

_DECISIVE = ("f1", "fact_recall", "decision")  # the first that a set of answers has

_AGAIN = "write it anew: assistant eval DIR --json > FILE"


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A result as it was saved.

    ``searches`` holds each way of searching by its name, in it the scores of each question by its
    id; answers are there under :data:`ANSWERS`, and a question has only those of their metrics that
    can be told of it. ``texts`` and ``groups`` are of each question: what was asked, and which
    language it counts for; ``replies`` what was answered, in short. ``dataset`` is a hash of the
    whole set, ``system`` what was evaluated.
    """

    file: Path
    kind: str
    name: str
    dataset: str
    system: Mapping[str, str]
    searches: Mapping[str, Mapping[str, Scores]]
    texts: Mapping[str, str]
    groups: Mapping[str, str]
    replies: Mapping[str, str] = field(default_factory=dict)

    def metrics(self, search: str) -> tuple[str, ...]:
        """The metrics of a way of searching, or of the answers."""
        every = (metric for scores in self.searches[search].values() for metric in scores)
        return tuple(dict.fromkeys(every))

    def decisive(self, search: str) -> str:
        """The metric that a verdict goes by first."""
        if search != ANSWERS:
            return METRICS[0]
        present = self.metrics(search)
        return next(metric for metric in _DECISIVE if metric in present)


def load_run(file: Path) -> SavedRun:
    """Read a result.

    Raises:
        PathNotFound: there is no such file.
        ReadError: it cannot be read, or is something else; the message says what is amiss.
    """
    value = _json(file)
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in _READERS:
        raise ReadError(f"{file} is no result of `assistant eval --json`", _AGAIN)
    if kind != "answers" and not value.get("dataset"):
        raise ReadError(f"{file} does not say of which set it is, so it cannot be compared", _AGAIN)
    try:
        run = _READERS[kind](file, value)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ReadError(f"{file} is damaged: {what}", _AGAIN) from error
    if not any(run.searches.values()):
        raise ReadError(f"{file} holds no question with a score", _AGAIN)
    return run


def _json(file: Path) -> Any:
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise PathNotFound(f"no file {file}", "name two files that `eval --json` wrote") from error
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise ReadError(f"cannot read {file}: {why}", "check its name and permissions") from error
    if not data.strip():
        raise ReadError(f"{file} is empty: the evaluation it was to hold did not finish", _AGAIN)
    try:
        # UTF-16 as well, which a shell of Windows may make of what it redirects.
        return json.loads(data)
    except UnicodeDecodeError as error:
        raise ReadError(f"{file} is not JSON: {error.reason}", _AGAIN) from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ReadError(
            f"{file} is not JSON, or cut off: {error.msg} at {where}", _AGAIN
        ) from error
    except RecursionError as error:
        raise ReadError(f"{file} is no result of `assistant eval --json`", _AGAIN) from error


def _beir(file: Path, value: Mapping[str, Any]) -> SavedRun:
    searches = {
        str(system["name"]): {str(id): _scores(own) for id, own in system["queries"].items()}
        for system in value["systems"]
    }
    return SavedRun(
        file,
        "beir",
        str(value["name"]),
        str(value["dataset"]),
        _strings(value["system"]),
        searches,
        _strings(value["texts"]),
        _strings(value["languages"]),
    )


def _notes(file: Path, value: Mapping[str, Any]) -> SavedRun:
    scored = [each for each in value["questions"] if each["scores"] is not None]
    return SavedRun(
        file,
        "notes",
        str(value["name"]),
        str(value["dataset"]),
        _strings(value["system"]),
        {RETRIEVAL: {str(each["id"]): _scores(each["scores"]) for each in scored}},
        {str(each["id"]): str(each["question"]) for each in scored},
        {
            str(each["id"]): CROSS_LINGUAL if each["cross_lingual"] else str(each["language"])
            for each in scored
        },
    )


def _answers(file: Path, value: Mapping[str, Any]) -> SavedRun:
    sets, asked = value["sets"], {f"{q['set']}/{q['id']}": q for q in value["questions"]}
    systems = [_strings(each["system"]) for each in sets]
    return SavedRun(
        file,
        "answers",
        " + ".join(str(each["name"]) for each in sets),
        " ".join(sorted(str(each["dataset"]) for each in sets)),
        {key: one for system in systems for key, one in system.items()},
        {
            RETRIEVAL: {id: _scores(q["retrieval"]) for id, q in asked.items() if q["retrieval"]},
            ANSWERS: {id: _shares(q["scores"]) for id, q in asked.items() if q["scores"]},
        },
        {id: str(q["question"]) for id, q in asked.items()},
        {id: str(q["group"]) for id, q in asked.items()},
        {id: _reply(q["answer"]) for id, q in asked.items()},
    )


def _reply(answer: Mapping[str, Any]) -> str:
    if answer["finish"] == "refused":
        return "refused"
    return str(answer["short"] or answer["text"] or answer["error"])


_READERS = {"beir": _beir, "notes": _notes, "answers": _answers}


def _scores(value: Mapping[str, Any]) -> Scores:
    return _shares({metric: value[metric] for metric in METRICS})


def _shares(value: Mapping[str, Any]) -> Scores:
    scores = {str(metric): float(share) for metric, share in value.items()}
    for metric, score in scores.items():
        if not 0.0 <= score <= 1.0:
            raise ValueError(f"a {metric} of {score}")
    return scores


def _strings(value: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(each) for key, each in value.items()}
