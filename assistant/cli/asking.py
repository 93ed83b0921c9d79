"""Commands that put a question to the notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.text import Text

from assistant.cli import context as context_of, explaining, render, shapes
from assistant.cli.console import err, interactive, notice, out, show, stop_on_interrupt, write
from assistant.cli.keeping import ingest
from assistant.cli.options import (
    AsJson,
    Excluded,
    InNotebook,
    InPaths,
    Pinned,
    TopK,
    open_desk,
    scope_of,
)
from assistant.errors import AssistantError
from assistant.types import (
    EVERYTHING,
    Answer,
    Answered,
    Citation,
    QueryEvent,
    Quoted,
    Retrieved,
    Scope,
    Source,
    Summarising,
    Thinking,
    Token,
)

_BY_RULE = ("which_file", "code")
"""Kinds of question that are answered by sentences of the notes though there is a model."""


def open_chat(context: typer.Context, scope: Scope = EVERYTHING, *, linear: bool = False) -> None:
    """The terminal interface, until the user leaves it."""
    from assistant.tui import run

    settings = context.obj
    if linear:
        interface = replace(settings.interface, linear=True)
        settings = replace(settings, interface=interface)
    run(settings, scope=scope)


def chat(
    context: typer.Context,
    notes: Annotated[
        Path | None,
        typer.Option(help="Ingest this file or folder first, if the library is empty."),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option("--ask", help="Asked instead, and answered, where there is no terminal."),
    ] = None,
    notebook: InNotebook = "",
    within: InPaths = None,
    linear: Annotated[
        bool,
        typer.Option(
            "--linear", help="For screen readers: line after line, nothing drawn or moved."
        ),
    ] = False,
) -> None:
    """Open the chat."""
    with open_desk(context) as desk:
        empty = notes is not None and desk.status().documents == 0
    if notes is not None and empty:
        ingest(context, [notes])
    linear = linear or context.obj.interface.linear
    if interactive() or (linear and question is None):
        with open_desk(context) as desk:
            scope = scope_of(desk, notebook, within)
        open_chat(context, scope, linear=linear)
    elif question is not None:
        ask(context, question, notebook=notebook, within=within)
    else:
        raise AssistantError("the chat needs a terminal", 'ask in one line: assistant ask "…"')


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="In Korean or English; quote it.")],
    notebook: InNotebook = "",
    within: InPaths = None,
    pin: Pinned = None,
    exclude: Excluded = None,
    wider: Annotated[
        bool,
        typer.Option("--wider", help="More passages, and an answer on less: after a refusal."),
    ] = False,
    top_k: TopK = None,
    quote: Annotated[
        bool,
        typer.Option("--quote", "-q", help="Only the best sentences, word for word; no model."),
    ] = False,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Print the answer when it is whole.")
    ] = False,
    explain_context: Annotated[
        bool,
        typer.Option("--explain-context", help="Tell what the prompt held, in tokens by part."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the notes, with its sources.

    When the notes hold no answer, that is said and the nearest passages are shown.
    """
    with open_desk(context) as desk, stop_on_interrupt("stopping; what came is kept") as stop:
        scope = replace(scope_of(desk, notebook, within, pin, exclude), wider=wider)
        live = out.is_terminal and not no_stream and not as_json
        if quote:
            events = desk.quote(question, top_k=top_k, scope=scope)
        else:
            events = desk.ask(question, top_k=top_k, scope=scope, stop=stop)
        answer = _follow(events, live=live)
        if as_json:
            write(shapes.dump(shapes.ask(answer)))
        elif out.is_terminal:
            out.print(render.answer(answer))
            err.print(render.timing(answer))
        else:
            write(render.answer_text(answer))
        if answer.refused and answer.sources and not (wider or quote or as_json):
            notice("search wider: the same with --wider")
        if explain_context and not as_json:
            notice(context_of.use(answer.context) or "no model was asked, so there was no prompt")
        if answer.finish == "quoted" and not quote and answer.kind not in _BY_RULE:
            notice("no language model is installed, so these are sentences of your notes")
            notice("  → `assistant models` tells what to install")
        if stop.is_set():
            raise typer.Exit(130)


def _follow(events: Iterator[QueryEvent], *, live: bool) -> Answer:
    """Run the question to its end; with ``live`` the evidence and the growing answer are shown."""
    sources: tuple[Source, ...] = ()
    text = step = ""
    quoted: tuple[Citation, ...] = ()
    answer: Answer | None = None
    with (
        Live(console=out, transient=True, auto_refresh=False, vertical_overflow="ellipsis")
        if live
        else _Silent() as screen
    ):
        for event in events:
            match event:
                case Retrieved():
                    sources = event.retrieval.sources
                    if not live and err.is_terminal:
                        for source in sources:
                            err.print(render.source_line(source))
                case Quoted():
                    quoted = event.citations
                case Summarising():
                    step = context_of.progress(event)
                    if not live:
                        notice(step)
                case Thinking():
                    step = context_of.THINKING
                    if not live:
                        notice(step)
                case Token():
                    step = step if step != context_of.THINKING else ""
                    text += event.text
                case Answered():
                    step = ""
                    answer = event.answer
            grown = render.growing(text, sources, quoted)
            screen.update(Group(grown, Text(step, style="dim")) if step else grown, refresh=True)
    if answer is None:
        raise AssistantError("the question was not answered", "this is a fault; please report it")
    return answer


class _Silent:
    """Stands where a live display would."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, renderable: object, *, refresh: bool) -> None:
        return None


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    notebook: InNotebook = "",
    within: InPaths = None,
    top_k: TopK = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show why: rank and score of each leg, words, nearest sentence."
        ),
    ] = False,
    expect: Annotated[
        Path | None,
        typer.Option("--expect", help="Tell what became of this file instead.", metavar="PATH"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find passages; no language model is involved."""
    with open_desk(context) as desk:
        scope = scope_of(desk, notebook, within)
        if expect is not None:
            k = top_k or desk.settings.retrieval.similarity_top_k
            result = desk.expect(query, expect, top_k=top_k, scope=scope)
            if as_json:
                write(shapes.dump(explaining.expectation_shape(result)))
            else:
                show(explaining.expectation(result, k))
            return
        retrieval = desk.search(query, top_k=top_k, scope=scope)
        if not explain:
            if as_json:
                write(shapes.dump(shapes.search(retrieval)))
            else:
                show(render.hits(retrieval))
            return
        found = desk.explain(query, retrieval.sources, top_k=top_k, scope=scope)
        if as_json:
            shape = shapes.search(retrieval) | explaining.explanation_shape(found)
            write(shapes.dump(shape))
        else:
            show(explaining.explanation(found))
