"""A second encoder beside the first: retrieval by its weight, and what it costs.

    python benchmarks/voices.py FOLDER… --notes data [--limit N] [--seed N] [--weights W…]

Each FOLDER is a BEIR set, ``--notes`` a folder with a questions.jsonl; retrieval is the program's
own, with the configured settings. Every set's questions are cut in two halves by the seed: the
weight is chosen by the mean over all sets on the first halves and told on the second ones. Texts
are encoded once, whatever the weight; ``--keep FILE`` keeps their vectors for another run.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median

import numpy as np

from assistant import config
from assistant.config import Settings
from assistant.desk import Desk
from assistant.evaluation.beir import evaluate_beir
from assistant.evaluation.metrics import compare
from assistant.evaluation.questions import make_absolute, read_questions
from assistant.evaluation.report import BeirReport, EvaluationFinished, NotesReport
from assistant.evaluation.runner import evaluate_notes
from assistant.evaluation.tables import Table
from assistant.models.catalog import E5_AND_USE
from assistant.models.joint import JointEncoder
from assistant.models.resolve import load_encoder, load_tokenizer
from assistant.protocols import Encoder, Matrix, Tokenizer, Vector

Scores = dict[str, dict[str, float]]
"""nDCG@10 by set and question."""

_RATE_TEXTS, _RATE_ROUNDS = 64, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--notes", type=Path)
    parser.add_argument("--limit", type=int, help="queries drawn from each set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--weights", nargs="+", type=float, default=[0.0, 0.05, 0.1, 0.15, 0.2], metavar="W"
    )
    parser.add_argument("--keep", type=Path, help="a file of vectors")
    arguments = parser.parse_args()
    settings = config.load()
    first, second = (
        Remembering(load_encoder(_with(settings, spec.name)), arguments.keep)
        for spec in (E5_AND_USE.first, E5_AND_USE.second)
    )
    tokenizer = load_tokenizer(_with(settings, E5_AND_USE.first.name))
    dense: dict[float, Scores] = {}
    hybrid: dict[float, Scores] = {}
    for weight in arguments.weights:
        encoder = JointEncoder(first, second, weight, name=f"joint-{weight}") if weight else first
        hybrid[weight], dense[weight] = {}, {}
        with tempfile.TemporaryDirectory() as cache:
            for folder in arguments.folders:
                print(f"weight {weight}: {folder.name}", file=sys.stderr)
                legs = _beir(folder, encoder, settings, arguments, Path(cache))
                dense[weight][folder.name], hybrid[weight][folder.name] = legs
            if arguments.notes:
                hybrid[weight] |= _notes(
                    arguments.notes, encoder, tokenizer, settings, Path(cache) / "notes"
                )
    for voice in (first, second):
        voice.save()
    tables = [_by_weight("dense leg alone, all questions", dense)] if arguments.folders else []
    tables += [_by_weight("hybrid, all questions", hybrid), _halves(hybrid, arguments.seed)]
    for table in tables:
        print(f"{table.title}\n\n{table.markdown()}\n")
    print(_rate(first, second))


def _with(settings: Settings, embedding: str) -> Settings:
    models = replace(settings.models, embedding=embedding)
    return replace(settings, models=models)


class Remembering:
    """An encoder that encodes a text once. ``file`` holds vectors of earlier runs."""

    def __init__(self, encoder: Encoder, file: Path | None) -> None:
        self.encoder = encoder
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.max_tokens = encoder.max_tokens
        self.device = encoder.device
        self._file = file and file.with_name(f"{file.name}-{encoder.name}.npz")
        self._known: dict[str, Vector] = {}
        if self._file and self._file.is_file():
            with np.load(self._file) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def encode_query(self, query: str) -> Vector:
        key = f"?{query}"
        if key not in self._known:
            self._known[key] = self.encoder.encode_query(query)
        return self._known[key]

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        new = list({text: None for text in texts if f"={text}" not in self._known})
        for text, vector in zip(new, self.encoder.encode_document(new), strict=True):
            self._known[f"={text}"] = vector
        return np.stack([self._known[f"={text}"] for text in texts])

    def documents(self, most: int) -> list[str]:
        """The longest half of what was encoded as documents, at most so many."""
        texts = sorted((k[1:] for k in self._known if k[0] == "="), key=len, reverse=True)
        return texts[: len(texts) // 2 : max(1, len(texts) // 2 // most)][:most]

    def save(self) -> None:
        if self._file:
            texts = np.array(list(self._known), dtype=object)
            np.savez(
                self._file, texts=texts.astype(str), vectors=np.stack(list(self._known.values()))
            )


def _beir(
    folder: Path,
    encoder: Encoder,
    settings: Settings,
    arguments: argparse.Namespace,
    cache: Path,
) -> tuple[dict[str, float], dict[str, float]]:
    """nDCG@10 by question: dense leg, hybrid."""
    events = evaluate_beir(
        folder,
        encoder,
        settings.retrieval,
        limit=arguments.limit,
        seed=arguments.seed,
        cache=cache,
    )
    [report] = [event.report for event in events if isinstance(event, EvaluationFinished)]
    assert isinstance(report, BeirReport)
    systems = {system.name: system for system in report.systems}
    dense, hybrid = systems["dense"], systems["hybrid, score"]
    return tuple(  # type: ignore[return-value]
        {query: scores["ndcg@10"] for query, scores in system.queries.items()}
        for system in (dense, hybrid)
    )


def _notes(
    folder: Path, encoder: Encoder, tokenizer: Tokenizer, settings: Settings, library: Path
) -> Scores:
    """nDCG@10 of a folder's answerable questions: Korean, English, across."""
    folder = folder.absolute()
    asked = list(make_absolute(read_questions(folder / "questions.jsonl"), folder))
    desk = Desk(replace(settings, library=library), encoder=encoder, tokenizer=tokenizer)
    for _ in desk.ingest([folder]):
        pass
    events = list(evaluate_notes(desk.engine, asked))
    desk.library.close()
    [report] = [event.report for event in events if isinstance(event, EvaluationFinished)]
    assert isinstance(report, NotesReport)
    scores: Scores = {}
    for result in report.questions:
        if result.scores is not None:
            group = "across" if result.cross_lingual else result.language
            scores.setdefault(f"notes, {group}", {})[result.id] = result.scores["ndcg@10"]
    return scores


