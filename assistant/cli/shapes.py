"""The JSON that scripts may rely on. Keys are only ever added."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from assistant.types import (
    Answer,
    Check,
    Claim,
    FileStatus,
    IngestFinished,
    LibraryStatus,
    ModelState,
    Notebook,
    Retrieval,
    Root,
    Source,
    Support,
    WatchEvent,
)


def dump(value: Mapping[str, Any], *, indent: int | None = 2) -> str:
    """JSON with Korean left readable; file names that are not UTF-8 survive escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain_value)
    return text.encode("utf-8", "backslashreplace").decode()


def _plain_value(value: object) -> object:
    if isinstance(value, Path):
        return os.fspath(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def hit(source: Source) -> dict[str, Any]:
    """One hit of ``search --json``."""
    return {
        "rank": source.n,
        "score": round(source.score, 6),
        "path": source.path,
        "place": source.place.label,
        "title": source.title,
        "text": source.text,
        "legs": {leg.name: {"rank": leg.rank, "score": round(leg.score, 6)} for leg in source.legs},
    }


def search(retrieval: Retrieval) -> dict[str, Any]:
    """``search --json``."""
    return {
        "query": retrieval.query,
        "hits": [hit(source) for source in retrieval.sources],
        "evidence": dataclasses.asdict(retrieval.evidence),
        "seconds": round(retrieval.seconds, 4),
    }


def ask(answer: Answer) -> dict[str, Any]:
    """``ask --json``. Times in seconds; ``start`` and ``end`` count characters in the source."""
    timing = dataclasses.asdict(answer.timing)
    return {
        "question": answer.question,
        "answer": answer.text,
        "language": answer.language,
        "refused": answer.refused,
        "finish": answer.finish,
        "citations": [
            {
                "n": citation.n,
                "path": citation.path,
                "place": citation.place.label,
                "text": citation.text,
                "start": citation.start,
                "end": citation.end,
                "support": round(citation.support, 3),
            }
            for citation in answer.citations
        ],
        "claims": [_claim(claim, answer.text) for claim in answer.claims],
        "support": {level: answer.count(level) for level in get_args(Support)},
        "in_language": answer.in_language,
        "sources": [{"n": source.n, **_without_rank(hit(source))} for source in answer.sources],
        "left_out": answer.left_out,
        "omitted": [
            {"what": left.what, "path": left.path, "place": left.place.label}
            for left in answer.omitted
        ],
        "context": {**dataclasses.asdict(answer.context), "prompt": answer.context.prompt},
        "standalone": answer.standalone,
        "kind": answer.kind,
        "model": answer.model,
        "timing": {key: round(value, 4) if value else value for key, value in timing.items()},
    }


def _claim(claim: Claim, text: str) -> dict[str, Any]:
    where = {"n": claim.n, "start": claim.source_start, "end": claim.source_end}
    return {
        "text": text[claim.start : claim.end],
        "support": claim.support,
        "score": round(claim.score, 3),
        "source": where if claim.n else None,
        "faults": [dataclasses.asdict(fault) for fault in claim.faults],
    }


def _without_rank(shape: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shape.items() if key != "rank"}


def event(fact: WatchEvent) -> dict[str, Any]:
    """A line of ``ingest --json``, ``watch --json``: the event's name in snake case, its fields."""

    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(fact).__name__).lower()
    body = dataclasses.asdict(fact.report if isinstance(fact, IngestFinished) else fact)
    return {"event": name, **body}


def status(
    state: LibraryStatus,
    roots: Sequence[Root],
    notebooks: Sequence[Notebook],
    files: Sequence[FileStatus] | None,
    active: Sequence[ModelState],
) -> dict[str, Any]:
    """``status --json``; ``files`` only when they were asked for."""
    shape = dataclasses.asdict(state)
    shape["roots"] = [dataclasses.asdict(root) for root in roots]
    shape["notebooks"] = [dataclasses.asdict(notebook) for notebook in notebooks]
    shape["models"] = {model.task: model.name for model in active}
    shape["endpoint"] = next((model.endpoint for model in active if model.endpoint), "")
    shape["leaves_machine"] = any(model.leaves_machine for model in active)
    if files is not None:
        shape["files"] = [dataclasses.asdict(file) for file in files]
    return shape


def plain_fields(value: ModelState | Check | Notebook) -> dict[str, Any]:
    """A flat dataclass as it is."""
    return dataclasses.asdict(value)
