"""Retrieval on public data sets in BEIR's format (Thakur et al. 2021), each passage one node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from assistant.config import RetrievalSettings
from assistant.display import count
from assistant.errors import ConfigError
from assistant.evaluation import corpus
from assistant.evaluation.metrics import DEPTH, Comparison, compare, mean_scores, measure
from assistant.evaluation.provenance import describe
from assistant.evaluation.questions import BeirSet, Passage, read_beir, sample
from assistant.evaluation.refusing import refusals_of
from assistant.evaluation.report import (
    BeirReport,
    EvaluationEvent,
    EvaluationFinished,
    EvaluationProgress,
    SystemScores,
)
from assistant.library.library import Library
from assistant.protocols import Encoder, Matrix, Vector
from assistant.query.refusal import confidence, is_hopeless
from assistant.query.reranking import Reranking
from assistant.query.search import search


def evaluate_beir(
    folder: Path,
    encoder: Encoder,
    settings: RetrievalSettings,
    *,
    limit: int | None = None,
    seed: int = 0,
    cache: Path | None = None,
    system: Mapping[str, str] | None = None,
    reranking: Reranking | None = None,
    refusal: float = 0.5,
) -> Iterator[EvaluationEvent]:
    """Measure lexical, dense and both hybrid searches on the judged queries of a BEIR folder.

    With ``reranking`` a fifth is what it makes of the fused ranking. Where the set has queries
    that it does not answer (with an empty list of ``answers``), it is also told what is refused
    before anything is written, with that ``refusal`` setting.

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
            "there is nothing to find in it; whether it is refused, --answers tells"
            if any(query.answers is not None for query in dataset.queries)
            else "it needs rows with an id of queries.jsonl and a score above 0",
        )
    queries = sample(judged, limit, seed)
    silent = [q for q in dataset.queries if q.answers == () and q not in judged]
    unanswerable = sample(silent, limit, seed)
    library = corpus.open_library(dataset.corpus, encoder, settings, cache=cache)
    try:
        yield from corpus.fill(library, dataset.corpus, encoder)
        systems = _systems(library, dataset.corpus, _OneQuery(encoder), settings, reranking)
        rankings: dict[str, dict[str, Sequence[str]]] = {name: {} for name in systems}
        for done, query in enumerate(queries, start=1):
            for name, ask in systems.items():
                rankings[name][query.id] = ask(query.text)
            yield EvaluationProgress("asking", done, len(queries))
        refused = [
            (query in queries, _is_refused(library, encoder, settings, query.text, refusal))
            for query in ((*queries, *unanswerable) if unanswerable else ())
        ]
    finally:
        library.close()
    qrels = {query.id: dataset.qrels[query.id] for query in queries}
    languages = corpus.languages_of(dataset, queries)
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
            dataset=corpus.digest_of(dataset),
            notes=tuple(_oddities(dataset)),
            refusals=refusals_of(refused) if refused else None,
        )
    )


def _is_refused(
    library: Library, encoder: Encoder, settings: RetrievalSettings, query: str, refusal: float
) -> bool:
    return is_hopeless(confidence(search(library, encoder, query, settings), encoder), refusal)


# --------------------------------------------------------------------------- the set


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


# --------------------------------------------------------------------------- the searches

_Search = Callable[[str], Sequence[str]]


def _systems(
    library: Library,
    corpus: Sequence[Passage],
    encoder: Encoder,
    settings: RetrievalSettings,
    reranking: Reranking | None,
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

    def hybrid(fusion: Literal["score", "reciprocal_rank"]) -> _Search:
        fused = replace(settings, fusion=fusion)

        def find(query: str) -> list[str]:
            found = search(library, encoder, query, fused, top_k=DEPTH)
            return identify([source.path for source in found.sources])

        return find

    def reranked(query: str) -> list[str]:
        # It reads as many as in a search; what it does not read follows in its old order.
        read = min(settings.rerank_candidates, DEPTH)
        found = search(library, encoder, query, settings, top_k=read, reranking=reranking)
        first = identify([source.path for source in found.sources])
        return list(dict.fromkeys([*first, *hybrid(settings.fusion)(query)]))

    systems: dict[str, _Search] = {
        "lexical": lexical,
        "dense": dense,
        "hybrid, reciprocal rank": hybrid("reciprocal_rank"),
        "hybrid, score": hybrid("score"),
    }
    if reranking is not None and reranking.load() is not None:
        systems["hybrid, reranked"] = reranked
    return systems


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
    lexical, dense, _, hybrid, *_ = systems
    better = max(lexical, dense, key=lambda leg: leg.scores["ndcg@10"].mean)
    return compare(_ndcg(better), _ndcg(hybrid))


def _ndcg(system: SystemScores) -> dict[str, float]:
    return {query: scores["ndcg@10"] for query, scores in system.queries.items()}
