"""Dense and lexical search side by side, behind LlamaIndex's retriever interface."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.config import RetrievalSettings
from assistant.library.dense import DenseHits
from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.query.fusion import Hits, reciprocal_rank_fusion, score_fusion
from assistant.types import EVERYTHING, Evidence, Leg, Place, Scope, StoredNode

_POOL = 4
"""Nodes fetched per node wanted, so that copies taken out later can be made up for."""


class HybridRetriever(BaseRetriever):
    """Finds passages by meaning and by word, and fuses the two by score.

    It returns up to four times ``settings.similarity_top_k`` nodes, and no fewer than ``least``,
    best first, for postprocessors to choose from (:class:`assistant.query.select.Select`), all of
    documents in ``scope``. A node's id is its library id as a string; its metadata are JSON
    values: ``path``, ``title``, ``place`` and ``legs`` (rank and score by leg).
    """

    def __init__(
        self,
        library: Library,
        encoder: Encoder,
        settings: RetrievalSettings,
        scope: Scope = EVERYTHING,
        *,
        least: int = 0,
    ) -> None:
        super().__init__()
        self._least = least
        self._scope = scope
        self._library = library
        self._encoder = encoder
        self._settings = settings

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return self.retrieve_with_evidence(query_bundle.query_str)[0]

    def retrieve_with_evidence(self, query: str) -> tuple[list[NodeWithScore], Evidence]:
        """Nodes for ``query``, and how sure each leg is of its best one."""
        query = unicodedata.normalize("NFC", query)
        settings = self._settings
        depth = depth_of(settings)
        # The models and FAISS let other threads run, so the legs take as long as the longer one.
        # Words are looked up in the caller's thread, whose connection knows the tables already.
        with ThreadPoolExecutor(1, thread_name_prefix="dense") as pool:
            searched = pool.submit(self._search_dense, query, depth)
            found = self._library.search_lexical(query, depth, self._scope)
            dense = searched.result()
        evidence = Evidence(similarity=dense.similarity, coverage=found.coverage)
        if settings.fusion == "score":
            fused = score_fusion(
                dense.hits,
                found.hits,
                coverage=found.coverage,
                dense_weight=settings.dense_weight,
                depth=depth,
            )
        else:
            fused = reciprocal_rank_fusion(dense.hits, found.hits)
        fused = fused[: max(settings.similarity_top_k * _POOL, self._least)]
        stored = self._library.nodes([node_id for node_id, _ in fused])
        legs = _legs(dense.hits, found.hits)
        nodes = [
            NodeWithScore(node=_text_node(stored[node_id], legs[node_id]), score=score)
            for node_id, score in fused
            if node_id in stored  # a file may have been removed in between
        ]
        return nodes, evidence

    def _search_dense(self, query: str, depth: int) -> DenseHits:
        return self._library.search_dense(self._encoder.encode_query(query), depth, self._scope)


def depth_of(settings: RetrievalSettings) -> int:
    """How many hits each leg is asked for."""
    return max(settings.candidates, settings.similarity_top_k * _POOL)


def _legs(dense: Hits, lexical: Hits) -> dict[int, tuple[Leg, ...]]:
    legs: dict[int, tuple[Leg, ...]] = {}
    for rank, (node_id, score) in enumerate(dense, start=1):
        legs[node_id] = (Leg("dense", rank, score),)
    for rank, (node_id, score) in enumerate(lexical, start=1):
        legs[node_id] = (*legs.get(node_id, ()), Leg("lexical", rank, score))
    return legs


def _text_node(stored: StoredNode, legs: tuple[Leg, ...]) -> TextNode:
    metadata: dict[str, Any] = {
        "path": str(stored.path),
        "title": stored.title,
        "place": place_to_json(stored.node.place),
        "legs": [{"name": leg.name, "rank": leg.rank, "score": leg.score} for leg in legs],
    }
    return TextNode(
        id_=str(stored.id),
        text=stored.node.text,
        metadata=metadata,
        excluded_embed_metadata_keys=list(metadata),
        excluded_llm_metadata_keys=["path", "place", "legs"],
    )


def place_to_json(place: Place) -> dict[str, Any]:
    """``place`` as JSON values; :func:`place_from_json` gives it back equal."""
    return {**asdict(place), "headings": list(place.headings)}


def place_from_json(value: dict[str, Any]) -> Place:
    """The place that :func:`place_to_json` wrote down."""
    return Place(**{**value, "headings": tuple(value["headings"])})
