"""Answers without a language model: the sentences of the notes that come nearest, word for word.

Nothing is made up, and a sentence is found in a moment where a model takes its time. On the
questions of the sample notes three sentences state all that was asked for more often than a small
model does (benchmarks/quoting.py, docs/evaluation.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.query.matching import Grounds, SourceSentence, language_of, trigrams
from assistant.types import Citation

_MOST = 3
"""Sentences quoted. Two state a tenth less of what is asked for; a fourth adds next to nothing."""

_GLIMPSED = 2

_LEAST = 0.6
"""Share of the best sentence's worth that others need: less has nothing to do with the question.
On either half of the sample notes' questions no fact is lost by it."""

_HEADING = re.compile(r"#{1,6}\s|(?:[-*_=]\s*){3,}$|\|?[\s:|-]+\|?$")
"""Lines that say nothing by themselves: headings, rules, the rule beneath a table's head."""

_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})")
_SPACE = re.compile(r"\s+")


def quote(
    question: str, grounds: Grounds, *, most: int = _MOST
) -> tuple[str, tuple[Citation, ...]]:
    """A Markdown quotation of the best sentences, each with its [n], and their citations.

    A sentence is worth what its passage is, as a share of the best one's score, and how much of
    the question it holds itself: by its words or, where it is in another language, by its meaning.
    Sentences that follow on one another are quoted as one. Empty where there are none.
    """
    lines: list[str] = []
    citations: list[Citation] = []
    length = 0
    for first, last, worth in _joined(_best(question, grounds, most), grounds):
        source = first.source
        text = source.text[first.start : last.end]
        line = f"> {_SPACE.sub(' ', text).strip()} [{source.n}]"
        citations.append(
            Citation(
                n=source.n,
                path=source.path,
                place=source.place,
                text=text,
                start=first.start,
                end=last.end,
                claim_start=length + len("> "),
                claim_end=length + len(line) - len(f" [{source.n}]"),
                support=worth,
            )
        )
        lines.append(line)
        length += len(line) + len("\n\n")
    return "\n\n".join(lines), tuple(citations)


def glimpse(question: str, grounds: Grounds) -> tuple[Citation, ...]:
    """The best two sentences by their words alone, which takes some milliseconds and no encoder.

    Empty where the best passage is in another language than the question: words say nothing then,
    and comparing meanings would keep the model waiting.
    """
    if not grounds.sources or language_of(grounds.sources[0].text) != language_of(question):
        return ()
    best = _best(question, grounds, _GLIMPSED, by_meaning=False)
    return tuple(
        Citation(
            n=first.source.n,
            path=first.source.path,
            place=first.source.place,
            text=first.source.text[first.start : last.end],
            start=first.start,
            end=last.end,
            claim_start=0,
            claim_end=0,
            support=worth,
        )
        for first, last, worth in _joined(best, grounds)
    )


def _best(
    question: str, grounds: Grounds, most: int, *, by_meaning: bool = True
) -> list[tuple[int, float]]:
    """Positions of the ``most`` best sentences, best first, and how much each holds (0 to 1)."""
    if not grounds.sources:
        return []
    asked, language = trigrams(question), language_of(question)
    top = max(source.score for source in grounds.sources) or 1.0
    alike = grounds.likeness(question) if by_meaning else {}
    worth: list[tuple[float, int, float]] = []
    for position, sentence in enumerate(grounds.sentences):
        if _says_nothing(sentence):
            continue
        is_foreign = sentence.language not in (language, "other")
        held = alike.get(position, 0.0) if is_foreign else grounds.share(asked, sentence.trigrams)
        worth.append((sentence.source.score / top + held, position, held))
    worth.sort(key=lambda each: (-each[0], each[1]))
    return [
        (position, held) for value, position, held in worth[:most] if value >= _LEAST * worth[0][0]
    ]


def _joined(
    best: list[tuple[int, float]], grounds: Grounds
) -> Iterator[tuple[SourceSentence, SourceSentence, float]]:
    """First and last sentence of each quotation, in the order of the best in it."""
    held = dict(best)
    while held:
        position = first = last = next(iter(held))
        worth = held.pop(position)
        while _is_next(grounds, first - 1) and first - 1 in held:
            first -= 1
            worth = max(worth, held.pop(first))
        while _is_next(grounds, last) and last + 1 in held:
            last += 1
            worth = max(worth, held.pop(last))
        yield grounds.sentences[first], grounds.sentences[last], worth


def _is_next(grounds: Grounds, position: int) -> bool:
    """Whether the sentence behind ``position`` goes on in the same paragraph."""
    if not 0 <= position < len(grounds.sentences) - 1:
        return False
    one, other = grounds.sentences[position : position + 2]
    same = one.source.n == other.source.n
    return same and "\n" not in one.source.text[one.end : other.start]


def _says_nothing(sentence: SourceSentence) -> bool:
    text = sentence.text.strip()
    return bool(_HEADING.match(text) or _FENCE.match(text)) or not sentence.trigrams
