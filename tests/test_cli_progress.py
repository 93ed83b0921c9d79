"""What the bars leave on a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from assistant.cli.progress import ModelBar
from assistant.types import ModelProgress


def test_a_model_bar_is_gone_when_its_step_is_done() -> None:
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=80, legacy_windows=False)
    with ModelBar(console) as bar:
        bar(ModelProgress("e5", "loading", 0, 2))
        assert "e5: loading" in drawn.getvalue()
        bar(ModelProgress("e5", "loading", 2, 2))
        after = drawn.getvalue()
        assert after.endswith("\x1b[2K"), "its line is wiped and the cursor is back on it"
        bar(ModelProgress("qwen", "loading", 0, 2))
        assert "qwen: loading" in drawn.getvalue()[len(after) :]
        assert "e5" not in drawn.getvalue()[len(after) :]


def test_a_model_bar_is_silent_in_a_pipe() -> None:
    drawn = io.StringIO()
    with ModelBar(Console(file=drawn)) as bar:
        bar(ModelProgress("e5", "loading", 0, 2))
        bar(ModelProgress("e5", "loading", 1, 2))
    assert drawn.getvalue().strip() == ""
