"""Which sentence of which source carries each sentence of an answer.

Small models cite badly and pay for it with wrong answers, so they are not asked to: the mapping
is made afterwards, by comparing texts, and can point at nothing that was not offered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.query.draft import fences
from assistant.query.matching import (
    Grounds,
    SourceSentence,
    Trigrams,
    language_of,
    numbers,
    trigrams,
)
from assistant.sentences import sentences
from assistant.types import Citation

_SUPPORTED = 0.35
"""Share of a claim that a passage must hold to be cited for it."""

_TOUCHED = 0.2
"""Share of it that the very sentence must hold: a heading alone is nothing to point at."""

_SUPPORTED_ACROSS = 0.25
"""The same where the passage is in another language: likeness in meaning runs lower."""

_QUESTION_WEIGHT = 0.5
"""The question tells apart passages that hold the same short claim."""


@dataclass(frozen=True, slots=True)
class Support:
    """The best a claim has: a sentence, and how much of the claim it and its passage hold."""

    sentence: SourceSentence
    by_sentence: float
    by_passage: float


def cite(text: str, question: str, grounds: Grounds) -> tuple[str, tuple[Citation, ...]]:
    """Put `` [n]`` after the sentences of ``text`` that a source supports.

    A claim with a number in it is only cited to a source that has the number. Nothing is put
    inside code, headings and tables. Returns the new text and its citations, in order.
    """
    pieces: list[str] = []
    citations: list[Citation] = []
    position = length = 0
    for start, end in _claims(text):
        found = support(text[start:end], question, grounds)
        if not found or not _is_enough(found, text[start:end]):
            continue
        sentence = found.sentence
        piece = f"{text[position:end]} [{sentence.source.n}]"
        citations.append(
            Citation(
                n=sentence.source.n,
                path=sentence.source.path,
                place=sentence.source.place,
                text=sentence.text,
                start=sentence.start,
                end=sentence.end,
                claim_start=length + start - position,
                claim_end=length + end - position,
                support=found.by_sentence,
            )
        )
        pieces.append(piece)
        length += len(piece)
        position = end
    return "".join(pieces) + text[position:], tuple(citations)


def makes_claims(text: str) -> bool:
    """Whether there is anything in ``text`` that could be cited: code alone is no claim."""
    return any(True for _ in _claims(text))


def _is_enough(found: Support, claim: str) -> bool:
    across = found.sentence.language not in (language_of(claim), "other")
    least = _SUPPORTED_ACROSS if across else _SUPPORTED
    return found.by_passage >= least and found.by_sentence >= _TOUCHED


def support(claim: str, question: str, grounds: Grounds) -> Support | None:
    """The source sentence that holds most of ``claim``; None when no source has its numbers.

    A source in another language may write the question's numbers another way ("7.2B", "72억");
    those that the claim adds it must have.
    """
    stated, asked, needed = trigrams(claim), trigrams(question), numbers(claim)
    # A claim may repeat the question in other words than the source's; what it adds counts alone.
    added = stated - asked
    alike = grounds.likeness(claim)

    def held(by: Trigrams, meant: float) -> float:
        return max(grounds.share(stated, by), grounds.share(added, by), meant)

    best: tuple[float, Support] | None = None
    for source in grounds.sources:
        across = language_of(source.text) != language_of(claim)
        if not needed - (numbers(question) if across else frozenset()) <= grounds.numbers(source):
            continue
        passage = grounds.passage(source)
        within = [(i, s) for i, s in enumerate(grounds.sentences) if s.source.n == source.n]
        by_passage = held(passage, max((alike.get(i, 0.0) for i, _ in within), default=0.0))
        passage_asked = grounds.share(asked, passage)
        for index, sentence in within:
            by_sentence = held(sentence.trigrams, alike.get(index, 0.0))
            relevance = passage_asked + grounds.share(asked, sentence.trigrams)
            score = by_passage + by_sentence + _QUESTION_WEIGHT * relevance
            if best is None or score > best[0]:
                best = score, Support(sentence, by_sentence, by_passage)
    return best[1] if best else None


def _claims(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences that may carry a citation, each ending where one can stand."""
    code = fences(text)
    opened: int | None = None
    for start, end in sentences(text):
        if any(begin <= start < stop for begin, stop in code):
            continue
        line = text[text.rfind("\n", 0, start) + 1 : end].lstrip()
        if line.startswith(("#", "|")) or not trigrams(text[start:end]):
            continue
        if opened is not None:
            start = opened
        # A sentence that seems to end inside inline code goes on: "`a. b` is a path."
        opened = start if text.count("`", start, end) % 2 else None
        if opened is None:
            yield start, end
