"""The values that cross from one room of the house to another.

Standard library only, so that anything may import this package at no cost. Every class is a
frozen, slotted dataclass: values are handed on, never changed in place. To make such classes takes
half a millisecond each, so a module of them is imported when one of its names is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.types.answers import (
        Answer as Answer,
        Answered as Answered,
        Citation as Citation,
        Claim as Claim,
        ContextUse as ContextUse,
        Fault as Fault,
        FaultKind as FaultKind,
        Finish as Finish,
        Message as Message,
        Omitted as Omitted,
        QueryEvent as QueryEvent,
        QuestionKind as QuestionKind,
        Quoted as Quoted,
        Rating as Rating,
        Retrieved as Retrieved,
        Role as Role,
        Summarising as Summarising,
        Support as Support,
        Thinking as Thinking,
        Timing as Timing,
        Token as Token,
    )
    from assistant.types.documents import (
        Document as Document,
        Language as Language,
        Node as Node,
        Part as Part,
        Place as Place,
        StoredNode as StoredNode,
    )
    from assistant.types.explanations import (
        Expectation as Expectation,
        Explained as Explained,
        Explanation as Explanation,
        Fate as Fate,
        Hindrance as Hindrance,
        Share as Share,
    )
    from assistant.types.ingestion import (
        AnalysisProgress as AnalysisProgress,
        ChangesSeen as ChangesSeen,
        EmbeddingProgress as EmbeddingProgress,
        FileFailed as FileFailed,
        FileIndexed as FileIndexed,
        FileMoved as FileMoved,
        FileRemoved as FileRemoved,
        FileSkipped as FileSkipped,
        FilesUnchanged as FilesUnchanged,
        IndexProgress as IndexProgress,
        IndexStep as IndexStep,
        IngestEvent as IngestEvent,
        IngestFinished as IngestFinished,
        IngestReport as IngestReport,
        IngestStarted as IngestStarted,
        WatchEvent as WatchEvent,
        WatchFailed as WatchFailed,
        WatchStarted as WatchStarted,
    )
    from assistant.types.library import (
        Chat as Chat,
        ChatHit as ChatHit,
        FileState as FileState,
        FileStatus as FileStatus,
        LibraryStatus as LibraryStatus,
        Notebook as Notebook,
        Root as Root,
        WaitingTurn as WaitingTurn,
    )
    from assistant.types.models import (
        Check as Check,
        ModelOption as ModelOption,
        ModelProgress as ModelProgress,
        ModelState as ModelState,
    )
    from assistant.types.retrieval import (
        EVERYTHING as EVERYTHING,
        Evidence as Evidence,
        Leg as Leg,
        Pick as Pick,
        Retrieval as Retrieval,
        Scope as Scope,
        Source as Source,
        Surroundings as Surroundings,
    )
    from assistant.types.settings import (
        Setting as Setting,
    )

_MODULES = {
    "answers": (
        "Answer Answered Citation Claim ContextUse Fault FaultKind Finish Message Omitted "
        "QueryEvent QuestionKind Quoted Rating Retrieved Role Summarising Support Thinking "
        "Timing Token"
    ),
    "documents": "Document Language Node Part Place StoredNode",
    "explanations": "Expectation Explained Explanation Fate Hindrance Share",
    "ingestion": (
        "AnalysisProgress ChangesSeen EmbeddingProgress FileFailed FileIndexed FileMoved "
        "FileRemoved FileSkipped FilesUnchanged IndexProgress IndexStep IngestEvent "
        "IngestFinished IngestReport IngestStarted WatchEvent WatchFailed WatchStarted"
    ),
    "library": "Chat ChatHit FileState FileStatus LibraryStatus Notebook Root WaitingTurn",
    "models": "Check ModelOption ModelProgress ModelState",
    "retrieval": "EVERYTHING Evidence Leg Pick Retrieval Scope Source Surroundings",
    "settings": "Setting",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value  # found at once from now on
    return value
