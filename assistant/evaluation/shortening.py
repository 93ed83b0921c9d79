"""An answer in sentences reduced to the few words that a gold answer is."""

from __future__ import annotations

import re

from assistant.sentences import sentences
from assistant.types import Language

_CITATION = re.compile(r"\s?\[\d+(?:\s*,\s*\d+)*\]")


def short_form(text: str, question: str, language: Language) -> str:
    """The span of the answer's first sentence that answers ``question``."""
    text = _CITATION.sub("", text)
    spans = sentences(text)
    return text[slice(*spans[0])] if spans else ""
