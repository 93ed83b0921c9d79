"""Long work, shown: model preparation and ingestion, as bars on a terminal's stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from assistant.cli.console import err
from assistant.display import count, plain, plain_path
from assistant.errors import AssistantError
from assistant.types import (
    AnalysisProgress,
    EmbeddingProgress,
    FileFailed,
    FileIndexed,
    FileMoved,
    FileRemoved,
    FileSkipped,
    FilesUnchanged,
    IndexProgress,
    IngestEvent,
    IngestFinished,
    IngestReport,
    IngestStarted,
    ModelProgress,
    WatchEvent,
    WatchFailed,
    WatchStarted,
)

if TYPE_CHECKING:
    from assistant.evaluation.report import EvaluationEvent, Report


_INDEX = {"reading": "vectors", "building": "index", "saving": "save"}

_SILENCE = 60  # seconds that a long evaluation may say nothing in a pipe


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.1f}/s" if task.speed else "", style="dim")


def _bars(console: Console) -> Progress:
    """Bars with count, rate and time left; none where ``console`` is no terminal."""
    return Progress(
        TextColumn("{task.description:<9}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:>6,.0f}/{task.total:,.0f}", markup=False),
        _Rate(),
        TimeRemainingColumn(compact=True),
        console=console,
        disable=not console.is_terminal,
    )


class ModelBar:
    """One bar for the step a model's preparation is in; silent where stderr is no terminal.

    It is on the screen only while a step lasts: an answer may be drawn there right after.
    """

    def __init__(self, console: Console = err) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%", markup=False),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._step: tuple[str, str] | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()

    def __call__(self, fact: ModelProgress) -> None:
        step = (fact.model, fact.step)
        if self._task is None or step != self._step:
            self._clear()
            self._step = step
            self._task = self._progress.add_task(f"{fact.model}: {fact.step}", total=fact.total)
            self._progress.start()
        self._progress.update(self._task, completed=fact.done, total=fact.total)
        if fact.done >= fact.total:
            self._clear()

    def _clear(self) -> None:
        if self._task is not None:
            self._progress.stop()
            self._progress.remove_task(self._task)
            self._task = None


class EvaluationView:
    """An evaluation for people: a bar for each of its steps, a line a minute in a pipe.

    ``clock`` gives seconds.
    """

    def __init__(
        self, console: Console = err, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._clock = clock
        self._begun: float | None = None
        self._told = 0.0
        self._made = 0

    def follow(self, events: Iterable[IngestEvent | EvaluationEvent]) -> Report:
        """Consume the run, showing it, and return its report."""
        # Not at the top: whoever asks or ingests has no use for the evaluation room.
        from assistant.evaluation.report import (
            EvaluationFinished,
            EvaluationProgress,
            EvaluationResumed,
        )

        report = None
        with _bars(self._console) as bars:
            tasks: dict[str, TaskID] = {}
            for fact in events:
                match fact:
                    case EvaluationProgress():
                        step, done, total = fact.step, fact.done, fact.total
                        self._tell(step, done, total, kept=fact.kept)
                    case EmbeddingProgress():
                        step, done, total = "embedding", fact.done, fact.total
                    case EvaluationResumed():
                        line = f"{fact.name}: {fact.kept:,} of {fact.total:,} answers are kept from"
                        line += " an earlier run (--fresh makes them anew)"
                        self._console.print(Text(plain(line), style="dim"), soft_wrap=True)
                        continue
                    case EvaluationFinished():
                        report = fact.report
                        continue
                    case _:
                        continue
                if step not in tasks:
                    tasks[step] = bars.add_task(step, total=total)
                bars.update(tasks[step], completed=done, total=total)
        if report is None:
            raise AssistantError("the evaluation did not finish", "run it again")
        return report

    def _tell(self, step: str, done: int, total: int, *, kept: bool) -> None:
        """Where there is no terminal for bars, how far the asking is, once a minute."""
        if step != "asking" or self._console.is_terminal:
            return
        now = self._clock()
        if self._begun is None or kept:
            # What an earlier run made took no time and says nothing of what is left.
            self._begun, self._made, self._told = now, 0, now
            return
        self._made += 1
        if now - self._told >= _SILENCE:
            self._told = now
            left = (now - self._begun) / self._made * (total - done) / 60
            line = f"asking: {done:,} of {total:,}, about {left:,.0f} min left"
            self._console.print(Text(line, style="dim"), soft_wrap=True)


class WatchView:
    """Watching for people: a line for each thing that changes, nothing while nothing does."""

    def __init__(self, console: Console = err) -> None:
        self._console = console

    def follow(self, events: Iterable[WatchEvent]) -> None:
        """Consume the events until there are no more."""
        for fact in events:
            match fact:
                case WatchStarted():
                    names = ", ".join(plain_path(root) for root in fact.roots)
                    line = Text(f"watching {names} (Ctrl-C ends it)", style="bold")
                case WatchFailed():
                    line = Text("failed   ", style="red")
                    line.append(f"{plain_path(fact.root)}: {plain(fact.reason)}", style="default")
                    if fact.hint:
                        line.append(f" → {plain(fact.hint)}", style="dim")
                case IngestFinished() if _is_news(fact.report):
                    line = _sum(fact.report)
                case FileFailed() | FileRemoved() | FileIndexed() | FileMoved():
                    line = _line(fact)
                case _:
                    continue
            self._console.print(line, soft_wrap=True)


def _is_news(report: IngestReport) -> bool:
    return bool(report.indexed or report.removed or report.failed or report.embedded)


class IngestView:
    """Ingestion for people: a bar for files, a bar for passages, a line for each thing amiss."""

    def __init__(self, console: Console = err, *, verbose: bool = False) -> None:
        self._console = console
        self._verbose = verbose

    def follow(self, events: Iterable[IngestEvent]) -> IngestReport:
        """Consume the run, showing it, and return its report."""
        report = IngestReport()
        hidden = 0
        with _bars(self._console) as bars:
            files = words = passages = None
            index: dict[str, TaskID] = {}
            for fact in events:
                match fact:
                    case IngestStarted():
                        files = bars.add_task("files", total=fact.files)
                    case AnalysisProgress():
                        if words is None:
                            words = bars.add_task("words", total=fact.total)
                        bars.update(words, completed=fact.done, total=fact.total)
                    case EmbeddingProgress():
                        if passages is None:
                            passages = bars.add_task("passages", total=fact.total)
                        bars.update(passages, completed=fact.done, total=fact.total)
                    case IndexProgress(step):
                        if step not in index:
                            index[step] = bars.add_task(_INDEX[step], total=fact.total)
                        bars.update(index[step], completed=fact.done, total=fact.total)
                    case IngestFinished():
                        report = fact.report
                    case FilesUnchanged():
                        if files is not None:
                            bars.advance(files, fact.count)
                    case _:
                        if files is not None and isinstance(fact, FileIndexed | FileFailed):
                            bars.advance(files)
                        if isinstance(fact, FileSkipped) and not self._verbose:
                            hidden += 1
                        else:
                            self._tell(fact)
        self._sum_up(report, hidden)
        return report

    def _tell(self, fact: IngestEvent) -> None:
        match fact:
            case FileFailed() | FileSkipped() | FileRemoved() | FileMoved():
                self._console.print(_line(fact), soft_wrap=True)
            case FileIndexed() if self._verbose:
                self._console.print(_line(fact), soft_wrap=True)

    def _sum_up(self, report: IngestReport, hidden: int) -> None:
        self._console.print(_sum(report, hidden), soft_wrap=True)


def _line(fact: FileFailed | FileSkipped | FileRemoved | FileMoved | FileIndexed) -> Text:
    match fact:
        case FileFailed():
            line = Text("failed   ", style="red")
            line.append(f"{plain_path(fact.path)}: {plain(fact.reason)}", style="default")
            if fact.hint:
                line.append(f" → {plain(fact.hint)}", style="dim")
        case FileSkipped():
            line = Text(f"skipped  {plain_path(fact.path)}: {plain(fact.reason)}", style="dim")
        case FileRemoved():
            line = Text(f"removed  {plain_path(fact.path)}: no longer there", style="yellow")
        case FileMoved():
            line = Text("moved    ", style="green")
            line.append(f"{plain_path(fact.before)} → {plain_path(fact.path)}", style="default")
        case FileIndexed():
            line = Text("indexed  ", style="green")
            line.append(f"{plain_path(fact.path)}: {count(fact.nodes, 'passage')}", style="default")
    return line


def _sum(report: IngestReport, hidden: int = 0) -> Text:
    """One line; ``hidden`` counts skipped files that were not named."""
    parts = [
        f"{count(report.indexed, 'file')} indexed ({count(report.nodes, 'passage')})",
        f"{report.unchanged:,} unchanged",
    ]
    if report.moved:
        parts.append(f"{report.moved:,} of them moved")
    if report.removed:
        parts.append(f"{report.removed:,} removed")
    if report.skipped:
        parts.append(f"{report.skipped:,} skipped" + (" (-v lists them)" if hidden else ""))
    if report.failed:
        parts.append(f"{report.failed:,} failed")
    if report.left:
        parts.append(f"{report.left:,} as unreadable as before (--retry tries again)")
    line = Text("stopped: " if report.stopped else "done: ", style="bold")
    line.append(", ".join(parts) + f" in {report.seconds:.1f} s", style="not bold")
    return line
