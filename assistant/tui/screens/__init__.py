"""The screens that one turns to, by name.

Each is imported when it is first opened: the first paint needs the chat alone, and waits for
nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.tui.screens.add_folder import AddFolder as AddFolder
    from assistant.tui.screens.chats import ChatList as ChatList
    from assistant.tui.screens.choose_scope import ChooseScope as ChooseScope
    from assistant.tui.screens.confirm import Confirm as Confirm
    from assistant.tui.screens.doctor import Doctor as Doctor
    from assistant.tui.screens.explain import ExplainScreen as ExplainScreen
    from assistant.tui.screens.help import Help as Help
    from assistant.tui.screens.library import LibraryScreen as LibraryScreen
    from assistant.tui.screens.models import ChooseModel as ChooseModel
    from assistant.tui.screens.report import LibraryReport as LibraryReport
    from assistant.tui.screens.settings import SettingsScreen as SettingsScreen
    from assistant.tui.screens.tour import Tour as Tour

_MODULES = {
    "AddFolder": "add_folder",
    "ChatList": "chats",
    "ChooseModel": "models",
    "ChooseScope": "choose_scope",
    "Confirm": "confirm",
    "Doctor": "doctor",
    "ExplainScreen": "explain",
    "Help": "help",
    "LibraryReport": "report",
    "LibraryScreen": "library",
    "SettingsScreen": "settings",
    "Tour": "tour",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def import_all() -> None:
    """Import every screen, for what can only be told of all of them, such as their keys."""
    for module in _MODULES.values():
        import_module(f"{__name__}.{module}")
