"""What is shown of names: of files in messages, of headings, and of titles programs made up."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.ingestion.text import clean

_HEADING_CHARACTERS = 200
_USELESS_TITLE = re.compile(
    r"^(?:untitled|\(?anonymous\)?|제목 ?없음|무제|(?:microsoft )?(?:word|powerpoint|excel)\b.*"
    r"|word 문서|powerpoint 프레젠테이션|슬라이드 ?\d+|slide ?\d+|프레젠테이션\d*|presentation\d*"
    r"|문서\d*|document\d*)$"
    r"|^microsoft |\.(?:docx?|pptx?|xlsx?|hwpx?|tex|dvi|pdf)$",
    re.IGNORECASE,
)


def words(text: str) -> frozenset[str]:
    """A set of words, written as one line of them."""
    return frozenset(text.split())


def one_line(text: str) -> str:
    """Text from a file without line breaks, or anything else that is not seen."""
    return " ".join(clean(text).split())


def heading_name(text: str) -> str:
    """A heading as a place names it: on one line, and cut where it is a whole paragraph."""
    return one_line(text)[:_HEADING_CHARACTERS]


def file_name(path: Path) -> str:
    """How a message calls a file: macOS decomposes names, and others hide characters in them."""
    return one_line(path.name)


def own_title(title: str | None) -> str:
    """A title from a file's properties; "" where a program made it up."""
    title = one_line(title or "")
    return "" if _USELESS_TITLE.search(title) else title
