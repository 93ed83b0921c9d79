"""Hits, answers and states as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assistant.cli import context
from assistant.display import count, plain, plain_path, size
from assistant.types import (
    Answer,
    Check,
    Citation,
    FileStatus,
    LibraryStatus,
    ModelState,
    Notebook,
    Retrieval,
    Root,
    Source,
)

if TYPE_CHECKING:
    from rich.markdown import Markdown

_PASSAGE_LINES = 6
_LEVELS = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "error": ("error", "red")}
_STATES = {"indexed": "green", "skipped": "dim", "failed": "red"}


def source_line(source: Source) -> Text:
    """``[1] notes/bert.md · p. 3 · Attention`` on one line."""
    line = Text(f"[{source.n}] ", style="bold cyan")
    line.append(plain_path(source.path, Path.cwd()), style="bold")
    if source.place.label:
        line.append(f" · {plain(source.place.label)}", style="default")
    return line


def passage(source: Source, citations: Sequence[Citation] = ()) -> Text:
    """The passage with the cited sentences emphasised, cut to a few lines around the first."""
    text = Text(source.text)
    for citation in citations:
        text.stylize("bold", citation.start, citation.end)
    lines = text.split("\n", allow_blank=False)
    used = [number for number, line in enumerate(lines) if line.spans]
    first = max(0, min(used[0] - 1, len(lines) - _PASSAGE_LINES)) if used else 0
    shown = [line for line in lines[first : first + _PASSAGE_LINES] if line.plain.strip()]
    result = Text("\n").join(_without_controls(line) for line in shown)
    if first > 0:
        result = Text("… ") + result
    if first + _PASSAGE_LINES < len(lines):
        result.append(" …")
    return result


def _without_controls(line: Text) -> Text:
    # Readers strip control characters already; a library written by other hands may not have.
    return line if plain(line.plain) == line.plain else Text(plain(line.plain))


def hits(retrieval: Retrieval) -> RenderableType:
    """Search results."""
    if not retrieval.sources:
        return Text("nothing in the notes resembles this query")
    blocks: list[RenderableType] = []
    for source in retrieval.sources:
        blocks.append(source_line(source))
        blocks.append(Padding(passage(source), (0, 0, 1, 4)))
    return Group(*blocks)


def answer(result: Answer) -> RenderableType:
    """The answer and, beneath it, every source with the sentences it lent."""
    asked = context.standalone(result.standalone)
    blocks: list[RenderableType] = [Text(asked, style="dim"), Text()] if asked else []
    blocks += [markdown(_marked(result)), Text()]
    if doubts := support(result):
        blocks += [*(Text(line, style="yellow") for line in doubts), Text()]
    if result.sources:
        heading = "Nearest passages" if result.refused else "Sources"
        blocks.append(Text(heading, style="bold underline"))
    for source in result.sources:
        used = [citation for citation in result.citations if citation.n == source.n]
        blocks.append(source_line(source))
        blocks.append(Padding(passage(source, used), (0, 0, 0, 4), style="" if used else "dim"))
    if told := context.omitted(result):
        blocks.append(Text(told, style="dim"))
    return Group(*blocks)


PARTIAL, UNSUPPORTED = "[~]", "[?]"
"""What stands behind a sentence that the notes bear out in part, and not at all."""


def _marked(result: Answer) -> str:
    return result.marked(partial=PARTIAL, unsupported=UNSUPPORTED)


def support(result: Answer) -> list[str]:
    """What to know of an answer that the notes do not wholly bear out; empty where they do."""
    lines = []
    partial, not_at_all = result.count("partial"), result.count("unsupported")
    if partial or not_at_all:
        whole = count(len(result.claims), "sentence")
        verb = "is" if 1 in (result.count("supported"), len(result.claims)) else "are"
        told = [f"{result.count('supported')} of {whole} {verb} borne out by your notes"]
        told += [f"{PARTIAL} in part: {partial}"] if partial else []
        told += [f"{UNSUPPORTED} not: {not_at_all}"] if not_at_all else []
        lines.append(" · ".join(told))
    faults = [fault for claim in result.claims for fault in claim.faults]
    if missing := dict.fromkeys(plain(fault.text) for fault in faults if fault.text):
        lines.append(f"{UNSUPPORTED} not in your notes: {', '.join(missing)}")
    if any(fault.kind == "negation" for fault in faults):
        lines.append(f"{UNSUPPORTED} your notes say the opposite, or do not deny it")
    if not result.in_language:
        lines.append("the model did not answer in the language of the question, asked twice")
    return lines


def growing(
    text: str, sources: Sequence[Source], quoted: Sequence[Citation] = ()
) -> RenderableType:
    """What is known while an answer is being made: its evidence, then its text so far.

    Until there is text, ``quoted``: what the notes themselves say that comes nearest.
    """
    blocks: list[RenderableType] = [source_line(source) for source in sources]
    if text:
        blocks += [Text(), markdown(text)]
    elif quoted:
        blocks.append(Text())
        for citation in quoted:
            line = Text(f"“{' '.join(plain(citation.text).split())}”", style="italic")
            line.append(f" [{citation.n}]", style="bold cyan")
            blocks.append(Padding(line, (0, 0, 0, 4)))
    return Group(*blocks)


def answer_text(result: Answer) -> str:
    """The same for a pipe: plain lines, no colour, no wrapping."""
    asked = context.standalone(result.standalone)
    lines = [asked, ""] if asked else []
    lines += [plain(_marked(result)), ""]
    if told := support(result):
        lines += [*told, ""]
    if result.sources:
        lines.append("Nearest passages:" if result.refused else "Sources:")
    for source in result.sources:
        lines.append(source_line(source).plain)
        used = [citation for citation in result.citations if citation.n == source.n]
        lines += [f"    {line}" for line in passage(source, used).plain.splitlines()]
    lines += [unfit] if (unfit := context.omitted(result)) else []
    return "\n".join(lines)


def markdown(text: str) -> Markdown:
    """Model output as Markdown; its links are shown as text and lead nowhere."""
    from rich.markdown import Markdown  # with its parser the slowest import, and only for answers

    return Markdown(plain(text), hyperlinks=False)


def timing(result: Answer) -> Text:
    """Model, time to first token, rate: one dim line."""
    time = result.timing
    parts = [result.model] if result.model else []
    parts.append(f"evidence {time.retrieval:.2f} s")
    if time.first_token is not None:
        parts.append(f"first token {time.first_token:.1f} s")
    if time.tokens_per_second is not None:
        parts.append(f"{time.tokens_per_second:.1f} tokens/s")
    parts.append(f"{time.total:.1f} s in all")
    return Text(" · ".join(parts), style="dim")


def status(
    state: LibraryStatus, roots: Sequence[Root] = (), writer: ModelState | None = None
) -> RenderableType:
    """``assistant status``; ``writer`` is the language model."""
    table = _pairs()
    table.add_row("library", plain_path(state.folder))
    table.add_row("documents", f"{state.documents:,}")
    embedded = f"{state.embedded / state.nodes:.0%} embedded" if state.nodes else "none yet"
    table.add_row("passages", f"{state.nodes:,} ({embedded})")
    table.add_row("index", state.index_type)
    table.add_row("embedding", state.embedding_model or "none yet")
    if writer is not None:
        table.add_row("answers", _writer(writer))
    table.add_row("chats", f"{state.chats:,}")
    table.add_row("on disk", size(state.size))
    blocks: list[RenderableType] = [table]
    if roots:
        blocks += [Text(), Text("folders", style="bold"), *map(root_line, roots)]
    if state.failed:
        blocks += [Text(), Text("failed files", style="bold red"), files(state.failed)]
    return Group(*blocks)


def _writer(model: ModelState) -> Text:
    text = Text(plain(model.name))
    if model.endpoint:
        text.append(f" at {plain(model.endpoint)}")
    if model.leaves_machine:
        text.append(f"; {model.hint}", style="yellow")
    return text


def root_line(root: Root) -> Text:
    """A folder that is kept in step, what it holds, and since when that holds."""
    line = Text("  ")
    line.append(plain_path(root.path), style="default")
    told = [count(root.documents, "file"), count(root.nodes, "passage")]
    if root.watched:
        told.append("watched")
    told.append(f"in step {local_time(root.synced_at)}" if root.synced_at else "not yet complete")
    told += [f"only {plain(pattern)}" for pattern in root.include]
    told += [f"without {plain(pattern)}" for pattern in root.exclude]
    line.append(f"  {' · '.join(told)}", style="dim")
    return line


def notebooks(found: Iterable[Notebook]) -> RenderableType:
    """``assistant notebooks``: each with its members beneath."""
    blocks: list[RenderableType] = []
    for notebook in found:
        line = Text(f"#{plain(notebook.name)}", style="bold cyan")
        held = f"{count(notebook.documents, 'file')}, {count(notebook.nodes, 'passage')}"
        line.append(f"  {held}", style="not bold default")
        blocks.append(line)
        blocks += [Text(f"    {plain_path(path)}", style="dim") for path in notebook.paths]
    return Group(*blocks)


def files(states: Iterable[FileStatus]) -> RenderableType:
    """One line a file: state, passages, language, when, name; what is amiss beside the name."""
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    table.add_column()
    table.add_column(overflow="fold")
    for file in states:
        if file.format == "archive" and file.state == "indexed":
            continue  # its members have lines of their own
        name = Text(plain_path(file.path, Path.cwd()))
        if file.unread:
            name.append(f": no text on {pages(file.unread)} of {file.pages}", style="yellow")
        if file.reason:
            name.append(f": {plain(file.reason)}", style="dim")
        if file.hint:
            name.append(f" → {plain(file.hint)}", style="dim")
        table.add_row(
            Text(file.state, style=_STATES[file.state]),
            f"{file.nodes:,}" if file.nodes else "",
            file.language,
            local_time(file.indexed_at),
            name,
        )
    return table


def pages(numbers: Sequence[int]) -> str:
    """``pages 2–4, 9``: runs drawn together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [str(first) if first == last else f"{first}–{last}" for first, last in runs]
    return f"{'page' if len(numbers) == 1 else 'pages'} {', '.join(told)}"


