"""What happened, told by a worker or a widget to whoever shows it.

Workers walk the desk's generators in a thread and post these; handlers own the widgets. Each is
a past fact whose payload is a frozen value of :mod:`assistant.types`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from assistant.errors import AssistantError
from assistant.types import (
    Answer,
    Chat,
    FileFailed,
    IngestReport,
    LibraryStatus,
    ModelProgress,
    Retrieval,
)

if TYPE_CHECKING:
    from assistant.tui.widgets.turn import Turn

ModelTask = Literal["embedding", "generation"]

# --------------------------------------------------------------------------- asking


@dataclass
class QuestionSubmitted(Message):
    """The user sent what is in the prompt."""

    text: str


@dataclass
class EvidenceFound(Message):
    """Retrieval is done; nothing of the answer is there yet."""

    retrieval: Retrieval


@dataclass
class AnswerGrew(Message):
    """Some more of the answer has come; several tokens may be in one message."""

    text: str


@dataclass
class AnswerCompleted(Message):
    """The answer is final."""

    answer: Answer


@dataclass
class AskFailed(Message):
    """The question got no (whole) answer."""

    error: AssistantError


@dataclass
class AskAbandoned(Message):
    """The user stopped before anything of an answer was there."""


@dataclass
class TurnStored(Message):
    """Question and answer are in the library, in this chat."""

    chat_id: int


# --------------------------------------------------------------------------- reading


@dataclass
class CitationActivated(Message):
    """A [n] in the text of an answer was clicked."""

    n: int


@dataclass
class TurnPicked(Message):
    """The user turned to an answer, and to its source ``n`` if one was named."""

    turn: Turn
    n: int | None = None


# --------------------------------------------------------------------------- library


@dataclass(frozen=True, slots=True)
class IngestTally:
    """How far an ingestion is. Times in seconds since it began."""

    files: int = 0
    files_total: int = 0
    passages: int = 0
    passages_total: int = 0
    current: Path | None = None
    elapsed: float = 0.0
    embedding_since: float | None = None
    failures: tuple[FileFailed, ...] = field(default=())

    @property
    def rate(self) -> float | None:
        """Passages embedded a second; None before there is something to measure."""
        if self.embedding_since is None or not self.passages:
            return None
        spent = self.elapsed - self.embedding_since
        return self.passages / spent if spent > 0 else None

    @property
    def seconds_left(self) -> float | None:
        return (self.passages_total - self.passages) / self.rate if self.rate else None


@dataclass
class IngestAdvanced(Message):
    """An ingestion came some way further."""

    tally: IngestTally


@dataclass
class IngestEnded(Message):
    """An ingestion came to its end, by itself or stopped."""

    report: IngestReport
    failures: tuple[FileFailed, ...]


@dataclass
class IngestFailed(Message):
    """An ingestion broke off; what was committed before stands."""

    error: AssistantError


@dataclass
class LibraryCounted(Message):
    """The library said what it holds."""

    status: LibraryStatus


@dataclass
class ChatLoaded(Message):
    """A stored chat was read."""

    chat: Chat
    turns: tuple[tuple[str, Answer], ...]


# --------------------------------------------------------------------------- models


@dataclass
class ModelAdvanced(Message):
    """A model is a step nearer to being ready."""

    task: ModelTask
    progress: ModelProgress


@dataclass
class ModelReady(Message):
    """A model can be used."""

    task: ModelTask
    name: str
    device: str


@dataclass
class ModelFailed(Message):
    """A model cannot be had."""

    task: ModelTask
    error: AssistantError


@dataclass
class ModelNoticed(Message):
    """Something about a model that the user should know, such as a smaller one being taken."""

    text: str


# --------------------------------------------------------------------------- anything


@dataclass
class WorkFailed(Message):
    """A worker could not do what it was asked."""

    error: AssistantError
