"""Unigram tokenizers as sentencepiece trains them, for the Rust library."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram


def unigram(vocabulary: Sequence[tuple[str, float]], unk: int) -> Tokenizer:
    """Pieces with their scores, over words, after sentencepiece's ``nmt_nfkc``.

    Nmt followed by NFKC gives the same as the original's own table for every character of it but
    ``～``, which the original leaves alone. Nothing is put around a text.
    """
    result = Tokenizer(Unigram(list(vocabulary), unk_id=unk, byte_fallback=False))
    kept, stand_in = "\uff5e", "\ue000"
    result.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(kept, stand_in),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(stand_in, kept),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    result.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    return result
