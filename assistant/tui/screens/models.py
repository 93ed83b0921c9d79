"""Which language model writes the answers."""

from __future__ import annotations

from typing import Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from assistant.display import plain
from assistant.tui.cells import MUTED, cut, cut_end
from assistant.tui.messages import ModelsListed, WorkFailed
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S
from assistant.tui.work import as_error
from assistant.types import ModelOption


class OffersModels(Protocol):
    """The part of a desk that knows what can be taken."""

    def language_models(self) -> list[ModelOption]: ...


class ChooseModel(Dialog[ModelOption]):
    """Dismissed with the model to use; what cannot be used now is told why and stays dim."""

    DEFAULT_CSS = """
    ChooseModel OptionList {
        height: auto; max-height: 16; border: none; padding: 0; background: $surface;
        &:focus { border: none; background-tint: $foreground 0%; }
    }
    """

    heading = S.models_title

    def __init__(self, desk: OffersModels) -> None:
        super().__init__()
        self._desk = desk
        self._options: tuple[ModelOption, ...] = ()

    def body(self) -> ComposeResult:
        yield OptionList(Option(Content(f"{S.starting}…"), disabled=True), markup=False)
        yield Static(S.models_hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._load()

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(ModelsListed(tuple(self._desk.language_models())))
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(ModelsListed)
    def _fill(self, event: ModelsListed) -> None:
        event.stop()
        self._options = event.options
        listing = self.query_one(OptionList)
        width = max(20, min(90, int(self.app.size.width * 0.8)) - 8)
        listing.set_options(
            Option(self._row(option, width), disabled=bool(option.problem) and not option.active)
            for option in self._options
        )
        here = (n for n, option in enumerate(self._options) if option.active)
        listing.highlighted = next(here, 0)

    def _row(self, option: ModelOption, width: int) -> Content:
        told = f"{option.place} · {S.leaves}" if option.leaves_machine else option.place
        if option.setting == "auto":
            told = S.model_auto
        tail = cut_end(f"  {plain(option.problem or told or S.model_here)}", 2 * width // 3)
        mark = "● " if option.active else "  "
        name = cut(plain(option.name), width - 2 - Content(tail).cell_length)
        return Content.assemble((mark, "$primary"), name, (tail, MUTED))

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self._options):
            self.dismiss(self._options[event.option_index])
