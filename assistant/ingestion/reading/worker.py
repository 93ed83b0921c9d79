"""One child process, the thread that talks with it, and the files it is asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import unicodedata
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import IO, Any, NamedTuple

from assistant.errors import ReaderStopped
from assistant.ingestion.reading.protocol import (
    BEGIN,
    OUT_OF_MEMORY,
    READ,
    READY,
    FileRead,
    ReadRequest,
    file_read_from_row,
    format_name,
    receive,
    send,
)

# A child is given small files before it asks, so that it never waits for a parent that is busy;
# a large one goes to whichever child is free.
_GIVEN = 16
_GIVEN_SIZE = 1 << 18  # bytes
_MEMBERS_AHEAD = 16  # results of an archive that wait to be taken
_START_SECONDS = 60.0  # least time a child has to start, on a machine that does much else
_STARTS = 3  # that may fail in a row

_TIME, _MEMORY, _DROPPED = "time", "memory", "dropped"  # why a child is stopped

# Not by -m, which would look for modules among the user's notes first.
_COMMAND = (
    "import sys; sys.path[:] = sys.argv[5:];"
    "from assistant.ingestion.reading.child import main;"
    "main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))"
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a file may take, and ``module:name`` of the function that reads it."""

    seconds: float
    memory_mb: int
    member_mb: int
    reader: str


class Begun(NamedTuple):
    """A file that is being read, ``number`` counting from 0 within its request."""

    number: int
    path: str
    size: int
    sha256: str


@dataclass(eq=False, slots=True)
class Job:
    """A request and what has become of it."""

    request: ReadRequest
    size: int
    settled: int = 0
    """How many of its files are told of; an archive is gone on with behind them."""
    begun: Begun | None = None
    is_second_try: bool = False
    results: deque[FileRead] = field(default_factory=deque)
    is_done: bool = False
    is_dropped: bool = False

    def settle(self, number: int) -> None:
        """The file of this number is told of."""
        self.settled, self.begun, self.is_second_try = number + 1, None, False

    @classmethod
    def of(cls, request: ReadRequest) -> Job:
        try:
            size = request.path.stat().st_size
        except OSError:
            size = 0  # the child will say what is wrong
        return cls(request, size)


