"""Which files of a folder are notes to read, and why the others are not.

Only names and file attributes are looked at; nothing is opened but ignore files.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pathspec import GitIgnoreSpec

from assistant.config import IngestionSettings
from assistant.errors import PathNotFound
from assistant.ingestion.text import decode

IGNORE_FILES = (".gitignore", ".assistantignore")

_JUNK_FOLDERS = frozenset(
    ("__pycache__", "node_modules", "site-packages", "__MACOSX", "$RECYCLE.BIN", "lost+found")
)
_JUNK_FILES = re.compile(
    r"~\$|.*~$|\.#|#.*\#$|.*\.(?:tmp|temp|swp|swo|part|partial|crdownload|download)$"
    r"|.*\.sync-conflict-|.*\((?:.*conflicted copy|.*충돌.*사본)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to read: ``size`` in bytes; ``named`` when the user named it and not its folder."""

    path: Path
    root: Path
    size: int
    mtime_ns: int
    named: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """A file or folder that is passed by. ``notable``: the user may have expected it to be read."""

    path: Path
    root: Path
    reason: str
    notable: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A folder that could not be listed, or a file whose attributes could not be had."""

    path: Path
    root: Path
    reason: str


Found = Candidate | Skip | Unreadable


def discover(path: Path, settings: IngestionSettings, supported: Collection[str]) -> list[Found]:
    """All that stands under ``path`` (or ``path`` itself, a file), sorted by path.

    Paths are absolute and spelled as the system spells them. Links to folders are followed, each
    folder is visited once. ``supported`` holds lower-case suffixes (``.md``).

    Raises:
        PathNotFound: there is nothing at ``path``.
    """
    root = absolute(path)
    try:
        status = root.stat()
    except FileNotFoundError as error:
        raise PathNotFound(f"{path} does not exist", "check the spelling") from error
    except OSError as error:
        return [Unreadable(root, root, _reason(error))]
    if not stat.S_ISDIR(status.st_mode):
        return [_judge(root, root, status, settings, supported, named=True)]
    found = _Walk(root, settings, supported).run()
    return sorted(_without_aliases(found), key=lambda item: item.path.parts)


def absolute(path: Path) -> Path:
    """The same path from the root, without ``~``, ``.`` and ``..``; links stay as they are."""
    return Path(os.path.normpath(path.expanduser().absolute()))


@dataclass(slots=True)
class _Walk:
    root: Path
    settings: IngestionSettings
    supported: Collection[str]
    found: list[Found] = field(default_factory=list)
    _visited: set[tuple[int, int]] = field(default_factory=set)
    _links: list[tuple[Path, tuple[_Rules, ...]]] = field(default_factory=list)

    def run(self) -> list[Found]:
        rules = _Rules.lines(self.root, self.settings.exclude)
        self._folder(self.root, (rules,) if rules else ())
        # Links last, so that a folder reachable both ways keeps its own name.
        while self._links:
            self._folder(*self._links.pop(0))
        return self.found

    def _folder(self, top: Path, rules: tuple[_Rules, ...]) -> None:
        waiting = [(top, rules)]
        while waiting:
            folder, rules = waiting.pop()
            try:
                status = folder.stat()
                if (status.st_dev, status.st_ino) in self._visited:
                    continue
                self._visited.add((status.st_dev, status.st_ino))
                with os.scandir(folder) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                self.found.append(Unreadable(folder, self.root, _reason(error)))
                continue
            names = {entry.name for entry in entries}
            own = _Rules.read(folder, names)
            rules = (own, *rules) if own else rules
            for entry in entries:
                self._entry(entry, rules, waiting)

    def _entry(
        self,
        entry: os.DirEntry[str],
        rules: tuple[_Rules, ...],
        waiting: list[tuple[Path, tuple[_Rules, ...]]],
    ) -> None:
        path = Path(entry.path)
        try:
            status = entry.stat()
        except OSError as error:
            is_gone = isinstance(error, FileNotFoundError)
            self.found.append(
                Skip(path, self.root, "broken link")
                if is_gone
                else Unreadable(path, self.root, _reason(error))
            )
            return
        is_folder = stat.S_ISDIR(status.st_mode)
        reason = _passed_by(entry.name, is_folder) or _ignored(path, is_folder, rules)
        if reason:
            self.found.append(Skip(path, self.root, reason))
        elif is_folder:
            (self._links if entry.is_symlink() else waiting).append((path, rules))
        else:
            self.found.append(_judge(path, self.root, status, self.settings, self.supported))


@dataclass(frozen=True, slots=True)
class _Rules:
    """The ignore patterns of one folder; they speak of paths below it."""

    folder: Path
    spec: GitIgnoreSpec

    @classmethod
    def lines(cls, folder: Path, lines: Sequence[str]) -> _Rules | None:
        spec = GitIgnoreSpec.from_lines(lines)
        return cls(folder, spec) if len(spec) else None

    @classmethod
    def read(cls, folder: Path, names: Collection[str]) -> _Rules | None:
        lines: list[str] = []
        for name in IGNORE_FILES:
            if name in names:
                try:
                    lines += decode((folder / name).read_bytes()).splitlines()
                except OSError:
                    continue  # rules that cannot be read ignore nothing
        return cls.lines(folder, lines)

    def verdict(self, path: Path, is_folder: bool) -> bool | None:
        """True: ignored, False: expressly not, None: these rules say nothing of it."""
        relative = path.relative_to(self.folder).as_posix() + ("/" if is_folder else "")
        return self.spec.check_file(relative).include


def _ignored(path: Path, is_folder: bool, rules: tuple[_Rules, ...]) -> str:
    # The innermost folder that speaks of a path decides, as in git.
    for rule in rules:
        verdict = rule.verdict(path, is_folder)
        if verdict is not None:
            return "ignored" if verdict else ""
    return ""


def _passed_by(name: str, is_folder: bool) -> str:
    if _JUNK_FILES.match(name) and not is_folder:
        return "temporary file or copy"
    if name.startswith("."):
        return "hidden"
    if is_folder and name in _JUNK_FOLDERS:
        return "not notes"
    return ""


def _judge(
    path: Path,
    root: Path,
    status: os.stat_result,
    settings: IngestionSettings,
    supported: Collection[str],
    *,
    named: bool = False,
) -> Found:
    if not stat.S_ISREG(status.st_mode):
        return Skip(path, root, "not a regular file", notable=named)
    if path.suffix.lower() not in supported:
        what = f"{path.suffix} files are not supported" if path.suffix else "no suffix"
        return Skip(path, root, what, notable=named)
    if status.st_size == 0:
        return Skip(path, root, "empty", notable=True)
    if status.st_size > settings.max_file_mb * 1_000_000:
        size = status.st_size / 1_000_000
        reason = f"{size:,.0f} MB is over the limit of {settings.max_file_mb} MB"
        return Skip(path, root, reason, notable=True)
    return Candidate(path, root, status.st_size, status.st_mtime_ns, named)


def _without_aliases(found: list[Found]) -> Iterator[Found]:
    """Drop links to files that are found under their own name as well."""
    candidates = [item for item in found if isinstance(item, Candidate)]
    links = {item.path for item in candidates if item.path.is_symlink()}
    own = {os.path.realpath(item.path) for item in candidates if item.path not in links}
    for item in found:
        target = os.path.realpath(item.path) if item.path in links else ""
        if target in own:
            yield Skip(item.path, item.root, f"a link to {Path(target).name}")
        else:
            yield item


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
