"""Two languages in one library: what is found must not depend on the language it is written in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.library.centring import Shifts
from assistant.library.library import Library
from assistant.types import Document, Node, Place
from tests.library_notes import waiting

DIMENSION = 64
TOPICS = 40
ROOT = Path("/notes")


def unit(vector: np.ndarray) -> np.ndarray:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def topic(number: int) -> np.ndarray:
    return np.eye(DIMENSION, dtype=np.float32)[number + 2]


def embedding(number: int, group: int) -> np.ndarray:
    """A text about a topic: mostly its language, a little what it says, as encoders have it."""
    return unit(1.5 * np.eye(DIMENSION, dtype=np.float32)[group] + topic(number))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """English notes on all topics, Korean ones on all but the last."""
    library = Library.open(tmp_path / "library")
    library.set_fingerprint("made-up", "made-up/1", DIMENSION)
    vectors = {}
    for number in range(TOPICS):
        for language in ("ko", "en"):
            if number == TOPICS - 1 and language == "ko":
                continue
            text = f"{language} {number}"
            node = Node(text, Place(), 0, len(text), language)  # type: ignore[arg-type]
            path = ROOT / f"{text}.md"
            library.replace_document(Document(path, ROOT, text, "md", 1, 1, "0"), [node])
            vectors[text] = embedding(number, int(language == "ko"))
    pending = waiting(library)
    library.store_embeddings(list(pending), np.stack([vectors[text] for text in pending.values()]))
    return library


def found(library: Library, vector: np.ndarray, k: int = 3) -> list[str]:
    hits = library.search_dense(vector, k).hits
    nodes = library.nodes([id for id, _ in hits])
    return [nodes[id].node.text for id, _ in hits]


def test_a_question_finds_its_answer_in_the_other_language(library: Library) -> None:
    korean_question = embedding(TOPICS - 1, 1)
    assert found(library, korean_question)[0] == f"en {TOPICS - 1}"
    assert library.search_dense(korean_question, 3).is_korean is False
    assert found(library, embedding(7, 1))[0] == "ko 7"
    assert library.search_dense(embedding(7, 1), 3).is_korean is True
    assert found(library, embedding(7, 0))[0] in ("ko 7", "en 7")


def test_similarity_stays_the_cosine(library: Library) -> None:
    question = embedding(TOPICS - 1, 1)
    hits = library.search_dense(question, 200)
    korean = [float(question @ embedding(number, 1)) for number in range(TOPICS - 1)]
    english = [float(question @ embedding(number, 0)) for number in range(TOPICS)]
    best = max(korean + english)
    assert hits.similarity == pytest.approx(best, abs=5e-3)


def test_the_saved_index_ranks_the_same(library: Library) -> None:
    before = library.search_dense(embedding(TOPICS - 1, 1), 50)
    library.save_index()
    library.close()
    again = Library.open(library.folder)
    assert again.search_dense(embedding(TOPICS - 1, 1), 50) == before
    again.close()


def test_one_language_is_left_as_it_is() -> None:
    rows = np.stack([unit(np.random.default_rng(n).standard_normal(8)) for n in range(50)])
    shifts = Shifts.of([(np.ones(50, dtype=np.intp), rows)], 8)
    assert np.allclose(shifts.rows, 0, atol=1e-6)
    assert not shifts.of_two_languages


def test_few_notes_in_a_language_hardly_shift() -> None:
    many = np.tile(unit(np.ones(8)), (500, 1))
    one = np.eye(8, dtype=np.float32)[:1]
    groups = np.array([1] * 500 + [0], dtype=np.intp)
    shifts = Shifts.of([(groups, np.concatenate([many, one]))], 8)
    distance = np.linalg.norm(one[0] - many[0])
    assert np.linalg.norm(shifts.rows[0]) < 0.1 * distance
    assert shifts.nodes == 501


def test_shifts_are_renewed_when_the_library_has_grown() -> None:
    shifts = replace(Shifts.none(8), nodes=100)
    assert shifts.fit(100)
    assert shifts.fit(120)
    assert not shifts.fit(200)
    assert not shifts.fit(50)
    assert not Shifts.none(8).fit(1)


def test_shifts_are_near_when_they_hardly_moved() -> None:
    shifts = Shifts(np.ones((2, 8), dtype=np.float32), 100)
    moved = shifts.rows.copy()
    moved[1, 3] += 0.004
    assert shifts.are_near(Shifts(moved, 200))
    moved[1, 3] += 0.004
    assert not shifts.are_near(Shifts(moved, 200))
