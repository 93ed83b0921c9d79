"""A chat language model, run in this process.

The decoding loop is our own and runs in the thread that reads the answer. So an exception is
raised where the answer is read, closing the iterator ends the work, a stop is heard between
slices of the prompt too, and the key-value cache of one question serves the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock
from typing import Any

from assistant.errors import GenerationError, ModelLoadError
from assistant.models.device import Device, quiet_libraries
from assistant.models.loading import ONE_AT_A_TIME
from assistant.models.lookup import DEAR_LENGTHS, LENGTHS, PromptLookup
from assistant.models.wording import first_line
from assistant.types import Message

_LOOK_SECONDS = 0.1  # between two looks whether an answer is still being written
_FAILURES = (MemoryError, RuntimeError, ValueError, LookupError, TypeError)


class ChatGenerator:
    """A :class:`~assistant.protocols.Generator` over transformers, greedy.

    ``prompt_lookup`` drafts the next tokens by copying what followed the same words in the
    prompt (prompt-lookup decoding, Saxena 2023) and has the model check them in one pass. The
    text is that of plain greedy decoding; an answer that quotes its sources comes several times
    faster.
    """

    def __init__(
        self,
        location: str,
        device: Device,
        *,
        name: str,
        local_files_only: bool = True,
        prompt_lookup: bool = True,
        notes: Path | None = None,
    ) -> None:
        """Load from a folder or a hub id.

        ``notes`` is the file that keeps what was measured of this machine; without one the weights
        stay as they are loaded.

        Raises:
            ModelLoadError: transformers cannot load it, or it has no chat template.
        """
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from assistant.models.attention import attend_fast
        from assistant.models.packing import packable
        from assistant.models.passes import Passes
        from assistant.models.prefixes import Prefixes

        quiet_libraries()

        common: dict[str, Any] = {"local_files_only": local_files_only, "trust_remote_code": False}
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(location, **common)
            with ONE_AT_A_TIME:
                model: Any = AutoModelForCausalLM.from_pretrained(
                    location, dtype=device.torch_dtype, **common
                )
            self._model = model.to(device.name).eval()
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelLoadError(
                f"the language model {name} cannot be loaded: {first_line(error)}",
                "check models.generation; `assistant models` lists what is there",
            ) from error
        if not self._tokenizer.chat_template:
            raise ModelLoadError(f"{name} has no chat template", "choose an instruct model")
        config = self._model.config.get_text_config()
        self.name = name
        self.device = device.name
        self.context_window = int(getattr(config, "max_position_embeddings", 0) or 4096)
        self.generated_tokens = 0
        self.finished = False
        self.prompt_lookup = prompt_lookup
        dear = device.name == "cpu" and device.dtype == "float32"
        self._draft_lengths = DEAR_LENGTHS if dear else LENGTHS
        self._ends = _end_tokens(self._model.generation_config, self._tokenizer)
        # Words of a text that the tokenizer would read as the frame of the chat.
        frame = sorted(self._tokenizer.get_added_vocab(), key=len, reverse=True)
        self._frame = re.compile("|".join(map(re.escape, frame))) if frame else None
        self._streams = 0  # that are being read
        self._packing = packable(self._model, notes) if notes else None
        self._packs = Lock()
        self._passes = Passes(self._model)
        self._prefixes = Prefixes(self._model.config)
        attend_fast(self._model)

    def count(self, messages: Sequence[Message]) -> int:
        return len(self._prompt(messages))

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Event) -> Iterator[str]:
        self.generated_tokens = 0
        self.finished = False
        self._streams += 1
        try:
            text = WholeCharacters(self._decode)
            for ids in self._tokens(self._prompt(messages), max_tokens, stop):
                self.generated_tokens += len(ids)
                if piece := text.add(ids):
                    yield piece
        except _FAILURES as error:
            raise self._failure(error) from error
        finally:
            self._streams -= 1

    def prefill(self, messages: Sequence[Message], *, stop: Event) -> None:
        try:
            self._read_ahead(self._beginning(messages), stop)
            self._pack(stop)
        except _FAILURES as error:
            raise self._failure(error) from error

    def _read_ahead(self, ids: list[int], stop: Event) -> None:
        from assistant.models.passes import Stopped

        kept = self._prefixes.take(ids)
        try:
            self._passes.read_all(
                kept, ids[len(kept.ids) :], lambda: stop.is_set() or self._streams > 0
            )
        except Stopped:
            pass
        finally:
            self._prefixes.give(kept)

    def _pack(self, stop: Event) -> None:
        with self._packs:
            while self._packing is not None and not stop.is_set():
                if self._streams:
                    stop.wait(_LOOK_SECONDS)
                elif step := next(self._packing, None):
                    step()
                else:
                    self._packing = None

    def _beginning(self, messages: Sequence[Message]) -> list[int]:
        """The tokens that all prompts have in common whose messages begin with ``messages``."""
        from assistant.models.prefixes import common_prefix

        *before, last = messages
        # How a text goes on decides into which tokens its last characters fall.
        one, other = (
            self._prompt([*before, replace(last, content=last.content + more)])
            for more in ("1", "가")
        )
        return one[: common_prefix(one, other)]

    def _failure(self, error: Exception) -> GenerationError:
        text = str(error).lower()
        if isinstance(error, MemoryError) or "out of memory" in text or "can't allocate" in text:
            return GenerationError(
                f"{self.name} ran out of memory on {self.device}",
                "close other programs, lower answer.context_tokens or choose a smaller "
                "models.generation",
            )
        return GenerationError(
            f"{self.name} failed while answering: {first_line(error)}",
            "ask again; `assistant doctor` checks the machine",
        )

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        chat = [
            {"role": message.role, "content": self._plain(message.content)} for message in messages
        ]
        # enable_thinking is read by the templates that know it and passed over by the others.
        text: str = self._tokenizer.apply_chat_template(
            chat, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
        return ids

    def _plain(self, content: str) -> str:
        """``content`` with the frame's own words broken, so that no note can speak as the user."""
        if self._frame is None:
            return content
        return self._frame.sub(lambda match: f"{match[0][0]} {match[0][1:]}", content)

    def _decode(self, ids: list[int]) -> str:
        text: str = self._tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _tokens(self, prompt: list[int], max_tokens: int, stop: Event) -> Iterator[list[int]]:
        """New token ids, end token excluded, as many at a time as one pass of the model gave."""
        from assistant.models.passes import Stopped

        kept = self._prefixes.take(prompt)
        lookup = None
        if self.prompt_lookup and kept.can_crop:
            lookup = PromptLookup(prompt, lengths=self._draft_lengths)
        made = 0
        try:
            waiting = self._passes.read(kept, prompt[len(kept.ids) :], stop.is_set)
            while made < max_tokens and not stop.is_set():
                draft = lookup.draft(max_tokens - made - 1) if lookup else []
                chosen = self._passes.choose(kept, waiting, draft, stop.is_set)
                accepted = _agreed(draft, chosen)
                if draft:
                    kept.rewind(len(kept.ids) - len(draft) + len(accepted) - 1)
                end = next((i for i, token in enumerate(accepted) if token in self._ends), None)
                made += len(accepted) if end is None else end
                if accepted[:end]:
                    yield accepted[:end]
                if end is not None:
                    self.finished = True
                    return
                if lookup:
                    lookup.extend(accepted)
                waiting = accepted[-1:]
        except Stopped:
            return
        finally:
            self._prefixes.give(kept)


