"""The generator as LlamaIndex sees it, with components of LlamaIndex running on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event

import pytest
from llama_index.core import Settings as Global
from llama_index.core.evaluation import FaithfulnessEvaluator
from llama_index.core.llms import ChatMessage, MessageRole
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.schema import NodeWithScore, TextNode

from assistant.errors import GenerationError
from assistant.query.llama_llm import GeneratorLLM
from assistant.types import Message
from tests.fakes import ScriptedGenerator


@pytest.fixture(autouse=True)
def no_global_llm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks LlamaIndex's global settings for a model fails."""

    def refuse(self: object) -> object:
        raise AssertionError("the global settings were asked")

    for name in ("llm", "embed_model"):
        monkeypatch.setattr(type(Global), name, property(refuse))


def test_a_completion_is_one_message_of_the_user() -> None:
    generator = ScriptedGenerator("서울 입니다.")
    llm = GeneratorLLM(generator)
    assert llm.complete("수도는?").text == "서울 입니다."
    assert generator.asked == [(Message("user", "수도는?"),)]


def test_roles_are_kept() -> None:
    generator = ScriptedGenerator("네.")
    said = [
        ChatMessage(role=MessageRole.SYSTEM, content="짧게"),
        ChatMessage(role=MessageRole.USER, content="안녕"),
        ChatMessage(role=MessageRole.ASSISTANT, content="안녕하세요"),
        ChatMessage(role=MessageRole.TOOL, content="결과"),
        ChatMessage(role=MessageRole.USER, content=None),
    ]
    answer = GeneratorLLM(generator).chat(said).message
    assert (answer.role, answer.content) == (MessageRole.ASSISTANT, "네.")
    assert [message.role for message in generator.asked[0]] == [
        "system",
        "user",
        "assistant",
        "user",
        "user",
    ]
    assert generator.asked[0][-1].content == ""


def test_streams_grow_by_their_deltas() -> None:
    llm = GeneratorLLM(ScriptedGenerator("하나 둘 셋"))
    grown = list(llm.stream_complete("세어"))
    assert [each.delta for each in grown] == ["하나", " 둘", " 셋"]
    assert [each.text for each in grown] == ["하나", "하나 둘", "하나 둘 셋"]
    chat = list(llm.stream_chat([ChatMessage(content="세어")]))
    assert chat[-1].message.content == "하나 둘 셋"
    assert "".join(each.delta or "" for each in chat) == "하나 둘 셋"


def test_the_length_of_an_answer_is_kept_to() -> None:
    llm = GeneratorLLM(ScriptedGenerator("a b c d e f"), num_output=4)
    assert llm.metadata.num_output == 4
    assert llm.complete("?").text == "a b c d"
    assert llm.complete("?", max_tokens=2, temperature=0.7).text == "a b"


def test_what_it_can_take_is_told() -> None:
    told = GeneratorLLM(ScriptedGenerator("a")).metadata
    assert (told.context_window, told.model_name, told.is_chat_model) == (4096, "scripted", True)


def test_a_closed_stream_ends_the_work() -> None:
    ended = []

    class Endless(ScriptedGenerator):
        def stream(
            self, messages: Sequence[Message], *, max_tokens: int, stop: Event
        ) -> Iterator[str]:
            try:
                while not stop.is_set():
                    yield "x"
            finally:
                ended.append(True)

    stream = GeneratorLLM(Endless("x")).stream_complete("?")
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert ended == [True]


def test_a_failure_is_ours() -> None:
    llm = GeneratorLLM(ScriptedGenerator("a", error=GenerationError("broken", "mend it")))
    with pytest.raises(GenerationError, match="broken"):
        llm.complete("?")


async def test_it_may_be_awaited() -> None:
    llm = GeneratorLLM(ScriptedGenerator("하나 둘"))
    assert (await llm.acomplete("?")).text == "하나 둘"
    stream = await llm.astream_chat([ChatMessage(content="?")])
    assert [each.delta async for each in stream] == ["하나", " 둘"]


def test_a_synthesizer_writes_with_it() -> None:
    generator = ScriptedGenerator("서울이다.")
    synthesizer = get_response_synthesizer(llm=GeneratorLLM(generator), response_mode="compact")
    nodes = [NodeWithScore(node=TextNode(text="대한민국의 수도는 서울이다."), score=1.0)]
    assert str(synthesizer.synthesize("수도는 어디인가?", nodes)) == "서울이다."
    asked = generator.asked[0][-1].content
    assert "대한민국의 수도는 서울이다." in asked
    assert "수도는 어디인가?" in asked


@pytest.mark.parametrize(("said", "passing"), [("YES", True), ("NO", False)])
def test_an_evaluator_judges_with_it(said: str, passing: bool) -> None:
    generator = ScriptedGenerator(said)
    evaluator = FaithfulnessEvaluator(llm=GeneratorLLM(generator))
    judged = evaluator.evaluate(
        response="수도는 서울이다.", contexts=["대한민국의 수도는 서울이다."]
    )
    assert judged.passing is passing
    assert any("대한민국의 수도는 서울이다." in each[-1].content for each in generator.asked)
