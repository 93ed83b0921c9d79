"""What workers share: errors a person can read, and the library as it is shown."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from assistant import paths
from assistant.display import plain
from assistant.errors import AssistantError
from assistant.tui.messages import LibraryListed, WorkFailed
from assistant.tui.shelves import Shelves, arrange
from assistant.tui.strings import S

if TYPE_CHECKING:
    from assistant.types import FileStatus, LibraryStatus, Notebook, Root

_log = logging.getLogger(__name__)


def as_error(error: Exception) -> AssistantError:
    """``error`` itself when it was foreseen; else one naming the log, where its trace now is."""
    if isinstance(error, AssistantError):
        return error
    _log.error("unforeseen error in a worker", exc_info=error)
    what = plain(f"{type(error).__name__}: {error}").splitlines()[0]
    return AssistantError(
        S.unforeseen.format(what=what), S.see_log.format(file=plain(str(paths.log_file())))
    )


class Lists(Protocol):
    """The part of a desk that tells what the library holds."""

    def status(self) -> LibraryStatus: ...

    def roots(self) -> list[Root]: ...

    def files(self) -> list[FileStatus]: ...

    def notebooks(self) -> list[Notebook]: ...


def list_library(desk: Lists) -> Shelves:
    """All the library holds, arranged; to be called in a thread."""
    return arrange(desk.status(), desk.roots(), desk.files(), desk.notebooks())


def library_listed(desk: Lists) -> LibraryListed | WorkFailed:
    """The library arranged, or why it cannot be read; to be called in a thread, and posted."""
    try:
        return LibraryListed(list_library(desk))
    except Exception as error:  # noqa: BLE001 - told as a notice
        return WorkFailed(as_error(error))
