"""What screens are made of.

``AnswerText`` is to be had from here, and is imported when the first answer is laid out: the
Markdown that it is made of takes as long to import as all else before the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.tui.widgets.answer import AnswerText as AnswerText


def __getattr__(name: str) -> Any:
    if name != "AnswerText":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from assistant.tui.widgets.answer import AnswerText

    return AnswerText
