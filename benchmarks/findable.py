"""How much sooner notes are found by their words than they are wholly embedded.

    python benchmarks/findable.py SOURCE… [--files 1000]

A source is a folder of notes, or articles in SQuAD's form (.json) or Belebele's (.jsonl), of which
notes are made: two passages each, under headings, sources by turns. They are ingested into an empty
library with the configured embedding model; prints when the last of them could be searched by words
and when the last was embedded.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from assistant import config
from assistant.desk import Desk
from assistant.types import AnalysisProgress, EmbeddingProgress, FileIndexed, IngestFinished

_PASSAGES = 2  # to a note


def passages(source: Path) -> Iterator[tuple[str, str]]:
    """Title and text of each passage, once."""
    lines = source.read_text("utf-8").splitlines()
    if source.suffix == ".jsonl":
        rows = map(json.loads, lines)
        texts = dict.fromkeys(row.get("text") or row["flores_passage"] for row in rows)
        yield from ((" ".join(text.split()[:5]), text) for text in texts)
        return
    for article in json.loads("\n".join(lines))["data"]:
        for paragraph in article["paragraphs"]:
            yield article["title"].replace("_", " "), paragraph["context"]


def notes_of(source: Path) -> Iterator[str]:
    """Notes in Markdown, made of an articles file."""
    passages_left = passages(source)
    while group := list(islice(passages_left, _PASSAGES)):
        title = group[0][0]
        sections = [f"## {text.split('.')[0][:60]}\n\n{text}\n" for _, text in group]
        yield f"# {title}\n\n" + "\n".join(sections)


def make_notes(sources: list[Path], folder: Path, files: int) -> None:
    """Up to ``files`` notes beneath ``folder``."""
    texts = [notes_of(source) for source in sources if source.is_file()]
    made = 0
    while texts and made < files:
        for turn, own in enumerate(list(texts)):
            text = next(own, None)
            if text is None:
                texts.remove(own)
            elif made < files:
                place = folder / f"과목 {turn}" / f"week {made // 50:02}"
                place.mkdir(parents=True, exist_ok=True)
                (place / f"노트 {made:04}.md").write_text(text, encoding="utf-8")
                made += 1
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, folder / source.name)


def measure(desk: Desk, folder: Path) -> None:
    """Ingest ``folder`` and print the table."""
    started = time.perf_counter()
    found = analysed = embedding = 0.0
    for event in desk.ingest([folder]):
        now = time.perf_counter() - started
        match event:
            case FileIndexed():
                found = now
            case AnalysisProgress():
                analysed = now
            case EmbeddingProgress(done=done):
                embedding = embedding or now
                if done % 320 == 0:
                    print(f"  {done}/{event.total} embedded after {now:.0f} s", flush=True)
            case IngestFinished():
                report, whole = event.report, now
    encoder = desk.load_encoder()
    print(f"{report.indexed:,} notes, {report.nodes:,} passages, {report.embedded:,} embedded")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {encoder.name}")
    print(f"all found by their words  {found:8.1f} s  {report.indexed / found:8.1f} notes/s")
    print(f"… by their morphemes      {analysed:8.1f} s  {report.indexed / analysed:8.1f} notes/s")
    print(f"first batch embedded      {embedding:8.1f} s")
    print(f"all embedded              {whole:8.1f} s  {report.indexed / whole:8.1f} notes/s")
    print(f"ratio                     {whole / found:8.1f}  by morphemes {whole / analysed:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "notes")
        make_notes(arguments.sources, folder, arguments.files)
        settings = config.load(library=Path(temporary, "library"))
        desk = Desk(settings)
        try:
            measure(desk, folder)
        finally:
            desk.close()


if __name__ == "__main__":
    main()
