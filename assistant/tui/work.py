"""What every worker shares: turning whatever went wrong into one error a person can read."""

from __future__ import annotations

import logging

from assistant import paths
from assistant.display import plain
from assistant.errors import AssistantError
from assistant.tui.strings import S

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
