"""The line that says how the desk is: models, speed, library."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from textual import on, work
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from assistant import types
from assistant.display import plain, plain_path
from assistant.errors import AssistantError
from assistant.tui.cells import cut_end
from assistant.tui.garbage import leave_out_what_is_there, look_seldom
from assistant.tui.messages import (
    LibraryCounted,
    ModelAdvanced,
    ModelFailed,
    ModelNoticed,
    ModelReady,
    WorkFailed,
)
from assistant.tui.strings import S, counted
from assistant.tui.work import as_error

if TYPE_CHECKING:
    from assistant.config import Settings
    from assistant.models.choosing import Choice
    from assistant.protocols import Encoder, Generator
    from assistant.settings_file import Change
    from assistant.tui.messages import (
        ModelTask,
    )
    from assistant.types import LibraryStatus, ModelOption, ModelProgress, Timing

_log = logging.getLogger(__name__)

_POST_SECONDS = 0.1


class Prepares(Protocol):
    """The part of a desk that says how it is."""

    settings: Settings

    def status(self) -> LibraryStatus: ...

    def warm_up(self) -> None: ...

    def read_ahead(self) -> None: ...

    def load_encoder(self, progress: Callable[[ModelProgress], None] | None = None) -> Encoder: ...

    def load_generator(
        self,
        progress: Callable[[ModelProgress], None] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> Generator: ...

    def choose_model(self, name: str, task: ModelTask | None = None) -> Choice: ...

    def use_generator(
        self,
        choice: Choice,
        progress: Callable[[ModelProgress], None] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> Generator: ...

    def keep_model(self, choice: Choice) -> Change: ...


class StatusLine(Widget):
    """One line; what matters least gives way first when the terminal is narrow."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 100%; padding: 0 2; color: $text-muted; }
    """

    step: reactive[ModelProgress | None] = reactive(None)
    ready: reactive[ModelReady | None] = reactive(None)
    failed: reactive[ModelTask | None] = reactive(None)
    timing: reactive[Timing | None] = reactive(None)
    library: reactive[LibraryStatus | None] = reactive(None)
    watching: reactive[bool] = reactive(False)
    searchable: bool = False
    """The embedding model is there."""

    _since = 0.0

    def on_mount(self) -> None:
        self._clock = self.set_interval(1.0, self.refresh, pause=True)

    def watch_step(self, before: ModelProgress | None, now: ModelProgress | None) -> None:
        """Count the seconds of each step anew."""
        if now is None:
            self._clock.pause()
        elif before is None or (before.model, before.step) != (now.model, now.step):
            self._since = monotonic()
            self._clock.resume()

    # ------------------------------------------------------------------ finding out

    def prepare(self, desk: Prepares) -> None:
        """Count the library and load the models; what comes of it bubbles to the screen."""
        look_seldom()
        self.count(desk)
        self._load(desk)

    @work(thread=True, exclusive=True, exit_on_error=False, group="count")
    def count(self, desk: Prepares) -> None:
        """Ask the library what it holds."""
        try:
            self.post_message(LibraryCounted(desk.status()))
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    @work(thread=True, exclusive=True, exit_on_error=False, group="models")
    def _load(self, desk: Prepares) -> None:
        task: ModelTask = "embedding"
        try:
            encoder = desk.load_encoder(self._progress(task))
            self.post_message(ModelReady(task, encoder.name, encoder.device))
            self._warm_up(desk)
        except Exception as error:  # noqa: BLE001 - told here and in the greeting
            self.post_message(ModelFailed(task, as_error(error)))
        self._load_generator(desk)

    @staticmethod
    def _warm_up(desk: Prepares) -> None:
        # Before the language model, as evidence is what a question shows first.
        try:
            desk.warm_up()
        except AssistantError as error:
            _log.info("nothing was searched ahead: %s", error)  # the question itself will tell
        leave_out_what_is_there()

    def _load_generator(self, desk: Prepares) -> None:
        try:
            generator = desk.load_generator(self._progress("generation"), self._notice)
            self._tell_ready(desk, generator)
        except Exception as error:  # noqa: BLE001 - told here and in the greeting
            self.post_message(ModelFailed("generation", as_error(error)))
            return
        self._read_ahead(desk)

    @staticmethod
    def _read_ahead(desk: Prepares) -> None:
        try:
            desk.read_ahead()
        except AssistantError as error:
            _log.info("nothing was read ahead: %s", error)  # the question itself will tell
        leave_out_what_is_there()

    def _tell_ready(self, desk: Prepares, generator: Generator) -> None:
        from assistant.models.reference import leaves_machine

        away = leaves_machine(desk.settings)
        self.post_message(ModelReady("generation", generator.name, generator.device, away))

    def use(self, desk: Prepares, option: ModelOption) -> None:
        """Have another model write the answers, and keep that for the next start."""
        self.ready = None
        self.step = types.ModelProgress(option.name, S.starting, 0, 0)
        self._use(desk, option)

    @work(thread=True, exclusive=True, exit_on_error=False, group="models")
    def _use(self, desk: Prepares, option: ModelOption) -> None:
        try:
            choice = desk.choose_model(option.setting, "generation")
            generator = desk.use_generator(choice, self._progress("generation"), self._notice)
        except Exception as error:  # noqa: BLE001 - told as a notice; the one before goes on
            self.post_message(WorkFailed(as_error(error)))
            self._load_generator(desk)
            return
        self._tell_ready(desk, generator)
        try:
            kept = S.model_kept.format(file=plain_path(desk.keep_model(choice).file))
        except AssistantError as error:
            kept = S.model_not_kept.format(reason=S.said(error.message))
        self._notice(f"{S.model_taken.format(name=generator.name)}\n{kept}")
        self._read_ahead(desk)

    def _notice(self, text: str) -> None:
        self.post_message(ModelNoticed(text))

    def _progress(self, task: ModelTask) -> Callable[[ModelProgress], None]:
        posted = 0.0
        step = ""

        def tell(progress: ModelProgress) -> None:
            nonlocal posted, step
            if progress.step != step or monotonic() - posted >= _POST_SECONDS:
                posted, step = monotonic(), progress.step
                self.post_message(ModelAdvanced(task, progress))

        return tell

    @on(LibraryCounted)
    def _take_count(self, event: LibraryCounted) -> None:
        self.library = event.status

    @on(ModelAdvanced)
    def _take_progress(self, event: ModelAdvanced) -> None:
        self.step = event.progress

    @on(ModelReady)
    def _take_ready(self, event: ModelReady) -> None:
        self.step = None
        if event.task == "embedding":
            self.searchable = True
        else:
            self.ready = event
            if self.failed == "generation":
                self.failed = None

    @on(ModelFailed)
    def _take_failure(self, event: ModelFailed) -> None:
        self.step = None
        # Without an encoder there is not even search: that is the one to tell.
        if self.failed != "embedding":
            self.failed = event.task

    # ------------------------------------------------------------------ saying it

    @property
    def holds_nothing(self) -> bool:
        """The library has no notes yet, as far as is known."""
        return self.library is None or not self.library.documents

    @property
    def preparing(self) -> str:
        """What is being loaded, with its percentage; empty when nothing is."""
        step = self.step
        if step is None:
            return ""
        what = f"{plain(step.model)}: {plain(S.said(step.step))}"
        if step.done > 0 and step.total:
            what += f" {100 * step.done // step.total}%"
        # Some steps are one long call of a library: seconds tell that they go on.
        seconds = int(monotonic() - self._since)
        return f"{what} · {S.seconds.format(count=seconds)}" if seconds > 1 else what

    def render(self) -> RenderResult:
        width = self.content_size.width
        left = self._models()
        right = self._library()
        middle = self._speed()
        # Fewer and fewer of the parts until they fit.
        essential = [part for part in right if part not in self._passages()]
        for parts in ([*middle, *right], right, essential, right[:1], []):
            tail = " · ".join(parts)
            room = width - left.cell_length - Content(tail).cell_length
            if room >= 2:
                return Content.assemble(left, " " * room, tail)
        return Content(cut_end(left.plain, width))

    def _models(self) -> Content:
        if self.preparing:
            return Content.assemble(("◌ ", "$text-warning"), self.preparing)
        if self.failed is not None:
            what = S.no_embedding if self.failed == "embedding" else S.no_generation
            return Content.assemble(("○ ", "$text-error"), what)
        if self.ready is not None:
            model = f"{plain(self.ready.name)} · {plain(self.ready.device)}"
            if self.ready.leaves_machine:
                # Before the names, which give way first where there is little room.
                return Content.assemble(("▲ ", "$text-warning"), f"{S.leaves} · {model}")
            return Content.assemble(("● ", "$text-success"), model)
        return Content.assemble(("◌ ", "$text-warning"), f"{S.starting}…")

    def _speed(self) -> list[str]:
        if self.timing is None:
            return []
        parts = []
        if (rate := self.timing.tokens_per_second) is not None:
            parts.append(S.speed.format(rate=f"{rate:.1f}"))
        if self.timing.first_token is not None:
            parts.append(S.first_token.format(seconds=f"{self.timing.first_token:.1f}"))
        return parts

    def _library(self) -> list[str]:
        if self.library is None:
            return []
        if not self.library.documents:
            return [S.no_notes]
        parts = [counted(S.documents, self.library.documents), *self._passages()]
        if self.library.embedded < self.library.nodes:
            share = 100 * self.library.embedded // self.library.nodes
            parts.append(S.embedded.format(share=share))
        if self.watching:
            parts.append(f"◉ {S.watching}")
        return parts

    def _passages(self) -> list[str]:
        return [counted(S.passages, self.library.nodes)] if self.library is not None else []
