"""The first pass of an ingestion: the text of every file in, and what is gone out."""

from __future__ import annotations

import os
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TypeAlias

from assistant.config import IngestionSettings
from assistant.errors import EmptyFile
from assistant.ingestion.discover import EMPTY, Candidate, Seen, Skip, Unreadable
from assistant.ingestion.ignoring import Patterns
from assistant.ingestion.moves import Moves
from assistant.ingestion.readers import FORMATS
from assistant.ingestion.reading.pool import ReaderPool
from assistant.ingestion.reading.protocol import ARCHIVE, FileRead, ReadRequest
from assistant.ingestion.splitter import split
from assistant.ingestion.storing import BATCH_SECONDS, BatchWriter
from assistant.ingestion.sync import (
    Comparison,
    Offer,
    Problems,
    Stored,
    Target,
    is_archive,
    is_beneath,
    is_gone,
)
from assistant.ingestion.ticking import ticking
from assistant.ingestion.watcher import BEING_WRITTEN
from assistant.library.library import Library, NewDocument
from assistant.protocols import Tokenizer
from assistant.types import (
    Document,
    FileFailed,
    FileIndexed,
    FileMoved,
    FileRemoved,
    FileSkipped,
    FilesUnchanged,
    IngestEvent,
    IngestReport,
)

_AHEAD = 8  # files read and waiting to be split
_SUSPICIOUS = 5  # documents that vanish together from a folder with nothing left in it
_GROWING = 1.0  # seconds since the last change of a file that another program writes
_UNSETTLED = 2.0  # seconds until a file that cannot be read is believed to be whole
_REMOVED = 200  # documents to a transaction
_PICTURE = "image"  # the format of what only OCR can read, in seconds where others take none
_PICTURES = tuple(suffix for suffix, format in FORMATS.items() if format.name == _PICTURE)

NEEDS_OCR = "needs OCR"
"""Why a picture is passed by where there is no OCR."""

_FileStamp: TypeAlias = tuple[int, int, str]
"""Size (bytes), modification time (ns) and splitter of a file that could not be read."""


