from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.library import vectors
from assistant.library.vectors import VectorIndex, describe_faiss


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


def test_whole_file_of_an_unknown_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class OtherFaiss:
        @staticmethod
        def serialize_index(_: object) -> np.ndarray:
            return np.frombuffer(b"IxXX of a later FAISS", dtype=np.uint8)

    index = filled(unit(4))
    faiss = vectors._faiss()
    monkeypatch.setattr(vectors, "_faiss", OtherFaiss)
    index.save(tmp_path / "vectors.faiss", 7)
    monkeypatch.setattr(vectors, "_faiss", lambda: faiss)
    assert VectorIndex.load(tmp_path / "vectors.faiss", 32, 7) is None


def test_threads_are_given_back() -> None:
    faiss = vectors._faiss()
    before = faiss.omp_get_max_threads()
    filled(unit(10)).search(unit(1)[0], 3)
    assert faiss.omp_get_max_threads() == before


def test_gpu_that_fails_is_left_with_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> None:
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(vectors, "gpu_count", lambda: 1)
    monkeypatch.setattr(vectors, "_to_gpu", fails)
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
        return object(), vectors._faiss().clone_index(index)

    monkeypatch.setattr(vectors, "gpu_count", lambda: 1)
    monkeypatch.setattr(vectors, "_to_gpu", copy)
    rows = unit(10)
    index = filled(rows)
    index.search(rows[0], 1)
    index.search(rows[0], 1)
    index.remove(np.array([1], dtype=np.int64))
    assert index.search(rows[0], 1)[0][0] != 1
    assert copies == [10, 9]
    assert index.type == "exact, float16 on GPU"


@pytest.mark.gpu
def test_on_the_gpu() -> None:
    if vectors.gpu_count() == 0:
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

    monkeypatch.setattr(vectors, "_faiss", lambda: CpuBuild)
    monkeypatch.setattr(vectors, "_is_installed", lambda name: name == "faiss-gpu")
    (_, trap) = describe_faiss()
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
