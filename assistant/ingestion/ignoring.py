"""Patterns in ``.gitignore`` form, asked about very many paths.

Paths are plain strings: a rescan asks about each file of a folder, and most folders have no
patterns at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.ingestion.text import decode

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = frozenset((".gitignore", ".assistantignore"))


@dataclass(frozen=True, slots=True)
class Rules:
    """Patterns that speak of what is below ``folder``."""

    folder: str
    _spec: GitIgnoreSpec
    _any: re.Pattern[str]

    @classmethod
    def of(cls, folder: str, lines: Sequence[str]) -> Rules | None:
        """None where ``lines`` hold no pattern."""
        if not lines:
            return None
        from pathspec import GitIgnoreSpec  # takes longer to import than many folders to scan

        spec = GitIgnoreSpec.from_lines(lines)
        # One look at all patterns at once is enough for nearly every file.
        patterns = [pattern.regex.pattern for pattern in spec.patterns if pattern.regex is not None]
        if not patterns:
            return None
        unnamed = [re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern in patterns]
        return cls(folder, spec, re.compile("|".join(f"(?:{pattern})" for pattern in unnamed)))

    @classmethod
    def read(cls, folder: str, names: Collection[str]) -> Rules | None:
        """Of the ignore files among ``names``, which stand in ``folder``."""
        lines: list[str] = []
        for name in sorted(IGNORE_FILES.intersection(names), reverse=True):
            try:
                lines += decode(Path(folder, name).read_bytes()).splitlines()
            except OSError:
                continue  # rules that cannot be read ignore nothing
        return cls.of(folder, lines)

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """True: a pattern names it, False: expressly not, None: nothing is said of it."""
        relative = path[len(self.folder) :].replace(os.sep, "/").lstrip("/")
        relative += "/" if is_folder else ""
        if not self._any.match(relative):
            return None
        return self._spec.check_file(relative).include


@dataclass(frozen=True, slots=True)
class Patterns:
    """What was given for a root, in its settings or by name.

    What ``exclude`` names is passed by, whatever ignore files say; where there is an ``include``,
    only files that it names are read. ``mark`` differs between patterns, and is "" for none.
    """

    include: Rules | None
    exclude: Rules | None
    mark: str

    @classmethod
    def of(cls, root: str, include: Sequence[str], exclude: Sequence[str]) -> Patterns:
        given = json.dumps([list(include), list(exclude)])
        mark = hashlib.sha256(given.encode()).hexdigest()[:12] if include or exclude else ""
        return cls(Rules.of(root, include), Rules.of(root, exclude), mark)

    def __bool__(self) -> bool:
        return self.include is not None or self.exclude is not None

    def rule_out(self, path: str, is_folder: bool, rules: Sequence[Rules] = ()) -> str:
        """Why ``path`` is passed by, "" if it is not; ``rules`` are of ignore files around it.

        Of these the first that speaks of it decides.
        """
        verdict = self.exclude.verdict(path, is_folder) if self.exclude else None
        for rule in rules:
            if verdict is not None:
                break
            verdict = rule.verdict(path, is_folder)
        if verdict:
            return "ignored"
        if self.include and not is_folder and not self.include.verdict(path, False):
            return "not included"
        return ""
