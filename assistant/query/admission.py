"""What must hold before anything is loaded for a question."""

from __future__ import annotations

from dataclasses import replace

from assistant.display import plain
from assistant.errors import EmptyLibrary, QuestionError
from assistant.library.library import Library
from assistant.types import EVERYTHING, Scope


def admit(question: str, library: Library, scope: Scope = EVERYTHING) -> str:
    """The question as it is asked: NFC, nothing in it that a terminal would obey.

    Raises:
        QuestionError: there is no question.
        EmptyLibrary: there is nothing to search, in ``scope`` or at all.
    """
    question = plain(question).strip()
    if not question:
        raise QuestionError("the question is empty", "type a question about your notes")
    if scope and not library.count_nodes(replace(scope, excluded=())):
        raise EmptyLibrary(
            f"the library holds no notes of {scope.name}", "ingest them, or ask all your notes"
        )
    if scope.excluded and not library.count_nodes(scope):
        raise EmptyLibrary("everything there is was excluded", "exclude less")
    if not library.count_nodes():
        raise EmptyLibrary("the library holds no notes yet", "run `assistant ingest FOLDER`")
    return question
