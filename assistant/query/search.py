"""Retrieval alone: the passages nearest to a query."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from llama_index.core.schema import NodeWithScore

from assistant.config import RetrievalSettings
from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.query.pinning import OF_A_FILE, pinned_first
from assistant.query.reranking import Reranking
from assistant.query.retriever import HybridRetriever, place_from_json
from assistant.query.select import selected
from assistant.types import EVERYTHING, Leg, Retrieval, Scope, Source


def search(
    library: Library,
    encoder: Encoder,
    query: str,
    settings: RetrievalSettings,
    *,
    top_k: int | None = None,
    scope: Scope = EVERYTHING,
    reranking: Reranking | None = None,
) -> Retrieval:
    """The ``top_k`` best passages for ``query`` (``settings.similarity_top_k`` unless given).

    Only documents in ``scope`` are searched; what it pins stands first. ``reranking`` puts the best
    candidates in a new order; what is searched is the same.
    """
    started = time.perf_counter()
    if top_k is not None:
        settings = replace(settings, similarity_top_k=max(1, top_k))
    wanted = settings.similarity_top_k
    reads = max(settings.rerank_candidates, wanted) if reranking and reranking.load() else 0
    retriever = HybridRetriever(library, encoder, settings, scope, least=reads)
    nodes, evidence = retriever.retrieve_with_evidence(query)
    nodes = selected(nodes, max(reads, wanted))
    if reranking and reads:
        nodes = reranking(query, nodes)[:wanted]
    sources = tuple(_source(n, node) for n, node in enumerate(nodes, start=1))
    if scope.pinned:

        def best_of(path: Path) -> tuple[Source, ...]:
            within = Scope((path,), excluded=scope.excluded)
            return search(library, encoder, query, settings, top_k=OF_A_FILE, scope=within).sources

        sources = pinned_first(sources, scope.pinned, library, best_of, most=wanted)
    return Retrieval(query, sources, evidence, time.perf_counter() - started)


def _source(n: int, found: NodeWithScore) -> Source:
    metadata = found.node.metadata
    return Source(
        n=n,
        node_id=int(found.node.node_id),
        path=Path(metadata["path"]),
        place=place_from_json(metadata["place"]),
        title=metadata["title"],
        text=found.text,
        score=found.score or 0.0,
        legs=tuple(Leg(leg["name"], leg["rank"], leg["score"]) for leg in metadata["legs"]),
    )
