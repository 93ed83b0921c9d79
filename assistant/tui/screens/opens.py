"""Files shown from inside, in the programs their owner uses for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from textual import on, work
from textual.app import SuspendNotSupported
from textual.screen import Screen

from assistant.display import plain, plain_path
from assistant.errors import AssistantError
from assistant.tui.messages import FileLocated, WorkFailed
from assistant.tui.opening import opening, view
from assistant.tui.strings import S
from assistant.tui.work import as_error


class OpensFiles(Screen[None]):
    """A screen from which files are shown in other programs."""

    @work(thread=True, exit_on_error=False, group="open")
    def show_file(self, file: Path, line: int | None = None) -> None:
        """Find the program for ``file``, at ``line``, and start it unless it needs the terminal."""
        try:
            held = _held_in(file)
            how = opening(held, os.environ, line=line if held == file else None)
            if how.in_terminal:
                self.post_message(FileLocated(held, how))
            else:
                view(how, held)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(FileLocated)
    def _edit(self, event: FileLocated) -> None:
        """Lend the terminal to an editor; nothing is drawn until it gives it back."""
        event.stop()
        try:
            with self.app.suspend():
                subprocess.run(event.how.command, check=False, stderr=sys.__stderr__)
        except (SuspendNotSupported, OSError) as error:
            name = plain_path(event.path, event.path.parent)
            program = plain(event.how.command[0])
            text = S.viewer_failed.format(program=program, name=name)
            self.post_message(WorkFailed(AssistantError(text, plain(str(error)))))
        self.refresh(layout=True)


def _held_in(path: Path) -> Path:
    """The file itself, or the archive on disk that it lies in."""
    return next((each for each in (path, *path.parents) if each.is_file()), path)
