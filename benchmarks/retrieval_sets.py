"""Retrieval quality on BEIR folders, as a Markdown table.

    python benchmarks/retrieval_sets.py FOLDER… [--limit N] [--seed N]

Each folder holds corpus.jsonl, queries.jsonl and qrels.tsv; whole passages are the nodes. The
embedding model and the retrieval settings are the configured ones. A corpus is embedded once and
kept in the cache folder.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from assistant import config
from assistant.evaluation.beir import evaluate_beir
from assistant.evaluation.report import BeirReport, EvaluationFinished, EvaluationProgress
from assistant.evaluation.tables import Table, percent
from assistant.models.resolve import load_encoder


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, help="queries drawn from each set")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    settings = config.load()
    encoder = load_encoder(settings)
    reports = []
    for folder in arguments.folders:
        started = time.perf_counter()
        for event in evaluate_beir(
            folder, encoder, settings.retrieval, limit=arguments.limit, seed=arguments.seed
        ):
            if isinstance(event, EvaluationProgress) and sys.stderr.isatty():
                print(
                    f"\r{folder.name}: {event.step} {event.done}/{event.total}  ",
                    end="",
                    file=sys.stderr,
                )
            elif isinstance(event, EvaluationFinished) and isinstance(event.report, BeirReport):
                reports.append(event.report)
        print(f"\r{folder.name}: {time.perf_counter() - started:.0f} s" + " " * 20, file=sys.stderr)
    print(
        f"Encoder {encoder.name}, dense weight {settings.retrieval.dense_weight}; "
        "nDCG@10 (recall@1, recall@5) in percent\n"
    )
    print(summary(reports).markdown())


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
