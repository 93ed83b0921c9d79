"""When what the model wrote is no answer: the second gate, behind that of refusal.py.

A draft that is borne out in part is an answer, and its marks tell which part. One of which nothing
is borne out is none, nor one whose every sentence has a number, name or denial of its own making.
Between them the evidence for the question and the support of the draft are weighed together: a
model copies from passages beside the point, too, and then what it copies comes from a passage that
was not found first, or is not even of the kind that was asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from assistant.query.asked_for import holds, kind_asked_for
from assistant.query.refusal import says_unknown, threshold
from assistant.types import Claim

# A logistic model: constant, then slopes of the odds that the passages answer the question, of the
# best score of a sentence, of one over the rank of its source, and of the draft holding a number,
# time or name where one is asked for. Fitted with the threshold on half of the drafts of the 1.5B
# model over KorQuAD, XQuAD and the sample notes; docs/answers.md tells what it does on the others.
_SOUND = (-5.03, 1.05, 1.97, 1.47, 3.31)
_DOUBTFUL = 0.45
_LEAST_ODDS = 1e-4  # of a confidence of 0 or 1, which no logarithm takes

_REFERENCE = re.compile(r"\[\^?\d+\]")


def is_no_answer(
    question: str, draft: str, claims: Sequence[Claim], confidence: float, refusal: float
) -> bool:
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
    return _soundness(question, draft, claims, confidence) < threshold(_DOUBTFUL, refusal)


def _soundness(question: str, draft: str, claims: Sequence[Claim], confidence: float) -> float:
    """The estimated probability (0 to 1) that ``draft`` answers ``question`` from the notes."""
    probability = min(max(confidence, _LEAST_ODDS), 1.0 - _LEAST_ODDS)
    best = max(claims, key=lambda claim: claim.score, default=None)
    kind = kind_asked_for(question)
    signals = (
        math.log(probability / (1.0 - probability)),
        best.score if best else 0.0,
        1.0 / best.n if best and best.n else 0.0,
        float(holds(kind, _REFERENCE.sub(" ", draft), question)),
    )
    constant, *slopes = _SOUND
    logit = constant + sum(w * x for w, x in zip(slopes, signals, strict=True))
    return 1.0 / (1.0 + math.exp(-logit))
