"""Measuring sets of questions, each in a library of its own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import paths
from assistant.errors import ConfigError
from assistant.types import IngestEvent

if TYPE_CHECKING:
    from assistant.desk.desk import Desk
    from assistant.evaluation.answers import AnswerRun
    from assistant.evaluation.questions import BeirSet, Question
    from assistant.evaluation.report import EvaluationEvent


def evaluate(
    desk: Desk, folder: Path, *, limit: int | None = None, seed: int = 0
) -> Iterator[IngestEvent | EvaluationEvent]:
    """Measure retrieval on a folder with ``questions.jsonl`` or on a BEIR set.

    The last event reports. The folder goes into a library of its own, kept in the cache, so that
    what else the user has ingested does not matter. ``limit`` asks that many questions, drawn by
    ``seed``.
    """
    from assistant.evaluation.beir import evaluate_beir
    from assistant.evaluation.provenance import of_notes
    from assistant.evaluation.questions import QUESTION_FILE, kind_of, sample
    from assistant.evaluation.runner import evaluate_notes

    folder = folder.absolute()
    if kind_of(folder) == "beir":
        yield from evaluate_beir(
            folder,
            desk.load_encoder(),
            desk.settings.retrieval,
            limit=limit,
            seed=seed,
            system=_settings_of(desk, "models"),
            reranking=desk.reranking,
            refusal=desk.settings.answer.refusal,
        )
        return
    questions = _questions_of_notes(folder)
    own = desk.beside(_place_of_notes(desk, folder), answers=False)
    try:
        yield from own.ingest([folder])
        yield from evaluate_notes(
            own.engine,
            sample(questions, limit, seed),
            name=folder.name,
            system=_system(own, "models", "ingestion"),
            dataset=of_notes(folder, own.library.stamps(), folder / QUESTION_FILE),
        )
    finally:
        own.close()


def evaluate_answers(
    desk: Desk,
    folders: Sequence[Path],
    *,
    limits: Sequence[int] = (),
    seed: int = 0,
    fresh: bool = False,
) -> Iterator[IngestEvent | EvaluationEvent]:
    """Ask the questions of some folders, the whole path through, and judge the answers.

    A folder is one with ``questions.jsonl`` or a BEIR set whose queries have ``answers``; an empty
    list there means that the corpus does not answer the query. Of each as many questions are asked
    as ``limits`` says, one number for all or one for each, drawn by ``seed``. Every answer is kept
    as soon as it is made, and a later run of the same models, settings and code over the same set
    takes it from there, unless ``fresh``. The last event reports on each set and on all together.

    Raises:
        ConfigError: a set says nothing about answers, two have one name, or there are neither one
            nor as many limits as folders.
        PathNotFound, ReadError, ModelError, LibraryError: as ingesting and asking do.
    """
    from assistant.evaluation.answers import AnswerRun
    from assistant.evaluation.questions import sample

    folders = [folder.absolute() for folder in folders]
    if len({folder.name for folder in folders}) < len(folders):
        raise ConfigError("two of the folders have the same name", "evaluate them one by one")
    if len(limits) not in (0, 1, len(folders)):
        raise ConfigError(
            f"{len(limits)} limits for {len(folders)} folders",
            "give one --limit for all, or one for each in their order",
        )
    each: list[int | None] = [*limits] or [None]
    each *= len(folders) if len(each) == 1 else 1
    sets = [_read(folder) for folder in folders]
    chosen = [sample(one.questions, n, seed) for one, n in zip(sets, each, strict=True)]
    run = AnswerRun(sum(map(len, chosen)), seed)
    for one, questions in zip(sets, chosen, strict=True):
        yield from _ask(desk, one, questions, run, fresh=fresh)
    yield run.finish()


# --------------------------------------------------------------------------- a set


@dataclass(frozen=True, slots=True)
class _Set:
    """Questions that it is known of what the right reply is; ``beir`` where they are of one."""

    folder: Path
    questions: tuple[Question, ...]
    beir: BeirSet | None


def _read(folder: Path) -> _Set:
    from assistant.evaluation.corpus import questions_of
    from assistant.evaluation.questions import kind_of, read_beir

    if kind_of(folder) == "notes":
        return _Set(folder, _questions_of_notes(folder), None)
    beir = read_beir(folder)
    questions = questions_of(beir)
    if all(query.answers is None for query in beir.queries):
        raise ConfigError(
            f"{folder} says nothing about answers, only about passages",
            'its queries.jsonl needs "answers", a list of strings (empty: refuse), on each line',
        )
    return _Set(folder, questions, beir)


def _ask(
    desk: Desk, one: _Set, questions: Sequence[Question], run: AnswerRun, *, fresh: bool
) -> Iterator[IngestEvent | EvaluationEvent]:
    from assistant.evaluation import corpus
    from assistant.evaluation.journal import Journal, code_digest
    from assistant.evaluation.provenance import of_notes
    from assistant.evaluation.questions import QUESTION_FILE

    if one.beir is None:
        place = _place_of_notes(desk, one.folder)
    else:
        place = corpus.folder_of(one.beir.corpus, desk.load_encoder())
        yield from corpus.prepare(one.beir.corpus, desk.load_encoder(), desk.settings.retrieval)
    own = desk.beside(place, answers=False)
    try:
        if one.beir is None:
            yield from own.ingest([one.folder])
            dataset = of_notes(one.folder, own.library.stamps(), one.folder / QUESTION_FILE)
        else:
            dataset = corpus.digest_of(one.beir, answers=True)
        system = {**_system(desk, "models", "ingestion", "answer"), "code": code_digest()}
        journal = Journal({**system, "dataset": dataset}, fresh=fresh)
        if any(question.id not in journal for question in questions):
            # Loaded for the first set that needs it, and kept for the next.
            own.close()
            own = desk.beside(place, answers=True)
        yield from run.ask(
            own.engine,
            questions,
            journal,
            name=one.folder.name,
            dataset=dataset,
            system=system,
            load=desk.load_generator,
        )
    finally:
        own.close()


def _questions_of_notes(folder: Path) -> tuple[Question, ...]:
    from assistant.evaluation.questions import QUESTION_FILE, make_absolute, read_questions

    return make_absolute(read_questions(folder / QUESTION_FILE), folder)


def _place_of_notes(desk: Desk, folder: Path) -> Path:
    # A library stays with the model that embedded it.
    named = os.fsencode(folder) + b"\0" + desk.settings.models.embedding.encode()
    digest = hashlib.sha256(named).hexdigest()[:16]
    return paths.evaluation_cache() / f"{folder.name}-{digest}"


def _system(desk: Desk, *sections: str) -> dict[str, str]:
    """Models, settings of ``sections`` and versions, as an evaluation notes them."""
    from assistant.evaluation.provenance import describe

    active: dict[str, str] = {model.task: model.name for model in desk.models() if model.active}
    return {
        **active,
        **describe(desk.load_encoder(), desk.settings.retrieval),
        **_settings_of(desk, *sections),
    }


def _settings_of(desk: Desk, *sections: str) -> dict[str, str]:
    """The settings of some sections, by name, as an evaluation notes them."""
    from assistant.config import as_json
    from assistant.evaluation.provenance import flat

    return flat(as_json(desk.settings, *sections))
