"""A library of made-up notes for the query tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.types import Document, Node, Place

LORA = "LoRA는 가중치 행렬을 그대로 두고 낮은 랭크의 행렬 두 개만 학습한다. 기본 랭크는 8이다."
QUANTIZATION = "Quantization stores weights in 4 bits. It saves 75 percent of the memory."
PADDING = "패딩은 길이가 다른 문장을 한 배치에 넣기 위해 짧은 문장 뒤를 채우는 일이다."
NOTES = {
    "lora.md": ("파인튜닝", ("LoRA",), LORA),
    "quantization.md": ("Quantization", ("Weights",), QUANTIZATION),
    "padding.md": ("토큰화", ("패딩",), PADDING),
}


def fill(
    library: Library,
    notes: dict[str, tuple[str, tuple[str, ...], str]],
    encoder: Encoder,
    *,
    embed: Iterable[str] | None = None,
) -> None:
    """Put ``notes`` in, embedding those named in ``embed`` (all unless given)."""
    embed = set(notes if embed is None else embed)
    for name, (title, headings, text) in notes.items():
        path = Path("/notes") / name
        node = Node(text, Place(line=1, headings=headings), 0, len(text), "ko", title)
        library.replace_document(
            Document(path, path.parent, title, "markdown", len(text), 1, "0" * 64), [node]
        )
        waiting = library.pending()
        if name in embed and waiting:
            library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
            texts = {
                key: text
                for key, text in library.texts_of(waiting).items()
                if text == node.indexed_text
            }
            library.store_embeddings(list(texts), encoder.encode_document(list(texts.values())))
