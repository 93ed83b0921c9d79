"""All that is known of one file, folder or notebook."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from assistant.display import plain, plain_path, size
from assistant.tui.cells import MUTED
from assistant.tui.moments import local_time
from assistant.tui.shelves import Entry, Shelves
from assistant.tui.strings import S, counted
from assistant.tui.wording import entry_states, language_name, spans
from assistant.types import FileStatus, Root

_STYLES = {
    "good": "$text-success",
    "partly": "$text-warning",
    "skipped": MUTED,
    "failed": "$text-error",
}


class EntryDetail(VerticalScroll):
    """Beside the tree, or below it on a narrow terminal."""

    DEFAULT_CSS = """
    EntryDetail {
        width: 38%;
        min-width: 34;
        max-width: 72;
        height: 1fr;
        padding: 1 2;
        border-left: solid $border-blurred;
        scrollbar-size-vertical: 1;
        &:focus { background-tint: $foreground 2%; }
        &.-below {
            width: 1fr;
            max-width: 100%;
            height: 8;
            padding: 0 2;
            border-left: none;
            border-top: solid $border-blurred;
        }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def show(self, entry: Entry | None, shelves: Shelves) -> None:
        """Tell about ``entry``, or about the library when it is None."""
        told = describe(entry, shelves) if entry is not None else _library(shelves)
        self.query_one(Static).update(told)
        self.scroll_home(animate=False)


def describe(entry: Entry, shelves: Shelves) -> Content:
    """Name and state; the reason when something is wrong; then field by field."""
    path = entry.path
    parts: list[Content | str | tuple[str, str]] = [(entry.name, "bold"), "\n"]
    if entry.notebook is None and entry.root is None:
        parts = [(plain_path(path, path.parent), "bold"), f"\n{plain_path(path)}\n"]
    for state, words in entry_states(entry):
        parts += [(words, _STYLES[state]), "  "]
    parts.append("\n")
    if entry.file is not None and entry.file.state != "indexed":
        parts += _trouble(entry.file)
    fields: list[tuple[str, str]] = []
    if entry.file is not None:
        fields += _file_fields(entry.file)
    if entry.is_folder:
        fields.append((S.field_files, f"{entry.files:,}"))
        fields.append((S.field_passages, f"{entry.nodes:,}"))
    if entry.root is not None:
        fields += _root_fields(entry.root)
    if entry.notebook is None:
        named = [f"#{plain(notebook.name)}" for notebook in shelves.notebooks_with(entry.path)]
        fields.append((S.field_notebooks, ", ".join(named) or "–"))
    return Content.assemble(*parts, "\n", table(fields))


def _trouble(file: FileStatus) -> list[Content | str | tuple[str, str]]:
    lines: list[Content | str | tuple[str, str]] = []
    if file.reason:
        lines += [(plain(S.said(file.reason)), _STYLES[file.state]), "\n"]
    if file.hint:
        lines += [f"→ {plain(S.said(file.hint))}", "\n"]
    if file.nodes:
        lines += [(S.old_text, MUTED), "\n"]
    return lines


def _file_fields(file: FileStatus) -> list[tuple[str, str]]:
    pages = f"{file.pages:,}" if file.pages else ""
    if file.unread:
        pages = f"{pages} · {S.without_text.format(pages=spans(file.unread))}".lstrip(" ·")
    fields = [
        (S.field_title, plain(file.title)),
        (S.field_format, plain(file.format)),
        (S.field_pages, pages),
        (S.field_passages, f"{file.nodes:,}" if file.nodes else ""),
        (S.field_language, language_name(file.language)),
        (S.field_size, size(file.size) if file.size else ""),
        (S.field_updated, local_time(file.indexed_at) if file.indexed_at else ""),
    ]
    return [(name, value) for name, value in fields if value]


def _root_fields(root: Root) -> list[tuple[str, str]]:
    fields = [
        (S.field_synced, local_time(root.synced_at) if root.synced_at else S.never),
        (S.field_watching, S.on if root.watched else S.off),
        (S.field_include, plain(", ".join(root.include))),
        (S.field_exclude, plain(", ".join(root.exclude))),
    ]
    return [(name, value) for name, value in fields if value]


def _library(shelves: Shelves) -> Content:
    status = shelves.status
    fields = [(S.library_folder, plain_path(status.folder))]
    if status.nodes:
        share = S.embedded.format(share=100 * status.embedded // status.nodes)
        fields += [
            (S.library_files, counted(S.documents, status.documents)),
            (S.field_passages, f"{status.nodes:,} · {share}"),
            (S.library_index, plain(status.index_type) or "–"),
            (S.library_model, plain(status.embedding_model) or "–"),
            (S.library_size, size(status.size)),
        ]
    return table(fields)


def table(fields: list[tuple[str, str]]) -> Content:
    """Names in one column, values in another."""
    label = max((Content(name).cell_length for name, _ in fields), default=0) + 2
    return Content("\n").join(
        Content.assemble((name + " " * (label - Content(name).cell_length), MUTED), value)
        for name, value in fields
    )
