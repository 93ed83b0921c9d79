"""Nothing that is done is lost, and nothing is ever half done, however an ingestion ends."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from assistant.desk import Desk
from assistant.errors import LibraryUnwritable
from assistant.library.check import check, check_index
from assistant.library.database import Database
from assistant.library.library import Library
from assistant.types import FileIndexed, IngestEvent, IngestFinished
from tests.fakes import BagOfWordsEncoder, WordTokenizer

if sys.platform == "win32":
    pytest.skip("processes are forked and killed as only POSIX does", allow_module_level=True)

from tests.ingesting_process import settings

KILLS = 100
DATABASE = "library.sqlite3"
VECTORS = "vectors.faiss"

_KOREAN = "어텐션 소프트맥스 역전파 가중치 손실 함수 경사 하강법 정규화 확률 분포 행렬 고유값 벡터"
_ENGLISH = "softmax gradient attention quantization kernel cache entropy matrix layer batch token"
_WORDS = [*_KOREAN.split(), *_ENGLISH.split()]


# --------------------------------------------------------------------------- a folder of notes


class Notes:
    """A folder that changes; ``chance`` decides how."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self._chance = chance
        self._made = 0
        folder.mkdir()
        for _ in range(24):
            self._add()
        self._pack()
        (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
        (folder / "binary.txt").write_bytes(b"\0\1\2")

    def change(self) -> None:
        """Some files are added, edited, renamed and removed."""
        for _ in range(3):
            self._add()
        notes = self._files()
        self._chance.shuffle(notes)
        for path in notes[:5]:
            path.write_text(self._text(), encoding="utf-8")
        for path in notes[5:7]:
            path.rename(path.with_name(f"renamed {self._next()}.md"))
        for path in notes[7 : 7 + len(notes) - 24]:
            path.unlink()
        if self._chance.random() < 0.3:
            self._pack()

    def _files(self) -> list[Path]:
        return sorted(self.folder.rglob("*.md"))

    def _next(self) -> int:
        self._made += 1
        return self._made

    def _add(self) -> None:
        week = self.folder / f"{self._chance.randrange(3)}주차"
        week.mkdir(exist_ok=True)
        (week / f"노트 {self._next()}.md").write_text(self._text(), encoding="utf-8")

    def _pack(self) -> None:
        with zipfile.ZipFile(self.folder / "내보내기.zip", "w") as archive:
            for n in range(4):
                archive.writestr(f"안/{n}.md", self._text())

    def _text(self) -> str:
        sections = self._chance.randint(1, 6)
        return "\n\n".join(self._section(n) for n in range(sections)) + "\n"

    def _section(self, number: int) -> str:
        words = self._chance.choices(_WORDS, k=30)
        # Some passages stand in several notes and share an embedding.
        shared = "같은 문단이 여러 노트에 있다." if self._chance.random() < 0.3 else " ".join(words)
        return f"# 절 {number}\n\n{shared}"


# --------------------------------------------------------------------------- an ingestion


@dataclass(slots=True)
class Told:
    """What an ingestion had told of when it ended."""

    indexed: dict[str, int] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    embedded: int = 0
    error: dict[str, str] = field(default_factory=dict)
    status: int = 0

    def hear(self, fact: dict[str, Any]) -> None:
        match fact:
            case {"indexed": path, "nodes": nodes}:
                self.indexed[path] = nodes
                self.removed.discard(path)
            case {"removed": path} | {"before": path}:
                self.removed.add(path)
                self.indexed.pop(path, None)
            case {"embedded": done}:
                self.embedded = done
            case {"error": _}:
                self.error = fact
            case {"ended": status}:
                self.status = status


class Ingester:
    """Runs ingestions in processes of their own, and kills them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ingesting_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        assert self._next() == {"ready": True}

    def run(self, library: Path, notes: Path, **options: float) -> Told:
        """Until it ends."""
        self.begin(library, notes, **options)
        return self.end(Told())

    def begin(self, library: Path, notes: Path, **options: float) -> int:
        """Its process id, once it has begun."""
        self._say(json.dumps({"library": str(library), "notes": str(notes), **options}))
        return int(self._next()["began"])

    def hear(self, facts: int) -> Told:
        """What it tells, up to so many facts or its last."""
        told, fact = Told(), {}
        while facts and not fact.keys() & {"finished", "error"}:
            fact = self._next()
            told.hear(fact)
            facts -= 1
        return told

    def end(self, told: Told) -> Told:
        """``told`` and what it tells besides, to its end."""
        self._say("wait")
        fact: dict[str, Any] = {}
        while "ended" not in fact:
            fact = self._next()
            told.hear(fact)
        return told

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        fact: dict[str, Any] = json.loads(self._process.stdout.readline())
        return fact


@pytest.fixture(scope="module")
def ingester() -> Iterator[Ingester]:
    ingester = Ingester()
    yield ingester
    ingester.close()


# --------------------------------------------------------------------------- what must hold


def assert_whole(folder: Path) -> None:
    """Opens, holds every invariant, and dense search knows each passage that has an embedding."""
    library = Library.open(folder)
    connection = sqlite3.connect(folder / DATABASE)
    try:
        assert check(connection) == []
        assert check_index(connection, folder / VECTORS) == []
        pairs = {
            row[0] for row in connection.execute("SELECT id FROM nodes JOIN embeddings USING (key)")
        }
        found = library.search_dense(BagOfWordsEncoder().encode_query("어텐션"), 10_000).hits
        assert {id for id, _ in found} == pairs
        assert library.status().nodes >= len(pairs)
    finally:
        connection.close()
        library.close()


def assert_kept(folder: Path, told: Told, embedded_before: int) -> None:
    """What was told is there."""
    connection = sqlite3.connect(folder / DATABASE)
    try:
        rows = connection.execute(
            "SELECT path, count(nodes.id) FROM documents LEFT JOIN nodes"
            " ON document_id = documents.id GROUP BY documents.id"
        )
        stored = {os.fsdecode(path): nodes for path, nodes in rows}
        assert {path: stored.get(path) for path in told.indexed} == told.indexed
        assert not told.removed & stored.keys()
        unused = connection.execute(
            "SELECT count(*) FROM embeddings WHERE key NOT IN (SELECT key FROM nodes)"
        ).fetchone()[0]
        # At its very end an ingestion drops what no passage uses.
        assert embeddings(folder) >= embedded_before + told.embedded or unused == 0
    finally:
        connection.close()


def embeddings(folder: Path) -> int:
    connection = sqlite3.connect(folder / DATABASE)
    try:
        return int(connection.execute("SELECT count(*) FROM embeddings").fetchone()[0])
    finally:
        connection.close()


def contents(folder: Path) -> dict[str, Any]:
    """All that a library holds of its notes, without ids, times and the order of coming."""
    connection = sqlite3.connect(folder / DATABASE)
    try:
        return {
            "documents": _rows(
                connection,
                "SELECT path, root, title, format, size, mtime_ns, sha256, splitter, pages, unread"
                " FROM documents ORDER BY path",
            ),
            "nodes": _rows(
                connection,
                "SELECT path, position, text, context, line, headings, start, nodes.'end',"
                " language, key, words.terms, pairs.terms FROM documents"
                " JOIN nodes ON document_id = documents.id JOIN words ON words.rowid = nodes.id"
                " JOIN pairs ON pairs.rowid = nodes.id ORDER BY path, position",
            ),
            "embeddings": _rows(connection, "SELECT key, vector FROM embeddings ORDER BY key"),
            "problems": _rows(
                connection, "SELECT path, root, state, reason, hint FROM problems ORDER BY path"
            ),
        }
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


# --------------------------------------------------------------------------- kill -9


def test_a_hundred_kills(tmp_path: Path, ingester: Ingester) -> None:
    chance = random.Random(20261121)
    notes = Notes(tmp_path / "notes", chance)
    folder = tmp_path / "library"
    killed: Counter[str] = Counter()
    while killed.total() < KILLS:
        before = embeddings(folder) if (folder / DATABASE).exists() else 0
        pid = ingester.begin(folder, notes.folder)
        # By the clock, which hits opening and walking as well, or in the middle of the work.
        told = ingester.hear(chance.choice((0, chance.randrange(30), chance.randrange(30))))
        time.sleep(chance.choice((0.0, chance.uniform(0.0, 0.3))))
        os.kill(pid, signal.SIGKILL)
        told = ingester.end(told)
        assert told.status in (0, -signal.SIGKILL)
        if told.status:
            killed["embedding" if told.embedded else "text" if told.indexed else "before"] += 1
        if (folder / DATABASE).exists():
            assert_whole(folder)
            assert_kept(folder, told, before)
        if chance.random() < 0.6:
            notes.change()
    assert min(killed.values()) >= 10, killed
    assert ingester.run(folder, notes.folder).status == 0
    assert_whole(folder)
    fresh = tmp_path / "fresh"
    assert ingester.run(fresh, notes.folder).status == 0
    assert contents(folder) == contents(fresh)


# --------------------------------------------------------------------------- no room, no right


@pytest.mark.parametrize("largest", [150_000, 300_000, 450_000])
def test_no_room_at_any_stage(tmp_path: Path, ingester: Ingester, largest: int) -> None:
    """A file cannot grow: the database, its log, or the index, whichever is first."""
    notes = Notes(tmp_path / "notes", random.Random(1))
    folder = tmp_path / "library"
    told = ingester.run(folder, notes.folder, largest=largest)
    assert told.error
    assert told.error["hint"]
    assert_whole(folder)
    assert_kept(folder, told, 0)
    assert ingester.run(folder, notes.folder).status == 0
    assert_whole(folder)
    fresh = tmp_path / "fresh"
    ingester.run(fresh, notes.folder)
    assert contents(folder) == contents(fresh)


def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notes(tmp_path / "notes", random.Random(1))
    desk = Desk(
        settings(tmp_path / "library"), encoder=BagOfWordsEncoder(), tokenizer=WordTokenizer()
    )
    list(desk.ingest([notes.folder]))
    before = {document.path for document in desk.library.documents()}
    for name in range(100):
        (notes.folder / f"more {name}.md").write_text(f"# {name}\n\n" + "긴 글 long text " * 90)
    events: list[IngestEvent] = []
    with monkeypatch.context() as patch:
        _let_no_database_grow(patch, pages=40)
        with pytest.raises(LibraryUnwritable, match="disk is full") as caught:
            events.extend(desk.ingest([notes.folder]))
    assert caught.value.hint
    stored = {document.path for document in desk.library.documents()}
    assert before | {event.path for event in events if isinstance(event, FileIndexed)} <= stored
    assert len(stored) < len(before) + 100
    assert_whole(desk.library.folder)
    *_, last = desk.ingest([notes.folder])
    assert isinstance(last, IngestFinished)
    assert last.report.indexed == len(before) + 100 - len(stored)
    assert desk.status().embedded == desk.status().nodes
    desk.close()


def _let_no_database_grow(patch: pytest.MonkeyPatch, pages: int) -> None:
    begin = Database.writing

    @contextmanager
    def writing(self: Database, **options: bool) -> Iterator[sqlite3.Connection]:
        with begin(self, **options) as connection:
            (count,) = connection.execute("PRAGMA page_count").fetchone()
            first.append(count)
            connection.execute(f"PRAGMA max_page_count = {first[0] + pages}")
            try:
                yield connection
            finally:
                connection.execute("PRAGMA max_page_count = 1000000")

    first: list[int] = []
    patch.setattr(Database, "writing", writing)


def test_a_read_only_library_is_told_and_can_be_read(
    tmp_path: Path, ingester: Ingester, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes(tmp_path / "notes", random.Random(1))
    folder = tmp_path / "library"
    ingester.run(folder, notes.folder)
    before = contents(folder)
    notes.change()
    monkeypatch.setattr(Database, "_prepare", _refuse)
    desk = Desk(settings(folder), encoder=BagOfWordsEncoder(), tokenizer=WordTokenizer())
    with pytest.raises(LibraryUnwritable, match="read-only") as caught:
        list(desk.ingest([notes.folder]))
    assert caught.value.hint
    assert desk.library.search_lexical("어텐션", 5).hits
    assert desk.status().documents > 0
    desk.close()
    assert contents(folder) == before


def _refuse(database: Database) -> None:
    """What SQLite does where permissions are missing; root, who may run this, lacks none."""
    readonly = sqlite3.connect(f"{database.file.as_uri()}?mode=ro", uri=True)
    try:
        readonly.execute("PRAGMA user_version = 99")
    finally:
        readonly.close()


# --------------------------------------------------------------------------- two at once


@pytest.fixture(scope="module")
def second() -> Iterator[Ingester]:
    ingester = Ingester()
    yield ingester
    ingester.close()


def test_a_second_ingestion_waits_or_is_told_and_readers_go_on(
    tmp_path: Path, ingester: Ingester, second: Ingester
) -> None:
    notes = Notes(tmp_path / "notes", random.Random(1))
    folder = tmp_path / "library"
    ingester.begin(folder, notes.folder, seconds=0.05)
    told = ingester.hear(5)
    refused = second.run(folder, notes.folder)
    assert refused.error["error"] == "LibraryBusy"
    assert "already being taken in" in refused.error["message"]
    assert refused.error["hint"]
    library = Library.open(folder)
    assert library.search_lexical("어텐션 softmax 확률", 5).hits
    library.close()
    assert ingester.end(told).status == 0

    notes.change()
    ingester.begin(folder, notes.folder)
    told = ingester.hear(1)
    waited = second.run(folder, notes.folder)
    assert not waited.error
    assert not waited.indexed  # all of it was done by the first
    assert not ingester.end(told).error
    assert_whole(folder)
    fresh = tmp_path / "fresh"
    ingester.run(fresh, notes.folder)
    assert contents(folder) == contents(fresh)


# --------------------------------------------------------------------------- Ctrl-C


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Begins the command line in a group of its own, as a terminal does."""

    def begin(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "tests.ingesting_process", "cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "ASSISTANT_HOME": str(tmp_path / "home")},
            start_new_session=True,
        )

    return begin


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(
    tmp_path: Path, command: Callable[..., subprocess.Popen[str]]
) -> None:
    notes = Notes(tmp_path / "notes", random.Random(1))
    with command("ingest", "--verbose", str(notes.folder)) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("indexed" in line for line in lines)
        os.killpg(process.pid, signal.SIGINT)
        rest = "".join(lines)
    assert process.returncode == 130
    assert "stopping after the file or batch in hand" in rest
    assert "stopped: " in rest
    assert "the same command goes on from here" in rest
    assert_whole(tmp_path / "home" / "library")


def test_ctrl_c_while_embedding_keeps_what_is_embedded(
    tmp_path: Path, command: Callable[..., subprocess.Popen[str]]
) -> None:
    notes = Notes(tmp_path / "notes", random.Random(1))
    folder = tmp_path / "home" / "library"
    with command("ingest", "--json", str(notes.folder)) as process:
        assert process.stdout is not None
        facts = (json.loads(line) for line in iter(process.stdout.readline, ""))
        done = next(fact["done"] for fact in facts if fact["event"] == "embedding_progress")
        os.killpg(process.pid, signal.SIGINT)
        *_, last = facts
    assert process.returncode == 130
    assert last["event"] == "ingest_finished"
    assert embeddings(folder) >= done > 0
    assert_whole(folder)

    with command("ingest", "--json", str(notes.folder)) as process:
        assert process.stdout is not None
        *_, last = (json.loads(line) for line in process.stdout)
    assert process.returncode == 0
    assert_whole(folder)
    library = Library.open(folder)
    assert library.count_pending() == 0
    library.close()


def test_a_second_ctrl_c_breaks_off_at_once(
    tmp_path: Path, command: Callable[..., subprocess.Popen[str]]
) -> None:
    notes = Notes(tmp_path / "notes", random.Random(1))
    with command("ingest", "--json", str(notes.folder)) as process:
        assert process.stdout is not None
        facts = iter(process.stdout.readline, "")
        assert any("file_indexed" in fact for fact in facts)
        for _ in range(2):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.05)
        process.wait(10)
    assert process.returncode in (130, -signal.SIGINT)  # the latter where it had ended anyway
    assert_whole(tmp_path / "home" / "library")
