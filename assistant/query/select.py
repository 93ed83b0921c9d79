"""From many candidates to the few that are offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

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
        return _spread(list(_without_copies(nodes)), self.top_k)


def _without_copies(nodes: Sequence[NodeWithScore]) -> Iterator[NodeWithScore]:
    kept: list[Wording] = []
    for node in nodes:
        wording = Wording.of(node.text)
        if not any(wording.is_within(better) for better in kept):
            kept.append(wording)
            yield node


def _spread(nodes: Sequence[NodeWithScore], count: int) -> list[NodeWithScore]:
    """The first ``count`` of ``nodes``, each put back for those of its file before it."""
    step = SAME_FILE * max((node.score or 0.0 for node in nodes), default=0.0)
    waiting = list(nodes)
    chosen: list[NodeWithScore] = []
    taken: Counter[str] = Counter()

    def standing(place: int) -> float:
        node = waiting[place]
        return (node.score or 0.0) - step * taken[_file(node)]

    while waiting and len(chosen) < count:
        best = waiting.pop(max(range(len(waiting)), key=standing))  # of equals the first
        chosen.append(best)
        taken[_file(best)] += 1
    return chosen


def _file(node: NodeWithScore) -> str:
    """Whose passage it is; a node that does not say stands for itself."""
    return str(node.node.metadata.get("path") or node.node.node_id)
