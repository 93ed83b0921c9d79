"""How long a second run over unchanged notes takes, beside ``git status`` of the same folder.

    python benchmarks/rescan.py [--files 10000] [--runs 7]

Makes a folder of notes in a repository of its own, ingests it with stand-ins for the models, and
then times, in turns and with a warm cache: ``git status``, the ingestion within a running process,
and the whole ``assistant ingest`` command. Prints medians and their ratios.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assistant.config import IngestionSettings
from assistant.ingestion.pipeline import ingest
from assistant.library.library import Library
from assistant.protocols import Encoder, Tokenizer
from assistant.types import IngestFinished, IngestReport

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.fakes import BagOfWordsEncoder, WordTokenizer

_PER_FOLDER = 20
_COURSES = ("머신러닝", "linear algebra", "자료구조", "statistics", "운영체제")


def make_notes(folder: Path, files: int) -> None:
    """``files`` small notes in nested folders, committed to a repository."""
    for number in range(files):
        place, position = divmod(number, _PER_FOLDER)
        week = folder / _COURSES[place % len(_COURSES)] / f"{place // 25:02}" / f"week {place:03}"
        week.mkdir(parents=True, exist_ok=True)
        name = "강의 노트" if number % 3 == 0 else "note"
        text = f"# Note {number}\n\nThe weights of run {number} sum to one. 값의 가중합이다.\n"
        (week / f"{name} {position:02}.md").write_text(text, encoding="utf-8")
    git = ["git", "-C", str(folder), "-c", "user.name=notes", "-c", "user.email=notes@localhost"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Notes"]):
        subprocess.run([*git, *command], check=True)


def ingested(
    library: Library,
    notes: Path,
    tokenizer: Callable[[], Tokenizer],
    encoder: Callable[[], Encoder],
) -> IngestReport:
    """What one run reports."""
    (last,) = [
        event
        for event in ingest(
            library, [notes], IngestionSettings(), tokenizer=tokenizer, encoder=encoder
        )
        if isinstance(event, IngestFinished)
    ]
    return last.report


def no_model() -> Encoder:
    raise AssertionError("a run over unchanged notes needs no model")


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(Path(temporary), arguments.files, arguments.runs)


def measure(top: Path, files: int, runs: int) -> None:
    """Make everything beneath ``top`` and print the table."""
    notes = top / "notes"
    make_notes(notes, files)
    library = Library.open(top / "home" / "library")
    first = seconds(lambda: ingested(library, notes, WordTokenizer, BagOfWordsEncoder))

    def again() -> None:
        report = ingested(library, notes, no_model, no_model)
        assert (report.unchanged, report.indexed) == (files, 0), report

    environment = {**os.environ, "ASSISTANT_HOME": str(top / "home")}
    command = [sys.executable, "-m", "assistant", "--library", str(library.folder)]

    def whole_command() -> None:
        subprocess.run(
            [*command, "ingest", str(notes)], env=environment, check=True, capture_output=True
        )

    def start_alone() -> None:
        subprocess.run([*command, "--version"], env=environment, check=True, capture_output=True)

    def git_status() -> None:
        subprocess.run(["git", "-C", str(notes), "status"], check=True, capture_output=True)

    kinds = {
        "git status": git_status,
        "ingest, in process": again,
        "assistant ingest": whole_command,
        "assistant --version": start_alone,
    }
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for turn in range(runs + 1):
        for kind, work in kinds.items():
            taken = seconds(work)
            if turn:  # the first warms the cache
                times[kind].append(taken)
    git = statistics.median(times["git status"])
    version = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True)
    print(f"{files:,} files, {runs} runs, first ingestion {first:.1f} s")
    print(f"Python {platform.python_version()}, {version.stdout.strip()}, {os.cpu_count()} cores")
    print(f"{'':20} {'median ms':>10} {'least':>8} {'× git status':>13}")
    for kind, taken in times.items():
        median = statistics.median(taken)
        print(f"{kind:20} {median * 1e3:10.0f} {min(taken) * 1e3:8.0f} {median / git:13.2f}")
    library.close()


if __name__ == "__main__":
    main()
