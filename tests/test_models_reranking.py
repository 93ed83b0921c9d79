"""A cross-encoder of a user's own, through sentence-transformers: random weights, real code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.config import ModelSettings, RetrievalSettings, Settings
from assistant.errors import ModelError, ModelLoadError, ModelMissing
from assistant.models.reranking import describe_reranker, list_reranker, load_reranker

WORDS = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "seoul", "capital", "rank", "lora", "서울", "수도"]


def save(folder: Path, *, labels: int = 1, has_head: bool = True) -> Path:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        BertModel,
        PreTrainedTokenizerFast,
    )

    raw = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=raw,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        pad_token_id=1,
        num_labels=labels,
        initializer_range=0.5,  # so that scores differ
    )
    model = BertForSequenceClassification(config) if has_head else BertModel(config)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("own") / "tiny-reranker")


def settings(name: Path | str) -> Settings:
    return Settings(
        models=ModelSettings(dtype="float32"), retrieval=RetrievalSettings(reranker=str(name))
    )


DOCUMENTS = ["서울 수도", "lora rank " * 400, "seoul", "capital seoul", "rank"]


def test_scores_come_in_the_order_of_the_documents(home: Path, folder: Path) -> None:
    reranker = load_reranker(settings(folder))
    assert reranker.name == "tiny-reranker"
    scores = reranker.rank("서울 수도", DOCUMENTS)
    assert scores.shape == (5,)
    assert scores.dtype == np.float32
    assert len(set(scores.tolist())) == 5
    # A document's score depends neither on the others nor on its place among them.
    backwards = reranker.rank("서울 수도", DOCUMENTS[::-1])
    assert backwards[::-1] == pytest.approx(scores, abs=1e-4)
    assert float(reranker.rank("서울 수도", DOCUMENTS[1:2])[0]) == pytest.approx(
        float(scores[1]), abs=1e-4
    )
    assert not np.allclose(reranker.rank("rank", DOCUMENTS), scores)


def test_scores_are_not_squeezed(home: Path, folder: Path) -> None:
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    squeezed = model.predict([("seoul", text) for text in DOCUMENTS], show_progress_bar=False)
    raw = load_reranker(settings(folder)).rank("seoul", DOCUMENTS)
    assert 1 / (1 + np.exp(-raw)) == pytest.approx(squeezed, abs=1e-4)


def test_nothing_to_rank(home: Path, folder: Path) -> None:
    assert load_reranker(settings(folder)).rank("seoul", []).shape == (0,)


def test_a_classifier_is_no_reranker(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="3 numbers"):
        load_reranker(settings(save(tmp_path / "classifier", labels=3)))


def test_an_embedding_model_is_no_reranker(home: Path, tmp_path: Path) -> None:
    # It would load, with a head of random numbers.
    with pytest.raises(ModelLoadError, match="no cross-encoder"):
        load_reranker(settings(save(tmp_path / "embedder", has_head=False)))


def test_an_empty_folder_is_told(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="cannot be loaded"):
        load_reranker(settings(tmp_path))


@pytest.mark.parametrize("name", ["", "no-such-model", "multilingual-e5-small"])
def test_a_name_that_is_no_reranker(home: Path, name: str) -> None:
    with pytest.raises(ModelMissing, match=r"retrieval\.reranker"):
        load_reranker(settings(name))


def test_broken_weights_are_an_error_and_no_order(home: Path, folder: Path) -> None:
    import torch

    reranker = load_reranker(settings(folder))
    with torch.no_grad():
        for parameter in reranker._model.parameters():  # type: ignore[attr-defined]
            parameter.fill_(float("nan"))
    with pytest.raises(ModelError, match="no numbers"):
        reranker.rank("seoul", DOCUMENTS)


def test_doctor_tells_why_there_is_none(home: Path, folder: Path, tmp_path: Path) -> None:
    off = describe_reranker(settings(""))
    assert (off.level, off.detail) == ("ok", "off: retrieval.reranker names none")
    assert describe_reranker(settings(folder)).detail == "tiny-reranker on cpu"
    broken = describe_reranker(settings(tmp_path))
    assert broken.level == "warning"
    assert broken.detail.startswith("off: ")
    assert broken.hint


def test_models_lists_the_one_that_is_configured(home: Path, folder: Path) -> None:
    assert list_reranker(settings("")) == []
    [state] = list_reranker(settings(folder))
    assert (state.task, state.installed, state.active) == ("reranking", True, True)
    assert state.size > 1000
    [absent] = list_reranker(settings("no-such-model"))
    assert not absent.installed
    assert absent.hint
