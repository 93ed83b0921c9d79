"""Stand-ins that behave like the real thing where a test can tell the difference."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from threading import Event

import numpy as np

from assistant.protocols import Matrix, Scores, Vector
from assistant.types import Message

_WORD = re.compile(r"[가-힣]|[a-z0-9]+")


class WordTokenizer:
    """One token per run of non-space characters."""

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(self.offsets(text)) for text in texts]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\S+", text)]


class BagOfWordsEncoder:
    """Hashes words (Hangul syllable by syllable) into a normalised count vector.

    Deterministic, and texts that share words are near each other, so a retrieval test can fail.
    """

    name = "bag-of-words"
    fingerprint = "bag-of-words/1/256"
    dimension = 256
    max_tokens = 512
    device = "cpu"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode_query(self, query: str) -> Vector:
        return self._vector(query)

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        self.encoded.extend(texts)
        rows = [self._vector(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def _vector(self, text: str) -> Vector:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in _WORD.findall(text.lower()):
            digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
            vector[int.from_bytes(digest, "little") % self.dimension] += 1.0
        norm = float(np.linalg.norm(vector))
        return vector / norm if norm else vector


class ScriptedReranker:
    """Gives a document the score of the first key that it holds, 0 where it holds none."""

    name = "scripted"
    device = "cpu"

    def __init__(self, scores: Mapping[str, float]) -> None:
        self._scores = dict(scores)
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def rank(self, query: str, documents: Sequence[str]) -> Scores:
        self.asked.append((query, tuple(documents)))
        found = [
            next((score for key, score in self._scores.items() if key in text), 0.0)
            for text in documents
        ]
        return np.asarray(found, dtype=np.float32)


class ScriptedGenerator:
    """Streams what it was told to, word by word, and remembers what it was asked.

    ``error`` is raised after the script, ``delay`` is the pause in seconds between pieces.
    """

    name = "scripted"
    device = "cpu"
    context_window = 4096

    def __init__(self, *answers: str, error: Exception | None = None, delay: float = 0.0) -> None:
        self._answers = list(answers)
        self._error = error
        self._delay = delay
        self.asked: list[tuple[Message, ...]] = []
        self.read_ahead: list[tuple[Message, ...]] = []
        self.generated_tokens = 0
        self.finished = False

    def prefill(self, messages: Sequence[Message], *, stop: Event) -> None:
        self.read_ahead.append(tuple(messages))

    def count(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) + 4 for message in messages)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Event) -> Iterator[str]:
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(tuple(messages))
        self.generated_tokens = 0
        self.finished = False
        for piece in re.findall(r"\s*\S+", answer):
            if stop.is_set():
                return
            if self.generated_tokens >= max_tokens:
                return
            if self._delay:
                time.sleep(self._delay)
            self.generated_tokens += 1
            yield piece
        if self._error is not None:
            raise self._error
        self.finished = True
