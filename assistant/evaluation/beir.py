"""Retrieval on public data sets in BEIR's format (Thakur et al. 2021), each passage one node."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from assistant import paths
from assistant.config import RetrievalSettings
from assistant.display import count
from assistant.errors import ConfigError, LibraryCorrupt
from assistant.evaluation.judging import language_of
from assistant.evaluation.languages import groups
from assistant.evaluation.metrics import DEPTH, Comparison, compare, mean_scores, measure
from assistant.evaluation.provenance import describe, digest
from assistant.evaluation.questions import BeirSet, Passage, Query, read_beir, sample
from assistant.evaluation.report import (
    BeirReport,
    EvaluationEvent,
    EvaluationFinished,
    EvaluationProgress,
    SystemScores,
)
from assistant.library import dictionary
from assistant.library.library import Library
from assistant.protocols import Encoder, Matrix, Vector
from assistant.query.search import search
from assistant.types import Document, Node, Place

_BATCH = 64
# Passages are no files: a root no file system has keeps them apart from real ones.
_ROOT = Path("/beir")


def evaluate_beir(
    folder: Path,
    encoder: Encoder,
    settings: RetrievalSettings,
    *,
    limit: int | None = None,
    seed: int = 0,
    cache: Path | None = None,
    system: Mapping[str, str] | None = None,
) -> Iterator[EvaluationEvent]:
    """Measure lexical, dense and both hybrid searches on the judged queries of a BEIR folder.

    The corpus is put into a library in ``cache`` once for each encoder, so that a second run
    only asks; ``limit`` draws that many queries by ``seed``. ``system`` are further settings to
    note in the report. A passage that is judged relevant and is not in the corpus counts as not
    found, as trec_eval has it.

    Raises:
        PathNotFound, ReadError: the folder's files are missing or malformed.
        ConfigError: no query of the set has a relevant passage.
    """
    dataset = read_beir(folder)
    judged = [
        q for q in dataset.queries if any(g > 0 for g in dataset.qrels.get(q.id, {}).values())
    ]
    if not judged:
        raise ConfigError(
            f"{dataset.judgements} judges no passage relevant for any of the queries",
            "it needs rows with an id of queries.jsonl and a score above 0",
        )
    queries = sample(judged, limit, seed)
    place = (cache or paths.evaluation_cache()) / _cache_name(dataset.corpus, encoder)
    library = _open(place, settings)
    try:
        yield from _index(library, dataset.corpus, encoder)
        systems = _systems(library, dataset.corpus, _OneQuery(encoder), settings)
        rankings: dict[str, dict[str, Sequence[str]]] = {name: {} for name in systems}
        for done, query in enumerate(queries, start=1):
            for name, ask in systems.items():
                rankings[name][query.id] = ask(query.text)
            yield EvaluationProgress("asking", done, len(queries))
    finally:
        library.close()
    qrels = {query.id: dataset.qrels[query.id] for query in queries}
    languages = _languages(dataset, queries)
    scored = [_score(name, measure(qrels, found), languages) for name, found in rankings.items()]
    yield EvaluationFinished(
        BeirReport(
            name=dataset.name,
            encoder=encoder.name,
            passages=len(dataset.corpus),
            queries=len(queries),
            systems=tuple(scored),
            gain=_gain(scored),
            texts={query.id: query.text for query in queries},
            languages=languages,
            system={**describe(encoder, settings), **(system or {})},
            dataset=_digest(dataset),
            notes=tuple(_oddities(dataset)),
        )
    )


# --------------------------------------------------------------------------- the set


def _languages(dataset: BeirSet, queries: Sequence[Query]) -> dict[str, str]:
    texts = {passage.id: f"{passage.title} {passage.text}" for passage in dataset.corpus}
    relevant = {
        query.id: [
            texts[id] for id, grade in dataset.qrels[query.id].items() if grade > 0 and id in texts
        ]
        for query in queries
    }
    return groups({query.id: query.text for query in queries}, relevant)


def _digest(dataset: BeirSet) -> str:
    passages = ([each.id, each.title, each.text] for each in dataset.corpus)
    asked = (["query", each.id, each.text] for each in dataset.queries)
    judged = (["judged", id, *each] for id, of in dataset.qrels.items() for each in of.items())
    return digest([*passages, *asked, *judged])


def _oddities(dataset: BeirSet) -> Iterator[str]:
    passages = {passage.id for passage in dataset.corpus}
    queries = {query.id for query in dataset.queries}
    lost = sum(
        grade > 0 and id not in passages
        for query, grades in dataset.qrels.items()
        if query in queries
        for id, grade in grades.items()
    )
    if lost:
        told = count(lost, "passage is", "passages are")
        yield f"{told} judged relevant and not in the corpus, which counts as not found"
    if unasked := len(dataset.qrels.keys() - queries):
        told = count(unasked, "judged query is", "judged queries are")
        yield f"{told} not in queries.jsonl and left out"


# --------------------------------------------------------------------------- the corpus


def _cache_name(corpus: Sequence[Passage], encoder: Encoder) -> str:
    # By what is embedded alone: sets that differ in their questions share one library.
    digest = hashlib.sha256(encoder.fingerprint.encode())
    for passage in corpus:
        digest.update(json.dumps([passage.title, passage.text]).encode())
    return f"beir-{digest.hexdigest()[:16]}"


def _open(folder: Path, settings: RetrievalSettings) -> Library:
    """The cached library, brought up to date with the analyser, or begun anew when torn."""
    words = dictionary.read(settings.dictionary)
    try:
        library = Library.open(folder, dictionary=words)
    except LibraryCorrupt:
        shutil.rmtree(folder)
        library = Library.open(folder, dictionary=words)
    library.analyse_again()
    return library


def _index(
    library: Library, corpus: Sequence[Passage], encoder: Encoder
) -> Iterator[EvaluationProgress]:
    """Bring every passage into the library, going on where an earlier run was cut off."""
    present = {document.path for document in library.documents()}
    for row, passage in enumerate(corpus):
        if (path := _path(row)) not in present:
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


def _path(row: int) -> Path:
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


# --------------------------------------------------------------------------- the searches

_Search = Callable[[str], Sequence[str]]


def _systems(
    library: Library, corpus: Sequence[Passage], encoder: Encoder, settings: RetrievalSettings
) -> dict[str, _Search]:
    """Each way of searching, from a query to the ids of passages, best first."""

    def identify(paths: Sequence[Path]) -> list[str]:
        return [corpus[int(path.name)].id for path in paths]

    def leg(hits: Sequence[tuple[int, float]]) -> list[str]:
        nodes = library.nodes([node for node, _ in hits])
        return identify([nodes[node].path for node, _ in hits])

    def lexical(query: str) -> list[str]:
        return leg(library.search_lexical(query, DEPTH).hits)

    def dense(query: str) -> list[str]:
        return leg(library.search_dense(encoder.encode_query(query), DEPTH).hits)

    def hybrid(fusion: str) -> _Search:
        fused = settings.model_copy(update={"fusion": fusion})

        def find(query: str) -> list[str]:
            found = search(library, encoder, query, fused, top_k=DEPTH)
            return identify([source.path for source in found.sources])

        return find

    return {
        "lexical": lexical,
        "dense": dense,
        "hybrid, reciprocal rank": hybrid("reciprocal_rank"),
        "hybrid, score": hybrid("score"),
    }


class _OneQuery:
    """An encoder that remembers its last query, which all searches ask in turn."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._last: tuple[str, Vector] | None = None
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.max_tokens = encoder.max_tokens
        self.device = encoder.device

    def encode_query(self, query: str) -> Vector:
        if self._last is None or self._last[0] != query:
            self._last = (query, self._encoder.encode_query(query))
        return self._last[1]

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        return self._encoder.encode_document(texts)


# --------------------------------------------------------------------------- sums


def _score(
    name: str, queries: dict[str, dict[str, float]], languages: Mapping[str, str]
) -> SystemScores:
    scores = mean_scores(list(queries.values()))
    names = sorted(set(languages.values()))
    by_language = (
        {
            language: mean_scores([s for id, s in queries.items() if languages[id] == language])
            for language in names
        }
        if len(names) > 1
        else dict.fromkeys(names, scores)
    )
    return SystemScores(name, scores, queries, by_language)


def _gain(systems: Sequence[SystemScores]) -> Comparison | None:
    lexical, dense, _, hybrid = systems
    better = max(lexical, dense, key=lambda leg: leg.scores["ndcg@10"].mean)
    return compare(_ndcg(better), _ndcg(hybrid))


def _ndcg(system: SystemScores) -> dict[str, float]:
    return {query: scores["ndcg@10"] for query, scores in system.queries.items()}
