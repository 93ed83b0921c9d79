"""Each way a library can be unsound is told, and a sound one is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.library.check import check, check_index
from assistant.library.library import Library
from assistant.library.vectors import VectorIndex
from tests.library_notes import document, embed, put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    library = Library.open(tmp_path)
    put(library, "a.md", "하나 둘", "셋 넷", "다섯")
    put(library, "b.md", "하나 둘", "English words")
    library.replace_document(document("z.zip", format="archive"), [])
    embed(library)
    library.save_index()
    put(library, "c.md", "아직 안 됨")  # waits for its embedding
    library.close()
    return tmp_path


@pytest.fixture
def db(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / "library.sqlite3")
    yield connection
    connection.close()


def test_a_sound_library_has_no_faults(db: sqlite3.Connection, folder: Path) -> None:
    assert check(db) == []
    assert check_index(db, folder / "vectors.faiss") == []
    assert check_index(db, folder / "nowhere.faiss") == []


def test_an_empty_library_is_sound(tmp_path: Path) -> None:
    Library.open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "library.sqlite3")
    assert check(connection) == []
    assert check_index(connection, tmp_path / "vectors.faiss") == []
    connection.close()


def test_checking_changes_nothing_and_needs_no_right_to(folder: Path) -> None:
    file = folder / "library.sqlite3"
    before = file.read_bytes()
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    assert check(connection) == []
    connection.close()
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM words WHERE rowid = 2", "index of words does not know: 1 (2)"),
        ("DELETE FROM pairs WHERE rowid = 2", "index of pairs does not know: 1 (2)"),
        ("INSERT INTO words (rowid, terms) VALUES (99, 'x')", "only the index of words knows"),
        ("DELETE FROM words_data WHERE id > 10", "index of words does not fit"),
        ("DELETE FROM nodes WHERE id IN (4, 5)", "documents without passages: 1 (/notes/b.md)"),
        ("DELETE FROM nodes WHERE id = 2", "passages are missing: 1 (/notes/a.md)"),
        ("DELETE FROM nodes WHERE id = 1", "passages are missing: 1 (/notes/a.md)"),
        ("DELETE FROM documents WHERE id = 1", "a row of nodes refers to nothing"),
        ("UPDATE nodes SET text = 'other' WHERE id = 3", "key is not that of their text: 1 (3)"),
        ("UPDATE embeddings SET vector = x'0000'", "embeddings of the wrong length: 4"),
        ("DELETE FROM meta WHERE key = 'dimension'", "embeddings of the wrong length"),
        ("DELETE FROM meta WHERE key = 'encoder_fingerprint'", "by a model that is not noted"),
        ("DELETE FROM meta WHERE key = 'generation'", "no generation is noted"),
    ],
)
def test_each_fault_is_told(db: sqlite3.Connection, damage: str, told: str) -> None:
    db.execute(damage)
    faults = check(db)
    assert any(told in fault for fault in faults), faults


def test_an_index_of_other_passages_is_told(db: sqlite3.Connection, folder: Path) -> None:
    file = folder / "vectors.faiss"
    (generation,) = db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    VectorIndex(256).save(file, int(generation))
    assert check_index(db, file) == ["vectors.faiss holds other passages than have an embedding"]
