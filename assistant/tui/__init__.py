"""The terminal user interface: the only room that knows Textual."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import paths

if TYPE_CHECKING:
    from assistant.config import Settings


def run(settings: Settings, *, chat_id: int | None = None) -> None:
    """Open the interface and stay until the user leaves.

    ``chat_id`` reopens a stored conversation. Errors are shown inside; what was not foreseen is
    written to :func:`assistant.paths.log_file`, for the terminal belongs to the interface.
    """
    from assistant.desk import Desk
    from assistant.tui.app import AssistantApp

    log_to(paths.log_file())
    desk = Desk(settings)
    try:
        AssistantApp(desk, chat_id=chat_id).run()
    finally:
        desk.close()


def log_to(file: Path) -> None:
    """Send warnings and log records to ``file``; without a writable one they are dropped.

    Textual draws on stderr, so a library that logs there would write over the screen.
    """
    handler: logging.Handler
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(file, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(handlers=[handler], format=form, force=True)
    logging.captureWarnings(True)
