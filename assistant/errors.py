"""Everything that can go wrong, as one tree.

Each error carries a ``message`` (what happened, naming the file or setting) and a ``hint`` (the
next step). Exceptions of libraries are wrapped where they arise with ``raise … from``; the two
faces, CLI and TUI, print message and hint and need to know no more.
"""

from __future__ import annotations

from typing import Literal


class AssistantError(Exception):
    """The root. ``exit_code`` is what the command line returns for it."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(AssistantError):
    """A setting is unknown, of the wrong kind or out of range."""

    exit_code = 2


class PathNotFound(AssistantError):
    """A file or folder the user named does not exist."""

    exit_code = 2


class QuestionError(AssistantError):
    """A question is empty or longer than the model can take."""

    exit_code = 2


class ReadError(AssistantError):
    """A file cannot be read: corrupt, locked by a password, without permission."""


class EmptyFile(ReadError):
    """A file was read and holds no text."""


class ReaderStopped(ReadError):
    """Reading a file took more time or memory than it may have; its reader was stopped."""


class NotebookError(AssistantError):
    """There is no notebook of that name, or it holds nothing."""

    exit_code = 2


class ExportError(AssistantError):
    """A chat cannot be written to a file."""


class ModelError(AssistantError):
    """Something about a model."""


class ModelMissing(ModelError):
    """No weights for a model are on this machine; the hint says what to install."""


class ModelCorrupt(ModelError):
    """Weights do not have the hash the catalogue demands."""


class ModelLoadError(ModelError):
    """Weights are there and could not be loaded."""


class GenerationError(ModelError):
    """The language model failed while answering."""


class EndpointError(GenerationError):
    """A model on the network cannot be reached, or refuses.

    ``kind`` says what may be done about it without the user: the prompt is ``too-long``, the
    model or path is ``missing``, something of the ``request`` is not understood.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        kind: Literal["", "too-long", "missing", "request"] = "",
    ) -> None:
        super().__init__(message, hint)
        self.kind = kind


class LibraryError(AssistantError):
    """Something about the library's files."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""


class LibraryUnwritable(LibraryError):
    """The library's folder is read-only or its disk is full."""


class LibraryCorrupt(LibraryError):
    """The library's database is not one, or comes from a newer version."""


class FingerprintMismatch(LibraryError):
    """The library was embedded by another model or analysed another way."""


class EmptyLibrary(LibraryError):
    """There is nothing to search yet."""
