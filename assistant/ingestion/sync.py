"""Compares what stands on disk with what is stored: what to read, what has moved, what is gone.

Everything is done on plain strings and numbers, as :mod:`assistant.ingestion.discover` gives them.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from assistant.config import IngestionSettings
from assistant.ingestion.discover import (
    Candidate,
    Found,
    Seen,
    Stamp,
    Unreadable,
    absolute,
    discover,
    passes_by,
    patterns_of,
)
from assistant.ingestion.ignoring import Patterns
from assistant.ingestion.readers import SUPPORTED
from assistant.ingestion.reading.protocol import ARCHIVES
from assistant.library.library import Library
from assistant.types import Document, Root

_READ = SUPPORTED | ARCHIVES
_ARCHIVES = tuple(ARCHIVES)

# --------------------------------------------------------------------------- what to look at


@dataclass(frozen=True, slots=True)
class Target:
    """A path to look at. Its documents are ``root``'s, which is the path itself or above it."""

    path: Path
    root: Root

    @property
    def is_root(self) -> bool:
        return self.path == self.root.path


def targets(
    library: Library,
    paths: Sequence[Path],
    settings: IngestionSettings,
    include: Sequence[str] | None,
    exclude: Sequence[str] | None,
) -> list[Target]:
    """What ``paths`` are in the library: roots, or files of a root that offers them.

    ``include`` and ``exclude`` take the place of the patterns that are kept with a root; None
    leaves these as they are.
    """
    own = dict.fromkeys(map(absolute, paths))
    roots: dict[Path, Root] = {}
    for path in own:
        known = library.root(path)
        if known is None and path.is_file():
            continue  # of another root, perhaps
        known = known or Root(path)
        if include is not None:
            known = replace(known, include=tuple(include))
        if exclude is not None:
            known = replace(known, exclude=tuple(exclude))
        roots[path] = known
    return [
        Target(path, roots.get(path) or _owner(library, path, settings, roots) or Root(path))
        for path in own
    ]


def _owner(
    library: Library, path: Path, settings: IngestionSettings, roots: dict[Path, Root]
) -> Root | None:
    """The innermost root above a file, unless it passes the file by."""
    for folder in path.parents:
        root = roots.get(folder) or library.root(folder)
        if root is not None:
            is_other = passes_by(folder, path, settings, root.include, root.exclude)
            return None if is_other else root
    return None


def patterns(targets: Sequence[Target], settings: IngestionSettings) -> dict[str, Patterns]:
    """The patterns of each root, by path."""
    roots = {target.root.path: target.root for target in targets}
    return {
        str(path): patterns_of(str(path), settings, root.include, root.exclude)
        for path, root in roots.items()
    }


def look(targets: Sequence[Target], settings: IngestionSettings, stored: Stored) -> Seen:
    """Everything at or under ``targets``, each path once.

    Raises:
        PathNotFound: one of them does not exist.
    """
    seen = [
        discover(
            target.path,
            settings,
            _READ,
            root=target.root.path,
            include=target.root.include,
            exclude=target.root.exclude,
            stamps=stored.stamps,
            splitter=stored.splitter,
        )
        for target in targets
    ]
    if len(seen) == 1:
        return seen[0]
    current = dict.fromkeys(chain.from_iterable(each.current for each in seen))
    found: dict[str, Found] = {}
    for item in chain.from_iterable(each.found for each in seen):
        if item.path in current:
            continue
        known = found.get(item.path)
        # A file named beside its folder is read even if the folder passes it by.
        if known is None or (type(item) is Candidate and type(known) is not Candidate):
            found[item.path] = item
    return Seen(list(found.values()), list(current))


# --------------------------------------------------------------------------- what is stored


@dataclass(slots=True)
class Stored:
    """What the library holds, kept in step with what a run does to it."""

    stamps: dict[str, Stamp]
    splitter: str
    """What nodes are cut by in this run; a document cut otherwise is not current."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """Of roots with patterns, by path. Archives are read by them, and anew when they change."""
    _by_hash: dict[str, list[str]] | None = None
    _sorted: list[str] | None = None

    def __contains__(self, path: str) -> bool:
        return path in self.stamps

    def splitter_of(self, path: str, root: str) -> str:
        """What a document is stored with now."""
        mark = self.marks.get(root)
        return f"{self.splitter} {mark}" if mark and is_archive(path) else self.splitter

    def is_current(self, file: Candidate) -> bool:
        """Whether the file stands as it is stored."""
        stamp = self.stamps.get(file.path)
        splitter = self.splitter_of(file.path, file.root)
        return stamp is not None and stamp[:3] == (file.size, file.mtime_ns, splitter)

    def known_hashes(self, path: str, root: str) -> dict[str, str]:
        """SHA-256 of the file and of what is stored beneath it, where it need not be cut anew."""
        paths = [path, *self.beneath(path)] if is_archive(path) else [path]
        stamps = {each: self.stamps[each] for each in paths if each in self.stamps}
        return {
            each: stamp[3]
            for each, stamp in stamps.items()
            if stamp[2] == self.splitter_of(each, root)
        }

    def forget_archives(self, paths: Iterable[str]) -> None:
        """Have archives read though they have not changed; their members are known as before."""
        for path in paths:
            size, mtime_ns, _, sha256 = self.stamps[path]
            self.stamps[path] = (size, mtime_ns, "", sha256)

    def beneath(self, folder: str) -> list[str]:
        """What is stored beneath a folder or an archive."""
        if self._sorted is None:
            self._sorted = sorted(self.stamps)
        first = bisect_left(self._sorted, folder + os.sep)
        last = bisect_left(self._sorted, folder + chr(ord(os.sep) + 1))
        return [path for path in self._sorted[first:last] if path in self.stamps]

    def with_hash(self, sha256: str) -> list[str]:
        """Where the same content is stored."""
        if self._by_hash is None:
            self._by_hash = defaultdict(list)
            for path, stamp in self.stamps.items():
                self._by_hash[stamp[3]].append(path)
        return [path for path in self._by_hash.get(sha256, ()) if path in self.stamps]

    def add(self, document: Document) -> None:
        """The document is in the library now."""
        path = str(document.path)
        self.stamps[path] = (
            document.size, document.mtime_ns, document.splitter, document.sha256
        )  # fmt: skip

    def forget(self, path: str) -> None:
        """The document is in the library no more."""
        self.stamps.pop(path, None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``unchanged`` counts files and members of archives; ``passed_by`` are not candidates.

    ``left`` counts files that could not be read, and would not be now. ``size`` is of all files
    that are offered, in bytes.
    """

    size: int = 0
    unchanged: int = 0
    left: int = 0
    to_read: list[Candidate] = field(default_factory=list)
    same: set[str] = field(default_factory=set)
    passed_by: list[Found] = field(default_factory=list)


