"""The terminal user interface: the only room that knows Textual."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from assistant import paths
from assistant.display import plain
from assistant.types import EVERYTHING, Scope

if TYPE_CHECKING:
    from textual.app import App

    from assistant.config import Settings

_THREADS = "assistant-work"
_PATIENCE_SECONDS = 1.0
_LOG_BYTES = 1_000_000
# While a thread imports or computes, the interface gets the interpreter back this soon.
_SWITCH_SECONDS = 0.001


def run(settings: Settings, *, chat_id: int | None = None, scope: Scope = EVERYTHING) -> None:
    """Open the interface and stay until the user leaves.

    ``chat_id`` reopens a stored conversation; questions are put to ``scope`` at first. Errors are
    shown inside; what was not foreseen is written to :func:`assistant.paths.log_file`, for the
    terminal belongs to the interface.
    """
    # Nothing of what is imported and laid out until the first paint is garbage: to look for some
    # takes a tenth of the time. The application turns it on again.
    gc.disable()
    from assistant.desk import Desk
    from assistant.tui import strings

    strings.speak(settings.interface.language)
    log_to(paths.log_file())
    if settings.interface.linear:
        from assistant.tui.linear import Loading, converse, write

        gc.enable()
        with native_errors_to(paths.log_file()):
            desk = Desk(settings, notice=write, progress=Loading())
            converse(desk, chat_id=chat_id, scope=scope)
        return
    from assistant.tui.app import AssistantApp

    def tell(notice: str) -> None:
        app.call_from_thread(app.notify, plain(strings.S.said(notice)), markup=False, timeout=10)

    desk = Desk(settings, notice=tell)
    app = AssistantApp(desk, chat_id=chat_id, scope=scope)
    with native_errors_to(paths.log_file()):
        stay(app)
    desk.close()


def stay(app: App[None]) -> None:
    """Run ``app`` and leave promptly, whatever its threads are at.

    Loading a model cannot be interrupted, and Python waits for every thread of an executor before
    it ends. So threads get a moment to finish (all are told to stop); then the process ends
    without them. What they were writing is in transactions.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    executor = ThreadPoolExecutor(thread_name_prefix=_THREADS)
    loop = asyncio.new_event_loop()
    loop.set_default_executor(executor)
    try:
        app.run(loop=loop)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        loop.close()
    deadline = monotonic() + _PATIENCE_SECONDS
    for thread in threading.enumerate():
        if thread.name.startswith(_THREADS):
            thread.join(max(0.0, deadline - monotonic()))
            if thread.is_alive():
                logging.shutdown()
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(app.return_code or 0)


@contextmanager
def native_errors_to(file: Path) -> Iterator[None]:
    """Send what C libraries write to descriptor 2 to ``file``; the interface keeps the terminal.

    Textual draws on ``sys.__stderr__``, so that gets a descriptor of its own.
    """
    terminal = sys.__stderr__
    if terminal is None or os.name != "posix":
        yield
        return
    drawing = os.dup(2)
    with suppress(OSError), file.open("ab") as log:
        os.dup2(log.fileno(), 2)
    try:
        with open(drawing, "w", encoding="utf-8", closefd=False) as own:
            sys.__stderr__ = own  # type: ignore[misc]
            yield
    finally:
        sys.__stderr__ = terminal  # type: ignore[misc]
        os.dup2(drawing, 2)
        os.close(drawing)


def log_to(file: Path) -> None:
    """Send warnings and log records to ``file``; without a writable one they are dropped.

    Textual draws on stderr, so a library that logs there would write over the screen.
    """
    handler: logging.Handler
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(file, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(handlers=[handler], format=form, force=True)
    logging.captureWarnings(True)
