"""The desk: settings, library and models put together, without a face.

The command line, the terminal interface and the tests all work through a :class:`Desk`. Making
one is free: the library is opened and a model loaded when it is first needed, and nothing heavy
(torch, FAISS, LlamaIndex) is imported before that. All methods may be called from any thread.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, RLock
from typing import TYPE_CHECKING

from assistant import paths
from assistant.config import Settings
from assistant.types import (
    Answer,
    Chat,
    Check,
    FileStatus,
    IngestEvent,
    LibraryStatus,
    ModelProgress,
    ModelState,
    QueryEvent,
    Retrieval,
)

if TYPE_CHECKING:
    from assistant.evaluation.report import EvaluationEvent
    from assistant.library.library import Library
    from assistant.protocols import Encoder, Generator, Tokenizer
    from assistant.query.engine import QueryEngine

Progress = Callable[[ModelProgress], None]
Notice = Callable[[str], None]


class Desk:
    """One library and the models that serve it.

    ``encoder``, ``tokenizer`` and ``generator`` stand in for the configured models. ``progress``
    and ``notice`` hear of model preparation when a method has to load one on the way.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        encoder: Encoder | None = None,
        tokenizer: Tokenizer | None = None,
        generator: Generator | None = None,
        progress: Progress | None = None,
        notice: Notice | None = None,
    ) -> None:
        self.settings = settings
        self._library: Library | None = None
        self._encoder = encoder
        self._tokenizer = tokenizer
        self._generator = generator
        self._progress = progress
        self._notice = notice
        # One lock a thing, so that opening the library never waits for a model to load.
        self._library_lock = RLock()
        self._encoder_lock = RLock()
        self._tokenizer_lock = RLock()
        self._generator_lock = RLock()

    # ------------------------------------------------------------------ parts

    @property
    def library(self) -> Library:
        """The library, opened (and made, if there is none) at first use."""
        with self._library_lock:
            if self._library is None:
                from assistant.library.library import Library

                self._library = Library.open(self.settings.library)
            return self._library

    def load_encoder(self, progress: Progress | None = None) -> Encoder:
        """The embedding model.

        Raises:
            ModelError: it is missing, corrupt, or cannot be loaded.
        """
        with self._encoder_lock:
            if self._encoder is None:
                from assistant.models.resolve import load_encoder

                self._encoder = load_encoder(self.settings, progress or self._progress)
            return self._encoder

    def load_generator(
        self, progress: Progress | None = None, notice: Notice | None = None
    ) -> Generator:
        """The language model; ``notice`` hears of it when a smaller one had to be taken.

        Raises:
            ModelError: it is missing, corrupt, or cannot be loaded.
        """
        with self._generator_lock:
            if self._generator is None:
                from assistant.models.resolve import load_generator

                self._generator = load_generator(
                    self.settings, progress or self._progress, notice or self._notice
                )
            return self._generator

    def _load_tokenizer(self, progress: Progress | None) -> Tokenizer:
        with self._tokenizer_lock:
            if self._tokenizer is None:
                from assistant.models.resolve import load_tokenizer

                self._tokenizer = load_tokenizer(self.settings, progress or self._progress)
            return self._tokenizer

    @property
    def engine(self) -> QueryEngine:
        """A query engine over the library; it loads the language model only to answer.

        Raises:
            FingerprintMismatch: the library was embedded by another model.
        """
        from assistant.query.engine import QueryEngine

        encoder = self.load_encoder()
        self.library.check_fingerprint(encoder.fingerprint)
        return QueryEngine(
            self.library,
            encoder,
            self.load_generator,
            self.settings.retrieval,
            self.settings.answer,
        )

    # ------------------------------------------------------------------ work

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        stop: Event | None = None,
        progress: Progress | None = None,
    ) -> Iterator[IngestEvent]:
        """Bring the library in step with ``paths``; see :mod:`assistant.ingestion.pipeline`."""
        from assistant.ingestion.pipeline import ingest

        yield from ingest(
            self.library,
            paths,
            self.settings.ingestion,
            tokenizer=self._load_tokenizer(progress),
            encoder=lambda: self.load_encoder(progress),
            stop=stop,
        )

    def search(self, query: str, *, top_k: int | None = None) -> Retrieval:
        """Passages for ``query``, best first; no language model is involved."""
        from assistant.query.admission import admit

        # Before a model is loaded for nothing.
        admit(query, self.library)
        return self.engine.retrieve(query, top_k=top_k)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]:
        """Evidence, then the answer as it grows, then the answer whole."""
        from assistant.query.admission import admit

        admit(question, self.library)
        yield from self.engine.ask(question, history=history, top_k=top_k, stop=stop)

    def evaluate(
        self, folder: Path, *, answers: bool = True, limit: int | None = None
    ) -> Iterator[IngestEvent | EvaluationEvent]:
        """Measure on a folder with ``questions.jsonl`` or on a BEIR set; the last event reports.

        The folder goes into a library of its own, kept in the cache, so that what else the user
        has ingested does not matter. ``limit`` asks that many questions, drawn at random by a
        fixed seed.
        """
        from assistant.evaluation.beir import evaluate_beir
        from assistant.evaluation.questions import (
            QUESTION_FILE,
            kind_of,
            make_absolute,
            read_questions,
            sample,
        )
        from assistant.evaluation.runner import evaluate_notes

        folder = folder.absolute()
        if kind_of(folder) == "beir":
            retrieval = self.settings.retrieval
            yield from evaluate_beir(folder, self.load_encoder(), retrieval, limit=limit)
            return
        questions = make_absolute(read_questions(folder / QUESTION_FILE), folder)
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        place = paths.evaluation_cache() / f"{folder.name}-{digest}"
        desk = Desk(
            self.settings.model_copy(update={"library": place}),
            encoder=self.load_encoder(),
            tokenizer=self._tokenizer,
            generator=self.load_generator() if answers else None,
        )
        try:
            yield from desk.ingest([folder])
            yield from evaluate_notes(
                desk.engine,
                sample(questions, limit),
                answers=answers,
                name=folder.name,
                system={model.task: model.name for model in self.models() if model.active},
            )
        finally:
            desk.close()

    # ------------------------------------------------------------------ what is there

    def status(self) -> LibraryStatus:
        return self.library.status()

    def files(self) -> list[FileStatus]:
        return self.library.files()

    def models(self) -> list[ModelState]:
        from assistant.models.resolve import describe_models

        return describe_models(self.settings)

    def diagnose(self) -> Iterator[Check]:
        """The lines of ``assistant doctor``, each as soon as it is known."""
        from assistant.library.vectors import describe_faiss
        from assistant.models.device import describe_device

        yield from describe_device(self.settings)
        yield from describe_faiss()
        for model in self.models():
            if not (model.active or model.installed):
                continue
            ready = "ready" if model.converted else "is prepared at first use"
            yield Check(
                f"model {model.name}",
                "ok" if model.installed or model.converted else "error",
                ready if model.installed or model.converted else "weights are not installed",
                model.hint,
            )

    # ------------------------------------------------------------------ chats

    def chats(self) -> list[Chat]:
        return self.library.chats()

    def turns(self, chat_id: int) -> list[tuple[str, Answer]]:
        return self.library.turns(chat_id)

    def create_chat(self, title: str) -> int:
        return self.library.create_chat(title)

    def append_turn(self, chat_id: int, question: str, answer: Answer) -> None:
        self.library.append_turn(chat_id, question, answer)

    def delete_chat(self, chat_id: int) -> None:
        self.library.delete_chat(chat_id)

    def close(self) -> None:
        """Let go of the library; models go with the object."""
        with self._library_lock:
            if self._library is not None:
                self._library.close()
                self._library = None
