"""Folders, files and notebooks: what belongs to the library, and to a part of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.display import plain
from assistant.errors import NotebookError, PathNotFound
from assistant.types import Pick, Scope

if TYPE_CHECKING:
    from assistant.library.library import Library
    from assistant.types import Root


def remove(library: Library, path: Path) -> list[Path]:
    """Forget every document at or beneath ``path``; no file is touched. Returns which.

    What was ingested as such is no longer kept in step. Something beneath it is passed by from
    now on, until it is ingested by name.

    Raises:
        PathNotFound: the library knows nothing there.
    """
    roots = library.roots()
    above = [each for each in roots if path.is_relative_to(each.path) and path != each.path]
    own = [each for each in roots if each.path.is_relative_to(path)]
    with library.ingesting():
        gone = library.remove_beneath(path)
        for root in own:
            library.forget_root(root.path)
        if not gone and not own:
            raise PathNotFound(
                f"the library holds nothing of {path}", "`assistant status --files` lists all"
            )
        for root in above:
            pattern = _pattern_of(path, root)
            if pattern not in root.exclude:
                library.store_root(replace(root, exclude=(*root.exclude, pattern)))
    return gone


def take_back(library: Library, paths: Sequence[Path]) -> None:
    """What is named is wanted, though it was removed before."""
    for root in library.roots():
        patterns = {_pattern_of(path, root) for path in paths}
        exclude = tuple(pattern for pattern in root.exclude if pattern not in patterns)
        if exclude != root.exclude:
            library.store_root(replace(root, exclude=exclude))


def scope(
    library: Library,
    notebook: str,
    paths: Sequence[Path],
    pinned: Sequence[Path] = (),
    excluded: Sequence[Path] = (),
) -> Scope:
    """What a question may be limited to: a notebook, and folders and files of the library.

    What is at or beneath ``pinned`` is always offered as evidence, what is ``excluded`` never.

    Raises:
        NotebookError: there is no such notebook, or it holds nothing.
        PathNotFound: the library holds nothing of one of the paths.
    """
    for path in (*pinned, *excluded):
        _require(library, path)
    members: list[Path] = []
    names: list[str] = []
    if notebook:
        wanted = notebook_name(notebook)
        found = next((each for each in library.notebooks() if each.name == wanted), None)
        if found is None:
            raise no_notebook(library, notebook)
        if not found.documents:
            raise NotebookError(
                f"the notebook {found.name} holds no notes",
                f"assistant ingest FOLDER --notebook {found.name}",
            )
        members += found.paths
        names.append(f"#{found.name}")
    for path in paths:
        _require(library, path)
        members.append(path)
        names.append(unicodedata.normalize("NFC", path.name) or str(path))
    return Scope(
        tuple(members), ", ".join(names), tuple(map(Pick, pinned)), tuple(map(Pick, excluded))
    )


def _require(library: Library, path: Path) -> None:
    if not library.documents_beneath(path):
        raise PathNotFound(f"the library holds nothing of {path}", f"assistant ingest {path}")


def no_notebook(library: Library, name: str) -> NotebookError:
    """What to say when there is none of that name: which there are."""
    names = ", ".join(notebook.name for notebook in library.notebooks())
    return NotebookError(
        f"there is no notebook {name}",
        f"there are: {names}" if names else "assistant ingest FOLDER --notebook NAME makes one",
    )


def notebook_name(name: str) -> str:
    """The name as it is kept; one may be written with a # in front, as it is shown."""
    name = " ".join(plain(name).removeprefix("#").split())
    if not name:
        raise NotebookError("a notebook needs a name", "for instance: --notebook 머신러닝")
    return name


def _pattern_of(path: Path, root: Root) -> str:
    """The ``.gitignore`` pattern that names just ``path`` beneath ``root``; "" for others."""
    if path == root.path or not path.is_relative_to(root.path):
        return ""
    return "/" + re.sub(r"([\\*?\[\] ])", r"\\\1", path.relative_to(root.path).as_posix())
