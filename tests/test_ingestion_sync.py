"""Moved files, archives, roots with their patterns, and files in the midst of being written."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import TypeVar

import pytest

from assistant.config import IngestionSettings
from assistant.errors import ReadError
from assistant.ingestion import textpass
from assistant.ingestion.pipeline import ingest
from assistant.ingestion.reading.protocol import FileRead
from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.types import (
    FileFailed,
    FileIndexed,
    FileMoved,
    FileRemoved,
    FileSkipped,
    FilesUnchanged,
    IngestEvent,
    IngestFinished,
    IngestReport,
    Root,
)
from tests.fakes import BagOfWordsEncoder, WordTokenizer

E = TypeVar("E")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    write(folder / "1주차/어텐션.md", "# 어텐션\n\n값의 가중합이다.\n")
    write(folder / "1주차/untitled.txt", "Quantization saves memory.\n")
    write(folder / "b.md", "# 패딩\n\n길이를 맞춘다.\n")
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def pack(path: Path, **members: str) -> Path:
    """A zip of files, ``__`` in a name standing for a slash; written a minute ago."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/") + ".md", text)
    minute_ago = time.time_ns() - 60_000_000_000
    os.utime(path, ns=(minute_ago, minute_ago))
    return path


def no_encoder() -> Encoder:
    raise AssertionError("nothing waits to be embedded")


def run(
    library: Library,
    *paths: Path,
    settings: IngestionSettings | None = None,
    embeds: bool = True,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    retry: bool = False,
    stop: Event | None = None,
) -> list[IngestEvent]:
    return list(
        ingest(
            library,
            paths,
            settings or IngestionSettings(),
            tokenizer=WordTokenizer,
            encoder=BagOfWordsEncoder if embeds else no_encoder,
            include=include,
            exclude=exclude,
            retry=retry,
            stop=stop,
        )
    )


