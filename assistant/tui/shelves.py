"""The library arranged as it is shown: folders with what is in them, and notebooks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.display import plain_path

if TYPE_CHECKING:
    from assistant.types import FileStatus, LibraryStatus, Notebook, Root

Health = Literal["good", "partly", "skipped", "failed"]
"""``partly``: stored, but some of its pages hold no text."""

_DIGITS = re.compile(r"(\d+)")


def health(file: FileStatus) -> Health:
    """What became of a file."""
    if file.state != "indexed":
        return file.state
    return "partly" if file.unread else "good"


@dataclass(slots=True, eq=False)
class Entry:
    """A folder, a file or a notebook; an archive is a folder that is a file as well.

    Made by :func:`arrange`, and left as it is from then on. ``files``, ``nodes`` and ``sick`` (how
    many files of each health but ``good``) are sums of all that is at or beneath it.
    """

    path: Path
    name: str
    file: FileStatus | None = None
    root: Root | None = None
    notebook: Notebook | None = None
    children: list[Entry] = field(default_factory=list)
    files: int = 0
    nodes: int = 0
    sick: dict[Health, int] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        return bool(self.children) or self.file is None or self.file.format == "archive"

    def every_file(self) -> Iterator[FileStatus]:
        """All files at or beneath it, its own first."""
        if self.file is not None:
            yield self.file
        for child in self.children:
            yield from child.every_file()


@dataclass(frozen=True, slots=True)
class Shelves:
    """All of a library, as of one moment."""

    status: LibraryStatus
    roots: tuple[Entry, ...]
    notebooks: tuple[Entry, ...]
    by_path: dict[Path, Entry]

    def root_above(self, path: Path) -> Root | None:
        """The innermost root that ``path`` is or lies beneath."""
        above = [
            entry.root
            for entry in self.roots
            if entry.root and path.is_relative_to(entry.root.path)
        ]
        return max(above, key=lambda root: len(root.path.parts), default=None)

    def notebooks_with(self, path: Path) -> list[Notebook]:
        """Notebooks that hold ``path``, by itself or through a folder."""
        return [
            entry.notebook
            for entry in self.notebooks
            if entry.notebook and any(map(path.is_relative_to, entry.notebook.paths))
        ]

    def on_disk(self, path: Path) -> Path:
        """``path``, or the archive it lies in."""
        for above in reversed(path.parents):
            entry = self.by_path.get(above)
            if entry is not None and entry.file is not None and entry.file.format == "archive":
                return above
        return path


def arrange(
    status: LibraryStatus,
    roots: Sequence[Root],
    files: Sequence[FileStatus],
    notebooks: Sequence[Notebook],
) -> Shelves:
    """Put every file beneath the root it belongs to, and every notebook beside them."""
    tops = _tops(roots, files)
    by_path = dict(tops)
    inner: dict[Path, dict[str, Entry]] = {}
    for file in files:
        _put(file, tops[_home(file, tops)], inner, by_path)
    for path, children in inner.items():
        by_path[path].children = sorted(children.values(), key=_order)
    for entry in tops.values():
        _sum_up(entry)
    shown = sorted(tops.values(), key=lambda entry: _natural(str(entry.path)))
    collected = tuple(_notebook(notebook, by_path) for notebook in notebooks)
    return Shelves(status, tuple(shown), collected, by_path)


def _tops(roots: Sequence[Root], files: Iterable[FileStatus]) -> dict[Path, Entry]:
    """The outermost rows. A root that is one file in another root is shown within that one."""
    known = {root.path: root for root in roots}
    single = {file.path for file in files if file.path in known}
    tops = {}
    for path, root in known.items():
        if path not in single or not any(above in known for above in path.parents):
            tops[path] = Entry(path, plain_path(path), root=root)
    for file in files:
        home = _home(file, tops)
        if home not in tops:
            tops[home] = Entry(home, plain_path(home))
    return tops


def _home(file: FileStatus, tops: dict[Path, Entry]) -> Path:
    if file.root in tops:
        return file.root
    above = next((path for path in (file.path, *file.path.parents) if path in tops), None)
    if above is not None:
        return above
    return file.root if file.path.is_relative_to(file.root) else file.path.parent


def _put(
    file: FileStatus,
    top: Entry,
    inner: dict[Path, dict[str, Entry]],
    by_path: dict[Path, Entry],
) -> None:
    entry = top
    for part in file.path.parts[len(top.path.parts) :]:
        children = inner.setdefault(entry.path, {})
        below = children.get(part)
        if below is None:
            path = entry.path / part
            below = children[part] = by_path[path] = Entry(path, plain_path(path, entry.path))
        entry = below
    entry.file = file


def _order(entry: Entry) -> tuple[bool, list[tuple[int, str]]]:
    return (not entry.children, _natural(entry.name))


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts ``2강`` before ``10강``."""
    return [
        (int(piece), "") if index % 2 else (-1, piece)
        for index, piece in enumerate(_DIGITS.split(folded(name)))
    ]


