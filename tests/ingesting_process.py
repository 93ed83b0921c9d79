"""Takes notes in, each time anew in a process that can be killed at any moment.

``python -m tests.ingesting_process`` reads pairs of lines. The first holds the options of
:func:`ingest` as JSON and begins a process; its id, and what it has done as soon as it is done,
come on standard output as JSON, a line each. The second, of any content, waits for its end and
tells its exit status. The processes are forked from this one, which has imported everything and
loaded Kiwi, so that a hundred of them take no longer than a few.

``python -m tests.ingesting_process cli …`` is the command line, with a model that needs no weights.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import psutil  # noqa: F401 - what an ingestion imports late is to be there already
from kiwipiepy import Kiwi

import assistant.ingestion.pipeline
import assistant.ingestion.watcher  # noqa: F401
from assistant import cli
from assistant.config import IngestionSettings, Settings
from assistant.desk import Desk
from assistant.errors import AssistantError
from assistant.library import faiss_build, lexical
from assistant.models import resolve
from assistant.protocols import Matrix
from assistant.types import (
    EmbeddingProgress,
    FileIndexed,
    FileMoved,
    FileRemoved,
    IngestEvent,
    IngestFinished,
)
from tests.fakes import BagOfWordsEncoder, WordTokenizer


class SlowEncoder(BagOfWordsEncoder):
    """Takes its time over each text, so that the second pass is no shorter than the first."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        time.sleep(self._seconds * len(texts))
        return super().encode_document(texts)


class ForkableKiwi:
    """Kiwi without the threads that a fork would leave behind; its results are the same."""

    def __init__(self) -> None:
        self._kiwi = Kiwi(num_workers=1, load_multi_dict=False)
        self._kiwi.tokenize("준비")

    def tokenize(self, texts: Sequence[str], **options: Any) -> list[Any]:
        return [self._kiwi.tokenize(text, **options) for text in texts]


def settings(library: Path) -> Settings:
    """With nodes so small that a short note has several."""
    return Settings(library=library, ingestion=IngestionSettings(node_tokens=64, overlap_tokens=8))


def ingest(library: str, notes: str, seconds: float = 0.001, largest: int = 0) -> None:
    """Tell of each thing as soon as it is done, and of the error that ends it.

    ``seconds`` are what a text takes to embed; no file may grow beyond ``largest`` bytes, if given.
    """
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    encoder = SlowEncoder(seconds)
    desk = Desk(settings(Path(library)), encoder=encoder, tokenizer=WordTokenizer())
    try:
        for event in desk.ingest([Path(notes)]):
            fact = _fact(event)
            if fact:
                _tell(**fact)
    except AssistantError as error:
        _tell(error=type(error).__name__, message=error.message, hint=error.hint)
    finally:
        desk.close()


def _fact(event: IngestEvent) -> dict[str, Any]:
    match event:
        case FileIndexed():
            return {"indexed": str(event.path), "nodes": event.nodes}
        case FileMoved():
            return {"moved": str(event.path), "before": str(event.before)}
        case FileRemoved():
            return {"removed": str(event.path)}
        case EmbeddingProgress():
            return {"embedded": event.done}
        case IngestFinished():
            return {"finished": True}
    return {}


def _tell(**fact: Any) -> None:
    os.write(1, json.dumps(fact).encode() + b"\n")  # whole or not at all, whoever is killed


def main() -> None:
    kiwi = ForkableKiwi()
    lexical._kiwi = lambda dictionary: kiwi  # type: ignore[assignment]
    faiss_build.faiss()
    _tell(ready=True)
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        # Not waited for before that is asked, so that nobody kills another by its id.
        sys.stdin.readline()
        _, status = os.waitpid(child, 0)
        _tell(ended=os.waitstatus_to_exitcode(status))


def _become(options: dict[str, Any]) -> NoReturn:
    _tell(began=os.getpid())
    try:
        ingest(**options)
    except BaseException:  # noqa: BLE001 - the fork must not go on as its parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def command_line() -> None:
    """The real one, in all but the model."""
    resolve.load_encoder = lambda *_: SlowEncoder(0.01)
    resolve.load_tokenizer = lambda *_: WordTokenizer()
    del sys.argv[1]
    cli.main()


if __name__ == "__main__":
    if sys.argv[1:2] == ["cli"]:
        command_line()
    else:
        main()
