"""An engine that finds and says what it is told, and five questions for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from assistant.evaluation.questions import Question, Target
from assistant.types import (
    Answer,
    Answered,
    Citation,
    Evidence,
    Language,
    Place,
    QueryEvent,
    Retrieval,
    Retrieved,
    Source,
    Timing,
    Token,
)

PADDING = "GPT는 생성할 때 왼쪽에 패딩한다."
RANK = "The LoRA rank was raised to 16 and alpha to 32."
TRAP = "The LoRA rank is 8 in last year's notes."


def passage(n: int, path: str, text: str) -> Source:
    return Source(n, n, Path(path), Place(headings=("H",)), "", text, 1.0 / n)


def reply(
    question: str,
    text: str,
    language: Language,
    sources: Sequence[Source] = (),
    cited: Sequence[Source] = (),
    *,
    refused: bool = False,
) -> Answer:
    return Answer(
        question,
        text,
        language,
        "refused" if refused else "complete",
        citations=tuple(
            Citation(s.n, s.path, s.place, s.text, 0, len(s.text), 0, len(text), 1.0) for s in cited
        ),
        sources=tuple(sources),
        timing=Timing(first_token=0.5, total=2.0),
    )


class Engine:
    """Answers from a script and counts what it was asked."""

    def __init__(self, script: dict[str, tuple[list[Source], Answer | Exception]]) -> None:
        self.script = script
        self.asked: list[str] = []
        self.depths: set[int | None] = set()

    def retrieve(self, question: str, *, top_k: int | None = None) -> Retrieval:
        self.depths.add(top_k)
        return Retrieval(question, tuple(self.script[question][0]), Evidence())

    def is_hopeless(self, found: Retrieval) -> bool:
        answer = self.script[found.query][1]
        return isinstance(answer, Answer) and answer.refused

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, Answer]] = (),
        top_k: int | None = None,
        stop: Event | None = None,
    ) -> Iterator[QueryEvent]:
        assert not history
        self.asked.append(question)
        yield Retrieved(self.retrieve(question))
        answer = self.script[question][1]
        if isinstance(answer, Exception):
            raise answer
        yield Token(answer.text)
        yield Answered(answer)


KO = Question(
    "ko",
    "ko",
    "패딩은 어디에?",
    True,
    False,
    (Target(Path("/a.md"), PADDING),),
    (("왼쪽", "left"),),
)
EN = Question(
    "en",
    "en",
    "Which rank and alpha?",
    True,
    False,
    (Target(Path("/b.md"), RANK),),
    (("16",), ("32",)),
)
CROSS = Question(
    "x", "ko", "랭크와 알파는?", True, True, (Target(Path("/b.md"), RANK),), (("16",), ("32",))
)
SILENT = Question("none", "en", "Who won the cup?", False)
SILENT_KO = Question("none-ko", "ko", "우승자는?", False)
QUESTIONS = (KO, EN, CROSS, SILENT, SILENT_KO)


def script() -> dict[str, tuple[list[Source], Answer | Exception]]:
    """All right but for: the trap ranked first for EN and cited too, SILENT answered."""
    padding = passage(1, "/a.md", PADDING)
    trap, rank = passage(1, "/old.md", TRAP), passage(2, "/b.md", RANK)
    first = passage(1, "/b.md", RANK)
    return {
        KO.text: ([padding], reply(KO.text, "왼쪽에 붙입니다 [1].", "ko", [padding], [padding])),
        EN.text: (
            [trap, rank],
            reply(EN.text, "Rank 16, alpha 32 [1][2].", "en", [trap, rank], [trap, rank]),
        ),
        CROSS.text: ([first], reply(CROSS.text, "16과 32입니다 [1].", "ko", [first], [first])),
        SILENT.text: ([trap], reply(SILENT.text, "Team 9 won [1].", "en", [trap], [trap])),
        SILENT_KO.text: ([trap], reply(SILENT_KO.text, "노트에 없습니다.", "ko", refused=True)),
    }
