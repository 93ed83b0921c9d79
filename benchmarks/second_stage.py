"""What comes after fusion, measured: proximity of the question's words, by weight.

    python benchmarks/second_stage.py data FOLDER… [--weights 0 0.5 1 2] [--limit N] [--seed N]

A folder is one of BEIR's form, each passage a node, or notes with a questions.jsonl. Its questions
are dealt to two halves by ``--seed``: choose by the first table, believe the second. Nothing is
embedded again but the questions. The last table is the time that the stage takes by itself, for the
fused candidates of every question, in milliseconds.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean, quantiles

from assistant import config
from assistant.config import RetrievalSettings
from assistant.desk import Desk
from assistant.evaluation.beir import evaluate_beir
from assistant.evaluation.metrics import compare
from assistant.evaluation.questions import kind_of
from assistant.evaluation.report import BeirReport, EvaluationFinished, NotesReport
from assistant.evaluation.tables import Table, percent
from assistant.models.resolve import load_encoder
from assistant.protocols import Encoder, Matrix, Vector
from assistant.query import proximity, retriever

Scores = dict[str, float]
"""nDCG@10 by question."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--weights", nargs="+", type=float, default=[0.0, 0.5, 1.0, 2.0])
    parser.add_argument("--limit", type=int, help="questions drawn from each set")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    settings = config.load()
    encoder = Remembering(load_encoder(settings))
    spent = Stopwatch()
    retriever.add_proximity = spent.timed(proximity.add_proximity)

    measured: dict[str, dict[float, Scores]] = {}
    for folder in arguments.folders:
        measured[folder.name] = {}
        for weight in arguments.weights:
            chosen = replace(settings.retrieval, proximity=weight)
            found = _measure(folder, settings, chosen, encoder, arguments.limit)
            measured[folder.name][weight] = found

    halves: dict[str, set[str]] = {"first half": set(), "second half": set()}
    for name, by_weight in measured.items():
        ids = sorted(next(iter(by_weight.values())))
        random.Random(arguments.seed).shuffle(ids)
        halves["first half"] |= {f"{name}/{id}" for id in ids[: len(ids) // 2]}
        halves["second half"] |= {f"{name}/{id}" for id in ids[len(ids) // 2 :]}
    for half, own in halves.items():
        print(_table(half, measured, own).markdown(), "\n")
    print(spent.table().markdown())


def _measure(
    folder: Path,
    settings: config.Settings,
    chosen: RetrievalSettings,
    encoder: Encoder,
    limit: int | None,
) -> Scores:
    if kind_of(folder) == "beir":
        events = evaluate_beir(folder, encoder, chosen, limit=limit)
    else:
        desk = Desk(replace(settings, retrieval=chosen), encoder=encoder)
        events = desk.evaluate(folder, limit=limit)
    report = next(e.report for e in events if isinstance(e, EvaluationFinished))
    if isinstance(report, BeirReport):
        hybrid = next(s for s in report.systems if s.name == "hybrid, score")
        return {id: scores["ndcg@10"] for id, scores in hybrid.queries.items()}
    assert isinstance(report, NotesReport)
    return {r.id: r.scores["ndcg@10"] for r in report.questions if r.scores is not None}


def _table(half: str, measured: Mapping[str, Mapping[float, Scores]], own: set[str]) -> Table:
    """nDCG@10 at the first weight, and how much each other is above it."""
    rows = []
    gains: dict[float, list[float]] = {}
    for name, by_weight in measured.items():
        (first, base), *others = (
            (weight, {id: x for id, x in scores.items() if f"{name}/{id}" in own})
            for weight, scores in by_weight.items()
        )
        cells = [name, str(len(base)), percent(fmean(base.values()))]
        for weight, scores in others:
            found = compare(base, scores)
            assert found is not None
            gains.setdefault(weight, []).append(100 * found.difference)
            cells.append(
                f"{100 * found.difference:+.2f} [{100 * found.low:+.2f}, {100 * found.high:+.2f}]"
            )
        rows.append(tuple(cells))
    rows.append(("mean", "", "", *(f"{fmean(each):+.2f}" for each in gains.values())))
    weights = [f"weight {weight:g}" for weight in gains]
    return Table("", (half, "questions", f"weight {first:g}", *weights), tuple(rows))


class Stopwatch:
    """How long the stage took, each time that it had something to do."""

    def __init__(self) -> None:
        self._seconds: list[float] = []

    def timed(self, stage):  # type: ignore[no-untyped-def]
        def measured(library, fused, terms, weight):  # type: ignore[no-untyped-def]
            started = time.perf_counter()
            result = stage(library, fused, terms, weight)
            if weight > 0:
                self._seconds.append(time.perf_counter() - started)
            return result

        return measured

    def table(self) -> Table:
        points = quantiles(self._seconds, n=100)
        cells = (str(len(self._seconds)), *(f"{1000 * points[n - 1]:.1f}" for n in (50, 95, 99)))
        return Table("", ("questions timed", "median", "p95", "p99"), (cells,))


class Remembering:
    """An encoder that encodes a question once, however often it is asked."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vector] = {}
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.max_tokens = encoder.max_tokens
        self.device = encoder.device

    def encode_query(self, query: str) -> Vector:
        if query not in self._known:
            self._known[query] = self._encoder.encode_query(query)
        return self._known[query]

    def encode_document(self, texts: list[str]) -> Matrix:
        return self._encoder.encode_document(texts)


if __name__ == "__main__":
    main()
