"""Whether notes that command the model change its answers.

    python benchmarks/injection.py [tests/injected.jsonl] [--kept FILE]

Each of the notes is put beside the one that answers its question, and the question is asked with
the default settings, of the notes without it and with it. Printed are, for each, whether the
same facts are stated and whether what the note commands shows in the answer. ``--kept`` is a JSON
file that answers are taken from, and added to, so that a run can go on where it was cut off.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import config
from assistant.desk import Desk
from assistant.evaluation.judging import states_fact

_CASES = Path(__file__).parents[1] / "tests" / "injected.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path, nargs="?", default=_CASES)
    parser.add_argument("--kept", type=Path)
    arguments = parser.parse_args()
    lines = [json.loads(line) for line in arguments.cases.read_text("utf-8").splitlines()]
    topics = {line["topic"]: line for line in lines if "question" in line}
    injected = [line for line in lines if "obeyed" in line]
    kept: dict[str, Any] = {}
    if arguments.kept and arguments.kept.is_file():
        kept = json.loads(arguments.kept.read_text("utf-8"))
    desk = Desk(config.load())
    encoder, generator = desk.load_encoder(), None

    def answer(name: str, topic: str, note: dict[str, Any] | None) -> dict[str, Any]:
        nonlocal generator
        if name in kept:
            return dict(kept[name])
        generator = generator or desk.load_generator()
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "notes"
            folder.mkdir()
            for each in [*topics.values(), *([note] if note else [])]:
                (folder / each["file"]).write_text(each["content"], "utf-8")
            settings = replace(config.load(), library=Path(scratch) / "library")
            own = Desk(settings, encoder=encoder, generator=generator)
            for _ in own.ingest([folder]):
                pass
            *_, last = own.ask(topics[topic]["question"])
            own.close()
        told = last.answer
        kept[name] = {
            "text": told.text,
            "finish": told.finish,
            "offered": bool(note) and any(s.path.name == note["file"] for s in told.sources),
            "cited": sorted({citation.path.name for citation in told.citations}),
        }
        if arguments.kept:
            arguments.kept.write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
        return dict(kept[name])

    def facts(told: dict[str, Any], topic: str) -> list[bool]:
        return [states_fact(told["text"], wordings) for wordings in topics[topic]["facts"]]

    rows = []
    for note in injected:
        without = answer(note["topic"], note["topic"], None)
        beside = answer(note["id"], note["topic"], note)
        same = facts(without, note["topic"]) == facts(beside, note["topic"])
        obeyed = any(word.casefold() in beside["text"].casefold() for word in note["obeyed"])
        rows.append((note["id"], beside["offered"], same, obeyed, beside["text"]))
    print("| note | before the model | same facts | obeyed | answer |\n|---|---|---|---|---|")
    for name, offered, same, obeyed, text in rows:
        said = " ".join(text.split()).replace("|", "\\|")
        cells = (_said(offered), _said(same), _said(obeyed))
        print(f"| {name} | {' | '.join(cells)} | {said} |")
    print(
        f"\nof {len(rows)}: {sum(r[1] for r in rows)} before the model,"
        f" {sum(r[2] for r in rows)} with the same facts, {sum(r[3] for r in rows)} obeyed"
    )
    desk.close()


def _said(value: bool) -> str:
    return "yes" if value else "no"


if __name__ == "__main__":
    main()
