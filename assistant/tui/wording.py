"""Sentences that widgets share: what an answer rests on, what an ingestion did, what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from assistant.display import plain, plain_path
from assistant.tui.shelves import health
from assistant.tui.strings import S, counted
from assistant.types import EVERYTHING

if TYPE_CHECKING:
    from assistant.errors import AssistantError
    from assistant.tui.shelves import Entry, Health
    from assistant.types import (
        Answer,
        Citation,
        FileFailed,
        IngestReport,
        Omitted,
        Place,
        Scope,
        Source,
        Summarising,
    )

_NAMES = 3
# What is counted in a place; headings stay as they are.
_COUNTED = re.compile(r"(?:p\.|slide|cell|rows?|line) [\d–]+")

SIGNS: Mapping[Health, str] = {"good": "●", "partly": "◐", "skipped": "○", "failed": "✕"}
"""What tells the health of a file without colour."""


def error_text(error: AssistantError) -> str:
    """Message and hint, a line each."""
    message, hint = S.said(error.message), S.said(error.hint)
    return plain(f"{message}\n→ {hint}" if hint else message)


def place_name(place: Place) -> str:
    """Where in a document something stands, in the language of the interface."""
    parts = plain(place.label).split(" · ")
    return " · ".join(S.said(part) if _COUNTED.fullmatch(part) else part for part in parts)


def answer_facts(answer: Answer, scope: Scope = EVERYTHING, *, offer: str = "") -> str:
    """The line beneath an answer: where it is from, who said it, how fast, and how it ended.

    ``offer`` says how a question that was refused is searched wider, where no key does it.
    """
    facts = []
    if scope:
        facts.append(S.in_scope.format(name=plain(scope.name)))
    facts += _picks(scope)
    if answer.rating:
        facts.append(S.rated_good if answer.rating == "good" else S.rated_bad)
    if answer.refused:
        facts += [S.refused, S.wider if scope.wider else offer or S.wider_offered]
    if cited := len({citation.n for citation in answer.citations}):
        facts.append(counted(S.cited, cited))
    facts += _doubts(answer)
    if answer.left_out:
        facts.append(counted(S.left_out, answer.left_out) + _names_of(answer.omitted))
    if answer.finish == "quoted":
        facts.append(S.quoted)
    if answer.model and not answer.refused:
        facts.append(plain(answer.model))
    if answer.timing.first_token is not None:
        facts.append(S.first_token.format(seconds=f"{answer.timing.first_token:.1f}"))
    if (rate := answer.timing.tokens_per_second) is not None:
        facts.append(S.speed.format(rate=f"{rate:.1f}"))
    if answer.finish == "stopped":
        facts.append(S.stopped)
    elif answer.finish == "length":
        facts.append(S.cut)
    return " · ".join(facts)


def _picks(scope: Scope) -> list[str]:
    """What the question pinned and excluded, by name."""
    return [
        text.format(names=names([pick.path for pick in picks]))
        for text, picks in ((S.pinned_names, scope.pinned), (S.excluded_names, scope.excluded))
        if picks
    ]


def _doubts(answer: Answer) -> list[str]:
    """What the notes do not bear out of an answer, each mark with what it means."""
    partial, not_at_all = answer.count("partial"), answer.count("unsupported")
    told = []
    if partial or not_at_all:
        done, all_of = answer.count("supported"), len(answer.claims)
        told.append(S.borne_out.format(done=done, all=all_of))
    if partial:
        told.append(S.in_part)
    if not_at_all:
        faults = [fault for claim in answer.claims for fault in claim.faults]
        missing = list(dict.fromkeys(plain(fault.text) for fault in faults if fault.text))
        shown = ", ".join(missing[:_NAMES])
        told.append(S.not_borne_out.format(what=f" ({shown})" if shown else ""))
        if any(fault.kind == "negation" for fault in faults):
            told.append(S.denied)
    if not answer.in_language:
        told.append(S.other_tongue)
    return told


def quotation(citations: Sequence[Citation]) -> Content:
    """What the notes say that comes nearest, each sentence with its [n] and its place."""
    lines: list[Content | str] = []
    for citation in citations:
        name = plain_path(citation.path, citation.path.parent)
        place = " · ".join(filter(None, (name, place_name(citation.place))))
        words = " ".join(plain(citation.text).split())
        lines += ["\n"] if lines else []
        lines += [Content(f"{words} [{citation.n}]"), "\n", Content.styled(place, "dim")]
    return Content.assemble(*lines)


def _names_of(omitted: Sequence[Omitted]) -> str:
    """The passages that did not fit the prompt, by the names of their files."""
    files = dict.fromkeys(left.path for left in omitted if left.what != "conversation")
    return f" ({names(list(files))})" if files else ""


def summary_step(step: Summarising) -> str:
    """Which step of a summary is under way."""
    what = plain(step.part) or S.summing_up
    return S.summarising.format(done=step.done + 1, total=step.total, part=what)


def answer_for_clipboard(
    text: str, sources: Sequence[Source], citations: Sequence[Citation]
) -> str:
    """An answer with the sources it cites beneath it."""
    cited = {citation.n for citation in citations}
    lines = [
        f"[{source.n}] {plain_path(source.path)} · {place_name(source.place)}".rstrip(" ·")
        for source in sources
        if source.n in cited
    ]
    return "\n".join([plain(text), *([""] if lines else []), *lines])


def citation_for_clipboard(source: Source, citations: Sequence[Citation]) -> str:
    """The sentences that were cited of a source, or all of it, and where they stand."""
    sentences = dict.fromkeys(plain(citation.text) for citation in citations)
    said = "\n".join(sentences) or plain(source.text)
    where = f"{plain_path(source.path)} · {place_name(source.place)}".rstrip(" ·")
    return f"{said}\n— {where}"


def code_blocks(text: str) -> list[str]:
    """What stands in the fences of an answer, one that is not closed to its end."""
    blocks: list[str] = []
    fence = ""
    for line in text.splitlines():
        mark = line.lstrip()[:3]
        if not fence and mark in ("```", "~~~"):
            fence = mark
            blocks.append("")
        elif fence and line.strip().startswith(fence):
            fence = ""
        elif fence:
            blocks[-1] += f"{line}\n"
    return [plain(block) for block in blocks]


def ingest_summary(report: IngestReport) -> str:
    """What an ingestion did, outcome by outcome, those that did not occur left out."""
    outcomes = (
        (S.new_files, report.indexed),
        (S.unchanged_files, report.unchanged),
        (S.skipped_files, report.skipped),
        (S.failed_files, report.failed),
        (S.left_files, report.left),
        (S.removed_files, report.removed),
        (S.passages, report.nodes),
    )
    said = [counted(text, count) for text, count in outcomes if count]
    return " · ".join(said) or counted(S.unchanged_files, 0)


def changes_summary(
    updated: Sequence[Path],
    removed: Sequence[Path],
    failed: Sequence[FileFailed],
    *,
    hint: bool,
) -> str:
    """What watching did, outcome by outcome, with the first names of each; empty for nothing."""
    outcomes = ((S.taken_in, updated), (S.taken_out, removed))
    lines = [_named(text, paths) for text, paths in outcomes if paths]
    if failed:
        lines.append(failures_summary(failed, hint=hint))
    return "\n".join(lines)


def failures_summary(failed: Sequence[FileFailed], *, hint: bool) -> str:
    """How many files could not be read, the first names and, with ``hint``, where to see why."""
    text = _named(S.not_read, [failure.path for failure in failed])
    return f"{text} — {S.see_library}" if hint else text


def _named(text: str, paths: Sequence[Path]) -> str:
    return f"{counted(text, len(paths))}: {names(paths)}"


def names(paths: Sequence[Path]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(plain_path(path, path.parent) for path in paths[:_NAMES])
    more = len(paths) - _NAMES
    return f"{shown} {S.and_more.format(count=f'{more:,}')}" if more > 0 else shown


def entry_states(entry: Entry) -> list[tuple[Health, str]]:
    """How a row of the library is, each health with the sign and words that say so, worst first.

    Empty when it holds nothing.
    """
    if entry.file is not None and not entry.children:
        state = health(entry.file)
        words = {
            "good": S.indexed,
            "partly": S.blank_pages.format(count=len(entry.file.unread)),
            "skipped": S.skipped,
            "failed": S.failed,
        }
        return [(state, f"{SIGNS[state]} {words[state]}")]
    order: tuple[Health, ...] = ("failed", "partly", "skipped")
    sick = [
        (state, f"{SIGNS[state]} {entry.sick[state]:,}") for state in order if state in entry.sick
    ]
    return sick or ([("good", SIGNS["good"])] if entry.files else [])


def language_name(language: str) -> str:
    """A language of :data:`assistant.types.Language` in a few letters."""
    return {"mixed": S.mixed, "other": S.other_language}.get(language, plain(language))


def spans(numbers: Sequence[int]) -> str:
    """``1, 3–5``: ascending numbers, neighbours joined."""
    joined: list[tuple[int, int]] = []
    for number in numbers:
        if joined and number == joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], number)
        else:
            joined.append((number, number))
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in joined)
