"""How a reader at long work, such as recognising a scan page by page, says that it gets on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[], None] | None] = ContextVar("listener", default=None)


def beat() -> None:
    """A step is done. Where reading is bound in time, the next step may take as long again."""
    listener = _listener.get()
    if listener is not None:
        listener()


@contextmanager
def listening(listener: Callable[[], None]) -> Iterator[None]:
    """Within the block, ``listener`` is called at every :func:`beat` of this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
