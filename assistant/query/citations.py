"""Which sentence of which source carries each sentence of an answer.

Small models cite badly and pay for it with wrong answers, so they are not asked to: the mapping
is made afterwards, by comparing texts, and can point at nothing that was not offered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.query.draft import without_references
from assistant.query.matching import Grounds
from assistant.query.verifying import claims_in, verify
from assistant.types import Citation, Claim


@dataclass(frozen=True, slots=True)
class Grounded:
    """An answer with its ``[n]``; citations and claims are in order, at offsets in ``text``."""

    text: str
    citations: tuple[Citation, ...]
    claims: tuple[Claim, ...]


def cite(text: str, question: str, grounds: Grounds) -> Grounded:
    """Put `` [n]`` after the sentences of ``text`` that a source supports, wholly or in part.

    Nothing is put inside code, headings and tables. References that the model wrote are taken out:
    every [n] of the result was put here.
    """
    text = without_references(text, [source.text for source in grounds.sources])
    pieces: list[str] = []
    citations: list[Citation] = []
    claims: list[Claim] = []
    position = length = 0
    citable = set(claims_in(text))
    for claim in verify(text, question, grounds):
        shift = length - position
        placed = replace(claim, start=claim.start + shift, end=claim.end + shift)
        claims.append(placed)
        if claim.support == "unsupported" or (claim.start, claim.end) not in citable:
            continue
        piece = f"{text[position : claim.end]} [{claim.n}]"
        citations.append(_citation(placed, grounds))
        pieces.append(piece)
        length += len(piece)
        position = claim.end
    return Grounded("".join(pieces) + text[position:], tuple(citations), tuple(claims))


def _citation(claim: Claim, grounds: Grounds) -> Citation:
    source = next(source for source in grounds.sources if source.n == claim.n)
    return Citation(
        n=source.n,
        path=source.path,
        place=source.place,
        text=source.text[claim.source_start : claim.source_end],
        start=claim.source_start,
        end=claim.source_end,
        claim_start=claim.start,
        claim_end=claim.end,
        support=claim.score,
    )


def makes_claims(text: str) -> bool:
    """Whether there is anything in ``text`` that could be cited: code alone is no claim."""
    return any(True for _ in claims_in(text))
