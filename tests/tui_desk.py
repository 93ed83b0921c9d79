"""A desk in memory for the interface's tests, and to look at the interface by hand.

``python -m tests.tui_desk`` opens it in the terminal; ``--empty``, ``--no-model`` and ``--slow``
show those states.
"""

from __future__ import annotations

import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, Literal, cast

from textual.app import App
from textual.pilot import Pilot

from assistant.config import InterfaceSettings, Settings
from assistant.errors import AssistantError, LibraryBusy, ModelMissing, PathNotFound
from assistant.models.choosing import Choice
from assistant.settings_file import Change
from assistant.tui import stay
from assistant.tui.app import AssistantApp
from assistant.types import (
    EVERYTHING,
    Answer,
    Answered,
    Chat,
    ChatHit,
    Citation,
    EmbeddingProgress,
    Evidence,
    Expectation,
    Explained,
    Explanation,
    FileFailed,
    FileIndexed,
    FileStatus,
    IngestEvent,
    IngestFinished,
    IngestReport,
    IngestStarted,
    LibraryStatus,
    ModelOption,
    ModelProgress,
    ModelState,
    Notebook,
    Place,
    QueryEvent,
    Rating,
    Retrieval,
    Retrieved,
    Root,
    Scope,
    Share,
    Source,
    Surroundings,
    Timing,
    Token,
    WatchEvent,
    WatchStarted,
)

ATTENTION = Source(
    n=1,
    node_id=11,
    path=Path("/notes/강의 노트/03 트랜스포머와 어텐션 메커니즘.md"),
    place=Place(headings=("트랜스포머", "스케일드 닷 프로덕트 어텐션")),
    title="트랜스포머와 어텐션 메커니즘",
    text=(
        "어텐션은 질의와 키의 내적으로 가중치를 구하고, 그 가중치로 값을 더한다.\n\n"
        "내적은 차원이 커질수록 분산이 커져 softmax가 포화된다. "
        "그래서 내적을 √d_k로 나누어 기울기가 사라지지 않게 한다. "
        "이 나눗셈이 없으면 큰 차원에서 학습이 느려진다."
    ),
    score=0.91,
)
PADDING = Source(
    n=2,
    node_id=12,
    path=Path("/notes/tokenisation and padding.pdf"),
    place=Place(page=7, headings=("Padding",)),
    title="Tokenisation and padding",
    text=(
        "A batch is padded to its longest sequence. The attention mask is 0 at padded "
        "positions, so they take no part in the softmax. Left padding is used for decoders."
    ),
    score=0.64,
)
LAB = Source(
    n=3,
    node_id=13,
    path=Path("/notes/실습/lab04_bert_fine-tuning_결과정리_최종_진짜최종.ipynb"),
    place=Place(cell=12, headings=("실습 4", "학습률")),
    title="lab04",
    text="학습률 2e-5에서 검증 정확도 0.913을 얻었다. 5e-5에서는 발산했다.",
    score=0.42,
)
SOURCES = (ATTENTION, PADDING, LAB)
USED = "그래서 내적을 √d_k로 나누어 기울기가 사라지지 않게 한다."
ANSWER_TEXT = (
    "내적을 **√d_k로 나누는** 것은 softmax가 포화되지 않게 하려는 것입니다 [1]. "
    "패딩 위치는 마스크로 빠집니다 [2].\n\n"
    "| 기호 | 뜻 |\n|---|---|\n| `d_k` | 키의 차원 |\n| softmax | 확률로 바꾸는 함수 |\n\n"
    "```python\nscores = q @ k.T / math.sqrt(d_k)\n```"
)


def citation(source: Source, sentence: str) -> Citation:
    """``source`` cited for ``sentence`` of its text."""
    start = source.text.index(sentence)
    return Citation(
        n=source.n,
        path=source.path,
        place=source.place,
        text=sentence,
        start=start,
        end=start + len(sentence),
        claim_start=0,
        claim_end=0,
        support=0.9,
    )


