"""From a question to its complete answer of 60 tokens: as the program does it, and the naive way.

    python benchmarks/whole_answer.py MODEL [--questions N] [--no-naive]

Questions of the sample notes, drawn by a fixed seed, each with the three passages that are found
for it. The naive way is transformers' ``generate`` in float32 on the same prompt. The two take
turns. Told are the medians and how many of the answers state all that was asked for.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from assistant.config import ModelSettings, Settings
from assistant.desk import Desk
from assistant.evaluation.judging import states_fact
from assistant.evaluation.questions import Question, read_questions, sample
from assistant.models.device import prepare_environment
from assistant.models.generation import ChatGenerator
from assistant.query.prompt import answer_language, build_prompt
from assistant.types import Message

NOTES = Path(__file__).parent.parent / "data"
TOKENS = 60

clock = time.perf_counter
"""What answers are timed by."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("model", help="as models.generation")
    parser.add_argument("--questions", type=int, default=6)
    parser.add_argument("--no-naive", action="store_true", help="only the program's own way")
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
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(
            library=Path(scratch) / "library",
            models=ModelSettings(generation=chosen.model, threads=chosen.threads),
        )
        prepare_environment(settings)
        desk = Desk(settings)
        for _ in desk.ingest([NOTES]):
            pass
        questions = [q for q in read_questions(NOTES / "questions.jsonl") if q.answerable]
        measure(desk, sample(questions, chosen.questions, 7), naive=not chosen.no_naive)
        desk.close()


def measure(desk: Desk, questions: tuple[Question, ...], *, naive: bool) -> None:
    desk.read_ahead()
    generator = desk.load_generator()
    assert isinstance(generator, ChatGenerator)
    seconds: dict[str, list[float]] = {"ours": [], "naive": []}
    right = {"ours": 0, "naive": 0}
    lengths = []
    for question in questions:
        found = desk.engine.retrieve(question.text, top_k=3)
        prompt = build_prompt(
            question.text,
            found.sources,
            language=answer_language(question.text),
            budget=2048,
            count=generator.count,
        )
        lengths.append(prompt.tokens)
        for way, write in (("ours", ours), ("naive", generate)):
            if way == "naive" and not naive:
                continue
            began = clock()
            text = write(generator, list(prompt.messages))
            taken = clock() - began
            stated = all(states_fact(text, fact) for fact in question.facts)
            right[way] += stated
            seconds[way].append(taken)
            told = {"id": question.id, "way": way, "s": round(taken, 1), "stated": stated}
            print(
                json.dumps(told | {"text": text}, ensure_ascii=False), file=sys.stderr, flush=True
            )
    print(f"prompts: median {statistics.median(lengths):.0f} tokens")
    for way, taken in seconds.items():
        if taken:
            print(
                f"{way}: median {statistics.median(taken):.1f} s, "
                f"{right[way]} of {len(questions)} state the facts"
            )
    if naive:
        ratios = [one / other for one, other in zip(seconds["ours"], seconds["naive"], strict=True)]
        print(f"ours to naive: median of ratios {statistics.median(ratios):.2f}")


def ours(generator: ChatGenerator, messages: list[Message]) -> str:
    return "".join(generator.stream(messages, max_tokens=TOKENS, stop=threading.Event()))


def generate(generator: ChatGenerator, messages: list[Message]) -> str:
    import torch
    from generation import plain_model

    prompt = generator._prompt(messages)
    made = plain_model(generator._model.name_or_path, "float32").generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt)),
        max_new_tokens=TOKENS,
        do_sample=False,
    )
    return generator._decode(made[0, len(prompt) :].tolist())


if __name__ == "__main__":
    main()
