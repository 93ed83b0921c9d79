"""Names of files and folders that are no notes, wherever they stand."""

from __future__ import annotations

import re

_FOLDERS = frozenset(
    ("__pycache__", "node_modules", "site-packages", "__MACOSX", "$RECYCLE.BIN", "lost+found")
)
_FILES = re.compile(
    r"~\$|.*~$|\.#|#.*\#$|.*\.(?:tmp|temp|swp|swo|part|partial|crdownload|download)$"
    r"|.*\.sync-conflict-|.*\((?:.*conflicted copy|.*충돌.*사본)",
    re.IGNORECASE,
)


def passed_by(name: str, is_folder: bool) -> str:
    """Why a file or folder of this name is passed by, "" if it is not."""
    if not is_folder and _FILES.match(name):
        return "temporary file or copy"
    if name.startswith("."):
        return "hidden"
    if is_folder and name in _FOLDERS:
        return "not notes"
    return ""
