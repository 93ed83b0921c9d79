"""Where the turn before stands in a follow-up's prompt, and what of that prompt is read anew.

    python benchmarks/followup_prompts.py [data] [conversations.jsonl] [--answers N]

For each follow-up the prompt of the question before is taken as read. Printed is the median of the
tokens that the follow-up's own prompt has beyond what both begin with, with the turn before the
notes, behind them, behind them with the passages that are known first, and left out; over all, and
over those that ask the same of another thing ("and B?"). ``--answers`` writes N of each way out, to
be judged by eye.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

from followups import conversation

from assistant.config import ModelSettings, Settings
from assistant.desk import Desk
from assistant.models.device import prepare_environment
from assistant.models.generation import ChatGenerator
from assistant.models.prefixes import common_prefix
from assistant.query.followup import understand
from assistant.query.prompt import answer_language, build_prompt
from assistant.types import Answer, Language, Message, Source

_CONVERSATIONS = Path(__file__).with_name("followups.jsonl")
_LABELS = {
    "ko": ("앞서 물은 것: ", "앞서 답한 것: "),
    "en": ("Asked before: ", "Answered before: "),
}
_BUDGET = 1728


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("conversations", type=Path, nargs="?", default=_CONVERSATIONS)
    parser.add_argument("--answers", type=int, default=0)
    parser.add_argument("--model", default="qwen2.5-coder-1.5b-instruct")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(
            library=Path(scratch) / "library", models=ModelSettings(generation=chosen.model)
        )
        prepare_environment(settings)
        desk = Desk(settings)
        for _ in desk.ingest([chosen.folder]):
            pass
        generator = desk.load_generator()
        assert isinstance(generator, ChatGenerator)
        counts: dict[str, list[int]] = {}
        another: dict[str, list[int]] = {}
        written = 0
        for line in map(json.loads, chosen.conversations.read_text("utf-8").splitlines()):
            history = conversation(line, chosen.folder.absolute(), desk)
            understood = understand(line["question"], history)
            if understood.earlier is None:
                continue
            read = generator._prompt(_before(desk, generator, history))
            sources = desk.engine.retrieve(line["question"], history=history, top_k=3).sources
            known = desk.engine.retrieve(history[-1][0], history=history[:-1], top_k=3).sources
            language = understood.language or answer_language(line["question"])
            ways = _ways(
                generator, understood.standalone, sources, known, language, understood.earlier
            )
            for name, messages in ways.items():
                prompt = generator._prompt(messages)
                new = len(prompt) - common_prefix(read, prompt)
                counts.setdefault(name, []).append(new)
                if understood.of_another:
                    another.setdefault(name, []).append(new)
            if written < chosen.answers:
                written += 1
                print(f"\n{line['id']} {understood.standalone}\n  gold: {line['passage']}")
                for name, messages in ways.items():
                    stream = generator.stream(messages, max_tokens=120, stop=Event())
                    print(f"  {name}: {' '.join(''.join(stream).split())}", flush=True)
        desk.close()
    print("\n| the turn before | tokens to read | of another thing |\n|---|---:|---:|")
    for name, new in counts.items():
        print(f"| {name} | {statistics.median(new):.0f} | {statistics.median(another[name]):.0f} |")
    first = next(iter(counts.values()))
    print(f"\n{len(first)} follow-ups, {len(next(iter(another.values())))} of another thing")


def _before(
    desk: Desk, generator: ChatGenerator, history: Sequence[tuple[str, Answer]]
) -> Sequence[Message]:
    """The prompt of the question before."""
    question, answer = history[-1]
    sources = desk.engine.retrieve(question, history=history[:-1], top_k=3).sources
    return _prompt(generator, answer.standalone or question, sources, answer_language(question))


def _ways(
    generator: ChatGenerator,
    question: str,
    sources: Sequence[Source],
    known: Sequence[Source],
    language: Language,
    earlier: tuple[str, Answer],
) -> dict[str, Sequence[Message]]:
    order = {source.node_id: place for place, source in enumerate(known)}
    first = sorted(sources, key=lambda source: order.get(source.node_id, len(order)))
    numbered = [replace(source, n=n) for n, source in enumerate(first, start=1)]
    alone = _prompt(generator, question, sources, language)
    return {
        "before the notes": _prompt(generator, question, sources, language, earlier),
        "behind them": _behind(alone, language, earlier),
        "behind them, known passages first": _behind(
            _prompt(generator, question, numbered, language), language, earlier
        ),
        "left out": alone,
    }


def _prompt(
    generator: ChatGenerator,
    question: str,
    sources: Sequence[Source],
    language: Language,
    earlier: tuple[str, Answer] | None = None,
) -> Sequence[Message]:
    return build_prompt(
        question,
        sources,
        language=language,
        budget=_BUDGET,
        count=generator.count,
        earlier=earlier,
    ).messages


def _behind(
    messages: Sequence[Message], language: Language, earlier: tuple[str, Answer]
) -> Sequence[Message]:
    of_question, of_answer = _LABELS[language]
    asked, answer = earlier
    said = f"{of_question}{asked}\n{of_answer}{answer.text}\n\n"
    notes, end, task = messages[-1].content.rpartition("</notes>\n\n")
    return [*messages[:-1], Message("user", f"{notes}{end}{said}{task}")]


if __name__ == "__main__":
    main()
