"""A large index on disk: the file, and what has changed since beside it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.config import IngestionSettings
from assistant.ingestion.pipeline import ingest
from assistant.library import index_file
from assistant.library.check import check_index
from assistant.library.dense import DenseSearch
from assistant.library.library import Library
from assistant.library.vectors import VectorIndex, files_of
from assistant.types import IndexProgress, IngestFinished
from tests.fakes import BagOfWordsEncoder, WordTokenizer
from tests.library_notes import ROOT, dense, embed, put

DIMENSION = 32
COUNT = 400


def unit(n: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def add(index: VectorIndex, first: int, rows: np.ndarray) -> None:
    ids = np.arange(first, first + len(rows), dtype=np.int64)
    index.add(ids, np.zeros(len(rows), dtype=np.intp), rows)


def large() -> VectorIndex:
    index = VectorIndex(DIMENSION)
    add(index, 1, unit(COUNT))
    return index.settled(exact_up_to=100)


def change(index: VectorIndex, times: int) -> None:
    """Two passages more and one less."""
    add(index, 1000 + 10 * times, unit(2, seed=times))
    index.remove(np.array([times], dtype=np.int64))


def load(file: Path, generation: int) -> VectorIndex | None:
    return VectorIndex.load(file, DIMENSION, generation)


def assert_alike(loaded: VectorIndex | None, index: VectorIndex) -> None:
    assert loaded is not None
    assert sorted(loaded.ids) == sorted(index.ids)
    for query in unit(5, seed=9):
        assert loaded.search(query, 20) == index.search(query, 20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vectors.faiss"


def test_changes_are_written_beside_the_file(file: Path) -> None:
    index = large()
    index.save(file, 1)
    whole = file.read_bytes()
    for times in (2, 3):
        change(index, times)
        index.save(file, times)
        assert file.read_bytes() == whole
        assert files_of(file)[1].stat().st_size < len(whole) / 4
        assert_alike(load(file, times), index)
        assert load(file, times + 1) is None
    assert load(file, 2) is None
    loaded = load(file, 3)
    assert loaded is not None
    change(loaded, 4)
    loaded.save(file, 4)  # as this process goes on from what another wrote
    assert file.read_bytes() == whole
    assert_alike(load(file, 4), loaded)


def test_an_index_made_anew_replaces_both(file: Path) -> None:
    index = large()
    index.save(file, 1)
    change(index, 2)
    index.save(file, 2)
    add(index, 2000, unit(80, seed=5))
    again = index.settled(exact_up_to=100)
    assert again is not index
    again.save(file, 3)
    assert not files_of(file)[1].exists()
    assert_alike(load(file, 3), again)


def test_a_file_that_another_process_has_replaced_is_written_whole(file: Path) -> None:
    index = large()
    index.save(file, 1)
    large().save(file, 2)
    change(index, 3)
    index.save(file, 3)
    assert not files_of(file)[1].exists()
    assert_alike(load(file, 3), index)
    file.unlink()
    change(index, 4)
    index.save(file, 4)
    assert_alike(load(file, 4), index)


def test_changes_of_another_file_are_passed_over(file: Path, tmp_path: Path) -> None:
    index = large()
    index.save(file, 1)
    change(index, 2)
    index.save(file, 2)
    kept = files_of(file)[1].read_bytes()
    other = large()
    other.save(file, 2)  # of the same generation, as an index in another form is
    files_of(file)[1].write_bytes(kept)
    assert_alike(load(file, 2), other)


def test_no_byte_of_the_changes_may_be_lost_or_flip(file: Path) -> None:
    index = large()
    index.save(file, 1)
    change(index, 2)
    index.save(file, 2)
    changes = files_of(file)[1]
    content = changes.read_bytes()
    for position in range(0, len(content), 5):
        flipped = content[position] ^ 1
        changes.write_bytes(content[:position] + bytes([flipped]) + content[position + 1 :])
        assert load(file, 2) is None
        changes.write_bytes(content[:position])
        assert load(file, 2) is None
    changes.write_bytes(content)
    assert_alike(load(file, 2), index)


def test_a_kill_between_any_two_steps_leaves_one_state_or_the_other(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kill would leave is copied before each change of the folder, and loaded."""
    left: list[Path] = []
    folder = file.parent / "now"
    folder.mkdir()
    file = folder / file.name

    def copied() -> None:
        left.append(tmp_path / f"left-{len(left)}")
        shutil.copytree(folder, left[-1])

    def recording(own: object, name: str) -> None:
        act = getattr(own, name)

        def then(*arguments: object, **options: object) -> object:
            copied()
            return act(*arguments, **options)

        monkeypatch.setattr(own, name, then)

    index = large()
    states = {}
    for own, name in ((Path, "replace"), (Path, "unlink"), (os, "fsync")):
        recording(own, name)
    for generation in range(1, 7):
        if generation == 4:
            add(index, 5000, unit(80, seed=5))
            index = index.settled(exact_up_to=100)  # written whole, over changes
        else:
            change(index, generation)
        states[generation] = sorted(index.ids.tolist())
        index.save(file, generation)
        copied()
        assert load(left[-1] / file.name, generation) is not None
    assert len(left) > 20
    for state in left:
        for generation, ids in states.items():
            loaded = load(state / file.name, generation)
            assert loaded is None or sorted(loaded.ids.tolist()) == ids


