from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.config import AnswerSettings, ModelSettings, RetrievalSettings
from assistant.library.library import Library
from assistant.query import calibration
from assistant.query.engine import QueryEngine
from assistant.query.matching import Grounds
from assistant.query.refusal import (
    REFUSAL,
    confidence,
    is_hopeless,
    refusal_text,
    says_unknown,
    signals,
    threshold,
)
from assistant.types import Answered, Evidence, Place, Retrieval, Retrieved, Scope, Source, Token
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


class Fitted(BagOfWordsEncoder):
    """One that the default's calibration is taken for."""

    fingerprint = next(
        fingerprint
        for fingerprint, each in calibration.known().items()
        if each.encoder == ModelSettings().embedding
    )


@pytest.mark.parametrize("text", ["기본 랭크는 8이다.", "고래는 바다에 산다."])
def test_confidence_grows_with_each_signal(text):
    encoder = Fitted()
    weak, similar, covered, strong = (
        confidence(retrieval(*evidence, text=text), encoder)
        for evidence in ((0.2, 0.2), (0.6, 0.2), (0.2, 0.9), (0.6, 0.9))
    )
    assert weak < similar < strong
    assert weak < covered < strong


def test_a_sentence_that_holds_the_question_is_evidence():
    beside, held = (
        confidence(retrieval(0.6, 0.6, text=text), Fitted())
        for text in ("고래는 바다에 산다. 아무 상관이 없다.", "LoRA의 기본 랭크는 8이다.")
    )
    assert beside < 0.8 * held


def test_of_an_unknown_encoder_words_alone_are_believed():
    encoder = BagOfWordsEncoder()
    assert not calibration.calibration_for(encoder.fingerprint).is_own
    far, near, covered = (
        confidence(retrieval(*evidence), encoder) for evidence in ((0.1, 0.3), (0.9, 0.3), (0.1, 1))
    )
    assert far == near < covered


def test_a_sentence_without_the_number_asked_for_is_no_evidence():
    question = "기본 랭크는 몇 인가요?"
    without, held = (
        signals(retrieval(0.5, 0.5, question, text), Fitted())["sentence"]
        for text in ("기본 랭크는 작게 둔다.", "기본 랭크는 8이다.")
    )
    assert without == 0.0 < held


def test_across_languages_words_are_not_asked_for():
    encoder = BagOfWordsEncoder()
    none, some, nearer = (
        confidence(retrieval(*evidence, question="What is the default rank?"), encoder)
        for evidence in ((0.5, 0.0), (0.5, 0.9), (0.8, 0.0))
    )
    assert none == some < nearer


def test_of_two_languages_both_are_asked_when_the_first_is_unlikely():
    one = retrieval(0.15, 0.1, question="김치찌개는 어떻게 끓이나요?", text="Pad the left side.")
    both = replace(one, sources=(*one.sources, replace(one.sources[0], n=2, text="기본 랭크.")))
    assert confidence(both, Fitted()) < confidence(one, Fitted()) < 0.5
    near = [replace(found, evidence=Evidence(0.9, 0.1)) for found in (one, both)]
    assert confidence(near[0], Fitted()) == confidence(near[1], Fitted()) > 0.5


def test_nothing_found_is_hopeless_whatever_is_asked_for():
    nothing = Retrieval("LoRA?", (), Evidence())
    assert is_hopeless(confidence(nothing, BagOfWordsEncoder()), refusal=0.0)
    assert not is_hopeless(0.001, refusal=0.0)


def test_the_setting_runs_from_answering_all_to_refusing_all():
    assert threshold(0.3, 0.0) == 0.0
    assert threshold(0.3, 0.5) == pytest.approx(0.3)
    assert threshold(0.3, 1.0) == 1.0
    assert threshold(0.3, 0.25) < 0.3 < threshold(0.3, 0.75)


def test_what_a_limited_search_refuses_can_be_asked_of_all_notes(library):
    question, scope = "Who won the football world cup?", Scope((Path("/notes"),), "Physics")
    engine = QueryEngine(
        library, BagOfWordsEncoder(), lambda: None, RetrievalSettings(), AnswerSettings()
    )
    for events in (engine.ask(question, scope=scope), engine.quote(question, scope=scope)):
        answer = list(events)[-1].answer
        assert answer.refused
        assert answer.sources
        assert answer.text == refusal_text("en", scope) != REFUSAL["en"]


def test_the_setting_moves_the_first_gate_one_way(library):
    questions = [
        "LoRA의 기본 랭크는 얼마인가요?",
        "김치찌개는 어떻게 끓이나요?",
        "LoRA는 누가 만들었나요?",
        "노트를 복습하는 방법은?",
    ]
    refused = []
    for refusal in (0.0, 0.25, 0.5, 0.75, 0.9, 1.0):
        settings = AnswerSettings(refusal=refusal)
        engine = QueryEngine(
            library, BagOfWordsEncoder(), lambda: None, RetrievalSettings(), settings
        )
        refused.append({q for q in questions if engine.is_hopeless(engine.retrieve(q))})
    assert all(fewer <= more for fewer, more in pairwise(refused))
    assert (refused[0], refused[-1]) == (set(), set(questions))
    assert len({len(some) for some in refused}) > 2


def test_a_refusal_says_that_the_search_was_limited():
    scope = Scope((Path("/notes/물리.md"),))
    assert refusal_text("ko") == REFUSAL["ko"]
    assert "‘물리.md’" in refusal_text("ko", scope)
    assert "“Physics”" in refusal_text("en", replace(scope, name="Physics"))
    for language in REFUSAL:
        assert refusal_text(language, scope).startswith(REFUSAL[language])
        assert "F3" in refusal_text(language, scope)


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
