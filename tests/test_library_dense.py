from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import FingerprintMismatch, LibraryError
from assistant.library import embeddings, fingerprint, lexical as analyser
from assistant.library.dense import DenseSearch
from assistant.library.library import Library
from assistant.library.vectors import VectorIndex
from tests.fakes import BagOfWordsEncoder
from tests.library_notes import ROOT, dense, document, embed, lexical, nodes, put, waiting


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path)
    yield library
    library.close()


def reopened(library: Library) -> Library:
    library.close()
    return Library.open(library.folder)


def test_cosines_best_first(library: Library) -> None:
    put(library, "a.md", "apple pear", "apple", "grape")
    encoder = embed(library)
    found = library.search_dense(encoder.encode_query("apple"), 10)
    texts = [library.nodes([id])[id].node.text for id, _ in found.hits]
    assert texts[:2] == ["apple", "apple pear"]
    assert [score for _, score in found.hits] == pytest.approx([1.0, 0.5**0.5, 0.0], abs=2e-3)
    assert found.similarity == pytest.approx(1.0, abs=2e-3)
    assert library.search_dense(encoder.encode_query("apple"), 1).hits == found.hits[:1]


def test_nothing_embedded(library: Library) -> None:
    assert dense(library, "하나") == []
    put(library, "a.md", "하나")
    assert dense(library, "하나") == []
    library.save_index()
    assert library.embedding_model == ""


def test_identical_text_is_embedded_once(library: Library) -> None:
    put(library, "a.md", "하나", "둘", "하나")
    put(library, "b.md", "하나")
    assert library.count_pending() == 2
    assert list(waiting(library).values()) == ["하나", "둘"]
    encoder = embed(library)
    assert sorted(encoder.encoded) == ["둘", "하나"]
    assert library.count_pending() == 0
    assert dense(library, "하나").count("하나") == 3

    put(library, "c.md", "하나")  # known already: found without an encoder
    assert library.count_pending() == 0
    assert dense(library, "하나").count("하나") == 4


def test_context_makes_a_text_another(library: Library) -> None:
    library.replace_document(document("a.md"), nodes("하나", context="가"))
    library.replace_document(document("b.md"), nodes("하나", context="나"))
    assert sorted(waiting(library).values()) == ["가\n하나", "나\n하나"]


def test_replacing_keeps_the_embeddings_of_what_stays(library: Library) -> None:
    put(library, "a.md", "하나", "둘")
    embed(library)
    put(library, "a.md", "하나", "셋")
    assert list(waiting(library).values()) == ["셋"]
    assert library.prune_embeddings() == 1
    assert dense(library, "하나 둘 셋") == ["하나"]


def test_node_without_embedding_is_found_by_its_words(library: Library) -> None:
    put(library, "a.md", "하나")
    embed(library)
    put(library, "b.md", "둘")
    assert dense(library, "둘") == ["하나"]
    assert lexical(library, "둘") == ["둘"]
    assert library.status().embedded == 1


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:-7]),
        lambda file: file.write_bytes(file.read_bytes() + b"more"),
        lambda file: flip(file, 4),
        lambda file: flip(file, 20),
        lambda file: flip(file, 40),
        lambda file: flip(file, -3),
        lambda file: flip(file, 200),
    ],
)
def test_index_file_is_made_again(library: Library, harm: object) -> None:
    put(library, "a.md", "하나", "둘")
    embed(library)
    expected = dense(library, "둘")
    library.save_index()
    assert callable(harm)
    harm(library.folder / "vectors.faiss")

    again = reopened(library)
    assert dense(again, "둘") == expected
    again.save_index()
    again.close()
    assert_loads(again)


def flip(file: Path, position: int) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 0x10
    file.write_bytes(content)


def assert_loads(library: Library) -> None:
    file = library.folder / "vectors.faiss"
    connection = sqlite3.connect(library.folder / "library.sqlite3")
    (found,) = connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    connection.close()
    assert VectorIndex.load(file, BagOfWordsEncoder.dimension, int(found)) is not None


