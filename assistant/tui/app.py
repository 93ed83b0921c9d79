"""The application: what outlives a screen."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen
from textual.theme import ThemeProvider

from assistant.display import plain
from assistant.errors import AssistantError
from assistant.tui import keymap, screens, themes
from assistant.tui.commands import commands
from assistant.tui.messages import (
    AddingWanted,
    ChatDeleted,
    ChatLoaded,
    ChatRenamed,
    SettingChanged,
    WorkFailed,
)
from assistant.tui.screens.chat import ChatScreen
from assistant.tui.strings import S
from assistant.tui.touring import TouringApp
from assistant.tui.wording import error_text
from assistant.tui.work import as_error
from assistant.types import EVERYTHING

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.tui.screens.library import LibraryScreen
    from assistant.tui.shelves import Entry
    from assistant.types import Scope


class AssistantApp(TouringApp):
    """Ask your notes in the terminal.

    ``desk`` is a :class:`assistant.desk.Desk` or anything with its methods; none of them is
    called before the first paint, and those that may take time only in workers.
    """

    TITLE = "assistant"

    # Notices push the page down instead of lying over it: where something lies over the edge of
    # a widget beneath, Textual cuts the two-cell characters that fall on that edge.
    CSS = """
    ToastRack {
        layer: default;
        dock: top;
        width: 100%;
        max-height: 50%;
        margin: 0;
        overflow-y: auto;
    }
    ToastHolder { width: 100%; }
    Toast { width: 100%; max-width: 100%; margin: 0; padding: 0 1; background: $panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", S.help, id="app.help", show=False),
        Binding(
            "ctrl+p", "command_palette", S.palette, id="app.palette", show=False, priority=True
        ),
        Binding("ctrl+q", "quit", S.quit, id="app.quit", show=False, priority=True),
    ]

    def __init__(
        self, desk: Desk, *, chat_id: int | None = None, scope: Scope = EVERYTHING
    ) -> None:
        super().__init__()
        self.desk = self.keeper = self.guide = desk
        self._wear(desk.settings.interface.theme)
        self.chat = ChatScreen(desk)
        self._reopen = chat_id
        self._scope = scope

    def _wear(self, wanted: str) -> None:
        """Take a theme before anything is drawn: to change it then parses all styles once more."""
        for theme in themes.THEMES:
            self.register_theme(theme)
        known = wanted in self.available_themes
        self.set_reactive(App.theme, wanted if known else themes.DEFAULT)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        return self.chat

    def on_mount(self) -> None:
        if (wanted := self.desk.settings.interface.theme) != self.theme:
            self.notify(
                S.theme_instead.format(name=self.theme),
                title=S.unknown_theme.format(name=plain(wanted)),
                severity="warning",
                markup=False,
            )
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """What the first paint does not wait for."""
        if not gc.isenabled():
            gc.freeze()  # what is there stays to the end
            gc.enable()
        if own := self.desk.settings.interface.keys:
            self._use_keys(own)
        self.chat.status.prepare(self.desk)
        self.chat.scope = self._scope
        if self._reopen is not None:
            self._open(self._reopen)

    def _use_keys(self, own: Sequence[str]) -> None:
        keys, wrong = keymap.read(own, keymap.known())
        self.set_keymap(keys)
        if wrong:
            title = S.unknown_keys.format(keys=plain(", ".join(wrong)))
            self.notify(S.unknown_keys_hint, title=title, severity="warning", markup=False)

    @work(thread=True, exit_on_error=False)
    def _open(self, chat_id: int) -> None:
        try:
            chat = next((chat for chat in self.desk.chats() if chat.id == chat_id), None)
            if chat is None:
                raise AssistantError(S.no_such_chat.format(id=chat_id), S.see_chats)
            self.chat.post_message(ChatLoaded(chat, tuple(self.desk.turns(chat_id))))
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))

    # ------------------------------------------------------------------ errors

    @on(WorkFailed)
    def _tell(self, event: WorkFailed) -> None:
        self.report(event.error)

    def report(self, error: AssistantError) -> None:
        """Show what went wrong and the next step; nothing else stops."""
        text = error_text(error)
        title, _, hint = text.partition("\n")
        self.notify(hint or title, title=title, severity="error", markup=False, timeout=12)

    # ------------------------------------------------------------------ commands

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from commands(self, screen)

    def action_library_status(self) -> None:
        self.push_screen(screens.LibraryReport(self.desk.status))

    async def action_settings(self) -> None:
        await self.push_screen(screens.SettingsScreen(self.desk))

    async def action_doctor(self) -> None:
        await self.push_screen(screens.Doctor(self.desk))

    @on(SettingChanged)
    def _heed(self, event: SettingChanged) -> None:
        self.notify(f"{event.key}: {plain(event.value) or S.setting_empty}", markup=False)
        if event.key == "interface.theme" and event.value in self.available_themes:
            self.theme = event.value

    # Awaited, so that the next key finds the screen that was asked for.

    async def action_library(self) -> None:
        if self.screen is self.chat:
            await self.push_screen(self.shelves)

    @cached_property
    def shelves(self) -> LibraryScreen:
        """The library, which stays as it was left."""
        library = screens.LibraryScreen(self.desk)
        self.install_screen(library, "library")
        return library

    def action_help(self) -> None:
        self.push_screen(screens.Help(self.screen))

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=S.palette_find, id="--command-palette"))

    def search_themes(self) -> None:
        themes_only = CommandPalette(providers=[ThemeProvider], placeholder=S.theme_find)
        self.push_screen(themes_only)

    @on(ChatDeleted)
    async def _forget(self, event: ChatDeleted) -> None:
        self.notify(S.chat_deleted)
        if self.chat.record.chat_id == event.chat_id:
            await self.chat.action_new_chat()

    @on(ChatRenamed)
    def _retitle(self, event: ChatRenamed) -> None:
        if self.chat.record.chat_id == event.chat_id:
            self.chat.retitle(event.title)

    # ------------------------------------------------------------------ library

    # Awaited, so that what is typed next goes to the dialog and not to the screen behind it.

    async def action_add_folder(self, chosen: Path | None = None) -> None:
        if self.busy and self.tally is not None:
            await self.action_stop_adding()
        else:
            await self.push_screen(screens.AddFolder(chosen=chosen), self.add_notes)

    @on(AddingWanted)
    async def _offer_to_add(self, event: AddingWanted) -> None:
        await self.action_add_folder(event.path)

    async def action_stop_adding(self) -> None:
        embeds = self.tally is not None and self.tally.kind == "embedding"
        title = S.stop_embedding if embeds else S.stop_adding
        sure = screens.Confirm(f"{title}?", S.stop_adding_body, agree=S.stop)
        await self.push_screen(sure, self._stop_adding)

    def _stop_adding(self, agreed: bool | None) -> None:
        if agreed and self.busy:
            self._stop_job.set()
        elif agreed:
            self.stop_embedding()

    def action_sync_all(self) -> None:
        self.sync()

    def library_changed(self) -> None:
        self.chat.status.count(self.desk)
        if self.library_is_shown:
            self.shelves.reload()

    @property
    def library_is_shown(self) -> bool:
        return any(self.is_screen_installed(screen) for screen in self.screen_stack)

    def ask_only(self, entry: Entry) -> None:
        """Limit questions to ``entry`` and go where they are put."""
        if self.library_is_shown and self.screen is self.shelves:
            self.pop_screen()
        self.chat.ask_only(entry)
