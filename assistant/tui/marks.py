"""How the text of an answer tells what the notes do not bear out, until it is laid out."""

from __future__ import annotations

# Ours alone: `without_marks` takes them out of what a model wrote.
PARTIAL, UNSUPPORTED = "[\ue000~]", "[\ue000?]"
"""What :meth:`AnswerText.finish` shows as [~] and [?], set off."""


def without_marks(text: str) -> str:
    """``text`` with nothing in it that passes for a mark, at the same length."""
    return text.replace("\ue000", "\ufffd")
