"""Attention of a few new tokens over many on a CPU, as two matrix products.

PyTorch's fused attention on a CPU (2.13) is made for many queries: one token after 1,200 costs it
1.8 to 7 ms a layer in bfloat16, where two products in float32 take 0.2 to 0.3 ms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

if TYPE_CHECKING:
    from torch import Tensor

_NAME = "sdpa_few"
_FEW = 16  # queries; with more of them the fused one is as fast


def attend_fast(model: Any) -> None:
    """Have a model on a CPU attend by :func:`attend`, if it attends by PyTorch's now."""
    if model.device.type == "cpu" and model.config._attn_implementation == "sdpa":
        AttentionInterface.register(_NAME, attend)
        AttentionMaskInterface.register(_NAME, sdpa_mask)
        model.set_attn_implementation(_NAME)


def attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """As transformers' ``sdpa_attention_forward``, which it calls but for a few queries.

    ``query`` has the shape (1, heads, new tokens, head size); ``key`` and ``value`` have as many
    heads as were stored. Returns (1, new tokens, heads, head size). Works in float32.
    """
    batch, heads, new, size = query.shape
    alone = new == 1 and is_causal is not True
    if (
        new > _FEW
        or batch != 1
        or (attention_mask is None and not alone)
        or any(kwargs.get(name) is not None for name in ("position_bias", "cache", "softcap"))
    ):
        made: tuple[Tensor, None] = sdpa_attention_forward(
            module,
            query,
            key,
            value,
            attention_mask,
            dropout=dropout,
            scaling=scaling,
            is_causal=is_causal,
            **kwargs,
        )
        return made
    stored = key.shape[1]
    shared = heads // stored  # queries that share a head of keys
    scale = size**-0.5 if scaling is None else scaling
    rows = query[0].float().mul(scale).reshape(stored, shared * new, size)
    scores = torch.bmm(rows, key[0].float().transpose(1, 2))
    if attention_mask is not None:
        scores = _masked(scores.view(stored, shared, new, -1), attention_mask)
    weights = scores.view(stored, shared * new, -1).softmax(-1)
    out = torch.bmm(weights, value[0].float()).view(heads, new, value.shape[-1])
    return out.transpose(0, 1).unsqueeze(0).to(query.dtype).contiguous(), None


def _masked(scores: Tensor, mask: Tensor) -> Tensor:
    """``scores`` (stored heads, shared, new, all) with ``mask`` (1, 1 or heads, new, all) on."""
    mask = mask[0] if mask.shape[1] == 1 else mask.view(scores.shape)
    if mask.dtype == torch.bool:
        return scores.masked_fill(~mask, float("-inf"))
    return scores + mask
