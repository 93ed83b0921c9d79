"""Brings a library in step with folders of notes: discover, compare, read, split, embed.

Three passes over the same rows. The first writes text, so that a note is found by its Latin words
and by Korean syllables as soon as its file is done; the second has Korean analysed into morphemes,
which takes longer than all the rest of the first; the third embeds. The last two take up whatever
waits for them, from this run or an earlier one that was cut off. Files are read by other
processes, ahead of splitting and storing; a few files, and every batch of embeddings, are a
transaction: what was done before a stop, an error or a crash stays done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Literal

from assistant.config import IngestionSettings
from assistant.ingestion.discover import absolute
from assistant.ingestion.splitter import SPLITTER_VERSION
from assistant.ingestion.sync import Stored, compare, is_beneath, look, patterns, targets
from assistant.ingestion.textpass import TextPass
from assistant.library.library import Library
from assistant.protocols import Encoder, Tokenizer
from assistant.types import (
    AnalysisProgress,
    EmbeddingProgress,
    IndexProgress,
    IngestEvent,
    IngestFinished,
    IngestStarted,
)

_REFINED = 64  # nodes analysed together, on all cores
_BATCH = 32  # texts to a batch: enough to fill the cores, few enough to lose by a kill
_FLUSH_SECONDS = 30.0  # of embedding, the most that a power cut may cost


def ingest(
    library: Library,
    paths: Sequence[Path],
    settings: IngestionSettings,
    *,
    tokenizer: Callable[[], Tokenizer],
    encoder: Callable[[], Encoder],
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    retry: bool = False,
    missing: Literal["fail", "tell"] = "fail",
    stop: Event | None = None,
) -> Iterator[IngestEvent]:
    """Bring ``library`` in step with the files and folders ``paths``.

    A file whose size and time are those stored is not opened; one whose content is the same is
    not read. A new version of the splitter or of the analyser, or another size of nodes, has all
    of them read anew; only text that it changes is embedded again. A file that has another name
    or folder keeps its embeddings. Files gone from disk, or to be passed by from now on, leave
    the library. A file that cannot be read is told, recorded and gone past, and what was stored
    of it stays; it is tried again when it changes, when it is named itself, or with ``retry``, as
    are pages without text. One that is being written is left for the next time.

    Of paths that do not exist none is taken in, unless ``missing`` is "tell": then the others are,
    and what is stored of these stays.

    No paths at all bring nothing in step; what waits for its embedding gets it.

    Each path becomes a root of the library, but for a file beneath one, which is that root's if
    it offers it. ``include`` and ``exclude`` are kept with the roots; None leaves these as they
    are. ``tokenizer`` is called only when there is something to split, ``encoder`` when something
    waits to be embedded. ``stop`` is looked at between files and between batches. The last event
    is always :class:`IngestFinished`.

    Raises:
        PathNotFound: one of ``paths`` does not exist, and ``missing`` is "fail"; nothing has been
            done then.
        FingerprintMismatch: the library was embedded by another model; its text is in step.
        LibraryError: the library cannot be written; what was done before stays.
        ReaderStopped: no process can be started to read files; what was done before stays.
    """
    started = time.monotonic()
    stop = stop or Event()
    absent = list(filter(_is_missing, map(absolute, paths))) if missing == "tell" else []
    there = [path for path in paths if absolute(path) not in absent]
    wanted = targets(library, there, settings, include, exclude)
    given = patterns(wanted, settings)
    stored = Stored(
        library.stamps(),
        "/".join((SPLITTER_VERSION, str(settings.node_tokens), str(settings.overlap_tokens))),
        {root: each.mark for root, each in given.items() if each},
    )
    problems = library.problem_stamps()
    tried = [target.path for target in wanted if retry or not target.path.is_dir()]
    if retry:  # OCR may be there now
        for path in library.lacking_text():
            if any(is_beneath(path, str(each)) for each in tried):
                stored.forget(path)
    seen = look(wanted, settings, stored)
    comparison = compare(seen, stored, problems, list(map(str, tried)))
    yield IngestStarted(comparison.unchanged + len(comparison.to_read), comparison.size)
    library.analyse_again()
    for target in wanted:
        if target.is_root and library.root(target.path) != target.root:
            library.store_root(target.root)
    text = TextPass(library, settings, stored, wanted, given, seen, problems, tokenizer, stop)
    yield from text.run(comparison)
    yield from text.tell_missing(absent)
    yield from _refine(library, stop)
    embedding = _EmbeddingPass(library, encoder, stop)
    yield from embedding.run()
    yield from text.settle()
    report = replace(text.report, embedded=embedding.done)
    if report.indexed or report.removed or report.embedded:
        # Nothing stays that no node uses, and the index is ready for the next start.
        library.prune_embeddings()
        yield from _save_index(library)
        library.flush()
    stopped = text.is_stopped or embedding.is_stopped
    if not stopped:
        text.note_synced()
    yield IngestFinished(replace(report, seconds=time.monotonic() - started, stopped=stopped))


def _save_index(library: Library) -> Iterator[IngestEvent]:
    """Save the index in a thread of its own, to tell meanwhile how far that is."""
    told: SimpleQueue[IndexProgress | None] = SimpleQueue()

    def save() -> None:
        try:
            library.save_index(told.put)
        finally:
            told.put(None)

    with ThreadPoolExecutor(1, thread_name_prefix="index") as pool:
        saved = pool.submit(save)
        yield from iter(told.get, None)
        saved.result()


def _refine(library: Library, stop: Event) -> Iterator[IngestEvent]:
    """Have what was stored roughly found by its morphemes."""
    done, total = 0, library.count_rough()
    while done < total and not stop.is_set():
        refined = library.refine(_REFINED)
        if not refined:
            return
        done += refined
        yield AnalysisProgress(done, max(done, total))


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False  # what is wrong is told when it is looked at
    return False


class _EmbeddingPass:
    """A vector for every text that waits for one, longest first."""

    def __init__(self, library: Library, load_encoder: Callable[[], Encoder], stop: Event) -> None:
        self._library = library
        self._load_encoder = load_encoder
        self._stop = stop
        self.done = 0
        self.is_stopped = False

    def run(self) -> Iterator[IngestEvent]:
        """Embed until nothing waits or ``stop`` is set."""
        if self._stops():
            return
        # Texts of a length share a batch with little padding; the longest come first, so that
        # memory runs short at once or never, and the time left is no rosy guess.
        waiting = self._library.pending()
        if not waiting:
            return
        encoder = self._load_encoder()
        self._library.check_fingerprint(encoder.fingerprint)
        self._library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
        flushed = time.monotonic()
        for first in range(0, len(waiting), _BATCH):
            if self._stops():
                return
            batch = self._library.texts_of(waiting[first : first + _BATCH])
            vectors = encoder.encode_document(list(batch.values()))
            self._library.store_embeddings(list(batch), vectors)
            self.done += len(batch)
            yield EmbeddingProgress(self.done, len(waiting))
            if time.monotonic() - flushed > _FLUSH_SECONDS:
                self._library.flush()
                flushed = time.monotonic()

    def _stops(self) -> bool:
        self.is_stopped = self.is_stopped or self._stop.is_set()
        return self.is_stopped
