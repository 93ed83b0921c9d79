"""The two streams of the command line, and how errors are told on them."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from rich.console import Console, RenderableType
from rich.text import Text

from assistant.display import plain
from assistant.errors import AssistantError

# Nothing that comes from a file or a model is markup, an emoji code or a thing to colour.
out = Console(markup=False, highlight=False, emoji=False)
err = Console(stderr=True, markup=False, highlight=False, emoji=False)


def use_utf8() -> None:
    """Write UTF-8 whatever the locale says: a Korean answer must not end in an encoding error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def write(text: str) -> None:
    """Put a line on stdout as it is, for scripts: not wrapped, not coloured."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def show(renderable: RenderableType) -> None:
    """Put something drawn on stdout; in a pipe as plain lines, neither wrapped nor padded."""
    if out.is_terminal:
        out.print(renderable)
        return
    drawn = io.StringIO()
    wide = Console(file=drawn, width=100_000, markup=False, highlight=False, emoji=False)
    wide.print(renderable)
    write("\n".join(line.rstrip() for line in drawn.getvalue().splitlines()))


def notice(text: str) -> None:
    """Tell the user something on stderr that is neither answer nor error."""
    err.print(Text(plain(text), style="dim"), soft_wrap=True)


def report_error(error: Exception) -> int:
    """Print ``error`` in a line with its hint; return the exit code.

    An error of ours is an expected outcome. Any other is a fault of the program: its trace goes
    to the log file, whose place is told.
    """
    if isinstance(error, AssistantError):
        message, hint, code = error.message, error.hint, error.exit_code
    else:
        message, hint, code = f"unexpected {type(error).__name__}: {error}", _log(error), 70
    line = Text("error: ", style="bold red")
    line.append(plain(message).replace("\n", " "), style="default")
    err.print(line, soft_wrap=True)
    if hint:
        err.print(Text(f"  → {plain(hint)}", style="dim"), soft_wrap=True)
    return code


def _log(error: Exception) -> str:
    import logging

    from assistant import paths

    file = paths.log_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(file, encoding="utf-8")
    except OSError as unwritable:
        return f"the trace could not be kept: {unwritable}"
    logger = logging.getLogger("assistant.cli")
    logger.addHandler(handler)
    logger.error("unexpected error", exc_info=error)
    logger.removeHandler(handler)
    handler.close()
    return f"please report it with the trace in {file}"


@contextmanager
def stop_on_interrupt(message: str) -> Iterator[Event]:
    """An event that the first Ctrl-C sets, so that work ends cleanly; the second one breaks off."""
    stop = Event()

    def ask_to_stop(signum: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        notice(message)

    before = signal.signal(signal.SIGINT, ask_to_stop)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def interactive() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
