"""How often quoted sentences state all that was asked for, and how soon they are there.

    python benchmarks/quoting.py [data]

Ingests the folder into a library of its own and quotes for each question of its questions.jsonl
that can be answered, with the default settings and one to four sentences; prints shares in percent
and the median time from question to quotation in seconds. No language model is involved.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assistant import config
from assistant.desk import Desk
from assistant.evaluation.judging import citation_is_right, stated_facts
from assistant.evaluation.questions import QUESTION_FILE, Question, make_absolute, read_questions
from assistant.query.matching import Grounds
from assistant.query.quoting import quote
from assistant.types import Source

_KINDS = ("all", "ko", "en", "across")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data"))
    folder = parser.parse_args().folder.absolute()
    questions = [
        question
        for question in make_absolute(read_questions(folder / QUESTION_FILE), folder)
        if question.answerable
    ]
    with tempfile.TemporaryDirectory() as scratch:
        desk = Desk(replace(config.load(), library=Path(scratch)))
        for _ in desk.ingest([folder]):
            pass
        desk.search(questions[0].text)  # loads what there is to load
        found: list[tuple[Question, Sequence[Source]]] = []
        seconds = []
        refused: list[Question] = []
        for question in questions:
            started = time.perf_counter()
            *_, answered = desk.quote(question.text)
            seconds.append(time.perf_counter() - started)
            found.append((question, answered.answer.sources))
            if answered.answer.refused:
                refused.append(question)
        print(
            "| sentences | "
            + " | ".join(f"{kind}, complete" for kind in _KINDS)
            + " | cited right |"
        )
        print("|---:|" + "---:|" * (len(_KINDS) + 1))
        for most in (1, 2, 3, 4):
            complete: dict[str, list[bool]] = {kind: [] for kind in _KINDS}
            right: list[bool] = []
            for question, sources in found:
                text, citations = quote(
                    question.text, Grounds(sources, desk.load_encoder()), most=most
                )
                is_complete = all(stated_facts(text, question))
                for kind in ("all", "across" if question.cross_lingual else question.language):
                    complete.setdefault(kind, []).append(is_complete)
                right += [citation_is_right(each, sources, question) for each in citations]
            cells = [100 * statistics.mean(complete[kind]) for kind in _KINDS]
            cells.append(100 * statistics.mean(right))
            print(f"| {most} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")
        print(f"\n{len(questions)} questions; refused before quoting: {len(refused)}")
        print(f"median {statistics.median(seconds):.2f} s from question to quotation")
        desk.close()


if __name__ == "__main__":
    main()
