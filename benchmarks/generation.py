"""How soon and how fast a language model answers, against the bare model on the same machine.

    python benchmarks/generation.py MODEL [PART…]

Parts: ``first`` (time to the first token of a 1,200-token prompt against the bare model's reading
of it, and against questions that share a beginning), ``decode`` (tokens a second against
``generate``), ``stop`` (from the wish to stop to the end of work), ``ahead`` (what reading the
beginning of every prompt ahead gains), ``memory`` (what a model takes, and gives back when another
takes its place). Arms take turns, so that what else the machine does
meets them alike; what is told is the median, and ratios are of medians.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from assistant.config import ModelSettings, Settings
from assistant.models.device import prepare_environment, release_memory
from assistant.models.generation import ChatGenerator
from assistant.models.resolve import load_generator
from assistant.types import Message

NOTES = Path(__file__).parent.parent / "data"
SYSTEM = Message("system", "당신은 노트를 읽고 답하는 조수입니다.")
QUESTIONS = (
    "BERT-large는 층이 몇 개인가요?",
    "토큰화는 왜 필요한가요?",
    "위 노트를 세 문장으로 정리해 주세요.",
    "어텐션이 무엇인지 설명해 주세요.",
)
PROMPT_TOKENS = 1200

clock = time.perf_counter
"""What arms are timed by."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("model", help="as models.generation")
    parser.add_argument("parts", nargs="*", default=[], choices=[[], *PARTS])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="compare seconds of the processor, for a busy machine; with --threads 1",
    )
    chosen = parser.parse_args()
    if chosen.processor_time:
        global clock
        clock = time.process_time
    settings = Settings(models=ModelSettings(generation=chosen.model, threads=chosen.threads))
    prepare_environment(settings)
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    generator = load_generator(settings, notice=lambda text: print(text, file=sys.stderr))
    assert isinstance(generator, ChatGenerator), "an endpoint cannot be measured so"
    tell("loaded", time.perf_counter() - began, "s")
    began = time.perf_counter()
    generator.prefill([SYSTEM], stop=threading.Event())
    tell("read ahead and packed", time.perf_counter() - began, "s")
    for part in chosen.parts or PARTS:
        if part == "memory":
            continue
        PARTS[part](generator, chosen.rounds)
    if "memory" in chosen.parts or not chosen.parts:
        held = psutil.Process().memory_info().rss
        del generator
        release_memory()
        after = psutil.Process().memory_info().rss
        tell("memory of the model", (held - before) / 1e6, "MB")
        tell("given back", 100 * (held - after) / max(1, held - before), "%")


# ------------------------------------------------------------------------ the parts


def first(generator: ChatGenerator, rounds: int) -> None:
    """The first token: ours on a new prompt, and where a beginning is known."""
    notes = text_of(generator, PROMPT_TOKENS)
    plain = generator._prompt(asked(notes, QUESTIONS[0]))
    tell("prompt", len(plain), "tokens")

    def new() -> None:
        forget(generator)
        first_piece(generator, asked(notes, QUESTIONS[0]))

    def same_notes() -> None:
        first_piece(
            generator, asked(notes, random.choice(QUESTIONS) + "?" * random.randrange(1, 9))
        )

    def bare() -> None:
        read_bare(generator, plain)

    times = take_turns({"bare": bare, "new": new, "same notes": same_notes}, rounds)
    for arm in ("new", "same notes"):
        ratio(f"first token, {arm}, to the bare model's reading", times[arm], times["bare"])
    ratio("new to same notes", times["new"], times["same notes"])


def decode(generator: ChatGenerator, rounds: int) -> None:
    """Tokens a second after the first: ours without lookup, ours with it, ``generate``."""
    # A short prompt: it is read anew for every arm, and is not what is timed.
    messages = asked(text_of(generator, 300), QUESTIONS[2])
    prompt = generator._prompt(messages)
    made = 48
    counts: dict[str, int] = {}

    def ours(lookup: bool) -> Callable[[], float]:
        def run() -> float:
            generator.prompt_lookup = lookup
            forget(generator)
            stream = generator.stream(messages, max_tokens=made, stop=threading.Event())
            next(stream)
            first_made, began = generator.generated_tokens, clock()
            for _ in stream:
                pass
            taken = clock() - began
            counts["lookup" if lookup else "plain"] = generator.generated_tokens
            return taken / max(1, generator.generated_tokens - first_made)

        return run

    def bare() -> float:
        began = clock()
        generate_bare(generator, prompt, 1)
        once = clock() - began
        began = clock()
        length = generate_bare(generator, prompt, made)
        return (clock() - began - once) / max(1, length - 1)

    arms = {"generate": bare, "plain": ours(False), "lookup": ours(True)}
    times = take_turns(arms, rounds)
    generator.prompt_lookup = True
    tell("answer", counts["lookup"], "tokens")
    for arm, seconds in times.items():
        tell(f"decoding, {arm}", 1 / seconds, "tokens/s")
    ratio("decoding, ours plain to generate (of rates)", times["generate"], times["plain"])
    ratio("decoding, ours with lookup to generate (of rates)", times["generate"], times["lookup"])


