"""How often the passage that answers a follow-up is found, by what is searched for.

    python benchmarks/followups.py [data] [conversations.jsonl] [--half choose] [--show]

Ingests the folder into a library of its own (``--library`` keeps it) and searches, for each
conversation, the last question alone, behind the questions before it, and as it is understood
with and without the earlier turn's passages. Printed are recall@1 and recall@3 in percent by kind
of follow-up, and how often the conversation was rightly taken along or left out. With ``--model``
the configured language model rewrites each question as well; how long that takes is told.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from assistant import config
from assistant.desk import Desk
from assistant.evaluation.judging import is_relevant
from assistant.evaluation.questions import Question, Target
from assistant.query.followup import understand
from assistant.types import Answer, Citation, Message, Source

_CONVERSATIONS = Path(__file__).with_name("followups.jsonl")
_FRESH = "new topic"
_K = (1, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("conversations", type=Path, nargs="?", default=_CONVERSATIONS)
    parser.add_argument("--half", choices=("choose", "confirm"))
    parser.add_argument("--library", type=Path)
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--show", action="store_true", help="Print what each became.")
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    lines = [json.loads(line) for line in arguments.conversations.read_text("utf-8").splitlines()]
    lines = [line for line in lines if arguments.half in (None, line["half"])]
    with tempfile.TemporaryDirectory() as scratch:
        library = arguments.library or Path(scratch)
        desk = Desk(replace(config.load(), library=library))
        for _ in desk.ingest([folder]):
            pass
        found: dict[str, dict[str, list[int]]] = {}
        right: list[bool] = []
        seconds: list[float] = []
        for line in lines:
            history = conversation(line, folder, desk)
            understood = understand(line["question"], history)
            right.append((understood.earlier is None) == (line["kind"] == _FRESH))
            before = [each["question"] for each in line["history"]]
            searches = {
                "alone": line["question"],
                "behind the questions before": " ".join([*before, line["question"]]),
                "standalone": understood.standalone,
            }
            gold = target(line, folder)
            if arguments.model:
                started = time.perf_counter()
                searches["rewritten by the model"] = rewritten_by_model(line, history, desk)
                seconds.append(time.perf_counter() - started)
            for name, query in searches.items():
                ranks = found.setdefault(name, {})
                sources = desk.search(query, top_k=3).sources
                ranks.setdefault(line["kind"], []).append(rank(sources, gold))
            ranks = found.setdefault("standalone, as the chat retrieves", {})
            sources = desk.engine.retrieve(line["question"], history=history, top_k=3).sources
            ranks.setdefault(line["kind"], []).append(rank(sources, gold))
            if arguments.show:
                ranked = [found[name][line["kind"]][-1] for name in found]
                print(line["id"], ranked, right[-1], "→", understood.standalone)
                if arguments.model:
                    print("    model →", searches["rewritten by the model"])
        kinds = list(dict.fromkeys(line["kind"] for line in lines))
        print(f"| searched for | {' | '.join(kinds)} | all |\n|---|{'---:|' * (len(kinds) + 1)}")
        for name, ranks in found.items():
            every = [each for some in ranks.values() for each in some]
            cells = [_recalls(ranks[kind]) for kind in kinds] + [_recalls(every)]
            print(f"| {name} | {' | '.join(cells)} |")
        counts = ", ".join(
            f"{sum(line['kind'] == kind for line in lines)} {kind}" for kind in kinds
        )
        print(f"\nrecall@1 / recall@3 of {len(lines)} conversations: {counts}")
        if seconds:
            print(f"the model took {statistics.median(seconds):.1f} s a question (median)")
        print(f"taken along or left out rightly: {sum(right)} of {len(right)}")
        desk.close()


def rewritten_by_model(
    line: dict[str, Any], history: Sequence[tuple[str, Answer]], desk: Desk
) -> str:
    """The last question as the language model makes it stand alone."""
    said = "\n".join(f"Q: {asked}\nA: {answer.text}" for asked, answer in history[-3:])
    messages = [
        Message(
            "system",
            "Rewrite the last question so that it can be understood without the conversation. "
            "Keep its language. Write the question alone.",
        ),
        Message("user", f"{said}\nQ: {line['question']}\n\nRewritten last question:"),
    ]
    generator = desk.load_generator()
    text = "".join(generator.stream(messages, max_tokens=64, stop=Event())).strip()
    first = text.splitlines()[0] if text else ""
    return first.removeprefix("Q:").strip() or line["question"]


def conversation(line: dict[str, Any], folder: Path, desk: Desk) -> list[tuple[str, Answer]]:
    """The turns before, each with the passage its answer cites as its source."""
    history: list[tuple[str, Answer]] = []
    for turn in line["history"]:
        gold = target(turn, folder)
        standalone = understand(turn["question"], history).standalone
        sources = desk.search(f"{standalone} {turn['passage']}", top_k=10).sources
        cited = [source for source in sources if is_relevant(source, gold)][:1]
        answer = Answer(
            turn["question"],
            turn["answer"],
            "ko",
            "complete",
            sources=tuple(cited),
            citations=tuple(Citation(s.n, s.path, s.place, "", 0, 0, 0, 0, 1.0) for s in cited),
            standalone="" if standalone == turn["question"] else standalone,
        )
        history.append((turn["question"], answer))
    return history


def target(turn: dict[str, Any], folder: Path) -> Question:
    return Question(
        id="",
        text=turn["question"],
        language="ko",
        answerable=True,
        targets=(Target(folder / turn["path"], turn["passage"]),),
    )


def rank(sources: Sequence[Source], gold: Question) -> int:
    """From 1; 0 where it is not among them."""
    return next((n for n, each in enumerate(sources, start=1) if is_relevant(each, gold)), 0)


def _recalls(ranks: Sequence[int]) -> str:
    return " / ".join(f"{100 * sum(0 < r <= k for r in ranks) / len(ranks):.0f}" for k in _K)


if __name__ == "__main__":
    main()
