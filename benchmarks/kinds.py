"""What minding a question's kind changes: facts stated, with and without it.

    python benchmarks/kinds.py [data] [benchmarks/kinds.jsonl] [--kept FILE] [--half choose]

Asks each question twice over the folder, once as its kind wants it and once like any other, and
prints by kind the share of facts that the answers state, of answers that state all of them, of yes
and no that are right, of passages found, and the seconds an answer took. ``--kept`` is a JSON file
that answers are taken from, and added to. ``--public`` also asks the questions of the folder's own
questions.jsonl that have a kind.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from assistant import config
from assistant.desk import Desk
from assistant.evaluation.judging import is_relevant, states_fact
from assistant.evaluation.questions import QUESTION_FILE, Question, Target
from assistant.query.kinds import kind_of
from assistant.types import Source

_QUESTIONS = Path(__file__).with_name("kinds.jsonl")
_WRITTEN = ("comparison", "list", "code")
"""Kinds that are compared with the plain way; the others change nothing, or need no model."""
_POLARITY = {
    "yes": re.compile(r"^\W*(?:예|네|그렇|맞|yes)", re.IGNORECASE),
    "no": re.compile(r"^\W*(?:아니|no\b|not\b)", re.IGNORECASE),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("questions", type=Path, nargs="?", default=_QUESTIONS)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--half", choices=("choose", "confirm"))
    parser.add_argument("--library", type=Path)
    parser.add_argument("--public", action="store_true")
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    lines = [json.loads(line) for line in arguments.questions.read_text("utf-8").splitlines()]
    lines = [line for line in lines if arguments.half in (None, line["half"])]
    told = sum(kind_of(line["question"]) == line["kind"] for line in lines)
    print(f"kinds told rightly: {told} of {len(lines)}")
    lines = [line for line in lines if line["kind"] in _WRITTEN]
    if arguments.public:
        lines = list(_public(folder / QUESTION_FILE))
    kept: dict[str, Any] = {}
    if arguments.kept and arguments.kept.is_file():
        kept = json.loads(arguments.kept.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        library = arguments.library or Path(scratch)
        desk = Desk(replace(config.load(), library=library))
        for _ in desk.ingest([folder]):
            pass
        for line in lines:
            for way in ("plain", line["kind"]):
                key = f"{line['id']}/{way}"
                if key not in kept:
                    kept[key] = _ask(desk, line, way, folder)
                    if arguments.kept:
                        text = json.dumps(kept, ensure_ascii=False, indent=1)
                        arguments.kept.write_text(text, "utf-8")
        desk.close()
    print("| kind | questions | way | facts | complete | yes or no | passages | seconds |")
    print("|---|---:|---|---:|---:|---:|---:|---:|")
    for kind in dict.fromkeys(line["kind"] for line in lines):
        some = [line for line in lines if line["kind"] == kind]
        for way in ("plain", kind):
            answers = [kept[f"{line['id']}/{way}"] for line in some]
            print(f"| {kind} | {len(some)} | {way} | {' | '.join(_row(some, answers))} |")
    if arguments.show:
        for line in lines:
            for way in ("plain", line["kind"]):
                answer = kept[f"{line['id']}/{way}"]
                print(f"\n{line['id']} {way}: {line['question']}\n{_facts(line, answer)}")
                print(answer["text"])


def _ask(desk: Desk, line: dict[str, Any], way: Any, folder: Path) -> dict[str, Any]:
    *_, last = desk.engine.ask(line["question"], kind=way)
    answer = last.answer
    found = [_holds(answer.sources, target, folder) for target in line["targets"]]
    return {
        "text": answer.text,
        "finish": answer.finish,
        "found": found,
        "seconds": round(answer.timing.total, 2),
        "tokens": answer.timing.prompt_tokens,
    }


def _holds(sources: Sequence[Source], target: dict[str, Any], folder: Path) -> bool:
    gold = Question(
        id="",
        text="",
        language="ko",
        answerable=True,
        targets=(Target(folder / target["path"], target["passage"]),),
    )
    return any(is_relevant(source, gold) for source in sources)


def _facts(line: dict[str, Any], answer: dict[str, Any]) -> list[bool]:
    if answer["finish"] == "refused":
        return [False] * len(line["facts"])
    return [states_fact(answer["text"], wordings) for wordings in line["facts"]]


def _row(lines: Sequence[dict[str, Any]], answers: Sequence[dict[str, Any]]) -> list[str]:
    pairs = list(zip(lines, answers, strict=True))
    stated = [_facts(line, answer) for line, answer in pairs if line["facts"]]
    polar = [
        bool(_POLARITY[line["polarity"]].match(answer["text"]))
        for line, answer in pairs
        if line.get("polarity")
    ]
    found = [hit for answer in answers for hit in answer["found"]]
    return [
        _percent([fmean(facts) for facts in stated]),
        _percent([float(all(facts)) for facts in stated]),
        _percent(polar),
        _percent(found),
        f"{fmean(answer['seconds'] for answer in answers):.1f}",
    ]


def _percent(values: Sequence[float]) -> str:
    return f"{100 * fmean(values):.0f}" if values else "–"


def _public(file: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [
        {
            "id": line["id"],
            "kind": kind,
            "question": line["question"],
            "facts": line["facts"],
            "targets": [{"path": line["path"], "passage": line["passage"]}],
        }
        for line in lines
        if line["answerable"] and (kind := kind_of(line["question"])) in _WRITTEN
    ]


if __name__ == "__main__":
    main()
