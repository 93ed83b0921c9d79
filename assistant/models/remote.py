"""A chat language model served by an OpenAI-compatible endpoint, on this machine or elsewhere.

Ollama, LM Studio, llama.cpp's server, vLLM and most services speak it. Nothing is sent before
somebody configured it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from threading import Event

from assistant.display import plain
from assistant.errors import EndpointError
from assistant.models.endpoint import Endpoint, Json
from assistant.models.thoughts import Thoughts
from assistant.models.wording import a_few, one_line
from assistant.types import Message

UNTOLD_WINDOW = 4096
"""Tokens that a model is taken to have where nobody says; Ollama's own default."""

_PER_MESSAGE = 8  # tokens of the chat template around a message, and once at the end
_LONGEST_FRAME = 64  # tokens; some templates bring a system message of their own
_PIECE = re.compile(r"[A-Za-z]+|[0-9]|[^\S\n]+|\n+|[^\x00-\x7f]|.", re.DOTALL)
_LETTERS_A_TOKEN = 4
_OPTIONAL = ("stream_options", "chat_template_kwargs", "reasoning_effort", "temperature")
"""Parameters that some servers refuse; they are left out for those that name them."""


class RemoteGenerator:
    """A :class:`~assistant.protocols.Generator` over an endpoint, greedy (temperature 0).

    A remote model's tokenizer is not at hand, so :meth:`count` estimates, on the long side:
    see :func:`estimate_tokens`. Where the server tells that a prompt came to more tokens, later
    estimates grow by as much.

    Thoughts of reasoning models are no part of the answer. They are switched off where the
    server can; with ``thinking_tokens`` they are let be, and have that many tokens besides the
    answer's.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        context_window: int = UNTOLD_WINDOW,
        thinking_tokens: int = 0,
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._thinking_tokens = thinking_tokens
        # What a server counts beyond the estimate: of its template, and of the text.
        self._frame = 0
        self._scale = 1.0
        self._refused: set[str] = set()
        # Some servers name a model by the path of its file.
        self.name = one_line(model.rpartition("/")[2] if model.startswith("/") else model)
        self.device = endpoint.address.label
        self.context_window = max(1, context_window - thinking_tokens)
        self.generated_tokens = 0
        self.finished = False

    def count(self, messages: Sequence[Message]) -> int:
        return self._frame + math.ceil(self._scale * self._estimate(messages))

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Event) -> Iterator[str]:
        self.generated_tokens = 0
        self.finished = False
        thoughts = Thoughts(expected=self._thinking_tokens > 0)
        said = False
        with closing(self._completion(messages, max_tokens, stop)) as completion:
            for made in completion:
                self._take_usage(made, messages)
                for piece in self._pieces(made, thoughts):
                    said = said or bool(piece.strip())
                    yield piece
                # A server that passes the limit by would go on for ever.
                if self.generated_tokens > 4 * (max_tokens + self._thinking_tokens):
                    return
        if stop.is_set():
            return
        if rest := plain(thoughts.end()):
            yield rest
        elif thoughts.any and not said:
            raise EndpointError(
                f"{self.name} spent all its tokens on thinking",
                "give it room by models.thinking_tokens = 2048, or choose an instruct model",
            )

    def prefill(self, messages: Sequence[Message], *, stop: Event) -> None:
        """Nothing: a server keeps its own cache, and nothing is sent before somebody asks."""

    # ------------------------------------------------------------------ asking

    def _completion(
        self, messages: Sequence[Message], max_tokens: int, stop: Event
    ) -> Generator[Json, None, None]:
        """What the endpoint streams, asked again without what it says it does not know."""
        while True:
            begun = False
            try:
                for made in self._endpoint.chat(self._body(messages, max_tokens), stop):
                    begun = True
                    yield made
                return
            except EndpointError as error:
                if begun or not self._give_way(error):
                    raise self._explained(error) from error

    def _body(self, messages: Sequence[Message], max_tokens: int) -> dict[str, object]:
        body: dict[str, object] = {
            "model": self._model,
            "messages": [
                {"role": message.role, "content": message.content} for message in messages
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0,
        }
        limit = "max_completion_tokens" if "max_tokens" in self._refused else "max_tokens"
        body[limit] = max_tokens + self._thinking_tokens
        if not self._thinking_tokens:
            # Of the servers that can leave thinking out, some heed the one, some the other.
            body["chat_template_kwargs"] = {"enable_thinking": False}
            body["reasoning_effort"] = "none"
        return {key: value for key, value in body.items() if key not in self._refused}

    def _give_way(self, error: EndpointError) -> bool:
        """Whether the request may be tried again, less what ``error`` names."""
        if error.kind != "request":
            return False
        named = {name for name in _OPTIONAL if name in error.message}
        if "max_completion_tokens" in error.message:
            named.add("max_tokens")
        new = named - self._refused
        self._refused |= new
        return bool(new)

    def _explained(self, error: EndpointError) -> EndpointError:
        """``error``, with what the endpoint does offer where the model is not there."""
        if error.kind != "missing":
            return error
        offered = [model.name for model in self._endpoint.models()]
        if not offered or self._model in offered:
            return error
        address = self._endpoint.address
        return EndpointError(
            f"{address.label} has no model {self.name}",
            f"it offers {a_few(offered, self._model)}; "
            f"choose by: assistant models use '{address.url}#MODEL'",
            kind="missing",
        )

    # ------------------------------------------------------------------ reading

    def _pieces(self, made: Json, thoughts: Thoughts) -> Iterator[str]:
        choices = made.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict):
                continue
            delta = choice.get("delta") or choice.get("message") or {}
            if isinstance(delta, dict):
                thought, text = _thought(delta), _text(delta.get("content"))
                if not made.get("usage"):
                    self.generated_tokens += bool(thought) + bool(text)
                thoughts.thought(thought)
                if piece := plain(thoughts.add(text)):
                    yield piece
            match choice.get("finish_reason"):
                case None | "length":
                    pass
                case "content_filter":
                    raise EndpointError(
                        f"a filter at {self.device} cut the answer off",
                        "ask in other words, or choose another model",
                    )
                case _:
                    self.finished = True

    def _take_usage(self, made: Json, messages: Sequence[Message]) -> None:
        usage = made.get("usage")
        if not isinstance(usage, dict):
            return
        answer, prompt = usage.get("completion_tokens"), usage.get("prompt_tokens")
        if isinstance(answer, int) and answer > 0:
            self.generated_tokens = answer
        if isinstance(prompt, int) and (more := prompt - self.count(messages)) > 0:
            if more <= _LONGEST_FRAME:
                self._frame += more
            else:
                # Four times what the text could be is a server's mistake.
                self._scale = min(4.0, prompt / self._estimate(messages))

    def _estimate(self, messages: Sequence[Message]) -> int:
        return _PER_MESSAGE + sum(
            _PER_MESSAGE + estimate_tokens(message.content) for message in messages
        )


def estimate_tokens(text: str) -> int:
    """Tokens that ``text`` comes to at most, or nearly so, in the tokenizers of current models.

    A Hangul syllable, a digit, a sign and every further character beyond ASCII is a token, four
    letters are one, blank space before a word none. Of 1,106 stretches of 1,200 characters (notes
    in Korean and English, and code) all but one have no more by Qwen2.5's tokenizer, and that one
    3% more; the median has two thirds. English-only models may need more for Korean.
    """
    tokens = 0
    for piece in _PIECE.findall(text):
        if piece[0].isalpha() and piece.isascii():
            tokens += -(-len(piece) // _LETTERS_A_TOKEN)
        elif piece.isspace():
            tokens += piece != " "
        else:
            tokens += 1
    return tokens


def _thought(delta: Json) -> str:
    return _text(delta.get("reasoning_content")) or _text(delta.get("reasoning"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
