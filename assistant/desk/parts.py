"""The library and the models that a desk works with, each loaded when it is first needed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Lock, RLock
from typing import TYPE_CHECKING

from assistant.desk.yielding import Precedence
from assistant.types import EVERYTHING

if TYPE_CHECKING:
    from assistant.config import Settings
    from assistant.library.library import Library
    from assistant.models.choosing import Choice
    from assistant.protocols import Encoder, Generator, Reranker, Tokenizer
    from assistant.query.engine import QueryEngine
    from assistant.query.reranking import Reranking
    from assistant.types import ModelProgress, Scope

    Progress = Callable[[ModelProgress], None]
    Notice = Callable[[str], None]

_log = logging.getLogger(__name__)


class Parts:
    """What is in memory, for any number of threads.

    ``encoder``, ``tokenizer``, ``generator`` and ``reranker`` stand in for the configured models.
    ``progress`` and ``notice`` hear of model preparation when a method has to load one on the way.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        encoder: Encoder | None = None,
        tokenizer: Tokenizer | None = None,
        generator: Generator | None = None,
        reranker: Reranker | None = None,
        progress: Progress | None = None,
        notice: Notice | None = None,
    ) -> None:
        self.settings = settings
        self._library: Library | None = None
        self._encoder = encoder
        self._tokenizer = tokenizer
        self._generator = generator
        self._reranker = reranker
        self._reranking: Reranking | None = None
        self._used: dict[str, None] = {}  # values of models.generation, in order
        self._progress = progress
        self._notice = notice
        self._precedence = Precedence()
        self._ahead = Event()  # set when reading ahead is to end
        self._ahead_lock = Lock()
        # One lock a thing, so that opening the library never waits for a model to load.
        self._library_lock = RLock()
        self._encoder_lock = RLock()
        self._tokenizer_lock = RLock()
        self._generator_lock = RLock()
        self._reranking_lock = RLock()

    @property
    def library(self) -> Library:
        """The library, opened (and made, if there is none) at first use."""
        with self._library_lock:
            if self._library is None:
                from assistant.library import dictionary
                from assistant.library.library import Library

                words = dictionary.read(self.settings.retrieval.dictionary)
                self._library = Library.open(self.settings.library, dictionary=words)
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

    @property
    def reranking(self) -> Reranking | None:
        """The configured reranker, loaded by the first question; None where there is none."""
        if self._reranker is None and not self.settings.retrieval.reranker:
            return None
        with self._reranking_lock:
            if self._reranking is None:
                from assistant.query.reranking import Reranking

                self._reranking = Reranking(self._load_reranker, self._notice or _log.warning)
            return self._reranking

    @property
    def engine(self) -> QueryEngine:
        """A query engine over the library, as the settings have it.

        Raises:
            FingerprintMismatch: the library was embedded by another model.
        """
        return self.engine_for(EVERYTHING)

    def engine_for(self, scope: Scope) -> QueryEngine:
        """A query engine over the library; it loads the language model only to answer.

        For a wider ``scope`` it offers twice the passages, and what is asked of them before an
        answer is given is squared: a probability of 0.15 becomes one of 0.02.

        Raises:
            FingerprintMismatch: the library was embedded by another model.
        """
        from assistant.query.engine import QueryEngine

        encoder = self.load_encoder()
        self.library.check_fingerprint(encoder.fingerprint)
        retrieval, answer = self.settings.retrieval, self.settings.answer
        if scope.wider:
            answer = replace(answer, sources=2 * answer.sources, refusal=answer.refusal / 2)
            most = max(retrieval.similarity_top_k, answer.sources)
            retrieval = replace(retrieval, similarity_top_k=most)
        return QueryEngine(
            self.library,
            encoder,
            self.load_generator,
            retrieval,
            answer,
            reranking=self.reranking,
        )

    def use_generator(
        self, choice: Choice, progress: Progress | None = None, notice: Notice | None = None
    ) -> Generator:
        """Have answers written by another model from now on; the one in memory is let go first.

        Raises:
            ModelError: it cannot be loaded; then the settings are as before.
        """
        from assistant.models.device import release_memory

        self._ahead.set()
        with self._ahead_lock, self._generator_lock:
            before = self.settings
            self._used[before.models.generation] = None
            models = replace(before.models, generation=choice.setting)
            self.settings = replace(before, models=models)
            self._generator = None
            release_memory()
            try:
                return self.load_generator(progress, notice)
            except Exception:
                # Whatever it was; only the model goes back, as other settings may have changed.
                self.settings = replace(self.settings, models=before.models)
                raise

    def use_settings(self, settings: Settings) -> None:
        """Heed other settings from the next question on; what is loaded stays."""
        with self._reranking_lock:
            if settings.retrieval.reranker != self.settings.retrieval.reranker:
                self._reranking = None
            self.settings = settings

    def close(self) -> None:
        """Let go of the library; models go with the object."""
        self._ahead.set()
        with self._library_lock:
            if self._library is not None:
                self._library.close()
                self._library = None

    def _load_reranker(self) -> Reranker:
        if self._reranker is not None:
            return self._reranker
        from assistant.models.reranking import load_reranker

        return load_reranker(self.settings, self._progress)

    def load_tokenizer(self, progress: Progress | None = None) -> Tokenizer:
        """The embedding model's own, by which notes are cut to length."""
        with self._tokenizer_lock:
            if self._tokenizer is None:
                from assistant.models.resolve import load_tokenizer

                self._tokenizer = load_tokenizer(self.settings, progress or self._progress)
            return self._tokenizer
