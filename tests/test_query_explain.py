"""Why a passage was found, and what became of a file that was not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.config import RetrievalSettings
from assistant.library.library import Library
from assistant.query.expect import known_path, within_search, without_search
from assistant.query.explain import explain
from assistant.query.search import search
from assistant.types import (
    EVERYTHING,
    Document,
    Expectation,
    Explanation,
    Fate,
    Hindrance,
    Leg,
    Node,
    Place,
    Root,
    Scope,
)
from tests.fakes import BagOfWordsEncoder
from tests.library_notes import embed
from tests.query_library import LORA, NOTES, fill

NOTHING: dict[str, tuple[str, tuple[str, ...], str]] = {}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "library")
    fill(opened, NOTES, BagOfWordsEncoder())
    yield opened
    opened.close()


def explained(library: Library, query: str, **settings: Any) -> Explanation:
    chosen = RetrievalSettings(**settings)
    encoder = BagOfWordsEncoder()
    found = search(library, encoder, query, chosen)
    return explain(library, encoder, found, chosen)


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


# --------------------------------------------------------------------------- hits


@pytest.mark.parametrize(
    "query", ["LoRA의 기본 랭크는 얼마인가?", "weights in 4 bits", "패딩과 LoRA"]
)
@pytest.mark.parametrize("dense_weight", [0.0, 0.3, 1.0])
def test_the_summands_are_those_of_the_score(
    library: Library, query: str, dense_weight: float
) -> None:
    found = explained(library, query, dense_weight=dense_weight)
    assert found.hits
    for hit in found.hits:
        assert hit.fused == pytest.approx(hit.source.score)
        assert [share.leg for share in hit.shares][:2] == ["dense", "lexical"]


def test_the_summands_of_ranks_are_those_of_the_score(library: Library) -> None:
    found = explained(library, "LoRA의 기본 랭크", fusion="reciprocal_rank")
    assert [hit.fused for hit in found.hits] == pytest.approx([h.source.score for h in found.hits])


def test_words_are_shown_as_written_and_set_off_in_the_text(library: Library) -> None:
    found = explained(library, "LoRA는 양자화 없이 랭크를 몇으로 학습하나?")
    hit = found.hits[0]
    assert hit.source.text == LORA
    assert {"LoRA", "랭크", "학습"} <= set(hit.matched)
    assert "양자" in "".join(hit.missing)
    shown = pieces(LORA, hit.spans)
    assert "LoRA" in shown
    assert shown.count("랭크") == 2
    assert "학습" in shown
    assert all(a[1] <= b[0] for a, b in zip(hit.spans, hit.spans[1:], strict=False))


def test_a_stem_is_shown_as_the_word_it_was_taken_of(library: Library) -> None:
    hit = explained(library, "Which quantizations save memory?").hits[0]
    assert "quantizations" in hit.matched
    assert {"Quantization", "saves", "memory"} <= set(pieces(hit.source.text, hit.spans))


def test_the_nearest_sentence_holds_the_words(library: Library) -> None:
    hit = explained(library, "기본 랭크는?").hits[0]
    assert hit.best is not None
    assert hit.source.text[slice(*hit.best)] == "기본 랭크는 8이다."


def test_without_common_words_the_nearest_sentence_is_so_in_meaning(library: Library) -> None:
    class Bilingual(BagOfWordsEncoder):
        def encode_query(self, query: str) -> Any:
            return super().encode_query("saves 75 percent memory")

    settings = RetrievalSettings()
    found = search(library, Bilingual(), "얼마나 아끼나?", settings)
    hit = next(
        each
        for each in explain(library, Bilingual(), found, settings).hits
        if each.source.path.name == "quantization.md"
    )
    assert hit.matched == ()
    assert hit.best is not None
    assert hit.source.text[slice(*hit.best)] == "It saves 75 percent of the memory."


def test_another_leg_is_kept_and_adds_nothing(library: Library) -> None:
    settings = RetrievalSettings()
    encoder = BagOfWordsEncoder()
    found = search(library, encoder, "LoRA", settings)
    reranked = replace(
        found.sources[0], score=0.99, legs=(*found.sources[0].legs, Leg("reranker", 1, 7.5))
    )
    [hit] = explain(library, encoder, replace(found, sources=(reranked,)), settings).hits
    assert hit.fused == pytest.approx(found.sources[0].score)
    legs = ["dense", "lexical", "proximity", "reranker"]
    assert sorted(leg.name for leg in hit.source.legs) == legs


def test_a_source_of_long_ago_is_explained_by_its_words_alone(library: Library) -> None:
    settings = RetrievalSettings()
    encoder = BagOfWordsEncoder()
    found = search(library, encoder, "LoRA", settings)
    gone = replace(found.sources[0], node_id=9_999)
    [hit] = explain(library, encoder, replace(found, sources=(gone,)), settings).hits
    assert hit.source.legs == gone.legs
    assert hit.matched == ("LoRA",)


# --------------------------------------------------------------------------- expected


def nothing_speaks_against(root: Root, path: Path) -> Hindrance | None:
    return None


def expected(
    library: Library, query: str, path: Path, *, scope: Scope = EVERYTHING, top_k: int = 1
) -> Expectation:
    settings = RetrievalSettings(similarity_top_k=top_k)
    encoder = BagOfWordsEncoder()
    first = without_search(library, query, path, scope, nothing_speaks_against)
    if first.fate != "ranked":
        return first
    found = search(library, encoder, query, settings, scope=scope)
    return within_search(library, encoder, first, found, settings, scope=scope)


def test_a_file_among_the_hits_is_told_with_its_place(library: Library) -> None:
    told = expected(library, "LoRA 랭크", Path("/notes/lora.md"))
    assert (told.fate, told.hit, told.rank) == ("found", 1, 1)
    assert told.passage is not None
    assert told.passage.matched == ("LoRA", "랭크")
    assert (told.nodes, told.waiting, told.searched) == (1, 0, 3)


def test_a_file_behind_the_hits_is_told_its_rank(library: Library) -> None:
    told = expected(library, "LoRA는 4 bits 행렬", Path("/notes/quantization.md"))
    assert (told.fate, told.rank) == ("ranked", 2)
    assert told.passage is not None
    assert {"4", "bits"} <= set(told.passage.matched)
    assert "행렬" in told.passage.missing
    assert [source.path.name for source in told.hits] == ["lora.md"]
    assert {leg.name: leg.rank for leg in told.passage.source.legs} == {"dense": 2, "lexical": 2}


def test_far_down_its_ranks_are_told_all_the_same(library: Library) -> None:
    many = {
        f"{n}.md": (f"메모 {n}", (), f"LoRA 랭크 행렬 학습 메모 {n}번째 이야기") for n in range(120)
    }
    fill(library, many, BagOfWordsEncoder())
    told = expected(library, "LoRA 랭크 행렬 학습 메모", Path("/notes/padding.md"))
    assert (told.fate, told.rank) == ("beyond", None)
    assert told.passage is not None
    [dense] = told.passage.source.legs
    assert (dense.name, dense.rank > 100) == ("dense", True)
    assert told.passage.matched == ()
    assert told.searched == 123


def test_passages_that_gave_way_to_another_file_are_told(library: Library) -> None:
    path, other = Path("/notes/길이.md"), Path("/notes/다른.md")
    for each, last in ((path, ("토큰", "단어")), (other, ("글자",))):
        texts = [f"문맥 길이 최대 {word}" for word in last]
        nodes = [Node(text, Place(), 0, len(text), "ko") for text in texts]
        library.replace_document(Document(each, each.parent, "", "text", 1, 1, str(each)), nodes)
    embed(library)
    hits = search(
        library, BagOfWordsEncoder(), "문맥 길이 최대", RetrievalSettings(similarity_top_k=2)
    ).sources
    assert [hit.path.name for hit in hits] == ["길이.md", "다른.md"]
    told = expected(library, "문맥 길이 최대", path, top_k=2)
    assert (told.fate, told.hit, told.rank, told.put_back) == ("found", 1, 1, (2,))
    assert expected(library, "문맥 길이 최대", path, top_k=3).put_back == ()
    assert expected(library, "문맥 길이 최대", other, top_k=2).put_back == ()


def test_a_copy_names_the_hit_that_stands_for_it(library: Library) -> None:
    fill(library, {"사본.md": ("파인튜닝", ("LoRA",), LORA + "\n")}, BagOfWordsEncoder())
    names = {"lora.md", "사본.md"}
    settings = RetrievalSettings(similarity_top_k=2)
    [first, _] = search(library, BagOfWordsEncoder(), "LoRA 랭크", settings).sources
    assert first.path.name in names
    other = Path("/notes") / (names - {first.path.name}).pop()
    told = expected(library, "LoRA 랭크", other, top_k=2)
    assert (told.fate, told.hit) == ("copy", 1)


def test_a_file_without_its_embedding_says_so(library: Library) -> None:
    late = {"새 글.md": ("새 글", (), "아직 아무것도 없는 이야기")}
    fill(library, late, BagOfWordsEncoder(), embed=())
    told = expected(library, "quantization weights", Path("/notes/새 글.md"))
    assert (told.fate, told.nodes, told.waiting) == ("not_embedded", 1, 1)
    by_words = expected(library, "이야기", Path("/notes/새 글.md"), top_k=3)
    assert (by_words.fate, by_words.waiting) == ("found", 1)


def test_out_of_scope_is_told_before_any_search(library: Library) -> None:
    scope = Scope((Path("/notes/padding.md"),), "padding.md")
    told = expected(library, "LoRA 랭크", Path("/notes/lora.md"), scope=scope)
    assert told.fate == "out_of_scope"
    inside = expected(library, "LoRA 랭크", Path("/notes/padding.md"), scope=scope)
    assert (inside.fate, inside.searched) == ("found", 1)
    # Of a folder only the part that was asked counts.
    folder = expected(library, "LoRA 랭크", Path("/notes"), scope=scope)
    assert (folder.fate, folder.hit) == ("found", 1)


@pytest.mark.parametrize(
    ("state", "fate"), [("failed", "failed"), ("skipped", "skipped")], ids=["failed", "skipped"]
)
def test_the_reason_noted_at_reading_is_given(library: Library, state: Any, fate: Fate) -> None:
    path = Path("/notes/잠김.pdf")
    library.record_problem(path, Path("/notes"), state, "the PDF has a password", "remove it")
    told = expected(library, "LoRA", path)
    assert (told.fate, told.reason, told.hint) == (fate, "the PDF has a password", "remove it")


def test_old_text_of_a_file_that_fails_now_is_ranked_with_the_reason(library: Library) -> None:
    path = Path("/notes/lora.md")
    library.record_problem(path, path.parent, "failed", "it is locked", "unlock it")
    told = expected(library, "LoRA", path)
    assert (told.fate, told.reason) == ("found", "it is locked")


def test_what_the_library_never_saw(library: Library, tmp_path: Path) -> None:
    assert expected(library, "LoRA", tmp_path / "없음.md").fate == "missing"
    assert expected(library, "LoRA", tmp_path / ("가" * 300)).fate == "missing"
    file = tmp_path / "새.md"
    file.write_text("새 글")
    assert expected(library, "LoRA", file).fate == "not_ingested"
    library.store_root(Root(tmp_path))
    assert expected(library, "LoRA", file).fate == "new"

    def ignored(root: Root, path: Path) -> Hindrance:
        assert (root.path, path) == (tmp_path, file)
        return Hindrance("ignored", "*.md", tmp_path / ".gitignore")

    told = without_search(library, "LoRA", file, EVERYTHING, ignored)
    assert (told.fate, told.root) == ("ignored", tmp_path)
    assert told.hindrance == Hindrance("ignored", "*.md", tmp_path / ".gitignore")


def test_a_file_is_known_by_its_name_however_composed(library: Library) -> None:
    decomposed = unicodedata.normalize("NFD", "어텐션.md")
    fill(library, {decomposed: ("어텐션", (), "어텐션 이야기")}, BagOfWordsEncoder())
    meant = Path("/notes") / decomposed
    assert known_path(library, Path("/notes/어텐션.md")) == meant
    assert known_path(library, Path("/elsewhere/어텐션.md")) == meant
    assert known_path(library, Path("/notes")) == Path("/notes")
    assert known_path(library, Path("/notes/모름.md")) == Path("/notes/모름.md")