class WholeCharacters:
    """Joins tokens to text, holding back a character until all its bytes are there.

    A Korean syllable is three bytes and may be cut across tokens; decoded early it would read
    as U+FFFD. ``decode`` turns ids to text.
    """

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._given = 0  # characters of their text that were given out

    def add(self, ids: Sequence[int]) -> str:
        """The text that has become whole with ``ids``."""
        self._ids += ids
        text = self._decode(self._ids)
        whole = text.rstrip("\ufffd")
        piece = whole[self._given :]
        self._given += len(piece)
        if text == whole:
            # Start over from here, or an answer's cost grows with its square. The last ids
            # stay: whether a space comes next depends on what stands before.
            self._ids = list(ids)
            self._given = len(self._decode(self._ids))
        return piece


def _agreed(draft: Sequence[int], chosen: Sequence[int]) -> list[int]:
    """What greedy decoding would have made: the drafted tokens the model chose too, and one."""
    agreed = 0
    while agreed < len(draft) and draft[agreed] == chosen[agreed]:
        agreed += 1
    return list(chosen[: agreed + 1])


def _end_tokens(config: Any, tokenizer: Any) -> frozenset[int]:
    ends = config.eos_token_id
    ids = ends if isinstance(ends, list) else [ends]
    return frozenset(token for token in [*ids, tokenizer.eos_token_id] if token is not None)