def test_a_large_library_saves_its_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened() -> Library:
        library = Library.open(tmp_path)
        library.__dict__["_dense"] = DenseSearch(tmp_path / "vectors.faiss", exact_up_to=100)
        return library

    library = opened()
    put(library, "a.md", *[f"낱말{number}" for number in range(300)])
    embed(library)
    library.save_index()
    put(library, "b.md", "하나")
    put(library, "c.md", "둘")
    library.remove_document(ROOT / "c.md")
    embed(library)
    written: list[str] = []
    write = index_file.write
    monkeypatch.setattr(
        index_file, "write", lambda file, *rest: (written.append(file.name), write(file, *rest))
    )
    library.save_index()
    library.save_index()
    assert written == ["vectors.faiss.changes"]
    again = opened()
    assert dense(again, "하나", 1) == ["하나"]
    assert again.status().index_type.startswith("fast scan, best")  # loaded, not built
    with again._database.reading() as db:
        assert check_index(db, tmp_path / "vectors.faiss") == []
    again.remove_document(ROOT / "a.md")
    again.remove_document(ROOT / "b.md")
    again.save_index()
    assert again.check() == []
    again.close()
    library.close()


def test_what_takes_long_is_told(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    put(library, "a.md", *[f"낱말{number}" for number in range(300)])
    embed(library)
    told: list[IndexProgress] = []
    library.save_index(told.append)
    assert told == []  # of a few there is nothing to tell
    library.__dict__["_dense"] = DenseSearch(tmp_path / "none.faiss", exact_up_to=100)
    library.save_index(told.append)
    assert list(dict.fromkeys(each.step for each in told)) == ["reading", "building", "saving"]
    for step in ("reading", "building", "saving"):
        own = [each for each in told if each.step == step]
        assert [each.done for each in own] == sorted(each.done for each in own)
        assert own[-1].done == own[-1].total >= 300
    library.close()


def test_an_ingestion_tells_of_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(12):
        (notes / f"{number}.md").write_text(f"# Note {number}\n\nabout word{number}\n")
    library = Library.open(tmp_path / "library")
    library.__dict__["_dense"] = DenseSearch(library.folder / "vectors.faiss", exact_up_to=5)
    events = list(
        ingest(
            library,
            [notes],
            IngestionSettings(),
            tokenizer=WordTokenizer,
            encoder=BagOfWordsEncoder,
        )
    )
    steps = [event.step for event in events if isinstance(event, IndexProgress)]
    assert steps[-1] == "saving"
    assert "building" in steps
    assert isinstance(events[-1], IngestFinished)
    library.close()


def test_another_form_of_the_same_passages_is_saved(tmp_path: Path) -> None:
    """As after an update that draws the line elsewhere."""
    library = Library.open(tmp_path)
    put(library, "a.md", *[f"낱말{number}" for number in range(300)])
    embed(library)
    library.save_index()
    again = Library.open(tmp_path)
    again.__dict__["_dense"] = DenseSearch(tmp_path / "vectors.faiss", exact_up_to=100)
    assert dense(again, "낱말7", 1) == ["낱말7"]
    assert again.status().index_type == "exact, float16"
    again.save_index()
    third = Library.open(tmp_path)
    assert dense(third, "낱말7", 1) == ["낱말7"]
    assert third.status().index_type.startswith("fast scan")
    for each in (library, again, third):
        each.close()
