"""Speed and memory of ingestion, as Markdown tables.

    python benchmarks/ingestion_speed.py FOLDER [--files N] [--rounds N] [--whole] [--out FILE]
    python benchmarks/ingestion_speed.py --memory

The first copies N Markdown files of FOLDER and, in turn, ingests them into a fresh library, embeds
the very same texts with nothing but the encoder, and puts them through the plain LlamaIndex path:
SimpleDirectoryReader, SentenceSplitter and VectorStoreIndex over FAISS with their defaults, and
the same model as sentence-transformers loads and batches it by default. ``--whole`` adds that path
with chunks short enough for the model to read them to their end. The second measures peak memory
with a stand-in for the encoder, each case in a process of its own.
"""

from __future__ import annotations

import argparse
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from assistant import config
from assistant.config import Settings
from assistant.desk import Desk
from assistant.evaluation.tables import Table
from assistant.protocols import Encoder, Matrix, Tokenizer, Vector
from assistant.types import IngestFinished

_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, vectors made, and the share of the tokens given to the model that it read."""

    seconds: float
    vectors: int
    read: float = 1.0
    encoding: float = 0.0


class WatchedEncoder:
    """Passes everything on, keeps the texts and the seconds."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.max_tokens = encoder.max_tokens
        self.device = encoder.device
        self.texts: list[str] = []
        self.seconds = 0.0

    def encode_query(self, query: str) -> Vector:
        return self._encoder.encode_query(query)

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        started = time.perf_counter()
        vectors = self._encoder.encode_document(texts)
        self.seconds += time.perf_counter() - started
        self.texts.extend(texts)
        return vectors


# ------------------------------------------------------------------------------------ speed


def measure_speed(folder: Path, files: int, rounds: int, whole: bool) -> str:
    from assistant.models.resolve import load_encoder, load_tokenizer

    settings = config.load()
    encoder, tokenizer = load_encoder(settings), load_tokenizer(settings)
    found = sorted(path for path in folder.rglob("*.md") if path.is_file())
    chosen = random.Random(0).sample(found, min(files, len(found)))
    runs: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        notes = Path(scratch, "notes")
        notes.mkdir()
        for number, path in enumerate(chosen):
            shutil.copyfile(path, notes / f"{number:05}-{path.name}")
        characters = sum(len(path.read_text("utf-8", "replace")) for path in notes.iterdir())
        encoder.encode_document(["warm up"] * 8)
        model = plain_model(settings)
        for number in range(rounds):
            library = Path(scratch, f"library-{number}")
            ours, texts = ingest(notes, library, settings, encoder, tokenizer)
            runs.setdefault("assistant ingest", []).append(ours)
            runs.setdefault("bare encoder", []).append(encode(encoder, texts))
            runs.setdefault("plain LlamaIndex", []).append(plain(notes, model, tokenizer))
            if whole:
                name = "LlamaIndex, nothing cut off"
                run = plain(notes, model, tokenizer, chunk_tokens=480)
                runs.setdefault(name, []).append(run)
            print(f"round {number + 1} of {rounds} done", file=sys.stderr)
    return report(len(chosen), characters, runs, encoder)


def ingest(
    notes: Path, library: Path, settings: Settings, encoder: Encoder, tokenizer: Tokenizer
) -> tuple[Measured, list[str]]:
    """Discover to committed, dense index written, into a library that does not exist yet."""
    watched = WatchedEncoder(encoder)
    desk = Desk(replace(settings, library=library), encoder=watched, tokenizer=tokenizer)
    started = time.perf_counter()
    for event in desk.ingest([notes]):
        if isinstance(event, IngestFinished) and event.report.failed:
            print(f"{event.report.failed} files failed", file=sys.stderr)
    seconds = time.perf_counter() - started
    desk.close()
    return Measured(seconds, len(watched.texts), encoding=watched.seconds), watched.texts


def encode(encoder: Encoder, texts: list[str]) -> Measured:
    """All at once, so that batches are of the best: sorted over all texts, under the budget."""
    started = time.perf_counter()
    encoder.encode_document(texts)
    return Measured(time.perf_counter() - started, len(texts))


def plain_model(settings: Settings) -> object:
    """The configured model behind LlamaIndex's interface, with default precision and batches."""
    from assistant.models import resolve

    name = settings.models.embedding
    where = name
    if resolve.kind(name) != "hub":
        where = str(resolve._embedding_folder(settings, resolve.silent)[0])
    try:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    except ImportError:
        return _embedding_like(where)
    return HuggingFaceEmbedding(where, model_kwargs={"dtype": "float32"})


