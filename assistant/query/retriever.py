"""Dense and lexical search side by side, behind LlamaIndex's retriever interface."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import fields
from functools import cache
from typing import Any, Literal

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.config import RetrievalSettings
from assistant.library.dense import DenseHits
from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.query.fusion import Hits, reciprocal_rank_fusion, score_fusion, trusted
from assistant.query.proximity import add_proximity, proximity_weight
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
        searched = _beside().submit(self._search_dense, query, depth)
        try:
            found = self._library.search_lexical(query, depth, self._scope)
        finally:
            wait([searched])  # nothing of a search goes on behind it
        dense = searched.result()
        evidence = Evidence(similarity=dense.similarity, coverage=found.coverage)
        coverage = trusted(query, found.coverage, dense)
        if settings.fusion == "score":
            fused = score_fusion(
                dense.hits,
                found.hits,
                coverage=coverage,
                dense_weight=settings.dense_weight,
                depth=depth,
            )
        else:
            fused = reciprocal_rank_fusion(dense.hits, found.hits)
        weight = proximity_weight(settings, coverage)
        fused, near = add_proximity(self._library, fused, found.terms, weight)
        fused = fused[: max(settings.similarity_top_k * _POOL, self._least)]
        stored = self._library.nodes([node_id for node_id, _ in fused])
        legs = _legs({"dense": dense.hits, "lexical": found.hits, "proximity": near})
        nodes = [
            NodeWithScore(node=_text_node(stored[node_id], legs[node_id]), score=score)
            for node_id, score in fused
            if node_id in stored  # a file may have been removed in between
        ]
        return nodes, evidence

    def _search_dense(self, query: str, depth: int) -> DenseHits:
        return self._library.search_dense(self._encoder.encode_query(query), depth, self._scope)


@cache
def _beside() -> ThreadPoolExecutor:
    """Threads for dense legs, kept: a new one opens the database and sets up the model's threads.

    One is at work as a rule. A search must not wait for another that is loading a large index.
    """
    return ThreadPoolExecutor(4, thread_name_prefix="dense")


def depth_of(settings: RetrievalSettings) -> int:
    """How many hits each leg is asked for."""
    return max(settings.candidates, settings.similarity_top_k * _POOL)


def _legs(
    found: Mapping[Literal["dense", "lexical", "proximity"], Hits],
) -> dict[int, tuple[Leg, ...]]:
    legs: dict[int, tuple[Leg, ...]] = {}
    for name, hits in found.items():
        for rank, (node_id, score) in enumerate(hits, start=1):
            legs[node_id] = (*legs.get(node_id, ()), Leg(name, rank, score))
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


_PLACE = tuple(field.name for field in fields(Place))  # asdict copies, twenty places a search


def place_to_json(place: Place) -> dict[str, Any]:
    """``place`` as JSON values; :func:`place_from_json` gives it back equal."""
    values = {name: getattr(place, name) for name in _PLACE}
    return {**values, "headings": list(place.headings)}


def place_from_json(value: dict[str, Any]) -> Place:
    """The place that :func:`place_to_json` wrote down."""
    return Place(**{**value, "headings": tuple(value["headings"])})
