"""Roots, notebooks and scopes: which documents belong together, and searching only those."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from assistant.desk import Desk
from assistant.errors import EmptyLibrary, LibraryBusy, NotebookError, PathNotFound
from assistant.library import library as library_module
from assistant.library.library import Library, NewDocument
from assistant.types import EmbeddingProgress, FileIndexed, Node, Notebook, Place, Root, Scope
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator, WordTokenizer
from tests.library_notes import ROOT, document, embed, nodes, put, waiting


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def filled(library: Library) -> Library:
    put(library, "수학/a.md", "행렬 하나")
    put(library, "수학/b.md", "행렬 둘")
    put(library, "수학2/c.md", "행렬 셋")
    put(library, "물리.md", "행렬 넷")
    embed(library)
    return library


def texts(library: Library, scope: Scope) -> tuple[set[str], set[str]]:
    """What each leg finds of the word that every note holds."""
    vector = BagOfWordsEncoder().encode_query("행렬")
    dense = library.search_dense(vector, 10, scope).hits
    lexical = library.search_lexical("행렬", 10, scope).hits
    return tuple(  # type: ignore[return-value]
        {stored.node.text for stored in library.nodes([id for id, _ in hits]).values()}
        for hits in (dense, lexical)
    )


# --------------------------------------------------------------------------- scope


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["수학"], {"행렬 하나", "행렬 둘"}),  # and not 수학2, which begins alike
        (["수학/b.md"], {"행렬 둘"}),
        (["수학/b.md", "물리.md"], {"행렬 둘", "행렬 넷"}),
        (["."], {"행렬 하나", "행렬 둘", "행렬 셋", "행렬 넷"}),
        (["nowhere"], set()),
    ],
)
def test_both_legs_keep_to_the_scope(filled: Library, paths: list[str], found: set[str]) -> None:
    scope = Scope(tuple(ROOT / path for path in paths))
    assert texts(filled, scope) == (found, found)
    assert filled.count_nodes(scope) == len(found)


def test_no_scope_is_everything(filled: Library) -> None:
    assert len(texts(filled, Scope())[0]) == 4


def test_a_name_that_looks_like_a_pattern_means_itself(library: Library) -> None:
    put(library, "a_c/x.md", "행렬 하나")
    put(library, "abc/x.md", "행렬 둘")
    put(library, "100%/x.md", "행렬 셋")
    assert texts(library, Scope((ROOT / "a_c",)))[1] == {"행렬 하나"}
    assert texts(library, Scope((ROOT / "100%",)))[1] == {"행렬 셋"}


def test_coverage_is_that_of_the_scope(filled: Library) -> None:
    whole = filled.search_lexical("행렬 하나", 5)
    part = filled.search_lexical("행렬 하나", 5, Scope((ROOT / "물리.md",)))
    assert part.coverage < whole.coverage == pytest.approx(1.0)
    assert filled.search_lexical("행렬", 5, Scope((ROOT / "nowhere",))).coverage == 0.0


# --------------------------------------------------------------------------- notebooks


def test_a_notebook_holds_what_comes_later_too(filled: Library) -> None:
    filled.add_to_notebook("선형대수", [ROOT / "수학"])
    filled.add_to_notebook("선형대수", [ROOT / "물리.md", ROOT / "수학"])
    put(filled, "수학/later.md", "행렬 다섯")
    put(filled, "수학/a.md", "행렬 하나 고침")  # stored anew, with another id
    assert filled.notebooks() == [
        Notebook("선형대수", (ROOT / "물리.md", ROOT / "수학"), documents=4, nodes=4)
    ]


def test_a_document_can_be_in_several(filled: Library) -> None:
    filled.add_to_notebook("가", [ROOT / "수학"])
    filled.add_to_notebook("나", [ROOT / "수학/a.md"])
    assert [(each.name, each.documents) for each in filled.notebooks()] == [("가", 2), ("나", 1)]
    assert filled.take_from_notebook("나", [ROOT / "수학/a.md", ROOT / "b"]) == 1
    assert [(each.name, each.documents) for each in filled.notebooks()] == [("가", 2), ("나", 0)]
    assert filled.delete_notebook("가")
    assert not filled.delete_notebook("가")
    assert filled.status().documents == 4


# --------------------------------------------------------------------------- roots


def test_roots_keep_their_patterns_and_count_what_they_hold(filled: Library) -> None:
    filled.store_root(Root(ROOT, include=("*.md",), exclude=("/초안",)))
    assert not filled.set_watched(ROOT / "수학", True)
    assert filled.set_watched(ROOT, True)
    filled.store_root(Root(ROOT, exclude=("*.tmp",)))  # other patterns; still watched
    filled.note_synced(ROOT)
    (root,) = filled.roots()
    assert (root.include, root.exclude, root.watched) == ((), ("*.tmp",), True)
    assert (root.documents, root.nodes) == (4, 4)
    assert root.synced_at.endswith("+00:00")
    filled.forget_root(ROOT)
    assert filled.roots() == []
    assert filled.status().documents == 4


def test_an_archive_counts_by_its_members(library: Library) -> None:
    library.replace_document(document("노트.zip", format="archive"), [])
    put(library, "노트.zip/1주.md", "행렬 하나")
    library.store_root(Root(ROOT))
    assert library.status().documents == 1
    assert library.roots()[0].documents == 1


# --------------------------------------------------------------------------- moving, removing


def test_a_moved_document_keeps_its_embeddings(library: Library) -> None:
    library.replace_document(document("a.md"), nodes("하나", "둘", context="a"))
    embed(library)
    moved = NewDocument(
        document("b.md"), tuple(nodes("하나", "둘", "셋", context="b")), moved_from=ROOT / "a.md"
    )
    library.replace_documents([moved])
    assert list(waiting(library).values()) == ["b\n셋"]
    assert [each.path.name for each in library.documents()] == ["b.md"]
    status = library.status()
    assert (status.nodes, status.embedded) == (3, 2)
    vector = BagOfWordsEncoder().encode_query("하나")
    assert len(library.search_dense(vector, 10).hits) == 2
    assert library.search_lexical("둘", 5).hits


def test_a_moved_document_takes_no_embedding_of_another_section(library: Library) -> None:
    same = tuple(Node("같은 글", Place(), n, n + 3, "ko", f"절 {n}") for n in range(2))
    library.replace_document(document("a.md"), same)
    encoder = BagOfWordsEncoder()
    library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
    library.store_embeddings(library.pending()[:1], encoder.encode_document(["절 0 같은 글"]))
    library.replace_documents([NewDocument(document("b.md"), same, moved_from=ROOT / "a.md")])
    assert library.count_pending() == 1


def test_many_documents_are_one_transaction(library: Library) -> None:
    changes = [NewDocument(document(f"{n}.md"), tuple(nodes(f"글 {n}"))) for n in range(3)]
    broken = replace(changes[2], document=replace(changes[2].document, title=None))  # type: ignore[arg-type]
    with pytest.raises((AttributeError, TypeError)):
        library.replace_documents([*changes[:2], broken])
    assert library.documents() == []
    library.replace_documents(changes)
    assert len(library.documents()) == 3


def test_removing_a_folder_takes_what_is_beneath_it(filled: Library) -> None:
    filled.record_problem(ROOT / "수학" / "broken.pdf", ROOT, "failed", "broken")
    gone = filled.remove_beneath(ROOT / "수학")
    assert sorted(path.name for path in gone) == ["a.md", "b.md", "broken.pdf"]
    assert sorted(file.path.name for file in filled.files()) == ["c.md", "물리.md"]
    assert texts(filled, Scope())[0] == {"행렬 셋", "행렬 넷"}


# --------------------------------------------------------------------------- one at a time


def test_a_second_ingestion_is_kept_out(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "PATIENCE", 0.1)
    other = Library.open(library.folder)
    with library.ingesting():
        with pytest.raises(LibraryBusy), other.ingesting():
            pass
        assert other.status().documents == 0  # reading goes on
    with other.ingesting():
        pass
    other.close()


def test_flushing_leaves_the_library_as_it_is(filled: Library) -> None:
    before = filled.files()
    filled.flush()
    assert filled.files() == before
    put(filled, "수학/d.md", "행렬 여섯")
    assert filled.status().documents == 5


# --------------------------------------------------------------------------- through the desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    from assistant import config

    folder = tmp_path / "notes" / "수학"
    folder.mkdir(parents=True)
    (folder / "행렬 [1].md").write_text("행렬의 곱")
    (folder / "벡터.md").write_text("벡터의 합")
    (tmp_path / "notes" / "물리.md").write_text("힘의 합")
    desk = Desk(
        config.load(library=tmp_path / "library"),
        encoder=BagOfWordsEncoder(),
        tokenizer=WordTokenizer(),
        generator=ScriptedGenerator("답"),
    )
    yield desk
    desk.close()


def test_a_notebook_is_filled_while_ingesting(desk: Desk, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    list(desk.ingest([notes]))
    list(desk.ingest([notes / "수학"], notebook="#선형 대수"))
    scope = desk.scope(notebook="선형 대수")
    assert scope.name == "#선형 대수"
    found = desk.search("합", scope=scope)
    assert [source.path.name for source in found.sources][:1] == ["벡터.md"]
    assert all(source.path.parent.name == "수학" for source in found.sources)
    with pytest.raises(NotebookError, match="no notebook 기하"):
        desk.scope(notebook="기하")
    with pytest.raises(PathNotFound):
        desk.scope(paths=[tmp_path / "elsewhere"])


def test_a_question_outside_its_scope_is_told(desk: Desk, tmp_path: Path) -> None:
    list(desk.ingest([tmp_path / "notes"]))
    with pytest.raises(EmptyLibrary, match="천문학"):
        desk.search("합", scope=Scope((tmp_path / "천문학",), "천문학"))


def test_what_was_removed_stays_out_until_it_is_named(desk: Desk, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    odd = notes / "수학" / "행렬 [1].md"
    list(desk.ingest([notes]))
    assert desk.remove(odd) == [odd]
    list(desk.ingest([notes]))
    names = {file.path.name for file in desk.files() if file.state == "indexed"}
    assert names == {"벡터.md", "물리.md"}
    assert os.path.exists(odd)  # noqa: PTH110 - the file itself is the user's
    list(desk.ingest([odd]))
    list(desk.ingest([notes]))
    assert any(file.path == odd and file.state == "indexed" for file in desk.files())


def test_a_removed_root_is_forgotten(desk: Desk, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    list(desk.ingest([notes]))
    desk.set_watched(notes, True)
    assert len(desk.remove(notes)) == 3
    assert desk.roots() == []
    with pytest.raises(EmptyLibrary):
        list(desk.ingest())
    with pytest.raises(PathNotFound):
        desk.remove(notes)


def test_no_paths_means_all_that_was_ingested(desk: Desk, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    list(desk.ingest([notes]))
    (notes / "화학.md").write_text("몰")
    list(desk.ingest())
    assert any(file.path.name == "화학.md" for file in desk.files())


def test_what_a_cut_off_run_left_is_embedded_without_looking_at_files(
    desk: Desk, tmp_path: Path
) -> None:
    stop = Event()
    for event in desk.ingest([tmp_path / "notes"], stop=stop):
        if isinstance(event, FileIndexed):
            stop.set()
    assert desk.status().embedded < desk.status().nodes
    shutil.rmtree(tmp_path / "notes")
    events = list(desk.embed_waiting())
    assert any(isinstance(event, EmbeddingProgress) for event in events)
    status = desk.status()
    assert 0 < status.embedded == status.nodes
