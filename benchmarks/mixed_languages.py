"""A BEIR folder in two languages, made of two parallel ones.

    python benchmarks/mixed_languages.py KOREAN ENGLISH TARGET [--seed N]

Both folders hold the same passages under the same ids, and the same questions; TARGET gets each
passage from one of them, by lot, and the questions of both. So half of the questions are about
the other language, in a corpus that has passages in their own: as in a student's notes.
`retrieval_sets.py TARGET` measures it.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from assistant.evaluation.questions import read_beir


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs=2, type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sets = [read_beir(folder) for folder in arguments.folders]
    passages = [{passage.id: passage for passage in each.corpus} for each in sets]
    draw = random.Random(arguments.seed)
    corpus = [draw.choice(passages)[id] for id in sorted(passages[0])]
    target: Path = arguments.target
    target.mkdir(parents=True, exist_ok=True)
    _write(
        target / "corpus.jsonl",
        [{"_id": passage.id, "title": passage.title, "text": passage.text} for passage in corpus],
    )
    _write(
        target / "queries.jsonl",
        [
            {"_id": f"{n}-{query.id}", "text": query.text}
            for n, each in enumerate(sets)
            for query in each.queries
        ],
    )
    judged = [
        f"{n}-{query}\t{passage}\t{grade}"
        for n, each in enumerate(sets)
        for query, grades in each.qrels.items()
        for passage, grade in grades.items()
    ]
    rows = ["query-id\tcorpus-id\tscore", *judged]
    (target / "qrels.tsv").write_text("\n".join(rows) + "\n", "utf-8")


def _write(file: Path, rows: list[dict[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()
