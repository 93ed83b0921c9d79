"""Folders, files and notebooks as rows of a table that open and close."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from assistant.tui.messages import EntryActivated, EntryPicked
from assistant.tui.shelves import Entry, Shelves, Sieve
from assistant.tui.strings import S
from assistant.tui.widgets.library_row import Columns, draw_row

Row = Entry | str
"""An entry, or the words of a heading."""
Key = tuple[str, ...]

_OPEN_AT_MOST = 1_000  # rows that a filter opens by itself
_OPEN_AT_FIRST = 3  # folders


def _is_file(node: TreeNode[Row]) -> bool:
    return isinstance(node.data, Entry) and not node.data.is_folder


class LibraryTree(Tree[Row]):
    """Rows are made when their folder is opened; what is open stays so when it is filled anew."""

    DEFAULT_CSS = """
    LibraryTree {
        height: 1fr;
        background: $background;
        padding: 0;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        &:focus { background-tint: $foreground 0%; }
        & > .library--good { color: $text-success; }
        & > .library--partly { color: $text-warning; }
        & > .library--skipped { color: $text-muted; }
        & > .library--failed { color: $text-error; }
        & > .library--muted { color: $text-muted; }
        & > .library--heading { color: $secondary; text-style: bold; }
        & > .library--top { color: $primary; text-style: bold; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"library--{name}"
        for name in ("good", "partly", "skipped", "failed", "muted", "heading", "top")
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "activate", S.open_key, id="library.enter", show=False),
        Binding("right", "unfold", id="library.unfold", show=False),
        Binding("left", "fold", id="library.fold", show=False),
    ]

    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id)
        self.show_root = False
        self.show_guides = False
        self.guide_depth = 2
        self.auto_expand = False
        self._kept: set[Entry] | None = None
        self._opened: set[Key] = set()
        self._sieve = Sieve()

    # ------------------------------------------------------------------ filling

    def show(self, shelves: Shelves, sieve: Sieve) -> None:
        """Fill it with what of ``shelves`` passes ``sieve``."""
        here = self._key(self.cursor_node) if self.cursor_node is not None else None
        line, scrolled = self.cursor_line, self.scroll_offset.y
        if not self._sieve:
            self._opened = {
                self._key(node) for node in self._rows(self.root) if node.is_expanded
            } or {("", str(entry.path)) for entry in shelves.roots[:_OPEN_AT_FIRST]}
        entries = (*shelves.roots, *shelves.notebooks)
        self._kept = sieve.shown(entries) if sieve else None
        self.clear()
        for heading, rows in ((S.folders, shelves.roots), (S.notebooks, shelves.notebooks)):
            shown = self._passing(rows)
            if shown:
                self.root.add_leaf(heading, heading)
            for entry in shown:
                self._add(self.root, entry)
        self._open_again(open_all=bool(sieve))
        nodes = {self._key(node): node for node in self._rows(self.root)}
        node = nodes.get(here) if here else None
        if sieve.words and sieve != self._sieve and (node is None or not _is_file(node)):
            # What was typed is the name of a file more often than not.
            node = next(filter(_is_file, nodes.values()), node)
        self._sieve = sieve
        if self.last_line >= 0:
            # What is gone leaves the cursor where it was; at first it is on the first folder.
            self.cursor_line = node.line if node is not None else min(max(1, line), self.last_line)
            self.scroll_to(y=scrolled, animate=False)
            self.call_after_refresh(self._scroll_to_cursor)
        self.post_message(EntryPicked(self.entry))

    def _scroll_to_cursor(self) -> None:
        if self.cursor_line >= 0:
            self.scroll_to_line(self.cursor_line, animate=False)

    @property
    def entry(self) -> Entry | None:
        """What the cursor is on; None on a heading and in an empty tree."""
        node = self.cursor_node
        return node.data if node is not None and isinstance(node.data, Entry) else None

    @property
    def notebook(self) -> Entry | None:
        """The notebook in which the cursor is, but not on it."""
        node = self.cursor_node
        while node is not None and (node := node.parent) is not None:
            if isinstance(node.data, Entry) and node.data.notebook is not None:
                return node.data
        return None

    def _passing(self, entries: Iterable[Entry]) -> list[Entry]:
        return [entry for entry in entries if self._kept is None or entry in self._kept]

    def _add(self, parent: TreeNode[Row], entry: Entry) -> None:
        parent.add("", entry, allow_expand=bool(entry.children))

    def _fill(self, node: TreeNode[Row]) -> None:
        if isinstance(node.data, Entry) and not node.children:
            for entry in self._passing(node.data.children):
                self._add(node, entry)

    def _open_again(self, *, open_all: bool) -> None:
        waiting = list(self.root.children)
        rows = len(waiting)
        while waiting:
            node = waiting.pop(0)
            wanted = open_all or self._key(node) in self._opened
            if node.allow_expand and wanted and (not open_all or rows < _OPEN_AT_MOST):
                self._fill(node)
                node.expand()
                rows += len(node.children)
                waiting.extend(node.children)

    def _rows(self, node: TreeNode[Row]) -> Iterable[TreeNode[Row]]:
        for child in node.children:
            yield child
            yield from self._rows(child)

    def _key(self, node: TreeNode[Row]) -> Key:
        row = node.data
        if not isinstance(row, Entry):
            return (str(row),)
        if row.notebook is not None:
            return ("#", row.notebook.name)
        top = node
        while top.parent is not None and top.parent is not self.root:
            top = top.parent
        within = top.data.notebook if isinstance(top.data, Entry) else None
        return (f"#{within.name}" if within else "", str(row.path))

    # ------------------------------------------------------------------ moving

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Row]) -> None:
        event.stop()
        self._fill(event.node)

    @on(Tree.NodeHighlighted)
    def _highlighted(self, event: Tree.NodeHighlighted[Row]) -> None:
        event.stop()
        self.post_message(EntryPicked(self.entry))

    def action_activate(self) -> None:
        """Open or close a folder; ask for a file to be shown."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand:
            node.toggle()
        elif isinstance(node.data, Entry) and node.data.file is not None:
            self.post_message(EntryActivated(node.data))

    def action_unfold(self) -> None:
        node = self.cursor_node
        if node is not None and node.allow_expand and not node.is_expanded:
            node.expand()
        else:
            self.action_cursor_down()

    def action_fold(self) -> None:
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)

    async def on_click(self, event: Click) -> None:
        """Only turn to a row; a second click opens it."""
        if event.chain == 2 and not event.style.meta.get("toggle"):
            self.action_activate()

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Row]) -> None:
        event.stop()

    # ------------------------------------------------------------------ drawing

    @property
    def columns(self) -> Columns:
        return Columns.within(self.scrollable_content_region.width)

    def get_label_width(self, node: TreeNode[Row]) -> int:
        # Every row is as wide as the view: nothing has to be drawn to know it.
        return 0

    def render_label(self, node: TreeNode[Row], base_style: Style, style: Style) -> Text:
        row = node.data
        if not isinstance(row, Entry):
            return Text(str(row or ""), self._style("heading", style))
        depth = -1
        above: TreeNode[Row] | None = node
        while above is not None and above is not self.root:
            depth, above = depth + 1, above.parent
        icon = ""
        if node.allow_expand:
            icon = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        return draw_row(
            row,
            self.columns,
            icon=icon,
            indent=self.guide_depth * depth,
            style_of=lambda name: self._style(name, style) if name else style,
        )

    def _style(self, name: str, style: Style) -> Style:
        # Of the whole style, for a partial one leaves out what is transparent in a colour.
        own = self.get_component_rich_style(f"library--{name}")
        return style + Style(color=own.color, bold=own.bold)
