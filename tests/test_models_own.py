"""A language model of one's own by the setting: folder, GGUF file, hub id; tiny and random."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from assistant.config import ModelSettings, Settings
from assistant.errors import ModelLoadError
from assistant.models.resolve import load_generator
from assistant.protocols import Generator
from assistant.types import Message

# Unlike any other, so that it shows whether it was heeded.
TEMPLATE = (
    "{% for message in messages %}<<{{ message.role }}>>{{ message.content }}{% endfor %}"
    "{% if add_generation_prompt %}<<answer>>{% endif %}"
)
ASKED = [Message("system", "Answer."), Message("user", "수도는?")]
# A token a byte of the template filled with ASKED.
LENGTH = len("<<system>>Answer.<<user>>수도는?<<answer>>".encode())
END = "<|im_end|>"
TWO_BLANKS = "ĠĠ"  # the one token of two bytes: a GGUF file has to have a merge


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers of Qwen2, with a token for every byte."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    vocabulary = {token: n for n, token in enumerate([*alphabet(), TWO_BLANKS])}
    raw = Tokenizer(models.BPE(vocabulary, [("Ġ", "Ġ")]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=END)
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(3)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=512,
            tie_word_embeddings=False,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    target = tmp_path_factory.mktemp("tiny")
    tokenizer.save_pretrained(target)
    model.save_pretrained(target)
    return target


def alphabet() -> list[str]:
    from tokenizers import pre_tokenizers

    return sorted(pre_tokenizers.ByteLevel.alphabet())


def load(name: str, dtype: str = "float32") -> Generator:
    models = ModelSettings(generation=name, device="cpu", dtype=dtype)  # type: ignore[arg-type]
    return load_generator(Settings(models=models))


def answer(generator: Generator) -> str:
    return "".join(generator.stream(ASKED, max_tokens=20, stop=Event()))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_folder(home: Path, folder: Path, dtype: str) -> None:
    generator: Any = load(str(folder), dtype)
    assert generator.count(ASKED) == LENGTH
    assert generator.context_window == 512
    assert str(generator._model.dtype) == f"torch.{dtype}"
    assert generator.device == "cpu"
    assert answer(generator)


def test_a_hub_id_runs_no_code_of_its_own(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    asked: list[dict[str, Any]] = []
    for loader in (AutoTokenizer, AutoModelForCausalLM):
        real = loader.from_pretrained

        def fetch(name: str, *, _real: Any = real, **how: Any) -> Any:
            asked.append({"name": name, **how})
            return _real(str(folder), **how)

        monkeypatch.setattr(loader, "from_pretrained", fetch)
    generator = load("org/tiny")
    assert generator.name == "org/tiny"
    assert generator.count(ASKED) == LENGTH
    for call in asked:
        assert call["name"] == "org/tiny"
        assert call["trust_remote_code"] is False
        assert call["local_files_only"] is False


def test_a_folder_whose_model_brings_code_is_refused(
    home: Path, folder: Path, tmp_path: Path
) -> None:
    import json
    import shutil

    foreign = tmp_path / "foreign"
    shutil.copytree(folder, foreign)
    config = json.loads((foreign / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config"}}
    (foreign / "config.json").write_text(json.dumps(config))
    ran = tmp_path / "ran"
    (foreign / "mine.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    with pytest.raises(ModelLoadError, match="cannot be loaded"):
        load(str(foreign))
    assert not ran.exists()


def test_a_gguf_file_is_converted_once_and_says_the_same(
    home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "my model.gguf"
    write_gguf(file, folder)
    # Conversion is to bfloat16: so is what it is compared with.
    expected = answer(load(str(folder), "bfloat16"))
    generator = load(str(file), "bfloat16")
    assert generator.name == "my model"
    assert generator.count(ASKED) == LENGTH
    assert generator.context_window == 512
    assert answer(generator) == expected

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr("assistant.models.convert_gguf.convert", refuse)
    assert answer(load(str(file), "bfloat16")) == expected


def test_a_gguf_file_with_a_broken_vocabulary_is_one_line(
    home: Path, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "broken.gguf"
    write_gguf(file, folder, merges=["not there"])
    with pytest.raises(ModelLoadError, match=r"broken\.gguf cannot be converted") as raised:
        load(str(file))
    assert "\n" not in raised.value.message


def write_gguf(file: Path, folder: Path, merges: Sequence[str] = ("Ġ Ġ",)) -> None:
    """What llama.cpp's converter would make of ``folder``, in 32-bit numbers."""
    import gguf
    from safetensors.numpy import load_file

    untyped: Any = gguf
    writer = untyped.GGUFWriter(file, "qwen2")
    tokens = [*alphabet(), TWO_BLANKS, END]
    writer.add_context_length(512)
    writer.add_embedding_length(32)
    writer.add_block_count(2)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * (len(tokens) - 1) + [3])
    writer.add_token_merges(list(merges))
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_bos_token_id(len(tokens) - 1)
    writer.add_chat_template(TEMPLATE)
    for name, tensor in load_file(folder / "model.safetensors").items():
        writer.add_tensor(gguf_name(name.split(".")), tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_name(parts: Sequence[str]) -> str:
    names = {
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
    }
    match list(parts):
        case ["model", "layers", n, *what, kind]:
            return f"blk.{n}.{names['.'.join(what)]}.{kind}"
        case ["model", "embed_tokens", kind]:
            return f"token_embd.{kind}"
        case ["model", "norm", kind]:
            return f"output_norm.{kind}"
    return "output.weight"
