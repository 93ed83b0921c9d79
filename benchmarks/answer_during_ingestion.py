"""How much later an answer begins while notes are being embedded, with and without giving way.

    python benchmarks/answer_during_ingestion.py BEIR_FOLDER [--model M] [--rounds N]

The sample notes are ingested and asked; the passages of the BEIR folder are what is ingested
meanwhile, each in a file of its own. Arms take turns; told is the median time to the first token.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
from pathlib import Path

from assistant.config import AnswerSettings, ModelSettings, Settings
from assistant.desk import Desk
from assistant.desk.yielding import Precedence
from assistant.models.device import prepare_environment
from assistant.types import Answered, EmbeddingProgress

NOTES = Path(__file__).parent.parent / "data"
QUESTIONS = (
    "BERT는 사전학습할 때 입력 토큰의 몇 퍼센트를 예측 대상으로 고르나요?",
    "LoRA의 rank는 무엇을 정하나요?",
    "벡터 검색에서 recall@10은 무엇인가요?",
    "토큰화에서 패딩은 왜 필요한가요?",
    "어텐션에서 softmax는 무엇을 하나요?",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(
            library=Path(scratch) / "library",
            models=ModelSettings(generation=chosen.model),
            answer=AnswerSettings(refusal=0),
        )
        prepare_environment(settings)
        desk = Desk(settings)
        for _ in desk.ingest([NOTES]):
            pass
        more = Path(scratch) / "more"
        write_passages(chosen.folder, more)
        desk.read_ahead()
        first_token(desk, QUESTIONS[0])
        measure(desk, more, chosen.rounds)
        desk.close()


def measure(desk: Desk, more: Path, rounds: int) -> None:
    times: dict[str, list[float]] = {"alone": [], "in the way": [], "giving way": []}
    stop, begun = threading.Event(), threading.Event()

    def ingest() -> None:
        for event in desk.ingest([more], stop=stop):
            if isinstance(event, EmbeddingProgress):
                begun.set()

    def during(question: str) -> float:
        stop.clear()
        begun.clear()
        work = threading.Thread(target=ingest)
        work.start()
        begun.wait(120)
        try:
            return first_token(desk, question)
        finally:
            stop.set()
            work.join()

    for number in range(rounds):
        question = QUESTIONS[number % len(QUESTIONS)]
        for name in times:
            forget(desk)
            desk._precedence = Precedence(0 if name == "in the way" else 60)
            taken = first_token(desk, question) if name == "alone" else during(question)
            times[name].append(taken)
    alone = statistics.median(times["alone"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"first token, ingestion {name}: {median:.2f} s, {median / alone:.2f} times alone")


def first_token(desk: Desk, question: str) -> float:
    for event in desk.ask(question):
        if isinstance(event, Answered):
            assert event.answer.timing.first_token is not None, "refused before it was written"
            return event.answer.timing.first_token
    raise AssertionError("no answer")


def forget(desk: Desk) -> None:
    from assistant.models.generation import ChatGenerator
    from assistant.models.prefixes import Prefixes

    generator = desk.load_generator()
    assert isinstance(generator, ChatGenerator)
    generator._prefixes = Prefixes(generator._model.config)


def write_passages(folder: Path, target: Path) -> None:
    target.mkdir()
    with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            (target / f"{number}.txt").write_text(json.loads(line)["text"], "utf-8")


if __name__ == "__main__":
    main()
