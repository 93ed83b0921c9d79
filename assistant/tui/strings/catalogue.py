"""What the rooms beneath say in English, said in another language.

Errors, steps and findings are worded where they arise. A catalogue has the template of each, with
``{}`` for what is filled in, and the same in another language, with ``{0}``, ``{1}`` for the parts.
What has no entry stays as it is: an English sentence is better than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache


class Catalogue:
    """``entries``: from English templates to those of another language."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._whole = {english: other for english, other in entries.items() if "{}" not in english}
        self._entries = entries
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        self.say = lru_cache(maxsize=512)(self._say)

    def _say(self, text: str) -> str:
        """``text`` in the other language; what is filled in is looked up as well.

        A single word is not: it may be the name of a folder.
        """
        if (whole := self._whole.get(text)) is not None:
            return whole
        for pattern, other in self._compiled():
            if (found := pattern.fullmatch(text)) is not None:
                parts = (self._say(part) if " " in part else part for part in found.groups())
                return other.format(*parts)
        return text

    def _compiled(self) -> list[tuple[re.Pattern[str], str]]:
        # Compiled when first needed; what says most comes first, as one template may hold another.
        if not self._patterns:
            templates = [english for english in self._entries if "{}" in english]
            for english in sorted(templates, key=lambda each: -len(each.replace("{}", ""))):
                parts = map(re.escape, english.split("{}"))
                pattern = re.compile("(.*?)".join(parts), re.DOTALL)
                self._patterns.append((pattern, self._entries[english]))
        return self._patterns
