"""Whether a passage says anything that another does not say in the same words.

Shingles (Broder, 1997, "On the resemblance and containment of documents"): the share of a text's
runs of five words that another holds is near one for a copy, also for one with a word mended or a
remark left out. One changed word in a long passage hardly moves that share and may be the very
thing that matters (another city, another figure, "not"), so a copy must bring no new word either.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

# A number keeps its point and its sign: 1.5 is not 15, and -1 is not 1.
_WORD = re.compile(r"(?<!\w)[-−]\d+(?:\.\d+)*|[^\W_]*\d(?:\.\d+)*|[^\W_]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LENGTH = 5  # words of a shingle
_CONTAINED = 0.9  # share of a text's shingles from which another text holds it
_MISSPELT = 0.8  # likeness of two spellings of one word
_MOST_MISSPELT = 3  # words: comparing spellings is slow, and many are a text of its own


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is compared: case, spacing and punctuation do not count."""

    letters: str
    words: frozenset[str]
    shingles: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, text: str) -> Wording:
        folded = _THOUSANDS.sub("", text.casefold())
        words = _WORD.findall(folded)
        runs = zip(*(words[start:] for start in range(_LENGTH)), strict=False)
        return cls(
            letters="".join(words) or folded,
            words=frozenset(words),
            shingles=frozenset(runs),
        )

    def is_within(self, other: Wording) -> bool:
        """Whether ``other`` says all of this in the same words, but for a misspelling."""
        if self.letters == other.letters:
            return True
        if not self.shingles:  # too short to tell a copy from a text that is merely alike
            return False
        held = len(self.shingles & other.shingles)
        if held < _CONTAINED * len(self.shingles):
            return False
        new = self.words - other.words
        return len(new) <= _MOST_MISSPELT and all(
            _is_misspelt(word, other.words - self.words) for word in new
        )


def _is_misspelt(word: str, words: frozenset[str]) -> bool:
    """Whether ``word`` is one of ``words`` spelt a little otherwise; a number never is."""
    if not word.isalpha():
        return False
    near = difflib.get_close_matches(word, [w for w in words if w.isalpha()], 1, _MISSPELT)
    return bool(near)
