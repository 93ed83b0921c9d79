"""Sentences instead of whole passages before the model: which facts are left, and what is saved.

    python benchmarks/sentence_context.py [data] [--share 0.5] [--answers N --model M --kept FILE]

Of the three passages found for each answerable question of the folder the sentences are kept that
hold most of the question, across languages those most like it, each with its neighbours, up to a
share of the characters. Printed is how many of the facts stand in the passages and in what is kept.
With ``--answers`` N questions of each language, and N across languages, are answered both ways.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median
from threading import Event
from typing import Any

from assistant.config import ModelSettings, Settings
from assistant.desk import Desk
from assistant.evaluation.judging import states_fact
from assistant.evaluation.questions import QUESTION_FILE, Question, read_questions
from assistant.models.device import prepare_environment
from assistant.protocols import Encoder
from assistant.query.matching import Grounds, trigrams
from assistant.query.prompt import answer_language, build_prompt
from assistant.types import Source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--answers", type=int, default=0)
    parser.add_argument("--model", default="qwen2.5-coder-1.5b-instruct")
    parser.add_argument("--kept", type=Path, help="answers are taken from there, and added to it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(
            library=Path(scratch) / "library", models=ModelSettings(generation=chosen.model)
        )
        prepare_environment(settings)
        desk = Desk(settings)
        for _ in desk.ingest([chosen.folder]):
            pass
        asked = [q for q in read_questions(chosen.folder / QUESTION_FILE) if q.answerable]
        encoder = desk.load_encoder()
        offered = {}
        for question in asked:
            whole = desk.engine.retrieve(question.text, top_k=3).sources
            offered[question.id] = (
                whole,
                best_sentences(question.text, whole, encoder, chosen.share),
            )
        print("| questions | facts | in the passages | in what is kept | share of the text |")
        print("|---|---:|---:|---:|---:|")
        for group in ("ko", "en", "across languages"):
            print(_row(group, [(q, *offered[q.id]) for q in asked if _group(q) == group]))
        if chosen.answers:
            answer(desk, asked, offered, chosen.answers, chosen.kept)
        desk.close()


def best_sentences(
    question: str, sources: Sequence[Source], encoder: Encoder, share: float
) -> tuple[Source, ...]:
    """``sources`` with the best sentences and their neighbours, about ``share`` of the text."""
    grounds = Grounds(sources, encoder)
    found, asked = grounds.sentences, trigrams(question)
    scores = [grounds.share(asked, sentence.trigrams) for sentence in found]
    for index, alike in grounds.likeness(question).items():
        scores[index] = max(scores[index], alike)
    room = share * sum(len(sentence.text) for sentence in found)
    kept: set[int] = set()
    used = 0
    for best in sorted(range(len(found)), key=lambda index: -scores[index]):
        if used >= room:
            break
        for index in (best, best - 1, best + 1):
            if not 0 <= index < len(found) or index in kept:
                continue
            length = len(found[index].text)
            same = found[index].source.n == found[best].source.n
            if index == best or (same and used + length <= 1.1 * room):
                kept.add(index)
                used += length
    return tuple(
        replace(source, text=_joined(source, mine, grounds))
        for source in sources
        if (mine := [index for index in sorted(kept) if found[index].source.n == source.n])
    )


def _joined(source: Source, kept: Sequence[int], grounds: Grounds) -> str:
    text, last = "", -2
    for index in kept:
        sentence = grounds.sentences[index]
        if text:
            before = grounds.sentences[last].end
            text += source.text[before : sentence.start] if index == last + 1 else " … "
        text += sentence.text
        last = index
    return text


def answer(
    desk: Desk,
    asked: Sequence[Question],
    offered: dict[str, tuple[tuple[Source, ...], tuple[Source, ...]]],
    count: int,
    file: Path | None,
) -> None:
    kept: dict[str, Any] = json.loads(file.read_text("utf-8")) if file and file.is_file() else {}
    print("\n| questions | n | way | facts stated | prompt, tokens |\n|---|---:|---|---:|---:|")
    for group in ("ko", "en", "across languages"):
        some = [question for question in asked if _group(question) == group]
        some = random.Random(5).sample(some, min(count, len(some)))
        for way in (0, 1):
            for question in some:
                key = f"{question.id}/{way}"
                if key not in kept:
                    kept[key] = _write(desk, question, offered[question.id][way])
                    if file:
                        file.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
            told = [kept[f"{question.id}/{way}"] for question in some]
            facts = fmean(
                fmean(states_fact(each["text"], fact) for fact in question.facts)
                for question, each in zip(some, told, strict=True)
            )
            tokens = median(each["tokens"] for each in told)
            name = ("passages", "sentences")[way]
            print(f"| {group} | {len(some)} | {name} | {100 * facts:.0f} | {tokens:.0f} |")


def _write(desk: Desk, question: Question, sources: Sequence[Source]) -> dict[str, Any]:
    generator = desk.load_generator()
    prompt = build_prompt(
        question.text,
        sources,
        language=answer_language(question.text),
        budget=2048,
        count=generator.count,
    )
    text = "".join(generator.stream(prompt.messages, max_tokens=120, stop=Event()))
    return {"text": text, "tokens": prompt.tokens}


def _group(question: Question) -> str:
    return "across languages" if question.cross_lingual else question.language


def _row(
    group: str, rows: Sequence[tuple[Question, tuple[Source, ...], tuple[Source, ...]]]
) -> str:
    counts = [0, 0, 0]
    lengths = [0, 0]
    for question, *ways in rows:
        counts[0] += len(question.facts)
        for way, sources in enumerate(ways):
            text = "\n".join(source.text for source in sources)
            counts[way + 1] += sum(states_fact(text, fact) for fact in question.facts)
            lengths[way] += len(text)
    return f"| {group} | {' | '.join(map(str, counts))} | {100 * lengths[1] / lengths[0]:.0f} % |"


if __name__ == "__main__":
    main()
