"""Answers with their citations, and the events they arrive in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from assistant.types.documents import Language, Place
from assistant.types.retrieval import Retrieval, Source

Role: TypeAlias = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat as the language model sees it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Citation:
    """One [n] of an answer and the sentence of the source that carries it.

    ``text`` is the sentence verbatim; ``start`` and ``end`` are its character offsets in the
    source's text; ``claim_start`` and ``claim_end`` those of the supported sentence in the answer.
    ``support`` is the measured overlap of the claim with that sentence, from 0 to 1.
    """

    n: int
    path: Path
    place: Place
    text: str
    start: int
    end: int
    claim_start: int
    claim_end: int
    support: float


Support: TypeAlias = Literal["supported", "partial", "unsupported"]

FaultKind: TypeAlias = Literal["number", "date", "name", "code", "negation"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a claim says and the notes do not: ``text`` as the claim has it.

    ``text`` is empty where the sentence that a claim rests on says the opposite of it.
    """

    kind: FaultKind
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer and what bears it out; ``start`` and ``end`` are offsets in its text.

    ``score`` runs from 0 to 1. ``n`` and ``source_start`` to ``source_end``, offsets in the text of
    that source, are the sentence that comes nearest; ``n`` is 0 where nothing does.
    """

    start: int
    end: int
    support: Support
    score: float
    n: int = 0
    source_start: int = 0
    source_end: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall time in seconds and token counts of one answer."""

    retrieval: float = 0.0
    first_token: float | None = None
    total: float = 0.0
    prompt_tokens: int = 0
    answer_tokens: int = 0

    @property
    def tokens_per_second(self) -> float | None:
        """Decoding rate after the first token; None when there was nothing to measure."""
        if self.first_token is None or self.answer_tokens < 2:
            return None
        decoding = self.total - self.first_token
        return (self.answer_tokens - 1) / decoding if decoding > 0 else None


QuestionKind: TypeAlias = Literal[
    "plain",
    "definition",
    "comparison",
    "list",
    "how_to",
    "code",
    "yes_no",
    "which_file",
    "library",
    "summary",
]
"""What a question wants, as far as its wording tells; ``plain`` where it does not."""


@dataclass(frozen=True, slots=True)
class Omitted:
    """Something that did not fit the prompt: a passage, the end of one, or the turn before.

    ``path`` and ``place`` are those of the passage, empty for the turn.
    """

    what: Literal["passage", "end of passage", "conversation"]
    path: Path = Path()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class ContextUse:
    """Tokens of a prompt by part, as the model's own tokenizer counts them.

    ``system`` has the instructions and the frame of the chat; ``budget`` is the most that the
    prompt may have, ``answer`` the most that the answer may add.
    """

    system: int = 0
    conversation: int = 0
    sources: int = 0
    question: int = 0
    budget: int = 0
    answer: int = 0

    @property
    def prompt(self) -> int:
        return self.system + self.conversation + self.sources + self.question


Rating: TypeAlias = Literal["", "good", "bad"]

Finish: TypeAlias = Literal["complete", "length", "stopped", "refused", "quoted"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk said, with all it rests on.

    ``finish`` is ``refused`` when the notes hold no answer (``text`` then says so and
    ``sources`` are the nearest passages), ``stopped`` when the user stopped it, ``length``
    when the token limit cut it, ``quoted`` when no model wrote it and it is sentences of the notes,
    word for word. ``left_out`` counts sources that did not fit the budget, ``omitted`` names all
    that did not. ``standalone`` is the question as the conversation makes it, empty where it stands
    alone. ``model`` is empty where no model wrote. ``claims`` are the sentences that were held
    against the sources, in order; ``in_language`` is False where the model twice did not answer in
    ``language``. ``rating`` is what the reader thought of it.
    """

    question: str
    text: str
    language: Language
    finish: Finish
    citations: tuple[Citation, ...] = ()
    sources: tuple[Source, ...] = ()
    left_out: int = 0
    model: str = ""
    timing: Timing = field(default_factory=Timing)
    standalone: str = ""
    kind: QuestionKind = "plain"
    omitted: tuple[Omitted, ...] = ()
    context: ContextUse = field(default_factory=ContextUse)
    claims: tuple[Claim, ...] = ()
    in_language: bool = True
    rating: Rating = ""

    @property
    def refused(self) -> bool:
        return self.finish == "refused"

    def count(self, support: Support) -> int:
        """How many of the claims have this support."""
        return sum(claim.support == support for claim in self.claims)

    def marked(self, *, partial: str, unsupported: str) -> str:
        """``text`` with a mark behind each sentence that the sources do not bear out wholly.

        A mark stands behind the sentence's [n], and beneath a code block.
        """
        marks = {"partial": partial, "unsupported": unsupported}
        pieces: list[str] = []
        position = 0
        for claim in self.claims:
            mark = marks.get(claim.support)
            if not mark or claim.end < position:
                continue
            end = claim.end
            if claim.n and self.text.startswith(f" [{claim.n}]", end):
                end += len(f" [{claim.n}]")
            is_code = self.text.startswith(("```", "~~~"), claim.start)
            pieces += [self.text[position:end], "\n\n" if is_code else " ", mark]
            position = end
        return "".join(pieces) + self.text[position:]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The evidence is known; it is shown before the first token.

    ``standalone`` is the question that was searched for, where that is not the one asked.
    """

    retrieval: Retrieval
    standalone: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The sentences nearest to the question, to be read until a model begins to write."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Thinking:
    """A reasoning model thinks before it answers; of that nothing is shown or kept."""


@dataclass(frozen=True, slots=True)
class Summarising:
    """A summary is under way: ``part`` is being read, ``done`` of ``total`` steps are over."""

    done: int
    total: int
    part: str


@dataclass(frozen=True, slots=True)
class Token:
    """Some more of the answer, as plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is final; its text replaces what was streamed."""

    answer: Answer


QueryEvent: TypeAlias = Retrieved | Thinking | Quoted | Summarising | Token | Answered
