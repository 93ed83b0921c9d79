"""A GGUF file to a plain transformers folder: bfloat16 safetensors, tokenizer, chat template."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from assistant.errors import ModelLoadError
from assistant.models.device import quiet_libraries
from assistant.models.loading import ONE_AT_A_TIME
from assistant.models.weights import Progress, silent
from assistant.models.wording import first_line
from assistant.types import ModelProgress


def convert(file: Path, folder: Path, *, model: str, progress: Progress = silent) -> None:
    """Dequantize ``file`` into ``folder``.

    Peaks of memory measured: 5.7 GB for 1.5B, 3.1 GB for 0.5B.

    Raises:
        ModelLoadError: the file is not GGUF, its architecture is unknown to transformers, or
            it brings no chat template.
    """
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    quiet_libraries()
    untyped: Any = transformers

    try:
        progress(ModelProgress(model, "reading the vocabulary", 0, 1))
        with _reading(model, progress):
            source: dict[str, Any] = {"gguf_file": file.name, "local_files_only": True}
            tokenizer = AutoTokenizer.from_pretrained(str(file.parent), **source)
            with ONE_AT_A_TIME:
                network: Any = AutoModelForCausalLM.from_pretrained(
                    str(file.parent), dtype=torch.bfloat16, trust_remote_code=False, **source
                )
        if not tokenizer.chat_template:
            raise ModelLoadError(
                f"{file.name} brings no chat template", "take the instruct version of the model"
            )
        _untangle(network)
        end = [tokenizer.eos_token_id]
        network.generation_config = untyped.GenerationConfig(
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=end,
            pad_token_id=tokenizer.pad_token_id,
            do_sample=False,
        )
        progress(ModelProgress(model, "saving", 0, 1))
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        progress(ModelProgress(model, "saving", 1, 1))
    except (ModelLoadError, OSError, MemoryError):
        raise
    except Exception as error:  # of a broken vocabulary tokenizers raises just that
        raise ModelLoadError(
            f"{file.name} cannot be converted: {first_line(error)}",
            "transformers reads the common architectures in the common quantizations",
        ) from error
    finally:
        gc.collect()


def _untangle(network: Any) -> None:
    """Make the model one that ``save_pretrained`` takes: not quantized, embeddings tied once.

    From GGUF the head comes as a tensor of its own even where the model ties it.
    """
    import torch

    network.hf_quantizer = None
    network.config.__dict__.pop("quantization_config", None)
    head, embeddings = network.get_output_embeddings(), network.get_input_embeddings()
    if head.weight.shape == embeddings.weight.shape and _same(head.weight, embeddings.weight):
        with torch.no_grad():
            embeddings.weight.copy_(head.weight)
        network.config.tie_word_embeddings = True
        network.tie_weights()


def _same(head: Any, embeddings: Any) -> bool:
    """Whether both are one matrix, give or take the two roundings a quantizer gave it."""
    import torch

    rows = torch.linspace(0, head.shape[0] - 1, 64).long()
    cosine = torch.nn.functional.cosine_similarity(
        head[rows].float(), embeddings[rows].float(), dim=1
    )
    return bool(cosine.median() > 0.98)


@contextmanager
def _reading(model: str, progress: Progress) -> Iterator[None]:
    """While it lasts, transformers reads the file once and reports to us.

    It would parse the vocabulary three times over, and draw a bar across the screen that cannot
    be switched off once tqdm is imported. Both are replaced by name, for want of an argument.
    """
    gguf: Any = import_module("gguf")
    from transformers import modeling_gguf_pytorch_utils as loader

    def steps(tensors: Iterable[Any], **_: Any) -> Iterator[Any]:
        listed = list(tensors)
        for done, tensor in enumerate(listed):
            progress(ModelProgress(model, "converting", done, len(listed)))
            yield tensor
        progress(ModelProgress(model, "converting", len(listed), len(listed)))

    reader, bar = gguf.GGUFReader, getattr(loader, "tqdm", None)
    gguf.GGUFReader = lru_cache(maxsize=1)(reader)
    loader.tqdm = steps  # type: ignore[attr-defined]
    try:
        yield
    finally:
        gguf.GGUFReader = reader
        loader.tqdm = bar  # type: ignore[attr-defined]
