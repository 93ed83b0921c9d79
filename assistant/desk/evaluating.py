"""Measuring a set of questions in a library of its own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import paths
from assistant.types import IngestEvent

if TYPE_CHECKING:
    from assistant.desk.desk import Desk
    from assistant.evaluation.report import EvaluationEvent


def evaluate(
    desk: Desk, folder: Path, *, answers: bool, limit: int | None
) -> Iterator[IngestEvent | EvaluationEvent]:
    """Measure on a folder with ``questions.jsonl`` or on a BEIR set; the last event reports.

    The folder goes into a library of its own, kept in the cache, so that what else the user
    has ingested does not matter. ``limit`` asks that many questions, drawn at random by a
    fixed seed.
    """
    from assistant.evaluation.beir import evaluate_beir
    from assistant.evaluation.provenance import describe, of_notes
    from assistant.evaluation.questions import (
        QUESTION_FILE,
        kind_of,
        make_absolute,
        read_questions,
        sample,
    )
    from assistant.evaluation.runner import evaluate_notes

    folder = folder.absolute()
    if kind_of(folder) == "beir":
        yield from evaluate_beir(
            folder,
            desk.load_encoder(),
            desk.settings.retrieval,
            limit=limit,
            system=_settings_of(desk, "models"),
        )
        return
    questions = make_absolute(read_questions(folder / QUESTION_FILE), folder)
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    place = paths.evaluation_cache() / f"{folder.name}-{digest}"
    own = desk.beside(place, answers=answers)
    try:
        yield from own.ingest([folder])
        active: dict[str, str] = {m.task: m.name for m in desk.models() if m.active}
        sections = ("models", "ingestion", *(("answer",) if answers else ()))
        yield from evaluate_notes(
            own.engine,
            sample(questions, limit),
            answers=answers,
            name=folder.name,
            system={
                **active,
                **describe(own.load_encoder(), desk.settings.retrieval),
                **_settings_of(desk, *sections),
            },
            dataset=of_notes(folder, own.library.stamps(), folder / QUESTION_FILE),
        )
    finally:
        own.close()


def _settings_of(desk: Desk, *sections: str) -> dict[str, str]:
    """The settings of some sections, by name, as an evaluation notes them."""
    from assistant.evaluation.provenance import flat

    return flat(desk.settings.model_dump(mode="json", include=set(sections)))
