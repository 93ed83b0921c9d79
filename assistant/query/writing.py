"""Having the language model write, and keeping count of what that takes."""

from __future__ import annotations

import time
from collections.abc import Generator as Events
from dataclasses import dataclass, field, replace
from threading import Event
from typing import TypeAlias

from assistant.config import AnswerSettings
from assistant.display import plain
from assistant.models.thoughts import Thoughts
from assistant.protocols import Generator
from assistant.query.draft import before_loop, is_looping, tidy
from assistant.query.prompt import build_prompt
from assistant.types import (
    Answer,
    ContextUse,
    Finish,
    Language,
    Omitted,
    QuestionKind,
    Retrieval,
    Source,
    Thinking,
    Token,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that its prompt is made of."""

    question: str
    language: Language
    found: Retrieval
    confidence: float
    earlier: tuple[str, Answer] | None = None
    kind: QuestionKind = "plain"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote, tidied, and the sources it had before it."""

    text: str
    finish: Finish
    offered: tuple[Source, ...]
    omitted: tuple[Omitted, ...] = ()
    context: ContextUse = field(default_factory=ContextUse)


Writing: TypeAlias = Events[Token | Thinking, None, Draft]


class Clock:
    """Times one answer and counts its tokens."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._first_token: float | None = None
        self.prompt_tokens = 0
        self.answer_tokens = 0

    def token(self) -> None:
        """A piece of the answer has come."""
        if self._first_token is None:
            self._first_token = time.perf_counter() - self._started

    def stamp(self, answer: Answer) -> Answer:
        """``answer`` with the times and counts so far; that of retrieval stays."""
        timing = replace(
            answer.timing,
            first_token=self._first_token,
            total=time.perf_counter() - self._started,
            prompt_tokens=self.prompt_tokens,
            answer_tokens=self.answer_tokens,
        )
        return replace(answer, timing=timing)


def write(
    asked: Asked,
    generator: Generator,
    settings: AnswerSettings,
    stop: Event,
    clock: Clock,
    *,
    firmer: bool = False,
) -> Writing:
    """Yield a draft as it grows, and return it tidied.

    Raises:
        QuestionError: the question is too long.
        ModelError: the generator failed.
    """
    prompt = build_prompt(
        asked.question,
        asked.found.sources,
        language=asked.language,
        budget=min(settings.context_tokens, generator.context_window - settings.max_tokens),
        count=generator.count,
        earlier=asked.earlier,
        firmer=firmer,
        kind=asked.kind,
    )
    clock.prompt_tokens += prompt.tokens
    text, loops, thinks = "", False, False
    thoughts = Thoughts()
    for piece in generator.stream(prompt.messages, max_tokens=settings.max_tokens, stop=stop):
        said = thoughts.add(piece)
        if not said:
            if thoughts.any and not thinks:
                thinks = True
                yield Thinking()
            continue
        clock.token()
        text += said
        yield Token(plain(said))
        if loops := is_looping(text):
            text = before_loop(text)
            break
    text = without_thoughts(text + thoughts.end())
    clock.answer_tokens += generator.generated_tokens
    finish: Finish = "complete"
    if not generator.finished and not loops:
        finish = "stopped" if stop.is_set() else "length"
    context = replace(prompt.context, answer=settings.max_tokens)
    return Draft(tidy(text), finish, prompt.offered, prompt.omitted, context)


def without_thoughts(text: str) -> str:
    """What follows a reasoning model's thoughts where only their end is marked.

    Some templates open them in the prompt, so that their beginning is in no answer.
    """
    for mark in ("</think>", "</thinking>"):
        text = text.rpartition(mark)[2].lstrip() if mark in text else text
    return text


def outcome(writing: Writing) -> Draft:
    """The draft alone; its tokens are not shown."""
    while True:
        try:
            next(writing)
        except StopIteration as end:
            draft: Draft = end.value
            return draft
