"""Any :class:`~assistant.protocols.Generator` as a LlamaIndex ``LLM``.

So LlamaIndex's synthesizers, evaluators and the like run on the model that writes the answers,
in this process or at an endpoint::

    llm = GeneratorLLM(generator=desk.load_generator(), num_output=200)
    FaithfulnessEvaluator(llm=llm).evaluate(response=answer, contexts=passages)

LlamaIndex's global ``Settings`` are neither read nor set: hand the ``LLM`` to what is to use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event
from typing import Any

from llama_index.core.llms import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    CustomLLM,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from pydantic import Field, SkipValidation

from assistant.protocols import Generator
from assistant.types import Message

_ROLES = {
    MessageRole.SYSTEM: "system",
    MessageRole.DEVELOPER: "system",
    MessageRole.ASSISTANT: "assistant",
    MessageRole.CHATBOT: "assistant",
    MessageRole.MODEL: "assistant",
}
"""What is none of these (a tool's result, too) is said by the user."""


class GeneratorLLM(CustomLLM):
    """Greedy, so parameters of sampling are passed over; ``max_tokens`` of a call is kept to.

    Prompts go through the model's own chat template, :meth:`complete` as one message of the user.
    A stream that is closed early ends the model's work.

    Raises in every method, while reading:
        GenerationError: the model failed.
    """

    generator: SkipValidation[Any] = Field(exclude=True)
    """A :class:`~assistant.protocols.Generator`."""

    num_output: int = 320
    """Longest answer, in tokens, where a call says nothing."""

    def __init__(self, generator: Generator, *, num_output: int = 320, **kwargs: Any) -> None:
        super().__init__(generator=generator, num_output=num_output, **kwargs)

    @classmethod
    def class_name(cls) -> str:
        return "GeneratorLLM"

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(
            context_window=self.generator.context_window,
            num_output=self.num_output,
            is_chat_model=True,
            model_name=self.generator.name,
        )

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text="".join(self._pieces([Message("user", prompt)], kwargs)))

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        def grow() -> CompletionResponseGen:
            text = ""
            for piece in self._pieces([Message("user", prompt)], kwargs):
                text += piece
                yield CompletionResponse(text=text, delta=piece)

        return grow()

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        text = "".join(self._pieces(_plain(messages), kwargs))
        return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text))

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        def grow() -> ChatResponseGen:
            text = ""
            for piece in self._pieces(_plain(messages), kwargs):
                text += piece
                said = ChatMessage(role=MessageRole.ASSISTANT, content=text)
                yield ChatResponse(message=said, delta=piece)

        return grow()

    def _pieces(self, messages: Sequence[Message], asked: dict[str, Any]) -> Iterator[str]:
        most = asked.get("max_tokens") or self.num_output
        stop = Event()
        try:
            yield from self.generator.stream(messages, max_tokens=most, stop=stop)
        finally:
            stop.set()


def _plain(messages: Sequence[ChatMessage]) -> list[Message]:
    plain = []
    for message in messages:
        role: Any = _ROLES.get(message.role, "user")
        plain.append(Message(role, message.content or ""))
    return plain
