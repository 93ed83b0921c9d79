"""USE from its package's bytes to vectors, on a small model of the same make."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file

from assistant.errors import ModelLoadError
from assistant.models.convert_use import BLOCKS, arrays, tokenizer
from assistant.models.device import Device
from assistant.models.universal import UniversalEncoder

PIECES = ["<unk>", "<s>", "</s>", "▁서울", "의", "▁", "sea", "▁sea", "t", "▁the", "수도"]
WIDTH, NARROW, OUT = 12, 6, 5
FULL = WIDTH + 3 * NARROW


def sentencepiece(pieces: list[str]) -> bytes:
    """A model as sentencepiece writes it, with a field of each wire type to be passed over."""
    message = b""
    for number, piece in enumerate(pieces):
        text = piece.encode()
        kind = b"\x18\x02" if number == 0 else b""
        inner = b"\x0a" + bytes([len(text)]) + text + b"\x15" + struct.pack("<f", -number) + kind
        message += b"\x0a" + bytes([len(inner)]) + inner
    other = b"x" * 200
    return message + b"\x12\xc8\x01" + other + b"\x20\x96\x01" + b"\x29" + bytes(8)


def test_the_tokenizer_is_read_from_the_protocol_buffer() -> None:
    made = tokenizer(sentencepiece(PIECES))
    tokens = ["<s>", "▁서울", "의", "▁sea", "t", "</s>"]
    assert made.encode("  서울의 \n ｓｅａｔ ").tokens == tokens
    assert made.encode("").tokens == ["<s>", "</s>"]
    assert made.encode("the ☃☃").ids == [1, 9, 5, 0, 2]  # as sentencepiece: a run is one unknown


@pytest.mark.parametrize("broken", [b"\x0b", b"\x0a\x02\x0a", b"\x0a\xff"])
def test_what_is_no_protocol_buffer_is_told(broken: bytes) -> None:
    with pytest.raises((ValueError, KeyError, IndexError)):
        tokenizer(broken)


def made_arrays(rows: int = len(PIECES)) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)

    def some(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.5, shape).astype(np.float32)

    made = {
        "table": random.integers(0, 64, (BLOCKS, WIDTH)).astype(np.uint8),
        "scale": np.linspace(0.01, 0.05, BLOCKS, dtype=np.float32),
        "lo": np.linspace(-1.0, -0.5, BLOCKS, dtype=np.float32),
        "eps": np.float32([1e-3]),
        "ln_g": some(FULL),
        "ln_b": some(FULL),
        "cnn_W": some(FULL, 7),
        "cnn_b": some(7),
        "d0": some(7, 4),
        "p1": some(7, 4),
        "d1": some(4, 4),
        "d2": some(4, OUT),
        "p3": some(4, OUT),
        "d3": some(OUT, OUT),
    }
    for order in (2, 3, 5):
        made |= {
            f"proj{order}": some(WIDTH, NARROW),
            f"proj_b{order}": some(NARROW),
            f"ln_g{order}": some(NARROW),
            f"ln_b{order}": some(NARROW),
            f"w1_{order}": some(order * NARROW, NARROW),
            f"b1_{order}": some(NARROW),
            f"w2_{order}": some(order * NARROW, NARROW),
            f"b2_{order}": some(NARROW),
        }
    return made


def test_rows_of_the_table_are_put_in_order() -> None:
    blocks = {
        f"q{c + 1}": np.stack([np.full(4, c + BLOCKS * row, np.uint8) for row in range(3)])
        for c in range(BLOCKS)
    }
    archive = io.BytesIO()
    np.savez_compressed(archive, **blocks, eps=np.float64([1e-6]))
    read = arrays(archive.getvalue())
    assert set(read) == {"table", "eps"}
    assert read["table"].dtype == np.uint8
    assert read["table"][:, 0].tolist() == list(range(3 * BLOCKS))
    assert read["eps"].dtype == np.float32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_file(made_arrays(), tmp_path / "model.safetensors")
    tokenizer(sentencepiece(PIECES)).save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def encoder(folder: Path, dtype: str = "float32") -> UniversalEncoder:
    device = Device("cpu", dtype, 1)  # type: ignore[arg-type]
    return UniversalEncoder(folder, device, name="use", weights="abc")


def by_hand(w: dict[str, NDArray[np.float32]], ids: list[int]) -> NDArray[np.float64]:
    """The model of one text, position by position."""

    def normed(
        x: NDArray[np.float64], gain: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        result: NDArray[np.float64] = (x - mean) / np.sqrt(variance + w["eps"]) * gain + bias
        return result

    block = np.array(ids) % BLOCKS
    embedded = w["table"][ids] * w["scale"][block, None].astype(float) + w["lo"][block, None]
    orders = {2: 0, 3: 1, 5: 2}
    narrow = np.concatenate([embedded @ w[f"proj{n}"] + w[f"proj_b{n}"] for n in orders], 1)
    narrow = normed(
        narrow,
        np.concatenate([w[f"ln_g{n}"] for n in orders]),
        np.concatenate([w[f"ln_b{n}"] for n in orders]),
    )
    parts = [embedded]
    for index, (order, before) in enumerate(orders.items()):
        x = narrow[:, index * NARROW : (index + 1) * NARROW]
        for layer in (1, 2):
            weight = w[f"w{layer}_{order}"].reshape(order, NARROW, NARROW)
            new = []
            for t in range(len(ids)):
                total = w[f"b{layer}_{order}"].astype(float)
                for k in range(order):
                    if 0 <= t - before + k < len(ids):
                        total = total + x[t - before + k] @ weight[k]
                new.append(x[t] + np.maximum(total, 0))
            x = np.array(new)
        parts.append(x)
    features = normed(np.concatenate(parts, 1), w["ln_g"], w["ln_b"])
    pooled = (features @ w["cnn_W"] + w["cnn_b"]).sum(0) / np.sqrt(len(ids))
    first = np.maximum(pooled @ w["d0"], 0)
    second = np.maximum(pooled @ w["p1"] + first @ w["d1"], 0)
    z = np.tanh(second @ w["p3"] + np.maximum(second @ w["d2"], 0) @ w["d3"])
    unit: NDArray[np.float64] = z / np.linalg.norm(z)
    return unit


TEXTS = ["서울의 수도", "", "the sea", "서울의 수도 the sea sea seat 서울", "seat"]


def test_vectors_are_those_made_by_hand_whatever_stands_beside(folder: Path) -> None:
    made = encoder(folder)
    vectors = made.encode_document(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), made.dimension) == (len(TEXTS), OUT)
    codes = [encoding.ids for encoding in tokenizer(sentencepiece(PIECES)).encode_batch(TEXTS)]
    for vector, text, ids in zip(vectors, TEXTS, codes, strict=True):
        assert vector == pytest.approx(by_hand(made_arrays(), ids), abs=1e-5)
        assert made.encode_query(text) == pytest.approx(vector, abs=1e-6)
    made._budget = 7
    assert np.allclose(made.encode_document(TEXTS), vectors, atol=1e-6)
    assert made.encode_document([]).shape == (0, OUT)
    half = encoder(folder, "bfloat16").encode_document(TEXTS)
    assert (half * vectors).sum(axis=1).min() > 0.999


def test_a_folder_that_holds_something_else_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelLoadError) as raised:
        encoder(tmp_path)
    assert "\n" not in raised.value.message
