"""Where the documents of a library come from, and the notebooks that they are gathered in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.library import notebooks, roots
from assistant.library.fingerprint import Fingerprinted
from assistant.types import Notebook, Root


class Shelves(Fingerprinted):
    """The part of a library that knows folders kept in step, and notebooks."""

    def roots(self) -> list[Root]:
        """What was ingested as such, by path."""
        with self._database.reading() as db:
            return roots.all_roots(db)

    def root(self, path: Path) -> Root | None:
        """The root at exactly this path; its counts are left at 0."""
        with self._database.reading() as db:
            return roots.find(db, path)

    def store_root(self, root: Root) -> None:
        """Keep ``root`` in step from now on, by its patterns."""
        with self._database.writing() as db:
            roots.store(db, root)

    def note_synced(self, path: Path) -> None:
        """The root at ``path`` is in step as of now."""
        with self._database.writing() as db:
            roots.note_synced(db, path)

    def set_watched(self, path: Path, watched: bool) -> bool:
        """Whether there is such a root."""
        with self._database.writing() as db:
            return roots.set_watched(db, path, watched)

    def forget_root(self, path: Path) -> None:
        """Keep ``path`` in step no more; its documents stay."""
        with self._database.writing() as db:
            roots.forget(db, path)

    def move_root(self, before: Path, after: Path) -> None:
        """Keep ``after`` in step, a root as well, as ``before`` was until now.

        Where ``after`` was never in step before, it takes over the patterns that it lacks, whether
        it is watched, and the places in notebooks. ``before`` is forgotten.
        """
        with self._database.writing() as db:
            if roots.move(db, before, after):
                notebooks.move(db, before, after)

    def move_in_notebooks(self, before: Path, after: Path) -> None:
        """What notebooks hold at and beneath ``before`` is now at and beneath ``after``."""
        with self._database.writing() as db:
            notebooks.move(db, before, after)

    def notebooks(self) -> list[Notebook]:
        """All notebooks, by name."""
        with self._database.reading() as db:
            return notebooks.all_notebooks(db)

    def add_to_notebook(self, name: str, paths: Sequence[Path]) -> None:
        """Put folders and files into the notebook ``name``, made if there is none."""
        with self._database.writing() as db:
            notebooks.add(db, name, paths)

    def take_from_notebook(self, name: str, paths: Sequence[Path]) -> int:
        """How many of ``paths`` were in it and are not any more."""
        with self._database.writing() as db:
            return notebooks.take_out(db, name, paths)

    def delete_notebook(self, name: str) -> bool:
        """Whether there was one; its documents stay."""
        with self._database.writing() as db:
            return notebooks.delete(db, name)
