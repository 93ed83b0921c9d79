"""Answers that code makes: about the library, where something is written, code as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assistant.library.library import Library
from assistant.protocols import Encoder
from assistant.query.coding import show_code
from assistant.query.gathering import Search, gather
from assistant.query.matching import Grounds
from assistant.query.telling import subject_of, tell_of_library, tell_where
from assistant.types import Answer, Evidence, Retrieval, Scope, Timing

_DEEP = 12  # passages among which files are looked for


def answer_by_rule(
    question: str,
    refused: Answer,
    library: Library,
    encoder: Encoder,
    search: Search,
    scope: Scope,
    *,
    top_k: int,
    is_hopeless: Callable[[Retrieval], bool],
) -> tuple[Retrieval, Answer] | None:
    """What was found and the answer, for the kinds that need no language model.

    ``refused`` is the answer where nothing was found, its ``kind`` that of ``question``. None where
    the question is of another kind, or is for code that the notes do not have.
    """
    if refused.kind == "library":
        text, listed = tell_of_library(question, library, refused.language, search, scope)
        found = listed or Retrieval(question, (), Evidence())
        return found, _made(refused, found, text=text, finish="complete", sources=())
    if refused.kind == "which_file":
        found = search(subject_of(question), _DEEP)
        if is_hopeless(found):
            return found, _made(refused, found)
        text, citations, sources = tell_where(question, found, encoder)
        found = replace(found, sources=sources)
        return found, _made(refused, found, text=text, finish="quoted", citations=citations)
    if refused.kind == "code":
        found = gather(question, "code", search, top_k)
        if is_hopeless(found):
            return None
        text, citations = show_code(question, Grounds(found.sources, encoder))
        if text:
            return found, _made(refused, found, text=text, finish="quoted", citations=citations)
    return None


def _made(refused: Answer, found: Retrieval, **changes: object) -> Answer:
    timing = Timing(retrieval=found.seconds)
    return replace(refused, **{"sources": found.sources, "timing": timing, **changes})  # type: ignore[arg-type]
