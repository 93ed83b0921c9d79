"""From many candidates to the few that are offered."""

from __future__ import annotations

import re

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

_NOT_WORD = re.compile(r"[\W_]+")


class Select(BaseNodePostprocessor):
    """Keeps the best ``top_k`` nodes, of several with the same words only the best.

    Notes are copied between files; a second copy tells the model nothing and takes the place of
    another passage. Two texts are the same when they differ in case, spacing and punctuation
    only: a revised figure makes another text.
    """

    top_k: int

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        seen: set[str] = set()
        kept: list[NodeWithScore] = []
        for node in nodes:
            words = _NOT_WORD.sub("", node.text.casefold()) or node.text
            if words not in seen:
                seen.add(words)
                kept.append(node)
            if len(kept) == self.top_k:
                break
        return kept
