"""Settings: what they are, what they mean, and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from assistant.display import plain
from assistant.errors import AssistantError, ConfigError
from assistant.tui.cells import MUTED, cut, pad
from assistant.tui.messages import SettingChanged, WorkFailed
from assistant.tui.screens.ask_text import AskText
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S
from assistant.tui.widgets.pick_input import PickInput
from assistant.tui.work import as_error
from assistant.types import Setting

if TYPE_CHECKING:
    from assistant.settings_file import Change


class KeepsSettings(Protocol):
    """The part of a desk that the settings screen needs."""

    def list_settings(self) -> list[Setting]: ...

    def change_setting(self, key: str, text: str | None) -> Change: ...


class SettingsListed(Message):
    """The settings were read."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        super().__init__()
        self.settings = settings


class SettingRefused(Message):
    """What was typed cannot be the value of a setting."""

    def __init__(self, setting: Setting, text: str, error: AssistantError) -> None:
        super().__init__()
        self.setting = setting
        self.text = text
        self.error = error


class ChooseValue(Dialog[str]):
    """Dismissed with one of the values that a setting may have."""

    DEFAULT_CSS = """
    ChooseValue OptionList { height: auto; border: none; padding: 0; background: $surface; }
    ChooseValue OptionList:focus { border: none; background-tint: $foreground 0%; }
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.heading = setting.key
        self._setting = setting

    def body(self) -> ComposeResult:
        yield OptionList(*(Option(plain(each)) for each in self._setting.choices), markup=False)
        yield Static(meaning(self._setting), classes="hint", markup=False)

    def on_mount(self) -> None:
        listing = self.query_one(OptionList)
        if self._setting.value in self._setting.choices:
            listing.highlighted = self._setting.choices.index(self._setting.value)
        listing.focus()

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._setting.choices[event.option_index])


class SettingsScreen(Dialog[None]):
    """Every setting; the one turned to is explained beneath the list."""

    DEFAULT_CSS = """
    SettingsScreen {
        & > .box { max-width: 104; }
        & Input { border: round $border-blurred; background: $surface; }
        & Input:focus { border: round $border; }
        & OptionList {
            height: 1fr; min-height: 6; max-height: 18; border: none; padding: 0;
            background: $surface; scrollbar-size-vertical: 1;
            &:focus { border: none; background-tint: $foreground 0%; }
        }
        & #meaning { height: 5; margin-top: 1; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", S.settings_find, id="settings.find"),
        Binding("backspace", "reset", S.setting_reset, id="settings.reset"),
    ]

    heading = S.settings

    def __init__(self, desk: KeepsSettings) -> None:
        super().__init__()
        self._desk = desk
        self._all: Sequence[Setting] = ()
        self._shown: Sequence[Setting] = ()

    def body(self) -> ComposeResult:
        yield PickInput(placeholder=S.settings_find)
        yield OptionList(markup=False)
        yield Static(id="meaning", markup=False)
        yield Static(S.settings_hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._read()

    # ------------------------------------------------------------------ showing

    @work(thread=True, exclusive=True, exit_on_error=False, group="read-settings")
    def _read(self) -> None:
        try:
            self.post_message(SettingsListed(self._desk.list_settings()))
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(SettingsListed)
    def _take(self, event: SettingsListed) -> None:
        event.stop()
        self._all = event.settings
        self._fill()

    @on(Input.Changed)
    def _find(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    def _fill(self) -> None:
        listing = self.query_one(OptionList)
        here = self._here
        words = plain(self.query_one(Input).value).casefold().split()
        self._shown = [
            each
            for each in self._all
            if all(word in f"{each.key} {meaning(each)}".casefold() for word in words)
        ]
        width = max(24, listing.size.width - 2)
        listing.set_options(Option(_row(each, width)) for each in self._shown)
        keys = [each.key for each in self._shown]
        if keys:
            listing.highlighted = keys.index(here.key) if here and here.key in keys else 0
        self._explain()

    @property
    def _here(self) -> Setting | None:
        at = self.query_one(OptionList).highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    @on(OptionList.OptionHighlighted)
    def _explain(self) -> None:
        setting = self._here
        told = Content("") if setting is None else _explained(setting)
        self.query_one("#meaning", Static).update(told)

    def action_find(self) -> None:
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        """First what was looked for goes, then the settings."""
        field = self.query_one(Input)
        if field.value:
            field.clear()
            self.query_one(OptionList).focus()
        else:
            super().action_leave()

    # ------------------------------------------------------------------ changing

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    async def _edit(self, event: Message) -> None:
        event.stop()
        if (setting := self._here) is not None:
            await self._ask(setting, setting.value)

    async def _ask(self, setting: Setting, text: str) -> None:
        def change(value: str | None) -> None:
            if value is not None and value != setting.value:
                self._change(setting, value)

        if setting.choices:
            await self.app.push_screen(ChooseValue(setting), change)
        else:
            asks = AskText(setting.key, plain(text), hint=meaning(setting), may_be_empty=True)
            await self.app.push_screen(asks, change)

    def action_reset(self) -> None:
        if (setting := self._here) is not None and setting.origin == "file":
            self._change(setting, None)

    @work(thread=True, exit_on_error=False, group="change-settings")
    def _change(self, setting: Setting, text: str | None) -> None:
        try:
            self._desk.change_setting(setting.key, text)
            value = setting.default if text is None else text
            changed = SettingChanged(setting.key, value, at_once=setting.at_once)
            self.app.post_message(changed)
            self.post_message(SettingsListed(self._desk.list_settings()))
        except ConfigError as error:
            self.post_message(SettingRefused(setting, text or "", error))
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    @on(SettingRefused)
    async def _ask_again(self, event: SettingRefused) -> None:
        event.stop()
        refused = ConfigError(event.error.message, meaning(event.setting))
        self.post_message(WorkFailed(refused))
        if not event.setting.choices:
            await self._ask(event.setting, event.text)


def meaning(setting: Setting) -> str:
    """What a setting means, in the language of the interface."""
    return plain(S.setting_texts.get(setting.key, setting.help))


def _row(setting: Setting, width: int) -> Content:
    room = max(16, width // 2)
    own = setting.origin != "default"
    name = pad(f"{'● ' if own else '  '}{setting.key}", room)
    value = cut(plain(setting.value) or "–", width - cell_len(name))
    return Content.assemble((name, "bold" if own else ""), (value, "$accent" if own else MUTED))


def _explained(setting: Setting) -> Content:
    said = [S.setting_default.format(value=plain(setting.default) or S.setting_empty)]
    if setting.origin == "file":
        said.append(S.setting_file)
    elif setting.origin == "environment":
        variable = f"ASSISTANT_{setting.key.replace('.', '__')}".upper()
        said.append(S.setting_environment.format(variable=variable))
    said.append(S.setting_at_once if setting.at_once else S.setting_later)
    return Content.assemble(meaning(setting), "\n", (" · ".join(said), MUTED))
