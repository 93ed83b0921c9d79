"""Fit the first refusal gate (assistant/query/refusal.py) on BEIR folders, and tell its worth.

    python benchmarks/calibrate_refusal.py FOLDER… [--limit N] [--apart SET:OTHER]… [--notes DATA]
        [--kept DIR] [--write] [--plot SVG]

Each folder's questions are cut into halves. One is asked of the whole corpus, which answers it;
then the gold passages of the other are taken out and it is asked: nothing there answers it. A
folder in which no passage is relevant to any question holds questions without an answer; they are
measured against the answerable ones of the folder whose name its own begins with
(``korquad_noanswer``: ``korquad``), which then leaves them out. Questions that find a passage of
another language first fit the model for that case. A question that is to have no answer is left
out where its gold answer stands in one of the passages found all the same (another article has it):
one in ten of KorQuAD's and XQuAD's. ``--apart`` asks questions of one set of another's passages,
which are about something else.

Half of all questions fit the constants, the rest tell what they are worth; the questions of
``--notes``, a folder with questions.jsonl, only tell. ``--write`` keeps the calibration of the
configured embedding model in the package, ``--any`` that for encoders without one, which goes by
words alone where it can. With ``--kept`` the signals of each folder are kept there and taken from
there by the next run: encoding all passages takes minutes. Needs the embedding model, no language
model.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from plot import line_chart
from sklearn.linear_model import LogisticRegression

from assistant import config
from assistant.evaluation.questions import (
    QUESTION_FILE,
    BeirSet,
    Query,
    read_beir,
    read_questions,
)
from assistant.evaluation.tables import Table
from assistant.ingestion.pipeline import ingest
from assistant.library.library import Library
from assistant.models.resolve import load_encoder, load_tokenizer
from assistant.protocols import Encoder
from assistant.query import calibration
from assistant.query.calibration import Calibration, Case, Fit, Logistic, Point, Signal
from assistant.query.matching import language_of
from assistant.query.refusal import case_of, signals
from assistant.query.search import search
from assistant.types import Document, Node, Place, Retrieval

_BATCH = 64
_READ = 3  # passages that a model is given
_THRESHOLDS = (0.02, *(round(0.05 * step, 2) for step in range(1, 20)), 0.98)
_SHOWN = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_SIGNALS: Mapping[Case, tuple[Signal, ...]] = {
    "same_language": ("likeness", "coverage", "sentence"),
    "across_languages": ("likeness",),
}
_APART = 100  # questions about something else
_LEAST_ANSWER = 3  # letters; shorter ones stand in any passage
# Words are the same for every encoder. Across languages there are none: its likeness has to do.
_SIGNALS_OF_ANY: Mapping[Case, tuple[Signal, ...]] = {
    "same_language": ("coverage", "sentence"),
    "across_languages": ("likeness",),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of ``group`` (a set by its name, ``without`` its gold passages or with)."""

    group: str
    case: Case
    signals: Mapping[Signal, float]
    answerable: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=400, help="questions drawn from each set")
    parser.add_argument("--apart", action="append", default=[], metavar="SET:OTHER")
    parser.add_argument("--notes", type=Path, help="a folder with questions.jsonl")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kept", type=Path, metavar="DIR", help="keep and reuse what was asked")
    parser.add_argument("--write", action="store_true", help="keep the calibration in the package")
    parser.add_argument("--any", action="store_true", help="for encoders that have none")
    parser.add_argument("--plot", type=Path, metavar="SVG")
    arguments = parser.parse_args()
    settings = config.load()
    encoder = load_encoder(settings)
    sets = {folder.name: read_beir(folder) for folder in arguments.folders}
    gold = {query.text: query.answers or () for of in sets.values() for query in of.queries}
    gold |= {q.text: q.answers for of in sets.values() for q in of.queries if q.answers}
    limit, seed = arguments.limit, arguments.seed

    def ask(name: str, dataset: BeirSet) -> list[Asked]:
        skipped = _skipped(name, sets)
        return list(ask_set(name, dataset, encoder, settings, skipped, limit, seed, gold))

    asked = [
        question
        for name, dataset in sets.items()
        for question in kept(arguments.kept, f"{name}-{limit}-{seed}", partial(ask, name, dataset))
    ]
    for pair in arguments.apart:
        name, _, other = pair.partition(":")
        ask_apart = partial(ask_of, sets[name], sets[other], encoder, settings, seed)
        asked += kept(arguments.kept, f"{name}-of-{other}-{seed}", ask_apart)
    random.Random(arguments.seed).shuffle(asked)
    train, told = asked[::2], asked[1::2]
    if arguments.notes:
        notes = partial(ask_notes, arguments.notes, encoder, settings)
        told += kept(arguments.kept, "notes", notes)
    models = models_of(train, _SIGNALS_OF_ANY if arguments.any else _SIGNALS)
    groups = [*sets, *(pair.replace(":", " of ") for pair in arguments.apart), "notes"]
    curves = curves_of(told, models, groups)
    result = Calibration(
        encoder="any" if arguments.any else encoder.name,
        fingerprint=calibration.ANY if arguments.any else encoder.fingerprint,
        date=datetime.date.today().isoformat(),
        seed=arguments.seed,
        sets=_counts(train, told),
        models=models,
        curves=curves,
    )
    for case, model in models.items():
        slopes = ", ".join(f"{name} {slope:.2f}" for name, slope in model.slopes.items())
        print(f"{case}: constant {model.constant:.2f}, {slopes}")
    print(f"\n{_table(curves).markdown()}")
    if arguments.write:
        file = Path(calibration.__file__).with_name(f"{result.encoder}.json")
        file.write_text(result.model_dump_json(indent=1) + "\n", "utf-8")
        print(f"\nwritten: {file}")
    if arguments.plot:
        arguments.plot.write_text(_chart(curves), "utf-8")


