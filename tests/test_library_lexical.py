from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.library.lexical import analyse
from assistant.library.library import Library, NewDocument
from tests.library_notes import ROOT, document, lexical, nodes, put

NOTES = {
    "attention": "어텐션의 softmax는 점수를 확률로 바꾼다.",
    "transfer": "전이학습은 미리 배운 가중치를 다른 과제에 옮겨 쓴다.",
    "descent": "경사 하강법은 기울기의 반대 방향으로 움직인다.",
    "seoul": "대한민국의 수도는 서울이다.",
    "bert": "bert-base의 은닉 차원은 768이고 fp16으로 1e-4에서 학습했다.",
    "torch": "nn.Linear computes affine maps. The optimizers were configured in C++ and F#.",
    "cuda": "NVIDIA GPUs need CUDA v12.4; the batch has 1,024 rows on 2026-11-03.",
    "gate": "An AND gate and an OR gate.",
    "hanja": "大學에서 人工知能을 배운다.",
    "tuning": "LoRA is a kind of fine-tuning with an e-mail list; git v2.43.0 is needed.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = Library.open(tmp_path_factory.mktemp("library"))
    for name, text in NOTES.items():
        put(library, name, text)
    yield library
    library.close()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("수도", "seoul"),
        ("서울은 어디의 수도인가요?", "seoul"),
        ("어텐션 softmax", "attention"),
        ("Softmax를 쓰는 어텐션", "attention"),
        ("확률로 바꾸는 것", "attention"),
        ("전이 학습", "transfer"),
        ("전이학습이란?", "transfer"),
        ("경사하강법", "descent"),
        ("하강법", "descent"),
        ("움직이는 방향", "descent"),
        ("bert-base", "bert"),
        ("BERT", "bert"),
        ("768차원", "bert"),
        ("768", "bert"),
        ("fp16", "bert"),
        ("FP 16", "bert"),
        ("1e-4", "bert"),
        ("nn.Linear", "torch"),
        ("linear 층", "torch"),
        ("optimizer configuration", "torch"),
        ("C++", "torch"),
        ("f#", "torch"),
        ("GPU", "cuda"),
        ("gpus", "cuda"),
        ("v12.4", "cuda"),
        ("12.4", "cuda"),
        ("1024", "cuda"),
        ("2026-11-03", "cuda"),
        ("AND", "gate"),
        ("人工知能", "hanja"),
        ("finetuning", "tuning"),
        ("fine tuning", "tuning"),
        ("email", "tuning"),
        ("2.43", "tuning"),
        ("v2.43", "tuning"),
        ("경사 하강 법", "descent"),
        ("어 텐 션", "attention"),
        ("전 이 학 습", "transfer"),
        ("대학", ""),
        ("ＧＰＵ", "cuda"),
        (unicodedata.normalize("NFD", "서울"), "seoul"),
        ("what is the", ""),
        ("은는이가", ""),
        ("", ""),
        ("   \n", ""),
        ("🙂", ""),
        ("\udcff", ""),
    ],
)
def test_finds_first(library: Library, query: str, name: str) -> None:
    assert lexical(library, query)[:1] == ([NOTES[name]] if name else [])


def test_c_is_not_c_plus_plus(library: Library) -> None:
    assert library.search_lexical("c++", 5).terms == ("c++", "c")
    plus, plain = (library.search_lexical(query, 1).hits[0][1] for query in ("c++", "c"))
    assert plus > plain


@pytest.mark.parametrize(
    "query",
    [
        '" OR NEAR(',
        "NEAR(수도 서울, 2)",
        "수도 NOT 서울",
        "terms:수도",
        "수*",
        "^수도",
        "'; DROP TABLE nodes; --",
    ],
)
def test_nothing_in_a_question_is_syntax(library: Library, query: str) -> None:
    hits = library.search_lexical(query, 20)
    assert all(score > 0 for _, score in hits.hits)
    assert len(library.documents()) == len(NOTES)
    if "수도" in query:
        assert lexical(library, query)[0] == NOTES["seoul"]


def test_scores_fall_and_k_cuts(library: Library) -> None:
    hits = library.search_lexical("어텐션 학습 gate 수도", 10).hits
    scores = [score for _, score in hits]
    assert len(hits) >= 4
    assert scores == sorted(scores, reverse=True)
    assert library.search_lexical("어텐션 학습 gate 수도", 2).hits == hits[:2]


