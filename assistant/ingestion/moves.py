"""Files, and folders as a whole, that have another name or place than before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from assistant.config import IngestionSettings
from assistant.ingestion.discover import patterns_of
from assistant.ingestion.sync import Stored, is_archive, is_beneath, is_gone
from assistant.library.library import Library


class Moves:
    """What has moved in a run; ``present`` are the files that are seen to be there."""

    def __init__(
        self,
        library: Library,
        settings: IngestionSettings,
        stored: Stored,
        present: Collection[str],
    ) -> None:
        self._library = library
        self._settings = settings
        self._stored = stored
        self._present = present
        self._files: dict[str, str] = {}  # from where to where

    def note(self, path: str, sha256: str) -> Path | None:
        """Where a new file stood before, if it did; it is taken to have moved from there."""
        if path in self._stored:
            return None
        name = Path(path).name
        same = sorted(self._stored.with_hash(sha256), key=lambda p: Path(p).name != name)
        for before in same:
            if before not in self._present and is_gone(before):
                self._stored.forget(before)
                self._files[before] = path
                return Path(before)
        return None

    def follow(self, unmoved: Collection[str]) -> list[str]:
        """Have roots and notebooks go along with folders that have moved, when all is stored.

        ``unmoved`` are files that are where they were. Returns documents that are to be removed:
        those the patterns of a root that has moved speak against.
        """
        if not self._files:
            return []
        excluded: list[str] = []
        for path in self._roots():
            if any(is_beneath(before, path) for before in self._files) and self._is_left(path):
                excluded += self._move_root(path)
        members = {path for notebook in self._library.notebooks() for path in notebook.paths}
        for path in sorted(map(str, members)):  # a folder before what is within it, and goes along
            after = self._destination(path) if self._is_left(path) else ""
            # A notebook is not to hold all of a folder that some of its notes have gone to.
            if after and not any(is_beneath(other, after) for other in unmoved):
                self._library.move_in_notebooks(Path(path), Path(after))
        return excluded

    def _move_root(self, path: str) -> list[str]:
        after = self._library.root(Path(self._destination(path)))
        if after is None:
            self._library.forget_root(Path(path))
            return []
        self._library.move_root(Path(path), after.path)
        return self._excluded(after.path)

    def _excluded(self, path: Path) -> list[str]:
        """What is stored beneath a root that its patterns speak against: it has only got them."""
        root = self._library.root(path)
        if root is None:
            return []
        top = str(path)
        patterns = patterns_of(top, self._settings, root.include, root.exclude)
        inner = [each for each in self._roots() if each != top and is_beneath(each, top)]
        return [
            each
            for each in self._stored.stamps
            if is_beneath(each, top)
            and not is_archive(each)
            and patterns.rule_out(each, False)
            and not any(is_beneath(each, other) for other in inner)
        ]

    def _roots(self) -> list[str]:
        return [str(root.path) for root in self._library.roots()]

    def _is_left(self, path: str) -> bool:
        """Whether a file or folder is gone and nothing is stored of it."""
        return is_gone(path) and path not in self._stored and not self._stored.beneath(path)

    def _destination(self, path: str) -> str:
        """Where most of what was at or beneath ``path`` is, in its place there; "" if nowhere."""
        places = Counter(
            after.removesuffix(rest)
            for before, after in self._files.items()
            if is_beneath(before, path) and after.endswith(rest := before[len(path) :])
        )
        return max(places, key=places.__getitem__, default="")