def folded(text: str) -> str:
    """``text`` for comparing: the same however it is composed and whatever its case."""
    return unicodedata.normalize("NFC", text).casefold()


def _sum_up(entry: Entry) -> None:
    for child in entry.children:
        _sum_up(child)
        entry.files += child.files
        entry.nodes += child.nodes
        for state, count in child.sick.items():
            entry.sick[state] = entry.sick.get(state, 0) + count
    if entry.file is not None:
        # An archive that was read is a folder; one that could not be is a file that failed.
        entry.files += entry.file.format != "archive" or entry.file.state != "indexed"
        entry.nodes += entry.file.nodes
        if (state := health(entry.file)) != "good":
            entry.sick[state] = entry.sick.get(state, 0) + 1


def _notebook(notebook: Notebook, by_path: dict[Path, Entry]) -> Entry:
    members = [by_path.get(path) or Entry(path, plain_path(path)) for path in notebook.paths]
    entry = Entry(
        Path(),
        f"#{plain_path(Path(notebook.name))}",
        notebook=notebook,
        children=members,
        files=notebook.documents,
        nodes=notebook.nodes,
    )
    for member in members:
        for state, count in member.sick.items():
            entry.sick[state] = entry.sick.get(state, 0) + count
    return entry


# --------------------------------------------------------------------------- filtering


@dataclass(frozen=True, slots=True)
class Sieve:
    """What is shown: files whose path holds every one of ``words``, all or only problems."""

    words: tuple[str, ...] = ()
    problems: bool = False

    def __bool__(self) -> bool:
        return bool(self.words) or self.problems

    def shown(self, entries: Iterable[Entry]) -> set[Entry]:
        """Entries that pass, with the folders that lead to them."""
        kept: set[Entry] = set()
        for entry in entries:
            self._sift(entry, "", kept)
        return kept

    def _sift(self, entry: Entry, above: str, kept: set[Entry]) -> bool:
        if self.problems and not entry.sick:
            return False
        text = f"{above}/{folded(entry.name)}"
        passes = False
        for child in entry.children:
            passes = self._sift(child, text, kept) or passes
        itself = all(word in text for word in self.words)
        if self.problems:
            itself = itself and entry.file is not None and health(entry.file) != "good"
        if passes or itself:
            kept.add(entry)
            return True
        return False


def sieve(typed: str, *, problems: bool) -> Sieve:
    """What ``typed`` asks for."""
    return Sieve(tuple(folded(typed).split()), problems)


def scopes(shelves: Shelves) -> Iterator[tuple[str, Entry]]:
    """Everything that can be asked by itself, with the text it is found by."""
    for entry in shelves.notebooks:
        if entry.files:
            yield folded(entry.name), entry
    for entry in shelves.roots:
        yield from _beneath(entry, "")


def _beneath(entry: Entry, above: str) -> Iterator[tuple[str, Entry]]:
    text = f"{above}/{folded(entry.name)}"
    if entry.nodes:
        yield text, entry
    for child in entry.children:
        yield from _beneath(child, text)
