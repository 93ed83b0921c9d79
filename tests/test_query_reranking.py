"""A reranker over what was found: the order is its own, and it is never in the way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.config import RetrievalSettings, Settings
from assistant.desk import Desk
from assistant.errors import ModelError, ModelMissing
from assistant.library.library import Library
from assistant.protocols import Reranker, Scores
from assistant.query.reranking import Reranking
from assistant.query.search import search
from assistant.types import Retrieval
from tests.fakes import BagOfWordsEncoder, ScriptedReranker
from tests.query_library import LORA, NOTES, fill


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path / "library")
    fill(library, NOTES, BagOfWordsEncoder())
    yield library
    library.close()


def look(library: Library, reranking: Reranking | None, **settings: Any) -> Retrieval:
    wanted = RetrievalSettings(**settings)
    return search(library, BagOfWordsEncoder(), "LoRA 랭크", wanted, reranking=reranking)


def names(found: Retrieval) -> list[str]:
    return [source.path.name for source in found.sources]


def test_the_reranker_has_the_last_word(library: Library) -> None:
    before = names(look(library, None))
    assert before[0] == "lora.md"
    reranker = ScriptedReranker({"Quantization": 3.0, "패딩": -1.0, "LoRA": -200.0})
    found = look(library, Reranking(lambda: reranker, pytest.fail))
    assert names(found) == ["quantization.md", "padding.md", "lora.md"]
    first, *_, last = found.sources
    assert [source.n for source in found.sources] == [1, 2, 3]
    assert first.score == pytest.approx(1 / (1 + math.exp(-3)))
    assert last.score == 0.0  # and no overflow
    assert [(leg.name, leg.rank, leg.score) for leg in first.legs][-1] == ("reranker", 1, 3.0)
    assert {leg.name for leg in last.legs} == {"dense", "lexical", "proximity", "reranker"}


def test_it_reads_titles_and_headings_too(library: Library) -> None:
    reranker = ScriptedReranker({})
    look(library, Reranking(lambda: reranker, pytest.fail))
    [(query, documents)] = reranker.asked
    assert query == "LoRA 랭크"
    assert f"파인튜닝 › LoRA\n{LORA}" in documents


def test_equals_stay_in_the_order_they_came_in(library: Library) -> None:
    reranking = Reranking(lambda: ScriptedReranker({}), pytest.fail)
    assert names(look(library, reranking)) == names(look(library, None))


def test_it_reads_no_more_than_it_is_to(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    many = {f"{n}.md": (f"제목{n}", (), f"{n}번째 노트는 랭크를 말한다.") for n in range(60)}
    fill(library, many, BagOfWordsEncoder())
    for top_k, candidates, read in ((3, 30, 30), (3, 8, 8), (5, 2, 5), (40, 30, 40)):
        reranker = ScriptedReranker({})
        reranking = Reranking(lambda reranker=reranker: reranker, pytest.fail)
        found = look(library, reranking, similarity_top_k=top_k, rerank_candidates=candidates)
        [(_, documents)] = reranker.asked
        assert (len(documents), len(found.sources)) == (read, top_k)
    library.close()


def test_a_candidate_from_far_down_can_come_first(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    many = {f"{n}.md": ("", (), f"{n}번째 노트는 랭크를 말한다.") for n in range(40)}
    fill(library, many, BagOfWordsEncoder())
    deep = look(library, None, similarity_top_k=30).sources[-1]
    reranker = ScriptedReranker({deep.text: 1.0})
    found = look(library, Reranking(lambda: reranker, pytest.fail), similarity_top_k=1)
    assert [source.node_id for source in found.sources] == [deep.node_id]
    library.close()


class Failing:
    name = "failing"
    device = "cpu"

    def rank(self, query: str, documents: Sequence[str]) -> Scores:
        raise ModelError("it ran out of memory", "take a smaller one")


def absent() -> Reranker:
    raise ModelMissing("there is none", "name another")


@pytest.mark.parametrize(
    ("load", "told"),
    [
        (Failing, "searching without the reranker: it ran out of memory (take a smaller one)"),
        (absent, "searching without the reranker: there is none (name another)"),
    ],
)
def test_a_reranker_that_fails_is_told_once_and_left_out(
    library: Library, load: Any, told: str
) -> None:
    tries: list[int] = []

    def counted() -> Reranker:
        tries.append(1)
        reranker: Reranker = load()
        return reranker

    notices: list[str] = []
    reranking = Reranking(counted, notices.append)
    plain = look(library, None)
    for _ in range(3):
        found = look(library, reranking)
        assert found.sources == plain.sources
    assert notices == [told]
    assert len(tries) == 1


def test_a_desk_answers_without_the_reranker_it_was_promised(tmp_path: Path) -> None:
    notices: list[str] = []
    settings = Settings(
        library=tmp_path / "library", retrieval=RetrievalSettings(reranker="no-such-model")
    )
    desk = Desk(settings, encoder=BagOfWordsEncoder(), notice=notices.append)
    fill(desk.library, NOTES, BagOfWordsEncoder())
    for _ in range(2):
        assert desk.search("LoRA 랭크").sources[0].path.name == "lora.md"
    assert len(notices) == 1
    assert "no-such-model" in notices[0]
    desk.close()


def test_a_desk_without_one_says_nothing(tmp_path: Path) -> None:
    notices: list[str] = []
    settings = Settings(library=tmp_path / "library")
    desk = Desk(settings, encoder=BagOfWordsEncoder(), notice=notices.append)
    fill(desk.library, NOTES, BagOfWordsEncoder())
    assert desk.reranking is None
    legs = {leg.name for source in desk.search("LoRA").sources for leg in source.legs}
    assert legs == {"dense", "lexical", "proximity"}
    assert notices == []
    desk.close()
