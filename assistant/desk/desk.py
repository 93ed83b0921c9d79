"""The desk: settings, library and models put together, without a face.

The command line, the terminal interface and the tests all work through a :class:`Desk`. Making
one is free: the library is opened and a model loaded when it is first needed, and nothing heavy
(torch, FAISS, LlamaIndex) is imported before that. All methods may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from assistant.desk.chats import KeepsChats
from assistant.desk.choices import KeepsChoices
from assistant.desk.keeping import take_back
from assistant.desk.shelves import KeepsNotes
from assistant.desk.yielding import YieldingEncoder
from assistant.errors import EmptyLibrary
from assistant.types import EVERYTHING, Evidence, Retrieval

if TYPE_CHECKING:
    from assistant.config import RetrievalSettings
    from assistant.desk.parts import Progress
    from assistant.evaluation.report import EvaluationEvent
    from assistant.protocols import Encoder
    from assistant.types import (
        Answer,
        Expectation,
        Explanation,
        Hindrance,
        IngestEvent,
        QueryEvent,
        Root,
        Scope,
        Source,
        Surroundings,
        WatchEvent,
    )


class Desk(KeepsNotes, KeepsChoices, KeepsChats):
    """One library and the models that serve it."""

    def ingest(
        self,
        paths: Sequence[Path] = (),
        *,
        notebook: str = "",
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        retry: bool = False,
        stop: Event | None = None,
        progress: Progress | None = None,
    ) -> Iterator[IngestEvent]:
        """Bring the library in step with ``paths``, or with all that was ever ingested.

        ``notebook`` gets the paths as members. ``include`` and ``exclude`` are kept with each path
        for the next time; None leaves them as they are. ``retry`` tries again what could not be
        read. See :mod:`assistant.ingestion.pipeline`.

        Raises:
            EmptyLibrary: no paths are given, and nothing was ever ingested.
            PathNotFound, LibraryError, ModelError: see there.
        """
        missing = "fail" if paths else "tell"
        paths = list(paths) or [root.path for root in self.library.roots()]
        if not paths:
            raise EmptyLibrary("nothing was ingested yet", "assistant ingest ~/notes")
        with self.library.ingesting():
            take_back(self.library, paths)
            if notebook:
                self.add_to_notebook(notebook, paths)
            yield from self._ingest(
                paths,
                stop,
                progress,
                include=include,
                exclude=exclude,
                retry=retry,
                missing=missing,
            )

    def embed_waiting(
        self, *, stop: Event | None = None, progress: Progress | None = None
    ) -> Iterator[IngestEvent]:
        """Embed what an ingestion that was cut off has left; no file is looked at."""
        with self.library.ingesting():
            yield from self._ingest([], stop, progress)

    def _ingest(
        self,
        paths: Sequence[Path],
        stop: Event | None,
        progress: Progress | None,
        **how: Any,
    ) -> Iterator[IngestEvent]:
        from assistant.ingestion.pipeline import ingest

        stop = stop or Event()

        def encoder() -> Encoder:
            return YieldingEncoder(self.load_encoder(progress), self._precedence, stop)

        yield from ingest(
            self.library,
            paths,
            self.settings.ingestion,
            tokenizer=lambda: self.load_tokenizer(progress),
            encoder=encoder,
            stop=stop,
            **how,
        )

    def watch(
        self,
        paths: Sequence[Path] = (),
        *,
        stop: Event,
        progress: Progress | None = None,
    ) -> Iterator[WatchEvent]:
        """Keep ``paths``, or every root that is to be watched, in step until ``stop`` is set."""
        from assistant.ingestion.watcher import watch

        paths = list(paths) or [root.path for root in self.library.roots() if root.watched]
        yield from watch(
            paths,
            lambda path: self.ingest([path], stop=stop, progress=progress),
            own_folder=self.library.folder,
            stop=stop,
        )

    def warm_up(self) -> None:
        """Have at hand what a first search waits for besides its model.

        That is LlamaIndex, the Korean analyser and the index: seconds once, and nothing later.

        Raises:
            FingerprintMismatch, LibraryError, ModelError: as the search itself would.
        """
        engine = self.engine
        if self.library.count_nodes():
            engine.retrieve("노트 notes", top_k=1)

    def read_ahead(self) -> None:
        """Load the language model and have it read what every prompt begins with.

        A question that is asked meanwhile does not wait for it; it ends when another model is to
        be used, or the desk is closed.

        Raises:
            ModelError: the model is missing, cannot be loaded, or failed.
        """
        from assistant.query.prompt import beginnings

        with self._ahead_lock:
            stop = self._ahead = Event()
            generator = self.load_generator()
            for messages in beginnings():
                generator.prefill(messages, stop=stop)

    def search(
        self, query: str, *, top_k: int | None = None, scope: Scope = EVERYTHING
    ) -> Retrieval:
        """Passages of ``scope`` for ``query``, best first; no language model is involved."""
        from assistant.query.admission import admit

        # Before a model is loaded for nothing.
        admit(query, self.library, scope)
        return self.engine.retrieve(query, top_k=top_k, scope=scope)

    def surroundings(self, source: Source) -> Surroundings:
        """What the document of ``source`` says right before and after it."""
        from assistant.query.widen import surroundings

        return surroundings(source, self.library)

    def explain(
        self,
        question: str,
        sources: Sequence[Source] | None = None,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Explanation:
        """Why these ``sources``, or else those a search finds, are found for ``question``.

        ``history`` is the chat before it, as for :meth:`ask`.
        """
        from assistant.query.admission import admit
        from assistant.query.explain import explain
        from assistant.query.followup import condense

        admit(question, self.library, scope)
        engine = self.engine
        query = condense(question, history)
        if sources is None:
            found = engine.retrieve(query, top_k=top_k, scope=scope)
        else:
            found = Retrieval(admit(query, self.library), tuple(sources), Evidence())
        settings = self._searched(top_k)
        return explain(self.library, self.load_encoder(), found, settings, scope=scope)

    def expect(
        self,
        question: str,
        path: Path,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Expectation:
        """What became of the file at ``path``, which was expected among the hits.

        A model is loaded only where the library holds passages of it in ``scope``.
        """
        from assistant.ingestion.discover import absolute
        from assistant.ingestion.why import hindrance
        from assistant.query.expect import within_search, without_search
        from assistant.query.followup import condense

        def why(root: Root, file: Path) -> Hindrance | None:
            return hindrance(root, file, self.settings.ingestion)

        expected = without_search(self.library, question, absolute(path), scope, why)
        if expected.fate != "ranked":
            return expected
        found = self.search(condense(question, history), top_k=top_k, scope=scope)
        settings = self._searched(top_k)
        encoder = self.load_encoder()
        return within_search(self.library, encoder, expected, found, settings, scope=scope)

    def _searched(self, top_k: int | None) -> RetrievalSettings:
        settings = self.settings.retrieval
        return replace(settings, similarity_top_k=top_k) if top_k else settings

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]:
        """Evidence from ``scope``, then the answer as it grows, then the answer whole."""
        from assistant.query.admission import admit

        admit(question, self.library, scope)
        engine = self.engine_for(scope)
        with self._precedence.answering():
            yield from engine.ask(question, history=history, top_k=top_k, scope=scope, stop=stop)

    def quote(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Iterator[QueryEvent]:
        """Evidence from ``scope``, then its best sentences; no language model is involved."""
        from assistant.query.admission import admit

        admit(question, self.library, scope)
        yield from self.engine_for(scope).quote(question, history=history, top_k=top_k, scope=scope)

    def evaluate(
        self, folder: Path, *, limit: int | None = None, seed: int = 0
    ) -> Iterator[IngestEvent | EvaluationEvent]:
        """Measure retrieval on a folder with questions; see :mod:`assistant.desk.evaluating`."""
        from assistant.desk.evaluating import evaluate

        yield from evaluate(self, folder, limit=limit, seed=seed)

    def evaluate_answers(
        self,
        folders: Sequence[Path],
        *,
        limits: Sequence[int] = (),
        seed: int = 0,
        fresh: bool = False,
    ) -> Iterator[IngestEvent | EvaluationEvent]:
        """Measure answers on folders with questions; see :mod:`assistant.desk.evaluating`."""
        from assistant.desk.evaluating import evaluate_answers

        yield from evaluate_answers(self, folders, limits=limits, seed=seed, fresh=fresh)

    def beside(self, library: Path, *, answers: bool) -> Desk:
        """A desk for another library that shares the models of this one."""
        return Desk(
            replace(self.settings, library=library),
            encoder=self.load_encoder(),
            tokenizer=self._tokenizer,
            generator=self.load_generator() if answers else None,
            reranker=self._reranker,
            progress=self._progress,
            notice=self._notice,
        )
