from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.library import faiss_build, index_file, segments
from assistant.library.vectors import VectorIndex, describe_faiss, most_exact, planned_type


def unit(n: int, dimension: int = 32, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def one_language(rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows), dtype=np.intp)


def filled(rows: np.ndarray) -> VectorIndex:
    index = VectorIndex(rows.shape[1])
    index.add(np.arange(len(rows), dtype=np.int64) * 3 + 1, one_language(rows), rows)
    return index


def test_search_is_exact() -> None:
    rows = unit(500)
    query = unit(1, seed=1)[0]
    found = filled(rows).search(query, 20)
    cosines = rows.astype(np.float16).astype(np.float32) @ query
    expected = np.argsort(-cosines)[:20]
    assert [id for id, _ in found] == (expected * 3 + 1).tolist()
    assert [score for _, score in found] == pytest.approx(cosines[expected].tolist(), abs=1e-5)


def test_no_padding() -> None:
    index = filled(unit(3))
    assert len(index.search(unit(1)[0], 10)) == 3
    index.remove(index.ids)
    assert index.search(unit(1)[0], 10) == []
    assert VectorIndex(8).search(unit(1, 8)[0], 10) == []


def test_removed_ids_are_gone_and_the_others_stay_themselves() -> None:
    rows = unit(100)
    index = filled(rows)
    index.remove(np.array([1, 4, 7, 99_999], dtype=np.int64))
    assert sorted(index.ids) == [n * 3 + 1 for n in range(3, 100)]
    for n in (3, 50, 99):
        assert index.search(rows[n], 1)[0][0] == n * 3 + 1
    assert index.search(rows[0], 1)[0][0] != 1


def test_saved_and_loaded(tmp_path: Path) -> None:
    rows = unit(50)
    file = tmp_path / "벡터 파일.faiss"
    filled(rows).save(file, 7)
    loaded = VectorIndex.load(file, 32, 7)
    assert loaded is not None
    assert loaded.search(rows[9], 5) == filled(rows).search(rows[9], 5)
    loaded.remove(loaded.ids)  # still changeable
    assert VectorIndex.load(file, 32, 8) is None
    assert VectorIndex.load(file, 33, 7) is None
    assert VectorIndex.load(tmp_path, 32, 7) is None


def test_no_single_byte_may_flip_unseen(tmp_path: Path) -> None:
    file = tmp_path / "vectors.faiss"
    filled(unit(4, 8)).save(file, 7)
    content = file.read_bytes()
    for position in range(len(content)):
        file.write_bytes(
            content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]
        )
        assert VectorIndex.load(file, 8, 7) is None


def test_every_length_of_a_torn_file_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "vectors.faiss"
    filled(unit(4, 8)).save(file, 7)
    content = file.read_bytes()
    for length in range(len(content)):
        file.write_bytes(content[:length])
        assert VectorIndex.load(file, 8, 7) is None
    file.write_bytes(content + b"0")
    assert VectorIndex.load(file, 8, 7) is None
    file.write_bytes(content)
    assert VectorIndex.load(file, 8, 7) is not None


def test_checksums_go_on_from_block_to_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "_BLOCK", 100)
    monkeypatch.setattr(index_file, "_MAPPED_FROM", 1)
    file = tmp_path / "vectors.faiss"
    rows = unit(30)
    filled(rows).save(file, 7)
    content = file.read_bytes()
    loaded = VectorIndex.load(file, 32, 7)
    assert loaded is not None
    assert loaded.search(rows[9], 5) == filled(rows).search(rows[9], 5)
    start = content.index(rows[0].astype(np.float16).tobytes())
    swapped = bytearray(content)
    swapped[start : start + 8], swapped[start + 200 : start + 208] = (
        content[start + 200 : start + 208],
        content[start : start + 8],
    )
    (tmp_path / "other.faiss").write_bytes(swapped)
    assert VectorIndex.load(tmp_path / "other.faiss", 32, 7) is None


