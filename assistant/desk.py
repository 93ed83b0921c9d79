"""The desk: settings, library and models put together, without a face.

The command line, the terminal interface and the tests all work through a :class:`Desk`. Making
one is free: the library is opened and a model loaded when it is first needed, and nothing heavy
(torch, FAISS, LlamaIndex) is imported before that. All methods may be called from any thread.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, RLock
from typing import TYPE_CHECKING, Any, Literal

from assistant import paths
from assistant.display import plain, plain_path
from assistant.errors import (
    ConfigError,
    EmptyLibrary,
    NotebookError,
    PathNotFound,
)
from assistant.types import (
    EVERYTHING,
    Answer,
    Chat,
    Check,
    Evidence,
    Expectation,
    Explanation,
    FileStatus,
    Hindrance,
    IngestEvent,
    LibraryStatus,
    ModelOption,
    ModelProgress,
    ModelState,
    Notebook,
    QueryEvent,
    Retrieval,
    Root,
    Scope,
    Source,
    WatchEvent,
)

if TYPE_CHECKING:
    from assistant.config import RetrievalSettings, Settings
    from assistant.evaluation.report import EvaluationEvent
    from assistant.library.library import Library
    from assistant.models.choosing import Choice
    from assistant.protocols import Encoder, Generator, Reranker, Tokenizer
    from assistant.query.engine import QueryEngine
    from assistant.query.reranking import Reranking
    from assistant.settings_file import Change

Progress = Callable[[ModelProgress], None]
Notice = Callable[[str], None]

_log = logging.getLogger(__name__)


class Desk:
    """One library and the models that serve it.

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
        # One lock a thing, so that opening the library never waits for a model to load.
        self._library_lock = RLock()
        self._encoder_lock = RLock()
        self._tokenizer_lock = RLock()
        self._generator_lock = RLock()
        self._reranking_lock = RLock()

    # ------------------------------------------------------------------ parts

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

    def _load_reranker(self) -> Reranker:
        if self._reranker is not None:
            return self._reranker
        from assistant.models.reranking import load_reranker

        return load_reranker(self.settings, self._progress)

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
            reranking=self.reranking,
        )

    # ------------------------------------------------------------------ work

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
            self._take_back(paths)
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

        yield from ingest(
            self.library,
            paths,
            self.settings.ingestion,
            tokenizer=lambda: self._load_tokenizer(progress),
            encoder=lambda: self.load_encoder(progress),
            stop=stop,
            **how,
        )

    def _take_back(self, paths: Sequence[Path]) -> None:
        """What is named is wanted, though it was removed before."""
        for root in self.library.roots():
            patterns = {_pattern_of(path, root) for path in paths}
            exclude = tuple(pattern for pattern in root.exclude if pattern not in patterns)
            if exclude != root.exclude:
                self.library.store_root(replace(root, exclude=exclude))

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

    def search(
        self, query: str, *, top_k: int | None = None, scope: Scope = EVERYTHING
    ) -> Retrieval:
        """Passages of ``scope`` for ``query``, best first; no language model is involved."""
        from assistant.query.admission import admit

        # Before a model is loaded for nothing.
        admit(query, self.library, scope)
        return self.engine.retrieve(query, top_k=top_k, scope=scope)

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
        return settings.model_copy(update={"similarity_top_k": top_k}) if top_k else settings

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
        yield from self.engine.ask(question, history=history, top_k=top_k, scope=scope, stop=stop)

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
        yield from self.engine.quote(question, history=history, top_k=top_k, scope=scope)

    def evaluate(
        self, folder: Path, *, answers: bool = True, limit: int | None = None
    ) -> Iterator[IngestEvent | EvaluationEvent]:
        """Measure on a folder with ``questions.jsonl`` or on a BEIR set; the last event reports.

        The folder goes into a library of its own, kept in the cache, so that what else the user
        has ingested does not matter. ``limit`` asks that many questions, drawn at random by a
        fixed seed.
        """
        from assistant.evaluation.beir import evaluate_beir
        from assistant.evaluation.provenance import describe, of_notes
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
            yield from evaluate_beir(
                folder,
                self.load_encoder(),
                self.settings.retrieval,
                limit=limit,
                system=self._evaluated("models"),
            )
            return
        questions = make_absolute(read_questions(folder / QUESTION_FILE), folder)
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        place = paths.evaluation_cache() / f"{folder.name}-{digest}"
        desk = Desk(
            self.settings.model_copy(update={"library": place}),
            encoder=self.load_encoder(),
            tokenizer=self._tokenizer,
            generator=self.load_generator() if answers else None,
            reranker=self._reranker,
            progress=self._progress,
            notice=self._notice,
        )
        try:
            yield from desk.ingest([folder])
            active: dict[str, str] = {m.task: m.name for m in self.models() if m.active}
            sections = ("models", "ingestion", *(("answer",) if answers else ()))
            yield from evaluate_notes(
                desk.engine,
                sample(questions, limit),
                answers=answers,
                name=folder.name,
                system={
                    **active,
                    **describe(desk.load_encoder(), self.settings.retrieval),
                    **self._evaluated(*sections),
                },
                dataset=of_notes(folder, desk.library.stamps(), folder / QUESTION_FILE),
            )
        finally:
            desk.close()

    def _evaluated(self, *sections: str) -> dict[str, str]:
        """The settings of some sections, by name, as an evaluation notes them."""
        from assistant.evaluation.provenance import flat

        return flat(self.settings.model_dump(mode="json", include=set(sections)))

    # ------------------------------------------------------------------ what is there

    def status(self) -> LibraryStatus:
        return self.library.status()

    def files(self) -> list[FileStatus]:
        return self.library.files()

    def roots(self) -> list[Root]:
        return self.library.roots()

    def set_watched(self, root: Path, watched: bool) -> None:
        """Whether changes beneath ``root`` are taken in as they happen.

        Raises:
            PathNotFound: nothing was ingested from there as such.
        """
        if not self.library.set_watched(root, watched):
            raise PathNotFound(f"{root} was not ingested", f"assistant ingest {root}")

    def remove(self, path: Path) -> list[Path]:
        """Forget every document at or beneath ``path``; no file is touched. Returns which.

        What was ingested as such is no longer kept in step. Something beneath it is passed by from
        now on, until it is ingested by name.

        Raises:
            PathNotFound: the library knows nothing there.
        """
        library = self.library
        roots = library.roots()
        above = [each for each in roots if path.is_relative_to(each.path) and path != each.path]
        own = [each for each in roots if each.path.is_relative_to(path)]
        with library.ingesting():
            gone = library.remove_beneath(path)
            for root in own:
                library.forget_root(root.path)
            if not gone and not own:
                raise PathNotFound(
                    f"the library holds nothing of {path}", "`assistant status --files` lists all"
                )
            for root in above:
                pattern = _pattern_of(path, root)
                if pattern not in root.exclude:
                    library.store_root(replace(root, exclude=(*root.exclude, pattern)))
        return gone

    # ------------------------------------------------------------------ notebooks

    def notebooks(self) -> list[Notebook]:
        return self.library.notebooks()

    def add_to_notebook(self, name: str, paths: Sequence[Path]) -> None:
        """Put folders and files into a notebook, which is made if there is none."""
        self.library.add_to_notebook(_notebook_name(name), paths)

    def take_from_notebook(self, name: str, paths: Sequence[Path]) -> int:
        """How many of ``paths`` were in the notebook and are not any more."""
        return self.library.take_from_notebook(_notebook_name(name), paths)

    def delete_notebook(self, name: str) -> None:
        """Forget a notebook; its documents stay.

        Raises:
            NotebookError: there is none of that name.
        """
        if not self.library.delete_notebook(_notebook_name(name)):
            raise self._no_notebook(name)

    def scope(self, *, notebook: str = "", paths: Sequence[Path] = ()) -> Scope:
        """What a question may be limited to: a notebook, and folders and files of the library.

        Raises:
            NotebookError: there is no such notebook, or it holds nothing.
            PathNotFound: the library holds nothing of one of ``paths``.
        """
        members: list[Path] = []
        names: list[str] = []
        if notebook:
            wanted = _notebook_name(notebook)
            found = next((each for each in self.notebooks() if each.name == wanted), None)
            if found is None:
                raise self._no_notebook(notebook)
            if not found.documents:
                raise NotebookError(
                    f"the notebook {found.name} holds no notes",
                    f"assistant ingest FOLDER --notebook {found.name}",
                )
            members += found.paths
            names.append(f"#{found.name}")
        for path in paths:
            if not self.library.documents_beneath(path):
                raise PathNotFound(
                    f"the library holds nothing of {path}", f"assistant ingest {path}"
                )
            members.append(path)
            names.append(unicodedata.normalize("NFC", path.name) or str(path))
        return Scope(tuple(members), ", ".join(names))

    def _no_notebook(self, name: str) -> NotebookError:
        names = ", ".join(notebook.name for notebook in self.notebooks())
        return NotebookError(
            f"there is no notebook {name}",
            f"there are: {names}" if names else "assistant ingest FOLDER --notebook NAME makes one",
        )

    # ------------------------------------------------------------------ models

    def models(self) -> list[ModelState]:
        from assistant.models.reranking import list_reranker
        from assistant.models.resolve import describe_models

        return describe_models(self.settings) + list_reranker(self.settings)

    def language_models(self) -> list[ModelOption]:
        """What may be taken to write answers; an endpoint that was configured is asked for its.

        What was in use since the desk was made is among them.
        """
        from assistant.models.choosing import language_models

        return language_models(self.settings, tuple(self._used))

    def choose_model(
        self, name: str, task: Literal["embedding", "generation"] | None = None
    ) -> Choice:
        """What to set so that a model is used, which is looked for first; nothing changes.

        Raises:
            ModelError, ConfigError: there is no such model; the hint says what is like it.
        """
        from assistant.models.choosing import choose_model

        return choose_model(name, task, self.settings)

    def keep_model(self, choice: Choice) -> Change:
        """Write the choice into the settings file, for the next start.

        Raises:
            ConfigError: the file cannot be changed.
        """
        from assistant.settings_file import store

        return store("models", choice.task, choice.setting)

    def use_generator(
        self, choice: Choice, progress: Progress | None = None, notice: Notice | None = None
    ) -> Generator:
        """Have answers written by another model from now on; the one in memory is let go first.

        Raises:
            ModelError: it cannot be loaded; then the settings are as before.
        """
        from assistant.models.device import release_memory

        with self._generator_lock:
            before = self.settings
            self._used[before.models.generation] = None
            models = before.models.model_copy(update={"generation": choice.setting})
            self.settings = before.model_copy(update={"models": models})
            self._generator = None
            release_memory()
            try:
                return self.load_generator(progress, notice)
            except Exception:
                self.settings = before
                raise

    def diagnose(self) -> Iterator[Check]:
        """The lines of ``assistant doctor``, each as soon as it is known."""
        words = self._describe_dictionary()
        yield words
        if words.level == "error":
            return  # no library can be opened
        from assistant.ingestion.readers import ocr
        from assistant.library.vectors import describe_faiss
        from assistant.models.connecting import describe_endpoint
        from assistant.models.device import describe_device
        from assistant.models.reranking import describe_reranker
        from assistant.models.resolve import FETCHED, HUB

        faults = self.library.check()
        yield Check(
            "library is whole",
            "error" if faults else "ok",
            "; ".join(faults) or "text, words and vectors agree",
            "move the library away and ingest your notes again, or restore a backup",
        )
        missing = ocr.available()
        detail = f"{missing} is missing" if missing else "scans and pictures are read"
        yield Check("OCR", "warning" if missing else "ok", detail, ocr.INSTALL)
        yield from describe_device(self.settings)
        yield from describe_faiss()
        for model in self.models():
            if model.task == "reranking" or not (model.active or model.installed):
                continue
            if model.endpoint:
                yield from describe_endpoint(self.settings.models)
                continue
            ready = "ready" if model.converted else "is prepared at first use"
            if model.source == HUB:
                ready = FETCHED
            there = model.installed or model.converted or model.source == HUB
            yield Check(
                f"model {model.name}",
                "ok" if there else "error",
                ready if there else "weights are not installed",
                model.hint,
            )
        yield describe_reranker(self.settings)

    def _describe_dictionary(self) -> Check:
        from assistant.library import dictionary

        try:
            words = dictionary.read(self.settings.retrieval.dictionary)
        except ConfigError as error:
            return Check("dictionary", "error", error.message, error.hint)
        detail = f"{len(words):,} words of yours are kept whole" if words else "no words of yours"
        file = self.settings.retrieval.dictionary or paths.dictionary_file()
        return Check("dictionary", "ok", f"{detail} ({plain_path(file)})")

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


def _notebook_name(name: str) -> str:
    """The name as it is kept; one may be written with a # in front, as it is shown."""
    name = " ".join(plain(name).removeprefix("#").split())
    if not name:
        raise NotebookError("a notebook needs a name", "for instance: --notebook 머신러닝")
    return name


def _pattern_of(path: Path, root: Root) -> str:
    """The ``.gitignore`` pattern that names just ``path`` beneath ``root``; "" for others."""
    if path == root.path or not path.is_relative_to(root.path):
        return ""
    return "/" + re.sub(r"([\\*?\[\] ])", r"\\\1", path.relative_to(root.path).as_posix())
