"""Code that is asked for, as it stands in the notes: a small model changes it as it copies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.query.draft import fences
from assistant.query.kinds import code_for
from assistant.query.matching import Grounds, heading, trigrams
from assistant.sentences import sentences
from assistant.types import Citation, Source

_LEAST = 0.15
"""Share of the question that a block with its headings and the sentences beside it must hold."""


@dataclass(frozen=True, slots=True)
class _Block:
    source: Source
    start: int
    end: int
    lead: tuple[int, int] | None  # the sentence before it
    behind: tuple[int, int] | None


def show_code(question: str, grounds: Grounds) -> tuple[str, tuple[Citation, ...]]:
    """The block of code that the question asks for, with the sentence before it, cited.

    Empty where no source has one that speaks of the question.
    """
    asked = trigrams(code_for(question))
    best: tuple[float, _Block] | None = None
    for rank, source in enumerate(grounds.sources):
        for block in _blocks(source):
            text = source.text[block.start : block.end]
            lead = source.text[slice(*block.lead)] if block.lead else ""
            if lead and not lead.rstrip().endswith((":", "：")):
                # The sentence before it may be about something else, where a heading is not.
                if grounds.share(asked, trigrams(lead)) < _LEAST:
                    block = replace(block, lead=None)
            behind = source.text[slice(*block.behind)] if block.behind else ""
            about = trigrams(f"{heading(source)} {lead} {text} {behind}")
            held = grounds.share(asked, about)
            worth = held - 0.02 * rank
            if held >= _LEAST and (best is None or worth > best[0]):
                best = worth, block
    if best is None:
        return "", ()
    block = best[1]
    source = block.source
    code = source.text[block.start : block.end].rstrip()
    if not block.lead:
        text = f"{heading(source)} [{source.n}]\n\n{code}"
        span, claim = (block.start, block.end), (0, len(heading(source)))
    else:
        lead = " ".join(source.text[slice(*block.lead)].split())
        text = f"{lead} [{source.n}]\n\n{code}"
        span, claim = block.lead, (0, len(lead))
    cited = Citation(
        n=source.n,
        path=source.path,
        place=source.place,
        text=source.text[slice(*span)],
        start=span[0],
        end=span[1],
        claim_start=claim[0],
        claim_end=claim[1],
        support=1.0,
    )
    return text, (cited,)


def _blocks(source: Source) -> list[_Block]:
    text = source.text
    found = fences(text)
    spans = [
        (start, end)
        for start, end in sentences(text)
        if not any(begin <= start < stop for begin, stop in found)
        and not text[start:end].lstrip().startswith(("#", "|"))
    ]
    return [
        _Block(
            source,
            start,
            end,
            next((span for span in reversed(spans) if span[1] <= start), None),
            next((span for span in spans if span[0] >= end), None),
        )
        for start, end in found
    ]
