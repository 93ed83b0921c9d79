"""What an ingestion tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class IngestStarted:
    """The folders were walked: ``files`` are to be looked at, ``size`` bytes in all."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class FileIndexed:
    """A new or changed file is wholly in the library and can be found by its words."""

    path: Path
    nodes: int
    replaced: bool


@dataclass(frozen=True, slots=True)
class FilesUnchanged:
    """``count`` more files are in the library as they stand on disk."""

    count: int


@dataclass(frozen=True, slots=True)
class FileSkipped:
    """A file is not one to read, and why: hidden, ignored, binary, unsupported, empty."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class FileFailed:
    """A file should have been read and could not be; whatever was stored of it stays."""

    path: Path
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class FileMoved:
    """A file has another name or folder than before; its embeddings are kept."""

    path: Path
    before: Path


@dataclass(frozen=True, slots=True)
class FileRemoved:
    """A file is gone from disk, and now from the library."""

    path: Path


@dataclass(frozen=True, slots=True)
class AnalysisProgress:
    """``done`` of ``total`` new passages are found by their morphemes, not by syllables alone."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EmbeddingProgress:
    """``done`` of ``total`` passages that were waiting have their embedding."""

    done: int
    total: int


IndexStep = Literal["reading", "building", "saving"]


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far the index of many vectors is: ``done`` of ``total`` of a step, a vector each time.

    The steps, of which the first two may be left out: the library's embeddings are read, the scan
    is built, the file is written.
    """

    step: IndexStep
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The sum of one ingestion: files by outcome, nodes written, passages embedded.

    ``moved`` files are counted among ``indexed`` as well. ``left`` files had failed before and have
    not changed since; they were not tried again.
    """

    indexed: int = 0
    moved: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    left: int = 0
    removed: int = 0
    nodes: int = 0
    embedded: int = 0
    seconds: float = 0.0
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class IngestFinished:
    """The last event of every ingestion, stopped ones too."""

    report: IngestReport


IngestEvent: TypeAlias = (
    IngestStarted
    | FileIndexed
    | FilesUnchanged
    | FileSkipped
    | FileFailed
    | FileMoved
    | FileRemoved
    | AnalysisProgress
    | EmbeddingProgress
    | IndexProgress
    | IngestFinished
)


@dataclass(frozen=True, slots=True)
class WatchStarted:
    """``roots`` are in step, and from now on kept so."""

    roots: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ChangesSeen:
    """Files beneath ``root`` have changed; the ingestion that follows takes them in."""

    root: Path
    count: int


@dataclass(frozen=True, slots=True)
class WatchFailed:
    """A folder could not be brought in step; it is tried again at its next change."""

    root: Path
    reason: str
    hint: str


WatchEvent: TypeAlias = WatchStarted | ChangesSeen | WatchFailed | IngestEvent
