"""Why passages were found, and a file was not, as text for people and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from assistant.cli.render import passage, source_line
from assistant.cli.shapes import hit
from assistant.display import count, plain, plain_path
from assistant.types import Expectation, Explained, Explanation, Share

_BEYOND = 2_000
"""Ranks beyond this are not told apart (assistant.query.expect.DEEP)."""
_SAME_FILE = 3
"""Percent of the best score (assistant.query.select.SAME_FILE)."""


# --------------------------------------------------------------------------- hits


def explanation(found: Explanation) -> RenderableType:
    """Each hit with its legs, the sum they make, its words and its nearest sentence."""
    if not found.hits:
        return Text("nothing in the notes resembles this query")
    blocks: list[RenderableType] = []
    for each in found.hits:
        blocks.append(source_line(each.source))
        blocks += [Padding(line, (0, 0, 0, 4)) for line in _why(each, found.fusion)]
        blocks.append(Padding(passage(each.source), (0, 0, 1, 4)))
    blocks.append(Text(_sum_up(found), style="dim"))
    return Group(*blocks)


def _sum_up(found: Explanation) -> str:
    evidence = found.evidence
    parts = [
        f"best cosine {evidence.similarity:.3f}",
        f"question's terms covered {evidence.coverage:.0%}",
    ]
    if found.fusion == "score":
        parts.append(f"gate of the lexical leg {found.gate:.2f}")
    return " · ".join(parts)


def _why(each: Explained, fusion: str) -> Iterator[Text]:
    yield Text(" · ".join(_ranks(each)), style="magenta")
    yield Text(_arithmetic(each, fusion), style="magenta")
    yield from _words(each)
    if each.best is not None:
        start, end = each.best
        sentence = " ".join(plain(each.source.text[start:end]).split())
        line = Text("nearest: ", style="dim")
        line.append(sentence, style="not dim bold")
        yield line


def _ranks(each: Explained) -> Iterator[str]:
    for share in each.shares:
        yield _rank(share)
    fused = {share.leg for share in each.shares}
    for leg in each.source.legs:
        if leg.name not in fused:
            yield f"{leg.name} #{leg.rank:,} ({leg.score:.3f})"


def _rank(share: Share) -> str:
    if share.rank is None or share.score is None:
        return f"{share.leg} –"
    rank = f"beyond #{_BEYOND:,}" if share.rank > _BEYOND else f"#{share.rank:,}"
    return f"{share.leg} {rank} ({share.score:.3f})"


def _arithmetic(each: Explained, fusion: str) -> str:
    """``fused 0.812 = dense 0.50 × 1.000 + lexical 0.44 × 0.709``."""
    if fusion == "score":
        terms = [f"{share.leg} {share.weight:.2f} × {share.scaled:.3f}" for share in each.shares]
        return f"fused {each.fused:.3f} = {' + '.join(terms)}"
    terms = [f"{share.leg} {share.points:.4f}" for share in each.shares]
    return f"fused {each.fused:.4f} = {' + '.join(terms)}"


def _words(each: Explained) -> Iterator[Text]:
    if each.matched:
        yield Text(f"words: {_listed(each.matched)}", style="green")
    if each.missing:
        yield Text(f"without: {_listed(each.missing)}", style="dim")


def _listed(terms: Sequence[str]) -> str:
    return ", ".join(plain(term) for term in terms)


# --------------------------------------------------------------------------- expected


def expectation(result: Expectation, k: int) -> RenderableType:
    """The fate of a file in a sentence, what to do about it, and how it stands in each leg."""
    blocks: list[RenderableType] = [Text(fate(result, k), style="bold")]
    blocks += [Text(f"→ {line}", style="dim") for line in remedies(result, k)]
    if result.passage is not None:
        blocks += [Text(), _passage_line(result.passage)]
        lines = [Text(" · ".join(_ranks(result.passage)), style="magenta")]
        lines += list(_words(result.passage))
        blocks += [Padding(line, (0, 0, 0, 4)) for line in lines]
        blocks.append(Padding(passage(result.passage.source), (0, 0, 0, 4)))
    if result.hits:
        blocks += [Text(), Text("The hits", style="bold underline")]
        blocks += [source_line(source) for source in result.hits]
    return Group(*blocks)


def _passage_line(each: Explained) -> Text:
    line = Text("Its best passage", style="bold underline")
    where = plain(each.source.place.label)
    line.append(f": {where}" if where else "", style="not underline not bold")
    return line


def fate(result: Expectation, k: int) -> str:
    """What became of the file, in one sentence."""
    name = plain_path(result.path, Path.cwd())
    reason = plain(result.reason)
    candidates = f"its {count(result.nodes, 'passage')}"
    match result.fate:
        case "found":
            return f"{name} is hit [{result.hit}]."
        case "copy":
            return f"{name} says the same as hit [{result.hit}], which is shown in its place."
        case "ranked":
            rank = f"{result.rank:,}" if result.rank else "?"
            return f"{name} is number {rank} of the candidates, behind the {k} that are shown."
        case "beyond":
            return (
                f"{name} is in the library, but none of {candidates} is near the question:"
                f" no leg has it among its candidates."
            )
        case "not_embedded":
            return (
                f"{name} is in the library, but is not embedded yet ({result.waiting:,} of"
                f" {candidates} wait), and its words do not match."
            )
        case "out_of_scope":
            return f"{name} is in the library, but not where this was asked."
        case "failed":
            return f"{name} could not be read: {reason}."
        case "skipped":
            return f"{name} was passed by: {reason}."
        case "ignored":
            return f"{name} is passed by: {_hindrance(result)}."
        case "new":
            return f"{name} is in a folder of the library, and was not taken in yet."
        case "not_ingested":
            return f"{name} was never ingested, nor any folder it is in."
        case "missing":
            return f"There is no file {name}, neither on disk nor in the library."


def _hindrance(result: Expectation) -> str:
    found = result.hindrance
    if found is None or not found.pattern:
        return plain(result.reason)
    if found.where != Path():
        where = f" in {plain_path(found.where, Path.cwd())}"
    elif found.reason in ("ignored", "not included"):
        where = ", a pattern given with its folder or in the settings"
    else:
        return f"{found.reason} ({plain(found.pattern)})"
    return f"{found.reason} by the pattern {plain(found.pattern)}{where}".replace(
        "not included by the pattern", "not among what is included,"
    )


def remedies(result: Expectation, k: int) -> Iterator[str]:
    """What may be done, a line each."""
    path = _quoted(result.path)
    if result.hint:
        yield plain(result.hint)
    match result.fate:
        case "ranked" if result.rank is not None and result.rank <= 50:
            yield f"-k {result.rank} shows it; a word of it in the question brings it up"
        case "ranked" | "beyond":
            yield "a word of it in the question brings it up; --in asks that file alone"
        case "not_embedded":
            yield "assistant ingest embeds what waits"
        case "out_of_scope":
            yield "leave out --in and --notebook, or name it with --in"
        case "ignored" if result.reason == "ignored":
            yield f"assistant ingest {path} reads what a pattern of its folder names"
        case "new" if result.root is not None:
            yield f"assistant ingest {_quoted(result.root)}"
        case "not_ingested":
            yield f"assistant ingest {path}"
        case "missing":
            yield "check the spelling; assistant status --files lists what there is"
        case _:
            pass
    if result.put_back:
        ranks = ", ".join(f"{rank:,}" for rank in result.put_back)
        yield (
            f"{len(result.put_back)} more of its passages (number {ranks} of the candidates) gave"
            f" way to other files: each better one of a file puts the next back by {_SAME_FILE}% of"
            " the best score"
        )
    if result.waiting and result.fate != "not_embedded":
        told = count(result.waiting, "of its passages is", "of its passages are")
        yield f"{told} not embedded yet, and found by words alone: assistant ingest"


def _quoted(path: Path) -> str:
    text = plain_path(path)
    return f'"{text}"' if " " in text and not text.startswith("~") else text


# --------------------------------------------------------------------------- JSON


def explained_shape(each: Explained) -> dict[str, Any]:
    """A hit of ``search --json`` with ``--explain``."""
    best = None
    if each.best is not None:
        start, end = each.best
        best = {"start": start, "end": end, "text": each.source.text[start:end]}
    return {
        **hit(each.source),
        "explanation": {
            "fused": round(each.fused, 6),
            "shares": [
                {
                    "leg": share.leg,
                    "rank": share.rank,
                    "score": None if share.score is None else round(share.score, 6),
                    "scaled": round(share.scaled, 6),
                    "weight": round(share.weight, 6),
                }
                for share in each.shares
            ],
            "matched": each.matched,
            "missing": each.missing,
            "spans": each.spans,
            "best_sentence": best,
        },
    }


def explanation_shape(found: Explanation) -> dict[str, Any]:
    """What ``--explain`` adds to ``search --json``; its hits replace the plain ones."""
    return {
        "hits": [explained_shape(each) for each in found.hits],
        "fusion": {"name": found.fusion, "gate": round(found.gate, 6)},
    }


def expectation_shape(result: Expectation) -> dict[str, Any]:
    """``search --expect --json``."""
    plain_fields = ("question", "path", "fate", "reason", "hint", "root", "nodes", "waiting")
    shape = {
        name: getattr(result, name)
        for name in (*plain_fields, "searched", "hit", "rank", "put_back")
    }
    found = result.hindrance
    return {
        "expected": {
            **shape,
            "hindrance": dataclasses.asdict(found) if found else None,
            "passage": explained_shape(result.passage) if result.passage else None,
        },
        "hits": [hit(source) for source in result.hits],
    }
