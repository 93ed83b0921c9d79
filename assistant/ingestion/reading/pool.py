"""Reading in child processes, each file within a bound of time and of memory.

A file may make a reader hang, take all memory or crash. So files are read by a few processes that
can be stopped without harm; what they have read comes back in order, ahead of who asks for it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from threading import Event, Thread
from types import TracebackType

from assistant.ingestion.reading.protocol import FileRead, ReadRequest
from assistant.ingestion.reading.worker import Bounds, Job, Work, Worker

_READER = "assistant.ingestion.readers:read"
_AHEAD = 24  # requests to a process: those it has, and as many done and waiting to be taken
_WATCH = 0.1  # seconds between two looks at time and memory


class ReaderPool:
    """Up to ``processes`` children that read, started at the first request.

    ``seconds`` and ``memory_mb`` (resident, in units of 1,000,000 bytes) bound each file, and each
    member of an archive; a member larger than ``member_mb`` is skipped. A reader that works page
    by page may have the seconds for each: see :func:`~assistant.ingestion.reading.beat.beat`.
    ``reader`` names the function that reads, as ``module:name``. Leaving the context ends the
    children; they end by themselves when this process dies, however it does.
    """

    def __init__(
        self,
        *,
        processes: int,
        seconds: float,
        memory_mb: int,
        member_mb: int = 64,
        reader: str = _READER,
    ) -> None:
        self._bounds = Bounds(seconds, memory_mb, member_mb, reader)
        self._processes = processes
        self._work = Work()
        self._workers: list[Worker] = []
        self._closed = Event()

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children; one at work is stopped."""
        self._work.close()
        for worker in self._workers:
            worker.stop()
            while not worker.join(_WATCH):
                worker.stop()  # it may have begun only then
        self._closed.set()

    def read(self, requests: Iterable[ReadRequest]) -> Iterator[FileRead]:
        """What became of each request, in their order.

        An archive gives its members, in its order, and then itself. Requests are taken from the
        iterable somewhat ahead of what is given. Closing the iterator stops what is being read.
        One iterator at a time.

        Raises:
            ReaderStopped: no child can be started.
        """
        requests = iter(requests)
        ahead: deque[Job] = deque()
        limit = _AHEAD * self._processes
        try:
            while True:
                if len(ahead) <= limit // 2:
                    jobs = [Job.of(request) for request in islice(requests, limit - len(ahead))]
                    ahead.extend(jobs)
                    self._hire(len(ahead))
                    self._work.add(jobs, len(self._workers))
                if not ahead:
                    return
                reads, is_done = self._work.results(ahead[0])
                yield from reads
                if is_done:
                    ahead.popleft()
        finally:
            if ahead:
                self._work.drop(ahead)
                for worker in self._workers:
                    worker.stop()

    def _hire(self, jobs: int) -> None:
        if jobs and not self._workers:
            Thread(target=self._look, name="reader watch", daemon=True).start()
        while len(self._workers) < min(jobs, self._processes):
            self._workers.append(Worker(self._work, self._bounds))

    def _look(self) -> None:
        before = time.monotonic()
        while not self._closed.wait(_WATCH):
            now = time.monotonic()
            # A machine that slept, or a process that was suspended, did not read meanwhile.
            passed = min(now - before, 10 * _WATCH)
            before = now
            for worker in tuple(self._workers):
                worker.look(passed)
