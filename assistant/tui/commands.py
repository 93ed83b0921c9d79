"""What the command palette offers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.actions import parse
from textual.app import SystemCommand
from textual.screen import ModalScreen, Screen

from assistant.tui.bindings import doable, keys_of
from assistant.tui.strings import S

if TYPE_CHECKING:
    from assistant.tui.app import AssistantApp


# What is typed, and what leads back from where one is.
_NO_COMMANDS = re.compile(r"prompt\.|dialog\.|help\.|app\.palette|chat\.(cite-|prompt)")


def commands(app: AssistantApp, screen: Screen[object]) -> Iterable[SystemCommand]:
    """Everything that can be done, those that make no sense now left out.

    First what is asked for most, each with a sentence, then whatever else has a key on ``screen``.
    """
    most = [] if isinstance(screen, ModalScreen) else list(_most(app))
    yield from most
    told = {_name_of(command.callback) for command in most}
    for node, binding in doable(screen):
        _, action, _ = parse(binding.action)
        if not _NO_COMMANDS.match(binding.id or "") and f"action_{action}" not in told:
            run = partial(app.run_action, binding.action, node)
            yield SystemCommand(binding.description, keys_of(app, [binding]), run)


def _name_of(callback: Callable[..., object]) -> str:
    return getattr(callback.func if isinstance(callback, partial) else callback, "__name__", "")


def _most(app: AssistantApp) -> Iterable[SystemCommand]:
    chat = app.chat
    yield SystemCommand(S.add_folder_command, S.add_folder_help, app.action_add_folder)
    if app.tally is not None and app.tally.can_stop:
        yield SystemCommand(S.stop_adding, S.stop_adding_help, app.action_stop_adding)
    yield SystemCommand(S.shelves, S.shelves_help, app.action_library)
    yield SystemCommand(S.sync_all, S.sync_all_help, app.action_sync_all)
    yield SystemCommand(S.scope_title, S.scope_help, chat.action_choose_scope)
    if chat.scope:
        yield SystemCommand(S.clear_scope, S.clear_scope_help, chat.action_ask_everything)
    title = S.write_again if chat.quotes else S.quotes_title
    yield SystemCommand(title, S.quotes_help, chat.action_toggle_quotes)
    yield SystemCommand(S.new_chat, S.new_chat_help, chat.action_new_chat)
    yield SystemCommand(S.chats, S.chats_help, chat.action_chats)
    yield SystemCommand(S.toggle_sources, S.toggle_sources_help, chat.action_toggle_sources)
    if chat.panel.sources:
        yield SystemCommand(S.why_title, S.why_help, chat.action_explain)
        yield SystemCommand(S.pin_key, S.pin_help, partial(chat.action_pick, "pinned"))
        yield SystemCommand(S.exclude_key, S.exclude_help, partial(chat.action_pick, "excluded"))
        pin_file = partial(chat.action_pick, "pinned", True)
        yield SystemCommand(S.pin_file_key, S.pin_file_help, pin_file)
        exclude_file = partial(chat.action_pick, "excluded", True)
        yield SystemCommand(S.exclude_file_key, S.exclude_file_help, exclude_file)
    if chat.conversation.current is not None and chat.check_action("search_wider", ()):
        yield SystemCommand(S.search_wider, S.search_wider_help, chat.action_search_wider)
    yield SystemCommand(S.ask_again, S.ask_again_help, chat.action_ask_again)
    if chat.conversation.exchanges:
        yield SystemCommand(S.edit_question, S.edit_help, chat.action_edit_question)
        yield SystemCommand(S.good, S.rate_help, partial(chat.action_rate, "good"))
        yield SystemCommand(S.bad, S.rate_help, partial(chat.action_rate, "bad"))
    yield SystemCommand(S.copy_answer, S.copy_help, chat.action_copy_answer)
    yield SystemCommand(S.copy_code, S.copy_code_help, chat.action_copy_code)
    if chat.panel.sources:
        yield SystemCommand(S.copy_citation, S.copy_citation_help, chat.action_copy_citation)
    yield SystemCommand(S.use_model, S.use_model_help, chat.action_use_model)
    yield SystemCommand(S.library, S.library_help, app.action_library_status)
    yield SystemCommand(S.settings, S.settings_help, app.action_settings)
    yield SystemCommand(S.doctor, S.doctor_help, app.action_doctor)
    yield SystemCommand(S.tour_command, S.tour_help, app.action_tour)
    yield SystemCommand(S.theme, S.theme_help, app.action_change_theme)
    yield SystemCommand(S.help, S.keys_help, app.action_help)
    yield SystemCommand(S.quit, S.quit_help, app.action_quit)