# --------------------------------------------------------------------------- asking


def kept(folder: Path | None, name: str, ask: Callable[[], list[Asked]]) -> list[Asked]:
    """What ``ask`` gives, from ``folder`` where a run before has left it there."""
    if folder is None:
        return ask()
    file = folder / f"{name}.json"
    if file.exists():
        return [Asked(**each) for each in json.loads(file.read_text("utf-8"))]
    found = ask()
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(each) for each in found], ensure_ascii=False), "utf-8")
    return found


def _has_answers(dataset: BeirSet) -> bool:
    return any(grade > 0 for of in dataset.qrels.values() for grade in of.values())


def _skipped(name: str, sets: Mapping[str, BeirSet]) -> set[str]:
    """Ids of questions that a set without answers asks already."""
    return {
        query.id
        for other, dataset in sets.items()
        if other.startswith(f"{name}_") and not _has_answers(dataset)
        for query in dataset.queries
    }


def ask_set(
    name: str,
    dataset: BeirSet,
    encoder: Encoder,
    settings: config.Settings,
    skipped: set[str],
    limit: int,
    seed: int,
    gold: Mapping[str, Sequence[str]],
) -> Iterator[Asked]:
    queries = [query for query in dataset.queries if query.id not in skipped]
    random.Random(seed).shuffle(queries)
    queries = queries[:limit]
    half = len(queries) // 2
    with tempfile.TemporaryDirectory() as temporary:
        library = Library.open(Path(temporary))
        _fill(library, dataset, encoder)

        def ask(group: str, some: Sequence[Query], answerable: bool) -> Iterator[Asked]:
            for query in some:
                found = search(library, encoder, query.text, settings.retrieval)
                if answerable or not _is_answered(found, gold.get(query.text, ())):
                    yield _asked(group, found, answerable, encoder)

        if not _has_answers(dataset):
            yield from ask(name, queries, False)
        else:
            yield from ask(name, queries[:half], True)
            for passage in {gold for query in queries[half:] for gold in dataset.qrels[query.id]}:
                library.remove_document(Path("/", passage))
            yield from ask(name, queries[half:], False)
        library.close()


def ask_of(
    asking: BeirSet, asked: BeirSet, encoder: Encoder, settings: config.Settings, seed: int
) -> list[Asked]:
    """Questions of one set asked of the passages of another."""
    queries = list(asking.queries)
    random.Random(seed).shuffle(queries)
    with tempfile.TemporaryDirectory() as temporary:
        library = Library.open(Path(temporary))
        _fill(library, asked, encoder)
        found = [
            search(library, encoder, query.text, settings.retrieval) for query in queries[:_APART]
        ]
        library.close()
    return [_asked(f"{asking.name} of {asked.name}", each, False, encoder) for each in found]


def _fill(library: Library, dataset: BeirSet, encoder: Encoder) -> None:
    library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
    for passage in dataset.corpus:
        path = Path("/", passage.id)
        node = Node(passage.text, Place(), 0, len(passage.text), language_of(passage.text))
        document = Document(path, path, passage.title, "text", 0, 0, "")
        library.replace_document(document, [node])
    pending = library.pending()
    for start in range(0, len(pending), _BATCH):
        texts = library.texts_of(pending[start : start + _BATCH])
        library.store_embeddings(list(texts), encoder.encode_document(list(texts.values())))


def ask_notes(folder: Path, encoder: Encoder, settings: config.Settings) -> list[Asked]:
    folder = folder.absolute()
    with tempfile.TemporaryDirectory() as temporary:
        library = Library.open(Path(temporary))
        for _ in ingest(
            library,
            [folder],
            settings.ingestion,
            tokenizer=lambda: load_tokenizer(settings),
            encoder=lambda: encoder,
        ):
            pass
        asked = [
            _asked(
                "notes",
                search(library, encoder, question.text, settings.retrieval),
                question.answerable,
                encoder,
            )
            for question in read_questions(folder / QUESTION_FILE)
        ]
        library.close()
    return asked


