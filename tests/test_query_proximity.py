"""Words that stand together in the question and in a passage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from assistant.config import RetrievalSettings
from assistant.library.library import Library
from assistant.query.proximity import CANDIDATES, add_proximity, proximity
from assistant.query.search import search
from tests.fakes import BagOfWordsEncoder
from tests.query_library import fill

FILLER = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def test_beside_near_and_far_by_hand() -> None:
    beside = ["batch", "size", *FILLER]
    turned = ["size", "of", "the", "batch"]
    near = ["batch", *FILLER[:4], "size"]
    far = ["batch", *FILLER, "size"]
    half = ["batch", *FILLER]
    passages = [beside, turned, near, far, half, []]
    assert proximity(["batch", "size"], passages) == [1.0, 1.0, 0.5, 0.0, 0.0, 0.0]


def test_the_nearest_occurrences_count() -> None:
    words = ["a", *FILLER, *FILLER, "b", *FILLER, *FILLER, "a", "x", "b", *FILLER, "a"]
    assert proximity(["a", "b"], [words, words[:20]]) == [1.0, 0.0]


def test_a_pair_of_rare_words_weighs_more() -> None:
    # Every passage holds "learn"; "rate" and "decay" only two do.
    passages = [["learn", "rate"], ["rate", "decay", *FILLER, *FILLER, "learn"], ["learn"]]
    common, rare, nothing = proximity(["learn", "rate", "decay"], passages)
    assert rare > common > nothing == 0.0


@pytest.mark.parametrize("terms", [[], ["alone"], ["not", "there"]])
def test_no_pair_no_proximity(terms: list[str]) -> None:
    assert proximity(terms, [["alone", "words"], []]) == [0.0, 0.0]
    assert proximity(terms, []) == []


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    filler = " ".join(FILLER)
    notes = {
        "apart.md": ("", (), f"The batch was small. {filler} {filler}. Its size did not matter."),
        "together.md": ("", (), f"{filler}. The small batch size did not matter. {filler}."),
    }
    library = Library.open(tmp_path)
    fill(library, notes, BagOfWordsEncoder())
    yield library
    library.close()


def test_the_passage_where_the_words_stand_together_comes_first(library: Library) -> None:
    def best(**settings: float) -> tuple[str, list[str]]:
        wanted = RetrievalSettings(dense_weight=0.2, **settings)
        source = search(library, BagOfWordsEncoder(), "batch size?", wanted).sources[0]
        return source.path.name, [leg.name for leg in source.legs]

    assert best(proximity=1.0) == ("together.md", ["dense", "lexical", "proximity"])
    assert "proximity" not in best(proximity=0.0)[1]


def test_scores_are_summed_by_hand(library: Library) -> None:
    apart, together = sorted(library.words([1, 2]))
    fused = [(apart, 0.9), (together, 0.6), (99, 0.5)]  # 99 is gone
    raised, near = add_proximity(library, fused, ("batch", "size"), 0.5)
    assert raised == [(together, pytest.approx(1.1)), (apart, 0.9), (99, 0.5)]
    assert near == [(together, 1.0)]
    assert add_proximity(library, fused, ("batch", "size"), 0.0) == (fused, [])


def test_reciprocal_ranks_are_left_alone(library: Library) -> None:
    settings = RetrievalSettings(fusion="reciprocal_rank")
    found = search(library, BagOfWordsEncoder(), "batch size?", settings)
    assert all(source.score < 0.04 for source in found.sources)


def test_only_the_best_candidates_are_looked_at(library: Library) -> None:
    _, together = sorted(library.words([1, 2]))
    fused = [(100 + n, 1 - n / 1000) for n in range(CANDIDATES)] + [(together, 0.1)]
    assert add_proximity(library, fused, ("batch", "size"), 0.5) == (fused, [])


def test_it_takes_a_few_milliseconds() -> None:
    random = Random(0)
    terms = [f"t{n}" for n in range(20)]
    passages = [random.choices([*terms, *FILLER], k=300) for _ in range(CANDIDATES)]
    started = time.process_time()
    proximity(terms, passages)
    assert time.process_time() - started < 0.05  # some 3 ms on a core that is idle
