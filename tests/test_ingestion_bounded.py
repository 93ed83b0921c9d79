"""Reading in child processes: order, bounds of time and memory, and that no child is left behind.

The parent never runs a reader here; what must not happen is that it waits for ever, that one file
costs another, or that a process stays.
"""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from assistant.errors import EmptyFile, ReadError, ReaderStopped
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.reading.pool import ReaderPool
from assistant.ingestion.reading.protocol import FileRead, ReadRequest
from assistant.types import Place

_OBEDIENT = "tests.bounded_readers:read"
_SLACK = 5.0  # seconds, on a machine that does much else


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., ReadRequest]:
    """Write a note and give the request to read it."""

    def write(name: str, content: str | bytes, known: str = "") -> ReadRequest:
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return ReadRequest(path, {str(path): known} if known else {})

    return write


@pytest.fixture
def zip_of(tmp_path: Path) -> Callable[..., ReadRequest]:
    """Pack an archive and give the request to read it."""

    def pack(name: str, members: dict[str, str | bytes], known: dict[str, str]) -> ReadRequest:
        path = tmp_path / name
        path.write_bytes(_zipped(members))
        return ReadRequest(path, {str(path / member): hash for member, hash in known.items()})

    return pack


def _zipped(members: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _pool(
    *, processes: int = 1, seconds: float = 30.0, memory_mb: int = 400, reader: str = _OBEDIENT
) -> ReaderPool:
    return ReaderPool(processes=processes, seconds=seconds, memory_mb=memory_mb, reader=reader)


def _read(requests: list[ReadRequest], **bounds: float) -> list[FileRead]:
    with _pool(**bounds) as pool:  # type: ignore[arg-type]
        return list(pool.read(requests))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _readers_left() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if _is_alive(child)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _wait_until(condition: Callable[[], object], seconds: float = _SLACK) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


# --------------------------------------------------------------------------- what comes back


def test_reads_come_in_order_whatever_each_takes(write: Callable[..., ReadRequest]) -> None:
    requests = [write(f"{n}.md", "work 2" if n % 7 == 0 else f"note {n}") for n in range(60)]
    reads = _read(requests, processes=2)
    assert [read.path for read in reads] == [request.path for request in requests]
    assert all(read.reading and read.error is None for read in reads)
    texts = [read.reading.parts[0].text for read in reads if read.reading]
    assert texts == [request.path.read_text() for request in requests]


def test_everything_of_a_reading_crosses_the_pipe(write: Callable[..., ReadRequest]) -> None:
    (read,) = _read([write("노트.md", "본문 text")])
    assert (read.size, read.sha256, read.format) == (11, _sha256("본문 text"), "markdown")
    assert isinstance(read.reading, Reading)
    assert (read.reading.title, read.reading.pages, read.reading.unread) == ("제목", 5, (2, 4))
    full, bare = read.reading.parts
    assert full.place == Place(3, 1, 7, ("하나", "two"), 4, "시트", 10, 20, 1.5)
    assert bare.place == Place()
    hash(read.reading)  # tuples all through, as readers give them


def test_the_real_readers_read(write: Callable[..., ReadRequest]) -> None:
    with ReaderPool(processes=1, seconds=60, memory_mb=1000) as pool:
        reads = list(pool.read([write("a.md", "# 어텐션\n\n본문"), write("b.txt", "plain")]))
    assert [read.format for read in reads] == ["markdown", "text"]
    assert reads[0].reading is not None
    assert reads[0].reading.title == "어텐션"
    assert reads[0].reading.parts[0].place.headings == ("어텐션",)


def test_what_is_known_is_not_read(write: Callable[..., ReadRequest]) -> None:
    known = write("known.md", "crash", known=_sha256("crash"))
    large = "hang " * 400_000  # hashed without being loaded
    known_large = write("large.md", large, known=_sha256(large))
    changed = write("changed.md", "new", known=_sha256("old"))
    reads = _read([known, known_large, changed])
    assert [(read.reading is None, read.error, read.skipped) for read in reads] == [
        (True, None, ""),
        (True, None, ""),
        (False, None, ""),
    ]
    assert reads[1].sha256 == _sha256(large)
    assert reads[1].size == len(large)


def test_errors_keep_their_kind_and_hint(write: Callable[..., ReadRequest], tmp_path: Path) -> None:
    requests = [
        write("refused.md", "refuse"),
        write("empty.md", "empty"),
        ReadRequest(tmp_path / "없는.md", {}),
        write("after.md", "note"),
    ]
    refused, empty, missing, after = _read(requests)
    assert type(refused.error) is ReadError
    assert (refused.error.message, refused.error.hint) == ("refused", "a hint")
    assert type(empty.error) is EmptyFile
    assert type(missing.error) is ReadError
    assert "없는.md" in missing.error.message
    assert after.reading is not None


def test_binary_data_is_no_text(write: Callable[..., ReadRequest]) -> None:
    (read,) = _read([write("a.txt", b"\0\1\2note")])
    assert (read.reading, read.error, read.skipped) == (None, None, "binary")


@pytest.mark.skipif(sys.platform != "linux", reason="names are text on other systems")
def test_a_name_that_is_no_text_survives(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xb0\xa1 note.md"))
    path.write_text("note")
    (read,) = _read([ReadRequest(path, {})])
    assert read.path == path
    assert read.reading is not None


def test_a_reader_that_prints_disturbs_nothing(write: Callable[..., ReadRequest]) -> None:
    reads = _read([write("a.md", "print"), write("b.md", "note")])
    assert all(read.reading is not None for read in reads)


def test_requests_are_taken_as_they_are_needed(write: Callable[..., ReadRequest]) -> None:
    asked = 0

    def requests() -> Iterator[ReadRequest]:
        nonlocal asked
        for n in range(500):
            asked += 1
            yield write(f"{n}.md", "note")

    with _pool(processes=2) as pool:
        reads = pool.read(requests())
        next(reads)
        assert asked < 100
        assert len(list(reads)) == 499


def test_children_are_kept_from_one_reading_to_the_next(
    write: Callable[..., ReadRequest],
) -> None:
    with _pool() as pool:
        assert _readers_left() == []
        list(pool.read([write("a.md", "note")]))
        before = _readers_left()
        list(pool.read([write("b.md", "note")]))
        assert _readers_left() == before
        assert list(pool.read([])) == []
    assert _readers_left() == []


# --------------------------------------------------------------------------- archives


def test_an_archive_gives_its_members_and_then_itself(zip_of: Callable[..., ReadRequest]) -> None:
    request = zip_of(
        "내보내기.zip",
        {
            "week 1/a.md": "note a",
            "recording.mp3": b"\xff\xfb",
            "old.md": "crash",
            ".hidden.md": "crash",
            "binary.txt": b"\0\1",
            "inner.zip": _zipped({"안.md": "note in"}),
            "bad.md": "refuse",
        },
        {"old.md": _sha256("crash")},
    )
    reads = _read([request])
    root = request.path
    told = [(read.path, read.reading is not None, bool(read.error), read.skipped) for read in reads]
    assert told == [
        (root / "week 1/a.md", True, False, ""),
        (root / "old.md", False, False, ""),
        (root / "binary.txt", False, False, "binary"),
        (root / "inner.zip/안.md", True, False, ""),
        (root / "bad.md", False, True, ""),
        (root, True, False, ""),
    ]
    assert reads[-1].format == "archive"
    assert reads[-1].reading == Reading("내보내기", ())
    assert reads[-1].sha256 == hashlib.sha256(root.read_bytes()).hexdigest()

    unchanged = ReadRequest(root, {str(root): reads[-1].sha256})
    (read,) = _read([unchanged])
    assert (read.path, read.reading, read.error) == (root, None, None)


def test_what_is_no_archive_is_told(write: Callable[..., ReadRequest]) -> None:
    (read,) = _read([write("bad.zip", b"PK\3\4 nonsense")])
    assert isinstance(read.error, ReadError)
    assert read.format == "archive"


def test_a_member_too_large_is_skipped_with_the_reason(
    zip_of: Callable[..., ReadRequest],
) -> None:
    request = zip_of("a.zip", {"large.txt": b"x" * 3_000_000, "small.txt": "note"}, {})
    pool = ReaderPool(processes=1, seconds=30, memory_mb=400, member_mb=2, reader=_OBEDIENT)
    with pool:
        large, small, _ = pool.read([request])
    assert large.skipped == "3 MB is over the limit of 2 MB"
    assert small.reading is not None


def test_one_member_stopped_costs_no_other(zip_of: Callable[..., ReadRequest]) -> None:
    members = {f"{n}.md": "note" for n in range(40)} | {"20.md": "crash", "30.md": "hang"}
    request = zip_of("a.zip", dict(sorted(members.items(), key=lambda m: int(m[0][:-3]))), {})
    reads = _read([request], seconds=1.5)
    assert [read.path.name for read in reads] == [f"{n}.md" for n in range(40)] + ["a.zip"]
    failed = [read.path.name for read in reads if read.error]
    assert failed == ["20.md", "30.md"]


# --------------------------------------------------------------------------- bounds


@pytest.mark.parametrize("how", ["hang", "spin", "start"])
def test_a_reader_that_hangs_is_stopped_in_time(
    how: str, write: Callable[..., ReadRequest]
) -> None:
    began = time.monotonic()
    with _pool(seconds=1) as pool:
        before, stuck, after = pool.read(
            [write("a.md", "note"), write("b.md", how), write("c.md", "note")]
        )
        assert time.monotonic() - began < 1 + _SLACK
        assert before.reading is not None
        assert after.reading is not None
        assert isinstance(stuck.error, ReaderStopped)
        assert stuck.error.message == "b.md was not read within 1 seconds"
        assert stuck.sha256 == _sha256(how)
        # Neither it nor a program it has started is left.
        assert _wait_until(lambda: len(_readers_left()) == 1)
    assert _readers_left() == []


def test_steps_of_long_work_each_have_the_time(write: Callable[..., ReadRequest]) -> None:
    (read,) = _read([write("scan.md", "work 8")], seconds=1)
    assert read.reading is not None


@pytest.mark.skipif(sys.platform == "win32", reason="bound by the watch alone")
@pytest.mark.parametrize("how", ["eat", "demand"])
def test_a_reader_that_eats_memory_is_stopped(how: str, write: Callable[..., ReadRequest]) -> None:
    greedy, after = _read([write("b.md", how), write("c.md", "note")], memory_mb=200)
    assert isinstance(greedy.error, ReaderStopped)
    assert greedy.error.message == "b.md takes more than 200 MB of memory to read"
    assert after.reading is not None


def test_what_an_earlier_file_has_left_is_no_later_ones_fault(
    write: Callable[..., ReadRequest],
) -> None:
    reads = _read([write(f"{n}.md", f"keep {90 + n}") for n in range(5)], memory_mb=200)
    assert [read.error for read in reads] == [None] * 5


@pytest.mark.parametrize("how", ["crash", "leave", "panic"])
def test_a_reader_that_crashes_costs_only_its_file(
    how: str, write: Callable[..., ReadRequest]
) -> None:
    requests = [write(f"{n}.md", how if n in (0, 5, 6) else "note") for n in range(12)]
    reads = _read(requests, processes=2)
    assert [read.path for read in reads] == [request.path for request in requests]
    failed = [read for read in reads if read.error]
    assert [read.path.name for read in failed] == ["0.md", "5.md", "6.md"]
    for read in failed:
        assert isinstance(read.error, ReaderStopped)
        assert read.path.name in read.error.message
        assert read.error.hint


def test_a_reader_that_cannot_be_started_is_told_once(
    write: Callable[..., ReadRequest],
) -> None:
    with (
        ReaderPool(processes=1, seconds=5, memory_mb=400, reader="tests.nowhere:read") as pool,
        pytest.raises(ReaderStopped, match="cannot be started"),
    ):
        list(pool.read([write(f"{n}.md", "note") for n in range(9)]))


# --------------------------------------------------------------------------- endings


def test_closing_the_iterator_ends_what_is_read(write: Callable[..., ReadRequest]) -> None:
    requests = [write("a.md", "note"), *(write(f"{n}.md", "start") for n in range(4))]
    with _pool(processes=2) as pool:
        reads = pool.read(requests)
        next(reads)
        assert _wait_until(lambda: len(_readers_left()) == 4)  # two, each with a program
        reads.close()
        assert _wait_until(lambda: not _readers_left())
        (read,) = pool.read([write("b.md", "note")])  # and the pool goes on
        assert read.reading is not None


def test_closing_amid_an_archive_ends_it(zip_of: Callable[..., ReadRequest]) -> None:
    request = zip_of("a.zip", {f"{n}.md": "note" for n in range(2000)}, {})
    with _pool() as pool:
        reads = pool.read([request])
        next(reads)
        reads.close()
        assert _wait_until(lambda: not _readers_left())


def test_closing_the_pool_ends_a_reader_at_work(write: Callable[..., ReadRequest]) -> None:
    pool = _pool()
    reads = pool.read([write("a.md", "note"), write("b.md", "hang")])
    next(reads)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < _SLACK
    assert _readers_left() == []
    assert list(reads) == []


_PARENT = """
import sys
from pathlib import Path
from assistant.ingestion.reading.pool import ReaderPool
from assistant.ingestion.reading.protocol import ReadRequest
with ReaderPool(processes=2, seconds=600, memory_mb=400, reader=sys.argv[1]) as pool:
    for read in pool.read(ReadRequest(Path(name), {}) for name in sys.argv[2:]):
        print(read.path.name, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_children_end_with_a_parent_that_is_killed(write: Callable[..., ReadRequest]) -> None:
    names = [
        str(write(name, content).path)
        for name, content in (("a.md", "note"), ("b.md", "start"), ("c.md", "hang"))
    ]
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, _OBEDIENT, *names], stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"a.md\n"
        handle = psutil.Process(parent.pid)
        assert _wait_until(lambda: len(handle.children(recursive=True)) == 3)
        children = handle.children(recursive=True)
        parent.send_signal(signal.SIGKILL)
        assert _wait_until(lambda: not any(_is_alive(child) for child in children))


@pytest.mark.skipif(sys.platform == "win32", reason="no groups of processes")
def test_ctrl_c_is_the_parents_alone(write: Callable[..., ReadRequest]) -> None:
    """A terminal sends the signal to the whole group; a file amid being read is not to fail."""
    with _pool() as pool:
        list(pool.read([write("a.md", "note")]))
        (child,) = _readers_left()
        assert os.getpgid(child.pid) != os.getpgid(0)


def test_a_child_imports_little() -> None:
    """It is to start at once, and to leave memory to what it reads."""
    heavy = "pathspec llama_index numpy pydantic torch textual sqlite3 psutil"
    code = (
        "import sys, assistant.ingestion.reading.child;"
        f"print(*(name for name in '{heavy}'.split() if name in sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout.strip()) == (0, "")
