"""The commands. Each gathers its arguments, asks the desk, and shows what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.live import Live

import assistant
from assistant import config
from assistant.cli import render, shapes
from assistant.cli.console import err, interactive, notice, out, show, stop_on_interrupt, write
from assistant.cli.progress import EvaluationView, IngestView, ModelBar
from assistant.desk import Desk
from assistant.errors import AssistantError
from assistant.types import Answer, Answered, Retrieved, Source, Token

app = typer.Typer(
    name="assistant",
    help="Ask your own notes, in Korean and English, on your own machine.\n\n"
    "Without a command the chat opens. Start with: [bold]assistant ingest ~/notes[/bold]",
    no_args_is_help=False,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
TopK = Annotated[
    int | None, typer.Option("--top-k", "-k", min=1, max=50, help="How many passages.")
]


def _show_version(wanted: bool) -> None:
    if wanted:
        write(f"assistant {assistant.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def entry(
    context: typer.Context,
    library: Annotated[
        Path | None,
        typer.Option("--library", "-l", help="Folder of the library to use, instead of yours."),
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Load the settings once; open the chat when no command is given."""
    overrides: dict[str, Any] = {}
    if library is not None:
        overrides["library"] = library.expanduser().absolute()
    context.obj = config.load(**overrides)
    if context.invoked_subcommand is None:
        if not interactive():
            raise AssistantError(
                "the chat needs a terminal",
                'ask in one line instead: assistant ask "…" (assistant --help lists all)',
            )
        from assistant.tui import run

        run(context.obj)


@contextmanager
def _desk(context: typer.Context) -> Iterator[Desk]:
    """A desk that shows on stderr how models are prepared when one has to be."""
    with ModelBar() as bar:
        desk = Desk(context.obj, progress=bar, notice=notice)
        try:
            yield desk
        finally:
            desk.close()


@app.command()
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
) -> None:
    """Open the chat."""
    if notes is not None:
        desk = Desk(context.obj)
        try:
            empty = desk.status().documents == 0
        finally:
            desk.close()
        if empty:
            ingest(context, [notes])
    if interactive():
        from assistant.tui import run

        run(context.obj)
    elif question is not None:
        ask(context, question)
    else:
        raise AssistantError("the chat needs a terminal", 'ask in one line: assistant ask "…"')


@app.command()
def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders of notes.")],
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Name every file, skipped ones too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read notes into the library, or bring it up to date with them.

    Files that did not change are not opened; files that are gone from a folder leave the library.
    What is hidden, ignored by .gitignore or .assistantignore, or not text, is skipped.
    """
    folders = [path.expanduser().absolute() for path in paths]
    stopping = "stopping after the file or batch in hand (Ctrl-C again breaks off)"
    with _desk(context) as desk, stop_on_interrupt(stopping) as stop:
        events = desk.ingest(folders, stop=stop)
        if as_json:
            for fact in events:
                write(shapes.dump(shapes.event(fact), indent=None))
        else:
            IngestView(verbose=verbose).follow(events)
        if stop.is_set():
            raise typer.Exit(130)


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="In Korean or English; quote it.")],
    top_k: TopK = None,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Print the answer when it is whole.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the notes, with its sources.

    When the notes hold no answer, that is said and the nearest passages are shown.
    """
    with _desk(context) as desk, stop_on_interrupt("stopping; what came is kept") as stop:
        live = out.is_terminal and not no_stream and not as_json
        answer = _follow(desk, question, top_k, stop, live=live)
        if as_json:
            write(shapes.dump(shapes.ask(answer)))
        elif out.is_terminal:
            out.print(render.answer(answer))
            err.print(render.timing(answer))
        else:
            write(render.answer_text(answer))
        if stop.is_set():
            raise typer.Exit(130)


def _follow(desk: Desk, question: str, top_k: int | None, stop: Any, *, live: bool) -> Answer:
    """Run the question to its end; with ``live`` the evidence and the growing answer are shown."""
    sources: tuple[Source, ...] = ()
    text = ""
    answer: Answer | None = None
    with (
        Live(console=out, transient=True, auto_refresh=False, vertical_overflow="ellipsis")
        if live
        else _Silent() as screen
    ):
        for event in desk.ask(question, top_k=top_k, stop=stop):
            match event:
                case Retrieved():
                    sources = event.retrieval.sources
                    if not live and err.is_terminal:
                        for source in sources:
                            err.print(render.source_line(source))
                case Token():
                    text += event.text
                case Answered():
                    answer = event.answer
            screen.update(render.growing(text, sources), refresh=True)
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


@app.command()
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    top_k: TopK = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show rank and score of each leg.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find passages; no language model is involved."""
    with _desk(context) as desk:
        retrieval = desk.search(query, top_k=top_k)
        if as_json:
            write(shapes.dump(shapes.search(retrieval)))
        else:
            show(render.hits(retrieval, explain=explain))


@app.command(name="eval")
def evaluate(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(help="Notes with a questions.jsonl (try data/), or a BEIR folder.")
    ],
    retrieval_only: Annotated[
        bool, typer.Option("--retrieval-only", help="Leave the language model out.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="Ask that many, drawn at random.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval and answers on questions whose answers are known.

    The folder gets a library of its own; yours is not touched. Every figure comes with its 95%
    confidence interval where one can be drawn; --json has each question with its verdict.
    """
    with _desk(context) as desk:
        report = EvaluationView().follow(
            desk.evaluate(folder.expanduser(), answers=not retrieval_only, limit=limit)
        )
        if as_json:
            write(shapes.dump(report.to_json()))
        else:
            write("\n\n".join(table.text() for table in report.tables()))


@app.command()
def status(
    context: typer.Context,
    files: Annotated[bool, typer.Option("--files", help="List every file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what the library holds, and what could not be read."""
    with _desk(context) as desk:
        state = desk.status()
        listed = desk.files() if files else []
        active: dict[str, str] = {model.task: model.name for model in desk.models() if model.active}
        if as_json:
            write(shapes.dump(shapes.status(state, listed if files else None, active)))
            return
        show(render.status(state))
        if files:
            write("")
            show(render.files(listed))
        elif state.documents == 0:
            notice("nothing is ingested yet → assistant ingest ~/notes")


@app.command()
def models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models: what is there, what is active (●), where it lives."""
    with _desk(context) as desk:
        states = desk.models()
        if as_json:
            write(shapes.dump({"models": [shapes.plain_fields(state) for state in states]}))
        else:
            show(render.models(states))


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check this machine: each line is ok, a warning, or how to mend it."""
    from assistant.cli.doctor import examine

    worst = "ok"
    lines = []
    with _desk(context) as desk:
        for line in examine(desk):
            lines.append(line)
            worst = line.level if line.level == "error" else worst
            if not as_json:
                show(render.check(line))
    if as_json:
        write(shapes.dump({"checks": [shapes.plain_fields(line) for line in lines]}))
    if worst == "error":
        raise typer.Exit(1)
