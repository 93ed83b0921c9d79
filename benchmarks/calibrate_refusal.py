"""Fit the first refusal gate (assistant/query/refusal.py) on BEIR folders.

    python benchmarks/calibrate_refusal.py FOLDER… [--limit N] [--notes DATA]

Each folder's questions are cut into halves. One is asked of the whole corpus, which answers it;
then the gold passages of the other are taken out and it is asked: nothing there answers it. A
folder whose questions are in another language than its passages fits the model for that case.
Half of all questions fit the constants, the rest tell what they are worth; the questions of
``--notes``, a folder with questions.jsonl, only tell. Needs the embedding model, no language model.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant import config
from assistant.evaluation.questions import QUESTION_FILE, read_beir, read_questions
from assistant.ingestion.pipeline import ingest
from assistant.library.library import Library
from assistant.models.resolve import load_encoder, load_tokenizer
from assistant.protocols import Encoder
from assistant.query.matching import language_of
from assistant.query.refusal import evidence_features
from assistant.query.search import search
from assistant.types import Document, Node, Place

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: ``features`` are two in one language, one across languages."""

    group: str
    features: tuple[float, ...]
    answerable: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=400, help="questions drawn from each set")
    parser.add_argument("--notes", type=Path, help="a folder with questions.jsonl")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    settings = config.load()
    encoder = load_encoder(settings)
    asked = [
        question
        for folder in arguments.folders
        for question in ask_set(folder, encoder, settings, arguments.limit, arguments.seed)
    ]
    notes = list(ask_notes(arguments.notes, encoder, settings)) if arguments.notes else []
    random.Random(arguments.seed).shuffle(asked)
    for name, count in (("_SAME_LANGUAGE", 2), ("_ACROSS_LANGUAGES", 1)):
        some = [question for question in asked if len(question.features) == count]
        if some:
            rest = [question for question in notes if len(question.features) == count]
            fit(name, some[::2], some[1::2] + rest)


def ask_set(
    folder: Path, encoder: Encoder, settings: config.Settings, limit: int, seed: int
) -> Iterator[Asked]:
    dataset = read_beir(folder)
    queries = list(dataset.queries)
    random.Random(seed).shuffle(queries)
    queries = queries[:limit]
    half = len(queries) // 2
    with tempfile.TemporaryDirectory() as temporary:
        library = Library.open(Path(temporary))
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
        for answerable, some in ((True, queries[:half]), (False, queries[half:])):
            if not answerable:
                for gold in {gold for query in some for gold in dataset.qrels[query.id]}:
                    library.remove_document(Path("/", gold))
            for query in some:
                found = search(library, encoder, query.text, settings.retrieval)
                yield Asked(folder.name, evidence_features(found, encoder), answerable)
        library.close()


def ask_notes(folder: Path, encoder: Encoder, settings: config.Settings) -> Iterator[Asked]:
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
        for question in read_questions(folder / QUESTION_FILE):
            found = search(library, encoder, question.text, settings.retrieval)
            features = evidence_features(found, encoder)
            yield Asked(f"{folder.name}/", features, question.answerable)
        library.close()


def fit(name: str, train: Sequence[Asked], test: Sequence[Asked]) -> None:
    """Print the constants, and by threshold which share of each group would be refused."""
    model = LogisticRegression(C=100.0)
    # Every group and outcome weighs the same, however many questions it has.
    size = {(q.group, q.answerable): 0 for q in train}
    for question in train:
        size[question.group, question.answerable] += 1
    model.fit(
        np.array([question.features for question in train]),
        np.array([question.answerable for question in train]),
        sample_weight=[len(train) / len(size) / size[q.group, q.answerable] for q in train],
    )
    constants = (model.intercept_[0], *model.coef_[0])
    print(f"\n{name} = ({', '.join(f'{value:.2f}' for value in constants)})\n")
    print("share refused below | of | " + " | ".join(f"{t:.2f}" for t in THRESHOLDS))
    for group, answerable in sorted({(q.group, q.answerable) for q in test}):
        features = np.array(
            [q.features for q in test if (q.group, q.answerable) == (group, answerable)]
        )
        p = model.predict_proba(features)[:, 1]
        kind = "answerable" if answerable else "unanswerable"
        shares = " | ".join(f"{float((p < t).mean()):.3f}" for t in THRESHOLDS)
        print(f"{group} | {len(p)} {kind} | {shares}")


THRESHOLDS = (0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50)

if __name__ == "__main__":
    main()
