from __future__ import annotations

import os
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from assistant.errors import EmptyLibrary, LibraryError
from assistant.library.library import Library
from assistant.types import FileStatus, Node, Place
from tests.library_notes import ROOT, dense, document, embed, lexical, nodes, put


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path / "서재")
    yield library
    library.close()


def rows(library: Library, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(library.folder / "library.sqlite3")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def ids(library: Library, query: str) -> list[int]:
    return [id for id, _ in library.search_lexical(query, 10).hits]


def test_document_comes_back_as_it_went_in(library: Library) -> None:
    stored = document("강의 1.md", title="제목", size=2**40)
    node = Node("본문", Place(3, 2, 7, ("가", "나")), 5, 7, "mixed", "제목 › 가")
    library.replace_document(stored, [node])

    assert library.document(stored.path) == stored
    assert library.documents() == [stored]
    (found,) = library.nodes(ids(library, "본문")).values()
    assert found.node == node
    assert (found.path, found.title) == (stored.path, "제목")


def test_path_is_matched_exactly(library: Library) -> None:
    put(library, "한글.md", "본문")
    assert library.document(ROOT / "한글.md") is not None
    assert library.document(ROOT / unicodedata.normalize("NFD", "한글.md")) is None
    assert library.document(ROOT / "../notes/한글.md") is None


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_path_that_is_not_unicode(library: Library) -> None:
    path = Path(os.fsdecode(b"/notes/\xc7\xd1\xb1\xdb.txt"))  # CP949
    library.replace_document(document("", path=path), nodes("본문"))
    library.record_problem(path.with_suffix(".pdf"), ROOT, "failed", f"cannot read {path}")

    assert [file.path for file in library.files()] == [path.with_suffix(".pdf"), path]
    assert library.nodes(ids(library, "본문")).popitem()[1].path == path
    library.remove_document(path)
    assert library.documents() == []


def test_text_that_is_not_unicode_does_not_stop_a_document(library: Library) -> None:
    put(library, "a.md", "깨진 \ud83d 글자")
    assert lexical(library, "글자 \udcff") == ["깨진 ? 글자"]


def test_documents_of_one_root(library: Library) -> None:
    put(library, "b.md", "하나")
    other = document("c.md", root=Path("/other"), path=Path("/other/c.md"))
    library.replace_document(other, nodes("둘"))
    assert [found.path.name for found in library.documents(ROOT)] == ["b.md"]
    assert len(library.documents()) == 2


def test_replacing_leaves_nothing_of_the_old(library: Library) -> None:
    put(library, "a.md", "사과 나무", "배나무 그늘")
    embed(library)
    put(library, "a.md", "포도 넝쿨")
    embed(library)

    assert lexical(library, "사과") == []
    assert lexical(library, "그늘") == []
    assert lexical(library, "포도") == ["포도 넝쿨"]
    assert dense(library, "사과 나무 그늘") == ["포도 넝쿨"]
    (count,) = rows(library, "SELECT (SELECT count(*) FROM words), (SELECT count(*) FROM pairs)")
    assert count == (1, 1)


def test_words_of_deleted_nodes_weigh_nothing(library: Library) -> None:
    put(library, "a.md", "사과")
    put(library, "b.md", "사과 배")
    before = library.search_lexical("사과", 5)
    put(library, "c.md", "사과 포도", "포도 귤")
    library.remove_document(ROOT / "c.md")
    assert library.search_lexical("사과", 5) == before


def test_full_text_tables_are_sound_after_many_changes(library: Library) -> None:
    for turn in range(5):
        for name in "abc":
            put(library, name, f"{name} 노트 {turn}", f"전이 학습 {turn}")
        library.remove_document(ROOT / "b")
    for table in ("words", "pairs"):
        rows(library, f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    assert len(rows(library, "SELECT rowid FROM words")) == library.status().nodes == 4


def test_ids_are_never_used_again(library: Library) -> None:
    seen: set[int] = set()
    for turn in range(4):
        put(library, "a.md", f"하나 {turn}", f"하나 둘 {turn}")
        now = set(ids(library, "하나"))
        assert len(now) == 2
        assert not now & seen
        seen |= now
        library.remove_document(ROOT / "a.md")
    library.close()
    again = Library.open(library.folder)
    put(again, "a.md", "하나")
    assert not set(ids(again, "하나")) & seen
    again.close()


def test_removing_the_last_document_empties_every_search(library: Library) -> None:
    put(library, "a.md", "하나")
    embed(library)
    assert dense(library, "하나") == ["하나"]
    library.remove_document(ROOT / "a.md")
    assert dense(library, "하나") == []
    assert lexical(library, "하나") == []
    library.remove_document(ROOT / "a.md")  # gone already: nothing to do


def test_document_of_no_nodes(library: Library) -> None:
    library.replace_document(document("a.md"), [])
    assert states(library.files()) == [(ROOT / "a.md", "indexed", 0, "", "")]


def test_touching_keeps_nodes(library: Library) -> None:
    put(library, "a.md", "하나")
    library.touch_document(document("a.md", mtime_ns=5, size=11))
    found = library.document(ROOT / "a.md")
    assert found is not None
    assert (found.mtime_ns, found.size) == (5, 11)
    assert lexical(library, "하나") == ["하나"]


def test_context_is_found_but_not_shown(library: Library) -> None:
    library.replace_document(document("a.md"), nodes("여덟이다", context="LoRA › 랭크"))
    assert lexical(library, "lora 랭크") == ["여덟이다"]


def test_problem_keeps_what_is_stored_until_the_file_is_read(library: Library) -> None:
    put(library, "a.md", "하나", "둘")
    library.record_problem(ROOT / "a.md", ROOT, "failed", "password", "remove it")
    library.record_problem(ROOT / "b.bin", ROOT, "skipped", "binary")
    a, b = ROOT / "a.md", ROOT / "b.bin"
    assert states(library.files()) == [
        (a, "failed", 2, "password", "remove it"),
        (b, "skipped", 0, "binary", ""),
    ]
    assert states(library.status().failed) == [(a, "failed", 2, "password", "remove it")]
    assert lexical(library, "하나") == ["하나"]

    put(library, "a.md", "셋")
    library.remove_document(b)
    assert states(library.files()) == [(a, "indexed", 1, "", "")]


def test_nodes_come_in_the_order_asked_for(library: Library) -> None:
    put(library, "a.md", "하나", "둘", "셋")
    first, second, third = sorted(library.nodes(range(1, 10)))
    assert list(library.nodes([third, 999, first])) == [third, first]
    assert second in library.nodes([second])
    assert library.nodes([]) == {}


def test_status_counts(library: Library) -> None:
    put(library, "a.md", "하나", "둘")
    embed(library)
    put(library, "b.md", "셋")
    library.history.create("질문")
    status = library.status()
    assert (status.documents, status.nodes, status.embedded, status.chats) == (2, 3, 2, 1)
    assert status.embedding_model == "bag-of-words"
    assert status.index_type == "exact, float16"
    assert status.size > 0


def test_no_library_and_not_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(EmptyLibrary):
        Library.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_closed_library_says_so(library: Library) -> None:
    library.close()
    with pytest.raises(LibraryError, match="closed"):
        library.documents()
    library.close()


def states(files: Iterable[FileStatus]) -> list[tuple[Path, str, int, str, str]]:
    return [(file.path, file.state, file.nodes, file.reason, file.hint) for file in files]
