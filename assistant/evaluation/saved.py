"""Results that `assistant eval --json` wrote, read back to be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import PathNotFound, ReadError
from assistant.evaluation.languages import CROSS_LINGUAL
from assistant.evaluation.metrics import METRICS, Scores

RETRIEVAL = "retrieval"
"""What the only search of a result on notes is called."""

_AGAIN = "write it anew: assistant eval DIR --json > FILE"


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A result as it was saved.

    ``searches`` holds each way of searching by its name, in it the scores of each question by its
    id; ``texts`` and ``groups`` are of each question: what was asked, and which language it counts
    for. ``dataset`` is a hash of the whole set, ``system`` what was evaluated.
    """

    file: Path
    kind: str
    name: str
    dataset: str
    system: Mapping[str, str]
    searches: Mapping[str, Mapping[str, Scores]]
    texts: Mapping[str, str]
    groups: Mapping[str, str]


def load_run(file: Path) -> SavedRun:
    """Read a result.

    Raises:
        PathNotFound: there is no such file.
        ReadError: it cannot be read, or is something else; the message says what is amiss.
    """
    value = _json(file)
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in ("beir", "notes"):
        raise ReadError(f"{file} is no result of `assistant eval --json`", _AGAIN)
    if not value.get("dataset"):
        raise ReadError(f"{file} does not say of which set it is, so it cannot be compared", _AGAIN)
    try:
        run = _beir(file, value) if kind == "beir" else _notes(file, value)
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


def _scores(value: Mapping[str, Any]) -> Scores:
    scores = {metric: float(value[metric]) for metric in METRICS}
    for metric, score in scores.items():
        if not 0.0 <= score <= 1.0:
            raise ValueError(f"a {metric} of {score}")
    return scores


def _strings(value: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(each) for key, each in value.items()}