def _embedding_like(where: str) -> object:
    """What HuggingFaceEmbedding does: fp32 weights, ten texts to a call, normalised vectors."""
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.bridge.pydantic import PrivateAttr
    from sentence_transformers import SentenceTransformer

    class SentenceTransformerEmbedding(BaseEmbedding):
        _model: SentenceTransformer = PrivateAttr()

        def __init__(self) -> None:
            super().__init__(model_name=where)  # embed_batch_size is 10
            # 32 bits, as models come by default; these weights happen to be stored in 16.
            self._model = SentenceTransformer(where, model_kwargs={"dtype": "float32"})

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors = self._model.encode(
                texts,
                batch_size=self.embed_batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            return vectors.tolist()

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return SentenceTransformerEmbedding()


def plain(
    notes: Path, model: object, tokenizer: Tokenizer, chunk_tokens: int | None = None
) -> Measured:
    """The path of the tutorial; ``chunk_tokens`` counts as the model does, defaults otherwise."""
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.schema import MetadataMode

    started = time.perf_counter()
    documents = SimpleDirectoryReader(str(notes)).load_data()
    splitter = SentenceSplitter()
    if chunk_tokens:
        splitter = SentenceSplitter(
            chunk_size=chunk_tokens,
            chunk_overlap=40,
            tokenizer=tokenizer.offsets,
        )
    nodes = splitter.get_nodes_from_documents(documents)
    storage = StorageContext.from_defaults(vector_store=_faiss_store(len(vector_of(model))))
    VectorStoreIndex(nodes, storage_context=storage, embed_model=model)
    seconds = time.perf_counter() - started
    lengths = tokenizer.count([node.get_content(MetadataMode.EMBED) for node in nodes])
    limit = 510  # and two special tokens
    read = sum(min(length, limit) for length in lengths) / max(1, sum(lengths))
    return Measured(seconds, len(nodes), read)


def vector_of(model: object) -> list[float]:
    """Of any text, to see its length."""
    return model.get_text_embedding("x")  # type: ignore[attr-defined]


def _faiss_store(dimension: int) -> object:
    """LlamaIndex's FAISS store where it is installed, else one that keeps vectors as it does."""
    import faiss

    try:
        from llama_index.vector_stores.faiss import FaissVectorStore
    except ImportError:
        from llama_index.core.bridge.pydantic import PrivateAttr
        from llama_index.core.vector_stores.types import BasePydanticVectorStore

        class FaissStoreLike(BasePydanticVectorStore):
            stores_text: bool = False
            _index: object = PrivateAttr()

            @property
            def client(self) -> object:
                return self._index

            def add(self, nodes: Sequence[object], **_: object) -> list[str]:
                ids = []
                for node in nodes:
                    ids.append(str(self._index.ntotal))
                    self._index.add(np.asarray([node.get_embedding()], dtype=np.float32))
                return ids

            def delete(self, ref_doc_id: str, **_: object) -> None:
                raise NotImplementedError

            def query(self, query: object, **_: object) -> object:
                raise NotImplementedError

        store = FaissStoreLike()
        store._index = faiss.IndexFlatL2(dimension)
        return store
    return FaissVectorStore(faiss_index=faiss.IndexFlatL2(dimension))


def report(files: int, characters: int, runs: dict[str, list[Measured]], encoder: Encoder) -> str:
    def median(name: str) -> float:
        return statistics.median(run.seconds for run in runs[name])

    rows = []
    for name, measured in runs.items():
        seconds, first = median(name), measured[0]
        rows.append(
            (
                name,
                f"{seconds:.1f}",
                f"{first.vectors:,}",
                f"{first.vectors / seconds:.1f}",
                f"{characters / seconds:,.0f}",
                f"{100 * first.read:.0f} %",
                f"{characters * first.read / seconds:,.0f}",
            )
        )
    head = (
        "path",
        "seconds",
        "vectors",
        "vectors/s",
        "source characters/s",
        "read by the model",
        "characters read/s",
    )
    ours, bare = median("assistant ingest"), median("bare encoder")
    busy = statistics.median(r.encoding / r.seconds for r in runs["assistant ingest"])
    lines = [
        f"{files} files, {characters:,} characters; median of {len(runs['bare encoder'])} "
        f"rounds, taken in turn. {machine(encoder)}",
        "",
        Table("", head, tuple(rows)).markdown(),
        "",
        f"- ingestion against the bare encoder, same texts: **{100 * bare / ours:.0f} %** of its "
        f"rate; the encoder was at work {100 * busy:.0f} % of the time",
    ]
    for name in list(runs)[2:]:
        ratio, read = median(name) / ours, runs[name][0].read
        lines.append(
            f"- ingestion against {name}, which makes other chunks: **{ratio:.2f} times** in "
            f"source characters, {ratio / read:.2f} times in characters that the model read"
        )
    return "\n".join(lines)


def machine(encoder: Encoder) -> str:
    import torch

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":")[1] for line in info.read_text().splitlines() if "model name" in line
        ]
        cpu = names[0].strip() if names else cpu
    weights = getattr(encoder, "_model", None)
    dtype = str(next(weights.parameters()).dtype).removeprefix("torch.") if weights else ""
    packages = ("torch", "sentence-transformers", "transformers", "llama-index-core", "faiss-cpu")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{encoder.name} on {encoder.device} ({cpu}, {torch.get_num_threads()} threads, {dtype}); "
        f"Python {platform.python_version()}, {versions}."
    )


