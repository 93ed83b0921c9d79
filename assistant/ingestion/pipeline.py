"""Brings a library in step with folders of notes: discover, compare, read, split, embed.

Two passes over the same rows. The first writes text, so that a note is found by its words as
soon as its file is done; the second embeds whatever waits for it, from this run or an earlier
one that was cut off. Every file and every batch is a transaction of its own: what was done
before a stop, an error or a crash stays done.
"""

from __future__ import annotations

import hashlib
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

from assistant.config import IngestionSettings
from assistant.errors import EmptyFile, ReadError
from assistant.ingestion.discover import Candidate, Found, Skip, Unreadable, absolute, discover
from assistant.ingestion.readers import FORMATS, SUPPORTED, load, read
from assistant.ingestion.splitter import SPLITTER_VERSION, split
from assistant.ingestion.text import is_binary
from assistant.library.library import Library
from assistant.protocols import Encoder, Tokenizer
from assistant.types import (
    Document,
    EmbeddingProgress,
    FileFailed,
    FileIndexed,
    FileRemoved,
    FileSkipped,
    FilesUnchanged,
    IngestEvent,
    IngestFinished,
    IngestReport,
    IngestStarted,
)

_BATCH = 32  # texts to a batch: enough to fill the cores, few enough to lose by a kill
_SUSPICIOUS = 5  # documents that vanish together from a folder with nothing left in it


def ingest(
    library: Library,
    paths: Sequence[Path],
    settings: IngestionSettings,
    *,
    tokenizer: Tokenizer,
    encoder: Callable[[], Encoder],
    stop: Event | None = None,
) -> Iterator[IngestEvent]:
    """Bring ``library`` in step with the files and folders ``paths``.

    A file whose size and time are those stored is not opened; one whose content is the same is
    not read. A new version of the splitter or of the analyser, or another size of nodes, has all
    of them read anew; only text that it changes is embedded again. Files gone from disk, or to
    be passed by from now on, leave the library. A file that cannot be read is told, recorded and
    gone past, and what was stored of it stays. ``encoder`` is called only when something waits
    to be embedded. ``stop`` is looked at between files and between batches. The last event is
    always :class:`IngestFinished`.

    Raises:
        PathNotFound: one of ``paths`` does not exist; nothing has been done then.
        FingerprintMismatch: the library was embedded by another model; its text is in step.
        LibraryError: the library cannot be written; what was done before stays.
    """
    started = time.monotonic()
    roots = [absolute(path) for path in paths]
    found = _discover_all(roots, settings)
    candidates = [item for item in found if isinstance(item, Candidate)]
    yield IngestStarted(len(candidates), sum(item.size for item in candidates))
    library.analyse_again()
    run = _Run(library, settings, tokenizer, stop or Event())
    yield from run.text_pass(roots, found)
    yield from run.embedding_pass(encoder)
    run.tidy()
    seconds = time.monotonic() - started
    yield IngestFinished(replace(run.report, seconds=seconds, stopped=run.is_stopped))


def _discover_all(roots: Sequence[Path], settings: IngestionSettings) -> list[Found]:
    """Everything under ``roots``, each path once."""
    found: dict[Path, Found] = {}
    for root in roots:
        for item in discover(root, settings, SUPPORTED):
            known = found.get(item.path)
            # A file named beside its folder is read even if the folder passes it by.
            if known is None or (isinstance(item, Candidate) and not isinstance(known, Candidate)):
                found[item.path] = item
    return list(found.values())


