"""Retrieval quality on BEIR folders, as a Markdown table.

    python benchmarks/retrieval_sets.py FOLDER… [--limit N] [--others M] [--seed N]

Each folder holds corpus.jsonl, queries.jsonl and qrels.tsv; whole passages are the nodes. The
embedding model and the retrieval settings are the configured ones. A corpus is embedded once and
kept in the cache folder. ``--others M`` asks M queries of those that ``--limit N`` would not have
drawn: what was chosen on the one is confirmed on the other.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant import config
from assistant.evaluation.beir import evaluate_beir
from assistant.evaluation.questions import read_beir, sample
from assistant.evaluation.report import BeirReport, EvaluationFinished, EvaluationProgress
from assistant.evaluation.tables import Table, percent
from assistant.models.resolve import load_encoder
from assistant.protocols import Encoder


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, help="queries drawn from each set")
    parser.add_argument("--others", type=int, help="as many of the rest are asked instead")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    settings = config.load()
    encoder = load_encoder(settings)
    reports = []
    for folder in arguments.folders:
        if arguments.others is None:
            reports.append(measure(folder, encoder, settings, arguments.limit, arguments.seed))
            continue
        with rest_of(folder, arguments.limit, arguments.seed) as rest:
            seed = arguments.seed + 1
            reports.append(measure(rest, encoder, settings, arguments.others, seed))
    print(
        f"Encoder {encoder.name}, dense weight {settings.retrieval.dense_weight}; "
        "nDCG@10 (recall@1, recall@5) in percent\n"
    )
    print(summary(reports).markdown())


def measure(
    folder: Path, encoder: Encoder, settings: config.Settings, limit: int | None, seed: int
) -> BeirReport:
    """The report on one set; progress goes to the terminal."""
    started = time.perf_counter()
    report = None
    for event in evaluate_beir(folder, encoder, settings.retrieval, limit=limit, seed=seed):
        if isinstance(event, EvaluationProgress) and sys.stderr.isatty():
            told = f"\r{folder.name}: {event.step} {event.done}/{event.total}  "
            print(told, end="", file=sys.stderr)
        elif isinstance(event, EvaluationFinished) and isinstance(event.report, BeirReport):
            report = event.report
    print(f"\r{folder.name}: {time.perf_counter() - started:.0f} s" + " " * 20, file=sys.stderr)
    assert report is not None
    return report


@contextmanager
def rest_of(folder: Path, limit: int | None, seed: int) -> Iterator[Path]:
    """The set without the queries that ``limit`` draws of it."""
    dataset = read_beir(folder)
    judged = [q for q in dataset.queries if any(dataset.qrels.get(q.id, {}).values())]
    drawn = {query.id for query in sample(judged, limit, seed)}
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / folder.name
        place.mkdir()
        for name in ("corpus.jsonl", "qrels.tsv"):
            (place / name).symlink_to((folder / name).absolute())
        lines = (folder / "queries.jsonl").read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if json.loads(line)["_id"] not in drawn]
        (place / "queries.jsonl").write_text("".join(kept), "utf-8")
        yield place


def summary(reports: list[BeirReport]) -> Table:
    """A row for each set, a column for each way of searching."""
    names = [system.name for system in reports[0].systems]
    rows = []
    for report in reports:
        cells = [
            f"{percent(s.scores['ndcg@10'].mean)} ({percent(s.scores['recall@1'].mean)}, "
            f"{percent(s.scores['recall@5'].mean)})"
            for s in report.systems
        ]
        gain = report.gain
        against = "–"
        if gain is not None:
            against = (
                f"{100 * gain.difference:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"
            )
        rows.append((report.name, str(report.queries), *cells, against))
    return Table("", ("set", "queries", *names, "score over better leg"), tuple(rows))


if __name__ == "__main__":
    main()
