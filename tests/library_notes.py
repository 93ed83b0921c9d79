"""Made-up documents for the library's tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.library.library import Library
from assistant.types import Document, Node, Place
from tests.fakes import BagOfWordsEncoder

ROOT = Path("/notes")


def document(name: str, **changes: object) -> Document:
    values: dict[str, object] = {
        "path": ROOT / name,
        "root": ROOT,
        "title": name,
        "format": "markdown",
        "size": 10,
        "mtime_ns": 1_700_000_000_000_000_001,
        "sha256": "ab" * 32,
    }
    return Document(**{**values, **changes})  # type: ignore[arg-type]


def nodes(*texts: str, context: str = "") -> list[Node]:
    return [Node(text, Place(line=1), 0, len(text), "ko", context) for text in texts]


def put(library: Library, name: str, *texts: str) -> None:
    library.replace_document(document(name), nodes(*texts))


def embed(library: Library, encoder: BagOfWordsEncoder | None = None) -> BagOfWordsEncoder:
    """Embed all that waits."""
    encoder = encoder or BagOfWordsEncoder()
    texts = waiting(library)
    library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
    library.store_embeddings(list(texts), encoder.encode_document(list(texts.values())))
    return encoder


def waiting(library: Library) -> dict[bytes, str]:
    """What waits to be embedded, by its key, the longest first."""
    keys = library.pending()
    texts = library.texts_of(keys)
    return {key: texts[key] for key in keys}


def dense(library: Library, query: str, k: int = 10) -> list[str]:
    """Texts that dense search finds, best first."""
    return _texts(library, [id for id, _ in library.search_dense(_vector(query), k).hits])


def lexical(library: Library, query: str, k: int = 10) -> list[str]:
    """Texts that lexical search finds, best first."""
    return _texts(library, [id for id, _ in library.search_lexical(query, k).hits])


def _vector(query: str) -> np.ndarray:
    return BagOfWordsEncoder().encode_query(query)


def _texts(library: Library, ids: Sequence[int]) -> list[str]:
    return [stored.node.text for stored in library.nodes(ids).values()]
