"""A sentence that says one thing of each of two, taken apart."""

from __future__ import annotations

import re

_JOINT = re.compile(
    r"(?<=[가-힣](?:며|고|만|데)),\s+|(?<=반면),?\s+(?=[가-힣A-Za-z])"
    r"|[;,]\s+(?:while|whereas|but|and)\s+|;\s+",
    re.IGNORECASE,
)


def clauses(sentence: str) -> list[str]:
    """The clauses of ``sentence``: one where nothing joins two."""
    return [clause for clause in _JOINT.split(sentence) if clause.strip(" .")]