def stop(generator: ChatGenerator, rounds: int) -> None:
    """From the wish to stop until nothing computes any more, while reading and while writing."""
    messages = asked(text_of(generator, PROMPT_TOKENS), QUESTIONS[2])
    for when in ("reading", "writing"):
        waits = []
        for _ in range(3 * rounds):
            forget(generator)
            wish = threading.Event()
            pressed = [0.0]

            def press(wish: threading.Event = wish, pressed: list[float] = pressed) -> None:
                pressed[0] = time.perf_counter()
                wish.set()

            stream = generator.stream(messages, max_tokens=200, stop=wish)
            if when == "reading":
                timer = threading.Timer(random.uniform(0.05, 1.5), press)
                timer.start()
                for _ in stream:
                    pass
            else:
                next(stream)
                timer = threading.Timer(random.uniform(0.05, 1.5), press)
                timer.start()
                for _ in stream:
                    pass
            timer.join()
            waits.append(time.perf_counter() - pressed[0])
        tell(f"stopped while {when}, median", 1e3 * statistics.median(waits), "ms")
        tell(f"stopped while {when}, longest", 1e3 * max(waits), "ms")


def ahead(generator: ChatGenerator, rounds: int) -> None:
    """The first token of a usual prompt, with and without its beginning read before."""
    messages = asked(text_of(generator, 400), QUESTIONS[0])
    beginning = [SYSTEM, Message("user", "<notes>\n")]

    def first_after(known: bool) -> Callable[[], float]:
        def run() -> float:
            forget(generator)
            if known:
                generator.prefill(beginning, stop=threading.Event())
            began = clock()
            first_piece(generator, messages)
            return clock() - began

        return run

    times = take_turns({"not read": first_after(False), "read": first_after(True)}, rounds)
    ratio("first token, beginning read ahead to not", times["read"], times["not read"])


PARTS: dict[str, Any] = {
    "first": first,
    "decode": decode,
    "stop": stop,
    "ahead": ahead,
    "memory": None,
}


# ------------------------------------------------------------------------ the bare model


def read_bare(generator: ChatGenerator, prompt: Sequence[int]) -> None:
    """One pass over the prompt as transformers does it, and the first token."""
    import torch

    model = plain_model(generator._model.name_or_path)
    with torch.inference_mode():
        model(torch.tensor([prompt]), logits_to_keep=1).logits[0, -1].argmax().item()


def generate_bare(generator: ChatGenerator, prompt: Sequence[int], tokens: int) -> int:
    """transformers' own greedy loop; returns how many tokens it made."""
    import torch

    made = plain_model(generator._model.name_or_path).generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt)),
        max_new_tokens=tokens,
        do_sample=False,
    )
    return int(made.shape[1]) - len(prompt)


@cache
def plain_model(location: str, dtype: str = "bfloat16") -> Any:
    """The model as transformers loads it, without what is put into ours."""
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(location, dtype=getattr(torch, dtype))
    return model.eval()


# ------------------------------------------------------------------------ helpers


def asked(notes: str, question: str) -> list[Message]:
    return [SYSTEM, Message("user", f"<notes>\n{notes}\n</notes>\n\n질문: {question}")]


def text_of(generator: ChatGenerator, tokens: int, skip: int = 0) -> str:
    """So much of the sample notes that a prompt of it has ``tokens``."""
    lines = [line for file in sorted(NOTES.rglob("*.md")) for line in file.open(encoding="utf-8")]
    text = ""
    for line in lines[skip:]:
        if generator.count(asked(text + line, QUESTIONS[0])) > tokens:
            break
        text += line
    return text


def first_piece(generator: ChatGenerator, messages: Sequence[Message]) -> None:
    stream = generator.stream(messages, max_tokens=1, stop=threading.Event())
    for _ in stream:
        pass


def forget(generator: ChatGenerator) -> None:
    """Let go of what was read before."""
    from assistant.models.prefixes import Prefixes

    generator._prefixes = Prefixes(generator._model.config)


def take_turns(arms: dict[str, Callable[[], float | None]], rounds: int) -> dict[str, float]:
    """Median seconds of each arm; an arm that returns a number has timed itself."""
    times: dict[str, list[float]] = {name: [] for name in arms}
    for number in range(rounds + 1):
        for name, arm in arms.items():
            began = clock()
            own = arm()
            taken = clock() - began if own is None else own
            if number:  # the first round warms up
                times[name].append(taken)
    return {name: statistics.median(taken) for name, taken in times.items()}


def tell(what: str, number: float, unit: str) -> None:
    print(f"{what}: {number:.1f} {unit}", flush=True)


def ratio(what: str, one: float, other: float) -> None:
    print(f"{what}: {one / other:.2f} ({one:.3f} s, {other:.3f} s)", flush=True)


if __name__ == "__main__":
    main()
