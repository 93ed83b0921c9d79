"""multilingual-e5-small: from its 4-bit file to a standard sentence-transformers folder.

The file (little endian) holds a header, the Unigram vocabulary, a table of normalised
characters and a directory of tensors. A quantized row is a run of 18-byte blocks, each 32
weights: a float16 scale, then 16 bytes whose low nibbles are weights 0-15 and whose high
nibbles are weights 16-31; w = (nibble - 8) · scale.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, processors

from assistant.errors import ModelCorrupt
from assistant.models.catalog import ModelSpec
from assistant.models.unigram import unigram
from assistant.models.weights import Progress, join, silent
from assistant.types import ModelProgress

_MAGIC = b"E5S1"
_HEADER = struct.Struct("<4sI7ifi5iQ")
_ENTRY = struct.Struct("<BIQQ")
_BLOCK = 32
_BLOCK_BYTES = 18
_FLOAT32, _QUANTIZED = 0, 1

_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}


@dataclass(frozen=True, slots=True)
class _Header:
    epsilon: float
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    pieces: int
    bos: int
    eos: int
    pad: int
    unk: int
    blob: int


def convert(spec: ModelSpec, folder: Path, progress: Progress = silent) -> None:
    """Write the model to ``folder``: float16 safetensors, tokenizer, pooling, prompts.

    Takes about 10 s and 0.7 GB of memory; torch is not needed.

    Raises:
        ModelMissing, ModelCorrupt: see :func:`assistant.models.weights.join`.
    """
    file = folder / "weights.scratch"
    join(spec, file, progress)
    data = file.read_bytes()
    try:
        header, vocabulary, directory = _parse(data)
        tensors = {}
        entries = list(directory)
        for done, (name, kind, count, offset, length) in enumerate(entries):
            progress(ModelProgress(spec.name, "converting", done, len(entries)))
            tensors[_standard_name(name)] = _tensor(header, data, kind, count, offset, length, name)
    except (struct.error, ValueError, KeyError, IndexError) as error:
        raise ModelCorrupt(f"{spec.file} is not in the expected format: {error}") from error
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer(vocabulary, header.unk).save(str(folder / "tokenizer.json"))
    for name, content in _configuration(spec, header).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), "utf-8")
    (folder / "2_Normalize").mkdir()
    progress(ModelProgress(spec.name, "converting", len(entries), len(entries)))


def dequantize(blocks: bytes) -> NDArray[np.float16]:
    """The weights of whole 18-byte blocks, in order: shape (32 · blocks,), float16."""
    raw = np.frombuffer(blocks, dtype=np.uint8).reshape(-1, _BLOCK_BYTES)
    scale = raw[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = raw[:, 2:]
    quants = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (quants * scale).astype(np.float16).reshape(-1)


def tokenizer(vocabulary: list[tuple[str, float]], unk: int) -> Tokenizer:
    """The model's tokenizer: Unigram over words, as XLM-RoBERTa has it."""
    result = unigram(vocabulary, unk)
    result.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in _SPECIAL_TOKENS.values()]
    )
    bos, eos = _SPECIAL_TOKENS["bos_token"], _SPECIAL_TOKENS["eos_token"]
    result.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(token, result.token_to_id(token)) for token in (bos, eos)],
    )
    return result


_SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "pad_token": "<pad>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}


def _parse(
    data: bytes,
) -> tuple[_Header, list[tuple[str, float]], Iterator[tuple[str, int, int, int, int]]]:
    magic, _, *numbers = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise ValueError("wrong magic")
    epsilon, block = numbers.pop(7), numbers.pop(7)
    if block != _BLOCK:
        raise ValueError(f"blocks of {block}")
    header = _Header(epsilon, *numbers)
    at = _HEADER.size
    ends = np.frombuffer(data, "<u4", header.pieces + 1, at)
    at += ends.nbytes
    scores = np.frombuffer(data, "<f4", header.pieces, at)
    at += scores.nbytes
    blob = data[at : at + header.blob]
    at += header.blob
    vocabulary = [
        (blob[start:end].decode("utf-8"), float(score))
        for start, end, score in zip(ends[:-1], ends[1:], scores, strict=True)
    ]
    _, table = struct.unpack_from("<iI", data, at)
    return header, vocabulary, _directory(data, at + 8 + table)


def _directory(data: bytes, at: int) -> Iterator[tuple[str, int, int, int, int]]:
    """Yields name, kind, count of weights, offset and length in bytes."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        at += 2
        name = data[at : at + length].decode("ascii")
        at += length
        kind, weights, offset, size = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size
        yield name, kind, weights, offset, size


def _standard_name(name: str) -> str:
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, module, kind = name.split(".")
    return f"encoder.layer.{int(layer[1:])}.{_LAYER_NAMES[module]}.{_KINDS[kind]}"


def _tensor(
    header: _Header, data: bytes, kind: int, count: int, offset: int, length: int, name: str
) -> NDArray[np.float16]:
    if kind == _QUANTIZED:
        flat = dequantize(data[offset : offset + length])
    elif kind == _FLOAT32:
        flat = np.frombuffer(data, "<f4", count, offset).astype(np.float16)
    else:
        raise ValueError(f"tensor {name} of kind {kind}")
    if flat.size != count:
        raise ValueError(f"tensor {name} holds {flat.size} weights, not {count}")
    if name.endswith(".b") or "ln." in name:
        return flat
    columns = header.feed_forward if ".fo." in name else header.hidden
    return flat.reshape(-1, columns)


def _configuration(spec: ModelSpec, header: _Header) -> dict[str, object]:
    module = "sentence_transformers.models."
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": header.hidden,
            "num_hidden_layers": header.layers,
            "num_attention_heads": header.heads,
            "intermediate_size": header.feed_forward,
            "vocab_size": header.vocabulary,
            "max_position_embeddings": header.positions,
            "type_vocab_size": header.token_types,
            "layer_norm_eps": round(header.epsilon, 15),
            "hidden_act": "gelu",
            "bos_token_id": header.bos,
            "eos_token_id": header.eos,
            "pad_token_id": header.pad,
            "dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": header.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            "clean_up_tokenization_spaces": False,
            **_SPECIAL_TOKENS,
        },
        "special_tokens_map.json": _SPECIAL_TOKENS,
        # The pooler is not in the file and mean pooling does not use it.
        "sentence_bert_config.json": {
            "max_seq_length": header.positions,
            "do_lower_case": False,
            "model_args": {"add_pooling_layer": False},
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": spec.query_prompt, "document": spec.document_prompt},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{module}Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{module}Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{module}Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": header.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    }
