"""From many candidates to the few that are offered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from assistant.query.copies import Wording


class Select(BaseNodePostprocessor):
    """Keeps the best ``top_k`` nodes, of several that say the same in the same words the best.

    Notes are copied between files, and edited there; a second copy tells the model nothing and
    takes the place of another passage. What counts as one: :mod:`assistant.query.copies`.
    """

    top_k: int

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        kept = _without_copies(nodes)
        return [node for node, _ in zip(kept, range(self.top_k), strict=False)]


def _without_copies(nodes: Sequence[NodeWithScore]) -> Iterator[NodeWithScore]:
    kept: list[Wording] = []
    for node in nodes:
        wording = Wording.of(node.text)
        if not any(wording.is_within(better) for better in kept):
            kept.append(wording)
            yield node
