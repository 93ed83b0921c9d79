"""What a turn shows: a question and all that came of it, laid out or not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from assistant.types import EVERYTHING

if TYPE_CHECKING:
    from assistant.types import Answer, Citation, Scope, Source


class State(Enum):
    """Where an exchange stands; the last three are ends."""

    SEARCHING = "searching"
    READING = "reading"
    ANSWERING = "answering"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


ENDS = frozenset({State.COMPLETE, State.STOPPED, State.FAILED})


@dataclass(slots=True, eq=False)
class Exchange:
    """A question and what came of it; it outlives the widget that shows it.

    ``number`` is its place among the stored questions of the chat, from 1; 0 while it has none.
    ``scope`` is where it was put, as far as that is known: a stored turn does not tell. ``found``
    are the sources until there is an answer, ``streamed`` its text until then, ``failure`` says
    why there is none.
    """

    question: str
    answer: Answer | None = None
    scope: Scope = EVERYTHING
    number: int = 0
    state: State = State.SEARCHING
    found: tuple[Source, ...] = ()
    streamed: str = ""
    failure: str = ""

    def __post_init__(self) -> None:
        if self.answer is not None:
            self.state = State.COMPLETE

    @property
    def was_refused(self) -> bool:
        """The notes hold no answer, as far as was looked."""
        return self.answer is not None and self.answer.refused

    @property
    def running(self) -> bool:
        return self.state not in ENDS

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.answer.sources if self.answer else ()) or self.found

    @property
    def citations(self) -> tuple[Citation, ...]:
        return self.answer.citations if self.answer else ()

    @property
    def text(self) -> str:
        """What there is of the answer, with marks where the notes do not bear it out."""
        if self.answer is None:
            return self.streamed
        return self.answer.marked(partial="[~]", unsupported="[?]")
