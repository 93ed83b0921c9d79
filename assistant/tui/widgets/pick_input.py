"""A field to type in, and a list beneath it to choose from."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList


class PickInput(Input):
    """An input from which the arrow keys reach the list of the same screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, id="pick.down"),
        Binding("up", "move(-1)", show=False, id="pick.up"),
    ]

    def action_move(self, by: int) -> None:
        listing = self.screen.query_one(OptionList)
        if by > 0:
            listing.action_cursor_down()
        else:
            listing.action_cursor_up()
