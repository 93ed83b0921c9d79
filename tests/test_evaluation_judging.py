"""What counts as a right source, a stated fact, a right citation, the right language."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from assistant.evaluation.judging import (
    citation_is_right,
    holds_passage,
    is_in_language,
    is_relevant,
    states_fact,
)
from assistant.evaluation.questions import Question, Target
from assistant.types import Citation, Language, Place, Source

PASSAGE = "GPT 계열은 배치로 생성할 때 왼쪽에 패딩을 붙여야 한다."


def source(text: str, path: str = "/notes/a.md", n: int = 1) -> Source:
    return Source(n, n, Path(path), Place(), "", text, 1.0)


def citation(text: str, path: str = "/notes/a.md", n: int = 1) -> Citation:
    return Citation(n, Path(path), Place(), text, 0, len(text), 0, 0, 1.0)


def question(*targets: tuple[str, str | None], facts: tuple[tuple[str, ...], ...] = ()) -> Question:
    return Question(
        "q", "ko", "?", True, targets=tuple(Target(Path(p), t) for p, t in targets), facts=facts
    )


# ------------------------------------------------------------------ passages


def test_layout_and_markup_do_not_hide_a_passage() -> None:
    text = "## 패딩\n\n**GPT 계열**은 배치로\n  생성할 때 `왼쪽`에\n패딩을 붙여야 한다. 다음 문장."
    assert holds_passage(text, PASSAGE)
    assert holds_passage(unicodedata.normalize("NFD", text), PASSAGE)


def test_a_table_row_is_a_passage() -> None:
    row = "| BERT-large | 24 | 1024 |"
    assert holds_passage("| 모델 | 층 | 차원 |\n|---|---|---|\n| BERT-large | 24 | 1024 |", row)
    assert not holds_passage("| BERT-base | 12 | 768 |", row)


PASSAGE_OF_100 = "".join(chr(ord("가") + i) for i in range(100))


@pytest.mark.parametrize("share", [0.4, 0.59, 0.6, 0.9])
def test_a_straddling_passage_counts_where_most_of_it_is(share: float) -> None:
    kept = round(100 * share)
    enough = share >= 0.6
    assert holds_passage("앞 문장. " + PASSAGE_OF_100[:kept], PASSAGE_OF_100) is enough
    assert holds_passage(PASSAGE_OF_100[-kept:] + " 뒤 문장.", PASSAGE_OF_100) is enough
    assert holds_passage(PASSAGE_OF_100[2 : 2 + kept], PASSAGE_OF_100) is enough


def test_sharing_most_words_is_not_straddling() -> None:
    # The same sentence with another value, as a near duplicate has it, inside a longer text.
    text = "서문. GPT 계열은 배치로 생성할 때 오른쪽에 패딩을 붙여야 한다. 맺음."
    assert not holds_passage(text, PASSAGE)


def test_a_passage_without_letters_is_nowhere() -> None:
    assert not holds_passage("text", " --- ")
    assert not holds_passage("", PASSAGE)


def test_the_right_words_in_another_file_are_not_relevant() -> None:
    asked = question(("/notes/a.md", PASSAGE))
    assert is_relevant(source(PASSAGE), asked)
    assert not is_relevant(source(PASSAGE, "/notes/copy.md"), asked)
    assert not is_relevant(source("다른 문단."), asked)


def test_a_file_named_in_also_counts_by_its_own_passage() -> None:
    asked = question(("/notes/a.md", PASSAGE), ("/notes/b.md", "Pad on the left."))
    assert is_relevant(source("Always: pad on the left.", "/notes/b.md"), asked)
    assert not is_relevant(source(PASSAGE, "/notes/b.md"), asked)


def test_without_a_passage_the_file_is_enough() -> None:
    assert is_relevant(source("whatever"), question(("/notes/a.md", None)))


def test_file_names_compare_across_normal_forms() -> None:
    decomposed = unicodedata.normalize("NFD", "/notes/토큰화.md")
    assert is_relevant(source(PASSAGE, decomposed), question(("/notes/토큰화.md", PASSAGE)))


def test_nothing_is_relevant_to_an_unanswerable_question() -> None:
    assert not is_relevant(source(PASSAGE), Question("q", "ko", "?", False))


# ------------------------------------------------------------------ facts


@pytest.mark.parametrize(
    ("answer", "alternatives"),
    [
        ("패딩은 왼쪽에 붙입니다 [1].", ["왼쪽", "left"]),
        ("Pad on the LEFT.", ["왼쪽", "left"]),
        ("은닉 차원은 1,024입니다.", ["1024"]),
        ("은닉 차원은 1024입니다.", ["1,024"]),
        ("It costs 1_200_000 won.", ["1,200,000"]),
        ("It costs 12\u202f000 tokens.", ["12,000"]),
        ("`bfloat16`은 **16** 비트", ["16비트"]),
        ("16GB가 필요하다", ["16 GB"]),
        ("전이학습을 쓴다", ["전이 학습"]),
        ("The rank is 8.", ["8"]),
        ("learning rate 2e\u22125", ["2e-5"]),
        ("코드를 실행한다: it executes code", ["execut"]),
        (unicodedata.normalize("NFD", "왼쪽"), ["왼쪽"]),
        ("layers: 24, heads: 16", [" 24,"]),
    ],
)
def test_fact_is_stated(answer: str, alternatives: list[str]) -> None:
    assert states_fact(answer, alternatives)


@pytest.mark.parametrize(
    ("answer", "alternatives"),
    [
        ("패딩은 오른쪽에 붙입니다.", ["왼쪽", "left"]),
        ("10.5 epochs", ["0.5"]),
        ("0.55", ["0.5"]),
        ("3.8", ["8"]),
        ("1,024", ["24", "1"]),
        ("132", ["32"]),
        ("It is the cleft.", ["left"]),
        ("정답은 배치 크기입니다 [3].", ["3"]),
        ("출처 [1, 12]", ["12"]),
        ("", ["x"]),
    ],
)
def test_fact_is_not_stated(answer: str, alternatives: list[str]) -> None:
    assert not states_fact(answer, alternatives)


# ------------------------------------------------------------------ citations


def test_citation_of_a_right_passage_is_right() -> None:
    asked = question(("/notes/a.md", PASSAGE), facts=(("왼쪽",), ("배치",)))
    sources = [source(f"{PASSAGE} 이유는 이렇다."), source("무관한 글.", "/notes/b.md", 2)]
    assert citation_is_right(citation("이유는 이렇다."), sources, asked)
    assert not citation_is_right(citation("무관한 글.", "/notes/b.md", 2), sources, asked)


def test_a_sentence_with_the_facts_makes_a_citation_right() -> None:
    asked = question(("/notes/a.md", PASSAGE), facts=(("왼쪽",), ("배치",)))
    one, both = "왼쪽이 맞다.", "배치에서는 왼쪽이 맞다."
    # In the right file one fact is enough, elsewhere it takes the whole answer.
    assert citation_is_right(citation(one), [source(one)], asked)
    assert not citation_is_right(citation(one, "/b.md"), [source(one, "/b.md")], asked)
    assert citation_is_right(citation(both, "/b.md"), [source(both, "/b.md")], asked)


def test_no_citation_is_right_for_an_unanswerable_question() -> None:
    asked = Question("q", "ko", "?", False)
    assert not citation_is_right(citation(PASSAGE), [source(PASSAGE)], asked)


# ------------------------------------------------------------------ language


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("LoRA의 rank는 8입니다.", "ko", True),
        ("The rank of LoRA is 8.", "ko", False),
        ("The rank is 8 (랭크).", "en", True),
        ("랭크는 8입니다.", "en", False),
        ("`tokenizer.pad_token = tokenizer.eos_token` 이렇게 합니다.", "ko", True),
        ("32", "en", True),
        ("32", "ko", True),
        ("The rank is 8.", "mixed", True),
    ],
)
def test_language(text: str, language: Language, right: bool) -> None:
    assert is_in_language(text, language) is right
