"""Token counts and spans without the model: what the splitter needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer as RustTokenizer

from assistant.errors import ModelLoadError


class FastTokenizer:
    """A :class:`~assistant.protocols.Tokenizer` over a ``tokenizer.json``."""

    def __init__(self, file: Path) -> None:
        """Read ``file``.

        Raises:
            ModelLoadError: it is missing or not a tokenizer.
        """
        try:
            self._tokenizer = RustTokenizer.from_file(str(file))
        except Exception as error:  # the Rust library raises no narrower one
            raise ModelLoadError(
                f"{file} is not a tokenizer: {error}", "choose a model that brings a tokenizer.json"
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count(self, texts: Sequence[str]) -> list[int]:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        # As a batch of one: `encode` keeps every other thread waiting until it is done.
        [encoding] = self._tokenizer.encode_batch([text], add_special_tokens=False)
        return list(encoding.offsets)
