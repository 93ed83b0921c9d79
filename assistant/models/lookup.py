"""Prompt-lookup decoding: guess the next tokens by what followed the same ones before.

A. Saxena, "Prompt Lookup Decoding" (2023). Answers over notes copy names, numbers and whole
phrases from their sources, so the guesses are often right, and a model checks several tokens
in little more time than it takes to make one.
"""

from __future__ import annotations

from collections.abc import Iterable


class PromptLookup:
    """Remembers where each short run of tokens last stood, and what came next.

    Eight tokens after runs of up to three measured best on Korean answers over notes: 4.9
    tokens a pass, against 4.6 with runs of two and 3.5 with drafts of four.
    """

    def __init__(self, prompt: Iterable[int], *, tokens: int = 8, ngram: int = 3) -> None:
        """``tokens`` is the longest draft, ``ngram`` the longest run of tokens that is matched."""
        self._tokens = tokens
        self._sizes = range(ngram, 0, -1)
        self._ids: list[int] = []
        self._next: dict[tuple[int, ...], int] = {}
        self.extend(prompt)

    def extend(self, ids: Iterable[int]) -> None:
        """Take note of tokens that now stand at the end."""
        for token in ids:
            # A run is noted only once something follows it, so the end never finds itself.
            for size in self._sizes:
                if len(self._ids) >= size:
                    self._next[tuple(self._ids[-size:])] = len(self._ids)
            self._ids.append(token)

    def draft(self, most: int) -> list[int]:
        """At most ``most`` tokens that may come next; none where nothing is known."""
        for size in self._sizes:
            at = self._next.get(tuple(self._ids[-size:]))
            if at is not None:
                return self._ids[at : at + max(0, min(self._tokens, most))]
        return []
