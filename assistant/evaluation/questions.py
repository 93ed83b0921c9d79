"""Reading what is to be asked: question files of a notes folder, and BEIR data sets."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from assistant.errors import ConfigError, PathNotFound, ReadError
from assistant.evaluation.records import (
    Record,
    at,
    boolean,
    identity,
    lines,
    objects,
    records,
    string,
)
from assistant.types import Language

QUESTION_FILE = "questions.jsonl"
_QRELS = ("qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv")
_HEADS_OF_GRADES = {"score", "relevance", "label", "grade"}
_ASKED = {"id", "language", "question", "answerable", "cross_lingual"}
_EXPECTED = {"path", "passage", "facts", "also"}

T = TypeVar("T")

# --------------------------------------------------------------------------- notes


@dataclass(frozen=True, slots=True)
class Target:
    """A passage that answers a question; ``passage`` None means anywhere in the file."""

    path: Path
    passage: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a notes folder and what a right answer rests on and says.

    Any one of ``targets`` answers it. A fact is a tuple of alternative wordings, one of which
    the answer must hold. An unanswerable question has neither. ``answers`` are short gold answers,
    of which the reply's short form is to match one, where a set has them.
    """

    id: str
    language: Language
    text: str
    answerable: bool
    cross_lingual: bool = False
    targets: tuple[Target, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    answers: tuple[str, ...] = ()


def read_questions(file: Path) -> tuple[Question, ...]:
    """Read a ``questions.jsonl``; paths stay as written, relative to the notes' folder.

    A line is an object with ``id``, ``language`` (ko, en or mixed), ``question``,
    ``answerable``, ``cross_lingual`` (false when left out), ``path``, ``passage`` (verbatim,
    or null), ``facts`` (a list of lists of alternatives) and, where other passages answer it
    as well, ``also``: a list of ``{"path", "passage"}``.

    Raises:
        PathNotFound: there is no such file.
        ReadError: it cannot be read, or a line is wrong; the message names the line.
    """
    questions: dict[str, Question] = {}
    for number, record in records(file):
        with at(file, number):
            question = _question(record)
            if question.id in questions:
                raise ValueError(f"the id {question.id!r} occurs twice")
            questions[question.id] = question
    if not questions:
        raise ReadError(f"{file} holds no question", "write one JSON object a line")
    return tuple(questions.values())


def make_absolute(questions: Sequence[Question], folder: Path) -> tuple[Question, ...]:
    """The same questions with their paths in ``folder``.

    Raises:
        PathNotFound: a question names a file that is not there.
    """

    def absolute(question: Question, target: Target) -> Target:
        path = folder.absolute() / target.path
        if not path.exists():
            raise PathNotFound(
                f"question {question.id!r} names {target.path}, which is not in {folder}",
                f"mend the path in {QUESTION_FILE}",
            )
        return replace(target, path=path)

    return tuple(
        replace(question, targets=tuple(absolute(question, t) for t in question.targets))
        for question in questions
    )


def sample(items: Sequence[T], limit: int | None, seed: int = 0) -> tuple[T, ...]:
    """At most ``limit`` of ``items``, drawn by ``seed``, in their own order."""
    if limit is None or limit >= len(items):
        return tuple(items)
    chosen = sorted(random.Random(seed).sample(range(len(items)), limit))
    return tuple(items[index] for index in chosen)


def _question(record: Record) -> Question:
    unknown = sorted(set(record) - _ASKED - _EXPECTED)
    if unknown:
        raise ValueError(f"unknown field {unknown[0]!r}")
    language = string(record, "language")
    if language not in ("ko", "en", "mixed"):
        raise ValueError(f"'language' is {language!r}, not ko, en or mixed")
    answerable = boolean(record, "answerable")
    targets: tuple[Target, ...] = ()
    if record.get("path") is not None:
        targets = (_target(record), *(_target(other) for other in objects(record, "also")))
    facts = _facts(record.get("facts", []))
    if answerable and not (targets and facts):
        raise ValueError("an answerable question needs 'path' and at least one of 'facts'")
    if not answerable and (targets or facts):
        raise ValueError("an unanswerable question has neither 'path' nor 'facts'")
    return Question(
        id=string(record, "id"),
        language=language,  # type: ignore[arg-type]  # one of the three, by the test above
        text=string(record, "question"),
        answerable=answerable,
        cross_lingual=boolean(record, "cross_lingual", default=False),
        targets=targets,
        facts=facts,
    )


def _target(record: Record) -> Target:
    # The path is not normalised: it names a file as the system does.
    path = record.get("path")
    if not isinstance(path, str) or not path:
        raise ValueError("'path' is not a non-empty string")
    passage = None if record.get("passage") is None else string(record, "passage")
    return Target(Path(path), passage)


def _facts(value: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        raise ValueError("'facts' is not a list of lists of strings")
    facts = []
    for alternatives in value:
        if not isinstance(alternatives, list) or not alternatives:
            raise ValueError("'facts' is not a list of non-empty lists of strings")
        if not all(isinstance(each, str) and each.strip() for each in alternatives):
            raise ValueError("'facts' holds something that is not a non-empty string")
        facts.append(tuple(unicodedata.normalize("NFC", each.strip()) for each in alternatives))
    return tuple(facts)


# --------------------------------------------------------------------------- BEIR


@dataclass(frozen=True, slots=True)
class Passage:
    """A row of a BEIR corpus; some have a title and no text."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A row of a BEIR query file.

    ``answers`` are the gold answers where a set has them, none of them where its corpus does not
    answer the query, and None where a set says nothing about answers.
    """

    id: str
    text: str
    answers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A retrieval data set: ``qrels[query id][passage id]`` is a grade, 0 being irrelevant.

    ``judgements`` is the file these were read from.
    """

    name: str
    corpus: tuple[Passage, ...]
    queries: tuple[Query, ...]
    qrels: Mapping[str, Mapping[str, int]]
    judgements: Path


def read_beir(folder: Path) -> BeirSet:
    """Read a BEIR folder: corpus.jsonl, queries.jsonl, qrels.tsv (or qrels/test.tsv, dev.tsv).

    Ids may be numbers, titles may be missing or null; fields that are not known are passed over.

    Raises:
        PathNotFound: one of the three files is not there.
        ReadError: one is empty or cannot be read, or a line is wrong; the message names the line.
    """
    corpus = _by_id(
        folder / "corpus.jsonl",
        lambda row: Passage(
            identity(row, "_id"),
            string({**row, "title": row.get("title") or ""}, "title", empty=True),
            string(row, "text", empty=True),
        ),
    )
    queries = _by_id(
        folder / "queries.jsonl",
        lambda row: Query(identity(row, "_id"), string(row, "text"), _answers(row)),
    )
    judgements = next((folder / name for name in _QRELS if (folder / name).is_file()), None)
    if judgements is None:
        raise PathNotFound(f"{folder} has none of {', '.join(_QRELS)}", "add the judgements")
    name = folder.resolve().name
    return BeirSet(name, corpus, queries, _read_qrels(judgements), judgements)


def kind_of(folder: Path) -> Literal["notes", "beir"]:
    """Whether a folder holds notes with a question file, or a BEIR set.

    Raises:
        PathNotFound: there is no such folder.
        ConfigError: it is neither.
    """
    if not folder.is_dir():
        raise PathNotFound(f"no folder {folder}", "name a folder that holds questions")
    if (folder / QUESTION_FILE).is_file():
        return "notes"
    if (folder / "corpus.jsonl").is_file():
        return "beir"
    raise ConfigError(
        f"{folder} holds nothing to evaluate",
        f"it needs {QUESTION_FILE}, or corpus.jsonl, queries.jsonl and qrels.tsv (BEIR)",
    )


def _by_id(file: Path, make: Callable[[Record], T]) -> tuple[T, ...]:
    rows: dict[str, T] = {}
    for number, record in records(file):
        with at(file, number):
            if rows.setdefault(identity(record, "_id"), row := make(record)) is not row:
                raise ValueError(f"the id {record['_id']!r} occurs twice")
    if not rows:
        raise ReadError(f"{file} is empty", "write one JSON object a line")
    return tuple(rows.values())


def _answers(record: Record) -> tuple[str, ...] | None:
    # No part of BEIR's format: what else a set may keep under that name is not for us to refuse.
    value = record.get("answers")
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return tuple(each for each in value if each.strip())


def _read_qrels(file: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for number, line in lines(file):
        columns = [unicodedata.normalize("NFC", column.strip()) for column in line.split("\t")]
        if number == 1 and columns[-1].casefold() in _HEADS_OF_GRADES:
            continue
        with at(file, number):
            if len(columns) != 3:
                raise ValueError("not three columns: query-id, corpus-id, score")
            query, passage, grade = columns
            qrels.setdefault(query, {})[passage] = _grade(grade)
    return qrels


def _grade(text: str) -> int:
    try:
        grade = float(text)
    except ValueError as error:
        raise ValueError(f"the score {text!r} is no number") from error
    if not grade.is_integer():
        raise ValueError(f"the score {text!r} is no whole number")
    return int(grade)
