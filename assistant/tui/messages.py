"""What happened, told by a worker or a widget to whoever shows it.

Workers walk the desk's generators in a thread and post these; handlers own the widgets. Each is
a past fact whose payload is a frozen value of :mod:`assistant.types`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from assistant.errors import AssistantError
    from assistant.tui.exchange import Exchange
    from assistant.tui.opening import Opening
    from assistant.tui.shelves import Entry, Shelves
    from assistant.tui.tally import IngestTally
    from assistant.types import (
        Answer,
        Chat,
        Citation,
        FileFailed,
        IngestReport,
        LibraryStatus,
        ModelOption,
        ModelProgress,
        Pick,
        Retrieval,
        Root,
        Scope,
        Source,
        Summarising,
        Surroundings,
    )

ModelTask = Literal["embedding", "generation"]
PickKind = Literal["pinned", "excluded"]

# --------------------------------------------------------------------------- asking


@dataclass
class PathPasted(Message):
    """What looks like a path was pasted, or dropped, into an empty prompt."""

    text: str


@dataclass
class PathFound(Message):
    """What was pasted as ``text`` is a file or folder."""

    text: str
    path: Path


@dataclass
class AddingWanted(Message):
    """The user may want to add what is at ``path``."""

    path: Path


@dataclass
class QuestionSubmitted(Message):
    """The user sent what is in the prompt."""

    text: str


@dataclass
class EvidenceFound(Message):
    """Retrieval is done; nothing of the answer is there yet.

    ``standalone`` is what was searched for, where that is not the question as it was asked.
    """

    retrieval: Retrieval
    standalone: str = ""


@dataclass
class ThinkingBegun(Message):
    """A reasoning model thinks before it answers."""


@dataclass
class SummaryAdvanced(Message):
    """A summary begins its next step."""

    step: Summarising


@dataclass
class NotesQuoted(Message):
    """What the notes say that comes nearest is known; the model has not begun to write."""

    citations: tuple[Citation, ...]


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
    """Question and answer are in the library, as the ``number``-th (from 1) of this chat."""

    chat_id: int
    number: int


# --------------------------------------------------------------------------- reading


@dataclass
class CitationActivated(Message):
    """A [n] in the text of an answer was clicked."""

    n: int


@dataclass
class TurnPicked(Message):
    """The user turned to an answer, and to its source ``n`` if one was named."""

    exchange: Exchange
    n: int | None = None


@dataclass
class PassageShown(Message):
    """The passage of ``source`` is in view."""

    source: Source


@dataclass
class SurroundingsRead(Message):
    """What stands around the passage of ``source`` in its document."""

    source: Source
    around: Surroundings


@dataclass
class SourceOpened(Message):
    """The user wants to see a file itself, at ``line`` (from 1) if that is known."""

    path: Path
    line: int | None = None


@dataclass
class TextTaken(Message):
    """The user copied ``text``; ``notice`` says what it is."""

    text: str
    notice: str


@dataclass
class TextKept(Message):
    """What was copied is in ``file`` as well; None where it could not be written."""

    notice: str
    file: Path | None


@dataclass
class PickToggled(Message):
    """The user wants something always or never offered for the question turned to, or no longer."""

    kind: PickKind
    pick: Pick


# --------------------------------------------------------------------------- library


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
class NewcomerMet(Message):
    """Nobody was shown round this library, and there is nothing in it."""


@dataclass
class LibraryCounted(Message):
    """The library said what it holds."""

    status: LibraryStatus


@dataclass
class LibraryListed(Message):
    """The library told all its files, folders and notebooks."""

    shelves: Shelves


@dataclass
class LibraryChanged(Message):
    """Something was done to the library that is no ingestion; ``notice`` tells what.

    ``roots``: other folders are to be watched than before.
    """

    notice: str
    roots: bool = False


@dataclass
class DocumentsForgotten(Message):
    """The library has let go of ``paths``, at or beneath ``path``; they are on disk as before.

    ``root`` is that of ``path`` as it was, None if there was none.
    """

    path: Path
    paths: tuple[Path, ...]
    root: Root | None


@dataclass
class EntryPicked(Message):
    """The user turned to a row of the library; None stands for a heading."""

    entry: Entry | None


@dataclass
class EntryActivated(Message):
    """The user wants to see a file."""

    entry: Entry


@dataclass
class FileLocated(Message):
    """A file is there, and so is the editor for it, which needs the terminal."""

    path: Path
    how: Opening


@dataclass
class ScopeChosen(Message):
    """Questions are limited to ``scope`` from now on, or to nothing when it is empty."""

    scope: Scope


# --------------------------------------------------------------------------- watching


@dataclass
class WatchingBegan(Message):
    """Folders are in step and are kept so."""

    roots: tuple[Path, ...]


@dataclass
class ChangesTakenIn(Message):
    """Changes of watched folders are in the library; each tuple may be empty.

    ``embedded`` counts passages, of these changes or left by an earlier ingestion.
    """

    updated: tuple[Path, ...]
    removed: tuple[Path, ...]
    failed: tuple[FileFailed, ...]
    embedded: int = 0


@dataclass
class RootOutOfStep(Message):
    """A watched folder could not be brought in step; it is tried again by itself."""

    root: Path
    error: AssistantError


@dataclass
class EmbeddingBrokeOff(Message):
    """What waits could not be embedded, or not all of it."""

    error: AssistantError


@dataclass
class WatchingEnded(Message):
    """No folder is watched now; ``error`` if that was not meant."""

    error: AssistantError | None = None


# --------------------------------------------------------------------------- chats


@dataclass
class ChatLoaded(Message):
    """A stored chat was read, to be shown from its ``turn``-th question, or its end for 0."""

    chat: Chat
    turns: tuple[tuple[str, Answer], ...]
    turn: int = 0


@dataclass
class ChatDeleted(Message):
    """A chat was put away; for a day it can be taken back."""

    chat_id: int


@dataclass
class ChatRenamed(Message):
    """A chat has another title."""

    chat_id: int
    title: str


# --------------------------------------------------------------------------- settings


@dataclass
class SettingChanged(Message):
    """A setting is another now, in the file and, where ``at_once``, here."""

    key: str
    value: str
    at_once: bool


# --------------------------------------------------------------------------- models


@dataclass
class ModelAdvanced(Message):
    """A model is a step nearer to being ready."""

    task: ModelTask
    progress: ModelProgress


@dataclass
class ModelReady(Message):
    """A model can be used; ``leaves_machine`` if what it reads goes to another one."""

    task: ModelTask
    name: str
    device: str
    leaves_machine: bool = False


@dataclass
class ModelsListed(Message):
    """The language models that can be taken."""

    options: tuple[ModelOption, ...]


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
