"""Answers as JSON and back, equal to what they were.

The JSON is ASCII: a path that is not valid Unicode survives as an escaped surrogate, which
neither SQLite nor UTF-8 would take.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.types import (
    Answer,
    Citation,
    Claim,
    ContextUse,
    Fault,
    Leg,
    Omitted,
    Place,
    Rating,
    Source,
    Timing,
)


def dump(answer: Answer) -> str:
    """``answer`` with all it holds, as one JSON object."""
    return json.dumps(asdict(answer), default=str, separators=(",", ":"))


def load(text: str, rating: Rating | None = None) -> Answer:
    """The answer that :func:`dump` was given; ``rating`` takes the place of the one it had.

    Raises:
        ValueError, KeyError, TypeError: ``text`` is something else.
    """
    value: dict[str, Any] = json.loads(text)
    return Answer(
        **{
            **value,
            "citations": tuple(_citation(item) for item in value["citations"]),
            "sources": tuple(_source(item) for item in value["sources"]),
            "timing": Timing(**value["timing"]),
            "omitted": tuple(_omitted(item) for item in value.get("omitted", ())),
            "context": ContextUse(**value.get("context", {})),
            "claims": tuple(_claim(item) for item in value.get("claims", ())),
            "rating": value.get("rating", "") if rating is None else rating,
        }
    )


def _citation(value: dict[str, Any]) -> Citation:
    return Citation(**{**value, "path": Path(value["path"]), "place": _place(value["place"])})


def _claim(value: dict[str, Any]) -> Claim:
    return Claim(**{**value, "faults": tuple(Fault(**fault) for fault in value["faults"])})


def _omitted(value: dict[str, Any]) -> Omitted:
    return Omitted(value["what"], Path(value["path"]), _place(value["place"]))


def _source(value: dict[str, Any]) -> Source:
    return Source(
        **{
            **value,
            "path": Path(value["path"]),
            "place": _place(value["place"]),
            "legs": tuple(Leg(**leg) for leg in value["legs"]),
        }
    )


def _place(value: dict[str, Any]) -> Place:
    return Place(**{**value, "headings": tuple(value["headings"])})
