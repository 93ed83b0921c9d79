"""The desk: settings, library and models put together, without a face.

The command line, the terminal interface and the tests all work through a :class:`Desk`. Making
one is free: the library is opened and a model loaded when it is first needed, and nothing heavy
(torch, FAISS, LlamaIndex) is imported before that. All methods may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Literal

from assistant.desk.keeping import no_notebook, notebook_name, remove, scope, take_back
from assistant.desk.parts import Parts
from assistant.desk.yielding import YieldingEncoder
from assistant.display import plain
from assistant.errors import (
    EmptyLibrary,
    PathNotFound,
)
from assistant.types import EVERYTHING, Evidence, Retrieval

if TYPE_CHECKING:
    from assistant.config import RetrievalSettings
    from assistant.desk.parts import Progress
    from assistant.evaluation.report import EvaluationEvent
    from assistant.models.choosing import Choice
    from assistant.protocols import Encoder
    from assistant.settings_file import Change
    from assistant.types import (
        Answer,
        Chat,
        ChatHit,
        Check,
        Expectation,
        Explanation,
        FileStatus,
        Hindrance,
        IngestEvent,
        LibraryStatus,
        ModelOption,
        ModelState,
        Notebook,
        QueryEvent,
        Rating,
        Root,
        Scope,
        Setting,
        Source,
        Surroundings,
        WatchEvent,
    )

_TOURED = "toured"  # a file in the library of who was shown round


class Desk(Parts):
    """One library and the models that serve it."""

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
        engine = self.engine
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
        yield from self.engine.quote(question, history=history, top_k=top_k, scope=scope)

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

    # ------------------------------------------------------------------ what is there

    def status(self) -> LibraryStatus:
        return self.library.status()

    def is_new_here(self) -> bool:
        """Whether nobody was shown round this library yet."""
        return not (self.settings.library / _TOURED).exists()

    def remember_tour(self) -> None:
        """Show nobody round this library again, if that can be kept."""
        with suppress(OSError):
            self.settings.library.mkdir(parents=True, exist_ok=True)
            (self.settings.library / _TOURED).touch()

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
        return remove(self.library, path)

    # ------------------------------------------------------------------ notebooks

    def notebooks(self) -> list[Notebook]:
        return self.library.notebooks()

    def add_to_notebook(self, name: str, paths: Sequence[Path]) -> None:
        """Put folders and files into a notebook, which is made if there is none."""
        self.library.add_to_notebook(notebook_name(name), paths)

    def take_from_notebook(self, name: str, paths: Sequence[Path]) -> int:
        """How many of ``paths`` were in the notebook and are not any more."""
        return self.library.take_from_notebook(notebook_name(name), paths)

    def delete_notebook(self, name: str) -> None:
        """Forget a notebook; its documents stay.

        Raises:
            NotebookError: there is none of that name.
        """
        if not self.library.delete_notebook(notebook_name(name)):
            raise no_notebook(self.library, name)

    def scope(
        self,
        *,
        notebook: str = "",
        paths: Sequence[Path] = (),
        pinned: Sequence[Path] = (),
        excluded: Sequence[Path] = (),
    ) -> Scope:
        """What a question may be limited to: a notebook, and folders and files of the library.

        What is at or beneath ``pinned`` is always offered as evidence, what is ``excluded`` never.

        Raises:
            NotebookError: there is no such notebook, or it holds nothing.
            PathNotFound: the library holds nothing of one of the paths.
        """
        return scope(self.library, notebook, paths, pinned, excluded)

    # ------------------------------------------------------------------ models

    def models(self) -> list[ModelState]:
        from assistant.models.reranking import list_reranker
        from assistant.models.states import describe_models

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

    # ------------------------------------------------------------------ settings

    def list_settings(self) -> list[Setting]:
        """Every setting with its value and what it means."""
        from assistant.settings_list import settings_list

        return settings_list(self.settings)

    def change_setting(self, key: str, text: str | None) -> Change:
        """Give ``section.name`` the value that ``text`` says, or its default for None.

        It is written to the settings file. What the next question can heed counts at once.

        Raises:
            ConfigError: there is no such setting, it cannot be that, or the file not be changed.
        """
        from assistant.settings_file import store
        from assistant.settings_list import changed

        after, value = changed(self.settings, key, text)
        section, _, name = key.partition(".")
        change = store(section, name, value)
        at_once = {each.key for each in self.list_settings() if each.at_once}
        if key in at_once and not change.overridden:
            # Of that section alone: another may have changed meanwhile.
            update = {section: getattr(after, section)}
            self.use_settings(replace(self.settings, **update))
        return change

    def diagnose(self) -> Iterator[Check]:
        """The lines of ``assistant doctor``, each as soon as it is known."""
        from assistant.desk.diagnosing import diagnose

        yield from diagnose(self)

    # ------------------------------------------------------------------ chats

    def chats(self) -> list[Chat]:
        return self.library.history.chats()

    def turns(self, chat_id: int) -> list[tuple[str, Answer]]:
        return self.library.history.turns(chat_id)

    def create_chat(self, title: str) -> int:
        return self.library.history.create(title)

    def append_turn(self, chat_id: int, question: str, answer: Answer) -> int:
        """Keep a question and its answer; returns which of the chat's it is, from 1."""
        return self.library.history.append(chat_id, question, answer)

    def rate_turn(self, chat_id: int, number: int, rating: Rating) -> None:
        """Note what the reader thought of the ``number``-th answer of a chat, from 1.

        Raises:
            LibraryError: there is no such answer.
        """
        self.library.history.rate(chat_id, number, rating)

    def rename_chat(self, chat_id: int, title: str) -> None:
        """Give a chat another title; an empty one leaves it as it was."""
        if title := " ".join(plain(title).split()):
            self.library.history.rename(chat_id, title)

    def pin_chat(self, chat_id: int, pinned: bool) -> None:
        self.library.history.pin(chat_id, pinned)

    def delete_chat(self, chat_id: int) -> None:
        """Put a chat away; :meth:`restore_chat` takes it back within a day."""
        self.library.history.delete(chat_id)

    def restore_chat(self, chat_id: int) -> None:
        self.library.history.restore(chat_id)

    def find_chats(self, query: str, *, by_meaning: bool = True) -> list[ChatHit]:
        """Chats that speak of ``query``, best first, each with its best turn.

        Words are looked up at once; ``by_meaning`` needs the embedding model.
        """
        from assistant.query.history import find_chats

        encoder = self.load_encoder() if by_meaning else None
        return find_chats(self.library.history, query, encoder)

    def export_chat(self, chat_id: int, to: Path) -> Path:
        """Write a chat with its citations to a file, or into a folder under its title.

        Raises:
            LibraryError: there is no such chat.
            ExportError: the file cannot be written.
        """
        from assistant.desk.exporting import export

        chat = self.library.history.chat(chat_id)
        return export(chat, self.turns(chat_id), to)
