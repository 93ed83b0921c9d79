"""What was evaluated and on what, as a saved result has to say to be compared with another."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeAlias

import assistant
from assistant.config import RetrievalSettings, as_json
from assistant.library.lexical import ANALYSER_VERSION
from assistant.protocols import Encoder

Stamp: TypeAlias = tuple[int, int, str, str]
"""Size (bytes), modification time (ns), splitter and SHA-256 of a document."""

# What a score may change with.
_LIBRARIES = (
    "faiss-cpu",
    "faiss-gpu",
    "kiwipiepy",
    "llama-index-core",
    "numpy",
    "pytrec-eval-terrier",
    "sentence-transformers",
    "snowballstemmer",
    "torch",
    "transformers",
)


def describe(encoder: Encoder, retrieval: RetrievalSettings) -> dict[str, str]:
    """Models, analyser, retrieval settings and versions, by name."""
    return {
        "embedding": encoder.name,
        "embedding fingerprint": encoder.fingerprint,
        "embedding device": encoder.device,
        "analyser": ANALYSER_VERSION,
        **flat({"retrieval": as_json(retrieval)}),
        "assistant": assistant.__version__,
        **_versions(),
    }


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested settings as one mapping: ``retrieval.fusion`` to ``score``."""
    result: dict[str, str] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            result |= flat(value, f"{prefix}{key}.")
        else:
            told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            result[f"{prefix}{key}"] = told
    return result


def digest(rows: Iterable[Any]) -> str:
    """A hash of JSON values whatever their order: the same set has the same, wherever it lies."""
    hashes = sorted(
        hashlib.sha256(json.dumps(row, ensure_ascii=True, sort_keys=True).encode()).digest()
        for row in rows
    )
    return hashlib.sha256(b"".join(hashes)).hexdigest()


def of_notes(folder: Path, stamps: Mapping[str, Stamp], questions: Path) -> str:
    """A hash of notes and what is asked of them; ``stamps`` are of the documents by path.

    Names count relative to ``folder``.
    """
    files = (
        [unicodedata.normalize("NFC", os.path.relpath(path, folder)), stamp[3]]
        for path, stamp in stamps.items()
    )
    return digest([*files, hashlib.sha256(questions.read_bytes()).hexdigest()])


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
