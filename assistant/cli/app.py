"""The commands. Each gathers its arguments, asks the desk, and shows what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import assistant
from assistant.cli import asking, chats, evaluating, keeping, logs, models, render, settings, shapes
from assistant.cli.console import interactive, show, write
from assistant.cli.options import AsJson, open_desk
from assistant.errors import AssistantError

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
    from assistant import config

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
        asking.open_chat(context)


app.command()(asking.chat)
app.command()(keeping.ingest)
app.command()(asking.ask)
app.command()(asking.search)
app.command()(keeping.status)
app.command()(keeping.watch)
app.command()(keeping.remove)
app.add_typer(keeping.notebooks, name="notebooks")
app.add_typer(models.models, name="models")
app.add_typer(chats.chats, name="chats")
app.add_typer(settings.settings, name="settings")


app.command(name="eval")(evaluating.evaluate)
app.command()(logs.logs)


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check this machine: each line is ok, a warning, or how to mend it."""
    from assistant.cli.doctor import examine

    worst = "ok"
    lines = []
    with open_desk(context) as desk:
        for line in examine(desk):
            lines.append(line)
            worst = line.level if line.level == "error" else worst
            if not as_json:
                show(render.check(line))
    if as_json:
        write(shapes.dump({"checks": [shapes.plain_fields(line) for line in lines]}))
    if worst == "error":
        raise typer.Exit(1)