class Work:
    """The jobs that wait for a worker and the results that wait to be taken, for all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._for_workers = Condition(self._lock)
        self._for_reader = Condition(self._lock)
        self._waiting: deque[Job] = deque()
        self._workers = 1
        self._failure: BaseException | None = None
        self.is_closed = False

    def add(self, jobs: Sequence[Job], workers: int) -> None:
        """More to do, for so many workers."""
        with self._lock:
            self._workers = workers
            self._waiting.extend(jobs)
            self._for_workers.notify_all()

    def drop(self, jobs: Sequence[Job]) -> None:
        """Nobody waits for ``jobs`` any more."""
        with self._lock:
            for job in jobs:
                job.is_dropped = True
            self._waiting.clear()
            self._for_workers.notify_all()

    def close(self) -> None:
        """There is nothing more to do."""
        with self._lock:
            self.is_closed = True
            self._for_workers.notify_all()
            self._for_reader.notify_all()

    def fail(self, failure: BaseException) -> None:
        """Whoever waits for a result is to raise ``failure``."""
        with self._lock:
            self._failure = failure
            self._for_reader.notify_all()

    def take(self, given: Sequence[Job]) -> list[Job]:
        """What a worker that has ``given`` may have besides; waits when it has nothing.

        Empty when it has enough, or when there is nothing more to do.
        """
        if len(given) > _GIVEN // 2:
            return []
        with self._lock:
            while not given and not self._waiting and not self.is_closed:
                self._for_workers.wait()
            taken: list[Job] = []
            size = sum(job.size for job in given)
            room = min(_GIVEN - len(given), -(-len(self._waiting) // self._workers))
            while len(taken) < room and not self.is_closed:
                size += self._waiting[0].size
                if size > _GIVEN_SIZE and (given or taken):
                    break
                taken.append(self._waiting.popleft())
            return taken

    def give_back(self, jobs: Sequence[Job]) -> None:
        """``jobs`` are to be done by another."""
        with self._lock:
            self._waiting.extendleft(job for job in reversed(jobs) if not job.is_dropped)
            self._for_workers.notify_all()

    def put(self, job: Job, read: FileRead, *, is_last: bool) -> None:
        """A result; waits while too many of the same job wait to be taken."""
        with self._lock:
            job.results.append(read)
            job.is_done = is_last
            self._for_reader.notify_all()
            while len(job.results) >= _MEMBERS_AHEAD and not job.is_dropped and not self.is_closed:
                self._for_workers.wait()

    def results(self, job: Job) -> tuple[list[FileRead], bool]:
        """What there is of ``job``, waiting for it, and whether that is the last of it."""
        with self._lock:
            while not job.results and not job.is_done:
                if self._failure is not None:
                    raise self._failure
                if self.is_closed:
                    return [], True
                # On Windows, Ctrl-C does not end a wait; this lets it in.
                self._for_reader.wait(0.5)
            results = list(job.results)
            job.results.clear()
            self._for_workers.notify_all()
            return results, job.is_done


class _Process(NamedTuple):
    """A child and the pipes to it."""

    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    replies: IO[bytes]


class Worker:
    """A thread with at most one child, which it starts when there is something to read."""

    def __init__(self, work: Work, bounds: Bounds) -> None:
        self._work = work
        self._bounds = bounds
        self._jobs: deque[Job] = deque()  # that the child has been given, in its order
        self._failed_starts = 0
        # What the watch looks at and changes as well:
        self._lock = Lock()
        self._child: _Process | None = None
        self._is_ready = False
        self._busy_with: Job | None = None
        self._seconds = 0.0  # since the child last said something
        self._told = 0  # how often it has begun or finished a file
        self._stopped: tuple[str, int] | None = None  # why, and what it had told by then
        self._thread = Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    # ------------------------------------------------------------------ for other threads

    def look(self, passed: float) -> None:
        """Stop the child if it has taken too long or too much; ``passed`` seconds went by."""
        with self._lock:
            if self._child is None or self._busy_with is None or self._stopped:
                return
            self._seconds += passed
            seconds = self._bounds.seconds
            if self._busy_with.is_dropped:
                self._stop(_DROPPED)
            elif self._seconds > (seconds if self._is_ready else max(seconds, _START_SECONDS)):
                self._stop(_TIME)
            elif _resident(self._child.process.pid) > self._bounds.memory_mb * 1_000_000:
                self._stop(_MEMORY)

    def stop(self) -> None:
        """Stop the child, if it is at work, for what nobody waits for any more."""
        with self._lock:
            if self._busy_with is not None:
                self._stop(_DROPPED)

    def join(self, seconds: float) -> bool:
        """Whether thread and child have ended, after at most so long; the work is closed."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _stop(self, why: str) -> None:
        if self._child is not None:
            self._stopped = self._stopped or (why, self._told)
            _kill(self._child.process)

    # ------------------------------------------------------------------ for its own

    def _run(self) -> None:
        try:
            while not self._work.is_closed:
                self._step()
        except BaseException as failure:  # noqa: BLE001 - who waits for a result must hear of it
            self._work.fail(failure)
        finally:
            self._end_child()

    def _step(self) -> None:
        """Give the child what it may have, and take in what it says next."""
        if self._jobs and self._jobs[0].is_dropped:
            self.stop()
        else:
            jobs = self._work.take(self._jobs)
            self._jobs.extend(jobs)
            if not self._jobs:
                return
            child = self._child or self._start()
            with self._lock:
                self._busy_with = self._jobs[0]
            with suppress(OSError):  # it has died, as is seen below
                for job in jobs:
                    request = job.request
                    send(child.requests, job.settled, str(request.path), dict(request.known))
            message = receive(child.replies)
            if message is not None:
                self._hear(*message)
                return
        self._child_has_ended()

    def _hear(self, kind: str, *values: Any) -> None:
        with self._lock:
            self._seconds = 0.0
            self._told += kind in (BEGIN, READ)
            self._is_ready = True
            self._busy_with = None
        if kind == READY:
            self._failed_starts = 0
        elif kind == BEGIN:
            self._jobs[0].begun = Begun(*values)
        elif kind == READ:
            number, is_last, *row = values
            job = self._jobs.popleft() if is_last else self._jobs[0]
            job.settle(number)
            self._work.put(job, file_read_from_row(row), is_last=is_last)

    def _start(self) -> _Process:
        bounds = self._bounds
        limits = (bounds.seconds, bounds.memory_mb, bounds.member_mb)
        # File names are to mean the same over there.
        python = (sys.executable, "-X", f"utf8={sys.flags.utf8_mode}")
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [*python, "-c", _COMMAND, bounds.reader, *map(str, limits), *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **_own_group(),
        )
        assert process.stdin is not None
        assert process.stdout is not None
        child = _Process(process, process.stdin, process.stdout)
        with self._lock:
            self._child = child
            self._is_ready = False
            self._seconds = 0.0
            self._told = 0
            self._stopped = None
        return child

    def _child_has_ended(self) -> None:
        code = self._end_child()
        jobs, self._jobs = self._jobs, deque()
        why, told = self._stopped or (_why(code), self._told)
        if why == _DROPPED:
            pass
        elif not self._is_ready:
            self._failed_starts += 1
            if self._failed_starts == _STARTS:
                raise ReaderStopped(
                    f"the process that reads files cannot be started (exit status {code})",
                    "install the assistant anew; `assistant doctor` tells what is missing",
                )
        # Else it was done with the file that it was stopped for, and has begun another.
        elif jobs and told == self._told:
            # What earlier files have left behind is not this one's fault; time is.
            if why != _TIME and told > 1 and not jobs[0].is_second_try:
                jobs[0].is_second_try = True
            else:
                self._give_up(jobs[0], why, code)
        self._work.give_back([job for job in jobs if not job.is_done])

    def _give_up(self, job: Job, why: str, code: int) -> None:
        """Tell that a file could not be read within its bounds."""
        path, begun = job.request.path, job.begun
        number, name, size, sha256 = begun or (0, str(path), 0, "")
        is_last = begun is None or name == str(path)
        error = self._error(Path(name), why, code)
        job.settle(number)
        read = FileRead(Path(name), size, sha256, format_name(Path(name)), None, error)
        self._work.put(job, read, is_last=is_last)

    def _error(self, path: Path, why: str, code: int) -> ReaderStopped:
        name = unicodedata.normalize("NFC", path.name)
        if why == _TIME:
            return ReaderStopped(
                f"{name} was not read within {self._bounds.seconds:g} seconds",
                "save it in parts, or raise ingestion.read_seconds in the settings",
            )
        if why == _MEMORY:
            return ReaderStopped(
                f"{name} takes more than {self._bounds.memory_mb:,} MB of memory to read",
                "save it in parts, or raise ingestion.read_memory_mb in the settings",
            )
        return ReaderStopped(
            f"{name} makes its reader crash ({_cause(code)})",
            "it may be damaged: open it and save it anew",
        )

    def _end_child(self) -> int:
        """Its exit status, after all is over with it."""
        with self._lock:
            child, self._child = self._child, None
            self._busy_with = None
            if child is None:
                return 0
            _kill(child.process)
            for pipe in (child.requests, child.replies):
                with suppress(OSError):  # what was to be written finds no reader
                    pipe.close()
            return child.process.wait()


def _own_group() -> dict[str, Any]:
    # Ctrl-C is the parent's to deal with, and what a reader starts can be ended with the child.
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"process_group": 0}


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End a child that nobody has waited for yet, and the programs it has started."""
    if sys.platform == "win32":
        import psutil

        with suppress(psutil.Error):
            for descendant in psutil.Process(child.pid).children(recursive=True):
                descendant.kill()
        child.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _resident(pid: int) -> int:
    """Bytes of memory that a process has in use; 0 when it is gone."""
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _why(code: int) -> str:
    if code == OUT_OF_MEMORY:
        return _MEMORY
    if sys.platform != "win32" and code == -signal.SIGALRM:
        return _TIME
    return "crash"


def _cause(code: int) -> str:
    """An exit status in words."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
