"""Hits that stand next to each other in a file, shown as one passage: what that finds and costs.

    python benchmarks/neighbours.py data --beir FOLDER… [--limit N] [--keep FOLDER]

A folder of notes has a questions.jsonl. Of a BEIR folder ten passages after each other make a file,
each being a node, as paragraphs of an article are. The first five hits are compared with the same
five, neighbours among them joined (what they repeat of each other once), and with as many more as
fill the list up to five again. Tokens are those of the first encoder, six for each number and
heading.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from assistant import config
from assistant.desk import Desk
from assistant.evaluation.judging import is_relevant, language_of
from assistant.evaluation.questions import (
    QUESTION_FILE,
    make_absolute,
    read_beir,
    read_questions,
    sample,
)
from assistant.evaluation.tables import Table
from assistant.library.library import Library, NewDocument
from assistant.models.resolve import load_encoder, load_tokenizer
from assistant.protocols import Encoder, Tokenizer
from assistant.query.search import search
from assistant.types import Document, Node, Place

HITS = 5
_POOL = 20
_PER_FILE = 10
_HEADING = 6  # tokens


class Hit(NamedTuple):
    document: int
    position: int
    start: int
    end: int
    text: str
    right: bool


def of_notes(folder: Path, encoder: Encoder, place: Path, limit: int) -> list[list[Hit]]:
    """The hits of each question of a folder of notes."""
    folder = folder.absolute()
    asked = make_absolute(read_questions(folder / QUESTION_FILE), folder)
    settings = replace(config.load(), library=place)
    desk = Desk(settings, encoder=encoder)
    for _ in desk.ingest([folder]):
        pass
    where = _places(desk.library)
    lists = []
    for question in sample(tuple(q for q in asked if q.answerable), limit):
        found = search(desk.library, encoder, question.text, settings.retrieval, top_k=_POOL)
        lists.append(
            [Hit(*where[s.node_id], s.text, is_relevant(s, question)) for s in found.sources]
        )
    desk.close()
    return lists


def of_beir(folder: Path, encoder: Encoder, place: Path, limit: int) -> list[list[Hit]]:
    """The hits of each judged query of a BEIR folder."""
    dataset = read_beir(folder)
    library = Library.open(place)
    library.set_fingerprint(encoder.name, encoder.fingerprint, encoder.dimension)
    changes, ids = [], {}
    for first in range(0, len(dataset.corpus), _PER_FILE):
        path, at, nodes = Path("/", str(first)), 0, []
        for position, passage in enumerate(dataset.corpus[first : first + _PER_FILE]):
            text = passage.text
            nodes.append(Node(text, Place(), at, at + len(text), language_of(text)))
            ids[path, position] = passage.id
            at += len(text) + 2
        changes.append(NewDocument(Document(path, path, "", "text", 0, 0, ""), tuple(nodes)))
    library.replace_documents(changes)
    texts = library.texts_of(library.pending())
    for start in range(0, len(texts), 32):
        keys = list(texts)[start : start + 32]
        library.store_embeddings(keys, encoder.encode_document([texts[key] for key in keys]))
    where = _places(library)
    judged = [query for query in dataset.queries if query.id in dataset.qrels]
    settings = config.load().retrieval
    lists = []
    for query in sample(tuple(judged), limit):
        found = search(library, encoder, query.text, settings, top_k=_POOL)
        right = {id for id, grade in dataset.qrels[query.id].items() if grade > 0}
        hits = []
        for source in found.sources:
            document, position, start, end = where[source.node_id]
            is_right = ids[source.path, position] in right
            hits.append(Hit(document, position, start, end, source.text, is_right))
        lists.append(hits)
    library.close()
    return lists


def _places(library: Library) -> dict[int, tuple[int, int, int, int]]:
    """Of each node its document, its position there, and where it begins and ends."""
    with library._database.reading() as db:
        rows = db.execute('SELECT id, document_id, position, start, "end" FROM nodes')
        return {id: (document, position, start, end) for id, document, position, start, end in rows}


# --------------------------------------------------------------------------- merging


def merged(hits: Sequence[Hit], *, fill: bool) -> list[list[Hit]]:
    """The first five, or as many as make five passages, neighbours together where the first is."""
    groups: list[list[Hit]] = []
    for hit in hits if fill else hits[:HITS]:
        beside = [group for group in groups if any(_are_neighbours(hit, own) for own in group)]
        if beside:
            beside[0].append(hit)
            for other in beside[1:]:
                beside[0].extend(other)
                groups.remove(other)
        elif len(groups) < HITS:
            groups.append([hit])
        if len(groups) == HITS:
            break
    return groups


def _are_neighbours(a: Hit, b: Hit) -> bool:
    return a.document == b.document and abs(a.position - b.position) == 1


def joined(group: Sequence[Hit]) -> str:
    """The text of neighbours, what they repeat of each other once."""
    text, end = "", 0
    for hit in sorted(group, key=lambda hit: hit.position):
        text += hit.text[end - hit.start :] if hit.start < end else f"\n{hit.text}"
        end = hit.end
    return text.strip()


def rows(name: str, lists: Sequence[Sequence[Hit]], tokenizer: Tokenizer) -> list[tuple[str, ...]]:
    ways = {
        "five hits": [[[hit] for hit in hits[:HITS]] for hits in lists],
        "six hits": [[[hit] for hit in hits[: HITS + 1]] for hits in lists],
        "neighbours joined": [merged(hits, fill=False) for hits in lists],
        "and filled up to five": [merged(hits, fill=True) for hits in lists],
    }
    told = []
    for way, each in ways.items():
        ranks = [_rank(groups) for groups in each]
        tokens = [
            sum(tokenizer.count([joined(group) for group in groups])) + _HEADING * len(groups)
            for groups in each
        ]
        values = (
            fmean(map(len, each)),
            100 * fmean(rank is not None for rank in ranks),
            100 * fmean(1 / math.log2(1 + rank) if rank else 0.0 for rank in ranks),
        )
        told.append((name, way, *(f"{value:.1f}" for value in values), f"{fmean(tokens):.0f}"))
    return told


def _rank(groups: Sequence[Sequence[Hit]]) -> int | None:
    return next((n for n, own in enumerate(groups, 1) if any(hit.right for hit in own)), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notes", nargs="*", type=Path, help="folders with a questions.jsonl")
    parser.add_argument("--beir", nargs="*", type=Path, default=[])
    parser.add_argument("--limit", type=int, default=200, help="questions of each set")
    parser.add_argument("--keep", type=Path, help="where libraries are kept for the next time")
    arguments = parser.parse_args()
    settings = config.load()
    encoder, tokenizer = load_encoder(settings), load_tokenizer(settings)
    told = []
    with tempfile.TemporaryDirectory() as scratch:
        place = arguments.keep or Path(scratch)
        for ask, folders in ((of_notes, arguments.notes), (of_beir, arguments.beir)):
            for folder in folders:
                lists = ask(folder, encoder, place / folder.name, arguments.limit)
                told += rows(folder.name, lists, tokenizer)
                print("·", folder.name, file=sys.stderr)
    columns = ("set", "way", "passages", "recall@5", "nDCG@5", "tokens")
    print(f"{encoder.name}, {arguments.limit} questions of each set at most\n")
    print(Table("", columns, tuple(told)).markdown())


if __name__ == "__main__":
    main()