ANSWER = Answer(
    question="",
    text=ANSWER_TEXT,
    language="ko",
    finish="complete",
    citations=(
        citation(ATTENTION, USED),
        citation(PADDING, "The attention mask is 0 at padded positions, so they take no part"),
    ),
    sources=SOURCES,
    model="scripted",
    timing=Timing(retrieval=0.02, first_token=0.8, total=4.8, answer_tokens=49),
)
REFUSAL = Answer(
    question="",
    text="노트에서 이 질문의 답을 찾지 못했습니다.",
    language="ko",
    finish="refused",
    sources=SOURCES[1:],
    timing=Timing(retrieval=0.02, total=0.02),
)


def explanation(question: str, sources: Sequence[Source]) -> Explanation:
    """Why ``sources`` were found: by their first sentence, whose first word is the question's."""
    hits = []
    for rank, source in enumerate(sources, start=1):
        end = source.text.index(".") + 1
        word = source.text.split()[0]
        shares = (
            Share("dense", rank, 0.9 - 0.1 * rank, 1 / rank, 0.5),
            Share("lexical", rank, 12.0, 1.0, 0.25) if rank < 3 else _NOT_BY_WORDS,
        )
        missing = ("없는낱말",) if rank == 3 else ()
        hits.append(Explained(source, shares, (word,), missing, ((0, len(word)),), (0, end)))
    return Explanation(question, "score", 0.5, Evidence(0.8, 0.3), tuple(hits))


_NOT_BY_WORDS = Share("lexical", None, None, 0.0, 0.25)


class Model:
    """An encoder or a generator, as far as the interface looks."""

    def __init__(self, name: str, device: str = "cpu") -> None:
        self.name = name
        self.device = device


