"""The whole way from the sample notes to an answer, with the embedded models and nothing faked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import ModelSettings, Settings
from assistant.desk import Desk
from assistant.evaluation.report import EvaluationFinished, NotesReport
from assistant.types import Answer, Answered, IngestFinished, Retrieved, Token

pytestmark = pytest.mark.models

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[Desk]:
    """A desk with all of ``data/``, and the language model that any machine can run."""
    settings = Settings(
        library=tmp_path_factory.mktemp("whole") / "library",
        models=ModelSettings(generation="qwen2.5-coder-0.5b-instruct"),
    )
    desk = Desk(settings)
    *_, last = desk.ingest([DATA])
    assert isinstance(last, IngestFinished)
    assert last.report.failed == 0
    assert last.report.indexed >= 14
    assert last.report.embedded > 200
    yield desk
    desk.close()


def ask(desk: Desk, question: str) -> Answer:
    events = list(desk.ask(question))
    assert isinstance(events[0], Retrieved), "the evidence comes first"
    assert isinstance(events[-1], Answered)
    if not events[-1].answer.refused:
        assert any(isinstance(event, Token) for event in events)
    return events[-1].answer


def cited(answer: Answer) -> set[str]:
    return {citation.path.name for citation in answer.citations}


def test_every_stored_node_is_embedded_and_a_second_run_does_nothing(desk: Desk) -> None:
    status = desk.status()
    assert status.nodes == status.embedded > 200
    *_, last = desk.ingest([DATA])
    assert isinstance(last, IngestFinished)
    assert (last.report.indexed, last.report.embedded) == (0, 0)
    assert last.report.unchanged == status.documents


@pytest.mark.parametrize(
    ("question", "fact", "file"),
    [
        ("BERT는 입력 토큰의 몇 퍼센트를 예측 대상으로 고르나요?", "15", "사전학습-모델-개요.md"),
        ("팀 공유 폴더의 용량은 얼마인가요?", "120", "스터디-FAQ.md"),
        (
            "How many entries does the vocabulary of bert-base-uncased hold?",
            "30,522",
            "tokenization-and-padding.md",
        ),
    ],
)
def test_a_fact_is_answered_in_its_language_from_its_file(
    desk: Desk, question: str, fact: str, file: str
) -> None:
    answer = ask(desk, question)
    assert fact in answer.text
    assert file in cited(answer)
    assert answer.language == ("en" if question.isascii() else "ko")
    for citation in answer.citations:
        [source] = [source for source in answer.sources if source.n == citation.n]
        assert source.text[citation.start : citation.end] == citation.text
        assert f"[{citation.n}]" in answer.text
    assert answer.timing.first_token is not None
    assert answer.timing.prompt_tokens > 50


def test_a_pdf_is_cited_by_its_page(desk: Desk) -> None:
    sources = desk.search("NF4 양자화 4비트 정규분포").sources
    pages = {source.place.page for source in sources if source.path.suffix == ".pdf"}
    assert pages
    assert None not in pages


@pytest.mark.parametrize("question", ["김치찌개는 어떻게 끓이나요?", "Who won the 1998 World Cup?"])
def test_what_the_notes_do_not_hold_is_refused_with_the_nearest_passages(
    desk: Desk, question: str
) -> None:
    answer = ask(desk, question)
    assert answer.refused
    assert answer.sources
    assert not answer.citations


def test_retrieval_on_the_sample_questions_stays_as_good_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("assistant.paths.evaluation_cache", lambda: tmp_path)
    *_, last = desk.evaluate(DATA)
    assert isinstance(last, EvaluationFinished)
    report = last.report
    assert isinstance(report, NotesReport)
    groups = {group.name: group for group in report.groups}
    assert groups["all"].questions >= 60
    assert groups["ko"].retrieval["ndcg@10"].mean > 0.93
    assert groups["en"].retrieval["ndcg@10"].mean > 0.95
    assert groups["cross-lingual"].retrieval["recall@5"].mean > 0.8
