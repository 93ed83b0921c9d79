"""Why these sources, and why not the file one expected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from assistant.display import plain, plain_path
from assistant.tui.cells import MUTED, cut
from assistant.tui.explaining import fate_content, hit_content, summary
from assistant.tui.locate import locate
from assistant.tui.messages import WorkFailed
from assistant.tui.screens.dialog import Dialog
from assistant.tui.shelves import folded
from assistant.tui.strings import S
from assistant.tui.widgets.pick_input import PickInput
from assistant.tui.wording import error_text
from assistant.tui.work import as_error
from assistant.types import (
    EVERYTHING,
    Answer,
    Expectation,
    Explanation,
    FileStatus,
    Scope,
    Source,
)

_OFFERED = 5


class Explains(Protocol):
    """The part of a desk that explains."""

    def explain(
        self,
        question: str,
        sources: Sequence[Source] | None = None,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Explanation: ...

    def expect(
        self,
        question: str,
        path: Path,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        scope: Scope = EVERYTHING,
    ) -> Expectation: ...

    def files(self) -> list[FileStatus]: ...


class SourcesExplained(Message):
    """It is known why the sources were found."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__()
        self.explanation = explanation


class FilesListed(Message):
    """The library told which files it knows."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self.paths = paths


class FileJudged(Message):
    """It is known what became of a file."""

    def __init__(self, result: Expectation) -> None:
        super().__init__()
        self.result = result


class ExplainScreen(Dialog[None]):
    """The sources of one answer, each with its reasons; and the fate of a file that is named.

    All that may take time is done in threads that only post messages.
    """

    DEFAULT_CSS = """
    ExplainScreen {
        & > .box { width: 94%; max-width: 120; height: 90%; }
        & #reasons { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
        & #reasons:focus { background-tint: $foreground 2%; }
        & #reasons Static { width: 1fr; height: auto; margin-bottom: 1; }
        & #fate { display: none; border-left: outer $accent; padding: 0 1; }
        & #summary { color: $text-muted; }
        & Input { border: round $border-blurred; background: $surface; }
        & Input:focus { border: round $border; }
        & OptionList {
            height: auto; max-height: 5; border: none; padding: 0 1; background: $surface;
            display: none;
            &:focus { border: none; background-tint: $foreground 0%; }
        }
        & > .box > .hint { margin-top: 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "expect", S.expect_key, id="explain.expect"),
    ]

    heading = S.why_title

    def __init__(
        self,
        desk: Explains,
        question: str,
        sources: tuple[Source, ...],
        history: Sequence[tuple[str, Answer]] = (),
        scope: Scope = EVERYTHING,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._question = question
        self._sources = sources
        self._history = tuple(history)
        self._scope = scope
        self._fusion = "score"
        self._files: dict[str, Path] = {}
        self._offered: list[Path] = []

    def body(self) -> ComposeResult:
        with VerticalScroll(id="reasons"):
            yield Static(id="fate", markup=False)
            yield Static("…", id="hits", markup=False)
            yield Static(id="summary", markup=False)
        yield PickInput(placeholder=S.expect_placeholder, id="expected")
        yield OptionList(markup=False)
        yield Static(S.why_hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#reasons").focus()
        self._explain()
        self._list_files()

    @property
    def _width(self) -> int:
        # Wide enough while nothing is laid out; Static wraps what does not fit.
        return max(30, self.query_one("#reasons").scrollable_content_region.width or 70)

    # ------------------------------------------------------------------ reasons

    @work(thread=True, exclusive=True, exit_on_error=False, group="explain")
    def _explain(self) -> None:
        fact: Message
        try:
            fact = SourcesExplained(
                self._desk.explain(
                    self._question, self._sources, history=self._history, scope=self._scope
                )
            )
        except Exception as error:  # noqa: BLE001 - shown in place of the reasons
            fact = WorkFailed(as_error(error))
        self.post_message(fact)

    @on(SourcesExplained)
    def _show_reasons(self, event: SourcesExplained) -> None:
        event.stop()
        found = event.explanation
        self._fusion = found.fusion
        hits = [hit_content(each, found.fusion, self._width) for each in found.hits]
        self.query_one("#hits", Static).update(Content("\n\n").join(hits))
        self.query_one("#summary", Static).update(summary(found))

    @on(WorkFailed)
    def _show_failure(self, event: WorkFailed) -> None:
        event.stop()
        self._tell(Content.assemble((error_text(event.error), "$text-error")))
        hits = self.query_one("#hits", Static)
        if str(hits.visual) == "…":
            hits.update("")

    def _tell(self, content: Content) -> None:
        line = self.query_one("#fate", Static)
        line.display = True
        line.update(content)
        self.query_one("#reasons", VerticalScroll).scroll_home(animate=False)

    # ------------------------------------------------------------------ expected

    def action_expect(self) -> None:
        self.query_one(Input).focus()

    @work(thread=True, exclusive=True, exit_on_error=False, group="files")
    def _list_files(self) -> None:
        try:
            self.post_message(FilesListed([file.path for file in self._desk.files()]))
        except Exception as error:  # noqa: BLE001 - names can still be typed
            self.post_message(WorkFailed(as_error(error)))

    @on(FilesListed)
    def _take_files(self, event: FilesListed) -> None:
        event.stop()
        self._files = {folded(plain_path(path)): path for path in event.paths}
        self._offer()

    @on(Input.Changed)
    def _offer(self) -> None:
        """Offer the files of the library that are spelled like what was typed."""
        typed = folded(self.query_one(Input).value.strip())
        listing = self.query_one(OptionList)
        found = [path for name, path in self._files.items() if typed and typed in name]
        # Those called so before those that merely stand in such a folder.
        found.sort(key=lambda path: typed not in folded(plain(path.name)))
        self._offered = found[:_OFFERED]
        listing.set_options(Option(self._row(path)) for path in self._offered)
        listing.display = bool(self._offered)
        listing.highlighted = 0 if self._offered else None

    def _row(self, path: Path) -> Content:
        name = plain_path(path, base=path.parent)
        room = max(20, self._width - 4)
        folder = cut(plain_path(path.parent), max(0, room - Content(name).cell_length - 2))
        return Content.assemble(cut(name, room), (f"  {folder}", MUTED))

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self._offered):
            self._judge_known(self._offered[event.option_index])

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        here = self.query_one(OptionList).highlighted
        if not typed:
            return
        if here is not None and here < len(self._offered):
            self._judge_known(self._offered[here])
        else:
            self._judge(typed, None)

    def _judge_known(self, path: Path) -> None:
        self.query_one(OptionList).display = False
        self._judge("", path)

    @work(thread=True, exclusive=True, exit_on_error=False, group="expect")
    def _judge(self, typed: str, known: Path | None) -> None:
        try:
            path = known or locate(typed) or Path(typed)
            result = self._desk.expect(
                self._question, path, history=self._history, scope=self._scope
            )
            self.post_message(FileJudged(result))
        except Exception as error:  # noqa: BLE001 - shown where the answer would be
            self.post_message(WorkFailed(as_error(error)))

    @on(FileJudged)
    def _show_fate(self, event: FileJudged) -> None:
        event.stop()
        self._tell(fate_content(event.result, self._fusion, self._width - 2))
