"""Code as Markdown keeps it: between fences, which the splitter knows."""

from __future__ import annotations

import re

from assistant.ingestion.text import clean

_MARKS = re.compile(r"^[ \t]*(`+)", re.MULTILINE)


def fence(text: str, language: str) -> str:
    """``text`` as a fenced block; the fence is longer than any within."""
    longest = max((len(run) for run in _MARKS.findall(text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{clean(language).strip()}\n{text}\n{marks}"
