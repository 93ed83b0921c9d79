"""What must not harm a library: kills, a second writer, a full disk, a read-only folder."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import LibraryBusy, LibraryCorrupt, LibraryError, LibraryUnwritable
from assistant.library import database
from assistant.library.library import Library
from assistant.types import Answer
from tests.library_notes import dense, document, embed, lexical, nodes, put

DATABASE = "library.sqlite3"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path)
    yield library
    library.close()


# --------------------------------------------------------------------------- kill -9

WRITER = """
import sys
from pathlib import Path
from assistant.library.library import Library
from tests.library_notes import ROOT, embed, put

library = Library.open(Path(sys.argv[1]))
print("ready", flush=True)
turn = 0
while True:
    turn += 1
    name = f"{turn % 7}.md"
    put(library, name, *(f"노트 {turn} 문단 {n}" for n in range(turn % 5 + 1)))
    if turn % 3 == 0:
        embed(library)
    if turn % 5 == 0:
        library.save_index()
    if turn % 11 == 0:
        library.remove_document(ROOT / name)
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(7)
    for _ in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.0, 0.25))
            writer.send_signal(signal.SIGKILL)
        assert_whole(tmp_path)


def assert_whole(folder: Path) -> None:
    library = Library.open(folder)
    connection = sqlite3.connect(folder / DATABASE)
    try:
        (check,) = connection.execute("PRAGMA integrity_check").fetchone()
        assert check == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        ids = connection.execute("SELECT id FROM nodes ORDER BY id").fetchall()
        for table in ("words", "pairs"):
            assert connection.execute(f"SELECT rowid FROM {table}").fetchall() == ids
            connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        connection.rollback()
        # Each document is wholly in: writer gives document "turn" (turn % 5 + 1) nodes.
        texts = connection.execute(
            "SELECT count(*), min(text) FROM nodes GROUP BY document_id"
        ).fetchall()
        for count, text in texts:
            assert count == int(text.split()[1]) % 5 + 1
    finally:
        connection.close()
    assert len(dense(library, "노트", 1000)) == library.status().embedded
    library.close()


# --------------------------------------------------------------------------- a second writer


