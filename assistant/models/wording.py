"""Errors of other libraries in the one line that ours may have."""

from __future__ import annotations


def first_line(error: BaseException) -> str:
    """What the error says first; its type where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