# ------------------------------------------------------------------------------------ memory


class CheapEncoder:
    """A vector drawn from the text's own bytes."""

    name = "cheap"
    fingerprint = "cheap/1"
    dimension = 384
    max_tokens = 512
    device = "cpu"

    def encode_query(self, query: str) -> Vector:
        seed = int.from_bytes(query.encode()[-8:], "little")
        vector = np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        return vector / np.linalg.norm(vector)

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self.encode_query(text) for text in texts])


class WordTokenizer:
    """A token for each run of characters without space."""

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        import re

        return [match.span() for match in re.finditer(r"\S+", text)]


def measure_memory() -> str:
    cases = (
        ("1,000 files", _write_notes, 1_000),
        ("10,000 files", _write_notes, 10_000),
        ("a PDF of 2,000 pages", _write_pdf, 2_000),
    )
    rows = []
    for name, write, count in cases:
        with tempfile.TemporaryDirectory() as scratch:
            notes = Path(scratch, "notes")
            notes.mkdir()
            write(notes, count)
            started = time.perf_counter()
            command = [sys.executable, __file__, "--memory-of", scratch]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            seconds = time.perf_counter() - started
        rows.append((name, *done.stdout.split(), f"{seconds:.0f}"))
    growth = int(rows[1][2]) / int(rows[0][2])
    head = ("case", "nodes", "peak MiB", "peak MiB of a reader", "seconds")
    return (
        f"{Table('', head, tuple(rows)).markdown()}\n\n"
        f"- 10,000 files against 1,000: **{growth:.2f} times** the memory"
    )


def measure_memory_of(scratch: Path) -> None:
    """Print the nodes and the peaks in MiB: of this process, and of its largest child."""
    import resource  # not on Windows

    settings = replace(Settings(), library=scratch / "library")
    desk = Desk(settings, encoder=CheapEncoder(), tokenizer=WordTokenizer())
    nodes = 0
    for event in desk.ingest([scratch / "notes"]):
        if isinstance(event, IngestFinished):
            nodes = event.report.nodes
    desk.close()
    unit = 1 if sys.platform == "darwin" else 1024
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        peak = resource.getrusage(who).ru_maxrss * unit // _MIB
        print(nodes if who == resource.RUSAGE_SELF else "", peak)


_WORDS = (
    *("attention", "어텐션은", "weights", "가중치를", "sum", "더한다", "softmax", "확률"),
    *("query", "key", "값", "벡터", "layer", "층", "의"),
)


def _write_notes(folder: Path, count: int) -> None:
    draw = random.Random(0)
    for number in range(count):
        place = folder / f"{number // 500:03}"
        place.mkdir(exist_ok=True)
        body = " ".join(draw.choices(_WORDS, k=120))
        (place / f"note-{number:05}.md").write_text(f"# 노트 {number}\n\n{body}\n", "utf-8")


def _write_pdf(folder: Path, pages: int) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(folder / "book.pdf"))
    draw = random.Random(0)
    words = [word for word in _WORDS if word.isascii()]
    for page in range(pages):
        for line in range(40):
            canvas.drawString(60, 780 - 18 * line, f"{page} " + " ".join(draw.choices(words, k=10)))
        canvas.showPage()
    canvas.save()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="LlamaIndex with shorter chunks too")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help="write the Markdown here too")
    arguments = parser.parse_args()
    if arguments.memory_of:
        measure_memory_of(arguments.memory_of)
        return
    if arguments.memory:
        text = measure_memory()
    elif arguments.folder:
        text = measure_speed(arguments.folder, arguments.files, arguments.rounds, arguments.whole)
    else:
        parser.error("name a folder, or ask for --memory")
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
