"""``assistant logs``: what went wrong behind the interface."""

from __future__ import annotations

from collections import deque
from typing import Annotated

import typer

from assistant import paths
from assistant.cli.console import notice, write
from assistant.display import plain, plain_path
from assistant.errors import AssistantError


def logs(
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=1, help="How many, from the end.")
    ] = 40,
    path: Annotated[bool, typer.Option("--path", help="Only say where the file is.")] = False,
) -> None:
    """Show the end of the log: warnings, and the traces of what was not foreseen.

    No question, answer or note is written there, but names of files may be.
    """
    file = paths.log_file()
    if path:
        write(str(file))
        return
    try:
        with file.open(encoding="utf-8", errors="replace") as log:
            last = deque(log, maxlen=lines)
    except FileNotFoundError:
        notice(f"nothing went wrong yet: there is no {plain_path(file)}")
        return
    except OSError as error:
        raise AssistantError(
            f"{file} cannot be read: {error.strerror}", "see its rights"
        ) from error
    for line in last:
        write(plain(line.rstrip("\n")))
