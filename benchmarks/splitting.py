"""How long a node should be: retrieval and prompt length by node size and overlap.

    python benchmarks/splitting.py data --beir FOLDER… --sizes 150 300 450 --overlaps 0 40

A folder of notes has a questions.jsonl. A BEIR folder whose queries hold their answers
becomes notes first: its passages, ten to a file and shuffled by a fixed seed, with a heading for
every third, so that some sections have to be cut and some are short; a hit counts when it holds the
sentence that the answer stands in. Each pair of sizes gets a library of its own. ``--keep DIR``
leaves those notes there with a questions.jsonl, for `assistant eval`, and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from assistant import config
from assistant.desk import Desk
from assistant.evaluation.judging import is_relevant
from assistant.evaluation.metrics import DEPTH, mean_scores, measure
from assistant.evaluation.questions import (
    QUESTION_FILE,
    Question,
    Target,
    make_absolute,
    read_beir,
    read_questions,
    sample,
)
from assistant.models.resolve import load_encoder, load_tokenizer
from assistant.query.prompt import answer_language
from assistant.sentences import sentences

_PER_FILE = 10
_HEADING_EVERY = 3
_HITS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notes", nargs="*", type=Path, help="folders with a questions.jsonl")
    parser.add_argument("--beir", nargs="*", type=Path, default=[])
    parser.add_argument("--sizes", nargs="+", type=int, default=[150, 300, 450])
    parser.add_argument("--overlaps", nargs="+", type=int, default=[0, 40, 80])
    parser.add_argument("--limit", type=int, default=200, help="questions of each set")
    parser.add_argument("--passages", type=int, default=400, help="passages of each BEIR set")
    parser.add_argument("--keep", type=Path, help="only make the notes, here")
    arguments = parser.parse_args()
    if arguments.keep:
        for folder in arguments.beir:
            _keep(*_notes_of(folder, arguments.keep, arguments.passages, arguments.limit))
        return
    settings = config.load()
    encoder, tokenizer = load_encoder(settings), load_tokenizer(settings)

    with tempfile.TemporaryDirectory() as scratch:
        sets = [_answerable(folder.absolute()) for folder in arguments.notes]
        sets += [
            _notes_of(folder, Path(scratch), arguments.passages, arguments.limit)
            for folder in arguments.beir
        ]

        columns = "set | size | overlap | nodes | tokens a node | tokens in five hits"
        print(f"| {columns} | nDCG@10 | recall@1 | recall@5 |")
        print("|---|" + "---:|" * 8)
        for number, (folder, asked) in enumerate(sets):
            for size in arguments.sizes:
                for overlap in arguments.overlaps:
                    place = Path(scratch) / f"library-{number}-{size}-{overlap}"
                    chosen = replace(settings.ingestion, node_tokens=size, overlap_tokens=overlap)
                    desk = Desk(
                        replace(settings, library=place, ingestion=chosen),
                        encoder=encoder,
                        tokenizer=tokenizer,
                    )
                    row = _row(desk, folder, asked)
                    print(f"| {folder.name} | {size} | {overlap} | {row} |", flush=True)
                    desk.close()


def _answerable(folder: Path) -> tuple[Path, tuple[Question, ...]]:
    questions = make_absolute(read_questions(folder / QUESTION_FILE), folder)
    return folder, tuple(question for question in questions if question.answerable)


def _row(desk: Desk, folder: Path, questions: tuple[Question, ...]) -> str:
    for _ in desk.ingest([folder]):
        pass
    tokenizer = load_tokenizer(desk.settings)
    engine = desk.engine
    rankings: dict[str, list[str]] = {}
    qrels: dict[str, dict[str, int]] = {}
    lengths = []
    for question in questions:
        sources = engine.retrieve(question.text, top_k=DEPTH).sources
        # The first right passage counts, as in `assistant eval`.
        first = next((source.n for source in sources if is_relevant(source, question)), None)
        rankings[question.id] = [str(source.n) for source in sources]
        qrels[question.id] = {str(first or "missed"): 1}
        lengths.append(sum(tokenizer.count([source.text for source in sources[:_HITS]])))
    scores = mean_scores(list(measure(qrels, rankings).values()))
    stored = desk.library.nodes(range(1, desk.status().nodes + 1)).values()
    tokens = tokenizer.count([each.node.text for each in stored])
    values = [f"{100 * scores[name].mean:.1f}" for name in ("ndcg@10", "recall@1", "recall@5")]
    return f"{len(tokens)} | {fmean(tokens):.0f} | {fmean(lengths):.0f} | {' | '.join(values)}"


def _notes_of(
    folder: Path, scratch: Path, passages: int, limit: int
) -> tuple[Path, tuple[Question, ...]]:
    """A BEIR folder as notes in ``scratch``, and questions whose sentence is in them."""
    dataset = read_beir(folder)
    answers = dict(_answers(folder / "queries.jsonl"))
    notes = scratch / folder.name
    notes.mkdir(parents=True)
    chosen = random.Random(0).sample(dataset.corpus, min(passages, len(dataset.corpus)))
    files: dict[str, Path] = {}
    for first in range(0, len(chosen), _PER_FILE):
        file = notes / f"{first // _PER_FILE:03}.md"
        lines = []
        for position, passage in enumerate(chosen[first : first + _PER_FILE]):
            if position % _HEADING_EVERY == 0:
                lines.append(f"## {position // _HEADING_EVERY + 1}")
            lines.append(passage.text)
            files[passage.id] = file
        file.write_text("\n\n".join(lines), encoding="utf-8")
    texts = {passage.id: passage.text for passage in chosen}
    questions = []
    for query in dataset.queries:
        targets = tuple(
            Target(files[gold], sentence)
            for gold in dataset.qrels[query.id]
            if gold in texts
            for sentence in _holding(texts[gold], answers.get(query.id, ()))
        )
        if targets:
            questions.append(
                Question(
                    query.id,
                    answer_language(query.text),
                    query.text,
                    answerable=True,
                    targets=targets,
                    facts=(answers[query.id],),
                )
            )
    return notes, sample(tuple(questions), limit)


def _keep(notes: Path, questions: tuple[Question, ...]) -> None:
    """Write the questions beside the notes."""
    with (notes / QUESTION_FILE).open("w", encoding="utf-8") as stream:
        for question in questions:
            first, *others = question.targets
            record = {
                "id": question.id,
                "language": question.language,
                "question": question.text,
                "answerable": True,
                "path": str(first.path.relative_to(notes)),
                "passage": first.passage,
                "also": [
                    {"path": str(other.path.relative_to(notes)), "passage": other.passage}
                    for other in others
                ],
                "facts": question.facts,
            }
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def _answers(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        yield record["_id"], tuple(record.get("answers", ()))


def _holding(text: str, answers: tuple[str, ...]) -> Iterator[str]:
    for start, end in sentences(text):
        if any(answer in text[start:end] for answer in answers):
            yield text[start:end]


if __name__ == "__main__":
    main()