def test_whole_file_of_an_unknown_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = filled(unit(4))
    monkeypatch.setattr(segments, "_write", lambda _, write: write(b"IxXX of a later FAISS"))
    index.save(tmp_path / "vectors.faiss", 7)
    assert VectorIndex.load(tmp_path / "vectors.faiss", 32, 7) is None


# --------------------------------------------------------------------------- many vectors


MANY = 3000


def clustered(n: int, dimension: int = 64, seed: int = 0) -> np.ndarray:
    """Vectors with neighbours, as embeddings have them."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((100, dimension))
    rows = centres[random.integers(len(centres), size=n)]
    rows = rows + 0.5 * random.standard_normal((n, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    return clustered(MANY)


def scanned(rows: np.ndarray) -> VectorIndex:
    index = filled(rows).settled(exact_up_to=1000)
    assert index.type.startswith("fast scan")
    return index


def nearest(rows: np.ndarray, query: np.ndarray, k: int) -> list[int]:
    cosines = rows.astype(np.float16).astype(np.float32) @ query
    return (np.argsort(-cosines)[:k] * 3 + 1).tolist()


def test_many_are_found_as_exactly(many: np.ndarray) -> None:
    index = scanned(many)
    questions = clustered(MANY + 40)[MANY:]
    found = [[id for id, _ in index.search(question, 10)] for question in questions]
    right = [nearest(many, question, 10) for question in questions]
    shared = [len({*a} & {*b}) / 10 for a, b in zip(found, right, strict=True)]
    assert np.mean(shared) >= 0.98
    id, score = index.search(many[5], 1)[0]
    assert id == 16
    assert score == pytest.approx(float(many[5] @ many[5]), abs=1e-3)


def test_the_form_follows_the_size(many: np.ndarray) -> None:
    index = filled(many)
    assert index.type == planned_type(MANY, MANY) == "exact, float16"
    assert most_exact(384) == 100_000
    assert most_exact(896) < 50_000  # as long a search
    assert index.settled(exact_up_to=MANY) is index
    settled = index.settled(exact_up_to=MANY - 1)
    assert settled.type.startswith(planned_type(MANY, MANY - 1).split(",")[0])
    assert settled.settled(exact_up_to=MANY - 1) is settled
    assert settled.settled(exact_up_to=MANY) is settled  # not to and fro about the limit
    small = settled.settled(exact_up_to=2 * MANY)
    assert small.type == "exact, float16"
    assert small.search(many[8], 20) == index.search(many[8], 20)
    assert sorted(index.ids) == sorted(settled.ids) == sorted(small.ids)


def test_changes_beside_many(many: np.ndarray) -> None:
    index = scanned(many)
    new = clustered(20, seed=3)[:20]
    ids = np.arange(20, dtype=np.int64) + 100_000
    index.add(ids, one_language(new), new)
    index.remove(np.array([16, 19, 100_001, 999_999], dtype=np.int64))
    assert index.search(new[0], 1)[0][0] == 100_000
    assert 100_001 not in [id for id, _ in index.search(new[1], 50)]
    assert 16 not in [id for id, _ in index.search(many[5], 50)]
    assert len(index) == len(index.ids) == MANY + 20 - 3
    assert index.settled(exact_up_to=1000) is index  # too few changes to be made anew
    index.remove(np.arange(300, dtype=np.int64) * 3 + 1)
    again = index.settled(exact_up_to=1000)
    assert again is not index
    assert sorted(again.ids) == sorted(index.ids)
    assert again.search(new[0], 1)[0][0] == 100_000
    assert again.search(many[500], 1)[0][0] == 1501


def test_the_nearest_were_all_removed(many: np.ndarray) -> None:
    index = scanned(many)
    gone = nearest(many, many[5], MANY - 50)
    index.remove(np.array(gone, dtype=np.int64))
    expected = nearest(many, many[5], MANY)[-50:]
    assert [id for id, _ in index.search(many[5], 50)] == expected
    index.remove(index.ids)
    assert index.search(many[5], 5) == []
    assert len(index) == 0
    assert len(index.settled(exact_up_to=1000)) == 0


def test_scoped_search_is_exact_however_many_there_are(many: np.ndarray) -> None:
    index = scanned(many)
    new = clustered(20, seed=3)[:2]
    index.add(np.array([90_000, 90_001], dtype=np.int64), one_language(new), new)
    index.remove(np.array([31], dtype=np.int64))
    within = np.concatenate((np.arange(0, 3 * MANY, 30) + 1, [31, 90_001, 5_000_000]))
    right = [id for id in nearest(many, new[0], MANY) if id in set(within.tolist()) - {31}]
    found = [id for id, _ in index.search(new[0], 40, within)]
    old = [id for id in found if id < 90_000]
    assert len(found) == 40
    assert old == right[: len(old)]
    assert 90_001 in [id for id, _ in index.search(new[1], 3, within)]
    assert 90_000 not in found
    assert index.search(new[0], 5, np.zeros(0, dtype=np.int64)) == []


@pytest.mark.parametrize("start", [0, MANY // 2])
def test_half_of_them_are_searched_exactly(many: np.ndarray, start: int) -> None:
    """Whether the nearest of all are among them or none of them are."""
    index = scanned(many)
    order = nearest(many, many[5], MANY)
    half = order[start : start + MANY // 2]
    found = index.search(many[5], 30, np.array(half, dtype=np.int64))
    assert [id for id, _ in found] == half[:30]
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)


def test_many_saved_and_loaded(
    many: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = scanned(many)
    new = clustered(20, seed=3)[:2]
    index.add(np.array([90_000, 90_001], dtype=np.int64), one_language(new), new)
    index.remove(np.array([31], dtype=np.int64))
    file = tmp_path / "vectors.faiss"
    index.save(file, 7)
    monkeypatch.setattr(index_file, "_MAPPED_FROM", 1)
    loaded = VectorIndex.load(file, 64, 7)
    assert loaded is not None
    assert loaded.type == index.type
    assert sorted(loaded.ids) == sorted(index.ids)
    for question in (*many[:10], *new):
        assert loaded.search(question, 20) == index.search(question, 20)
    loaded.add(np.array([90_002], dtype=np.int64), one_language(new[:1]), new[:1])
    loaded.remove(np.array([16], dtype=np.int64))
    file.unlink()  # what is mapped stays
    assert 16 not in [id for id, _ in loaded.search(many[5], 20)]
    loaded.save(file, 8)
    assert VectorIndex.load(file, 64, 8) is not None


def test_a_scan_that_finds_too_little_gets_more_candidates() -> None:
    class Poor:
        """Finds what is right, behind 600 others."""

        def search(self, questions: np.ndarray, k: int) -> tuple[None, np.ndarray]:
            _, right = store.search(questions, 10)
            others = np.tile(np.arange(600), (len(questions), 1)) + 100_000
            return None, np.hstack((others, right))[:, :k]

    store = segments._float16(32)
    store.add(unit(5000))
    assert segments._calibrate(Poor(), store) == (1024, 1.0)


def test_threads_are_given_back() -> None:
    faiss = faiss_build.faiss()
    before = faiss.omp_get_max_threads()
    filled(unit(10)).search(unit(1)[0], 3)
    assert faiss.omp_get_max_threads() == before


def test_gpu_that_fails_is_left_with_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> None:
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(faiss_build, "gpu_count", lambda: 1)
    monkeypatch.setattr(faiss_build, "to_gpu", fails)
    rows = unit(10)
    index = filled(rows)
    with caplog.at_level(logging.WARNING):
        assert index.search(rows[2], 1)[0][0] == 7
        new = unit(1, seed=5)
        index.add(np.array([1000], dtype=np.int64), one_language(new), new)
        assert index.search(rows[2], 1)[0][0] == 7
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert index.type == "exact, float16"


def test_gpu_copy_follows_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    copies: list[int] = []

    def copy(index: object) -> tuple[object, object]:
        copies.append(index.ntotal)  # type: ignore[attr-defined]
        return object(), faiss_build.faiss().clone_index(index)

    monkeypatch.setattr(faiss_build, "gpu_count", lambda: 1)
    monkeypatch.setattr(faiss_build, "to_gpu", copy)
    rows = unit(10)
    index = filled(rows)
    index.search(rows[0], 1)
    index.search(rows[0], 1)
    index.remove(np.array([1], dtype=np.int64))
    assert index.search(rows[0], 1)[0][0] != 1
    assert copies == [10, 9]
    assert index.type == "exact, float16 on GPU"


def test_gpu_that_fails_later_is_left_with_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Lost:
        def search(self, query: np.ndarray, k: int) -> None:
            raise RuntimeError("CUDA error: device lost")

    monkeypatch.setattr(faiss_build, "gpu_count", lambda: 1)
    monkeypatch.setattr(faiss_build, "to_gpu", lambda _: (object(), Lost()))
    rows = unit(10)
    index = filled(rows)
    with caplog.at_level(logging.WARNING):
        assert index.search(rows[2], 1)[0][0] == 7
        assert index.search(rows[2], 1)[0][0] == 7
    assert len(caplog.records) == 1
    assert index.type == "exact, float16"


def test_more_than_a_gpu_finds_is_searched_on_the_cpu(
    many: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_build, "gpu_count", lambda: 1)
    monkeypatch.setattr(faiss_build, "to_gpu", lambda _: pytest.fail("asked for too many"))
    assert len(filled(many).search(many[0], 2500)) == 2500


def test_gpu_finds_the_candidates_of_many(
    many: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[int] = []

    def copy(index: object) -> tuple[object, object]:
        copies.append(index.ntotal)  # type: ignore[attr-defined]
        return object(), faiss_build.faiss().clone_index(index)

    index = scanned(many)
    expected = index.search(many[3], 10)
    monkeypatch.setattr(faiss_build, "gpu_count", lambda: 1)
    monkeypatch.setattr(faiss_build, "to_gpu", copy)
    assert index.search(many[3], 10) == expected
    index.remove(np.array([10], dtype=np.int64))
    assert 10 not in [id for id, _ in index.search(many[3], 10)]
    assert copies == [MANY]
    assert index.type.endswith("on GPU")


@pytest.mark.gpu
def test_on_the_gpu() -> None:
    if faiss_build.gpu_count() == 0:
        pytest.skip("no GPU that this FAISS can use")
    rows, query = unit(5000, 384), unit(1, 384, seed=1)[0]
    index = filled(rows)
    found = index.search(query, 20)
    assert index.type.endswith("on GPU")
    cosines = rows @ query
    expected = np.argsort(-cosines)[:20] * 3 + 1
    assert len({id for id, _ in found} & set(expected.tolist())) >= 19
    index.remove(np.array([found[0][0]], dtype=np.int64))
    assert found[0][0] not in [id for id, _ in index.search(query, 20)]


def test_doctor_sees_the_build() -> None:
    first, *rest = describe_faiss()
    assert first.level == "ok"
    assert "build" in first.detail
    assert all(check.hint for check in rest if check.level != "ok")


def test_doctor_sees_a_gpu_build_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    class CpuBuild:
        __version__ = "1.15.1"

    monkeypatch.setattr(faiss_build, "faiss", lambda: CpuBuild)
    monkeypatch.setattr(faiss_build, "_is_installed", lambda name: name == "faiss-gpu")
    (_, trap, _) = describe_faiss()
    assert trap.level == "warning"
    assert trap.hint == "pip install --force-reinstall --no-deps faiss-gpu"


def test_importing_the_library_loads_neither_faiss_nor_kiwi() -> None:
    script = (
        "import sys, assistant.library.library as l, tempfile, pathlib\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    library = l.Library.open(pathlib.Path(folder)); library.status(); library.close()\n"
        "assert not {'faiss', 'kiwipiepy', 'torch'} & set(sys.modules), sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parent.parent)
    assert done.returncode == 0
