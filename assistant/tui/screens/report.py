"""What the library holds, and which files have a problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.display import plain, plain_path, size
from assistant.tui.cells import MUTED
from assistant.tui.messages import LibraryCounted, WorkFailed
from assistant.tui.screens.dialog import Dialog
from assistant.tui.strings import S, counted
from assistant.tui.work import as_error
from assistant.types import FileStatus, LibraryStatus


class LibraryReport(Dialog[None]):
    """What the library holds; read in a worker, for it is on disk."""

    heading = S.library

    def __init__(self, status: Callable[[], LibraryStatus]) -> None:
        super().__init__()
        self._read = status

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="fits"):
            yield Static("…", markup=False)

    def on_mount(self) -> None:
        self._load()

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _load(self) -> None:
        fact: Message
        try:
            fact = LibraryCounted(self._read())
        except Exception as error:  # noqa: BLE001 - a report that fails is a notice
            fact = WorkFailed(as_error(error))
        self.post_message(fact)

    @on(LibraryCounted)
    def _show(self, event: LibraryCounted) -> None:
        status = event.status
        embedded = f"{status.embedded:,}/{status.nodes:,}"
        lines = [
            (S.library_folder, plain_path(status.folder)),
            (S.library_files, counted(S.documents, status.documents)),
            ("", S.passages.rpartition("|")[2].format(count=embedded)),
            (S.library_index, plain(S.said(status.index_type)) or "–"),
            (S.library_model, plain(status.embedding_model) or "–"),
            (S.library_size, size(status.size)),
            (S.chats, f"{status.chats:,}"),
        ]
        label = max(Content(name).cell_length for name, _ in lines) + 2
        content = Content("\n").join(
            Content.assemble((name + " " * (label - Content(name).cell_length), MUTED), value)
            for name, value in lines
        )
        if status.failed:
            content = Content.assemble(
                content, f"\n\n{S.library_problems}\n", problem_lines(status.failed)
            )
        self.query_one("VerticalScroll > Static", Static).update(content)


def problem_lines(problems: Sequence[FileStatus]) -> Content:
    """Each file, and beneath it the reason and the next step."""
    return Content("\n").join(
        Content.assemble(
            (plain_path(problem.path), "bold"),
            (f"\n  {plain(S.said(problem.reason))}", "$text-error"),
            (f"\n  → {plain(S.said(problem.hint))}" if problem.hint else "", MUTED),
        )
        for problem in problems
    )
