"""When Python looks for garbage, and where: every thread waits meanwhile, and so does the prompt.

A whole look took 0.2 to 0.3 s on a busy machine with no model in memory, and one comes whenever
enough was made, by whichever thread (docs/tui-speed.md). So it comes seldom, and what is there for
good is left out.
"""

from __future__ import annotations

import gc

_THRESHOLDS = (5000, 10, 10)  # a whole look for half a million things made: some 60 MB of them


def look_seldom() -> None:
    """Look less often than Python does by itself: for programs without a screen that is right."""
    gc.set_threshold(*_THRESHOLDS)


def leave_out_what_is_there() -> None:
    """Look no more at anything that exists now; what is made from now on is looked at.

    To be called where something large has come to stay. What is garbage already and hangs together
    in circles is never freed, so not for every little thing.
    """
    gc.freeze()