def local_time(stamp: str) -> str:
    """An ISO 8601 time in UTC, as the clock on the wall shows it, to the minute."""
    if not stamp:
        return ""
    return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M")


def models(states: Iterable[ModelState]) -> RenderableType:
    """``assistant models``: the active one of each task is marked ●; places on a line below."""
    blocks: list[RenderableType] = []
    for model in states:
        if model.endpoint:
            state = Text("served", style="yellow" if model.leaves_machine else "green")
        elif model.converted:
            state = Text("ready", style="green")
        elif model.installed:
            state = Text("installed, prepared at first use", style="yellow")
        elif model.source == "model hub":
            state = Text("by its hub id", style="yellow")
        else:
            state = Text("missing", style="red" if model.active else "dim")
        line = Text("● " if model.active else "  ", style="cyan")
        line.append(plain(model.name), style="bold default")
        line.append(f"  {model.task}  ", style="default")
        line.append_text(state)
        told = [size(model.size)] if model.size else []
        line.append(f"  {'  '.join([*told, plain(model.licence)])}", style="default")
        blocks.append(line)
        where = [plain(model.source), f"revision {plain(model.revision)}" if model.revision else ""]
        if model.location:
            where.append(plain_path(model.location))
        blocks += [Padding(Text(text, style="dim"), (0, 0, 0, 4)) for text in where if text]
        if model.hint:
            blocks.append(Padding(Text(f"→ {plain(model.hint)}", style="dim"), (0, 0, 0, 4)))
    return Group(*blocks)


def check(line: Check) -> Text:
    """One line of ``assistant doctor``."""
    word, colour = _LEVELS[line.level]
    text = Text(f"{word:<8}", style=colour)
    text.append(f"{plain(line.name)}: ", style="bold")
    text.append(plain(line.detail), style="default")
    if line.hint and line.level != "ok":
        text.append(f"\n        → {plain(line.hint)}", style="dim")
    return text


def _pairs() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    return table