class _Run:
    """One ingestion: its library, its settings and its count of what happened."""

    def __init__(
        self, library: Library, settings: IngestionSettings, tokenizer: Tokenizer, stop: Event
    ) -> None:
        self._library = library
        self._settings = settings
        self._tokenizer = tokenizer
        self._stop = stop
        self._stored = {document.path: document for document in library.documents()}
        self._splitter = "/".join(
            (SPLITTER_VERSION, str(settings.node_tokens), str(settings.overlap_tokens))
        )
        self._problems = {file.path for file in library.files() if file.state != "indexed"}
        self.is_stopped = False
        self.report = IngestReport()

    def _count(self, **more: int) -> None:
        sums = {name: getattr(self.report, name) + number for name, number in more.items()}
        self.report = replace(self.report, **sums)

    def _stops(self) -> bool:
        self.is_stopped = self.is_stopped or self._stop.is_set()
        return self.is_stopped

    # ------------------------------------------------------------------ text

    def text_pass(self, roots: Sequence[Path], found: Sequence[Found]) -> Iterator[IngestEvent]:
        """Every file in, and those that are gone out."""
        for item in found:
            if self._stops():
                return  # what was not looked at is not gone
            match item:
                case Candidate():
                    yield from self._file(item)
                case Skip():
                    yield from self._skip(item)
                case Unreadable():
                    name = unicodedata.normalize("NFC", item.path.name)
                    reason = f"{name} cannot be opened: {item.reason}"
                    yield self._fail(item.path, item.root, reason, "check who may read it")
        for root in roots:
            yield from self._remove_gone(root, found)

    def _file(self, file: Candidate) -> Iterator[IngestEvent]:
        stored = self._stored.get(file.path)
        is_split = stored is not None and stored.splitter == self._splitter
        if stored and is_split and (stored.size, stored.mtime_ns) == (file.size, file.mtime_ns):
            yield self._unchanged(stored, touch=file.path in self._problems)
            return
        try:
            data = load(file.path)
            sha256 = hashlib.sha256(data).hexdigest()
            if stored and is_split and stored.sha256 == sha256:
                stored = replace(stored, size=file.size, mtime_ns=file.mtime_ns)
                yield self._unchanged(stored, touch=True)
                return
            format = FORMATS[file.path.suffix.lower()]
            if format.is_text and is_binary(data):
                yield from self._skip(Skip(file.path, file.root, "binary", notable=True))
                return
            reading = read(file.path, data)
        except EmptyFile as error:
            if error.hint:  # something can be done about it
                yield self._fail(file.path, file.root, error.message, error.hint)
            else:
                yield from self._skip(Skip(file.path, file.root, "empty", notable=True))
            return
        except ReadError as error:
            yield self._fail(file.path, file.root, error.message, error.hint)
            return
        nodes = split(
            reading.title,
            reading.parts,
            self._tokenizer,
            node_tokens=self._settings.node_tokens,
            overlap_tokens=self._settings.overlap_tokens,
        )
        document = Document(
            file.path,
            file.root,
            reading.title,
            format.name,
            file.size,
            file.mtime_ns,
            sha256,
            self._splitter,
            reading.pages,
            reading.unread,
        )
        self._library.replace_document(document, nodes)
        self._count(indexed=1, nodes=len(nodes))
        yield FileIndexed(file.path, len(nodes), replaced=stored is not None)

    def _unchanged(self, document: Document, *, touch: bool) -> FilesUnchanged:
        if touch:
            self._library.touch_document(document)
        self._count(unchanged=1)
        return FilesUnchanged(1)

    def _skip(self, skip: Skip) -> Iterator[IngestEvent]:
        if skip.path == skip.root:  # the user named it and is owed more than a passing word
            name = unicodedata.normalize("NFC", skip.path.name)
            yield self._fail(skip.path, skip.root, f"{name}: {skip.reason}", "")
            return
        if skip.path in self._stored:
            yield self._remove(skip.path)
        if skip.notable:
            self._library.record_problem(skip.path, skip.root, "skipped", skip.reason)
        self._count(skipped=1)
        yield FileSkipped(skip.path, skip.reason)

    def _fail(self, path: Path, root: Path, reason: str, hint: str) -> FileFailed:
        self._library.record_problem(path, root, "failed", reason, hint)
        self._count(failed=1)
        return FileFailed(path, reason, hint)

    def _remove(self, path: Path) -> FileRemoved:
        self._library.remove_document(path)
        del self._stored[path]
        self._count(removed=1)
        return FileRemoved(path)

    def _remove_gone(self, root: Path, found: Sequence[Found]) -> Iterator[IngestEvent]:
        """Take out what is stored of files that are gone, or that ``root`` no longer offers."""
        present = {item.path for item in found if isinstance(item, Candidate)}
        told = {item.path for item in found if not isinstance(item, Skip) or item.notable}
        unknown = [item.path for item in found if isinstance(item, Unreadable)]

        def is_known(path: Path) -> bool:
            return path.is_relative_to(root) and not any(map(path.is_relative_to, unknown))

        gone = [
            document.path
            for document in self._stored.values()
            if document.path not in present
            and is_known(document.path)
            # What was named by itself, or by a folder within, is not this folder's to drop.
            and (document.root == root or not document.path.exists())
        ]
        if len(gone) >= _SUSPICIOUS and not any(map(is_known, present)):
            reason = f"all {len(gone)} notes of {root} have vanished; they are kept in the library"
            yield self._fail(root, root, reason, "is its drive connected?")
            return
        for path in self._problems:
            if path not in told and path not in self._stored and is_known(path):
                self._library.remove_document(path)
        for path in gone:
            yield self._remove(path)

    # ------------------------------------------------------------------ embeddings

    def embedding_pass(self, load_encoder: Callable[[], Encoder]) -> Iterator[IngestEvent]:
        """A vector for every text that waits for one, longest first."""
        if self._stops():
            return
        # Texts of a length share a batch with little padding; the longest come first, so that
        # memory runs short at once or never, and the time left is no rosy guess.
        waiting = self._library.pending()
        if not waiting:
            return
        encoder = load_encoder()
        self._library.check_fingerprint(encoder.fingerprint)
        self._library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
        for first in range(0, len(waiting), _BATCH):
            if self._stops():
                return
            batch = self._library.texts_of(waiting[first : first + _BATCH])
            vectors = encoder.encode_document(list(batch.values()))
            self._library.store_embeddings(list(batch), vectors)
            self._count(embedded=len(batch))
            yield EmbeddingProgress(self.report.embedded, len(waiting))

    def tidy(self) -> None:
        """Leave nothing behind that no node uses, and the index ready for the next start."""
        if self.report.indexed or self.report.removed or self.report.embedded:
            self._library.prune_embeddings()
            self._library.save_index()
