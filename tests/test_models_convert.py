from __future__ import annotations

import struct

import numpy as np
import pytest

from assistant.models.convert_e5 import dequantize, tokenizer


def test_a_block_is_dequantized_as_by_hand() -> None:
    nibbles = bytes((15 - n) << 4 | n for n in range(16))  # low: 0…15, high: 15…0
    block = struct.pack("<e", 0.5) + nibbles
    other = struct.pack("<e", -2.0) + bytes([0x98] * 16)  # low 8, high 9
    weights = dequantize(block + other)
    assert weights.dtype == np.float16
    assert weights[:16].tolist() == [(n - 8) * 0.5 for n in range(16)]
    assert weights[16:32].tolist() == [(7 - n) * 0.5 for n in range(16)]
    assert weights[32:48].tolist() == [0.0] * 16
    assert weights[48:].tolist() == [-2.0] * 16


PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁안녕", "하", "▁", "ABC", "～", "5", "👋"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("안녕하", ["▁안녕", "하"]),
        ("  안녕 \n\t 안녕 ", ["▁안녕", "▁안녕"]),
        ("ＡＢＣ", ["▁", "ABC"]),  # full-width letters are folded
        ("5～5", ["▁", "5", "～", "5"]),  # the wave dash is not
        ("안녕\u200b안녕", ["▁안녕", "▁안녕"]),
        ("👋", ["▁", "👋"]),
        ("안녕", ["▁안녕"]),  # decomposed, as macOS writes names
    ],
)
def test_text_is_normalised_as_sentencepiece_does(text: str, pieces: list[str]) -> None:
    made = tokenizer([(piece, -float(n)) for n, piece in enumerate(PIECES)], unk=3)
    assert made.encode(text, add_special_tokens=False).tokens == pieces
    assert made.encode(text).tokens == ["<s>", *pieces, "</s>"]
