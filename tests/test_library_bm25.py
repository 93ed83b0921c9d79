"""The ranking that costs little, against BM25 worked out node by node."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.library import bm25, postings as postings_of
from assistant.library.lexical import Terms
from assistant.library.library import Library
from assistant.library.postings import Postings
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
    assert totals(library) == (0, 0)
    put(library, "a", "word " * 200, "softmax")
    put(library, "b", "one two three")
    assert totals(library) == (3, 200 + 1 + 3)
    library.remove_document(library.documents()[0].path)
    assert totals(library) == (1, 3)
    library.close()


def totals(library: Library) -> tuple[int, int]:
    with library._database.reading() as db:
        lookup = Postings().at(db)
        return lookup.nodes, lookup.words


# --------------------------------------------------------------------------- what is remembered


def asked(postings: Postings, library: Library, term: str) -> tuple[int, list[int]]:
    with library._database.reading() as db:
        lookup = postings.at(db)
        return lookup.count("words", term), lookup.holding("words", term).tolist()


def test_what_is_remembered_of_a_term_is_forgotten_when_notes_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings_of, "_COMMON", 1)
    library = Library.open(tmp_path)
    postings = Postings()
    put(library, "a", "softmax", "softmax norm")
    assert asked(postings, library, "softmax") == (2, [1, 2])
    for number in range(20):
        # As many rows and words as before: it is not by their number that a change is seen.
        put(library, "a", *(("softmax", "other norm") if number % 2 else ("softmax one", "norm")))
        ids = [id for id, words in library.words(range(60)).items() if "softmax" in words]
        assert asked(postings, library, "softmax") == (1, ids)
        assert asked(postings, library, "softmax") == (1, ids)
    library.close()


def test_an_older_state_is_not_told_of_a_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question whose transaction began before a note was stored, asked side by side with one."""
    monkeypatch.setattr(postings_of, "_COMMON", 1)
    library, other = Library.open(tmp_path), Library.open(tmp_path)
    postings = Postings()
    put(library, "a", "softmax")
    with other._database.reading() as db:
        old = postings.at(db)
        put(library, "b", "softmax")
        assert asked(postings, library, "softmax") == (2, [1, 2])
        assert old.holding("words", "softmax").tolist() == [1]
        assert old.count("words", "softmax") == 1
    assert asked(postings, library, "softmax") == (2, [1, 2])
    library.close()
    other.close()


def test_ids_are_remembered_within_the_room_there_is(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings_of, "_COMMON", 1)
    postings = Postings(most_bytes=2000)
    for _ in range(2):
        for word in range(40):
            count, ids = asked(postings, library, f"w{word}")
            assert count == len(ids)
    assert 0 < sum(ids.nbytes for ids in postings._ids.values()) <= 2000
    assert sum(ids.nbytes for ids in postings._ids.values()) == postings._bytes


def test_a_remembered_question_is_answered_the_same(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings_of, "_COMMON", 1)
    random = np.random.default_rng(4)
    queries = [question(random) for _ in range(20)]
    postings = Postings()
    for query in queries * 2:
        with library._database.reading() as db:
            assert bm25.search(db, query, 10, None, postings) == bm25.search(db, query, 10)


# --------------------------------------------------------------------------- counting words


def test_words_are_counted_as_they_stand() -> None:
    """Also those longer than a number, one that begins another, and texts without words."""
    texts = ["인공신경망 인공 인공신경망의 ab", "", "abcdefgh abcdefghi abcdefgh", "인공", "x  y"]
    tokens = bm25._Tokens([text.encode() for text in texts])
    assert tokens.lengths.tolist() == [len(text.split()) for text in texts]
    for word in ("인공", "인공신경망", "ab", "abcdefgh", "abcdefghi", "abcdefg", "z", "x"):
        assert tokens.count(word.encode()).tolist() == [text.split().count(word) for text in texts]
