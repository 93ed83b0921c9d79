"""Text to vectors, by any model that sentence-transformers can load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import ModelLoadError
from assistant.models.device import Device, quiet_libraries
from assistant.models.loading import ONE_AT_A_TIME
from assistant.models.wording import first_line
from assistant.protocols import Matrix, Vector

if TYPE_CHECKING:
    from torch import Tensor

# Padded tokens of a batch. A CPU gains nothing from more, and loses to padding; a GPU has to be
# filled. Neither may grow with the number of texts: memory follows it.
_BATCH_TOKENS_CPU = 1024
_BATCH_TOKENS_GPU = 16_384


class SentenceEncoder:
    """An :class:`~assistant.protocols.Encoder`. Safe to use from several threads."""

    def __init__(
        self,
        location: str,
        device: Device,
        *,
        name: str,
        weights: str = "",
        local_files_only: bool = True,
    ) -> None:
        """Load from a folder or a hub id.

        ``weights`` identifies them in the fingerprint; empty takes the hub's commit.

        Raises:
            ModelLoadError: sentence-transformers cannot load it.
        """
        from sentence_transformers import SentenceTransformer

        quiet_libraries()
        try:
            with ONE_AT_A_TIME:
                self._model = SentenceTransformer(
                    location,
                    device=device.name,
                    local_files_only=local_files_only,
                    trust_remote_code=False,
                    model_kwargs={"dtype": device.torch_dtype},
                ).eval()
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelLoadError(
                f"the embedding model {name} cannot be loaded: {first_line(error)}",
                "check models.embedding; `assistant models` lists what is there",
            ) from error
        self.name = name
        self.device = device.name
        self._batch_tokens = _BATCH_TOKENS_CPU if device.name == "cpu" else _BATCH_TOKENS_GPU
        self.max_tokens = int(self._model.max_seq_length or 512)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        prompts = {key: text or "" for key, text in self._model.prompts.items()}
        default = prompts.get(self._model.default_prompt_name or "", "")
        self._query_prompt = prompts.get("query") or default
        self._document_prompt = next(
            (prompts[key] for key in ("document", "passage", "corpus") if prompts.get(key)), default
        )
        config = getattr(getattr(self._model[0], "model", None), "config", None)
        revision = weights or str(getattr(config, "_commit_hash", None) or "")
        prompting = f"{self._query_prompt!r}/{self._document_prompt!r}"
        self.fingerprint = f"{name}/{revision[:16]}/{prompting}/{self.max_tokens}"
        # The Rust tokenizer forbids being set up by one thread while another runs it.
        self._tokenizing = Lock()

    def encode_query(self, query: str) -> Vector:
        vector: Vector = self._encode([self._query_prompt + query])[0]
        return vector

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        texts = [self._document_prompt + text for text in texts]
        with self._tokenizing:
            encoded = self._model.tokenizer(
                texts, truncation=True, max_length=self.max_tokens, padding=False
            )
        lengths = [len(ids) for ids in encoded["input_ids"]]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch in batches(lengths, self._batch_tokens):
            vectors[batch] = self._encode([texts[i] for i in batch])
        return vectors

    def _encode(self, texts: list[str]) -> Matrix:
        import torch

        with self._tokenizing:
            features: dict[str, Any] = self._model.preprocess(texts)
        with torch.inference_mode():
            features = {
                key: value.to(self._model.device) if hasattr(value, "to") else value
                for key, value in features.items()
            }
            for module in self._model:
                weight = next(module.parameters(), None)
                if weight is not None and "sentence_embedding" in features:
                    features["sentence_embedding"] = features["sentence_embedding"].to(weight.dtype)
                features = module(features)
                # Pooling in 16 bits would cost a part in a thousand of every cosine.
                if "token_embeddings" in features:
                    features["token_embeddings"] = features["token_embeddings"].float()
            embedding: Tensor = features["sentence_embedding"]
            unit = torch.nn.functional.normalize(embedding.float(), dim=1)
        matrix: Matrix = unit.cpu().numpy()
        return matrix


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices in batches of like length whose padded size is at most ``budget`` tokens."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
