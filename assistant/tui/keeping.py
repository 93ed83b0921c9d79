"""What goes on at the library by itself, while any screen is shown and no job is done by hand.

Folders that are watched are kept in step; with none, what an ingestion that was cut off has left
is embedded.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from textual import on, work
from textual.reactive import var

from assistant.display import plain_path
from assistant.errors import LibraryBusy, LibraryUnwritable, ModelError
from assistant.tui.changes import Changes
from assistant.tui.jobs import JobsApp
from assistant.tui.messages import (
    ChangesTakenIn,
    EmbeddingBrokeOff,
    LibraryChanged,
    LibraryCounted,
    RootOutOfStep,
    WatchingBegan,
    WatchingEnded,
    WorkFailed,
)
from assistant.tui.strings import S
from assistant.tui.wording import changes_summary, error_text
from assistant.tui.work import as_error

if TYPE_CHECKING:
    from assistant.types import WatchEvent

_AGAIN_SECONDS = 60.0  # until embedding is tried once more beside another process


class KeepingApp(JobsApp):
    """Watches folders, or embeds what waits; ``watched`` are those kept in step right now."""

    watched: var[tuple[Path, ...]] = var(())

    def __init__(self) -> None:
        super().__init__()
        self._stop_keeping: Event | None = None
        self._opened = False
        self._embeds = True
        self._was_put_off = False

    def on_unmount(self) -> None:
        self.stand_back()

    def stand_back(self) -> bool:
        """Have watching and embedding end; False when nothing goes on."""
        if self._stop_keeping is None:
            return False
        self._stop_keeping.set()
        return True

    def go_on(self, *, embeds: bool | None) -> None:
        """Begin anew; without embedding after an ingestion that was stopped or broke off."""
        if embeds is not None:
            self._embeds = embeds
        self._resume()

    @on(LibraryCounted)
    def _begin_keeping(self) -> None:
        # Only now: before the first paint no library is opened.
        if not self._opened:
            self._opened = True
            self._resume()

    def _resume(self) -> None:
        if self._busy or self._stop_keeping is not None or not self.is_running:
            return
        self._stop_keeping = Event()
        self._keep(self._stop_keeping, self._embeds)

    @work(thread=True, exit_on_error=False, group="watch")
    def _keep(self, stop: Event, embeds: bool) -> None:
        try:
            if any(root.watched for root in self.keeper.roots()):
                self._follow(self.keeper.watch(stop=stop), Changes())
            elif embeds:
                self._embed(stop)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WatchingEnded(as_error(error)))
        else:
            self.post_message(WatchingEnded())

    def _follow(self, events: Iterable[WatchEvent], gathered: Changes) -> None:
        for event in events:
            for fact in gathered.take(event):
                self.post_message(fact)

    @on(WatchingEnded)
    def _take_end_of_keeping(self, event: WatchingEnded) -> None:
        meant = self._stop_keeping is not None and self._stop_keeping.is_set()
        self._stop_keeping = None
        self.watched = ()
        self._hide_bar()
        if event.error is not None:
            self.notify(
                error_text(event.error),
                title=S.watch_ended,
                severity="error",
                markup=False,
                timeout=12,
            )
        if self._waiting:
            self._waiting.popleft()()
        elif meant:
            self._resume()

    def _hide_bar(self) -> None:
        if self.tally is not None and self.tally.kind != "adding":
            self.tally = None

    # ------------------------------------------------------------------ embedding what waits

    def _embed(self, stop: Event) -> None:
        """Embed what waits; in the worker."""
        try:
            status = self.keeper.status()
            if status.embedded < status.nodes:
                self._follow(self.keeper.embed_waiting(stop=stop), Changes(embeds=True))
        except Exception as error:  # noqa: BLE001 - told as a notice, where it is worth one
            self.post_message(EmbeddingBrokeOff(as_error(error)))

    @on(EmbeddingBrokeOff)
    def _take_break(self, event: EmbeddingBrokeOff) -> None:
        if isinstance(event.error, LibraryBusy) and not self._was_put_off:
            self._was_put_off = True
            self.set_timer(_AGAIN_SECONDS, self._resume)
            return
        self._embeds = False
        # Nobody asked for it: what cannot be written stays as it is, and that there is no model
        # says the status line.
        if not isinstance(event.error, LibraryBusy | LibraryUnwritable | ModelError):
            self.post_message(WorkFailed(event.error))

    def stop_embedding(self) -> None:
        """Leave what waits until notes are added or synced, or until the next start."""
        self._embeds = False
        self.stand_back()

    # ------------------------------------------------------------------ watching

    @work(thread=True, exit_on_error=False, group="switch")
    def set_watched(self, root: Path, watched: bool) -> None:
        """Keep ``root`` in step from now on, or no longer."""
        try:
            self.keeper.set_watched(root, watched)
        except Exception as error:  # noqa: BLE001 - told as a notice
            self.post_message(WorkFailed(as_error(error)))
        else:
            text = S.watch_on if watched else S.watch_off
            name = plain_path(root, root.parent)
            self.post_message(LibraryChanged(text.format(name=name), roots=True))

    @on(LibraryChanged)
    def _take_change(self, event: LibraryChanged) -> None:
        self.notify(event.notice, markup=False)
        self.library_changed()
        if event.roots and not self.stand_back():  # its end begins it anew
            self._resume()

    @on(WatchingBegan)
    def _take_beginning(self, event: WatchingBegan) -> None:
        self.watched = event.roots

    @on(ChangesTakenIn)
    def _tell_changes(self, event: ChangesTakenIn) -> None:
        self._hide_bar()
        # What is still wrong was told before.
        news = tuple(each for each in event.failed if self._told.get(each.path) != each.reason)
        self._told.update((failure.path, failure.reason) for failure in news)
        for path in event.updated:
            self._told.pop(path, None)
        hint = not self.library_is_shown
        if summary := changes_summary(event.updated, event.removed, news, hint=hint):
            self.notify(summary, markup=False, severity="warning" if news else "information")
        if event.updated or event.removed or event.embedded or news:
            self.library_changed()

    @on(RootOutOfStep)
    def _tell_out_of_step(self, event: RootOutOfStep) -> None:
        self._hide_bar()
        title = S.watch_failed.format(name=plain_path(event.root, event.root.parent))
        text = error_text(event.error)
        self.notify(text, title=title, severity="warning", markup=False, timeout=12)
