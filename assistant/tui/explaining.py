"""Why passages were found, and what became of a file, as the interface shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from textual.content import Content

from assistant.display import plain, plain_path
from assistant.tui.cells import MUTED, bar, cut_end, pad
from assistant.tui.strings import S, counted
from assistant.tui.widgets.sources import highlight
from assistant.tui.wording import place_name
from assistant.types import Expectation, Explained, Explanation, Hindrance, Share

_BAR = 8
_INDENT = "    "
_BEYOND = 2_000
"""Ranks beyond this are not told apart (assistant.query.expect.DEEP)."""


# --------------------------------------------------------------------------- hits


def hit_content(each: Explained, fusion: str, width: int) -> Content:
    """One hit: its name, a line for each leg, the sum they make, its words, its best sentence."""
    source = each.source
    name = plain_path(source.path, base=source.path.parent)
    head = f"[{source.n}] " if source.n else ""
    place = cut_end(place_name(source.place), width - len(_INDENT))
    lines: list[Content] = [
        Content.assemble((head, "bold $accent"), (cut_end(name, width - len(head)), "bold"))
    ]
    if place:
        lines.append(Content.assemble((_INDENT + place, MUTED)))
    lines += _legs(each)
    lines.append(Content.assemble((_INDENT + _arithmetic(each, fusion), MUTED)))
    lines += _words(each)
    if each.best is not None:
        lines.append(_sentence(each, *each.best))
    return Content("\n").join(lines)


def summary(found: Explanation) -> str:
    """What holds for all hits: how near the best is, how much of the question words cover."""
    parts = [
        S.why_similarity.format(similarity=f"{found.evidence.similarity:.3f}"),
        S.why_coverage.format(share=f"{found.evidence.coverage:.0%}"),
    ]
    if found.fusion == "score":
        parts.append(S.why_gate.format(gate=f"{found.gate:.2f}"))
    return " · ".join(parts)


def leg_name(name: str) -> str:
    """A leg as it is called here."""
    return {
        "dense": S.leg_dense,
        "lexical": S.leg_lexical,
        "proximity": S.leg_proximity,
        "reranker": S.leg_reranker,
    }.get(name, plain(name))


def _legs(each: Explained) -> Iterator[Content]:
    """A row for each leg: name, rank, score and, where it is a summand, how far it counts."""
    fused = {share.leg for share in each.shares}
    others = [leg for leg in each.source.legs if leg.name not in fused]
    names = [*(share.leg for share in each.shares), *(leg.name for leg in others)]
    label = max((Content(leg_name(name)).cell_length for name in names), default=0)
    for share in each.shares:
        row = _leg_row(share.leg, share.rank, share.score, label)
        yield Content.assemble(row, "  ", bar(share.scaled, _BAR)) if share.scaled > 0 else row
    for leg in others:
        yield _leg_row(leg.name, leg.rank, leg.score, label)


def _leg_row(name: str, rank: int | None, score: float | None, label: int) -> Content:
    if rank is None or score is None:
        told = S.why_not_found
    else:
        place = f"> {_BEYOND:,}" if rank > _BEYOND else f"{rank:,}"
        told = f"{S.why_rank.format(rank=place)}  {score:8.3f}"
    return Content.assemble(_INDENT, (pad(leg_name(name), label), "$secondary"), f"  {told}")


def _arithmetic(each: Explained, fusion: str) -> str:
    if fusion == "score":
        terms = " + ".join(_term(share) for share in each.shares)
        return f"{S.why_fused} {each.fused:.3f} = {terms}"
    terms = " + ".join(f"{leg_name(share.leg)} {share.points:.4f}" for share in each.shares)
    return f"{S.why_fused} {each.fused:.4f} = {terms}"


def _term(share: Share) -> str:
    return f"{leg_name(share.leg)} {share.weight:.2f} × {share.scaled:.2f}"


def _words(each: Explained) -> Iterator[Content]:
    for title, terms, style in (
        (S.why_words, each.matched, "$text-success"),
        (S.why_without, each.missing, MUTED),
    ):
        if terms:
            told = ", ".join(plain(term) for term in terms)
            yield Content.assemble(_INDENT, (f"{title} ", MUTED), (told, style))


def _sentence(each: Explained, start: int, end: int) -> Content:
    text = each.source.text[start:end].replace("\n", " ").replace("\t", " ")
    spans = [(a - start, b - start) for a, b in each.spans if start <= a and b <= end]
    return Content.assemble(_INDENT, ("“", MUTED), highlight(text, spans), ("”", MUTED))


# --------------------------------------------------------------------------- expected


def fate_content(result: Expectation, fusion: str, width: int) -> Content:
    """What became of the file, what may be done about it, and how its best passage stands."""
    lines = [Content.assemble((_fate(result), "bold"))]
    lines += [Content.assemble((f"→ {line}", MUTED)) for line in _remedies(result)]
    if result.passage is not None:
        lines += [
            Content(""),
            Content.assemble((S.fate_best, "$secondary")),
            hit_content(result.passage, fusion, width),
        ]
    return Content("\n").join(lines)


def _fate(result: Expectation) -> str:
    told = {
        "found": S.fate_found,
        "copy": S.fate_copy,
        "ranked": S.fate_ranked,
        "beyond": S.fate_beyond,
        "not_embedded": S.fate_not_embedded,
        "out_of_scope": S.fate_out_of_scope,
        "failed": S.fate_failed,
        "skipped": S.fate_skipped,
        "ignored": S.fate_ignored,
        "new": S.fate_new,
        "not_ingested": S.fate_not_ingested,
        "missing": S.fate_missing,
    }[result.fate]
    return told.format(
        name=plain_path(result.path, base=result.path.parent),
        n=result.hit,
        rank=result.rank,
        passages=counted(S.passages, result.nodes),
        waiting=f"{result.waiting:,}",
        reason=_hindrance(result.hindrance) if result.hindrance else plain(S.said(result.reason)),
    )


def _hindrance(found: Hindrance) -> str:
    if not found.pattern:
        return plain(S.said(found.reason))
    pattern = plain(found.pattern)
    if found.where != Path():
        return S.fate_pattern_of.format(pattern=pattern, file=plain_path(found.where))
    if found.reason in ("ignored", "not included"):
        form = S.fate_pattern if found.reason == "ignored" else S.fate_not_included
        return form.format(pattern=pattern)
    return f"{plain(S.said(found.reason))} ({pattern})"


def _remedies(result: Expectation) -> Sequence[str]:
    known = {
        "ranked": S.remedy_words,
        "beyond": S.remedy_words,
        "not_embedded": S.remedy_embed,
        "out_of_scope": S.remedy_scope,
        "new": S.remedy_sync,
        "not_ingested": S.remedy_add,
        "missing": S.remedy_spelling,
    }
    told = [plain(S.said(result.hint))] if result.hint else []
    if result.fate in known:
        told.append(known[result.fate])
    if result.put_back:
        ranks = ", ".join(f"{rank:,}" for rank in result.put_back)
        told.append(S.fate_put_back.format(count=len(result.put_back), ranks=ranks))
    if result.waiting and result.fate != "not_embedded":
        told.append(S.fate_waiting.format(count=f"{result.waiting:,}"))
    return told
