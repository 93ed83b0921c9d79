"""The short form of an answer as the language model takes it out of its own answer.

Rules by words (:mod:`assistant.evaluation.shortening`) take the longest piece that is news; which
piece was asked for is a matter of sense. So the model that wrote the answer is shown its question
and its answer, nothing else, and is to copy the words that reply. What it writes counts only where
it stands in the answer, so that neither passage nor gold answer nor anything new comes in.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable
from threading import Event

from assistant.errors import GenerationError, ModelMissing
from assistant.evaluation.journal import Journal
from assistant.evaluation.questions import Question
from assistant.evaluation.shortening import EDGES, short_form, without_marks
from assistant.protocols import Generator
from assistant.types import Answer, Language, Message

_log = logging.getLogger(__name__)

_MOST_TOKENS = 24
_MOST_CHARACTERS = 600  # of the answer: what replies stands at its beginning
_HANGUL = re.compile(r"[가-힣]")

_SYSTEM = {
    "ko": "답에서 질문이 묻는 말만 가장 짧게 그대로 옮겨 씁니다.",
    "en": "Copy the shortest phrase of the answer that replies to the question, word for word.",
}
_LABELS = {"ko": ("질문", "답"), "en": ("Question", "Answer")}
# Of no set that is measured on: they show what is left out.
_EXAMPLES = {
    "ko": (
        (
            "서울에서 부산까지 가는 데 얼마나 걸리나?",
            "서울에서 부산까지 KTX로 가는 데에는 약 2시간 30분이 걸립니다.",
            "약 2시간 30분",
        ),
        (
            "나침반을 처음 만든 나라는?",
            "나침반을 처음 만든 나라는 중국으로 알려져 있습니다.",
            "중국",
        ),
        (
            "벌이 꽃을 찾아가는 까닭은?",
            "벌은 꿀과 꽃가루를 모으기 위해 꽃을 찾아갑니다.",
            "꿀과 꽃가루를 모으기 위해",
        ),
    ),
    "en": (
        (
            "How long does the ferry to the island take?",
            "The ferry to the island takes about two hours in good weather.",
            "about two hours",
        ),
        (
            "Who painted the ceiling of the hall?",
            "Anna Lind, a student of the school, painted the ceiling of the hall in 1912.",
            "Anna Lind",
        ),
        (
            "Why do bees visit flowers?",
            "Bees visit flowers to collect nectar and pollen, not to spread seeds.",
            "to collect nectar and pollen",
        ),
    ),
}


class Shortener:
    """Short forms by a language model, kept in a journal; by rule where it gives none.

    ``load`` gives the model when the first short form is to be made that is not kept; without it
    all are made by rule.
    """

    def __init__(self, load: Callable[[], Generator] | None, journal: Journal) -> None:
        self._load = load
        self._journal = journal

    def shorten(self, question: Question, answer: Answer) -> tuple[str, bool]:
        """The short form of an answer, and whether the model's choice is in it; "" of a refusal.

        Raises:
            ModelError: the model is there and cannot be loaded.
            ReadError: the journal cannot be written.
        """
        if answer.refused:
            return "", False
        rules = short_form(answer.text, question.text, question.language)
        if not question.answers:
            return rules, False
        chosen = nested(self._copied(question, answer), rules)
        return (chosen, True) if chosen else (rules, False)

    def _copied(self, question: Question, answer: Answer) -> str:
        text = without_marks(answer.text)[:_MOST_CHARACTERS]
        if not text or answer.finish == "quoted":
            return ""
        messages = asked(question.text, text, question.language)
        told = json.dumps([(each.role, each.content) for each in messages])
        key = hashlib.sha256(told.encode()).hexdigest()[:16]
        reply = self._journal.reply(question.id, key)
        if reply is None:
            if self._load is None:
                return ""
            try:
                reply = _write(self._load(), messages)
            except (GenerationError, ModelMissing) as error:
                _log.info("short form by rule: %s", error.message)
                return ""
            self._journal.add_reply(question.id, key, reply)
        return span(reply, text)


def _write(generator: Generator, messages: tuple[Message, ...]) -> str:
    """What the model copied; nothing where it did not come to an end."""
    reply = "".join(generator.stream(messages, max_tokens=_MOST_TOKENS, stop=Event()))
    return reply if generator.finished else ""


def asked(question: str, text: str, language: Language) -> tuple[Message, ...]:
    """The prompt: it begins alike for all questions of a language, so that it is read once."""
    spoken = language if language in _SYSTEM else "ko" if _HANGUL.search(question) else "en"
    of_question, of_answer = _LABELS[spoken]
    said = [Message("system", _SYSTEM[spoken])]
    for one, other, short in _EXAMPLES[spoken]:
        said.append(Message("user", f"{of_question}: {one}\n{of_answer}: {other}"))
        said.append(Message("assistant", short))
    said.append(Message("user", f"{of_question}: {question}\n{of_answer}: {text}"))
    return tuple(said)


def span(reply: str, text: str) -> str:
    """The place of ``text`` that ``reply`` repeats, case and white space apart; else nothing."""
    words = reply.strip().partition("\n")[0].strip(EDGES).split()
    if not words:
        return ""
    found = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
    return found.group() if found else ""


def nested(copied: str, rules: str) -> str:
    """What the model copied, or the form by rule where that lies within it: it is shorter."""
    return rules if rules and rules in copied else copied
