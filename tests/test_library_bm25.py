"""The ranking that costs little, against BM25 worked out node by node."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.library import bm25
from assistant.library.lexical import Terms
from assistant.library.library import Library
from tests.library_notes import put

VOCABULARY = 400
NODES = 600


@pytest.fixture(scope="module")
def texts() -> list[list[str]]:
    """Nodes of made-up words, as unevenly spread as those of a language."""
    random = np.random.default_rng(3)
    share = 1 / np.arange(1, VOCABULARY + 1)
    share /= share.sum()
    return [
        [f"w{word}" for word in random.choice(VOCABULARY, int(random.integers(20, 120)), p=share)]
        for _ in range(NODES)
    ]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]]) -> Iterator[Library]:
    library = Library.open(tmp_path_factory.mktemp("library"))
    with library._database.writing() as db:
        for number, words in enumerate(texts, start=1):
            db.execute("INSERT INTO words (rowid, terms) VALUES (?, ?)", (number, " ".join(words)))
            db.execute("INSERT INTO pairs (rowid, terms) VALUES (?, ?)", (number, words[0]))
    yield library
    library.close()


def search(
    library: Library, query: Terms, k: int = 10, within: list[int] | None = None
) -> list[tuple[int, float]]:
    with library._database.reading() as db:
        ids = None if within is None else np.array(within, dtype=np.int64)
        return list(bm25.search(db, query, k, ids).hits)


def by_definition(
    texts: list[list[str]], query: Terms, within: list[int] | None = None
) -> list[tuple[int, float]]:
    """Robertson & Zaragoza 2009 with Lucene's idf; pairs by their presence alone."""
    average = sum(map(len, texts)) / len(texts)

    def idf(nodes: int) -> float:
        return math.log1p((len(texts) - nodes + 0.5) / (nodes + 0.5))

    weights = {word: idf(sum(word in text for text in texts)) for word in set(query.words)}
    hints = {pair: 0.3 * idf(sum(pair == text[0] for text in texts)) for pair in query.pairs}
    scores = []
    for id, text in enumerate(texts, start=1):
        length = 1.2 * (0.25 + 0.75 * len(text) / average)
        score = sum(
            weight * text.count(word) * 2.2 / (text.count(word) + length)
            for word, weight in weights.items()
        )
        score += hints.get(text[0], 0.0)
        if score and (within is None or id in within):
            scores.append((id, score))
    return sorted(scores, key=lambda hit: (-hit[1], hit[0]))


def question(random: np.random.Generator) -> Terms:
    """A few words, one of them common, and a pair."""
    words = [f"w{word}" for word in random.integers(5, VOCABULARY, 5)]
    return Terms([*words, "w0"], [words[0]])


def assert_alike(found: list[tuple[int, float]], expected: list[tuple[int, float]]) -> None:
    assert [id for id, _ in found] == [id for id, _ in expected]
    assert [s for _, s in found] == pytest.approx([s for _, s in expected])


def test_scores_are_bm25(library: Library, texts: list[list[str]]) -> None:
    query = question(np.random.default_rng(0))
    assert_alike(search(library, query, 600), by_definition(texts, query))


def test_the_first_ten_are_those_of_all(
    library: Library, texts: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though a sixth is scored and what is common is not looked up, 95 of 100 hits are right."""
    monkeypatch.setattr(bm25, "_EXACT", (100, 100))
    monkeypatch.setattr(bm25, "_MOST_ROWS", 300)
    random = np.random.default_rng(1)
    right = 0
    for _ in range(20):
        query = question(random)
        found = search(library, query)
        expected = by_definition(texts, query)
        assert dict(found) == pytest.approx({id: dict(expected)[id] for id, _ in found})
        right += len({id for id, _ in found} & {id for id, _ in expected[:10]})
    assert right >= 190


def test_common_words_alone_find_nodes_from_everywhere(
    library: Library, texts: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bm25, "_EXACT", (40, 40))
    monkeypatch.setattr(bm25, "_MOST_ROWS", 10)
    ids = [id for id, _ in search(library, Terms(["w0", "w1"], []), 40)]
    assert len(ids) == 40
    assert min(ids) < NODES / 5
    assert max(ids) > NODES * 4 / 5


@pytest.mark.parametrize("size", [3, 30, 300])
def test_a_scope_is_searched_whole(
    library: Library, texts: list[list[str]], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """What is common in the library may be all there is to find in a notebook."""
    monkeypatch.setattr(bm25, "_EXACT", (20, 20))
    monkeypatch.setattr(bm25, "_MOST_ROWS", 400)
    within = sorted(np.random.default_rng(2).choice(NODES, size, replace=False) + 1)
    query = Terms(["w0", "w300"], [])
    found = search(library, query, 3, within)
    assert found
    assert_alike(found, by_definition(texts, query, within)[: len(found)])
    assert len(found) == min(3, len(by_definition(texts, query, within)))


def test_a_scope_without_the_words(library: Library, texts: list[list[str]]) -> None:
    without = [id for id, text in enumerate(texts, start=1) if "w390" not in text]
    assert search(library, Terms(["w390"], []), 10, without) == []
    assert search(library, Terms(["w390"], []), 10, without[:5]) == []
    assert search(library, Terms(["w390"], []), 10, []) == []


def test_the_totals_are_those_of_the_table(tmp_path: Path) -> None:
    """They are read from FTS5's own record, which is not part of its interface."""
    library = Library.open(tmp_path)
    with library._database.reading() as db:
        assert bm25._totals(db) == (0, 0)
    put(library, "a", "word " * 200, "softmax")
    put(library, "b", "one two three")
    with library._database.reading() as db:
        assert bm25._totals(db) == (3, 200 + 1 + 3)
    library.remove_document(library.documents()[0].path)
    with library._database.reading() as db:
        assert bm25._totals(db) == (1, 3)
    library.close()
