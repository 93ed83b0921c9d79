"""From many candidates to the few that are offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from assistant.query.copies import Wording

SAME_FILE = 0.03
"""What a passage is put back for each better one of its file, as a share of the best score.

Enough that of nearly equal passages one of another file comes first, too little to bring in what is
clearly worse: lists of five from one file fell from 14 to 5 in a hundred on the sample notes, where
recall@5 rose by 2, and from 3 to 0.5 on KorQuAD's articles, where it fell by 0.05."""


class Select(BaseNodePostprocessor):
    """Keeps the best ``top_k`` nodes, of several that say the same in the same words the best.

    Notes are copied between files, and edited there; a second copy tells the model nothing and
    takes the place of another passage. What counts as one: :mod:`assistant.query.copies`. A node's
    score stays what it was, also where one of another file goes first (:data:`SAME_FILE`).
    """

    top_k: int

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        return selected(nodes, self.top_k)


def selected(nodes: Sequence[NodeWithScore], top_k: int) -> list[NodeWithScore]:
    """What :class:`Select` keeps, without what LlamaIndex records of each call."""
    copies = _Copies(nodes)
    step = SAME_FILE * max((node.score or 0.0 for node in nodes), default=0.0)
    waiting = list(range(len(nodes)))
    chosen: list[NodeWithScore] = []
    taken: Counter[str] = Counter()

    def standing(place: int) -> float:
        node = nodes[place]
        return (node.score or 0.0) - step * taken[_file(node)]

    while waiting and len(chosen) < top_k:
        best = max(waiting, key=standing)  # of equals the first
        waiting.remove(best)
        if not copies.holds(best):
            chosen.append(nodes[best])
            taken[_file(nodes[best])] += 1
    return chosen


class _Copies:
    """Which of some nodes, best first, say what a better one says.

    Told as they are asked for: reading the wording of the twenty candidates of a search takes as
    long as fusing them, and most are never looked at.
    """

    def __init__(self, nodes: Sequence[NodeWithScore]) -> None:
        self._nodes = nodes
        self._wordings: list[Wording | None] = []  # of those looked at; None for a copy

    def holds(self, place: int) -> bool:
        """Whether the node at ``place`` is a copy."""
        for node in self._nodes[len(self._wordings) : place + 1]:
            wording = Wording.of(node.text)
            is_copy = any(better and wording.is_within(better) for better in self._wordings)
            self._wordings.append(None if is_copy else wording)
        return self._wordings[place] is None


def _file(node: NodeWithScore) -> str:
    """Whose passage it is; a node that does not say stands for itself."""
    return str(node.node.metadata.get("path") or node.node.node_id)