def test_saved_index_is_used(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    put(library, "a.md", "하나", "둘")
    embed(library)
    library.save_index()
    assert_loads(library)
    again = reopened(library)
    monkeypatch.setattr(VectorIndex, "add", lambda *_: pytest.fail("built although it was saved"))
    assert dense(again, "둘")[0] == "둘"
    again.close()


def test_older_index_is_brought_up_to_date(library: Library) -> None:
    put(library, "a.md", "하나")
    put(library, "b.md", "둘")
    embed(library)
    library.save_index()
    old = (library.folder / "vectors.faiss").read_bytes()
    library.remove_document(ROOT / "a.md")
    put(library, "c.md", "셋")
    embed(library)
    library.save_index()
    (library.folder / "vectors.faiss").write_bytes(old)

    again = reopened(library)
    assert sorted(dense(again, "하나")) == ["둘", "셋"]
    again.close()


def test_index_of_a_newer_state_is_not_taken(library: Library) -> None:
    """A library came back from a backup and was changed; its index is of what was there before."""
    put(library, "a.md", "하나")
    embed(library)
    library.close()
    database = library.folder / "library.sqlite3"
    backup = database.read_bytes()
    first = Library.open(library.folder)
    put(first, "b.md", "둘")
    embed(first)
    first.save_index()
    first.close()

    database.write_bytes(backup)
    second = Library.open(library.folder)
    put(second, "b.md", "셋")  # the same node id and as many steps of the generation
    embed(second)
    assert dense(second, "셋")[0] == "셋"
    assert "둘" not in dense(second, "둘")
    second.close()


def test_index_follows_another_process(library: Library) -> None:
    put(library, "a.md", "하나")
    embed(library)
    assert dense(library, "하나") == ["하나"]
    other = Library.open(library.folder)
    put(other, "b.md", "둘")
    other.remove_document(ROOT / "a.md")
    embed(other)
    assert dense(library, "둘") == ["둘"]
    other.close()


def as_made_anew(library: Library) -> None:
    """The index that has followed the library holds what one built of it would."""
    with library._database.reading() as db:
        library._dense.search(db, BagOfWordsEncoder().encode_query("하나"), 1)
        index = library._dense._index
        assert index is not None
        assert np.sort(index.ids).tolist() == embeddings.pair_ids(db).tolist()


def test_changes_are_taken_in_without_reading_all_ids(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, "a.md", "하나", "둘")
    put(library, "b.md", "셋")
    embed(library)
    as_made_anew(library)
    monkeypatch.setattr(embeddings, "pair_ids", lambda _: pytest.fail("all ids were read"))
    put(library, "c.md", "넷")  # waits
    put(library, "d.md", "하나")  # known
    assert dense(library, "하나", 2) == ["하나", "하나"]
    embed(library)  # of a node that was there before
    assert dense(library, "넷")[0] == "넷"
    library.remove_document(ROOT / "b.md")
    put(library, "e.md", "다섯")
    embed(library)
    assert sorted(dense(library, "하나")) == sorted(["하나", "둘", "넷", "하나", "다섯"])
    monkeypatch.undo()
    as_made_anew(library)


def test_numbers_of_rows_are_given_again(library: Library) -> None:
    """What was pruned leaves numbers that the next embeddings get."""
    put(library, "a.md", "하나")
    embed(library)
    put(library, "b.md", "둘", "셋", "넷")
    embed(library)
    put(library, "c.md", "다섯", "여섯")
    library.remove_document(ROOT / "b.md")
    as_made_anew(library)
    assert library.prune_embeddings() == 3
    embed(library)
    as_made_anew(library)
    assert "다섯" in dense(library, "다섯")


def test_a_compacted_database_has_other_numbers(library: Library) -> None:
    put(library, "a.md", "하나", "둘", "셋")
    embed(library)
    put(library, "b.md", "넷")
    put(library, "a.md", "셋")
    put(library, "c.md", "다섯")
    as_made_anew(library)
    other = sqlite3.connect(library.folder / "library.sqlite3", isolation_level=None)
    other.execute("DELETE FROM embeddings WHERE rowid < 3 AND key NOT IN (SELECT key FROM nodes)")
    other.execute("VACUUM")
    other.close()
    embed(library)
    as_made_anew(library)
    assert {"넷", "다섯"} <= set(dense(library, "넷 다섯"))


def test_an_older_reader_between_two_newer_ones(library: Library) -> None:
    put(library, "a.md", "하나")
    embed(library)
    query = BagOfWordsEncoder().encode_query("둘")
    with library._database.reading() as old:
        assert embeddings.count_pairs(old) == 1
        changing = threading.Thread(target=lambda: change(library))
        changing.start()
        changing.join()
        library._dense.search(old, query, 5)
    as_made_anew(library)
    assert dense(library, "둘") == ["둘"]


def change(library: Library) -> None:
    put(library, "b.md", "둘")
    library.remove_document(ROOT / "a.md")
    embed(library)
    assert dense(library, "둘") == ["둘"]


def test_a_large_library_is_scanned(library: Library) -> None:
    words = [f"낱말{number}" for number in range(300)]
    put(library, "a.md", *words)
    embed(library)
    library.__dict__["_dense"] = DenseSearch(library.folder / "vectors.faiss", exact_up_to=100)
    assert library.status().index_type.startswith("fast scan")
    assert dense(library, "낱말7", 1) == ["낱말7"]
    put(library, "b.md", "하나")
    embed(library)
    assert dense(library, "하나", 1) == ["하나"]
    library.save_index()
    assert "recall@10" in library.status().index_type
    again = Library.open(library.folder)
    again.__dict__["_dense"] = DenseSearch(library.folder / "vectors.faiss", exact_up_to=100)
    assert dense(again, "하나", 1) == ["하나"]
    again.remove_document(ROOT / "a.md")
    assert dense(again, "낱말7") == ["하나"]
    again.save_index()
    assert again.status().index_type == "exact, float16"
    again.close()


def test_searches_go_on_while_the_index_settles(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, "a.md", *[f"낱말{number}" for number in range(30)])
    embed(library)
    assert dense(library, "낱말7", 1) == ["낱말7"]
    settled = VectorIndex.settled

    begun, searched = threading.Event(), threading.Event()

    def wait(index: VectorIndex, exact_up_to: int, _told: object) -> VectorIndex:
        begun.set()
        assert searched.wait(30)
        return settled(index, 10)

    monkeypatch.setattr(VectorIndex, "settled", wait)
    saving = threading.Thread(target=library.save_index)
    saving.start()
    assert begun.wait(30)
    put(library, "b.md", "하나")
    embed(library)
    assert dense(library, "하나", 1) != ["하나"]  # not yet
    assert dense(library, "낱말7", 1) == ["낱말7"]
    searched.set()
    saving.join()
    assert dense(library, "하나", 1) == ["하나"]
    as_made_anew(library)


def test_shifts_that_hardly_move_build_nothing_anew(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, "a.md", *[f"낱말{number}" for number in range(40)])
    embed(library)
    as_made_anew(library)
    before = library._dense._index
    put(library, "b.md", *[f"다른{number}" for number in range(40)])  # all are Korean: no shift
    embed(library)
    as_made_anew(library)
    assert library._dense._index is before
    assert before is not None
    assert before.shifts.nodes == 80


def test_saving_leaves_no_other_file(library: Library) -> None:
    (library.folder / "vectors.faiss.part").write_bytes(b"left by a kill")
    put(library, "a.md", "하나")
    embed(library)
    library.save_index()
    names = {file.name for file in library.folder.iterdir()}
    assert names <= {
        "library.sqlite3",
        "library.sqlite3-wal",
        "library.sqlite3-shm",
        "vectors.faiss",
    }
    library.remove_document(ROOT / "a.md")
    library.save_index()
    assert_loads(library)
    assert dense(library, "하나") == []


def test_encoder_is_remembered(library: Library) -> None:
    put(library, "a.md", "하나")
    library.check_fingerprint("anything")
    embed(library)
    library.check_fingerprint(BagOfWordsEncoder.fingerprint)
    with pytest.raises(FingerprintMismatch, match="bag-of-words") as caught:
        library.check_fingerprint("other")
    assert "bag-of-words" in caught.value.hint
    with pytest.raises(FingerprintMismatch):
        library.set_fingerprint("other", "other", 256)
    assert library.embedding_model == "bag-of-words"


def test_analyser_is_remembered(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    put(library, "a.md", "하나")
    monkeypatch.setattr(fingerprint, "ANALYSER_VERSION", "0/other")
    with pytest.raises(FingerprintMismatch, match=analyser.ANALYSER_VERSION):
        library.check_fingerprint("any")
    with pytest.raises(FingerprintMismatch):
        put(library, "b.md", "둘")
    assert library.analyse_again() == 1
    library.check_fingerprint("any")
    assert lexical(library, "하나") == ["하나"]


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((1, 255), dtype=np.float32),
        np.zeros((2, 256), dtype=np.float32),
        np.full((1, 256), np.nan, dtype=np.float32),
    ],
)
def test_bad_embeddings_are_refused_whole(library: Library, vectors: np.ndarray) -> None:
    put(library, "a.md", "하나")
    encoder = BagOfWordsEncoder()
    library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
    with pytest.raises(LibraryError):
        library.store_embeddings(library.pending(), vectors)
    assert library.count_pending() == 1


def test_question_of_another_dimension(library: Library) -> None:
    put(library, "a.md", "하나")
    embed(library)
    with pytest.raises(FingerprintMismatch):
        library.search_dense(np.ones(3, dtype=np.float32), 5)


def test_threads_search_while_another_writes(library: Library) -> None:
    put(library, "fixed.md", "고정된 노트 하나")
    embed(library)
    stop = threading.Event()
    finished: list[bool] = []

    def search() -> None:
        while not stop.is_set():
            assert "고정된 노트 하나" in dense(library, "고정된 노트 하나", 3)
            assert lexical(library, "고정")[0] == "고정된 노트 하나"
            library.status()
        finished.append(True)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(25):
        put(library, f"{turn % 4}.md", f"변하는 글 {turn}", f"또 다른 글 {turn}")
        embed(library)
    stop.set()
    for thread in threads:
        thread.join()
    assert finished == [True] * 3
    assert library.status().embedded == library.status().nodes == 9
    assert len(dense(library, "글", 50)) == 9
