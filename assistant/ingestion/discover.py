"""Which files of a folder are notes to read, and why the others are not.

Only names and file attributes are looked at; nothing is opened but ignore files. A folder is
looked at anew in each run, so what is found are plain strings and numbers: to make a path or
another object of every file would take longer than all else. For the same reason the walk itself
compares files with the stamps they were stored with, and of those that have not changed tells no
more than where they are.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TypeAlias

from assistant.config import IngestionSettings
from assistant.errors import PathNotFound
from assistant.ingestion.ignoring import IGNORE_FILES, Patterns, Rules
from assistant.ingestion.junk import passed_by
from assistant.ingestion.reading.protocol import ARCHIVES

__all__ = [
    "EMPTY",
    "IGNORE_FILES",
    "Candidate",
    "Found",
    "Seen",
    "Skip",
    "Stamp",
    "Unreadable",
    "absolute",
    "discover",
    "passes_by",
    "patterns_of",
]

EMPTY = "empty"
"""Why a file with nothing in it is passed by."""

_name = attrgetter("name")

Stamp: TypeAlias = tuple[int, int, str, str]
"""Size (bytes), modification time (ns), splitter and SHA-256 of a document."""


class Candidate(NamedTuple):
    """A file to read: ``size`` in bytes."""

    path: str
    root: str
    size: int
    mtime_ns: int


class Skip(NamedTuple):
    """A file or folder that is passed by. ``notable``: the user may have expected it to be read."""

    path: str
    root: str
    reason: str
    notable: bool = False


class Unreadable(NamedTuple):
    """A folder that could not be listed, or a file whose attributes could not be had."""

    path: str
    root: str
    reason: str


Found: TypeAlias = Candidate | Skip | Unreadable


class Seen(NamedTuple):
    """All that was seen: ``found`` is sorted by path, and none of ``current`` is among it."""

    found: list[Found]
    current: list[str]
    """Files that stand as they are stored. Archives and links never are among them."""


def discover(
    path: Path,
    settings: IngestionSettings,
    supported: Collection[str],
    *,
    root: Path | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    stamps: Mapping[str, Stamp] | None = None,
    splitter: str = "",
) -> Seen:
    """All that stands under ``path`` (or ``path`` itself, a file).

    Paths are absolute and spelled as the system spells them. Links to folders are followed, each
    folder is visited once. ``supported`` holds lower-case suffixes (``.md``). What is found belongs
    to ``root``, which is ``path`` by default. ``include`` and ``exclude`` are patterns beside those
    of the settings: what the latter name is passed by whatever ignore files say, and where there
    are any of the former, only files that they name are read. ``stamps`` are of what is stored, by
    path, and ``splitter`` is what a document that is current was cut by.

    Raises:
        PathNotFound: there is nothing at ``path``.
    """
    top = str(absolute(path))
    owner = top if root is None else str(root)
    try:
        status = Path(top).stat()
    except FileNotFoundError as error:
        raise PathNotFound(f"{path} does not exist", "check the spelling") from error
    except OSError as error:
        return Seen([Unreadable(top, owner, _reason(error))], [])
    walk = _Walk(
        owner,
        supported,
        settings.max_file_mb,
        patterns_of(owner, settings, include, exclude),
        stamps or {},
        splitter,
        frozenset(supported) - ARCHIVES,
    )
    if not stat.S_ISDIR(status.st_mode):
        return Seen([walk.judge(top, Path(top).name, status, is_named=True)], [])
    return walk.run(top)


def passes_by(
    root: Path,
    path: Path,
    settings: IngestionSettings,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> bool:
    """Whether ``root`` would not give the file ``path`` beneath it, were it ingested."""
    patterns = patterns_of(str(root), settings, include, exclude)
    rules: list[Rules] = []
    folder = root
    for name in path.relative_to(root).parts:
        own = Rules.read(str(folder), [each for each in IGNORE_FILES if (folder / each).exists()])
        rules = [own, *rules] if own else rules
        folder /= name
        is_folder = folder != path
        if passed_by(name, is_folder) or patterns.rule_out(str(folder), is_folder, rules):
            return True
    return False


def patterns_of(
    root: str, settings: IngestionSettings, include: Sequence[str], exclude: Sequence[str]
) -> Patterns:
    """The patterns given for ``root``, with those of the settings."""
    return Patterns.of(root, (*settings.include, *include), (*settings.exclude, *exclude))


def absolute(path: Path) -> Path:
    """The same path from the root, without ``~``, ``.`` and ``..``; links stay as they are.

    Where nothing has that name, it is what has it in another spelling of Unicode: a Korean name
    that came from a Mac is decomposed (NFD), and nobody can type it so.
    """
    path = Path(os.path.normpath(path.expanduser().absolute()))
    return path if os.path.lexists(path) else _as_spelled(path)


def _as_spelled(path: Path) -> Path:
    found = Path(path.anchor)
    for name in path.relative_to(path.anchor).parts:
        if not os.path.lexists(found / name):
            found /= next((each for each in _names(found) if _nfc(each) == _nfc(name)), name)
        else:
            found /= name
    return found if os.path.lexists(found) else path


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names, not paths
    except OSError:
        return []


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)


_Open: TypeAlias = tuple[Iterator[os.DirEntry[str]], tuple[Rules, ...]]
"""A folder in the midst of being gone through."""


@dataclass(slots=True)
class _Walk:
    root: str
    supported: Collection[str]
    max_file_mb: int
    patterns: Patterns
    stamps: Mapping[str, Stamp]
    splitter: str
    plain: frozenset[str]
    """Suffixes of files that are read as such."""
    found: list[Found] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    _visited: set[tuple[int, int]] = field(default_factory=set)
    _linked_folders: deque[tuple[str, tuple[Rules, ...]]] = field(default_factory=deque)
    _linked_files: list[str] = field(default_factory=list)

    def run(self, top: str) -> Seen:
        self._folder(top, ())
        if not self._linked_folders and not self._linked_files:
            return Seen(self.found, self.current)  # in order as it is
        # Links last, so that a folder reachable both ways keeps its own name.
        while self._linked_folders:
            self._folder(*self._linked_folders.popleft())
        found = list(self._without_aliases())
        found.sort(key=lambda item: Path(item.path).parts)
        return Seen(found, self.current)

    def _folder(self, top: str, rules: tuple[Rules, ...]) -> None:
        """All beneath a folder, by name, each folder where its own name stands."""
        within: list[_Open] = []
        self._open(top, rules, within)
        while within:
            entries, rules = within[-1]
            is_free = not rules and not self.patterns
            for entry in entries:
                if is_free and self._is_plain(entry):
                    continue
                if self._entry(entry, rules):
                    self._open(entry.path, rules, within)
                    break
            else:
                within.pop()

    def _is_plain(self, entry: os.DirEntry[str]) -> bool:
        """Whether ``entry`` is a note that nothing speaks against, as most are; it is noted then.

        The short way to what :meth:`_entry` would find.
        """
        name = entry.name.lower()
        if name[name.rfind(".") :] not in self.plain:
            return False
        if name[0] in ".~#" or "(" in name or ".sync-conflict-" in name:
            return False  # perhaps hidden, temporary or a copy
        try:
            if not entry.is_file(follow_symlinks=False):
                return False
            status = entry.stat()
        except OSError:
            return False
        size, mtime_ns = status.st_size, status.st_mtime_ns
        if not 0 < size <= self.max_file_mb * 1_000_000:
            return False
        path = entry.path
        stamp = self.stamps.get(path)
        if stamp and stamp[:3] == (size, mtime_ns, self.splitter):
            self.current.append(path)
        else:
            self.found.append(Candidate(path, self.root, size, mtime_ns))
        return True

    def _open(self, folder: str, rules: tuple[Rules, ...], within: list[_Open]) -> None:
        try:
            status = os.stat(folder)  # noqa: PTH116 - there may be very many
            if (status.st_dev, status.st_ino) in self._visited:
                return
            self._visited.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=_name)
        except OSError as error:
            self.found.append(Unreadable(folder, self.root, _reason(error)))
            return
        names = IGNORE_FILES.intersection(map(_name, entries))
        own = Rules.read(folder, names) if names else None
        within.append((iter(entries), (own, *rules) if own else rules))

    def _entry(self, entry: os.DirEntry[str], rules: tuple[Rules, ...]) -> bool:
        """Whether to go into ``entry`` now; everything else is noted."""
        path, name = entry.path, entry.name
        try:
            is_folder = entry.is_dir()
            status = None if is_folder else entry.stat()
        except OSError as error:
            self.found.append(
                Skip(path, self.root, "broken link")
                if isinstance(error, FileNotFoundError)
                else Unreadable(path, self.root, _reason(error))
            )
            return False
        reason = passed_by(name, is_folder) or self.patterns.rule_out(path, is_folder, rules)
        if reason:
            self.found.append(Skip(path, self.root, reason))
        elif status is not None:
            item = self.judge(path, name, status)
            self.found.append(item)
            if entry.is_symlink() and type(item) is Candidate:
                self._linked_files.append(path)
        elif entry.is_symlink():
            self._linked_folders.append((path, rules))
        else:
            return True
        return False

    def judge(
        self, path: str, name: str, status: os.stat_result, *, is_named: bool = False
    ) -> Found:
        """What to do with a file that no rule speaks of."""
        dot = name.rfind(".")
        suffix = name[dot:] if 0 < dot < len(name) - 1 else ""
        if not stat.S_ISREG(status.st_mode):
            return Skip(path, self.root, "not a regular file", is_named)
        if suffix.lower() not in self.supported:
            what = f"{suffix} files are not supported" if suffix else "no suffix"
            return Skip(path, self.root, what, is_named)
        size = status.st_size
        if size == 0:
            return Skip(path, self.root, EMPTY, True)
        # Of an archive the members are measured.
        if size > self.max_file_mb * 1_000_000 and suffix.lower() not in ARCHIVES:
            reason = f"{size / 1_000_000:,.0f} MB is over the limit of {self.max_file_mb} MB"
            return Skip(path, self.root, reason, True)
        return Candidate(path, self.root, size, status.st_mtime_ns)

    def _without_aliases(self) -> Iterator[Found]:
        """What was found, without links to files that are found under their own name as well."""
        links = {path: os.path.realpath(path) for path in self._linked_files}
        folders: dict[str, str] = {}
        own: set[str] = set()
        candidates = [item.path for item in self.found if type(item) is Candidate]
        for path in (*candidates, *self.current):
            if path not in links:
                folder, name = os.path.split(path)
                if folder not in folders:
                    folders[folder] = os.path.realpath(folder)
                own.add(os.path.join(folders[folder], name))  # noqa: PTH118 - no path per file
        for item in self.found:
            target = links.get(item.path, "")
            if target in own:
                yield Skip(item.path, self.root, f"a link to {Path(target).name}")
            else:
                yield item


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
