"""Answers that are sentences of the notes, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import AnswerSettings, RetrievalSettings
from assistant.errors import EmptyLibrary, ModelMissing
from assistant.library.library import Library
from assistant.protocols import Generator
from assistant.query.engine import QueryEngine
from assistant.query.matching import Grounds
from assistant.query.quoting import quote
from assistant.query.refusal import REFUSAL
from assistant.types import Answer, Answered, Place, Quoted, Retrieved, Source
from tests.fakes import BagOfWordsEncoder
from tests.query_library import NOTES, fill

QUESTION = "LoRA의 기본 랭크는 얼마인가요?"


def source(n: int, text: str, score: float = 1.0) -> Source:
    return Source(n, n, Path(f"/notes/{n}.md"), Place(headings=("절",)), "제목", text, score)


def quoted(question: str, *sources: Source, most: int = 3) -> list[str]:
    text, citations = quote(question, Grounds(sources, BagOfWordsEncoder()), most=most)
    for citation in citations:
        (own,) = [each for each in sources if each.n == citation.n]
        assert own.text[citation.start : citation.end] == citation.text
        shown = text[citation.claim_start : citation.claim_end]
        assert shown == " ".join(citation.text.split())
        assert text[citation.claim_end :].startswith(f" [{citation.n}]")
        assert 0.0 <= citation.support <= 1.0
    return [citation.text for citation in citations]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path / "library")
    fill(library, NOTES, BagOfWordsEncoder())
    yield library
    library.close()


def engine(library: Library, refusal: float = 0.5) -> QueryEngine:
    def no_model() -> Generator:
        raise ModelMissing("no weights", "install some")

    settings = AnswerSettings(refusal=refusal)
    return QueryEngine(library, BagOfWordsEncoder(), no_model, RetrievalSettings(), settings)


def answer_of(events: Iterator[object]) -> Answer:
    first, *between, last = events
    assert isinstance(first, Retrieved)
    assert all(isinstance(event, Quoted) for event in between)
    assert isinstance(last, Answered)
    assert last.answer.sources == first.retrieval.sources
    return last.answer


def test_the_sentence_that_holds_the_question_is_quoted_first() -> None:
    own = source(1, "학습률은 0.0003이다. 기본 랭크는 8이다.\n\n배치는 32이다.")
    other = source(2, "비가 온다. 랭크는 행렬의 성질이다.", score=0.4)
    assert quoted("기본 랭크는 얼마인가요?", own, other, most=1) == ["기본 랭크는 8이다."]


def test_neighbours_are_quoted_as_one_and_wrapped_lines_on_one() -> None:
    wrapped = "기본 랭크는 논문의 실험에서 정한 그대로 여덟으로 두고\n바꾸지 않는다."
    own = source(1, f"비가 온다. {wrapped} 기본 랭크를 올리면 낫다.\n\n끝이다.")
    assert quoted("기본 랭크", own, most=2) == [f"{wrapped} 기본 랭크를 올리면 낫다."]


def test_what_has_little_to_do_with_the_question_is_left_out() -> None:
    own = source(1, "기본 랭크는 얼마인가 하면 8이다.\n\n비가 온다.")
    other = source(2, "To: x@y.kr", score=0.3)
    assert quoted("기본 랭크는 얼마인가요?", own, other) == ["기본 랭크는 얼마인가 하면 8이다."]


def test_paragraphs_and_sources_are_quoted_apart() -> None:
    own = source(1, "기본 랭크는 8이다.\n\n기본 랭크는 논문의 값이다.")
    other = source(2, "기본 랭크는 4였다.", score=0.9)
    found = quoted("기본 랭크", own, other)
    assert sorted(found) == [
        "기본 랭크는 4였다.",
        "기본 랭크는 8이다.",
        "기본 랭크는 논문의 값이다.",
    ]


def test_what_says_nothing_is_never_quoted() -> None:
    table = "| 값 | 뜻 |\n|---|---|\n| 8 | 기본 랭크 |"
    text = f"## 기본 랭크\n\n{table}\n\n---\n\n```python\nrank = 8\n```"
    found = quoted("기본 랭크", source(1, text), most=9)
    assert "| 8 | 기본 랭크 |" in found
    assert not [each for each in found if each.startswith(("#", "|--", "---", "```"))]
    assert quoted("기본 랭크", source(1, "## 기본 랭크\n\n---")) == []


def test_a_quotation_comes_without_a_language_model(library: Library) -> None:
    answer = answer_of(engine(library).quote(QUESTION))
    assert answer.finish == "quoted"
    assert not answer.refused
    assert answer.model == ""
    assert "기본 랭크는 8이다." in answer.citations[0].text
    assert answer.citations[0].path == Path("/notes/lora.md")
    assert answer.timing.first_token is None
    # … and is what a question gets where there is none.
    assert answer_of(engine(library).ask(QUESTION)).citations[0] == answer.citations[0]


def test_it_refuses_as_an_answer_does(library: Library) -> None:
    answer = answer_of(engine(library).quote("What is the tallest mountain of Peru?"))
    assert answer.refused
    assert answer.text == REFUSAL["en"]
    assert answer.citations == ()
    assert answer_of(engine(library, refusal=0).quote("Where is Peru?")).finish != "refused"


def test_an_empty_library_is_told(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    with pytest.raises(EmptyLibrary):
        next(engine(library).quote(QUESTION))
    library.close()