def _by_weight(title: str, scores: Mapping[float, Scores]) -> Table:
    names = list(next(iter(scores.values())))
    rows = [
        (f"{weight:g}", *(f"{100 * fmean(sets[name].values()):.1f}" for name in names))
        for weight, sets in scores.items()
    ]
    return Table(title, ("weight", *names), tuple(rows))


def _halves(scores: Mapping[float, Scores], seed: int) -> Table:
    """The weight chosen on the first halves, against none, on both."""
    names = list(next(iter(scores.values())))
    halves = {}
    for name in names:
        ids = sorted(next(iter(scores.values()))[name])
        random.Random(seed).shuffle(ids)
        halves[name] = ids[: len(ids) // 2], ids[len(ids) // 2 :]

    def mean(weight: float) -> float:
        return fmean(fmean(scores[weight][name][i] for i in halves[name][0]) for name in names)

    chosen = max(scores, key=mean)
    rows = []
    for name in names:
        cells = []
        for half in halves[name]:
            without, beside = ({i: scores[w][name][i] for i in half} for w in (0.0, chosen))
            gain = compare(without, beside)
            assert gain is not None
            cells += [
                f"{100 * fmean(without.values()):.1f}",
                f"{100 * fmean(beside.values()):.1f}",
                f"{100 * gain.difference:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]",
            ]
        rows.append((name, *cells))
    means = ", ".join(f"{weight:g}: {100 * mean(weight):.2f}" for weight in scores)
    return Table(
        f"chosen on the first halves: {chosen:g} (means {means})",
        ("set", "alone", "beside", "gain", "alone, second half", "beside", "gain"),
        tuple(rows),
    )


def _rate(first: Remembering, second: Remembering) -> str:
    """How much longer encoding takes, the two measured in turns."""
    texts = first.documents(_RATE_TEXTS)
    times: dict[str, list[float]] = {first.name: [], second.name: []}
    for encoder in (first.encoder, second.encoder) * (_RATE_ROUNDS + 1):
        started = time.perf_counter()
        encoder.encode_document(texts)
        times[encoder.name].append(time.perf_counter() - started)
    alone, beside = (median(times[name][1:]) for name in (first.name, second.name))
    return (
        f"Encoding {len(texts)} passages takes {first.name} 1, {second.name} {beside / alone:.2f} "
        "of the same time."
    )


if __name__ == "__main__":
    main()