def _asked(group: str, found: Retrieval, answerable: bool, encoder: Encoder) -> Asked:
    return Asked(group, case_of(found), signals(found, encoder), answerable)


def _is_answered(found: Retrieval, answers: Sequence[str]) -> bool:
    """Whether one of the passages that a model would read has a gold answer."""
    texts = [source.text for source in found.sources[:_READ]]
    long = [answer for answer in answers if len(answer) >= _LEAST_ANSWER]
    return any(answer in text for answer in long for text in texts)


# --------------------------------------------------------------------------- fitting


def models_of(
    train: Sequence[Asked], chosen: Mapping[Case, Sequence[Signal]]
) -> dict[Case, Logistic]:
    return {
        case: fit([each for each in train if each.case == case], names)
        for case, names in chosen.items()
    }


def fit(train: Sequence[Asked], names: Sequence[Signal]) -> Logistic:
    """The logistic model of these signals; one that would tell the wrong way is left out."""
    families = [(_family(each.group, train), each.answerable) for each in train]
    size = Counter(families)
    model = LogisticRegression(C=10.0)
    # Every set and outcome weighs the same, however many questions it has.
    model.fit(
        np.array([[each.signals.get(name, 0.0) for name in names] for each in train]),
        np.array([each.answerable for each in train]),
        sample_weight=[len(train) / len(size) / size[family] for family in families],
    )
    slopes = dict(zip(names, map(float, model.coef_[0]), strict=True))
    if wrong := [name for name, slope in slopes.items() if slope < 0]:
        return fit(train, [name for name in names if name not in wrong])
    return Logistic(
        constant=round(float(model.intercept_[0]), 3),
        slopes={name: round(slope, 3) for name, slope in slopes.items()},
    )


def _family(group: str, asked: Sequence[Asked]) -> str:
    """The set with answers that a set without belongs to."""
    group = group.rpartition(" of ")[2]
    names = {each.group for each in asked if each.answerable}
    if group in names:
        return group
    return max((name for name in names if group.startswith(f"{name}_")), key=len, default=group)


def curves_of(
    told: Sequence[Asked], models: Mapping[Case, Logistic], groups: Sequence[str]
) -> dict[str, tuple[Point, ...]]:
    """By group of unanswerable questions: how refusals of it do against the answerable ones."""
    curves = {}
    for group in groups:
        answerable, unanswerable = (
            np.array(
                [
                    models[each.case].probability(each.signals)
                    for each in told
                    if each.answerable is outcome
                    and each.group == (_family(group, told) if outcome else group)
                ]
            )
            for outcome in (True, False)
        )
        if len(answerable) and len(unanswerable):
            curves[group] = tuple(_point(t, answerable, unanswerable) for t in _THRESHOLDS)
    return curves


def _point(threshold: float, answerable: np.ndarray, unanswerable: np.ndarray) -> Point:
    recall = float((unanswerable < threshold).mean())
    false = float((answerable < threshold).mean())
    return Point(
        threshold=threshold,
        precision=round(recall / (recall + false), 3) if recall + false else 1.0,
        recall=round(recall, 3),
        false=round(false, 3),
    )


def _counts(train: Sequence[Asked], told: Sequence[Asked]) -> tuple[Fit, ...]:
    fitted, asked = (Counter((e.group, e.answerable) for e in some) for some in (train, told))
    return tuple(
        Fit(
            name=f"{group}, {'answerable' if answerable else 'unanswerable'}",
            fitted=fitted[group, answerable],
            told=asked[group, answerable],
        )
        for group, answerable in sorted({**fitted, **asked})
    )


# --------------------------------------------------------------------------- telling


def _table(curves: Mapping[str, tuple[Point, ...]]) -> Table:
    rows = [
        (
            name,
            *(
                f"{100 * p.precision:.0f} / {100 * p.recall:.0f}"
                for p in curve
                if p.threshold in _SHOWN
            ),
        )
        for name, curve in curves.items()
    ]
    return Table("", ("precision / recall below", *(f"{t:g}" for t in _SHOWN)), tuple(rows))


def _chart(curves: Mapping[str, tuple[Point, ...]]) -> str:
    # Of two that differ in how gold passages were taken out, the one that is a set of its own.
    twins = {name.rpartition("_")[0] for name in curves}
    lines = {
        name: [(point.recall, point.precision) for point in curve if point.recall > 0.02]
        for name, curve in curves.items()
        if name not in twins
    }
    return line_chart(
        "Refusals before anything is written, by threshold", "recall", "precision", lines, bar=0.85
    )


if __name__ == "__main__":
    main()
