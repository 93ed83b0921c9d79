"""Answers kept as they are made, so that an evaluation cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import assistant
from assistant import paths
from assistant.errors import ReadError
from assistant.library import codec
from assistant.types import Answer

# Rooms whose code decides what an answer says; the others only ask for it or show it.
_DECIDING = ("ingestion", "library", "models", "query", "types", "sentences.py")


class Journal:
    """The answers to one set of questions by one set-up, a line of JSON each, in one file.

    ``identity`` is all that an answer depends on besides its question: another identity is another
    file. A line is on the disk before :meth:`add` returns; one that a crash left torn is cut off.
    """

    def __init__(
        self, identity: Mapping[str, str], *, cache: Path | None = None, fresh: bool = False
    ) -> None:
        """Open the journal of ``identity`` in ``cache``, or begin it; ``fresh`` begins it anew.

        Raises:
            ReadError: the file cannot be read or written.
        """
        told = json.dumps(dict(identity), ensure_ascii=True, sort_keys=True)
        name = hashlib.sha256(told.encode()).hexdigest()[:16]
        self.file = (cache or paths.evaluation_cache()) / f"answers-{name}.jsonl"
        self._kept: dict[str, Answer] = {}
        self._replies: dict[tuple[str, str], str] = {}
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if fresh or not self.file.exists():
                self.file.write_text(told + "\n", encoding="ascii")
            else:
                self._read()
        except OSError as error:
            raise self._unusable(error) from error

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, question: str) -> bool:
        return question in self._kept

    def get(self, question: str) -> Answer | None:
        """The answer to a question by its id, if it was made before."""
        return self._kept.get(question)

    def add(self, question: str, answer: Answer) -> None:
        """Keep an answer for good.

        Raises:
            ReadError: the file cannot be written.
        """
        self._write({"id": question, "answer": codec.dump(answer)})
        self._kept[question] = answer

    def reply(self, question: str, prompt: str) -> str | None:
        """What the model wrote when shown the prompt of a hash about a question, if it was."""
        return self._replies.get((question, prompt))

    def add_reply(self, question: str, prompt: str, reply: str) -> None:
        """Keep for good what the model wrote to a prompt, told by its hash.

        Raises:
            ReadError: the file cannot be written.
        """
        self._write({"id": question, "prompt": prompt, "reply": reply})
        self._replies[question, prompt] = reply

    def _write(self, value: Mapping[str, str]) -> None:
        line = json.dumps(dict(value)) + "\n"
        try:
            with self.file.open("ab") as opened:
                opened.write(line.encode("ascii"))
                opened.flush()
                os.fsync(opened.fileno())
        except OSError as error:
            raise self._unusable(error) from error

    def _read(self) -> None:
        data = self.file.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(self.file, whole)
        for line in data[:whole].splitlines()[1:]:
            try:
                value: dict[str, Any] = json.loads(line)
                if "reply" in value:
                    self._replies[str(value["id"]), str(value["prompt"])] = str(value["reply"])
                else:
                    self._kept[str(value["id"])] = codec.load(value["answer"])
            except (ValueError, KeyError, TypeError, AttributeError):
                # Bytes a crash of the machine left: that question is asked again.
                continue

    def _unusable(self, error: OSError) -> ReadError:
        why = (error.strerror or type(error).__name__).lower()
        return ReadError(f"cannot keep answers in {self.file}: {why}", "check the disk")


def code_digest() -> str:
    """A hash of the code that decides what an answer says: answers of other code are not reused."""
    root = Path(assistant.__file__).parent
    found = hashlib.sha256()
    for name in _DECIDING:
        place = root / name
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found.update(file.relative_to(root).as_posix().encode())
            found.update(file.read_bytes())
    return found.hexdigest()[:12]
