"""What the first refusal gate was fitted to: one file for each embedding model.

The signals of two encoders are not on one scale, so each has constants of its own, kept as data
beside what they were fitted on and how well they tell. ``benchmarks/calibrate_refusal.py`` writes
the files.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.errors import ConfigError

_log = logging.getLogger(__name__)

Case: TypeAlias = Literal["same_language", "across_languages"]
"""Whether the best passage is in the question's language: only then do words tell."""

Signal: TypeAlias = Literal["likeness", "coverage", "sentence"]
"""What is known before a model has read anything (:mod:`assistant.query.refusal`)."""

CASES: tuple[Case, ...] = get_args(Case)
SIGNALS: tuple[Signal, ...] = get_args(Signal)

ANY = ""
"""The fingerprint of the calibration for encoders that have none of their own."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Logistic(_Strict):
    """The estimated probability that the notes answer: a logistic model of signals by name.

    No slope is negative: more of a signal is never a reason to refuse.
    """

    constant: float
    slopes: dict[Signal, Annotated[float, Field(ge=0.0)]] = Field(min_length=1)

    def probability(self, signals: Mapping[Signal, float]) -> float:
        """From 0 to 1; a signal that is not known counts as none."""
        logit = self.constant
        logit += sum(slope * signals.get(name, 0.0) for name, slope in self.slopes.items())
        return 1.0 / (1.0 + math.exp(-logit))


class Point(_Strict):
    """What refusing below ``threshold`` does to questions that had no part in the fit.

    Precision and recall are of refusals, with as many unanswerable questions as answerable ones;
    ``false`` is the share of answerable questions refused. All from 0 to 1.
    """

    threshold: float
    precision: float
    recall: float
    false: float


class Fit(_Strict):
    """One set of the fit: how many questions of it had a part, and how many told the curve."""

    name: str
    fitted: int
    told: int


class Calibration(_Strict):
    """The first gate for the encoder whose ``fingerprint`` this is.

    ``curves`` are by set and threshold; ``seed`` and ``date`` say when and how halves were drawn.
    """

    encoder: str
    fingerprint: str
    date: str
    seed: int
    sets: tuple[Fit, ...]
    models: dict[Case, Logistic]
    curves: dict[str, tuple[Point, ...]]

    @model_validator(mode="after")
    def _is_whole(self) -> Calibration:
        if missing := [case for case in CASES if case not in self.models]:
            raise ValueError(f"no model for {missing[0]}")
        if set(self.models["across_languages"].slopes) != {"likeness"}:
            raise ValueError("across languages words tell nothing")
        return self

    @property
    def is_own(self) -> bool:
        """Whether it is fitted to one encoder, not to serve any."""
        return self.fingerprint != ANY


def read(text: str, name: str) -> Calibration:
    """A calibration from the text of its file, called ``name``.

    Raises:
        ConfigError: it is none.
    """
    try:
        return Calibration.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise ConfigError(
            f"the refusal calibration {name} is damaged: {place} {fault['msg']}".replace("  ", " "),
            "install the program anew",
        ) from error


@cache
def known() -> Mapping[str, Calibration]:
    """Every calibration that comes with the program, by the encoder's fingerprint.

    Raises:
        ConfigError: a file is damaged, or the one for any encoder is missing.
    """
    files = sorted(
        (file for file in resources.files(__package__).iterdir() if file.name.endswith(".json")),
        key=lambda file: file.name,
    )
    found = [read(file.read_text("utf-8"), file.name) for file in files]
    by_fingerprint = {calibration.fingerprint: calibration for calibration in found}
    if ANY not in by_fingerprint:
        raise ConfigError("the refusal calibration for any encoder is missing", "install anew")
    return by_fingerprint


@cache
def calibration_for(fingerprint: str) -> Calibration:
    """The calibration of the encoder with that fingerprint, or the one that serves any."""
    found = known().get(fingerprint)
    if found is None:
        found = known()[ANY]
        _log.info("refusals are not fitted to the encoder %s: %s", fingerprint, found.encoder)
    return found


def fitted_to(encoder: str) -> bool:
    """Whether there is a calibration for an encoder of that name."""
    return any(each.is_own and each.encoder == encoder for each in known().values())
