"""Whether everything is in place, and how to mend what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from assistant.display import plain
from assistant.tui.cells import MUTED
from assistant.tui.messages import WorkFailed
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S, counted
from assistant.tui.work import as_error
from assistant.types import Check

_SIGNS: Mapping[str, tuple[str, str]] = {
    "ok": ("●", "$text-success"),
    "warning": ("◐", "$text-warning"),
    "error": ("✕", "$text-error"),
}


class Diagnoses(Protocol):
    """The part of a desk that a check-up needs."""

    def diagnose(self) -> Iterator[Check]: ...


class CheckDone(Message):
    """One thing was looked at."""

    def __init__(self, check: Check) -> None:
        super().__init__()
        self.check = check


class AllChecked(Message):
    """Everything was looked at."""


class Doctor(Dialog[None]):
    """A line for each thing as soon as it was looked at."""

    heading = S.doctor

    def __init__(self, desk: Diagnoses) -> None:
        super().__init__()
        self._desk = desk
        self._checks: list[Check] = []

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="fits"):
            yield Static(id="checks", markup=False)
        yield Static(S.doctor_busy, classes="hint", markup=False)

    def on_mount(self) -> None:
        self._look()

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _look(self) -> None:
        worker = get_current_worker()
        try:
            for check in self._desk.diagnose():
                if worker.is_cancelled:
                    return
                self.post_message(CheckDone(check))
            self.post_message(AllChecked())
        except Exception as error:  # noqa: BLE001 - a check-up that fails is a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(CheckDone)
    def _add(self, event: CheckDone) -> None:
        event.stop()
        self._checks.append(event.check)
        self.query_one("#checks", Static).update(Content("\n").join(map(_line, self._checks)))

    @on(AllChecked)
    def _sum_up(self, event: AllChecked) -> None:
        event.stop()
        problems = sum(check.level != "ok" for check in self._checks)
        said = counted(S.doctor_problems, problems) if problems else S.doctor_good
        self.query_one(".hint", Static).update(said)


def _line(check: Check) -> Content:
    sign, colour = _SIGNS[check.level]
    name, detail, hint = (plain(S.said(each)) for each in (check.name, check.detail, check.hint))
    parts = [(f"{sign} ", colour), (name, "bold"), (f"  {detail}", MUTED)]
    if check.level != "ok" and hint:
        parts.append((f"\n  → {hint}", "$foreground"))
    return Content.assemble(*parts)
