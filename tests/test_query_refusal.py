from pathlib import Path

import pytest

from assistant.config import AnswerSettings, RetrievalSettings
from assistant.library.library import Library
from assistant.query.engine import QueryEngine
from assistant.query.matching import Grounds
from assistant.query.refusal import (
    REFUSAL,
    confidence,
    invented_numbers,
    is_hopeless,
    is_unsupported,
    says_unknown,
    threshold,
)
from assistant.types import Answered, Evidence, Place, Retrieval, Retrieved, Source, Token
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator
from tests.query_library import NOTES, fill


@pytest.fixture
def library(tmp_path):
    library = Library.open(tmp_path / "library")
    fill(library, NOTES, BagOfWordsEncoder())
    yield library
    library.close()


def ask(library, question, generator, **answer):
    def load():
        assert generator is not None, "the generator was called for"
        return generator

    settings = AnswerSettings(**answer)
    engine = QueryEngine(library, BagOfWordsEncoder(), load, RetrievalSettings(), settings)
    return list(engine.ask(question))


def retrieval(similarity, coverage, question="LoRA의 기본 랭크는?", text="기본 랭크는 8이다."):
    source = Source(1, 1, Path("/a.md"), Place(), "노트", text, 1.0)
    return Retrieval(question, (source,), Evidence(similarity, coverage))


def grounds(text):
    return Grounds(retrieval(1, 1, text=text).sources, BagOfWordsEncoder())


# ------------------------------------------------------------------ before generation


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        ("김치찌개를 맛있게 끓이는 방법은?", REFUSAL["ko"]),
        ("Who won the football world cup?", REFUSAL["en"]),
    ],
)
def test_a_question_the_notes_do_not_speak_of_is_refused_at_once(library, question, refusal):
    events = ask(library, question, None)
    assert [type(event) for event in events] == [Retrieved, Answered]
    answer = events[-1].answer
    assert answer.refused
    assert answer.text == refusal
    assert answer.citations == ()
    assert answer.sources == events[0].retrieval.sources != ()


def test_confidence_grows_with_similarity_and_coverage():
    encoder = BagOfWordsEncoder()
    weak, similar, covered, strong = (
        confidence(retrieval(*evidence), encoder)
        for evidence in ((0.2, 0.2), (0.6, 0.2), (0.2, 0.9), (0.6, 0.9))
    )
    assert weak < similar < strong
    assert weak < covered < strong
    assert weak < 0.1 < 0.5 < strong


def test_across_languages_words_are_not_asked_for():
    encoder = BagOfWordsEncoder()
    none, some = (
        confidence(retrieval(0.5, coverage, question="What is the default rank?"), encoder)
        for coverage in (0.0, 0.9)
    )
    assert none == some


def test_nothing_found_is_hopeless_whatever_is_asked_for():
    nothing = Retrieval("LoRA?", (), Evidence())
    assert is_hopeless(confidence(nothing, BagOfWordsEncoder()), refusal=0.0)
    assert not is_hopeless(0.001, refusal=0.0)


def test_the_setting_runs_from_answering_all_to_refusing_all():
    assert threshold(0.3, 0.0) == 0.0
    assert threshold(0.3, 0.5) == pytest.approx(0.3)
    assert threshold(0.3, 1.0) == 1.0
    assert threshold(0.3, 0.25) < 0.3 < threshold(0.3, 0.75)


def test_refusal_at_zero_answers_everything(library):
    generator = ScriptedGenerator("김치를 볶다가 42분 끓입니다.")
    answer = ask(library, "김치찌개를 끓이는 방법은?", generator, refusal=0.0)[-1].answer
    assert answer.finish == "complete"
    assert answer.text == "김치를 볶다가 42분 끓입니다."


def test_refusal_at_one_needs_the_evidence_to_be_perfect(library):
    assert ask(library, "LoRA의 기본 랭크는?", None, refusal=1.0)[-1].answer.refused


# ------------------------------------------------------------------ after generation

QUESTION = "LoRA의 기본 랭크는 얼마인가요?"


@pytest.mark.parametrize(
    "draft",
    [
        "고래가 바다에서 헤엄치며 노래를 부르는 까닭입니다.",  # nothing of it is in the notes
        "LoRA의 기본 랭크는 64이다.",  # an invented number
        "노트에서 찾을 수 없습니다.",
        "죄송하지만 그 정보는 제공되지 않았습니다.",
        "",
    ],
)
def test_a_draft_the_sources_do_not_bear_out_is_refused(library, draft):
    events = ask(library, QUESTION, ScriptedGenerator(draft))
    streamed = "".join(event.text for event in events if isinstance(event, Token))
    assert streamed == draft
    answer = events[-1].answer
    assert answer.refused
    assert answer.text == REFUSAL["ko"]
    assert answer.sources == events[0].retrieval.sources
    assert answer.timing.prompt_tokens > 0


def test_the_setting_moves_the_second_gate_too():
    held = grounds("기본 랭크는 8이다. 학습률은 작게 둔다.")
    draft = "학습률은 작게 두고 배치는 크게 하며 스케줄은 코사인으로 한다."
    verdicts = [is_unsupported(draft, "비결은?", held, 0.6, r) for r in (0.0, 0.1, 0.9, 1.0)]
    assert verdicts[0] is False
    assert verdicts[-1] is True
    assert verdicts == sorted(verdicts)


def test_the_second_gate_weighs_evidence_and_support_together():
    held = grounds("기본 랭크는 8이다. 학습률은 작게 둔다.")
    copied, free = "학습률은 작게 둡니다.", "스케줄은 코사인으로 하고 배치는 크게 합니다."
    assert not is_unsupported(copied, "비결은?", held, 0.9, 0.5)
    assert is_unsupported(copied, "비결은?", held, 0.15, 0.5)
    assert is_unsupported(free, "비결은?", held, 0.8, 0.5)


@pytest.mark.parametrize(
    ("draft", "invented"),
    [
        ("랭크는 8이다.", set()),
        ("2025년 판의 랭크는 8이다.", set()),  # the question's own number
        ("1. 랭크는 8이다.\n2. 끝이다.", set()),  # the numbers of a list
        ("랭크는 8.0이다.", set()),
        ("랭크는 16이다.", {"16"}),
    ],
)
def test_invented_numbers(draft, invented):
    held = grounds("기본 랭크는 8이다.")
    assert invented_numbers(draft, "2025년 판의 랭크는?", held) == invented


@pytest.mark.parametrize(
    "draft",
    [
        "잘 모르겠습니다.",
        "노트에서 해당 내용을 찾을 수 없습니다.",
        "기말고사 장소는 노트에 나와 있지 않습니다.",
        "제공된 노트에는 그 정보가 없습니다.",
        "The notes do not mention the price.",
        "I don't know.",
        "This is not mentioned in the notes.",
    ],
)
def test_the_model_s_own_refusals_are_understood(draft):
    assert says_unknown(draft)


@pytest.mark.parametrize(
    "draft",
    [
        "사전에 없는 단어는 [UNK] 토큰이 됩니다.",
        "모르는 단어는 하위 단어로 나눕니다.",
        "BERT does not use a decoder.",
        "학습률은 0.001입니다. 배치 크기는 나와 있지 않습니다.",
    ],
)
def test_facts_about_the_unknown_are_no_refusals(draft):
    assert not says_unknown(draft)
