"""What the library holds, and what of it a question may be limited to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.desk.keeping import no_notebook, notebook_name, remove, scope
from assistant.desk.parts import Parts
from assistant.errors import PathNotFound

if TYPE_CHECKING:
    from assistant.types import (
        FileStatus,
        LibraryStatus,
        Notebook,
        Root,
        Scope,
    )

_TOURED = "toured"  # a file in the library of who was shown round


class KeepsNotes(Parts):
    """The part of a desk that looks after files, folders and notebooks."""

    def status(self) -> LibraryStatus:
        return self.library.status()

    def is_new_here(self) -> bool:
        """Whether nobody was shown round this library yet."""
        return not (self.settings.library / _TOURED).exists()

    def remember_tour(self) -> None:
        """Show nobody round this library again, if that can be kept."""
        with suppress(OSError):
            self.settings.library.mkdir(parents=True, exist_ok=True)
            (self.settings.library / _TOURED).touch()

    def files(self) -> list[FileStatus]:
        return self.library.files()

    def roots(self) -> list[Root]:
        return self.library.roots()

    def set_watched(self, root: Path, watched: bool) -> None:
        """Whether changes beneath ``root`` are taken in as they happen.

        Raises:
            PathNotFound: nothing was ingested from there as such.
        """
        if not self.library.set_watched(root, watched):
            raise PathNotFound(f"{root} was not ingested", f"assistant ingest {root}")

    def remove(self, path: Path) -> list[Path]:
        """Forget every document at or beneath ``path``; no file is touched. Returns which.

        What was ingested as such is no longer kept in step. Something beneath it is passed by from
        now on, until it is ingested by name.

        Raises:
            PathNotFound: the library knows nothing there.
        """
        return remove(self.library, path)

    def notebooks(self) -> list[Notebook]:
        return self.library.notebooks()

    def add_to_notebook(self, name: str, paths: Sequence[Path]) -> None:
        """Put folders and files into a notebook, which is made if there is none."""
        self.library.add_to_notebook(notebook_name(name), paths)

    def take_from_notebook(self, name: str, paths: Sequence[Path]) -> int:
        """How many of ``paths`` were in the notebook and are not any more."""
        return self.library.take_from_notebook(notebook_name(name), paths)

    def delete_notebook(self, name: str) -> None:
        """Forget a notebook; its documents stay.

        Raises:
            NotebookError: there is none of that name.
        """
        if not self.library.delete_notebook(notebook_name(name)):
            raise no_notebook(self.library, name)

    def scope(
        self,
        *,
        notebook: str = "",
        paths: Sequence[Path] = (),
        pinned: Sequence[Path] = (),
        excluded: Sequence[Path] = (),
    ) -> Scope:
        """What a question may be limited to: a notebook, and folders and files of the library.

        What is at or beneath ``pinned`` is always offered as evidence, what is ``excluded`` never.

        Raises:
            NotebookError: there is no such notebook, or it holds nothing.
            PathNotFound: the library holds nothing of one of the paths.
        """
        return scope(self.library, notebook, paths, pinned, excluded)
