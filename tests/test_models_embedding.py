from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from assistant.config import ModelSettings, Settings
from assistant.models import resolve
from assistant.models.embedding import SentenceEncoder, batches


def test_batches_hold_every_text_once_within_the_budget() -> None:
    lengths = [5, 300, 40, 512, 7, 300, 1, 2000]
    made = list(batches(lengths, 1024))
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))
    assert made[0] == [7]  # longer than the budget: alone
    for batch in made[1:]:
        assert max(lengths[i] for i in batch) * len(batch) <= 1024
    longest = [lengths[batch[0]] for batch in made]
    assert longest == sorted(longest, reverse=True)


def test_no_texts_make_no_batch() -> None:
    assert list(batches([], 1024)) == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's own sentence-transformers folder: random weights, own prompts, a dense layer."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    target = tmp_path_factory.mktemp("own")
    words = ["[UNK]", "[PAD]", "find", ":", "text", "서울", "수도", "seoul"]
    raw = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]", model_max_length=16
    )
    tokenizer.save_pretrained(target / "bert")
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(vocab_size=len(words), intermediate_size=32, pad_token_id=1, **shape)
    BertModel(config).save_pretrained(target / "bert")
    transformer = Transformer(str(target / "bert"))
    model = SentenceTransformer(
        modules=[transformer, Pooling(32), Dense(32, 8)],
        prompts={"query": "find: ", "passage": "text: "},
    )
    model.save(str(target / "model"))
    return target / "model"


def test_a_batch_holds_as_much_however_many_texts_there_are(home: Path, folder: Path) -> None:
    encoder = resolve.load_encoder(settings(folder))
    assert isinstance(encoder, SentenceEncoder)
    padded = []

    def note(module: object, arguments: tuple[dict[str, Tensor]], *_: object) -> None:
        padded.append(arguments[0]["input_ids"].numel())

    encoder._model[0].register_forward_pre_hook(note)
    texts = [" ".join(["서울"] * (n % 12 + 1)) for n in range(1000)]
    vectors = encoder.encode_document(texts)
    assert max(padded) <= 1024
    assert len(padded) <= 2 * sum(padded) / 1024 + 1  # and is no smaller than it must be
    # Rows are in the order of the texts, and a text's vector does not depend on its neighbours.
    for index in (0, 5, 11, 999):
        alone = encoder.encode_document([texts[index]])[0]
        assert float(alone @ vectors[index]) > 0.9995


def settings(folder: Path) -> Settings:
    return Settings(models=ModelSettings(embedding=str(folder), dtype="bfloat16"))


def test_a_folder_of_the_users_own_works_with_its_own_prompts(home: Path, folder: Path) -> None:
    encoder = resolve.load_encoder(settings(folder))
    assert encoder.name == "model"
    assert encoder.dimension == 8
    assert encoder.max_tokens == 16
    document = encoder.encode_document(["서울 수도", "서울 " * 40])
    assert document.shape == (2, 8)
    assert np.linalg.norm(document, axis=1) == pytest.approx(1, abs=1e-5)
    query = encoder.encode_query("서울 수도")
    assert abs(float(query @ document[0])) < 0.9999  # the prompts differ
    assert resolve.load_tokenizer(settings(folder)).count(["서울 수도 x"]) == [3]


def test_the_fingerprint_follows_weights_and_prompts(
    home: Path, folder: Path, tmp_path: Path
) -> None:
    import shutil

    first = resolve.load_encoder(settings(folder)).fingerprint
    assert resolve.load_encoder(settings(folder)).fingerprint == first
    other = shutil.copytree(folder, tmp_path / "model")
    config = other / "config_sentence_transformers.json"
    config.write_text(config.read_text("utf-8").replace("text: ", "other: "), "utf-8")
    assert resolve.load_encoder(settings(other)).fingerprint != first
    changed = shutil.copytree(folder, tmp_path / "changed" / "model")
    weights = changed / "2_Dense" / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert resolve.load_encoder(settings(changed)).fingerprint != first
