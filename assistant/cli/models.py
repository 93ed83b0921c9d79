"""``assistant models``: what is there, and which of them to use."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.cli import render, shapes
from assistant.cli.console import notice, show, write
from assistant.cli.options import AsJson, open_desk
from assistant.display import count, plain_path

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.models.choosing import Choice

models = typer.Typer(
    help="The models: what is there, which are active, and use of another.", no_args_is_help=False
)


class Task(StrEnum):
    """What a model is used for."""

    ANSWER = "answer"
    EMBEDDING = "embedding"


_TASKS: dict[Task, Literal["embedding", "generation"]] = {
    Task.ANSWER: "generation",
    Task.EMBEDDING: "embedding",
}


@models.callback(invoke_without_command=True)
def list_models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models: what is there, what is active (●), where it lives."""
    if context.invoked_subcommand is not None:
        return
    with open_desk(context) as desk:
        states = desk.models()
        if as_json:
            write(shapes.dump({"models": [shapes.plain_fields(state) for state in states]}))
        else:
            show(render.models(states))


@models.command("use")
def use(
    context: typer.Context,
    model: Annotated[
        str,
        typer.Argument(
            help="A name that `assistant models` lists, auto, a folder, a .gguf file, a hub id "
            "(org/name), or the URL of an OpenAI-compatible endpoint (URL#MODEL).",
            metavar="NAME|PATH|URL",
        ),
    ],
    task: Annotated[
        Task | None, typer.Option("--task", help="What it is for; else what it is made for.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Use another model from now on: it is looked for, then written into your settings file."""
    with open_desk(context) as desk:
        choice = desk.choose_model(model, _TASKS[task] if task else None)
        change = desk.keep_model(choice)
        before = change.before or f"{_default(change.key)} (the default)"
        notes = [*choice.notes, *_consequences(desk, choice, changed=change.before != change.after)]
        if change.overridden:
            notes.append(f"{change.overridden} is set and wins over the file: unset it")
    if as_json:
        told = {
            "setting": change.key,
            "before": change.before,
            "after": change.after,
            "file": change.file,
            "notes": notes,
        }
        write(shapes.dump(told))
        return
    write(f"{change.key}: {before} → {change.after}")
    notice(f"in {plain_path(change.file)}")
    for note in notes:
        notice(f"  {note}")


def _default(key: str) -> str:
    from assistant.config import ModelSettings

    return str(getattr(ModelSettings(), key.removeprefix("models.")))


def _consequences(desk: Desk, choice: Choice, *, changed: bool) -> list[str]:
    library = desk.settings.library
    if choice.task != "embedding" or not changed or not library.exists():
        return []
    state = desk.status()
    if not state.embedded or state.embedding_model == choice.setting:
        return []
    return [
        f"{plain_path(library)} holds {count(state.embedded, 'passage')} embedded by "
        f"{state.embedding_model}; they cannot be searched with another model",
        "your notes have to be embedded again, into a library of their own: "
        "assistant --library NEW_FOLDER ingest YOUR_NOTES (then set `library` to it)",
        f"or go back: assistant models use {state.embedding_model}",
    ]