def test_coverage_is_the_share_of_the_question(library: Library) -> None:
    whole = library.search_lexical("대한민국의 수도는 서울이다", 5)
    half = library.search_lexical("수도 서울 아르헨티나 우루과이", 5)
    none = library.search_lexical("아르헨티나 우루과이", 5)
    assert whole.coverage > 0.9
    assert 0.2 < half.coverage < 0.7
    assert none.coverage == 0.0
    assert none.hits == ()
    assert "아르헨티나" in none.terms


def test_words_that_every_node_holds_still_rank(tmp_path: Path) -> None:
    """FTS5's own frequency would give them nothing, and in a small library any word is common."""
    library = Library.open(tmp_path)
    put(library, "a", "softmax softmax softmax")
    put(library, "b", "softmax 그리고 긴 설명이 이어지는 다른 이야기")
    hits = library.search_lexical("softmax", 5).hits
    assert [library.nodes([id])[id].path for id, _ in hits] == [ROOT / "a", ROOT / "b"]
    # ln(1 + 0.5 / 2.5), and three of a kind in a short text come near the most there is, 2.2 of it.
    assert math.log(1.2) < hits[0][1] < 2.2 * math.log(1.2)
    library.close()


def test_pasted_page_as_a_question(library: Library) -> None:
    page = " ".join(f"word{n}" for n in range(3000)) + " 수도 서울"
    assert lexical(library, page)[0] == NOTES["seoul"]
    assert library.search_lexical(page, 3).coverage < 0.05


def test_terms_have_no_particles_and_no_endings() -> None:
    assert analyse("학습을 학습에서 학습하였다") == ["학습"] * 3
    assert analyse("걸어서 걷는다") == ["걷", "걷"]


def test_the_whole_name_comes_before_its_parts(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    texts = {"near": "CUDA 12.4.1 and 12 fp", "exact": "CUDA 12.4.0", "other": "12.4 of 12"}
    for name, text in texts.items():
        put(library, name, text)
    assert lexical(library, "12.4.0")[0] == texts["exact"]
    assert set(lexical(library, "12.4")) == set(texts.values())
    library.close()


def test_long_text_in_one_node(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    text = "전이학습의 softmax " * 3000 + "끝의 표식은 bert-base이다"
    put(library, "long", text)
    assert lexical(library, "bert-base 표식") == [text]
    library.close()


# --------------------------------------------------------------------------- found at once


@pytest.fixture
def rough(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path)
    changes = [NewDocument(document(name), tuple(nodes(text))) for name, text in NOTES.items()]
    library.replace_documents(changes, rough=True)
    yield library
    library.close()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("서울은 어디의 수도인가요?", "seoul"),
        ("어텐션 softmax", "attention"),
        ("확률로 바꾸는 것", "attention"),
        ("전이 학습", "transfer"),
        ("경사하강법", "descent"),
        ("bert-base", "bert"),
        ("optimizer configuration", "torch"),
        ("人工知能", "hanja"),
    ],
)
def test_what_is_not_analysed_yet_is_found_all_the_same(
    rough: Library, query: str, name: str
) -> None:
    assert lexical(rough, query)[0] == NOTES[name]


def test_analysing_later_comes_to_the_same(rough: Library, library: Library) -> None:
    korean = len(NOTES) - len({"torch", "cuda", "gate", "tuning"})  # the others are as they will be
    assert rough.count_rough() == korean
    assert rough.refine(4) == 4
    assert rough.count_rough() == korean - 4
    assert rough.refine(100) == korean - 4
    assert rough.refine(100) == 0
    for query in ("수도", "움직이는 방향", "전이학습이란?", "GPU", "없는 낱말"):
        expected, found = (each.search_lexical(query, 10) for each in (library, rough))
        assert found.coverage == pytest.approx(expected.coverage)
        assert lexical(rough, query) == lexical(library, query)
        assert [score for _, score in found.hits] == pytest.approx(
            [score for _, score in expected.hits]
        )
    assert rough.check() == []


def test_what_is_removed_before_it_is_analysed_stays_away(rough: Library) -> None:
    rough.remove_document(ROOT / "seoul")
    rough.refine(100)
    assert lexical(rough, "수도") == []
    assert rough.check() == []
