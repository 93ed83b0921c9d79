"""The embedded models themselves, loaded the way the program does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from assistant.config import ModelSettings, Settings
from assistant.models import resolve
from assistant.models.embedding import SentenceEncoder
from assistant.models.generation import ChatGenerator
from assistant.models.states import describe_models
from assistant.types import Message

pytestmark = pytest.mark.models

SMALL = "qwen2.5-coder-0.5b-instruct"
NOTE = (
    "중간고사는 10월 23일 오후 2시에 공학관 301호에서 치른다. "
    "범위는 어텐션, 토큰화, 임베딩이며 계산기를 가져올 수 있다. 결과는 2주 뒤에 공지한다."
)


def settings(**models: object) -> Settings:
    return Settings(models=ModelSettings(**models))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def encoder(model_cache: Path) -> SentenceEncoder:
    loaded = resolve.load_encoder(settings(embedding="multilingual-e5-small"))
    assert isinstance(loaded, SentenceEncoder)
    return loaded


@pytest.fixture(scope="module")
def generator(model_cache: Path) -> ChatGenerator:
    loaded = resolve.load_generator(settings(generation=SMALL))
    assert isinstance(loaded, ChatGenerator)
    return loaded


def chat(question: str) -> list[Message]:
    return [
        Message("system", "주어진 노트로만 짧게 답하라."),
        Message("user", f"[1] {NOTE}\n\n질문: {question}"),
    ]


def test_vectors_are_unit_length_float32(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode_document(["짧은 글", "a much longer text " * 40])
    assert vectors.shape == (2, encoder.dimension) == (2, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(encoder.encode_query("질문")) == pytest.approx(1, abs=1e-5)
    assert encoder.encode_document([]).shape == (0, 384)


def test_meaning_is_nearer_than_words(encoder: SentenceEncoder) -> None:
    query = encoder.encode_query("자동차 값이 올랐다")
    near, far = encoder.encode_document(["승용차 가격이 인상되었다.", "자동차 경주가 어제 열렸다."])
    assert query @ near > query @ far + 0.02


def test_english_finds_korean_and_korean_finds_english(encoder: SentenceEncoder) -> None:
    korean = ["서울은 대한민국의 수도이다.", "고양이는 하루에 열여섯 시간을 잔다."]
    english = ["Seoul is the capital of South Korea.", "Cats sleep sixteen hours a day."]
    stored = encoder.encode_document(korean + english)
    for row, query in enumerate(["How long do cats sleep?", "한국의 수도"]):
        scores = stored @ encoder.encode_query(query)
        right = 1 - row
        assert scores[right] > scores[row]
        assert scores[2 + right] > scores[2 + row]


def test_rows_keep_the_order_of_the_texts(encoder: SentenceEncoder) -> None:
    texts = [f"문단 {n}: " + "내용이 이어진다. " * (n * 7 % 40) for n in range(60)]
    together = encoder.encode_document(texts)
    alone = np.stack([encoder.encode_document([text])[0] for text in texts[::6]])
    assert (together[::6] * alone).sum(axis=1).min() > 0.999


def test_bfloat16_gives_nearly_the_same_vectors(model_cache: Path) -> None:
    texts = [NOTE, "def f(x):\n    return x", "🚀 emoji 와 한국어"]
    full = resolve.load_encoder(settings(dtype="float32"))
    half = resolve.load_encoder(settings(dtype="bfloat16"))
    cosines = (full.encode_document(texts) * half.encode_document(texts)).sum(axis=1)
    assert cosines.min() > 0.998
    assert full.fingerprint == half.fingerprint


def test_several_threads_may_encode(encoder: SentenceEncoder) -> None:
    texts = [f"{n}번째 질문은 길이가 다르다" + "!" * n for n in range(12)]
    expected = [encoder.encode_query(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(encoder.encode_query, texts))
    assert np.allclose(expected, made, atol=1e-3)


def test_the_tokenizer_counts_as_the_model_does(encoder: SentenceEncoder) -> None:
    tokenizer = resolve.load_tokenizer(settings())
    texts = [NOTE, "Ｆｕｌｌ width ㎏ ～", "```python\nx = 1\n```", "👩🏽‍🔬 과학자"]
    model = [len(ids) - 2 for ids in encoder._model.tokenizer(texts)["input_ids"]]
    assert tokenizer.count(texts) == model
    for text in texts:
        spans = tokenizer.offsets(text)
        assert len(spans) == tokenizer.count([text])[0]
        assert all(0 <= start <= end <= len(text) for start, end in spans)
        assert [start for start, _ in spans] == sorted(start for start, _ in spans)
        assert spans[-1][1] == len(text)


def test_a_fact_of_the_note_is_answered(generator: ChatGenerator) -> None:
    pieces = list(
        generator.stream(chat("중간고사는 어디에서 치르나?"), max_tokens=60, stop=Event())
    )
    assert "301" in "".join(pieces)
    assert len(pieces) > 1
    assert generator.finished
    assert 0 < generator.generated_tokens < 60


def test_lookup_says_what_plain_greedy_decoding_says(generator: ChatGenerator) -> None:
    answers = []
    for lookup in (True, False):
        generator.prompt_lookup = lookup
        stream = generator.stream(chat("시험 범위와 날짜는?"), max_tokens=48, stop=Event())
        answers.append("".join(stream))
    generator.prompt_lookup = True
    assert answers[0] == answers[1]


def test_reading_ahead_and_packing_change_no_word(generator: ChatGenerator) -> None:
    asked = chat("시험은 며칠 몇 시에 어디에서 보나?")
    before = "".join(generator.stream(asked, max_tokens=32, stop=Event()))
    generator.prefill(asked[:1], stop=Event())
    assert generator._packing is None  # all that is to be packed is
    assert "".join(generator.stream(asked, max_tokens=32, stop=Event())) == before


def test_stop_ends_a_long_answer(generator: ChatGenerator) -> None:
    stop = Event()
    for _ in generator.stream(chat("노트를 길게 설명해줘."), max_tokens=400, stop=stop):
        stop.set()
    assert not generator.finished
    assert generator.generated_tokens < 20


def test_a_prompt_is_counted(generator: ChatGenerator) -> None:
    short, long = generator.count(chat("?")), generator.count(chat(NOTE * 10))
    assert 60 < short < 200
    assert long > short + 400
    assert generator.context_window == 32_768


def test_what_is_loaded_is_described_as_active(model_cache: Path) -> None:
    states = {state.name: state for state in describe_models(settings(generation=SMALL))}
    for name in ("multilingual-e5-small", SMALL):
        assert states[name].active
        assert states[name].converted
        assert states[name].location == model_cache / name
