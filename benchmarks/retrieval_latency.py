"""How long a search takes in a library of a given size, and how much of it is the bare engines'.

    python benchmarks/retrieval_latency.py BEIR_FOLDER… [--nodes N …] [--questions N]

The libraries are made up: sentences of the folders' passages, each analysed once, are put together
anew into nodes of about seventy terms, with some terms besides that no passage has, so that the
vocabulary grows with the library; embeddings are random directions. Questions are those of the
folders, drawn at random, and their vectors random too: encoding is left out.

Each part has questions of its own, as what was asked before is found sooner; the parts take turns,
so that a busy machine slows all of them alike. The database is read through once before:

- analysis: the question taken into its terms
- words: the analysis of the question and the lexical leg, 100 deep
- meaning: the dense leg, 100 deep
- whole: what a search does: both legs side by side, fusion, second stage, nodes, copies taken out
- bare: the two engines alone side by side: the statements on the FTS5 tables for the terms, known
  already, and the search of the FAISS index, without the rest of the library or LlamaIndex
- FTS5's rank: what one statement takes that has FTS5 rank by itself (a tenth as many questions)
- from disk: the whole search, each time with nothing of the database in the system's memory
  (a tenth as many questions; Linux only)

On a busy machine ``--processor`` tells the processor's time of the thread that asks instead of time
by the clock: what other programs take is left out, and so is the dense leg beside, as long as it is
the shorter one, as well as what is waited for at the disk.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.config import RetrievalSettings
from assistant.evaluation.judging import language_of
from assistant.evaluation.questions import read_beir
from assistant.evaluation.tables import Table
from assistant.library import bm25, embeddings, lexical
from assistant.library.library import Library
from assistant.protocols import Matrix, Vector
from assistant.query.retriever import depth_of
from assistant.query.search import search
from assistant.sentences import sentences

DIMENSION = 384
NODE_WORDS = 70
NOVEL = 3  # made-up terms a node
BATCH = 5000
NODES_A_DOCUMENT = 10


@dataclass(frozen=True)
class Sentence:
    text: str
    words: list[str]
    pairs: list[str]


class Passages:
    """Passages of one language as analysed sentences."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._sentences: list[Sentence] = []
        self._starts: list[int] = []
        for text in texts:
            self._starts.append(len(self._sentences))
            parts = [text[start:end] for start, end in sentences(text)]
            for part, terms in zip(parts, lexical.analyse_all(parts), strict=True):
                self._sentences.append(Sentence(part, terms.words, terms.pairs))

    def node(self, random: np.random.Generator) -> list[Sentence]:
        """Two sentences as they follow each other, then any others."""
        start = self._starts[int(random.integers(len(self._starts)))]
        chosen = self._sentences[start : start + 2]
        words = sum(len(sentence.words) for sentence in chosen)
        while words < NODE_WORDS:
            other = self._sentences[int(random.integers(len(self._sentences)))]
            chosen.append(other)
            words += max(1, len(other.words))
        return chosen


def build(folder: Path, nodes: int, languages: dict[str, Passages], seed: int = 0) -> None:
    """Make a library of that many nodes, embedded and with its index of vectors."""
    random = np.random.default_rng(seed)
    library = Library.open(folder)
    library.set_fingerprint("random", "random", DIMENSION)
    started = time.perf_counter()
    with library._database.writing() as db:
        db.execute("PRAGMA cache_size = -400000")
    for first in range(0, nodes, BATCH):
        with library._database.writing() as db:
            _insert(db, random, languages, first, min(BATCH, nodes - first))
            embeddings.change_generation(db)
        done = min(first + BATCH, nodes)
        print(f"\r{done:,} nodes, {time.perf_counter() - started:.0f} s", end="", file=sys.stderr)
    library.save_index()
    library.close()
    print(file=sys.stderr)


