"""From the events of a question, in a worker's thread, to messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import TYPE_CHECKING

from textual.message import Message

from assistant import types
from assistant.tui.messages import (
    AnswerCompleted,
    AnswerGrew,
    EvidenceFound,
    NotesQuoted,
    SummaryAdvanced,
    ThinkingBegun,
)

if TYPE_CHECKING:
    from assistant.types import Answer, QueryEvent

_FLUSH_SECONDS = 0.05


def follow(
    events: Iterable[QueryEvent],
    post: Callable[[Message], object],
    is_cancelled: Callable[[], bool],
) -> Answer | None:
    """Post what ``events`` tell; return the answer if one came.

    Tokens that come within a twentieth of a second travel together. What came before an error is
    posted before it is raised.
    """
    pending: list[str] = []
    posted = 0.0

    def flush() -> None:
        nonlocal posted
        if pending:
            post(AnswerGrew("".join(pending)))
            pending.clear()
            posted = monotonic()

    answered = None
    try:
        for event in events:
            if is_cancelled():
                return None
            match event:
                case types.Retrieved(retrieval, standalone):
                    post(EvidenceFound(retrieval, standalone))
                case types.Thinking():
                    post(ThinkingBegun())
                case types.Summarising():
                    flush()
                    post(SummaryAdvanced(event))
                case types.Quoted(citations):
                    post(NotesQuoted(citations))
                case types.Token(text):
                    pending.append(text)
                    if monotonic() - posted >= _FLUSH_SECONDS:
                        flush()
                case types.Answered():
                    answered = event.answer
                    flush()
                    post(AnswerCompleted(answered))
    except Exception:
        flush()
        raise
    return answered
