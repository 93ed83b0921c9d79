"""When to say that the notes hold no answer: by measurement, not by the model's mood."""

from __future__ import annotations

import math
import re

from assistant.display import plain
from assistant.protocols import Encoder
from assistant.query.asked_for import holds, kind_asked_for
from assistant.query.calibration import Case, Signal, calibration_for
from assistant.query.matching import (
    Grounds,
    language_of,
    rescaled,
    trigrams,
    unrelated_similarity,
)
from assistant.sentences import sentences
from assistant.types import EVERYTHING, Language, Retrieval, Scope

REFUSAL: dict[Language, str] = {
    "ko": "노트에서 이 질문의 답을 찾지 못했습니다. 가장 가까운 구절은 출처에 있습니다.",
    "en": "Your notes do not answer this question. The nearest passages are listed as sources.",
}

_NARROW: dict[Language, str] = {
    "ko": "‘{name}’ 안에서만 찾았으니 모든 노트로 넓혀 다시 물어보세요(대화 화면에서는 F3).",
    "en": "Only “{name}” was searched: ask all notes for more (F3 in the chat).",
}
"""Behind a refusal where the search was limited, as by a notebook of that name."""

# The largest threshold of the calibrations' curves at which no more than one answerable question
# in 20 is refused, on average over the sets; the draft decides on the rest.
_HOPELESS = 0.15
_READ = 3  # passages whose sentences are compared with a question, as many as a model is given

_UNKNOWN = re.compile(
    r"모르겠|모릅니다|알 수 없(?:습니다|어요|다\b)|찾을 수 없|찾지 못"
    r"|나와 있지 않|나오지 않|언급되(?:어 있)?지 않|언급이 없|적혀 있지 않|포함되어 있지 않"
    r"|정보(?:가|는) (?:없|제공되지|포함)|제공되지 않|명시되(?:어 있)?지 않|설명되(?:어 있)?지 않"
    r"|(?:do(?:es)? not|don't|doesn't) (?:know|contain|mention|provide|specify|say|include|have)"
    r"|(?:is|are) not (?:mentioned|provided|specified|included|stated|given|in the notes)"
    r"|not in the notes|no information|cannot (?:find|answer)|can't (?:find|answer)",
    re.IGNORECASE,
)


def refusal_text(language: Language, scope: Scope = EVERYTHING) -> str:
    """What is said in place of an answer that ``scope`` does not hold."""
    text = REFUSAL[language]
    if not scope:
        return text
    name = scope.name or ", ".join(path.name for path in scope.paths)
    return f"{text} {_NARROW[language].format(name=plain(name))}"


def threshold(calibrated: float, refusal: float) -> float:
    """The least evidence to ask for: none at ``refusal`` 0, ``calibrated`` at 0.5, all at 1."""
    return calibrated ** math.log2(1.0 / refusal) if refusal > 0 else 0.0


def signals(retrieval: Retrieval, encoder: Encoder) -> dict[Signal, float]:
    """What is known before a model has read anything, each from 0 to 1.

    ``likeness``: how far the best cosine lies above that of unrelated texts. Where one of the best
    passages is in the question's language also ``coverage``: how much of the question's words the
    best passage holds, and ``sentence``: how much of its trigrams one sentence of the best
    passages holds, of those with a number, a time or a name where one is asked for. Across
    languages words say nothing.
    """
    floor = unrelated_similarity(encoder.encode_query(retrieval.query), encoder)
    found: dict[Signal, float] = {"likeness": rescaled(retrieval.evidence.similarity, floor)}
    language = language_of(retrieval.query)
    if any(language_of(source.text) == language for source in retrieval.sources[:_READ]):
        grounds = Grounds(retrieval.sources[:_READ], encoder)
        asked = trigrams(retrieval.query)
        found["coverage"] = retrieval.evidence.coverage
        kind = kind_asked_for(retrieval.query)
        found["sentence"] = max(
            (
                grounds.share(asked, sentence.trigrams)
                for sentence in grounds.sentences
                if holds(kind, sentence.text, retrieval.query)
            ),
            default=0.0,
        )
    return found


def confidence(retrieval: Retrieval, encoder: Encoder) -> float:
    """The estimated probability that the passages found hold the answer.

    Where the best passage is in another language and likely not to answer, what was found in the
    question's own language is asked too: in a library of two languages, something in the other one
    comes first for a question that is about nothing there.
    """
    if not retrieval.sources:
        return 0.0
    found = signals(retrieval, encoder)
    models = calibration_for(encoder.fingerprint).models
    estimate = models[case_of(retrieval)].probability(found)
    if estimate < 0.5 and "coverage" in found:
        return min(estimate, models["same_language"].probability(found))
    return estimate


def case_of(retrieval: Retrieval) -> Case:
    """By which model the passages are judged: the best one's language decides."""
    is_same = language_of(retrieval.sources[0].text) == language_of(retrieval.query)
    return "same_language" if is_same else "across_languages"


def is_hopeless(confidence: float, refusal: float) -> bool:
    """The first gate: whether the passages found clearly do not speak of the question.

    Of nothing found, ``confidence`` 0, no answer is made at any ``refusal``.
    """
    return confidence <= 0.0 or confidence < threshold(_HOPELESS, refusal)


def says_unknown(draft: str) -> bool:
    """Whether the model itself says, in its first sentence, that it does not know."""
    spans = sentences(draft)
    return bool(spans) and bool(_UNKNOWN.search(draft[: spans[0][1]]))
