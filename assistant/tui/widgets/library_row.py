"""A row of the library: a name, and in columns what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from assistant.tui.cells import cut, cut_end, pad
from assistant.tui.moments import short_time
from assistant.tui.shelves import Entry
from assistant.tui.strings import S
from assistant.tui.wording import entry_states, language_name

_NAME = 22  # cells that a name gets before another column does

StyleOf = Callable[[str], Style]
"""The style of a kind of text; that of the row for ""."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of each column; 0 for one there is no room for."""

    name: int
    state: int
    passages: int
    language: int
    when: int

    @classmethod
    def within(cls, width: int) -> Columns:
        """As many columns as fit beside a name that can be read, the most telling first."""
        wanted = (("state", 14), ("passages", 9), ("when", 11), ("language", 6))
        room = width - _NAME
        given = {"state": 2}
        for column, cells in wanted:
            if room < cells:
                break
            given[column] = cells
            room -= cells
        sizes = {column: given.get(column, 0) for column, _ in wanted}
        return cls(name=max(1, width - sum(sizes.values())), **sizes)

    def heading(self) -> str:
        """The names of the columns."""
        parts = [pad(f"  {S.column_name}", self.name)]
        if self.state > 2:
            parts.append(pad(f"  {S.column_state}", self.state))
        elif self.state:
            parts.append(" " * self.state)
        parts.append(_right(S.column_passages, self.passages))
        parts.append(_right(S.column_language, self.language))
        parts.append(_right(S.column_when, self.when))
        return "".join(parts)


def _right(text: str, width: int) -> str:
    shown = cut(text, max(0, width - 1))
    return " " * (width - cell_len(shown)) + shown


def draw_row(entry: Entry, columns: Columns, *, icon: str, indent: int, style_of: StyleOf) -> Text:
    """``entry`` as wide as ``columns``, less ``indent`` cells; ``icon`` opens or closes it."""
    style = style_of("")
    width = max(1, columns.name - indent - 2)
    toggle = Style(meta={"toggle": True}) if icon else Style.null()
    text = Text(pad(icon, 2), style + toggle)
    top = entry.root is not None or entry.notebook is not None
    tail = f" ({entry.files:,})" if entry.is_folder else ""
    if entry.root is not None and entry.root.watched:
        tail += " ◉"
    name = cut(entry.name, max(1, width - len(tail) - 1))
    text.append(name, style_of("top" if top else ""))
    text.append(pad(tail, max(0, width - cell_len(name))), style_of("muted"))
    _append_states(text, entry, columns.state, style_of)
    file = entry.file
    nodes = f"{entry.nodes:,}" if entry.nodes else ""
    text.append(_right(nodes, columns.passages), style)
    language = language_name(file.language) if file is not None else ""
    text.append(_right(language, columns.language), style_of("muted"))
    moment = entry.root.synced_at if entry.root else file.indexed_at if file else ""
    text.append(_right(short_time(moment), columns.when), style_of("muted"))
    return text


def _append_states(text: Text, entry: Entry, width: int, style_of: StyleOf) -> None:
    states = entry_states(entry)
    if width <= 2:
        states = [(state, words[:1]) for state, words in states[:1]]
    used = 0
    for state, words in states:
        shown = cut_end(words, max(0, width - used - 1))
        text.append(shown, style_of(state))
        text.append("  ", style_of(""))
        used += cell_len(shown) + 2
    if used > width:
        text.right_crop(used - width)
    else:
        text.append(" " * (width - used), style_of(""))
