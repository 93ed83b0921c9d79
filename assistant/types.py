"""The values that cross from one room of the house to another.

Standard library only, so that anything may import this module at no cost. Every class is a
frozen, slotted dataclass: values are handed on, never changed in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ko", "en", "mixed", "other"]
Role: TypeAlias = Literal["system", "user", "assistant"]

# --------------------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document a passage stands, in the reader's terms.

    ``page``, ``slide`` and ``cell`` count from 1, ``line`` is the passage's first line counted
    from 1, ``headings`` is the path from the outermost heading to the innermost. ``first_row`` and
    ``last_row`` count the rows of ``sheet`` from 1, as a spreadsheet shows them; ``seconds`` is
    the time in a recording at which a subtitle is spoken.
    """

    page: int | None = None
    cell: int | None = None
    line: int | None = None
    headings: tuple[str, ...] = ()
    slide: int | None = None
    sheet: str = ""
    first_row: int | None = None
    last_row: int | None = None
    seconds: float | None = None

    @property
    def label(self) -> str:
        """What a citation prints: ``p. 3 · Attention › Scaling``; the line when all else fails."""
        where = []
        if self.page is not None:
            where.append(f"p. {self.page}")
        if self.slide is not None:
            where.append(f"slide {self.slide}")
        if self.cell is not None:
            where.append(f"cell {self.cell}")
        if self.sheet:
            where.append(self.sheet)
        if self.first_row is not None:
            last = self.last_row or self.first_row
            where.append(
                f"rows {self.first_row}–{last}" if last > self.first_row else f"row {last}"
            )
        if self.seconds is not None:
            where.append(_clock(self.seconds))
        if self.headings:
            where.append(" › ".join(self.headings))
        if not where and self.line is not None:
            where.append(f"line {self.line}")
        return " · ".join(where)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a document as its reader found it, all at one place.

    ``text`` is NFC. The document's text is its parts joined by a blank line; node offsets
    (:attr:`Node.start`, :attr:`Node.end`) count characters in that text.
    """

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it stands in the library.

    ``path`` is the file's own absolute path, byte for byte as the system names it; ``root`` is
    the folder (or the file itself) it was ingested from. ``mtime_ns`` and ``size`` (bytes) tell
    an untouched file apart without opening it; ``sha256`` is of the file's bytes, in hex.
    ``splitter`` tells how its text was cut into nodes; another value means cutting it again.
    ``pages`` counts its pages or slides, 0 where the format has none; ``unread`` are those that
    hold no text that can be read, as a scan does not.

    A file within an archive stands beneath it, as if the archive were a folder
    (``notes.zip/week 3/attention.md``); the archive itself is a document of format ``archive``
    without nodes.
    """

    path: Path
    root: Path
    title: str
    format: str
    size: int
    mtime_ns: int
    sha256: str
    splitter: str = ""
    pages: int = 0
    unread: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A passage of a document: the unit that is embedded, found and cited.

    ``start`` and ``end`` count characters in the document's text (see :class:`Part`).
    ``text`` is shown and cited; ``context`` (title and heading path) goes in front of it when
    it is embedded and indexed, so that a passage is found by the section it stands in.
    """

    text: str
    place: Place
    start: int
    end: int
    language: Language
    context: str = ""

    @property
    def indexed_text(self) -> str:
        """What the encoder and the lexical index see."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class StoredNode:
    """A node with its library id and the document it belongs to."""

    id: int
    document_id: int
    path: Path
    title: str
    node: Node


