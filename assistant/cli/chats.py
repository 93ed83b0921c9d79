"""``assistant chats``: earlier conversations, listed, searched, exported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from assistant.cli import shapes
from assistant.cli.console import notice, show, write
from assistant.cli.options import AsJson, open_desk
from assistant.display import count, plain, plain_path
from assistant.types import Chat, ChatHit

chats = typer.Typer(
    help="Earlier chats: list, search, rename, pin, delete and export them.",
    invoke_without_command=True,
)

_LONGEST_LINE = 160  # characters of an answer

Number = Annotated[int, typer.Argument(help="The chat's number in the list.", metavar="NUMBER")]


@chats.callback()
def list_chats(context: typer.Context, as_json: AsJson = False) -> None:
    """List chats: pinned ones first, then the last used."""
    if context.invoked_subcommand:
        return
    with open_desk(context) as desk:
        found = desk.chats()
        if as_json:
            write(shapes.dump({"chats": [asdict(chat) for chat in found]}))
            return
        if found:
            show(_table(found))
        else:
            notice("no chats yet; `assistant` opens one")


@chats.command()
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="Words of a question, an answer or a title.")],
    words: Annotated[
        bool, typer.Option("--words", help="By words alone, without the embedding model.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find what was asked before, by words and by meaning."""
    with open_desk(context) as desk:
        hits = desk.find_chats(query, by_meaning=not words)
        if as_json:
            write(shapes.dump({"query": query, "hits": [asdict(hit) for hit in hits]}))
            return
        if hits:
            show(_hits(hits))
        else:
            notice("nothing was asked about that")


@chats.command()
def export(
    context: typer.Context,
    number: Number,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", "-o", help="File (.md or .json) or folder; none: here, under its title."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a chat with its citations to a file; with --json to standard output."""
    with open_desk(context) as desk:
        if as_json and to is None:
            from assistant.desk.exporting import to_json

            chat = desk.library.history.chat(number)
            sys.stdout.write(to_json(chat, desk.turns(number)))
            return
        file = desk.export_chat(number, (to or Path.cwd()).expanduser().absolute())
        if as_json:
            write(shapes.dump({"file": file}))
        else:
            notice(f"written: {plain_path(file, Path.cwd())}")


@chats.command()
def rename(
    context: typer.Context,
    number: Number,
    title: Annotated[str, typer.Argument(help="The new title.")],
) -> None:
    """Give a chat another title."""
    with open_desk(context) as desk:
        desk.rename_chat(number, title)


@chats.command()
def pin(
    context: typer.Context,
    number: Number,
    off: Annotated[bool, typer.Option("--off", help="No longer.")] = False,
) -> None:
    """Keep a chat above the others."""
    with open_desk(context) as desk:
        desk.pin_chat(number, not off)


@chats.command()
def delete(context: typer.Context, number: Number) -> None:
    """Delete a chat; `assistant chats restore` takes it back for a day."""
    with open_desk(context) as desk:
        chat = desk.library.history.chat(number)
        desk.delete_chat(number)
        notice(f"deleted: {chat.title}")
        notice(f"  → `assistant chats restore {number}` takes it back within a day")


@chats.command()
def restore(context: typer.Context, number: Number) -> None:
    """Take back a chat that was deleted within the last day."""
    with open_desk(context) as desk:
        desk.restore_chat(number)
        notice("it is back")


def _table(found: Sequence[Chat]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold cyan")
    table.add_column(overflow="fold")
    table.add_column(justify="right", style="dim")
    table.add_column(style="dim")
    for chat in found:
        title = f"{'★ ' if chat.pinned else ''}{_line(chat.title)}"
        turns = count(chat.turns, "question")
        table.add_row(str(chat.id), Text(title), turns, _day(chat.updated))
    return table


def _hits(hits: Sequence[ChatHit]) -> RenderableType:
    blocks: list[RenderableType] = []
    for hit in hits:
        head = Text(f"{hit.chat.id}", style="bold cyan")
        head.append(f"  {_line(hit.chat.title)}", style="bold default")
        head.append(f"  question {hit.turn} · {_day(hit.chat.updated)}", style="not bold dim")
        blocks.append(head)
        said = [hit.question] if hit.question != hit.chat.title else []
        said += [hit.answer] if hit.answer else []
        blocks += [Text(f"   {_shortened(text)}") for text in said]
    return Group(*blocks)


def _shortened(text: str) -> str:
    line = _line(text)
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE].rstrip()}…"


def _line(text: str) -> str:
    return " ".join(plain(text).split())


def _day(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"
