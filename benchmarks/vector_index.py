"""Searching vectors: kinds of FAISS index by size, and the library's own index as it is used.

    python benchmarks/vector_index.py [--library FILE…] [--questions FILE.jsonl…]
        [--sizes 10000 100000 1000000] [--plots docs]

Vectors are made of the embeddings in the ``--library`` databases: each is a real one moved towards
one of its ten nearest by up to 0.7 of the way, and by 0.25 to 0.6 of the difference of two others
in its language, normalised. So the directions in which vectors differ are the real ones, and a
vector's nearest lies at about the cosine that real nearest ones have, or somewhat nearer as there
are many more. The questions are real (``text`` in BEIR's ``queries.jsonl``), encoded by the
configured model. Without libraries, vectors are drawn about 10,000 centres and questions are
vectors with noise of length 0.6: easier, for a first look.

All is searched on one thread, the kinds by turns for every question, k = 50. A latency is time of
the processor, so that other work does not count, and told as a ratio to exact float32 in the same
run. Recall@10 is against exact search of the same float16.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from plot import line_chart

from assistant import config
from assistant.library import embeddings
from assistant.library.centring import Shifts
from assistant.library.faiss_build import faiss as load_faiss
from assistant.library.library import Library
from assistant.library.vectors import VectorIndex, files_of
from assistant.models.resolve import load_encoder
from assistant.types import Document, Node, Place

_BLOCK = 20_000
_K, _TOP = 50, 10  # at least 4 candidates to each of k are scored
_QUESTIONS = 160  # for recall
_TIMED = 20
_DIMENSION = 384  # of made-up vectors
_STEPS = (256, 512, 1024, 4096)

faiss: Any = load_faiss()


# --------------------------------------------------------------------------- data


@dataclass
class Data:
    """Float16 ``vectors`` less their language's shift, float32 ``questions``, and what they are."""

    vectors: np.ndarray
    questions: np.ndarray
    told: str

    def blocks(self, size: int) -> Iterator[tuple[int, np.ndarray]]:
        for start in range(0, size, _BLOCK):
            yield start, self.vectors[start : min(start + _BLOCK, size)].astype(np.float32)


def unit(rows: np.ndarray) -> np.ndarray:
    normalised: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return normalised.astype(np.float32)


def mixed(libraries: list[Path], files: list[Path], size: int) -> Data:
    """Vectors made of real ones, and real questions."""
    rows, korean = embeddings_of(libraries)
    near = rows @ rows.T
    np.fill_diagonal(near, -1)
    nearest = np.argsort(-near, axis=1)[:, :10]
    by_language = [np.flatnonzero(korean == language) for language in (False, True)]
    draw = np.random.default_rng(0)
    vectors = np.empty((size, rows.shape[1]), dtype=np.float16)
    groups = np.empty(size, dtype=np.intp)
    for start in range(0, size, _BLOCK):
        count = min(_BLOCK, size - start)
        base = draw.integers(len(rows), size=count)
        other = nearest[base, draw.integers(10, size=count)]
        pairs = [
            np.where(korean[base], *(draw.choice(ids, count) for ids in reversed(by_language)))
            for _ in range(2)
        ]
        along = draw.uniform(0, 0.7, (count, 1))
        aside = draw.uniform(0.25, 0.6, (count, 1))
        made = rows[base] + along * (rows[other] - rows[base])
        vectors[start : start + count] = unit(made + aside * (rows[pairs[0]] - rows[pairs[1]]))
        groups[start : start + count] = korean[base]
    spans = [slice(start, start + _BLOCK) for start in range(0, size, _BLOCK)]
    shifts = Shifts.of(
        ((groups[span], vectors[span].astype(np.float32)) for span in spans), rows.shape[1]
    )
    for span in spans:
        vectors[span] = shifts.apply(groups[span], vectors[span].astype(np.float32))
    questions = encoded(files)
    told = f"{len(rows):,} real embeddings mixed, {len(questions)} real questions"
    return Data(vectors, questions, told)


