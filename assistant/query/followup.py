"""Questions that only make sense after the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.library.lexical import analyse
from assistant.types import Answer

_OPENS_WITH_REFERENCE = re.compile(
    r"(?:그럼|그러면|그렇다면|그런데|근데|그리고|그래서|그[건것게걸거]|그들|그때|그중|그 "
    r"|이[건것게걸거]|이 중|저[건것게걸거]|방금|아까)"
    r"|(?:and|but|so|then|it|its|that|this|those|these|they|them|their|what about|how about)\b",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?:^|\s)(?:왜|더|또|다른|[그이저][건것게걸거]|[그이] )"
    r"|\b(?:why|more|another|else|it|its|that|those|these|they|them|their)\b",
    re.IGNORECASE,
)
# What asks for something without saying about what, as the analyser writes it.
_GENERIC = frozenset(
    (
        *("설명", "자세히", "예", "예시", "이유", "까닭", "좀", "다시", "뜻", "의미", "알리"),
        *("말하", "하", "있", "없", "되", "들", "왜", "더"),
        *("explain", "more", "detail", "exampl", "mean", "reason", "again", "pleas", "tell"),
    )
)
_FEW = 2  # content words that a pronoun can make incomplete
_FARTHEST = 3  # turns


def is_follow_up(question: str) -> bool:
    """Whether ``question`` opens by referring back, or says too little to be searched for."""
    if _OPENS_WITH_REFERENCE.match(question.strip()):
        return True
    said = {term for term in analyse(question) if not term.startswith("~")} - _GENERIC
    return not said or (len(said) <= _FEW and bool(_REFERENCE.search(question)))


def earlier_turn(question: str, history: Sequence[tuple[str, Answer]]) -> tuple[str, Answer] | None:
    """The turn just before, when ``question`` needs it."""
    return history[-1] if history and is_follow_up(question) else None


def condense(question: str, history: Sequence[tuple[str, Answer]]) -> str:
    """What to search for: ``question``, behind the questions that it refers back to."""
    asked = [question]
    for previous, _ in reversed(history[-_FARTHEST:]):
        if not is_follow_up(asked[0]):
            break
        asked.insert(0, previous)
    return " ".join(asked)