class ScriptedDesk:
    """Answers as told; ``gate`` holds the stream after the first piece until it is set.

    ``answers`` are given in turn, the last one again and again; an exception among them is
    raised after the evidence. ``models_gate`` holds the loading of models likewise.
    """

    def __init__(
        self,
        *answers: Answer | Exception,
        status: LibraryStatus | None = None,
        encoder_error: AssistantError | None = None,
        generator_error: AssistantError | None = None,
        gate: Event | None = None,
        models_gate: Event | None = None,
        ingest_events: Sequence[IngestEvent | Exception] = (),
        ingest_gate: Event | None = None,
        embed_events: Sequence[IngestEvent | Exception] = (),
        embed_gate: Event | None = None,
        roots: Sequence[Root] = (),
        files: Sequence[FileStatus] = (),
        notebooks: Sequence[Notebook] = (),
        theme: str = "assistant-dark",
        delay: float = 0.0,
        load_seconds: float = 0.0,
    ) -> None:
        self.settings = Settings(
            library=Path("/nowhere/library"), interface=InterfaceSettings(theme=theme)
        )
        self.answers = list(answers or (ANSWER,))
        self.library_status = status or FULL
        self.new_here = False
        self.encoder_error = encoder_error
        self.generator_error = generator_error
        self.gate = gate
        self.models_gate = models_gate
        self.ingest_events = ingest_events
        self.ingest_gate = ingest_gate
        self.embed_events = list(embed_events)
        self.embed_gate = embed_gate
        self.embeddings = 0
        self.retried: list[bool] = []
        self.quoted: list[str] = []
        self.warmed = 0
        self.read = 0
        self.search_error: Exception | None = None
        self.delay = delay
        self.load_seconds = load_seconds
        self.library_roots = {root.path: root for root in roots}
        self.library_files = {file.path: file for file in files}
        self.library_notebooks = {notebook.name: notebook for notebook in notebooks}
        self.options = [ModelOption("auto", "auto"), ModelOption("small", "small")]
        self.broken_models: set[str] = set()
        self.keep_error: AssistantError | None = None
        self.kept: list[str] = []
        self.changes: SimpleQueue[WatchEvent | Exception] = SimpleQueue()
        self.watching: list[tuple[Path, ...]] = []
        self.at_work = 0
        self.asked: list[tuple[str, list[tuple[str, Answer]]]] = []
        self.scopes: list[Scope] = []
        self.ingested: list[Path] = []
        self.stored: dict[int, tuple[str, list[tuple[str, Answer]]]] = {}
        self.pinned: set[int] = set()
        self.deleted: set[int] = set()
        self.exported: list[tuple[int, Path]] = []
        self.searched: list[tuple[str, bool]] = []
        self.explained: list[tuple[str, list[tuple[str, Answer]], Scope]] = []
        self.expected: list[Path] = []
        self.explain_error: Exception | None = None
        self.around: dict[int, Surroundings] = {}

    # models

    def _load(
        self,
        name: str,
        error: AssistantError | None,
        progress: Callable[[ModelProgress], None] | None,
    ) -> Model:
        for done in range(0, 101, 5):
            if self.load_seconds:
                time.sleep(self.load_seconds / 20)
            if progress:
                progress(ModelProgress(name, "loading", done, 100))
        if self.models_gate is not None:
            assert self.models_gate.wait(30)
        if error is not None:
            raise error
        return Model(name)

    def warm_up(self) -> None:
        """A search ahead of the first; raises ``search_error`` if there is one."""
        self.warmed += 1
        if self.search_error is not None:
            raise self.search_error

    def read_ahead(self) -> None:
        """The language model reads what every prompt begins with."""
        self.read += 1

    def load_encoder(self, progress: Callable[[ModelProgress], None] | None = None) -> Model:
        return self._load("scripted-encoder", self.encoder_error, progress)

    def load_generator(
        self,
        progress: Callable[[ModelProgress], None] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> Model:
        return self._load("scripted-llm", self.generator_error, progress)

    def models(self) -> list[ModelState]:
        return []

    def language_models(self) -> list[ModelOption]:
        active = self.settings.models.generation
        return [replace(option, active=option.setting == active) for option in self.options]

    def choose_model(
        self, name: str, task: Literal["embedding", "generation"] | None = None
    ) -> Choice:
        return Choice("generation", name)

    def use_generator(
        self,
        choice: Choice,
        progress: Callable[[ModelProgress], None] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> Model:
        if choice.setting in self.broken_models:
            raise ModelMissing(f"{choice.setting} is gone", "take another")
        models = replace(self.settings.models, generation=choice.setting)
        self.settings = replace(self.settings, models=models)
        return self._load(choice.setting.rpartition("#")[2], self.generator_error, progress)

    def keep_model(self, choice: Choice) -> Change:
        if self.keep_error is not None:
            raise self.keep_error
        self.kept.append(choice.setting)
        return Change(Path("/nowhere/config.toml"), "models.generation", None, choice.setting)

    # asking

    def search(
        self, query: str, *, top_k: int | None = None, scope: Scope = EVERYTHING
    ) -> Retrieval:
        return Retrieval(query, SOURCES, Evidence(0.8, 0.5), 0.02)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]:
        if self.encoder_error is not None:
            raise self.encoder_error
        scripted = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append((question, list(history)))
        self.scopes.append(scope)
        answer = ANSWER if isinstance(scripted, Exception) else scripted
        yield Retrieved(Retrieval(question, answer.sources, Evidence(0.8, 0.5), 0.02))
        if self.models_gate is not None:
            assert self.models_gate.wait(30)
        if self.generator_error is not None:
            raise self.generator_error
        said = ""
        if not answer.refused:
            for piece in re.findall(r"\s*\S+", answer.text):
                if stop is not None and stop.is_set():
                    break
                said += piece
                yield Token(piece)
                if isinstance(scripted, Exception):
                    raise scripted
                if self.delay:
                    time.sleep(self.delay)
                while self.gate is not None and not self.gate.wait(0.01):
                    if stop is not None and stop.is_set():
                        break
        answer = replace(answer, question=question)
        if stop is not None and stop.is_set():
            answer = replace(answer, text=said, finish="stopped", citations=())
        yield Answered(answer)

    def quote(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Iterator[QueryEvent]:
        """The scripted answer as a quotation."""
        self.quoted.append(question)
        self.scopes.append(scope)
        yield Retrieved(Retrieval(question, ANSWER.sources, Evidence(0.8, 0.5), 0.02))
        yield Answered(replace(ANSWER, question=question, finish="quoted", model=""))

    def surroundings(self, source: Source) -> Surroundings:
        return self.around.get(source.node_id, Surroundings())

    def explain(
        self,
        question: str,
        sources: Sequence[Source] | None = None,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Explanation:
        if self.explain_error is not None:
            raise self.explain_error
        self.explained.append((question, list(history), scope))
        return explanation(question, SOURCES if sources is None else sources)

    def expect(
        self,
        question: str,
        path: Path,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Expectation:
        self.expected.append(path)
        known = self.library_files.get(path)
        if known is None:
            return Expectation(question, path, "missing")
        if known.state == "failed":
            return Expectation(question, path, "failed", known.reason, known.hint)
        [passage] = explanation(question, [replace(LAB, n=0, path=path)]).hits
        return Expectation(question, path, "ranked", nodes=12, rank=7, passage=passage)

    # library

    def status(self) -> LibraryStatus:
        return self.library_status

    def files(self) -> list[FileStatus]:
        return list(self.library_files.values())

    def roots(self) -> list[Root]:
        return list(self.library_roots.values())

    def set_watched(self, root: Path, watched: bool) -> None:
        self.library_roots[root] = replace(self.library_roots[root], watched=watched)

    def remove(self, path: Path) -> list[Path]:
        with self._alone():
            gone = [file for file in self.library_files if file.is_relative_to(path)]
            for file in gone:
                del self.library_files[file]
            self.library_roots.pop(path, None)
            for root in self.library_roots.values():
                if path.is_relative_to(root.path):
                    pattern = f"/{path.relative_to(root.path)}"
                    told = replace(root, exclude=(*root.exclude, pattern))
                    self.library_roots[root.path] = told
            return gone

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """As the real library does it: a second one at work is an error, at once."""
        if self.at_work:
            raise LibraryBusy("notes are already being taken in", "wait until that is done")
        self.at_work += 1
        try:
            yield
        finally:
            self.at_work -= 1

    def ingest(
        self,
        paths: Sequence[Path] = (),
        *,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        retry: bool = False,
        stop: Event | None = None,
        progress: Callable[[ModelProgress], None] | None = None,
    ) -> Iterator[IngestEvent]:
        with self._alone():
            self.retried.append(retry)
            for path in paths:
                if exclude is not None:
                    self.library_roots[path] = Root(path, tuple(include or ()), tuple(exclude))
            yield from self._ingest(paths, stop)

    def embed_waiting(
        self,
        *,
        stop: Event | None = None,
        progress: Callable[[ModelProgress], None] | None = None,
    ) -> Iterator[IngestEvent]:
        """Tells ``embed_events``; what is an exception among them is raised and not told again."""
        with self._alone():
            self.embeddings += 1
            while self.embed_events:
                event = self.embed_events.pop(0)
                if isinstance(event, Exception):
                    raise event
                yield event
                while self.embed_gate is not None and not self.embed_gate.wait(0.01):
                    if stop is not None and stop.is_set():
                        break
                if stop is not None and stop.is_set():
                    yield IngestFinished(IngestReport(embedded=1, stopped=True))
                    return

    def _ingest(self, paths: Sequence[Path], stop: Event | None) -> Iterator[IngestEvent]:
        self.ingested.extend(paths or self.library_roots)
        for event in self.ingest_events:
            if isinstance(event, Exception):
                raise event
            if self.delay:
                time.sleep(self.delay)
            yield event
            while self.ingest_gate is not None and not self.ingest_gate.wait(0.01):
                if stop is not None and stop.is_set():
                    break
            if stop is not None and stop.is_set():
                yield IngestFinished(IngestReport(indexed=1, nodes=4, stopped=True))
                return

    def watch(
        self,
        paths: Sequence[Path] = (),
        *,
        stop: Event,
        progress: Callable[[ModelProgress], None] | None = None,
    ) -> Iterator[WatchEvent]:
        """Tells what is put into ``changes``, an exception among it is raised."""
        roots = tuple(paths or (root.path for root in self.roots() if root.watched))
        self.watching.append(roots)
        yield WatchStarted(roots)
        while not stop.is_set():
            try:
                event = self.changes.get(timeout=0.01)
            except Empty:
                continue
            if isinstance(event, Exception):
                raise event
            with self._alone():
                yield event
        self.watching.append(())

    # notebooks and scopes

    def notebooks(self) -> list[Notebook]:
        return list(self.library_notebooks.values())

    def add_to_notebook(self, name: str, paths: Sequence[Path]) -> None:
        before = self.library_notebooks.get(name, Notebook(name, ()))
        self.library_notebooks[name] = replace(
            before, paths=(*before.paths, *paths), documents=before.documents + len(paths)
        )

    def take_from_notebook(self, name: str, paths: Sequence[Path]) -> int:
        before = self.library_notebooks[name]
        left = tuple(path for path in before.paths if path not in paths)
        self.library_notebooks[name] = replace(before, paths=left, documents=len(left))
        return len(before.paths) - len(left)

    def delete_notebook(self, name: str) -> None:
        del self.library_notebooks[name]

    def scope(self, *, notebook: str = "", paths: Sequence[Path] = ()) -> Scope:
        if notebook:
            return Scope(self.library_notebooks[notebook].paths, f"#{notebook}")
        if not any(file.is_relative_to(paths[0]) for file in self.library_files):
            raise PathNotFound(f"the library holds nothing of {paths[0]}", "sync")
        return Scope(tuple(paths), unicodedata.normalize("NFC", paths[0].name))

    # newcomers

    def is_new_here(self) -> bool:
        return self.new_here

    def remember_tour(self) -> None:
        self.new_here = False

    # chats

    def chats(self) -> list[Chat]:
        return [
            self._chat(id)
            for id in sorted(self.stored, key=lambda id: (id in self.pinned, id), reverse=True)
            if id not in self.deleted
        ]

    def _chat(self, id: int) -> Chat:
        title, turns = self.stored[id]
        times = "2026-11-20T10:00:00+00:00", "2026-11-21T01:30:00+00:00"
        return Chat(id, title, *times, len(turns), pinned=id in self.pinned)

    def find_chats(self, query: str, *, by_meaning: bool = True) -> list[ChatHit]:
        self.searched.append((query, by_meaning))
        return [
            ChatHit(chat, number, question, answer.text)
            for chat in self.chats()
            for number, (question, answer) in enumerate(self.stored[chat.id][1], start=1)
            if query in question
        ]

    def rename_chat(self, chat_id: int, title: str) -> None:
        self.stored[chat_id] = (title, self.stored[chat_id][1])

    def pin_chat(self, chat_id: int, pinned: bool) -> None:
        (self.pinned.add if pinned else self.pinned.discard)(chat_id)

    def restore_chat(self, chat_id: int) -> None:
        self.deleted.discard(chat_id)

    def export_chat(self, chat_id: int, to: Path) -> Path:
        self.exported.append((chat_id, to))
        return to / "chat.md"

    def turns(self, chat_id: int) -> list[tuple[str, Answer]]:
        return list(self.stored[chat_id][1])

    def create_chat(self, title: str) -> int:
        chat_id = max(self.stored, default=0) + 1
        self.stored[chat_id] = (title, [])
        return chat_id

    def append_turn(self, chat_id: int, question: str, answer: Answer) -> int:
        self.stored[chat_id][1].append((question, answer))
        return len(self.stored[chat_id][1])

    def rate_turn(self, chat_id: int, number: int, rating: Rating) -> None:
        question, answer = self.stored[chat_id][1][number - 1]
        self.stored[chat_id][1][number - 1] = question, replace(answer, rating=rating)

    def delete_chat(self, chat_id: int) -> None:
        self.deleted.add(chat_id)

    def close(self) -> None:
        pass


def app_of(desk: ScriptedDesk, **options: Any) -> AssistantApp:
    """The application over a desk that only looks like one."""
    return AssistantApp(cast("Any", desk), **options)


async def wait_until(pilot: Pilot[Any], holds: Callable[[], object], seconds: float = 20) -> None:
    """Let the application run until ``holds()`` is true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"did not come about in {seconds} s"
        await pilot.pause(0.01)


def screen_text(app: App[Any]) -> str:
    """What the terminal shows, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


FULL = LibraryStatus(
    folder=Path("/nowhere/library"),
    documents=34,
    nodes=1204,
    embedded=1047,
    index_type="flat fp16",
    embedding_model="multilingual-e5-small",
    size=4_200_000,
)
EMPTY = replace(FULL, documents=0, nodes=0, embedded=0, size=0, embedding_model="", index_type="")

NOTES = Path("/notes/강의 노트")
INGESTION: tuple[IngestEvent, ...] = (
    IngestStarted(files=3, size=10_000),
    FileIndexed(NOTES / "01 토큰화.md", nodes=4, replaced=False),
    FileIndexed(NOTES / "02 임베딩.md", nodes=6, replaced=False),
    FileFailed(NOTES / "[bold]잠긴 파일.pdf", "the PDF has a password", "remove the password"),
    EmbeddingProgress(0, 10),
    EmbeddingProgress(5, 10),
    EmbeddingProgress(10, 10),
    IngestFinished(IngestReport(indexed=2, failed=1, nodes=10, embedded=10, seconds=1.0)),
)


WHEN = "2026-09-14T06:30:00+00:00"
THESIS = Path("/notes/thesis")
# As macOS stores names: decomposed.
WEEK = NOTES / unicodedata.normalize("NFD", "2주차")
DECOMPOSED = WEEK / unicodedata.normalize("NFD", "어텐션.md")


def file(path: Path, root: Path = NOTES, **more: Any) -> FileStatus:
    """An indexed note, unless told otherwise."""
    known: dict[str, Any] = {
        "nodes": 12,
        "language": "ko",
        "format": "markdown",
        "title": path.stem,
        "size": 4_200,
        "indexed_at": WHEN,
    }
    state = more.pop("state", "indexed")
    return FileStatus(path, state, root=root, **{**known, **more})


LOCKED = file(
    NOTES / "잠긴 [bold]파일.pdf",
    state="failed",
    nodes=0,
    language="",
    format="",
    reason="잠긴 [bold]파일.pdf has a password",
    hint="remove the password and sync",
)
SCANNED = file(NOTES / "10주차 스캔.pdf", format="pdf", pages=12, unread=(3, 7, 8, 9))
EXPORT = NOTES / "노션 내보내기.zip"
FILES = (
    file(DECOMPOSED),
    file(WEEK / "과제.ipynb", format="notebook", language="mixed"),
    SCANNED,
    file(NOTES / "1주차 토큰화.md"),
    file(NOTES / "빈 파일.md", state="skipped", nodes=0, language="", format="", reason="empty"),
    LOCKED,
    file(EXPORT, format="archive", nodes=0, language=""),
    file(EXPORT / "회의록" / "3월.md"),
    file(THESIS / "chapter 2.tex", THESIS, format="latex", language="en", nodes=48),
    file(THESIS / "보고서.hwp", THESIS, format="hwp", nodes=31),
)
ROOTS = (
    Root(NOTES, synced_at=WHEN, documents=7, nodes=60),
    Root(THESIS, synced_at=WHEN, exclude=("*.bak",), documents=2, nodes=79),
)
NOTEBOOKS = (
    Notebook("머신러닝", (WEEK, SCANNED.path), documents=2, nodes=36),
    Notebook("empty", ()),
)


def main() -> None:
    told = set(sys.argv[1:])
    missing = ModelMissing(
        "no language model is installed", "pip install 'assistant-desk[models-small]'"
    )
    desk = ScriptedDesk(
        ANSWER,
        REFUSAL,
        ANSWER,
        status=EMPTY if "--empty" in told else FULL,
        generator_error=missing if "--no-model" in told else None,
        ingest_events=INGESTION[:4]
        + tuple(EmbeddingProgress(n, 400) for n in range(0, 401, 4))
        + INGESTION[-1:],
        delay=0.1,
        roots=() if "--empty" in told else ROOTS,
        files=() if "--empty" in told else FILES,
        notebooks=() if "--empty" in told else NOTEBOOKS,
        load_seconds=20.0 if "--slow" in told else 1.0,
        theme="assistant-light" if "--light" in told else "assistant-dark",
    )
    desk.create_chat("BERT 미세조정에서 학습률은 얼마로 해야 하나?")
    desk.append_turn(1, "BERT 미세조정에서 학습률은 얼마로 해야 하나?", ANSWER)
    desk.create_chat("What does the attention mask do at padded positions?")
    desk.append_turn(2, "What does the attention mask do at padded positions?", REFUSAL)
    stay(app_of(desk))


if __name__ == "__main__":
    main()