Problems: TypeAlias = Mapping[str, tuple[int, int, str] | None]
"""Size, modification time (ns) and splitter of files with a problem, by path; None if unknown."""


def compare(seen: Seen, stored: Stored, problems: Problems, retry: Collection[str]) -> Comparison:
    """What of ``seen`` has to be read.

    A file is as it is stored when it has the size and time it was stored with, and its nodes are
    cut as they would be now. A file that could not be read as it stands is left alone, but for
    those at or beneath ``retry``.
    """
    candidates = [item for item in seen.found if type(item) is Candidate]
    passed_by = [item for item in seen.found if type(item) is not Candidate]
    whole = sum(stored.stamps[path][0] for path in seen.current)
    whole += sum(file.size for file in candidates)
    to_read = [file for file in candidates if not stored.is_current(file)]
    alike = [file.path for file in candidates if stored.is_current(file)]
    archives = [path for path in alike if is_archive(path)]
    same = {*seen.current, *alike}
    left = 0
    if problems:
        again = {path for path in problems if any(is_beneath(path, each) for each in retry)}
        known = {path: problems[path] for path in problems if path not in again}
        bad = [file for file in to_read if known.get(file.path) == (*file[2:], stored.splitter)]
        left = len(bad) + sum(is_beneath(path, each) for path in known for each in archives)
        to_read = [file for file in to_read if file not in set(bad)]
        # What is wrong with a member is tried again by reading its archive.
        broken = {each for each in archives if any(is_beneath(path, each) for path in again)}
        same -= broken
        to_read += [file for file in candidates if file.path in broken]
        archives = [path for path in archives if path not in broken]
        stored.forget_archives(broken)
    unchanged = len(same) + sum(len(stored.beneath(path)) - 1 for path in archives)
    return Comparison(whole, unchanged, left, to_read, same, passed_by)


def is_archive(path: str) -> bool:
    """Whether what is beneath ``path`` are members of it."""
    return path.lower().endswith(_ARCHIVES)


def is_beneath(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or stands in it, by name."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


# --------------------------------------------------------------------------- what is gone


def is_gone(path: str) -> bool:
    """Whether a document's file is not there, for certain.

    What cannot be looked at may be there, and so may the member of an archive that is.
    """
    try:
        os.lstat(path)
    except NotADirectoryError:
        return not any(parent.is_file() for parent in Path(path).parents)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


@dataclass(slots=True)
class Offer:
    """What a run has seen of the disk, to tell what of the library is there no more."""

    present: set[str]
    """Files whose documents are to be kept."""
    unknown: list[str]
    """Folders that could not be looked into."""

    @classmethod
    def of(cls, seen: Seen) -> Offer:
        return cls(
            {*seen.current, *(item.path for item in seen.found if type(item) is Candidate)},
            [item.path for item in seen.found if type(item) is Unreadable],
        )

    def is_known(self, path: str, target: str) -> bool:
        """Whether it was seen if there is anything at ``path``, at or beneath ``target``."""
        return is_beneath(path, target) and not any(
            is_beneath(path, folder) for folder in self.unknown
        )

    def is_in_archive(self, path: str, target: str) -> bool:
        """Whether ``path`` is within a file that is there, and that answers for it when read."""
        return not self.present.isdisjoint(_parents(path, target))

    def gone(self, target: str, stored: Stored, roots: Callable[[], Iterable[str]]) -> list[str]:
        """What is stored and gone from disk, or offered no longer by ``target``."""
        missing = [
            path
            for path in stored.stamps
            if path not in self.present and self.is_known(path, target)
        ]
        if not missing:
            return []
        # What is ingested by itself is not this folder's to drop.
        inner = [root for root in roots() if root != target and is_beneath(root, target)]
        return [
            path
            for path in missing
            if not self.is_in_archive(path, target)
            and (is_gone(path) or not any(is_beneath(path, root) for root in inner))
        ]


def _parents(path: str, target: str) -> Iterator[str]:
    while len(path) > len(target):
        path = os.path.dirname(path)  # noqa: PTH120 - there may be very many
        yield path
