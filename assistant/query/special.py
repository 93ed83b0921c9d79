"""Answers that take a way of their own: by rule, without a model, or part by part.

By rule: about the library, where something is written, code as it stands. Part by part: summaries.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from typing import Any, TypeAlias

from assistant.errors import ModelMissing
from assistant.library.library import Library
from assistant.protocols import Encoder, Generator
from assistant.query.coding import show_code
from assistant.query.followup import Understood
from assistant.query.gathering import gather
from assistant.query.matching import Grounds
from assistant.query.summary import Wanted, parts, summary_events, wanted
from assistant.query.telling import subject_of, tell_of_library, tell_where
from assistant.types import (
    Answer,
    Answered,
    Evidence,
    QueryEvent,
    Retrieval,
    Retrieved,
    Scope,
    Timing,
)

_log = logging.getLogger(__name__)

Search: TypeAlias = Callable[[str, int, Scope], Retrieval]

_DEEP = 12  # passages among which files are looked for
_CHARACTERS_A_TOKEN = 2  # of Korean; English has four: a part is no longer than reckoned


class Special:
    """Answers the kinds of question that do not go by retrieval, prompt and model."""

    def __init__(
        self,
        library: Library,
        encoder: Encoder,
        generator: Callable[[], Generator],
        search: Search,
        is_hopeless: Callable[[Retrieval], bool],
    ) -> None:
        self._library = library
        self._encoder = encoder
        self._generator = generator
        self._search = search
        self._is_hopeless = is_hopeless

    def events(
        self,
        understood: Understood,
        nothing: Answer,
        refused: Answer,
        scope: Scope,
        stop: Event | None,
        *,
        top_k: int,
    ) -> Iterator[QueryEvent] | None:
        """The events of a question of ``nothing.kind``; None where that has no way of its own.

        ``nothing`` and ``refused`` are the answers without text and where nothing is found. Without
        ``stop`` no language model is asked for.
        """
        if nothing.kind == "summary":
            meant = wanted(understood.question, self._library, scope, understood.earlier)
            meant = meant or wanted(understood.standalone, self._library, scope)
            return self._summary(meant, nothing, stop) if meant else None
        made = self._by_rule(understood.standalone, refused, scope, top_k)
        if made is None:
            return None
        found, answer = made
        return iter((Retrieved(found, understood.rewriting), Answered(answer)))

    def _by_rule(
        self, question: str, refused: Answer, scope: Scope, top_k: int
    ) -> tuple[Retrieval, Answer] | None:
        """What was found and the answer; None for another kind, and for code the notes lack."""

        def search(query: str, most: int) -> Retrieval:
            return self._search(query, most, scope)

        if refused.kind == "library":
            text, listed = tell_of_library(question, self._library, refused.language, search, scope)
            found = listed or Retrieval(question, (), Evidence())
            return found, _made(refused, found, text=text, finish="complete", sources=())
        if refused.kind == "which_file":
            found = search(subject_of(question), _DEEP)
            # Judged by the whole question: a few words alone are like something or other.
            if self._is_hopeless(search(question, top_k)):
                return found, _made(refused, found)
            text, citations, sources = tell_where(question, found, self._encoder)
            found = replace(found, sources=sources)
            return found, _made(refused, found, text=text, finish="quoted", citations=citations)
        if refused.kind == "code":
            found = gather(question, "code", search, top_k)
            if self._is_hopeless(found):
                return None
            text, citations = show_code(question, Grounds(found.sources, self._encoder))
            if text:
                answer = _made(refused, found, text=text, finish="quoted", citations=citations)
                return found, answer
        return None

    def _summary(self, meant: Wanted, nothing: Answer, stop: Event | None) -> Iterator[QueryEvent]:
        started = time.perf_counter()
        sources = parts(meant, lambda text: len(text) // _CHARACTERS_A_TOKEN)
        seconds = time.perf_counter() - started
        yield Retrieved(Retrieval(meant.name, sources, Evidence(), seconds), nothing.standalone)
        blank = replace(nothing, sources=sources, timing=Timing(retrieval=seconds))
        generator = None
        if stop is not None:
            try:
                generator = self._generator()
            except ModelMissing as error:
                _log.info("quoting, as there is no language model: %s", error.message)
        yield from summary_events(sources, blank, generator, self._encoder, stop or Event())


def _made(refused: Answer, found: Retrieval, **changes: Any) -> Answer:
    timing = Timing(retrieval=found.seconds)
    return replace(refused, **{"sources": found.sources, "timing": timing, **changes})