# --------------------------------------------------------------------------- retrieval


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents a question is put to: those at or beneath ``paths``, all when there are none.

    ``name`` is what people see: a notebook, a folder, a file.
    """

    paths: tuple[Path, ...] = ()
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.paths)


EVERYTHING = Scope()
"""The whole library."""


@dataclass(frozen=True, slots=True)
class Leg:
    """How one way of searching ranked a node: ``rank`` from 1, ``score`` in the leg's own unit."""

    name: Literal["dense", "lexical", "proximity", "reranker"]
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Source:
    """A passage offered as evidence, numbered as the answer cites it (``n`` from 1)."""

    n: int
    node_id: int
    path: Path
    place: Place
    title: str
    text: str
    score: float
    legs: tuple[Leg, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure retrieval is that the notes speak of the question.

    ``similarity`` is the best cosine of the dense leg (-1 to 1, 0 when it is empty);
    ``coverage`` the share (0 to 1) of the question's term weight that the best lexical hit holds.
    """

    similarity: float = 0.0
    coverage: float = 0.0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """All that one retrieval found, best first."""

    query: str
    sources: tuple[Source, ...]
    evidence: Evidence
    seconds: float = 0.0


# --------------------------------------------------------------------------- explanations


@dataclass(frozen=True, slots=True)
class Share:
    """What a leg adds to a fused score: ``weight`` times ``scaled`` (0 to 1).

    ``rank`` and ``score`` are the leg's own; None where it did not find the passage.
    """

    leg: str
    rank: int | None
    score: float | None
    scaled: float
    weight: float

    @property
    def points(self) -> float:
        return self.weight * self.scaled


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a passage was found.

    ``shares`` are the summands of its fused score. ``matched`` and ``missing`` are the question's
    terms that the passage, with its title and headings, holds or not. ``spans`` are the
    characters (start, end) of the passage's text that match, ``best`` those of the sentence
    nearest to the question; None when no sentence is nearer than another.
    """

    source: Source
    shares: tuple[Share, ...]
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()
    best: tuple[int, int] | None = None

    @property
    def fused(self) -> float:
        return sum(share.points for share in self.shares)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why passages were found for ``query``.

    ``fusion`` is how the legs were joined; ``gate`` (0 to 1) how far words were trusted, by the
    share of the question's term weight that the best hit holds.
    """

    query: str
    fusion: str
    gate: float
    evidence: Evidence
    hits: tuple[Explained, ...]
    seconds: float = 0.0


Fate: TypeAlias = Literal[
    "found",  # it is hit ``hit``
    "copy",  # it says the same as hit ``hit``, which was taken instead
    "ranked",  # it is behind the hits, at ``rank`` of the candidates
    "beyond",  # no leg has it among its candidates
    "not_embedded",  # its words do not match, and its meaning is not known yet
    "out_of_scope",  # it is not where the question was put
    "failed",  # it could not be read
    "skipped",  # it was not read, or holds no text
    "ignored",  # a pattern or its name keeps it out
    "new",  # it is where notes are taken from, and was not taken in yet
    "not_ingested",  # it is outside all that was ingested
    "missing",  # there is no such file
]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why ingestion passes a file by: ``reason`` in a few words.

    ``pattern`` is what names it, of the file ``where`` or, for an empty path, of the settings or
    those given with its folder.
    """

    reason: str
    pattern: str = ""
    where: Path = Path()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What became of a file that was expected to be found.

    ``path`` is what was meant, ``reason`` and ``hint`` what the library noted of it; ``root`` is
    the folder it belongs to, if any. It has ``nodes`` passages, ``waiting`` of them without an
    embedding; ``searched`` passages were asked in all. ``rank`` is that of its best passage among
    the fused candidates; ``passage`` explains that passage, its legs' ranks counted among all that
    were asked as far down as 2,000.
    """

    question: str
    path: Path
    fate: Fate
    reason: str = ""
    hint: str = ""
    root: Path | None = None
    hindrance: Hindrance | None = None
    nodes: int = 0
    waiting: int = 0
    searched: int = 0
    hit: int | None = None
    rank: int | None = None
    passage: Explained | None = None
    hits: tuple[Source, ...] = ()


# --------------------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat as the language model sees it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Citation:
    """One [n] of an answer and the sentence of the source that carries it.

    ``text`` is the sentence verbatim; ``start`` and ``end`` are its character offsets in the
    source's text; ``claim_start`` and ``claim_end`` those of the supported sentence in the answer.
    ``support`` is the measured overlap of the claim with that sentence, from 0 to 1.
    """

    n: int
    path: Path
    place: Place
    text: str
    start: int
    end: int
    claim_start: int
    claim_end: int
    support: float


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall time in seconds and token counts of one answer."""

    retrieval: float = 0.0
    first_token: float | None = None
    total: float = 0.0
    prompt_tokens: int = 0
    answer_tokens: int = 0

    @property
    def tokens_per_second(self) -> float | None:
        """Decoding rate after the first token; None when there was nothing to measure."""
        if self.first_token is None or self.answer_tokens < 2:
            return None
        decoding = self.total - self.first_token
        return (self.answer_tokens - 1) / decoding if decoding > 0 else None


Finish: TypeAlias = Literal["complete", "length", "stopped", "refused", "quoted"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk said, with all it rests on.

    ``finish`` is ``refused`` when the notes hold no answer (``text`` then says so and
    ``sources`` are the nearest passages), ``stopped`` when the user stopped it, ``length``
    when the token limit cut it, ``quoted`` when no model wrote it and it is sentences of the notes,
    word for word. ``left_out`` counts sources that did not fit the budget.
    """

    question: str
    text: str
    language: Language
    finish: Finish
    citations: tuple[Citation, ...] = ()
    sources: tuple[Source, ...] = ()
    left_out: int = 0
    model: str = ""
    timing: Timing = field(default_factory=Timing)

    @property
    def refused(self) -> bool:
        return self.finish == "refused"


# --------------------------------------------------------------------------- query events


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The evidence is known; it is shown before the first token."""

    retrieval: Retrieval


@dataclass(frozen=True, slots=True)
class Token:
    """Some more of the answer, as plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is final; its text replaces what was streamed."""

    answer: Answer


QueryEvent: TypeAlias = Retrieved | Token | Answered

# --------------------------------------------------------------------------- ingestion events


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

# --------------------------------------------------------------------------- library

FileState: TypeAlias = Literal["indexed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One line of ``status --files``.

    ``nodes`` are those stored, also of a file that has since failed to be read. ``unread`` are its
    pages without text, ``language`` that of most of its nodes ("" for none), ``indexed_at`` when it
    was stored or last seen to fail: ISO 8601 in UTC.
    """

    path: Path
    state: FileState
    nodes: int = 0
    reason: str = ""
    hint: str = ""
    root: Path = Path()
    title: str = ""
    format: str = ""
    language: str = ""
    pages: int = 0
    unread: tuple[int, ...] = ()
    size: int = 0
    indexed_at: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """A folder or file that was ingested, and what it holds.

    ``include`` and ``exclude`` are patterns in ``.gitignore`` form: with the first only what they
    name is read, what the second name is passed by. ``watched``: changes are taken in as they
    happen. ``synced_at`` is when it was last brought in step, ISO 8601 in UTC.
    """

    path: Path
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    watched: bool = False
    synced_at: str = ""
    documents: int = 0
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class Notebook:
    """A named collection: every document at or beneath one of ``paths``, now and later."""

    name: str
    paths: tuple[Path, ...]
    documents: int = 0
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """What a library holds. ``embedded`` of ``nodes`` take part in dense search."""

    folder: Path
    documents: int
    nodes: int
    embedded: int
    index_type: str
    embedding_model: str
    size: int
    failed: tuple[FileStatus, ...] = ()
    chats: int = 0


@dataclass(frozen=True, slots=True)
class Chat:
    """A stored conversation; times are ISO 8601 in UTC."""

    id: int
    title: str
    created: str
    updated: str
    turns: int


# --------------------------------------------------------------------------- models


@dataclass(frozen=True, slots=True)
class ModelState:
    """A line of ``assistant models``. ``size`` in bytes of what is on disk or to be fetched.

    ``endpoint`` is the base URL of a model that is served, and ``leaves_machine`` whether what it
    reads goes to another machine.
    """

    name: str
    task: Literal["embedding", "generation", "reranking"]
    source: str
    revision: str
    licence: str
    size: int
    installed: bool
    converted: bool
    active: bool
    location: Path | None = None
    hint: str = ""
    endpoint: str = ""
    leaves_machine: bool = False


@dataclass(frozen=True, slots=True)
class ModelOption:
    """A language model that can be taken: ``setting`` is then the value of ``models.generation``.

    ``place`` is the host of one that is served. ``problem`` says why it cannot be taken now.
    """

    setting: str
    name: str
    place: str = ""
    active: bool = False
    leaves_machine: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """A step of preparing a model: ``done`` of ``total`` units (bytes or tensors)."""

    model: str
    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``assistant doctor``; ``hint`` says how to mend what is not ok."""

    name: str
    level: Literal["ok", "warning", "error"]
    detail: str
    hint: str = ""
