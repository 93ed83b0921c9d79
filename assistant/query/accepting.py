"""When what the model wrote is no answer: the second gate, behind that of refusal.py.

A draft that is borne out in part is an answer, and its marks tell which part. One of which nothing
is borne out is none, nor one whose every sentence has a number, name or denial of its own making.
Between them the evidence for the question and the support of the draft are weighed together: a
model copies from passages beside the point, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.query.refusal import says_unknown, threshold
from assistant.types import Claim

# A logistic model of the odds that the passages answer the question and of the best score of a
# sentence, fitted with the threshold on 67 drafts of the 1.5B model over KorQuAD, XQuAD and the
# sample notes: right answers, and answers to what cannot be answered. docs/answers.md tells what
# it does on others.
_SOUND = (-2.26, 1.07, 2.67)
_DOUBTFUL = 0.25
_LEAST_ODDS = 1e-4  # of a confidence of 0 or 1, which no logarithm takes


def is_no_answer(draft: str, claims: Sequence[Claim], confidence: float, refusal: float) -> bool:
    """Whether to refuse after all, now that the model has written ``draft``.

    ``confidence`` is that the passages answer the question, ``refusal`` the setting: at 0 only what
    is empty or says itself that it does not know is no answer.
    """
    if not draft or says_unknown(draft):
        return True
    if refusal == 0.0:
        return False
    if claims and all(claim.faults for claim in claims):
        return True
    best = max((claim.score for claim in claims), default=0.0)
    probability = min(max(confidence, _LEAST_ODDS), 1.0 - _LEAST_ODDS)
    constant, of_odds, of_support = _SOUND
    logit = constant + of_odds * math.log(probability / (1.0 - probability)) + of_support * best
    return 1.0 / (1.0 + math.exp(-logit)) < threshold(_DOUBTFUL, refusal)
