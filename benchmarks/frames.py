"""When a key's effect is on screen: the interface, with its frames timed.

A frame is what Textual hands to the terminal's driver; what the terminal itself takes is not in it.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from textual.pilot import Pilot

from assistant.tui.app import AssistantApp

PATIENCE_SECONDS = 30.0


class TimedApp(AssistantApp):
    """Notes when the first frame was drawn after something came about."""

    holds: Callable[[], bool] | None = None
    drawn = 0.0
    _pressed: asyncio.Task[Any] | None = None

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        if self.holds is not None and self.holds():
            self.drawn = perf_counter()
            self.holds = None

    async def frame_after(self, act: Callable[[], Any], holds: Callable[[], bool]) -> float:
        """Seconds from ``act`` to the first frame for which ``holds()`` is true."""
        self.holds = holds
        started = perf_counter()
        done = act()
        if asyncio.iscoroutine(done):
            # Pilot waits until all is at rest, which it never is while a model writes.
            self._pressed = asyncio.create_task(done)
        while self.holds is not None:
            if perf_counter() - started > PATIENCE_SECONDS:
                raise SystemExit("nothing came of it")
            await asyncio.sleep(0.001)
        return self.drawn - started


async def settled(pilot: Pilot[Any], app: AssistantApp) -> None:
    """Until the chat is there, without what greets at the first start."""
    await pilot.pause(0.5)
    while app.screen is not app.chat:
        await pilot.press("escape")
        await pilot.pause(0.2)


async def until(pilot: Pilot[Any], holds: Callable[[], object], seconds: float = 300) -> None:
    """Let the application run until ``holds()``."""
    deadline = perf_counter() + seconds
    while not holds():
        if perf_counter() > deadline:
            raise SystemExit(f"did not come about in {seconds:.0f} s")
        await asyncio.sleep(0.02)


def p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]
