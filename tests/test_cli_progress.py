"""What the bars leave on a terminal."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from assistant.cli.progress import EvaluationView, ModelBar
from assistant.evaluation.report import (
    EvaluationFinished,
    EvaluationProgress,
    EvaluationResumed,
    NotesReport,
)
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


def test_an_evaluation_in_a_pipe_tells_once_a_minute_what_is_left() -> None:
    drawn = io.StringIO()
    now = iter([0.0, 0.0, 30.0, 90.0, 100.0])
    view = EvaluationView(Console(file=drawn, width=200), clock=lambda: next(now))
    report = NotesReport("x", {}, (), ())
    asked = [EvaluationProgress("asking", done, 10, kept=done <= 2) for done in (1, 2, 3, 4, 5)]
    resumed = EvaluationResumed("x", 2, 10, Path("j"))
    events = [resumed, EvaluationProgress("indexing", 1, 1), *asked, EvaluationFinished(report)]
    assert view.follow(events) is report
    assert drawn.getvalue().splitlines() == [
        "x: 2 of 10 answers are kept from an earlier run (--fresh makes them anew)",
        # Two were made in 90 seconds, what was kept took no time; six are left.
        "asking: 4 of 10, about 4 min left",
    ]
