from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import pytest

from assistant.config import IngestionSettings, Settings
from assistant.desk import Desk
from assistant.errors import EmptyFile, FingerprintMismatch, LibraryUnwritable, PathNotFound
from assistant.ingestion import storing, textpass
from assistant.ingestion.discover import Candidate
from assistant.ingestion.pipeline import ingest
from assistant.ingestion.readers import read
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.reading.pool import ReaderPool
from assistant.ingestion.reading.protocol import ReadRequest
from assistant.ingestion.textpass import TextPass
from assistant.library.library import Library, NewDocument
from assistant.protocols import Encoder, Matrix, Tokenizer
from assistant.types import (
    EmbeddingProgress,
    FileFailed,
    FileIndexed,
    FileMoved,
    FileRemoved,
    FileSkipped,
    FilesUnchanged,
    IngestEvent,
    IngestFinished,
    IngestReport,
    IngestStarted,
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
    write(folder / "a.md", "# 어텐션\n\n값의 가중합이다.\n\n## 점수\n\n내적으로 구한다.\n")
    write(folder / "b.txt", "Quantization saves memory.\n")
    write(folder / "sub/c.md", "# 패딩\n\n길이를 맞춘다.\n")
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(
    library: Library,
    *paths: Path,
    encoder: Encoder | None = None,
    stop: Event | None = None,
    **how: Any,
) -> list[IngestEvent]:
    events = list(
        ingest(
            library,
            paths,
            IngestionSettings(),
            tokenizer=WordTokenizer,
            encoder=lambda: encoder or BagOfWordsEncoder(),
            stop=stop,
            **how,
        )
    )
    assert isinstance(events[0], IngestStarted)
    assert isinstance(events[-1], IngestFinished)
    return events


def of(kind: type[E], events: Sequence[IngestEvent]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def report(events: Sequence[IngestEvent]) -> IngestReport:
    return of(IngestFinished, events)[0].report


class NoEncoder(BagOfWordsEncoder):
    """Where nothing waits to be embedded."""

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        raise AssertionError(texts)


def no_encoder() -> Encoder:
    raise AssertionError("nothing waits to be embedded")


def no_tokenizer() -> Tokenizer:
    raise AssertionError("nothing is to be split")


def aged(path: Path) -> Path:
    """``path``, last written a minute ago: no program is in the midst of writing it."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 60_000_000_000))
    return path


# --------------------------------------------------------------------------- the way through


def test_new_notes_are_found_by_word_and_by_meaning(library: Library, notes: Path) -> None:
    encoder = BagOfWordsEncoder()
    events = run(library, notes, encoder=encoder)
    assert of(IngestStarted, events) == [
        IngestStarted(3, sum(p.stat().st_size for p in notes.rglob("*.*") if p.is_file()))
    ]
    assert of(FileIndexed, events) == [
        FileIndexed(notes / "a.md", 2, replaced=False),
        FileIndexed(notes / "b.txt", 1, replaced=False),
        FileIndexed(notes / "sub/c.md", 1, replaced=False),
    ]
    assert of(EmbeddingProgress, events)[-1] == EmbeddingProgress(4, 4)
    assert (report(events).indexed, report(events).nodes, report(events).embedded) == (3, 4, 4)
    assert not report(events).stopped

    (hit, *_) = library.search_lexical("내적", 5).hits
    node = library.nodes([hit[0]])[hit[0]]
    assert (node.path, node.title, node.node.place.headings) == (
        notes / "a.md", "어텐션", ("어텐션", "점수"),
    )  # fmt: skip
    nearest = library.search_dense(encoder.encode_query("quantization memory"), 1).hits[0][0]
    assert library.nodes([nearest])[nearest].path == notes / "b.txt"
    document = library.document(notes / "a.md")
    assert document is not None
    assert (document.root, document.format) == (notes, "markdown")
    assert (library.folder / "vectors.faiss").exists()


def test_text_is_found_before_anything_is_embedded(library: Library, notes: Path) -> None:
    def encoder() -> Encoder:
        assert library.search_lexical("가중합", 5).hits
        return BagOfWordsEncoder()

    list(ingest(library, [notes], IngestionSettings(), tokenizer=WordTokenizer, encoder=encoder))


def test_a_second_run_opens_and_loads_nothing(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(library, notes)
    monkeypatch.setattr(textpass, "ReaderPool", no_encoder)
    events = list(
        ingest(library, [notes], IngestionSettings(), tokenizer=no_tokenizer, encoder=no_encoder)
    )
    assert of(FilesUnchanged, events) == [FilesUnchanged(3)]
    assert (report(events).unchanged, report(events).indexed) == (3, 0)


def test_a_touched_file_is_not_split_again(library: Library, notes: Path) -> None:
    run(library, notes)
    before = library.document(notes / "a.md")
    os.utime(notes / "a.md", ns=(1, 1))
    events = list(
        ingest(library, [notes], IngestionSettings(), tokenizer=WordTokenizer, encoder=no_encoder)
    )
    assert sum(event.count for event in of(FilesUnchanged, events)) == 3
    after = library.document(notes / "a.md")
    assert before is not None
    assert after is not None
    assert (after.mtime_ns, after.sha256, after.title) == (1, before.sha256, before.title)


def test_another_way_of_splitting_reads_every_file_anew(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(library, notes)
    monkeypatch.setattr("assistant.ingestion.pipeline.SPLITTER_VERSION", "another")
    encoder = BagOfWordsEncoder()
    again = report(run(library, notes, encoder=encoder))
    assert (again.indexed, again.unchanged) == (3, 0)
    assert encoder.encoded == [], "the same text keeps its embedding"
    assert report(run(library, notes)).unchanged == 3


def test_another_analyser_makes_the_words_anew(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(library, notes)
    monkeypatch.setattr("assistant.library.fingerprint.ANALYSER_VERSION", "another")
    with pytest.raises(FingerprintMismatch):
        library.check_fingerprint(BagOfWordsEncoder.fingerprint)
    assert report(run(library, notes)).embedded == 0
    library.check_fingerprint(BagOfWordsEncoder.fingerprint)


def test_a_changed_file_embeds_only_what_is_new(library: Library, notes: Path) -> None:
    run(library, notes)
    write(notes / "a.md", "# 어텐션\n\n값의 가중합이다.\n\n## 점수\n\n코사인으로 구한다.\n")
    encoder = BagOfWordsEncoder()
    events = run(library, notes, encoder=encoder)
    assert of(FileIndexed, events) == [FileIndexed(notes / "a.md", 2, replaced=True)]
    assert encoder.encoded == ["어텐션 › 점수\n코사인으로 구한다."]
    assert not library.search_lexical("내적", 5).hits
    assert library.status().embedded == library.status().nodes == 4


def test_long_texts_are_embedded_first_and_in_batches(library: Library, tmp_path: Path) -> None:
    for n in range(70):
        write(tmp_path / f"notes/{n}.md", f"note {n} " + "word " * n)
    encoder = BagOfWordsEncoder()
    events = run(library, tmp_path / "notes", encoder=encoder)
    assert [event.done for event in of(EmbeddingProgress, events)] == [32, 64, 70]
    lengths = [len(text) for text in encoder.encoded]
    assert lengths == sorted(lengths, reverse=True)


def test_several_paths_are_read_once_each(library: Library, notes: Path) -> None:
    events = run(library, notes, notes / "sub", notes / "a.md")
    assert len(of(FileIndexed, events)) == 3


# --------------------------------------------------------------------------- leaving


def test_a_deleted_file_leaves_the_library(library: Library, notes: Path) -> None:
    run(library, notes)
    (notes / "a.md").unlink()
    events = run(library, notes)
    assert of(FileRemoved, events) == [FileRemoved(notes / "a.md")]
    assert (report(events).removed, library.status().documents) == (1, 2)
    assert not library.search_lexical("가중합", 5).hits


def test_a_renamed_file_is_not_embedded_again(library: Library, notes: Path) -> None:
    run(library, notes)
    (notes / "a.md").rename(notes / "z.md")
    events = list(
        ingest(library, [notes], IngestionSettings(), tokenizer=WordTokenizer, encoder=no_encoder)
    )
    assert of(FileIndexed, events) == [FileIndexed(notes / "z.md", 2, replaced=False)]
    assert of(FileMoved, events) == [FileMoved(notes / "z.md", notes / "a.md")]
    assert not of(FileRemoved, events)
    assert (report(events).moved, report(events).removed) == (1, 0)
    assert library.status().embedded == 4


def test_a_file_ignored_from_now_on_leaves_the_library(library: Library, notes: Path) -> None:
    run(library, notes)
    write(notes / ".gitignore", "a.md\nsub/\n")
    events = run(library, notes)
    assert {event.path for event in of(FileRemoved, events)} == {notes / "a.md", notes / "sub/c.md"}


def test_what_another_folder_holds_is_left_alone(
    library: Library, notes: Path, tmp_path: Path
) -> None:
    other = write(tmp_path / "other/d.md", "다른 글이다.")
    hidden = write(notes / ".private/e.md", "숨긴 글이다.")
    run(library, other.parent)
    run(library, notes, hidden)
    events = run(library, notes)
    assert not of(FileRemoved, events)
    assert {d.path for d in library.documents()} >= {other, hidden}


def test_a_file_gone_from_a_folder_within_leaves_with_the_outer_one(
    library: Library, notes: Path
) -> None:
    run(library, notes / "sub")
    (notes / "sub/c.md").unlink()
    assert of(FileRemoved, run(library, notes)) == [FileRemoved(notes / "sub/c.md")]


def test_an_emptied_folder_keeps_its_documents(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    files = [write(folder / f"{n}.md", f"글 {n}이다.") for n in range(5)]
    run(library, folder)
    for file in files:
        file.unlink()
    events = run(library, folder)
    (failed,) = of(FileFailed, events)
    assert failed.path == folder
    assert failed.hint
    assert library.status().documents == 5
    write(folder / "new.md", "새 글이다.")  # the folder is there after all
    events = run(library, folder)
    assert len(of(FileRemoved, events)) == 5
    assert [file.state for file in library.files()] == ["indexed"]


def test_a_missing_path_changes_nothing(library: Library, notes: Path, tmp_path: Path) -> None:
    run(library, notes)
    notes.rename(tmp_path / "elsewhere")
    with pytest.raises(PathNotFound, match="notes"):
        run(library, notes)
    with pytest.raises(PathNotFound):
        run(library, tmp_path / "elsewhere", tmp_path / "nowhere")
    assert {d.path.parent.name for d in library.documents()} == {"notes", "sub"}


def test_a_folder_that_cannot_be_listed_keeps_its_documents(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(library, notes)
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    events = run(library, notes)
    assert [(e.path, e.reason) for e in of(FileFailed, events)] == [
        (notes / "sub", "sub cannot be opened: permission denied")
    ]
    assert library.status().documents == 3
    monkeypatch.undo()
    run(library, notes)
    assert not library.status().failed


def test_many_files_leave_in_few_transactions(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(10):
        write(notes / f"old {n}.md", f"옛 글 {n}이다.")
    run(library, notes)
    for path in notes.glob("old *.md"):
        path.unlink()
    batches: list[int] = []
    remove_documents = library.remove_documents

    def note(paths: Sequence[Path]) -> None:
        remove_documents(paths)
        batches.append(len(paths))

    monkeypatch.setattr(textpass, "_REMOVED", 4)
    monkeypatch.setattr(library, "remove_documents", note)
    stop = Event()
    events = []
    for event in ingest(
        library,
        [notes],
        IngestionSettings(),
        tokenizer=WordTokenizer,
        encoder=BagOfWordsEncoder,
        stop=stop,
    ):
        events.append(event)
        if isinstance(event, FileRemoved):
            assert library.document(event.path) is None, "it is told when it is done"
            stop.set()
    assert batches == [4]
    assert (report(events).removed, len(of(FileRemoved, events))) == (4, 4)
    assert report(run(library, notes)).removed == 6
    assert batches == [4, 4, 2]
    assert library.status().embedded == library.status().nodes == 4


# --------------------------------------------------------------------------- moved


def members(library: Library) -> dict[str, tuple[Path, ...]]:
    return {notebook.name: notebook.paths for notebook in library.notebooks()}


def test_a_moved_root_is_kept_in_step_as_before(
    library: Library, notes: Path, tmp_path: Path
) -> None:
    write(notes / "drafts/d.md", "초안이다.")
    run(library, notes, exclude=["/drafts"])
    library.set_watched(notes, True)
    library.add_to_notebook("all", [notes])
    library.add_to_notebook("some", [notes / "sub", notes / "a.md"])
    there = tmp_path / "Documents/노트"
    there.parent.mkdir()
    notes.rename(there)
    run(library, there)
    (root,) = library.roots()
    assert (root.path, root.exclude, root.watched) == (there, ("/drafts",), True)
    assert members(library) == {"all": (there,), "some": (there / "a.md", there / "sub")}
    assert {notebook.name: notebook.documents for notebook in library.notebooks()} == {
        "all": 3,
        "some": 2,
    }
    assert not library.search_lexical("초안", 5).hits
    assert report(run(library, there)).unchanged == 3


def test_a_root_moved_into_another_is_part_of_that(
    library: Library, notes: Path, tmp_path: Path
) -> None:
    outer = write(tmp_path / "all/z.md", "다른 글이다.").parent
    library.add_to_notebook("week", [notes])
    run(library, notes, exclude=["*.tmp"])
    run(library, outer)
    notes.rename(outer / "week")
    events = run(library, outer, encoder=NoEncoder())
    assert report(events).moved == 3
    assert [(root.path, root.exclude) for root in library.roots()] == [(outer, ())]
    assert members(library) == {"week": (outer / "week",)}


def test_notebooks_follow_files_and_folders(library: Library, notes: Path) -> None:
    run(library, notes)
    library.add_to_notebook("some", [notes / "a.md", notes / "sub", notes / "b.txt"])
    (notes / "a.md").rename(notes / "z.md")
    (notes / "sub").rename(notes / "2주차")
    run(library, notes)
    assert members(library) == {
        "some": tuple(sorted([notes / "b.txt", notes / "z.md", notes / "2주차"]))
    }


def test_a_notebook_does_not_take_in_a_folder_that_its_notes_have_joined(
    library: Library, notes: Path
) -> None:
    write(notes / "other/d.md", "남의 글이다.")
    run(library, notes)
    library.add_to_notebook("mine", [notes / "sub"])
    (notes / "sub/c.md").rename(notes / "other/c.md")
    (notes / "sub").rmdir()
    run(library, notes)
    assert members(library) == {"mine": (notes / "sub",)}


def test_a_root_that_others_have_joined_keeps_its_own_patterns(
    library: Library, notes: Path, tmp_path: Path
) -> None:
    home = write(tmp_path / "home/sub/mine.md", "내 글이다.").parent.parent
    run(library, home, exclude=["*.tmp"])
    run(library, notes, exclude=["*.bak"])
    for name in ("a.md", "b.txt", "sub/c.md"):
        (notes / name).rename(home / name)
    shutil.rmtree(notes)
    run(library, home)
    assert [(root.path, root.exclude) for root in library.roots()] == [(home, ("*.tmp",))]
    assert library.status().documents == 4


# --------------------------------------------------------------------------- missing


def test_a_missing_root_does_not_keep_the_others_from_being_read(
    library: Library, notes: Path, tmp_path: Path
) -> None:
    drive = write(tmp_path / "drive/d.md", "드라이브의 글이다.").parent
    run(library, notes, drive)
    drive.rename(tmp_path / "unplugged")
    write(notes / "new.md", "새 글이다.")
    events = run(library, drive, notes, missing="tell")
    (failed,) = of(FileFailed, events)
    assert failed == FileFailed(
        drive,
        f"{drive} does not exist",
        f"is its drive connected? `assistant remove {drive}` forgets it",
    )
    assert (report(events).indexed, report(events).failed) == (1, 1)
    assert library.search_lexical("드라이브", 5).hits
    assert [file.path for file in library.status().failed] == [drive]
    (tmp_path / "unplugged").rename(drive)
    events = run(library, drive, notes, missing="tell")
    assert not of(FileFailed, events)
    assert not library.status().failed


def test_a_root_found_elsewhere_is_not_missing(
    library: Library, notes: Path, tmp_path: Path
) -> None:
    outer = write(tmp_path / "all/z.md", "다른 글이다.").parent
    run(library, notes, outer)
    notes.rename(outer / "notes")
    events = run(library, notes, outer, missing="tell")
    assert not of(FileFailed, events)
    assert [root.path for root in library.roots()] == [outer]


def test_the_desk_tells_of_missing_roots_and_refuses_missing_paths(
    notes: Path, tmp_path: Path
) -> None:
    desk = Desk(
        Settings(library=tmp_path / "library"),
        encoder=BagOfWordsEncoder(),
        tokenizer=WordTokenizer(),
    )
    list(desk.ingest([notes]))
    notes.rename(tmp_path / "elsewhere")
    assert [event.path for event in of(FileFailed, list(desk.ingest()))] == [notes]
    with pytest.raises(PathNotFound):
        list(desk.ingest([notes]))
    desk.close()


# --------------------------------------------------------------------------- what goes wrong


def test_one_bad_file_does_not_stop_the_run(library: Library, notes: Path) -> None:
    (notes / "0.pdf").write_bytes(b"%PDF-1.7 broken")
    aged(notes / "0.pdf")
    aged(write(notes / "1.ipynb", "{broken"))
    events = run(library, notes)
    failed = of(FileFailed, events)
    assert [event.path.name for event in failed] == ["0.pdf", "1.ipynb"]
    assert all(event.reason.startswith(event.path.name) and event.hint for event in failed)
    assert (report(events).failed, report(events).indexed) == (2, 3)
    assert {file.path.name for file in library.status().failed} == {"0.pdf", "1.ipynb"}


def test_a_file_that_breaks_keeps_what_is_stored_until_it_is_mended(
    library: Library, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.ipynb", '{"cells": [{"cell_type": "markdown", "source": "가중합"}]}')
    run(library, tmp_path / "a.ipynb")
    whole, status = file.read_bytes(), file.stat()
    aged(write(file, '{"cells": ['))
    assert of(FileFailed, run(library, file))
    assert library.search_lexical("가중합", 5).hits
    file.write_bytes(whole)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert of(FilesUnchanged, run(library, file))
    assert not library.status().failed


def test_a_failed_file_that_is_deleted_is_forgotten(library: Library, notes: Path) -> None:
    bad = aged(write(notes / "bad.ipynb", "{"))
    run(library, notes)
    bad.unlink()
    events = run(library, notes)
    assert not of(FileRemoved, events)
    assert not library.status().failed


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b" \n", "empty"), (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary")],
)
def test_a_file_with_nothing_to_read_is_skipped_and_on_record(
    library: Library, notes: Path, data: bytes, reason: str
) -> None:
    run(library, notes)
    (notes / "b.txt").write_bytes(data)
    aged(notes / "b.txt")
    events = run(library, notes)
    assert FileSkipped(notes / "b.txt", reason) in events
    assert of(FileRemoved, events) == [FileRemoved(notes / "b.txt")]
    (status,) = [file for file in library.files() if file.path == notes / "b.txt"]
    assert (status.state, status.reason) == ("skipped", reason)
    assert not library.search_lexical("quantization", 5).hits


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.md", b""), ("b.txt", b"\x00\x01\xff" * 9), ("c.mov", b"x"), ("d.md", b"\n")],
)
def test_a_named_file_with_nothing_to_read_is_an_error(
    library: Library, tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    aged(tmp_path / name)
    (failed,) = of(FileFailed, run(library, tmp_path / name))
    assert name in failed.reason


PICTURE = b"\x89PNG\r\n\x1a\n and so on"


def without_ocr(path: Path, data: bytes | None = None) -> Reading:
    """A reader where OCR is not installed."""
    if path.suffix in (".png", ".pdf"):
        raise EmptyFile(f"{path.name} needs OCR", "install it")
    return read(path, data)


def as_text(path: Path, data: bytes | None = None) -> Reading:
    """A reader that finds the text of a picture."""
    return read(path.with_suffix(".txt"), data)


def read_by(reader: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the children read by a function of this module."""
    name = f"{__name__}:{reader.__name__}"
    monkeypatch.setattr(textpass, "ReaderPool", partial(ReaderPool, reader=name))


def test_pictures_are_read_when_all_else_is_found(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    requests = TextPass._requests

    def listen(self: TextPass, files: Iterable[Candidate]) -> Iterator[ReadRequest]:
        for request in requests(self, files):
            asked.append(request.path.name)
            yield request

    monkeypatch.setattr(TextPass, "_requests", listen)
    for name in ("0.JPG", "b.png", "a.png"):
        (notes / name).write_bytes(b"no picture")
        aged(notes / name)
    run(library, notes)
    assert asked == ["a.md", "b.txt", "c.md", "0.JPG", "a.png", "b.png"]


def test_pictures_without_ocr_are_no_failures(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by(without_ocr, monkeypatch)
    for name in ("board.png", "scan.pdf"):
        (notes / name).write_bytes(PICTURE)
        aged(notes / name)
    events = run(library, notes)
    assert of(FileSkipped, events) == [FileSkipped(notes / "board.png", "needs OCR")]
    assert [(event.path.name, event.hint) for event in of(FileFailed, events)] == [
        ("scan.pdf", "install it")
    ]
    (status,) = [file for file in library.files() if file.path == notes / "board.png"]
    assert (status.state, status.reason, status.hint) == ("skipped", "needs OCR", "install it")
    again = run(library, notes)
    assert not of(FileSkipped, again), "it is not tried again"
    assert report(again).left == 2
    assert of(FileSkipped, run(library, notes, retry=True)), "unless that is asked"
    (failed,) = of(FileFailed, run(library, notes / "board.png"))
    assert (failed.reason, failed.hint) == ("board.png needs OCR", "install it"), "it was named"


def test_a_picture_read_before_stays_where_ocr_is_lost(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(notes / "board.png", "칠판에 쓴 글이다.")
    read_by(as_text, monkeypatch)
    run(library, notes)
    monkeypatch.setattr(
        textpass, "ReaderPool", partial(ReaderPool, reader=f"{__name__}:without_ocr")
    )
    aged(write(notes / "board.png", "칠판에 다시 쓴 글이다."))
    assert of(FileFailed, run(library, notes))
    assert library.search_lexical("칠판", 5).hits


def test_skips_nobody_asks_about_are_not_on_record(library: Library, notes: Path) -> None:
    write(notes / ".git/config.md", "x")
    write(notes / "film.mov", "x")
    events = run(library, notes)
    assert len(of(FileSkipped, events)) == report(events).skipped == 2
    assert all(file.state == "indexed" for file in library.files())


def test_a_library_error_ends_the_run_and_keeps_what_was_done(
    library: Library, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_documents = library.replace_documents
    written: list[Path] = []

    def full(changes: Sequence[NewDocument], *, rough: bool) -> None:
        if written:
            raise LibraryUnwritable("no space left on the disk")
        replace_documents(changes)
        written.append(notes)

    monkeypatch.setattr(storing, "_BATCH_FILES", 1)
    monkeypatch.setattr(library, "replace_documents", full)
    with pytest.raises(LibraryUnwritable):
        run(library, notes)
    monkeypatch.undo()
    assert library.status().documents == 1
    events = run(library, notes)
    assert (report(events).unchanged, report(events).indexed) == (1, 2)
    assert library.status().embedded == 4


class OtherEncoder(BagOfWordsEncoder):
    name = "other"
    fingerprint = "other/1"


def test_another_encoder_is_refused_and_the_text_kept(library: Library, notes: Path) -> None:
    run(library, notes)
    write(notes / "d.md", "LoRA는 저랭크 행렬을 더한다.")
    with pytest.raises(FingerprintMismatch):
        run(library, notes, encoder=OtherEncoder())
    assert library.search_lexical("저랭크", 5).hits
    assert library.count_pending() == 1
    assert library.embedding_model == "bag-of-words"


# --------------------------------------------------------------------------- stopping


def test_stopping_between_files(library: Library, notes: Path) -> None:
    run(library, notes)
    write(notes / "a.md", "# 바뀐 글\n\n새 문장이다.\n")
    (notes / "b.txt").unlink()
    stop = Event()
    events = []
    for event in ingest(
        library,
        [notes],
        IngestionSettings(),
        tokenizer=WordTokenizer,
        encoder=no_encoder,
        stop=stop,
    ):
        events.append(event)
        if isinstance(event, FileIndexed):
            stop.set()
    assert report(events).stopped
    assert report(events).indexed == 1
    assert of(FilesUnchanged, events) == [FilesUnchanged(1)]
    assert not of(FileRemoved, events)  # what was not looked at is not gone


class StoppingEncoder(BagOfWordsEncoder):
    """Asks to stop after its first batch."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self._stop = stop

    def encode_document(self, texts: Sequence[str]) -> Matrix:
        self._stop.set()
        return super().encode_document(texts)


def test_embedding_goes_on_where_it_was_stopped(library: Library, tmp_path: Path) -> None:
    for n in range(50):
        write(tmp_path / f"notes/{n}.md", f"note number {n}")
    stop = Event()
    first = run(library, tmp_path / "notes", encoder=StoppingEncoder(stop), stop=stop)
    assert report(first).stopped
    assert report(first).embedded == 32
    assert library.status().embedded == 32

    encoder = BagOfWordsEncoder()
    second = run(library, tmp_path / "notes", encoder=encoder)
    assert not report(second).stopped
    assert (report(second).unchanged, len(encoder.encoded)) == (50, 18)
    assert of(EmbeddingProgress, second) == [EmbeddingProgress(18, 18)]
    assert library.count_pending() == 0