def embeddings_of(libraries: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    """Distinct embeddings of these databases, and which are of Korean text."""
    found = {}
    for file in libraries:
        db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        for key, language, vector in db.execute(
            "SELECT key, language, vector FROM nodes JOIN embeddings USING (key)"
        ):
            found[key] = (np.frombuffer(vector, "<f2"), language in ("ko", "mixed"))
        db.close()
    rows, korean = zip(*found.values(), strict=True)
    return np.stack(rows).astype(np.float32), np.array(korean)


def encoded(files: list[Path]) -> np.ndarray:
    """Questions of these files, as many of each."""
    encoder = load_encoder(config.load())
    draw = random.Random(0)
    texts = []
    for file in files:
        own = [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
        texts += draw.sample(own, min(len(own), -(-_QUESTIONS // len(files))))
    return np.stack([encoder.encode_query(text) for text in texts])


def made_up(size: int) -> Data:
    """Vectors about centres."""
    draw = np.random.default_rng(0)
    centres = unit(draw.standard_normal((10_000, _DIMENSION)))
    vectors = np.empty((size, _DIMENSION), dtype=np.float16)
    for start in range(0, size, _BLOCK):
        count = min(_BLOCK, size - start)
        noise = draw.standard_normal((count, _DIMENSION)) * (0.7 / _DIMENSION**0.5)
        vectors[start : start + count] = unit(centres[draw.integers(10_000, size=count)] + noise)
    noise = draw.standard_normal((_QUESTIONS, _DIMENSION)) * (0.6 / _DIMENSION**0.5)
    questions = unit(vectors[draw.integers(size, size=_QUESTIONS)] + noise)
    return Data(vectors, questions, "made up about 10,000 centres")


# --------------------------------------------------------------------------- kinds


@dataclass
class Kind:
    """An index with one setting."""

    name: str
    setting: str
    search: Callable[[np.ndarray], Any]  # ids of the nearest, best first
    seconds: float  # to build, vectors in memory
    size: int  # bytes


@dataclass
class Row:
    kind: Kind
    median: float  # ms
    p95: float
    ratio: float
    even: float  # recall@10 on one half of the questions
    odd: float  # and on the other


def size_of(index: Any) -> int:
    written = [0]

    def count(data: bytes) -> None:
        written[0] += len(data)

    faiss.write_index(index, faiss.PyCallbackIOWriter(count))
    return written[0]


def kinds(data: Data, size: int, *, all_kinds: bool) -> Iterator[Kind]:
    """The library's index, exact and scanned, with more and fewer candidates; and others."""
    dimension = data.vectors.shape[1]
    inner = faiss.METRIC_INNER_PRODUCT

    def add(index: Any) -> None:
        for _, rows in data.blocks(size):
            index.add(rows)

    def plain(index: Any) -> Callable[[np.ndarray], Any]:
        return lambda question: index.search(question[None], _K)[1][0]

    flat, seconds = timed(faiss.IndexFlatIP(dimension), add)
    yield Kind("exact, float32", "", plain(flat), seconds, size_of(flat))

    def fill(index: VectorIndex) -> None:
        for start, rows in data.blocks(size):
            ids = np.arange(start, start + len(rows), dtype=np.int64)
            index.add(ids, np.zeros(len(rows), dtype=np.intp), rows)

    exact, seconds = timed(VectorIndex(dimension), fill)
    store = faiss.downcast_index(exact._changing._index.index)
    yield Kind("library: exact, float16", "", ids_of(exact), seconds, size_of(store) + 8 * size)
    started = time.perf_counter()
    scanned = exact.settled(0)
    seconds = time.perf_counter() - started
    part = scanned._scanned
    assert part is not None
    bytes_ = size_of(part._scan) + size_of(part._store) + 8 * size
    chosen = part.candidates
    for step in sorted({*_STEPS, chosen}):
        mark = f"{step} candidates" + (" (chosen)" if step == chosen else "")
        yield Kind("library: fast scan", mark, with_candidates(scanned, step), seconds, bytes_)
    if not all_kinds:
        return
    sample = np.random.default_rng(1).choice(size, min(size, 65_536), replace=False)
    sample = data.vectors[np.sort(sample)].astype(np.float32)
    parts = dimension // 4
    codes = faiss.index_factory(dimension, f"PQ{parts}x4fs", inner)
    codes, seconds = timed(codes, lambda index: (index.train(sample[:16_384]), add(index)))
    refined = faiss.IndexRefine(codes, store)
    for factor in (8, 64):
        yield Kind(
            f"PQ{parts}x4fs,Refine(SQfp16)",
            f"{factor * _K} candidates",
            with_setting(refined, "k_factor", factor),
            seconds,
            size_of(codes) + size_of(store),
        )
    lists = 2 ** round(np.log2(size**0.5))
    quantizer = faiss.IndexFlatL2(dimension)
    inverted = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, lists, faiss.ScalarQuantizer.QT_fp16, inner, False
    )
    inverted.cp.niter = 5
    inverted, seconds = timed(inverted, lambda index: (index.train(sample), add(index)))
    for probes in (lists // 16, lists // 4):
        yield Kind(
            f"IVF{lists},SQfp16",
            f"{probes} lists",
            with_setting(inverted, "nprobe", probes),
            seconds,
            size_of(inverted),
        )


def timed(index: Any, build: Callable[[Any], object]) -> tuple[Any, float]:
    started = time.perf_counter()
    build(index)
    return index, time.perf_counter() - started


def ids_of(index: VectorIndex) -> Callable[[np.ndarray], Any]:
    return lambda question: [id for id, _ in index.search(question, _K)]


def with_candidates(index: VectorIndex, candidates: int) -> Callable[[np.ndarray], Any]:
    def search(question: np.ndarray) -> list[int]:
        assert index._scanned is not None
        index._scanned.candidates = candidates
        return [id for id, _ in index.search(question, _K)]

    return search


def with_setting(index: Any, name: str, value: int) -> Callable[[np.ndarray], Any]:
    def search(question: np.ndarray) -> Any:
        setattr(index, name, value)
        return index.search(question[None], _K)[1][0]

    return search


def measure(data: Data, size: int, *, all_kinds: bool) -> list[Row]:
    """A row for each kind, the first being exact float32."""
    all_of = list(kinds(data, size, all_kinds=all_kinds))
    questions = data.questions
    exact = next(kind for kind in all_of if kind.name == "library: exact, float16")
    right = [set(list(exact.search(question))[:_TOP]) for question in questions]
    times: list[list[float]] = [[] for _ in all_of]
    for question in questions[:_TIMED]:
        for kind, own in zip(all_of, times, strict=True):
            started = time.thread_time()
            kind.search(question)
            own.append((time.thread_time() - started) * 1000)
    rows = []
    for kind, own in zip(all_of, times, strict=True):
        shares = []
        # Exact search is only looked at: it takes most of the time.
        some = _TIMED if not kind.setting else len(questions)
        for question, wanted in zip(questions[:some], right, strict=False):
            found = {int(id) for id in list(kind.search(question))[:_TOP]}
            shares.append(len(found & wanted) / len(wanted))
        ratios = [a / b for a, b in zip(own, times[0], strict=True)]
        even, odd = float(np.mean(shares[::2])), float(np.mean(shares[1::2]))
        rows.append(
            Row(kind, median(own), float(np.percentile(own, 95)), median(ratios), even, odd)
        )
    return rows


# --------------------------------------------------------------------------- the file


_START = """
import resource, sys, time
from pathlib import Path
import numpy as np
from assistant.library.faiss_build import faiss
faiss()
from assistant.library.vectors import VectorIndex
file, dimension = Path(sys.argv[1]), int(sys.argv[2])
question = np.random.default_rng(0).standard_normal(dimension).astype(np.float32)
started = time.perf_counter()
if sys.argv[3] == "read":
    file.read_bytes()
else:
    index = VectorIndex.load(file, dimension, 1)
    index.search(question, 50)
print(time.perf_counter() - started)
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(lines["RssAnon"].split()[0]) // 1024, int(lines["RssFile"].split()[0]) // 1024)
"""


def measure_file(data: Data, size: int) -> Iterator[str]:
    """Saving, starting and changing the library's index."""
    dimension = data.vectors.shape[1]
    index = VectorIndex(dimension)
    for start, rows in data.blocks(size):
        ids = np.arange(start, start + len(rows), dtype=np.int64)
        index.add(ids, np.zeros(len(rows), dtype=np.intp), rows)
    index = index.settled()
    yield f"type: {index.type}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vectors.faiss"
        started = time.perf_counter()
        index.save(file, 1)
        yield f"save: {time.perf_counter() - started:.2f} s, {file.stat().st_size / 1e6:.0f} MB"
        seconds: dict[str, list[float]] = {"read": [], "start": []}
        for _ in range(5):
            for way, own in seconds.items():
                done = subprocess.run(
                    [sys.executable, "-c", _START, str(file), str(dimension), way],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                lines = done.stdout.split("\n")
                own.append(float(lines[0]))
        ratio = median(b / a for a, b in zip(seconds["read"], seconds["start"], strict=True))
        yield (
            f"reading the file {median(seconds['read']):.2f} s; loaded and searched once"
            f" {median(seconds['start']):.2f} s, {ratio:.2f} times as long"
        )
        own_memory, mapped = lines[1].split()
        yield f"memory once started: {own_memory} MB own, {mapped} MB mapped"
        loaded = VectorIndex.load(file, dimension, 1)
        assert loaded is not None
        first = size
        for part, count in (
            ("100", 100),
            ("a hundredth", size // 100),
            ("a twentieth", size // 20),
        ):
            count = min(count, size) - (first - size)
            rows = data.vectors[:count].astype(np.float32)
            ids = np.arange(first, first + count, dtype=np.int64)
            loaded.add(ids, np.zeros(count, dtype=np.intp), rows)
            loaded.remove(np.arange(first - size, first - size + count, dtype=np.int64))
            first += count
            started = time.perf_counter()
            loaded.save(file, 2)
            seconds = time.perf_counter() - started
            written = sum(each.stat().st_size for each in files_of(file)[1:] if each.exists())
            yield f"save, {part} more and less: {seconds:.2f} s, {written / 1e6:.1f} MB"
        started = time.perf_counter()
        VectorIndex.load(file, dimension, 2)
        yield f"loaded with a twentieth more and less: {time.perf_counter() - started:.2f} s"
        del loaded
    new = data.questions[:100]
    ids = np.arange(len(new), dtype=np.int64) + size
    groups = np.zeros(len(new), dtype=np.intp)
    within = np.arange(0, size, 100, dtype=np.int64)
    half = np.arange(0, size, 2, dtype=np.int64)
    for name, act in (
        ("add 100", lambda: index.add(ids, groups, new)),
        ("remove 100", lambda: index.remove(np.arange(100, dtype=np.int64) * 7)),
        ("search within 1%", lambda: index.search(new[0], _K, within)),
        ("search within a half", lambda: index.search(new[0], _K, half)),
        ("search", lambda: index.search(new[0], _K)),
    ):
        started = time.thread_time()
        act()
        yield f"{name}: {(time.thread_time() - started) * 1000:.1f} ms of the processor"


# --------------------------------------------------------------------------- the database


def measure_library(data: Data, size: int) -> Iterator[str]:
    """What a search pays to take in a change, in a library of ``size`` passages."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder))
        dimension = data.vectors.shape[1]
        library.set_fingerprint("made up", "made up", dimension)
        library.close()
        fill_library(Path(folder) / "library.sqlite3", data, size)
        library = Library.open(Path(folder))
        for name, act in (
            ("build the index and search", lambda: library.search_dense(data.questions[0], _K)),
            ("search", lambda: library.search_dense(data.questions[0], _K)),
            ("settle and save the index", library.save_index),
            ("search", lambda: library.search_dense(data.questions[0], _K)),
        ):
            yield f"{name}: {elapsed(act):.3f} s"
        library.close()
        library = Library.open(Path(folder))
        search = lambda: library.search_dense(data.questions[0], _K)  # noqa: E731
        yield f"open, load the index and search: {elapsed(search):.3f} s"
        path = Path("/notes/new.md")
        text = "a passage"
        node = Node(text, Place(), 0, len(text), "en")
        library.replace_document(Document(path, path.parent, "new", "md", 1, 1, "0"), [node])
        library.store_embeddings(library.pending(), data.questions[:1])
        yield f"search after a passage was added: {elapsed(search):.3f} s"
        library.remove_document(path)
        yield f"search after a passage was removed: {elapsed(search):.3f} s"
        library.close()
        db = sqlite3.connect(Path(folder) / "library.sqlite3")
        for name, read in (
            ("the extent alone", embeddings.extent),
            ("ids of all nodes", embeddings.node_ids),
            ("ids of all pairs", embeddings.pair_ids),
        ):
            yield f"{name}: {elapsed(lambda read=read: read(db)):.3f} s"
        db.close()


def fill_library(file: Path, data: Data, size: int) -> None:
    """Passages of a few words each, ten to a document, with their embeddings."""
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    for start, rows in data.blocks(size):
        stored = rows.astype("<f2")
        numbers = range(start, start + len(rows))
        keys = [hashlib.sha256(str(number).encode()).digest() for number in numbers]
        db.executemany(
            "INSERT INTO documents (path, root, title, format, size, mtime_ns, sha256, splitter,"
            " indexed_at) VALUES (?, '/notes', 'a note', 'md', 1, 1, '0', '', '')",
            ((f"/notes/{number}.md".encode(),) for number in numbers if number % 10 == 0),
        )
        db.executemany(
            "INSERT INTO nodes (document_id, position, text, context, headings, start, end,"
            " language, key) VALUES (?, ?, ?, '', '[]', 0, 1, 'en', ?)",
            (
                (number // 10 + 1, number % 10, f"passage {number} " * 20, key)
                for number, key in zip(numbers, keys, strict=True)
            ),
        )
        db.executemany(
            "INSERT INTO embeddings (key, vector) VALUES (?, ?)",
            ((key, row.tobytes()) for key, row in zip(keys, stored, strict=True)),
        )
    db.execute("INSERT INTO meta VALUES ('generation', '1')")
    db.execute("COMMIT")
    db.close()


def elapsed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


# --------------------------------------------------------------------------- output


def table(size: int, rows: list[Row]) -> Iterator[str]:
    yield f"\n{size:,} vectors\n"
    yield "| index | setting | build s | MB | ms | p95 | × float32 | recall@10, other half |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        kind = row.kind
        yield (
            f"| {kind.name} | {kind.setting} | {kind.seconds:.1f} | {kind.size / 1e6:.0f}"
            f" | {row.median:.2f} | {row.p95:.2f} | {row.ratio:.3f}"
            f" | {row.even:.4f}, {row.odd:.4f} |"
        )


def plots(results: dict[int, list[Row]]) -> Iterator[tuple[str, str]]:
    """File names and SVG."""
    size, rows = max(results.items())
    curves: dict[str, list[tuple[float, float]]] = {}
    for row in rows[1:]:
        recall = (row.even + row.odd) / 2
        curves.setdefault(row.kind.name, []).append((row.ratio, recall))
    yield (
        "scale-recall.svg",
        line_chart(
            f"Recall against latency, {size:,} vectors",
            "latency, as a ratio to exact float32",
            "recall@10",
            curves,
            log_x=True,
            bar=0.98,
        ),
    )
    by_size: dict[str, list[tuple[float, float]]] = {}
    for size, rows in results.items():
        for row in rows:
            name, setting = row.kind.name, row.kind.setting
            if not setting or "chosen" in setting:
                by_size.setdefault(name, []).append((size, row.median))
    yield (
        "scale-latency.svg",
        line_chart(
            "Latency against size, one question on one thread",
            "vectors",
            "median, ms",
            by_size,
            log_x=True,
            log_y=True,
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", type=Path, nargs="*", default=[])
    parser.add_argument("--questions", type=Path, nargs="*", default=[])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--plots", type=Path)
    parser.add_argument("--few", action="store_true", help="only the library's own kinds")
    parser.add_argument("--no-kinds", action="store_true", help="only the file and the database")
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    largest = max(options.sizes)
    if options.library:
        data = mixed(options.library, options.questions, largest)
    else:
        data = made_up(largest)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" FAISS {faiss.__version__}, NumPy {np.__version__}; {data.told}"
    )
    results = {}
    for size in () if options.no_kinds else options.sizes:
        results[size] = measure(data, size, all_kinds=not options.few)
        print("\n".join(table(size, results[size])), flush=True)
    for name, svg in plots(results) if options.plots and results else ():
        (options.plots / name).write_text(svg, encoding="utf-8")
    for title, lines in (
        ("The file of the index", measure_file(data, largest)),
        ("The library about it", measure_library(data, largest)),
    ):
        print(f"\n{title}, {largest:,} vectors\n")
        for line in lines:
            print(f"- {line}", flush=True)
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
