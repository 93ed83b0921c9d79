"""``assistant settings``: what can be set, what it is, and changing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from assistant.cli import shapes
from assistant.cli.console import notice, show, write
from assistant.cli.options import AsJson, open_desk
from assistant.display import plain, plain_path
from assistant.settings_file import Change
from assistant.settings_list import as_text
from assistant.types import Setting

settings = typer.Typer(
    help="List settings with what they mean, and change them.", invoke_without_command=True
)

Key = Annotated[str, typer.Argument(help="As listed: answer.sources", metavar="KEY")]


@settings.callback()
def list_settings(
    context: typer.Context,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only those that are not as they come.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List every setting, its value and what it means; what you set stands out."""
    if context.invoked_subcommand:
        return
    with open_desk(context) as desk:
        listed = desk.list_settings()
        if changed:
            listed = [each for each in listed if each.origin != "default"]
        if as_json:
            write(shapes.dump({"settings": [asdict(each) for each in listed]}))
        elif listed:
            show(_listing(listed))
        else:
            notice("every setting is as it comes")


@settings.command(name="set")
def set_one(
    context: typer.Context,
    key: Key,
    value: Annotated[str, typer.Argument(help="The value; lists with commas: '*.md, *.pdf'.")],
) -> None:
    """Change a setting in the settings file; all else in it stays as it was written."""
    with open_desk(context) as desk:
        _tell(desk.change_setting(key, value))


@settings.command()
def reset(context: typer.Context, key: Key) -> None:
    """Let a setting be what it comes as."""
    with open_desk(context) as desk:
        _tell(desk.change_setting(key, None))


@settings.command()
def keys(as_json: AsJson = False) -> None:
    """List what in the chat can have a key of your own.

    assistant settings set interface.keys 'chat.new=f10, chat.library=f12'
    """
    from assistant.tui.app import AssistantApp  # noqa: F401 - brings every screen along
    from assistant.tui.keymap import known

    listed = known().values()
    if as_json:
        write(shapes.dump({"keys": [each._asdict() for each in listed]}))
        return
    table = Table.grid(padding=(0, 2))
    for each in listed:
        table.add_row(Text(each.id, style="bold cyan"), each.keys, Text(each.does, style="dim"))
    show(table)


def _tell(change: Change) -> None:
    value = "as it comes" if change.after is None else as_text(change.after)
    notice(f"{change.key}: {value} ({plain_path(change.file)})")
    if change.overridden:
        notice(f"  → {change.overridden} is set and wins over the file: unset it")


def _listing(listed: Iterable[Setting]) -> RenderableType:
    blocks: list[RenderableType] = []
    for section, members in groupby(listed, lambda each: each.key.partition(".")[0]):
        blocks.append(Text(f"[{section}]", style="bold"))
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=20, no_wrap=True)
        table.add_column(overflow="fold", max_width=34)
        table.add_column(overflow="fold", style="dim")
        for each in members:
            name = each.key.partition(".")[2]
            style = "default" if each.origin == "default" else "bold cyan"
            table.add_row(f"  {name}", Text(plain(each.value) or "–", style=style), _meaning(each))
        blocks.append(table)
    return Group(*blocks)


def _meaning(setting: Setting) -> str:
    said = [setting.help]
    if setting.choices:
        said.append(f"One of {', '.join(setting.choices)}.")
    if setting.origin != "default":
        said.append(f"By default {setting.default or 'nothing'}; set in the {setting.origin}.")
    return " ".join(said)
