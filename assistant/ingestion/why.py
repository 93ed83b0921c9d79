"""Why a file is not among those that ingestion reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.config import IngestionSettings
from assistant.ingestion.discover import Skip, Unreadable, discover
from assistant.ingestion.ignoring import IGNORE_FILES, Rules
from assistant.ingestion.junk import passed_by
from assistant.ingestion.readers import SUPPORTED
from assistant.ingestion.reading.protocol import ARCHIVES
from assistant.ingestion.text import decode
from assistant.types import Hindrance, Root


def hindrance(root: Root, path: Path, settings: IngestionSettings) -> Hindrance | None:
    """What keeps ``path``, which is on disk at or beneath ``root``, from being read; None: nothing.

    Folders on the way count as well: what stands in one that is passed by is not looked at.
    """
    given = _Patterns(root.path, (*settings.exclude, *root.exclude))
    wanted = _Patterns(root.path, (*settings.include, *root.include))
    around: list[_Patterns] = []
    here = root.path
    for name in path.relative_to(root.path).parts:
        around = [*_ignore_files(here), *around]
        here /= name
        is_folder = here.is_dir()
        if why := passed_by(name, is_folder):
            return Hindrance(why, name)
        for patterns in (given, *around):
            verdict = patterns.verdict(here, is_folder)
            if verdict:
                return Hindrance("ignored", patterns.deciding(here, is_folder), patterns.file)
            if verdict is False:
                break
    if path.is_dir():
        return None
    if wanted.lines and not wanted.verdict(path, False):
        return Hindrance("not included", ", ".join(wanted.lines))
    return _of_itself(path, settings)


def _of_itself(path: Path, settings: IngestionSettings) -> Hindrance | None:
    without = replace(settings, include=(), exclude=())
    found = discover(path, without, SUPPORTED | ARCHIVES).found
    reasons = [item.reason for item in found if isinstance(item, Skip | Unreadable)]
    return Hindrance(reasons[0]) if reasons else None


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that speak of what is below ``folder``, of the ignore file ``file`` if of any."""

    folder: Path
    lines: tuple[str, ...]
    file: Path = Path()

    def verdict(self, path: Path, is_folder: bool) -> bool | None:
        """As :meth:`Rules.verdict`."""
        rules = Rules.of(str(self.folder), self.lines)
        return rules.verdict(str(path), is_folder) if rules else None

    def deciding(self, path: Path, is_folder: bool) -> str:
        """The pattern by which ``path`` is named: of several the last."""
        for line in reversed(self.lines):
            rules = Rules.of(str(self.folder), [line])
            if rules is not None and rules.verdict(str(path), is_folder):
                return line.strip()
        return ""


def _ignore_files(folder: Path) -> Sequence[_Patterns]:
    """Those of ``folder``, the one that decides first in front."""
    found = []
    # Ingestion reads .gitignore before .assistantignore, and the last to speak decides.
    for name in sorted(IGNORE_FILES):
        file = folder / name
        try:
            lines = tuple(decode(file.read_bytes()).splitlines())
        except OSError:
            continue  # as ingestion does it: rules that cannot be read ignore nothing
        found.append(_Patterns(folder, lines, file))
    return found
