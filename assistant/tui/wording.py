"""Sentences that widgets share: what an answer rests on, what an ingestion did, what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.display import plain, plain_path
from assistant.errors import AssistantError
from assistant.tui.strings import S, counted
from assistant.types import Answer, Citation, IngestReport, Source


def error_text(error: AssistantError) -> str:
    """Message and hint, a line each."""
    return plain(f"{error.message}\n→ {error.hint}" if error.hint else error.message)


def answer_facts(answer: Answer) -> str:
    """The line beneath an answer: what it cites, who said it, how fast, and how it ended."""
    facts = []
    if answer.refused:
        facts.append(S.refused)
    if cited := len({citation.n for citation in answer.citations}):
        facts.append(counted(S.cited, cited))
    if answer.left_out:
        facts.append(counted(S.left_out, answer.left_out))
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


def answer_for_clipboard(
    text: str, sources: Sequence[Source], citations: Sequence[Citation]
) -> str:
    """An answer with the sources it cites beneath it."""
    cited = {citation.n for citation in citations}
    lines = [
        f"[{source.n}] {plain_path(source.path)} · {plain(source.place.label)}".rstrip(" ·")
        for source in sources
        if source.n in cited
    ]
    return "\n".join([plain(text), *([""] if lines else []), *lines])


def ingest_summary(report: IngestReport) -> str:
    """What an ingestion did, outcome by outcome, those that did not occur left out."""
    outcomes = (
        (S.new_files, report.indexed),
        (S.unchanged_files, report.unchanged),
        (S.skipped_files, report.skipped),
        (S.failed_files, report.failed),
        (S.removed_files, report.removed),
        (S.passages, report.nodes),
    )
    said = [counted(text, count) for text, count in outcomes if count]
    return " · ".join(said) or counted(S.unchanged_files, 0)