def test_second_writer_is_told_and_readers_go_on(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, "a.md", "하나")
    library.close()
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.05)
    other = sqlite3.connect(library.folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    again = Library.open(library.folder)
    with pytest.raises(LibraryBusy) as caught:
        put(again, "b.md", "둘")
    assert caught.value.hint
    assert lexical(again, "하나") == ["하나"]
    other.execute("ROLLBACK")
    other.close()
    put(again, "b.md", "둘")
    again.close()


# --------------------------------------------------------------------------- full disk


def test_full_disk_loses_nothing_stored(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    put(library, "a.md", "하나")
    with library._database.writing() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(LibraryUnwritable, match="full") as caught:
        put(library, "a.md", *(f"새 문단 {n} " + "긴 글 " * 500 for n in range(50)))
    assert caught.value.hint
    assert lexical(library, "하나") == ["하나"]
    assert library.status().nodes == 1

    with library._database.reading() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    put(library, "a.md", "이제 된다")
    assert lexical(library, "이제") == ["이제 된다"]


def test_index_that_cannot_be_written(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    put(library, "a.md", "하나")
    embed(library)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LibraryUnwritable, match="No space left"):
        library.save_index()
    assert not list(library.folder.glob("vectors*"))
    assert dense(library, "하나") == ["하나"]


# --------------------------------------------------------------------------- read-only


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that a user without rights can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="library-"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def without_rights() -> Iterator[None]:
    """Permissions mean nothing to root."""
    if os.name == "nt":
        pytest.skip("permissions are POSIX's")
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


def seal(folder: Path, *, file: int = 0o444, directory: int = 0o555) -> None:
    for each in folder.iterdir():
        each.chmod(file)
    folder.chmod(directory)


def assert_only_readable(library: Library) -> None:
    assert lexical(library, "하나") == ["하나 둘"]
    assert dense(library, "하나") == ["하나 둘"]
    assert library.status().nodes == 1
    for write in (
        lambda: put(library, "b.md", "셋"),
        lambda: library.history.create("제목"),
        lambda: library.history.append(1, "질문", Answer("", "", "ko", "complete")),
        library.save_index,
    ):
        with pytest.raises(LibraryUnwritable):
            write()
    library.close()


def prepared(folder: Path, *, index: bool) -> None:
    library = Library.open(folder)
    put(library, "a.md", "하나 둘")
    embed(library)
    if index:
        library.save_index()
    library.close()


@pytest.mark.parametrize("index", [True, False])
def test_read_only_folder(open_folder: Path, index: bool, request: pytest.FixtureRequest) -> None:
    prepared(open_folder, index=index)
    before = sorted(open_folder.iterdir())
    seal(open_folder)
    request.getfixturevalue("without_rights")
    assert_only_readable(Library.open(open_folder))
    assert sorted(open_folder.iterdir()) == before


def test_read_only_file(open_folder: Path, request: pytest.FixtureRequest) -> None:
    prepared(open_folder, index=True)
    seal(open_folder, directory=0o777)
    request.getfixturevalue("without_rights")
    assert_only_readable(Library.open(open_folder))


def test_read_only_folder_left_by_a_crash(
    open_folder: Path, request: pytest.FixtureRequest
) -> None:
    prepared(open_folder, index=True)
    library = Library.open(open_folder)
    put(library, "b.md", "셋")
    log = (open_folder / f"{DATABASE}-wal").read_bytes()
    library.close()
    (open_folder / f"{DATABASE}-wal").write_bytes(log)
    seal(open_folder)
    request.getfixturevalue("without_rights")
    with pytest.raises(LibraryUnwritable, match="not closed properly"):
        Library.open(open_folder)


def test_no_library_can_be_made(open_folder: Path, request: pytest.FixtureRequest) -> None:
    seal(open_folder)
    request.getfixturevalue("without_rights")
    for folder in (open_folder, open_folder / "deeper"):
        with pytest.raises(LibraryUnwritable) as caught:
            Library.open(folder)
        assert caught.value.hint


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "library").write_text("")
    with pytest.raises(LibraryUnwritable):
        Library.open(tmp_path / "library")


# --------------------------------------------------------------------------- not a library


@pytest.mark.parametrize(
    "content", [b"just some notes\n" * 200, b"SQLite format 3\x00" + b"\xff" * 8192]
)
def test_not_a_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE).write_bytes(content)
    with pytest.raises(LibraryCorrupt) as caught:
        Library.open(tmp_path)
    assert DATABASE in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert (tmp_path / DATABASE).read_bytes() == content


def test_another_programs_database(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("CREATE TABLE mine (a)")
    connection.commit()
    connection.close()
    with pytest.raises(LibraryCorrupt, match="not a library"):
        Library.open(tmp_path)


def test_damaged_in_the_middle(library: Library) -> None:
    library.replace_document(document("a.md"), nodes(*(f"문단 {n} " * 100 for n in range(50))))
    library.close()
    file = library.folder / DATABASE
    content = bytearray(file.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 8192 - 4096)
    file.write_bytes(content)
    with pytest.raises(LibraryError):
        open_and_search(library.folder)


def open_and_search(folder: Path) -> None:
    library = Library.open(folder)
    try:
        lexical(library, "문단")
    finally:
        library.close()


def test_newer_version(library: Library) -> None:
    library.close()
    connection = sqlite3.connect(library.folder / DATABASE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LibraryCorrupt, match="newer version"):
        Library.open(library.folder)


def test_two_open_a_new_library_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from assistant.library.library import Library;"
        "Library.open(Path(sys.argv[1])).close()"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parent.parent
        )
        for _ in range(2)
    ]
    assert [process.wait() for process in both] == [0, 0]
    Library.open(tmp_path, create=False).close()


def test_folder_named_with_everything(tmp_path: Path) -> None:
    folder = tmp_path / "내 노트 #1?mode=ro&100%"
    library = Library.open(folder)
    put(library, "a.md", "하나")
    library.close()
    assert (folder / DATABASE).is_file()
