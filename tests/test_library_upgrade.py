"""A library of an earlier version, opened by this one."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

import pytest

from assistant.library import database
from assistant.library.library import Library
from assistant.library.rows import path_to_bytes
from tests.library_notes import embed, lexical, put


def make_first_version(folder: Path, notes: Path) -> None:
    """What version 1 left: its schema, a note from a folder, a file with a problem, a chat."""
    folder.mkdir()
    script = files("assistant.library").joinpath("schema.sql").read_text("utf-8")
    connection = sqlite3.connect(folder / "library.sqlite3", isolation_level=None)
    connection.executescript(f"PRAGMA journal_mode = WAL; {script}; PRAGMA user_version = 1;")
    root, path = path_to_bytes(notes), path_to_bytes(notes / "행렬.md")
    connection.execute(
        "INSERT INTO documents VALUES (7, ?, ?, '행렬', 'markdown', 5, 9, 'ab', '1/300/40', ?)",
        (path, root, "2026-11-20T10:00:00+00:00"),
    )
    connection.execute(
        "INSERT INTO nodes VALUES (3, 7, 0, '행렬의 곱', '행렬', 2, NULL, 1, '[]', 0, 5, 'ko', ?)",
        (b"key",),
    )
    connection.execute("INSERT INTO words (rowid, terms) VALUES (3, '행렬 곱')")
    connection.execute("INSERT INTO pairs (rowid, terms) VALUES (3, '행렬')")
    connection.execute(
        "INSERT INTO problems VALUES (?, ?, 'failed', 'broken', 'open it', ?)",
        (path_to_bytes(notes / "깨짐.pdf"), root, "2026-11-20T10:00:00+00:00"),
    )
    connection.execute("INSERT INTO chats VALUES (1, '대화', 'then', 'then')")
    connection.close()


def test_nothing_is_lost_and_folders_become_roots(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    make_first_version(tmp_path / "library", notes)
    library = Library.open(tmp_path / "library")
    assert lexical(library, "행렬") == ["행렬의 곱"]
    assert library.nodes([3])[3].node.place.page == 2
    (root,) = library.roots()
    assert (root.path, root.documents, root.synced_at[:10]) == (notes, 1, "2026-11-20")
    states = {file.path.name: (file.state, file.nodes) for file in library.files()}
    assert states == {"행렬.md": ("indexed", 1), "깨짐.pdf": ("failed", 0)}
    assert [chat.title for chat in library.history.chats()] == ["대화"]
    put(library, "새 노트.md", "벡터")
    embed(library)
    assert library.status().embedded == 2
    library.close()


def test_an_upgrade_that_fails_leaves_the_old_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_first_version(tmp_path / "library", tmp_path / "notes")
    whole = database._statements

    def torn(script: str):  # type: ignore[no-untyped-def]
        yield from list(whole(script))[:-1]
        yield "SELECT no_such_function();"

    with monkeypatch.context() as patch:
        patch.setattr(database, "_statements", torn)
        with pytest.raises(Exception, match="no_such_function"):
            Library.open(tmp_path / "library")
    library = Library.open(tmp_path / "library")
    assert lexical(library, "행렬") == ["행렬의 곱"]
    library.close()
