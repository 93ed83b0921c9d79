"""Waits for things that may be slow to come, without being stuck until they do."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")


def ticking(
    items: Iterable[T], seconds: float, *, ahead: int, cancel: Callable[[], None]
) -> Generator[T | None, None, None]:
    """``items``, and None whenever none has come for ``seconds``.

    They are made in a thread, up to ``ahead`` of who asks; an error is raised where it arises.
    ``cancel`` is called when no more are wanted, and must let the thread go on to its end.
    """
    queue: Queue[tuple[T | None, bool, BaseException | None]] = Queue(ahead)
    closed = Event()

    def put(item: T | None, is_end: bool, error: BaseException | None = None) -> None:
        while not closed.is_set():
            try:
                queue.put((item, is_end, error), timeout=0.1)
            except Full:
                continue
            return

    def run() -> None:
        try:
            for item in items:
                put(item, False)
                if closed.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised by who waits
            put(None, True, error)
        else:
            put(None, True)

    thread = Thread(target=run, name="reading", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item, is_end, error = queue.get(timeout=seconds)
            except Empty:
                yield None
                continue
            if error is not None:
                raise error
            if is_end:
                return
            yield item
    finally:
        closed.set()
        cancel()
        thread.join()
