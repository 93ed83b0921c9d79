"""Commands that keep the library: take notes in, watch them, sort them, let go of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import render, shapes
from assistant.cli.console import interactive, notice, show, stop_on_interrupt, write
from assistant.cli.options import AsJson, absolute, open_desk
from assistant.cli.progress import IngestView, WatchView
from assistant.display import count, plain_path
from assistant.errors import AssistantError

_STOPPING = "stopping after the file or batch in hand (Ctrl-C again breaks off)"

Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Name every file, skipped ones too.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders of notes; none: all that was ingested before."),
    ] = None,
    notebook: Annotated[
        str, typer.Option("--notebook", "-b", help="Put them into this notebook.", metavar="NAME")
    ] = "",
    include: Annotated[
        list[str] | None,
        typer.Option(help="Read only what this pattern names, as in .gitignore; repeatable."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Pass by what this pattern names; repeatable.")
    ] = None,
    retry: Annotated[
        bool,
        typer.Option("--retry", help="Try again what could not be read, and pages without text."),
    ] = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Read notes into the library, or bring it up to date with them.

    Files that did not change are not opened; files that are gone from a folder leave the library.
    What is hidden, ignored by .gitignore or .assistantignore, or no kind of file that is read, is
    skipped. Patterns are kept with the folder for the next time; --include '' or --exclude ''
    takes them away.
    """
    with open_desk(context) as desk, stop_on_interrupt(_STOPPING) as stop:
        events = desk.ingest(
            absolute(paths),
            notebook=notebook,
            include=None if include is None else [text for text in include if text],
            exclude=None if exclude is None else [text for text in exclude if text],
            retry=retry,
            stop=stop,
        )
        if as_json:
            for fact in events:
                write(shapes.dump(shapes.event(fact), indent=None))
        else:
            IngestView(verbose=verbose).follow(events)
        if stop.is_set():
            waiting = desk.library.count_pending()
            left = f"; {count(waiting, 'passage')} wait to be embedded" if waiting else ""
            notice(f"  → what was done is kept; the same command goes on from here{left}")
            raise typer.Exit(130)


def watch(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of notes; none: those that are being watched in the chat."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep folders in step with the library until Ctrl-C: what changes is taken in at once."""
    with open_desk(context) as desk, stop_on_interrupt("stopping") as stop:
        folders = absolute(paths)
        if not folders and not any(root.watched for root in desk.roots()):
            raise AssistantError("no folder is being watched", "name one: assistant watch ~/notes")
        events = desk.watch(folders, stop=stop)
        if as_json:
            for fact in events:
                write(shapes.dump(shapes.event(fact), indent=None))
        else:
            WatchView().follow(events)


def remove(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A file or folder that was ingested.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Forget notes: their passages leave the library; the files themselves are not touched.

    A folder is no longer kept in step. Something within a folder is passed by from now on, until
    it is ingested by name.
    """
    (target,) = absolute([path])
    with open_desk(context) as desk:
        known = desk.library.documents_beneath(target)
        if known and not yes:
            if not interactive():
                raise AssistantError("nothing was removed", "say --yes where nobody can be asked")
            asked = f"Forget {count(len(known), 'file')} of {plain_path(target)}?"
            typer.confirm(asked, abort=True)
        gone = desk.remove(target)
        if as_json:
            write(shapes.dump({"removed": gone}))
        else:
            notice(f"{count(len(gone), 'file')} left the library; none was deleted from disk")


def status(
    context: typer.Context,
    files: Annotated[bool, typer.Option("--files", help="List every file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what the library holds, and what could not be read."""
    with open_desk(context) as desk:
        state = desk.status()
        roots = desk.roots()
        listed = desk.files() if files else None
        active = [model for model in desk.models() if model.active]
        if as_json:
            write(shapes.dump(shapes.status(state, roots, desk.notebooks(), listed, active)))
            return
        writer = next((model for model in active if model.task == "generation"), None)
        # Where every file is listed, those that failed need not be listed before.
        told = state if listed is None else replace(state, failed=())
        show(render.status(told, roots, writer))
        if listed is not None:
            write("")
            show(render.files(listed))
        elif state.documents == 0:
            notice("nothing is ingested yet → assistant ingest ~/notes")


notebooks = typer.Typer(
    help="Collections of notes: ask within one with --notebook NAME.", no_args_is_help=False
)


@notebooks.callback(invoke_without_command=True)
def list_notebooks(context: typer.Context, as_json: AsJson = False) -> None:
    """List the notebooks and what they hold."""
    if context.invoked_subcommand is not None:
        return
    with open_desk(context) as desk:
        found = desk.notebooks()
        if as_json:
            write(shapes.dump({"notebooks": [shapes.plain_fields(each) for each in found]}))
        elif found:
            show(render.notebooks(found))
        else:
            notice("there is no notebook yet → assistant ingest FOLDER --notebook NAME")


@notebooks.command("add")
def add_to_notebook(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The notebook; made if there is none.")],
    paths: Annotated[list[Path], typer.Argument(help="Folders and files of the library.")],
) -> None:
    """Put folders and files into a notebook, also what will be added to the folders later."""
    with open_desk(context) as desk:
        members = absolute(paths)
        desk.scope(paths=members)  # each is one that the library knows
        desk.add_to_notebook(name, members)


@notebooks.command("take")
def take_from_notebook(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The notebook.")],
    paths: Annotated[list[Path], typer.Argument(help="Folders and files, as they were added.")],
) -> None:
    """Take folders and files out of a notebook; they stay in the library."""
    with open_desk(context) as desk:
        taken = desk.take_from_notebook(name, absolute(paths))
        if not taken:
            raise AssistantError(
                f"none of these was added to {name} as such", "`assistant notebooks` lists all"
            )


@notebooks.command("delete")
def delete_notebook(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The notebook.")],
) -> None:
    """Forget a notebook; its notes stay in the library."""
    with open_desk(context) as desk:
        desk.delete_notebook(name)