class TextPass:
    """One run over what was found; ``report`` counts what became of it."""

    def __init__(
        self,
        library: Library,
        settings: IngestionSettings,
        stored: Stored,
        targets: Sequence[Target],
        patterns: Mapping[str, Patterns],
        seen: Seen,
        problems: Problems,
        tokenizer: Callable[[], Tokenizer],
        stop: Event,
    ) -> None:
        self._library = library
        self._settings = settings
        self._stored = stored
        self._targets = targets
        self._patterns = patterns
        self._named = {str(target.path) for target in targets if not target.path.is_dir()}
        self._offer = Offer.of(seen)
        self._moves = Moves(library, settings, stored, self._offer.present)
        self._load_tokenizer = tokenizer
        self._tokenizer: Tokenizer | None = None
        self._stop = stop
        self._problems = set(problems)
        self._told: set[str] = set()  # of which a problem was recorded in this run
        self._requested: deque[Candidate] = deque()  # in the order they are read
        self._archive = _Archive()
        self._doubts: list[tuple[Candidate, FileRead]] = []
        self.is_stopped = False
        self.report = IngestReport()

    def run(self, comparison: Comparison) -> Iterator[IngestEvent]:
        """Every file in, and those that are gone out."""
        if self._stops():
            return
        for path in self._problems & comparison.same:
            self._touch(path)
        self._count(left=comparison.left)
        if comparison.unchanged:
            yield self._unchanged(comparison.unchanged)
        for item in comparison.passed_by:
            if self._stops():
                return
            if type(item) is Skip:
                yield from self._passed_by(item)
            elif type(item) is Unreadable:
                yield self._unopened(item)
        # What is read at once is not to wait for what takes seconds each.
        yield from self._read(sorted(comparison.to_read, key=_is_picture))
        if self._stops():
            return  # what was not looked at is not gone
        for target in self._targets:
            yield from self._remove_gone(str(target.path))
        yield from self._remove(self._moves.follow(comparison.same))

    def settle(self) -> Iterator[IngestEvent]:
        """Tell of files that could not be read right after they were written.

        Waits until they are old enough for it to be no accident of the moment.
        """
        for file, read in self._doubts:
            wait = _UNSETTLED - _age(file.path)
            if 0 < wait <= _UNSETTLED and self._stop.wait(wait):
                self._stops()
                return
            if _stamp(file.path) == (file.size, file.mtime_ns):
                yield from self._not_read(file, read)
            else:
                yield self._being_written(read.path)

    def tell_missing(self, roots: Iterable[Path]) -> Iterator[IngestEvent]:
        """Of roots of the library that are not there; what is stored of them stays."""
        for path in roots:
            if self._library.root(path) is not None:  # or else it has moved
                hint = f"is its drive connected? `assistant remove {path}` forgets it"
                yield self._fail(path, path, f"{path} does not exist", hint)

    def note_synced(self) -> None:
        """The roots are in step."""
        for target in self._targets:
            if target.is_root:
                self._library.note_synced(target.path)

    def _stops(self) -> bool:
        self.is_stopped = self.is_stopped or self._stop.is_set()
        return self.is_stopped

    def _count(self, **more: int) -> None:
        sums = {name: getattr(self.report, name) + number for name, number in more.items()}
        self.report = replace(self.report, **sums)

    # ------------------------------------------------------------------ reading

    def _read(self, files: Sequence[Candidate]) -> Iterator[IngestEvent]:
        if not files:
            return
        pool = ReaderPool(
            processes=min(4, os.cpu_count() or 1),
            seconds=self._settings.read_seconds,
            memory_mb=self._settings.read_memory_mb,
            member_mb=self._settings.max_file_mb,
        )
        reads = ticking(
            pool.read(self._requests(files)), BATCH_SECONDS, ahead=_AHEAD, cancel=pool.close
        )
        with pool, BatchWriter(self._library) as writer, closing(reads):
            for read in reads:
                if read is not None:
                    yield from self._take(read, writer)
                yield from self._tell(writer.stored())
                if self._stops():
                    break
            yield from self._tell(writer.stored(everything=True))

    def _requests(self, files: Iterable[Candidate]) -> Iterator[ReadRequest]:
        for file in files:
            self._requested.append(file)
            yield ReadRequest(Path(file.path), self._stored.known_hashes(file.path, file.root))

    def _take(self, read: FileRead, writer: BatchWriter) -> Iterator[IngestEvent]:
        file = self._requested[0]
        path = str(read.path)
        is_member = path != file.path
        if is_member:
            reason = self._patterns[file.root].rule_out(path, False)
            if reason:
                yield from self._skip(Skip(path, file.root, reason))
                return
            self._archive.members.add(path)
        else:
            self._requested.popleft()
        is_changing = not is_member and read.size != file.size and _age(path) < _GROWING
        if read.error is not None or read.skipped:
            if is_gone(file.path):
                return  # in the meantime; the next run takes it out
            if _age(file.path) < _UNSETTLED:
                self._archive.is_whole = False
                self._doubts.append((file, read))
            else:
                yield from self._not_read(file, read)
        elif is_changing:
            yield self._being_written(read.path)
        elif read.reading is None:
            yield from self._same(file, read)
        elif read.format == ARCHIVE:
            yield from self._finish_archive(file, read, writer)
        else:
            self._split(file, read, writer)
        if not is_member:
            self._archive = _Archive()

    def _same(self, file: Candidate, read: FileRead) -> Iterator[IngestEvent]:
        """The content is what is stored."""
        path = str(read.path)
        if path != file.path:  # a member, which has no time of its own
            yield self._unchanged(1)
            return
        self._touch(path, file)
        members = len(self._stored.beneath(path)) if is_archive(path) else 1
        yield self._unchanged(members)

    def _split(self, file: Candidate, read: FileRead, writer: BatchWriter) -> None:
        reading = read.reading
        if reading is None:
            return
        if self._tokenizer is None:
            self._tokenizer = self._load_tokenizer()
        nodes = split(
            reading.title,
            reading.parts,
            self._tokenizer,
            node_tokens=self._settings.node_tokens,
            overlap_tokens=self._settings.overlap_tokens,
        )
        document = self._document(file, read, reading.title, reading.pages, reading.unread)
        moved_from = self._moves.note(str(read.path), read.sha256)
        writer.add(NewDocument(document, tuple(nodes), moved_from))

    def _finish_archive(
        self, file: Candidate, read: FileRead, writer: BatchWriter
    ) -> Iterator[IngestEvent]:
        """All members were told of: what is stored of others is gone, and the archive is done."""
        members = self._archive.members
        yield from self._remove([p for p in self._stored.beneath(file.path) if p not in members])
        self._forget_problems(
            path
            for path in self._problems - self._told - members
            if is_beneath(path, file.path) and path not in self._stored
        )
        if self._archive.is_whole:  # or else it is read again the next time
            document = self._document(file, read, Path(file.path).stem)
            moved_from = self._moves.note(file.path, read.sha256)
            writer.add(NewDocument(document, (), moved_from))

    def _document(
        self,
        file: Candidate,
        read: FileRead,
        title: str,
        pages: int = 0,
        unread: tuple[int, ...] = (),
    ) -> Document:
        # Size and time as they were before reading: what changed since is read again.
        size = file.size if str(read.path) == file.path else read.size
        return Document(
            read.path,
            Path(file.root),
            title,
            read.format,
            size,
            file.mtime_ns,
            read.sha256,
            self._stored.splitter_of(str(read.path), file.root),
            pages,
            unread,
        )

    def _tell(self, changes: Sequence[NewDocument]) -> Iterator[IngestEvent]:
        """Of documents that are stored."""
        for change in changes:
            document, nodes = change.document, len(change.nodes)
            is_replaced = str(document.path) in self._stored
            self._stored.add(document)
            if document.format == ARCHIVE:
                continue
            self._count(indexed=1, nodes=nodes)
            yield FileIndexed(document.path, nodes, replaced=is_replaced)
            if change.moved_from is not None:
                self._count(moved=1)
                yield FileMoved(document.path, change.moved_from)

    # ------------------------------------------------------------------ what is not read

    def _not_read(self, file: Candidate, read: FileRead) -> Iterator[IngestEvent]:
        error = read.error
        # Without its content nothing is known of it: the next time may be another.
        size = read.size if read.path != Path(file.path) else file.size
        stamp = (size, file.mtime_ns, self._stored.splitter) if read.sha256 else None
        path = str(read.path)
        if error is None or (isinstance(error, EmptyFile) and not error.hint):
            skip = Skip(path, file.root, read.skipped or EMPTY, notable=True)
            yield from self._skip(skip, stamp)
        elif (
            # A folder of notes holds many a picture that has nothing to say.
            isinstance(error, EmptyFile)
            and read.format == _PICTURE
            and path not in self._stored
            and path not in self._named
        ):
            yield from self._skip(Skip(path, file.root, NEEDS_OCR, True), stamp, error.hint)
        else:  # something went wrong, or something can be done about it
            yield self._fail(read.path, Path(file.root), error.message, error.hint, stamp)

    def _passed_by(self, skip: Skip) -> Iterator[IngestEvent]:
        is_emptied = skip.reason == EMPTY and skip.path in self._stored
        if is_emptied and _age(skip.path) < _UNSETTLED:  # editors do that before they write
            self._offer.present.add(skip.path)
            yield self._being_written(Path(skip.path))
        else:
            yield from self._skip(skip)

    def _skip(
        self, skip: Skip, stamp: _FileStamp | None = None, hint: str = ""
    ) -> Iterator[IngestEvent]:
        path, root = Path(skip.path), Path(skip.root)
        if skip.path in self._named:  # the user named it and is owed more than a passing word
            name = unicodedata.normalize("NFC", path.name)
            self._offer.present.add(skip.path)
            yield self._fail(path, root, f"{name}: {skip.reason}", "")
            return
        if skip.notable:
            # Nothing is to be found of it now, whatever there was before.
            if skip.path in self._stored:
                yield from self._remove([skip.path])
            self._library.record_problem(path, root, "skipped", skip.reason, hint, stamp)
            self._told.add(skip.path)
        self._count(skipped=1)
        yield FileSkipped(path, skip.reason)

    def _being_written(self, path: Path) -> FileSkipped:
        self._count(skipped=1)
        return FileSkipped(path, BEING_WRITTEN)

    def _unopened(self, item: Unreadable) -> FileFailed:
        path = Path(item.path)
        name = unicodedata.normalize("NFC", path.name)
        reason = f"{name} cannot be opened: {item.reason}"
        return self._fail(path, Path(item.root), reason, "check who may read it")

    def _fail(
        self, path: Path, root: Path, reason: str, hint: str, stamp: _FileStamp | None = None
    ) -> FileFailed:
        self._library.record_problem(path, root, "failed", reason, hint, stamp)
        self._told.add(str(path))
        self._count(failed=1)
        return FileFailed(path, reason, hint)

    # ------------------------------------------------------------------ unchanged, gone

    def _unchanged(self, count: int) -> FilesUnchanged:
        self._count(unchanged=count)
        return FilesUnchanged(count)

    def _touch(self, path: str, file: Candidate | None = None) -> None:
        """Note that a document is what its file holds, now of the size and time of ``file``."""
        document = self._library.document(Path(path))
        if document is None:
            return
        if file is not None:
            document = replace(document, size=file.size, mtime_ns=file.mtime_ns)
        self._library.touch_document(document)

    def _remove(self, paths: Sequence[str]) -> Iterator[IngestEvent]:
        """Take documents out, all at once."""
        if not paths:
            return
        self._library.remove_documents(list(map(Path, paths)))
        self._count(removed=len(paths))
        for path in paths:
            self._stored.forget(path)
        yield from map(FileRemoved, map(Path, paths))

    def _forget_problems(self, paths: Iterable[str]) -> None:
        gone = list(map(Path, paths))
        if gone:
            self._library.remove_documents(gone)

    def _remove_gone(self, target: str) -> Iterator[IngestEvent]:
        """Take out what is stored of files that are gone, or that ``target`` no longer offers."""
        offer = self._offer
        if target in self._told:
            return
        gone = offer.gone(target, self._stored, self._roots)
        is_left_empty = not any(is_beneath(path, target) for path in offer.present)
        if len(gone) >= _SUSPICIOUS and is_left_empty and all(map(is_gone, gone)):
            reason = (
                f"all {len(gone)} notes of {target} have vanished; they are kept in the library"
            )
            yield self._fail(Path(target), Path(target), reason, "is its drive connected?")
            return
        self._forget_problems(
            path
            for path in self._problems - self._told - offer.present
            if path not in self._stored
            and not offer.is_in_archive(path, target)
            and offer.is_known(path, target)
        )
        for first in range(0, len(gone), _REMOVED):
            if self._stops():
                return
            yield from self._remove(gone[first : first + _REMOVED])

    def _roots(self) -> list[str]:
        return [str(root.path) for root in self._library.roots()]


@dataclass(slots=True)
class _Archive:
    """What was told so far of the archive that is being read."""

    members: set[str] = field(default_factory=set)
    """Those whose documents are to be kept."""
    is_whole: bool = True
    """Whether all of them could be read."""


def _is_picture(file: Candidate) -> bool:
    return file.path.lower().endswith(_PICTURES)


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _age(path: str) -> float:
    """Seconds since a file was last written; infinite for none, and for a time to come."""
    try:
        age = time.time() - Path(path).stat().st_mtime
    except OSError:
        return float("inf")
    return age if age >= 0 else float("inf")
