"""Plain text: as it stands, line by line; numbered headings set its sections."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from assistant.ingestion.readers.base import Reading
from assistant.ingestion.text import clean, decode
from assistant.types import Part, Place

# "2. 키 발급과 이름", "3.1 Rollback": short, alone between blank lines, and no sentence.
_HEADING = re.compile(
    r"(?:\A|(?<=\n\n))(\d{1,2}(?:\.\d{1,2}){0,3}[.)]?[ \t]+[^\n]{0,70}[^\s.!?:;,。])(?=\n\n)"
)


def read(path: Path, data: bytes) -> Reading:
    """No title; one part, or one for each numbered heading where there are several."""
    text = clean(decode(data))
    headings = list(_HEADING.finditer(text))
    if len(headings) < 2:
        headings = []
    edges = [0, *(match.start() for match in headings), len(text)]
    names: list[tuple[str, ...]] = [(), *((match[1],) for match in headings)]
    parts = []
    line = 1
    for names_above, (start, end) in zip(names, pairwise(edges), strict=True):
        section = text[start:end]
        body = section.lstrip("\n")
        first = line + len(section) - len(body)
        if body.strip():
            parts.append(Part(body.rstrip(), Place(line=first, headings=names_above)))
        line += section.count("\n")
    return Reading("", tuple(parts))