def of(kind: type[E], events: Sequence[IngestEvent]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def report(events: Sequence[IngestEvent]) -> IngestReport:
    return of(IngestFinished, events)[0].report


def stored(library: Library, top: Path) -> list[str]:
    return [str(d.path.relative_to(top)) for d in library.documents() if d.format != "archive"]


# --------------------------------------------------------------------------- moved


def test_a_renamed_folder_is_not_embedded_again(library: Library, notes: Path) -> None:
    run(library, notes)
    (notes / "1주차").rename(notes / "week 1")
    events = run(library, notes, embeds=False)
    assert of(FileMoved, events) == [
        FileMoved(notes / f"week 1/{name}", notes / f"1주차/{name}")
        for name in ("untitled.txt", "어텐션.md")
    ]
    assert not of(FileRemoved, events)
    assert stored(library, notes) == ["b.md", "week 1/untitled.txt", "week 1/어텐션.md"]
    assert library.status().embedded == 3


def test_a_moved_root_keeps_its_embeddings_and_is_the_root(
    library: Library, notes: Path, tmp_path: Path
) -> None:
    run(library, notes)
    notes.rename(tmp_path / "Documents")
    events = run(library, tmp_path / "Documents", embeds=False)
    assert (report(events).moved, report(events).removed) == (3, 0)
    assert [(root.path, root.documents) for root in library.roots()] == [
        (tmp_path / "Documents", 3)
    ]


def test_a_file_titled_by_its_name_keeps_its_embedding_under_another(
    library: Library, notes: Path
) -> None:
    run(library, notes)
    (notes / "1주차/untitled.txt").rename(notes / "quantization.txt")
    events = run(library, notes, embeds=False)
    assert of(FileMoved, events)[0].before == notes / "1주차/untitled.txt"
    document = library.document(notes / "quantization.txt")
    assert document is not None
    assert document.title == "quantization"


def test_a_copy_has_not_moved(library: Library, notes: Path) -> None:
    run(library, notes)
    write(notes / "copy.md", (notes / "b.md").read_text("utf-8"))
    events = run(library, notes)
    assert not of(FileMoved, events)
    assert (report(events).indexed, library.status().documents) == (1, 4)


def test_two_files_of_one_content_move_each_to_its_name(library: Library, notes: Path) -> None:
    for folder in ("x", "y"):
        write(notes / folder / f"{folder}.md", "# 같은 글\n\n같은 문장이다.\n")
    run(library, notes)
    for folder in ("x", "y"):
        (notes / folder).rename(notes / f"{folder}2")
    moved = {(e.path.name, e.before.name) for e in of(FileMoved, run(library, notes))}
    assert moved == {("x.md", "x.md"), ("y.md", "y.md")}


def test_what_cannot_be_looked_at_has_not_moved(
    library: Library, notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(library, notes)
    other = write(tmp_path / "other/c.md", (notes / "b.md").read_text("utf-8")).parent

    def refuse(path: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "lstat", refuse)
    assert not of(FileMoved, run(library, other))
    assert library.document(notes / "b.md") is not None


# --------------------------------------------------------------------------- archives


def test_an_archive_is_a_folder_of_documents(library: Library, notes: Path) -> None:
    export = pack(notes / "export.zip", a="# 하나\n\n첫 글이다.\n", sub__b="# 둘\n\n다음 글이다.\n")
    events = run(library, notes)
    assert {e.path for e in of(FileIndexed, events)} >= {export / "a.md", export / "sub/b.md"}
    assert library.search_lexical("다음", 5).hits
    container = library.document(export)
    assert container is not None
    assert (container.format, container.root) == ("archive", notes)
    assert library.status().documents == 5


def test_an_unchanged_archive_is_not_opened(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(notes / "export.zip", a="첫 글이다.\n", b="다음 글이다.\n")
    run(library, notes)
    monkeypatch.setattr(textpass, "ReaderPool", no_encoder)
    events = run(library, notes, embeds=False)
    assert of(FilesUnchanged, events) == [FilesUnchanged(5)]
    assert not of(FileRemoved, events)


def test_a_changed_archive_changes_what_it_must(library: Library, notes: Path) -> None:
    pack(notes / "export.zip", a="첫 글이다.\n", b="다음 글이다.\n", c="셋째 글이다.\n")
    run(library, notes)
    export = pack(notes / "export.zip", a="첫 글이다.\n", b="아주 다른 글이다.\n", d="넷째다.\n")
    events = run(library, notes)
    assert of(FileIndexed, events) == [
        FileIndexed(export / "b.md", 1, replaced=True),
        FileIndexed(export / "d.md", 1, replaced=False),
    ]
    assert of(FileRemoved, events) == [FileRemoved(export / "c.md")]
    assert report(events).unchanged == 4  # three files and a.md


def test_an_archive_that_is_gone_takes_all_along(library: Library, notes: Path) -> None:
    export = pack(notes / "export.zip", a="첫 글이다.\n", b="다음 글이다.\n")
    run(library, notes)
    export.unlink()
    run(library, notes)
    assert not any(document.path.is_relative_to(export) for document in library.documents())
    assert library.status().documents == 3


def test_a_renamed_archive_is_not_embedded_again(library: Library, notes: Path) -> None:
    export = pack(notes / "export.zip", a="첫 글이다.\n", b="# 둘\n\n다음 글이다.\n")
    run(library, notes)
    export.rename(notes / "notion.zip")
    events = run(library, notes, embeds=False)
    assert {e.path.name for e in of(FileMoved, events)} == {"a.md", "b.md"}
    assert library.document(export) is None


def test_a_member_that_cannot_be_read_is_told_once(library: Library, notes: Path) -> None:
    export = notes / "export.zip"
    with zipfile.ZipFile(export, "w") as archive:
        archive.writestr("bad.ipynb", "{broken")
        archive.writestr("good.md", "좋은 글이다.")
    os.utime(export, (1, 1))
    (failed,) = of(FileFailed, run(library, notes))
    assert failed.path == export / "bad.ipynb"
    assert library.document(export / "good.md") is not None
    again = run(library, notes)
    assert (report(again).left, report(again).unchanged, report(again).failed) == (1, 4, 0)
    (failed,) = of(FileFailed, run(library, notes, retry=True))
    assert failed.path == export / "bad.ipynb"
    pack(export, good="좋은 글이다.")
    run(library, notes)
    assert not library.status().failed


def test_patterns_speak_of_members_too(library: Library, notes: Path) -> None:
    pack(notes / "export.zip", a="첫 글이다.\n", private__b="비밀이다.\n")
    run(library, notes, exclude=["private/"])
    assert "export.zip/a.md" in stored(library, notes)
    assert "export.zip/private/b.md" not in stored(library, notes)


def test_a_file_that_is_no_archive(library: Library, notes: Path) -> None:
    bad = write(notes / "bad.zip", "no zip")
    os.utime(bad, (1, 1))
    (failed,) = of(FileFailed, run(library, notes))
    assert failed.path == bad


# --------------------------------------------------------------------------- roots


def test_patterns_are_kept_with_the_root(library: Library, notes: Path) -> None:
    write(notes / "draft.md", "초안이다.")
    run(library, notes, exclude=["draft*"], include=["*.md"])
    assert stored(library, notes) == ["1주차/어텐션.md", "b.md"]
    root = library.root(notes)
    assert root is not None
    assert (root.include, root.exclude) == (("*.md",), ("draft*",))
    assert root.synced_at
    run(library, notes)
    assert stored(library, notes) == ["1주차/어텐션.md", "b.md"]
    run(library, notes, include=[])  # the other patterns stay
    assert stored(library, notes) == ["1주차/untitled.txt", "1주차/어텐션.md", "b.md"]
    root = library.root(notes)
    assert root is not None
    assert (root.include, root.exclude) == ((), ("draft*",))


def test_patterns_of_the_settings_hold_besides(library: Library, notes: Path) -> None:
    settings = IngestionSettings(include=("1주차/",), exclude=("*.txt",))
    run(library, notes, settings=settings)
    assert stored(library, notes) == ["1주차/어텐션.md"]
    assert library.root(notes) == Root(notes, synced_at=library.roots()[0].synced_at)


def test_an_ignore_file_does_not_bring_back_what_is_excluded(library: Library, notes: Path) -> None:
    write(notes / ".gitignore", "!b.md\n")
    run(library, notes, exclude=["/b.md"])
    assert "b.md" not in stored(library, notes)


def test_a_file_of_a_known_root_is_the_roots(library: Library, notes: Path) -> None:
    run(library, notes)
    new = write(notes / "1주차/new.md", "새 글이다.")
    run(library, new)
    assert [root.path for root in library.roots()] == [notes]
    document = library.document(new)
    assert document is not None
    assert document.root == notes
    new.unlink()
    assert of(FileRemoved, run(library, notes)) == [FileRemoved(new)]


@pytest.mark.parametrize("name", [".hidden.md", "ignored.md", "sub/ignored.md"])
def test_a_file_its_root_passes_by_is_a_root_of_its_own(
    library: Library, notes: Path, name: str
) -> None:
    write(notes / ".gitignore", "ignored.md\n")
    run(library, notes)
    file = write(notes / name, "따로 읽을 글이다.")
    run(library, file)
    assert {root.path for root in library.roots()} == {notes, file}
    assert not of(FileRemoved, run(library, notes))
    assert library.document(file) is not None


def test_a_stopped_run_is_not_in_step(library: Library, notes: Path) -> None:
    stop = Event()
    stop.set()
    assert report(run(library, notes, stop=stop)).stopped
    root = library.root(notes)
    assert root is not None
    assert not root.synced_at


# --------------------------------------------------------------------------- left alone


def test_what_could_not_be_read_is_left_until_it_changes(library: Library, notes: Path) -> None:
    bad = write(notes / "bad.ipynb", "{")
    os.utime(bad, (1, 1))
    assert of(FileFailed, run(library, notes))
    events = run(library, notes)
    assert not of(FileFailed, events)
    assert (report(events).left, report(events).unchanged) == (1, 3)
    assert [status.path for status in library.status().failed] == [bad]
    assert of(FileFailed, run(library, notes, retry=True))
    assert of(FileFailed, run(library, bad)), "who names it wants to know"
    os.utime(bad, (2, 2))
    assert of(FileFailed, run(library, notes))


def test_a_file_without_permission_is_tried_each_time(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = notes / "b.md"
    os.utime(file, (1, 1))
    read = textpass.ReaderPool.read

    def refused(self: textpass.ReaderPool, requests: object) -> Iterator[object]:
        for result in read(self, requests):  # type: ignore[arg-type]
            error = ReadError("b.md cannot be opened: permission denied")
            yield FileRead(file, 0, "", "markdown", None, error) if result.path == file else result

    monkeypatch.setattr(textpass.ReaderPool, "read", refused)
    assert of(FileFailed, run(library, notes))
    monkeypatch.undo()
    assert report(run(library, notes)).indexed == 1
    assert not library.status().failed


# --------------------------------------------------------------------------- being written


def test_a_file_that_grows_while_it_is_read_is_left_for_later(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(library, notes)
    file = write(notes / "b.md", "# 패딩\n\n새로 쓰는")
    requests = textpass.TextPass._requests

    def grow(self: textpass.TextPass, files: list[object]) -> Iterator[object]:
        file.write_text(file.read_text("utf-8") + " 중인 글이다.", encoding="utf-8")
        return requests(self, files)  # type: ignore[arg-type]

    monkeypatch.setattr(textpass.TextPass, "_requests", grow)
    assert FileSkipped(file, "still being written") in run(library, notes)
    assert library.search_lexical("길이", 5).hits, "what is stored stays"
    assert all(status.state == "indexed" for status in library.files())
    monkeypatch.undo()
    assert of(FileIndexed, run(library, notes)) == [FileIndexed(file, 1, replaced=True)]


class _Growing(BagOfWordsEncoder):
    """A file is written to while others are embedded."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        write(file, "{still broken")


def test_a_fresh_file_that_cannot_be_read_is_judged_when_it_has_settled(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textpass, "_UNSETTLED", 0.5)
    growing = write(notes / "growing.ipynb", "{")
    broken = write(notes / "broken.ipynb", "{")
    events = list(
        ingest(
            library,
            [notes],
            IngestionSettings(),
            tokenizer=WordTokenizer,
            encoder=lambda: _Growing(growing),
        )
    )
    assert [event.path for event in of(FileFailed, events)] == [broken]
    assert FileSkipped(growing, "still being written") in events
    assert [status.path for status in library.status().failed] == [broken]


def test_a_file_emptied_by_an_editor_keeps_its_text_for_the_moment(
    library: Library, notes: Path
) -> None:
    run(library, notes)
    file = write(notes / "b.md", "")
    assert FileSkipped(file, "still being written") in run(library, notes)
    assert library.search_lexical("길이", 5).hits


# --------------------------------------------------------------------------- at once


def test_files_done_do_not_wait_for_a_slow_one(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Event()
    read = textpass.ReaderPool.read

    def stuck(self: textpass.ReaderPool, requests: object) -> Iterator[object]:
        for number, result in enumerate(read(self, requests)):  # type: ignore[arg-type]
            if number == 2:
                slow.wait(20)
            yield result

    monkeypatch.setattr(textpass.ReaderPool, "read", stuck)
    events: list[IngestEvent] = []
    for event in ingest(
        library, [notes], IngestionSettings(), tokenizer=WordTokenizer, encoder=BagOfWordsEncoder
    ):
        events.append(event)
        if len(of(FileIndexed, events)) == 2:
            assert library.status().documents == 2
            slow.set()
    assert slow.is_set()
    assert report(events).indexed == 3


def test_a_run_over_unchanged_notes_imports_nothing_heavy(
    library: Library, notes: Path, tmp_path: Path
) -> None:
    run(library, notes)
    program = f"""
import sys
from pathlib import Path
from assistant.config import IngestionSettings
from assistant.ingestion.pipeline import ingest
from assistant.library.library import Library

def never():
    raise AssertionError

library = Library.open(Path({str(tmp_path / "library")!r}))
folder = Path({str(notes)!r})
last = list(ingest(library, [folder], IngestionSettings(), tokenizer=never, encoder=never))[-1]
assert last.report.unchanged == 3, last
heavy = "torch transformers tokenizers llama_index faiss kiwipiepy pathspec pypdfium2 lxml"
print([name for name in heavy.split() if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
