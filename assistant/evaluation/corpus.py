"""The corpus of a BEIR set as a library of its own, kept in the cache."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant import paths
from assistant.config import RetrievalSettings
from assistant.errors import LibraryCorrupt
from assistant.evaluation.judging import language_of
from assistant.evaluation.languages import CROSS_LINGUAL, groups
from assistant.evaluation.provenance import digest
from assistant.evaluation.questions import BeirSet, Passage, Query, Question, Target
from assistant.evaluation.report import EvaluationProgress
from assistant.library import dictionary
from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.types import Document, Node, Place

_BATCH = 64
# Passages are no files: a root no file system has keeps them apart from real ones.
_ROOT = Path("/beir")


# --------------------------------------------------------------------------- the set


def languages_of(dataset: BeirSet, queries: Sequence[Query]) -> dict[str, str]:
    """The group of each query by its id (:mod:`assistant.evaluation.languages`)."""
    texts = {passage.id: f"{passage.title} {passage.text}" for passage in dataset.corpus}
    relevant = {
        query.id: [
            texts[id]
            for id, grade in dataset.qrels.get(query.id, {}).items()
            if grade > 0 and id in texts
        ]
        for query in queries
    }
    return groups({query.id: query.text for query in queries}, relevant)


def digest_of(dataset: BeirSet, *, answers: bool = False) -> str:
    """A hash of passages, queries and judgements, and of ``answers`` where those matter too."""
    passages = ([each.id, each.title, each.text] for each in dataset.corpus)
    asked = (["query", each.id, each.text] for each in dataset.queries)
    judged = (["judged", id, *each] for id, of in dataset.qrels.items() for each in of.items())
    gold = (["answers", q.id, *q.answers] for q in dataset.queries if q.answers is not None)
    return digest([*passages, *asked, *judged, *(gold if answers else ())])


def questions_of(dataset: BeirSet) -> tuple[Question, ...]:
    """The queries that it is known of what the right reply is.

    One is answerable when a passage is judged relevant for it or it has gold answers, and
    unanswerable when the set gives it an empty list of them. The rest, which nobody judged, is
    left out.
    """
    rows = {passage.id: row for row, passage in enumerate(dataset.corpus)}
    languages = languages_of(dataset, dataset.queries)
    found = []
    for query in dataset.queries:
        relevant = [id for id, grade in dataset.qrels.get(query.id, {}).items() if grade > 0]
        if not relevant and query.answers is None:
            continue
        found.append(
            Question(
                id=query.id,
                language=language_of(query.text),
                text=query.text,
                answerable=bool(relevant or query.answers),
                cross_lingual=languages[query.id] == CROSS_LINGUAL,
                targets=tuple(Target(path_of(rows[id]), None) for id in relevant if id in rows),
                answers=query.answers or (),
            )
        )
    return tuple(found)


# --------------------------------------------------------------------------- the library


def _name(corpus: Sequence[Passage], encoder: Encoder) -> str:
    # By what is embedded alone: sets that differ in their questions share one library.
    digest = hashlib.sha256(encoder.fingerprint.encode())
    for passage in corpus:
        digest.update(json.dumps([passage.title, passage.text]).encode())
    return f"beir-{digest.hexdigest()[:16]}"


def folder_of(corpus: Sequence[Passage], encoder: Encoder, cache: Path | None = None) -> Path:
    """Where the library of a corpus is kept."""
    return (cache or paths.evaluation_cache()) / _name(corpus, encoder)


def open_library(
    corpus: Sequence[Passage],
    encoder: Encoder,
    settings: RetrievalSettings,
    *,
    cache: Path | None = None,
) -> Library:
    """The cached library, brought up to date with the analyser, or begun anew when torn.

    It need not hold the corpus yet: see :func:`fill`.
    """
    folder = folder_of(corpus, encoder, cache)
    words = dictionary.read(settings.dictionary)
    try:
        library = Library.open(folder, dictionary=words)
    except LibraryCorrupt:
        shutil.rmtree(folder)
        library = Library.open(folder, dictionary=words)
    library.analyse_again()
    return library


def fill(
    library: Library, corpus: Sequence[Passage], encoder: Encoder
) -> Iterator[EvaluationProgress]:
    """Bring every passage into the library, going on where an earlier run was cut off."""
    present = {document.path for document in library.documents()}
    for row, passage in enumerate(corpus):
        if (path := path_of(row)) not in present:
            library.replace_document(_document(path, passage), [_node(passage)])
            yield EvaluationProgress("indexing", row + 1, len(corpus))
    library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
    pending = library.pending()
    for start in range(0, len(pending), _BATCH):
        texts = library.texts_of(pending[start : start + _BATCH])
        library.store_embeddings(list(texts), encoder.encode_document(list(texts.values())))
        yield EvaluationProgress("embedding", start + len(texts), len(pending))
    if pending:
        library.save_index()


def prepare(
    corpus: Sequence[Passage], encoder: Encoder, settings: RetrievalSettings
) -> Iterator[EvaluationProgress]:
    """Have the library of a corpus filled, and closed again for others to open."""
    library = open_library(corpus, encoder, settings)
    try:
        yield from fill(library, corpus, encoder)
    finally:
        library.close()


def path_of(row: int) -> Path:
    """What stands for a file: the passage in row ``row`` of the corpus, from 0."""
    # By row and not by id: an id may hold anything, a slash too.
    return _ROOT / str(row)


def _document(path: Path, passage: Passage) -> Document:
    content = passage.text.encode()
    return Document(
        path=path,
        root=_ROOT,
        title=passage.title,
        format="text",
        size=len(content),
        mtime_ns=0,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _node(passage: Passage) -> Node:
    return Node(
        text=passage.text,
        place=Place(),
        start=0,
        end=len(passage.text),
        language=language_of(passage.text),
        context=passage.title,
    )
