"""What an empty page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from assistant.tui.strings import S, counted
from assistant.tui.wording import error_text

if TYPE_CHECKING:
    from assistant.errors import AssistantError
    from assistant.tui.messages import ModelFailed, ModelReady, ModelTask
    from assistant.types import LibraryStatus


class Welcome(Static):
    """What an empty page says: what to do next."""

    DEFAULT_CSS = """
    Welcome {
        width: 1fr;
        height: auto;
        padding: 0 4;
        text-align: center;
        color: $text-muted;
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._status: LibraryStatus | None = None
        self._problems: dict[ModelTask, AssistantError] = {}
        self._leaves_machine = False

    def tell(
        self,
        *,
        status: LibraryStatus | None = None,
        failed: ModelFailed | None = None,
        ready: ModelReady | None = None,
        leaves_machine: bool | None = None,
    ) -> None:
        """Greet with what the library holds, and with a model that is missing."""
        self._status = status or self._status
        if failed is not None:
            self._problems[failed.task] = failed.error
        if ready is not None:
            self._problems.pop(ready.task, None)
        if leaves_machine is not None:
            self._leaves_machine = leaves_machine
        self.update(self._content())

    def on_mount(self) -> None:
        self.update(self._content())

    def _content(self) -> Content:
        title = (S.greeting, "bold $foreground")
        lines: list[Content | str | tuple[str, str]]
        if self._status is not None and not self._status.documents:
            body = S.empty_body_away if self._leaves_machine else S.empty_body
            lines = [(S.empty_title, "bold $foreground"), "\n\n", (body, "$foreground")]
            lines += ["\n", S.empty_other]
        elif self._status is not None:
            ready = counted(S.greeting_ready, self._status.documents)
            lines = [title, "\n\n", ready, "\n\n", S.greeting_tips]
        else:
            lines = [title, "\n\n", S.greeting_tips]
        for problem in self._problems.values():
            lines += ["\n\n", (error_text(problem), "$text-error")]
        return Content.assemble(*lines)
