"""A cross-encoder over the best candidates, where one is configured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from threading import Lock

from llama_index.core.schema import MetadataMode, NodeWithScore

from assistant.errors import ModelError
from assistant.protocols import Reranker


class Reranking:
    """The reranker of the settings, loaded by the first question that wants it.

    It is an improvement and never a condition: one that cannot be loaded, or fails, is told once
    and left out from then on, and candidates stay in the order they came in.
    """

    def __init__(self, load: Callable[[], Reranker], tell: Callable[[str], None]) -> None:
        self._load = load
        self._tell = tell
        self._lock = Lock()
        self._reranker: Reranker | None = None
        self._is_off = False

    def __call__(self, query: str, nodes: Sequence[NodeWithScore]) -> list[NodeWithScore]:
        """``nodes`` by the reranker's scores, best first, ties as they came.

        A node's score becomes the logistic of the reranker's, from 0 to 1; its metadata get a leg
        ``reranker`` with the rank and the score as it is.
        """
        try:
            reranker = self.load()
            if reranker is None or not nodes:
                return list(nodes)
            scores = reranker.rank(query, [_readable(node) for node in nodes]).tolist()
        except ModelError as error:
            self._turn_off(error)
            return list(nodes)
        order = sorted(range(len(nodes)), key=lambda i: -scores[i])
        return [_with_leg(nodes[i], rank, scores[i]) for rank, i in enumerate(order, start=1)]

    def load(self) -> Reranker | None:
        """The reranker, or None once it is known not to work."""
        with self._lock:
            if self._reranker is None and not self._is_off:
                try:
                    self._reranker = self._load()
                except ModelError as error:
                    self._turn_off(error)
            return None if self._is_off else self._reranker

    def _turn_off(self, error: ModelError) -> None:
        if not self._is_off:
            self._is_off = True
            remedy = f" ({error.hint})" if error.hint else ""
            self._tell(f"searching without the reranker: {error.message}{remedy}")


def _readable(node: NodeWithScore) -> str:
    """A passage with its title and headings in front, as it is embedded and indexed."""
    headings = node.node.metadata["place"]["headings"]
    context = " › ".join(dict.fromkeys(filter(None, (node.node.metadata["title"], *headings))))
    text = node.node.get_content(MetadataMode.NONE)
    return f"{context}\n{text}" if context else text


def _with_leg(node: NodeWithScore, rank: int, score: float) -> NodeWithScore:
    metadata = node.node.metadata
    metadata["legs"] = [*metadata["legs"], {"name": "reranker", "rank": rank, "score": score}]
    return NodeWithScore(node=node.node, score=_logistic(score))


def _logistic(score: float) -> float:
    # Written so that neither end overflows.
    return 0.5 * (1.0 + math.tanh(0.5 * score))
