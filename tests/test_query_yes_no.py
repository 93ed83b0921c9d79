"""Answers begun with yes or no where their first sentence decides the question, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import AnswerSettings, RetrievalSettings
from assistant.library.library import Library
from assistant.query.engine import QueryEngine
from assistant.query.yes_no import yes_or_no
from assistant.types import Answer, Answered
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator
from tests.query_library import NOTES, fill


@pytest.mark.parametrize(
    ("question", "said", "begun"),
    [
        ("KL 발산은 대칭인가요?", "KL 발산은 대칭이 아닙니다.", "아니요, "),
        ("HNSW는 학습이 필요한가요?", "HNSW는 학습이 필요 없습니다.", "아니요, "),
        ("시험을 원격으로 볼 수 있나요?", "시험은 원격으로 볼 수 있습니다.", "네, "),
        ("PSI는 대칭인가요?", "PSI는 양쪽을 더한 것과 같아서 대칭이다.", "네, "),
        ("Are late submissions accepted?", "Late submissions are not accepted.", "No, "),
        ("Is the backup encrypted?", "The backup is encrypted every night.", "Yes, "),
    ],
)
def test_a_sentence_that_holds_the_question_decides_it(
    question: str, said: str, begun: str
) -> None:
    language = "ko" if question[-2] >= "가" else "en"
    assert yes_or_no(said, question, language) == begun  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        # Something else is said, or of something else.
        ("Does the canary run for an hour?", "The canary runs for 30 minutes."),
        ("Is matrix A initialised to zero?", "Matrix B is initialised to zero."),
        ("임계값은 0.9로 정하나요?", "임계값은 0.83으로 정합니다."),
        ("서버는 매주 점검하나요?", "서버는 매달 점검합니다."),
        # It depends, or there are two clauses.
        ("Are late submissions accepted?", "Late submissions are accepted only with a note."),
        ("퀴즈를 다시 볼 수 있나요?", "퀴즈는 진단서를 내면 다시 볼 수 있습니다."),
        ("Is it warmed up in Lab 4?", "It is warmed up in Lab 3, not in Lab 4."),
        ("학습 때 노드를 쓰나요?", "학습 때 노드를 끄지 않아서 노드를 씁니다."),
        # What the question denies itself; what is begun already; nothing.
        ("감점이 없나요?", "감점이 없습니다."),
        ("Is it so?", "Yes, it is so."),
        ("Is it so?", ""),
    ],
)
def test_any_other_stays_as_it_is(question: str, said: str) -> None:
    assert yes_or_no(said, question, "ko" if question[0] >= "가" else "en") == ""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path / "library")
    fill(library, NOTES, BagOfWordsEncoder())
    yield library
    library.close()


def answer(library: Library, question: str, said: str) -> Answer:
    engine = QueryEngine(
        library,
        BagOfWordsEncoder(),
        lambda: ScriptedGenerator(said),
        RetrievalSettings(),
        AnswerSettings(),
    )
    *_, last = engine.ask(question)
    assert isinstance(last, Answered)
    return last.answer


def test_the_engine_begins_what_is_borne_out(library: Library) -> None:
    said = "Quantization stores weights in 4 bits. It saves 75 percent of the memory."
    told = answer(library, "Does quantization store weights in 4 bits?", said)
    assert told.kind == "yes_no"
    assert told.text.startswith("Yes, Quantization stores weights in 4 bits.")
    first, second = told.citations
    assert told.text[first.claim_start : first.claim_end].startswith("Yes, ")
    for each in told.citations:
        assert told.text[each.claim_end :].startswith(f" [{each.n}]")
    assert told.text[second.claim_start : second.claim_end] == "It saves 75 percent of the memory."
    assert [(c.start, c.end) for c in told.claims] == [
        (each.claim_start, each.claim_end) for each in told.citations
    ]


def test_the_engine_leaves_what_no_source_says(library: Library) -> None:
    told = answer(
        library,
        "Does quantization store weights in 8 bits?",
        "Quantization stores weights in 8 bits.",
    )
    assert told.finish == "refused"  # the question's own number, which the source denies