def _insert(
    db: sqlite3.Connection,
    random: np.random.Generator,
    languages: dict[str, Passages],
    first: int,
    count: int,
) -> None:
    codes = random.zipf(1.15, (count, NOVEL))
    korean = random.random(count) < 0.6
    vectors = random.standard_normal((count, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows: dict[str, list[tuple[object, ...]]] = {
        t: [] for t in ("documents", "nodes", "words", "pairs")
    }
    keys = []
    for row in range(count):
        number = first + row
        if number % NODES_A_DOCUMENT == 0:
            path = f"/made-up/{number}.md".encode()
            rows["documents"].append(
                (number // NODES_A_DOCUMENT + 1, path, b"/made-up", f"note {number}")
            )
        chosen = languages["ko" if korean[row] else "en"].node(random)
        text = " ".join(sentence.text for sentence in chosen)
        novel = [f"x{code}" for code in codes[row].tolist()]
        words = [word for sentence in chosen for word in sentence.words] + novel
        pairs = dict.fromkeys(pair for sentence in chosen for pair in sentence.pairs)
        key = hashlib.sha256(number.to_bytes(8, "little")).digest()
        keys.append(key)
        id = number + 1
        rows["nodes"].append(
            (
                id,
                number // NODES_A_DOCUMENT + 1,
                number % NODES_A_DOCUMENT,
                text,
                language_of(text),
                key,
            )
        )
        rows["words"].append((id, " ".join(words)))
        rows["pairs"].append((id, " ".join(pairs)))
    db.executemany(
        "INSERT INTO documents (id, path, root, title, format, size, mtime_ns, sha256, splitter,"
        " indexed_at) VALUES (?, ?, ?, ?, 'markdown', 1, 1, '', '', '')",
        rows["documents"],
    )
    db.executemany(
        'INSERT INTO nodes (id, document_id, position, text, context, headings, start, "end",'
        " language, key) VALUES (?, ?, ?, ?, '', '[]', 0, 0, ?, ?)",
        rows["nodes"],
    )
    db.executemany("INSERT INTO words (rowid, terms) VALUES (?, ?)", rows["words"])
    db.executemany("INSERT INTO pairs (rowid, terms) VALUES (?, ?)", rows["pairs"])
    embeddings.store(db, keys, vectors)


def read(folders: Sequence[Path]) -> tuple[dict[str, Passages], list[str]]:
    """The passages of the folders by language, and all questions."""
    texts: dict[str, dict[str, None]] = {"ko": {}, "en": {}}
    questions: dict[str, None] = {}
    for folder in folders:
        dataset = read_beir(folder)
        for passage in dataset.corpus:
            texts["en" if language_of(passage.text) == "en" else "ko"][passage.text] = None
        questions.update(dict.fromkeys(query.text for query in dataset.queries))
    return {name: Passages(list(own)) for name, own in texts.items() if own}, list(questions)


# --------------------------------------------------------------------------- measuring

PARTS = 7
RARE = ("FTS5's rank", "from disk")  # asked a tenth as often
WARM = 20  # questions of each part before any is timed


class Known:
    """An encoder whose vectors cost nothing."""

    name = fingerprint = "random"
    dimension = DIMENSION
    max_tokens = 512
    device = "cpu"

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def encode_query(self, query: str) -> Vector:
        vector = self._random.standard_normal(DIMENSION).astype(np.float32)
        return vector / np.linalg.norm(vector)

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self.encode_query(text) for text in texts])


def measure(
    folder: Path, questions: Sequence[str], clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Milliseconds of each part for each of its questions."""
    library = Library.open(folder, create=False)
    library.save_index()  # made anew where its form has changed
    encoder, settings = Known(1), RetrievalSettings()
    depth = depth_of(settings)
    known = dict(zip(questions, lexical.analyse_all(questions), strict=True))
    with library._database.reading() as db:
        index = library._dense._current(db)
    assert index is not None
    pool = ThreadPoolExecutor(1)

    def bare(question: str) -> None:
        found = pool.submit(index.search, encoder.encode_query(question), depth)
        with library._database.reading() as db:
            bm25.search(db, known[question], depth, None, library._postings)
        found.result()

    def ranked(question: str) -> None:
        query = " OR ".join(f'"{word}"' for word in dict.fromkeys(known[question].words))
        with library._database.reading() as db:
            statement = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
            db.execute(statement, (query, depth)).fetchall()

    def whole(question: str) -> None:
        search(library, encoder, question, settings)

    asked: dict[str, Callable[[str], object]] = {
        "analysis": lambda question: next(lexical.analyse_all([question])),
        "words": lambda question: library.search_lexical(question, depth),
        "meaning": lambda question: library.search_dense(encoder.encode_query(question), depth),
        "whole": whole,
        "bare": bare,
        "FTS5's rank": ranked,
        "from disk": whole,
    }
    file = folder / "library.sqlite3"
    read_through(file)
    times: dict[str, list[float]] = {part: [] for part in asked}
    own = {part: questions[n :: len(asked)] for n, part in enumerate(asked)}
    each = range(len(questions) // len(asked))
    turns = [(number, part) for number in each for part in asked if part != "from disk"]
    turns += [(number, "from disk") for number in each]  # as it undoes the reading
    for number, part in turns:
        question = own[part][number]
        if part in RARE and (number % 10 or number < WARM or not known[question].words):
            continue
        if part == "from disk" and not forget(file):
            break
        started = clock()
        asked[part](question)
        if number >= WARM:
            times[part].append(1000 * (clock() - started))
    pool.shutdown()
    library.close()
    return times


def read_through(file: Path) -> None:
    """Have all of a file in the system's memory, where there is room."""
    with file.open("rb") as stream:
        while stream.read(1 << 24):
            pass


def forget(file: Path) -> bool:
    """Have nothing of a file in the system's memory; whether that can be done here."""
    if not hasattr(os, "posix_fadvise"):
        return False
    with file.open("rb") as stream:
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


def row(nodes: int, times: dict[str, list[float]]) -> tuple[str, ...]:
    """Median and 95th percentile of each part, and the whole against the bare engines."""
    cells = [
        f"{np.median(ms):.1f} / {np.percentile(ms, 95):.1f}" if ms else "" for ms in times.values()
    ]
    middle = {part: float(np.median(ms)) for part, ms in times.items() if ms}
    ratio = middle["whole"] / middle["bare"]
    analysed = middle["whole"] / (middle["bare"] + middle["analysis"])
    return (f"{nodes:,}", *cells, f"{ratio:.2f}", f"{analysed:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="sets in BEIR's format")
    parser.add_argument("--nodes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="where libraries are kept for the next time")
    parser.add_argument("--processor", action="store_true", help="time of the processor")
    arguments = parser.parse_args()
    clock = time.thread_time if arguments.processor else time.perf_counter
    languages, questions = read(arguments.folders)
    wanted = (arguments.questions + WARM) * PARTS
    questions = np.random.default_rng(0).permutation(questions)[:wanted].tolist()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for nodes in arguments.nodes:
            folder = (arguments.keep or Path(temporary)) / str(nodes)
            if not folder.exists():
                build(folder, nodes, languages)
            measured = measure(folder, questions, clock)
            rows.append(row(nodes, measured))
            print("·", *rows[-1], file=sys.stderr)
    each = len(questions) // PARTS - WARM
    print(f"{platform.machine()}, {os.cpu_count()} cores, {each} questions a part")
    print("Median / 95th percentile in milliseconds\n")
    columns = ("nodes", *measured, "whole / bare, p50", "whole / (bare + analysis)")
    print(Table("", columns, tuple(rows)).markdown())


if __name__ == "__main__":
    main()
