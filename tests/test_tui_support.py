"""What the interface shows of an answer that the notes do not wholly bear out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any

from assistant.tui.marks import PARTIAL, UNSUPPORTED, without_marks
from assistant.tui.strings import S
from assistant.tui.widgets.answer import AnswerText
from assistant.tui.wording import answer_facts
from assistant.types import (
    Answered,
    Claim,
    Evidence,
    Fault,
    QueryEvent,
    Quoted,
    Retrieval,
    Retrieved,
    Token,
)
from tests.test_tui_chat import WIDE, ask
from tests.tui_desk import (
    ANSWER,
    ATTENTION,
    SOURCES,
    USED,
    ScriptedDesk,
    app_of,
    citation,
    screen_text,
    wait_until,
)

TEXT = "내적을 나눕니다. [1]\n\n분산이 커집니다. [1]\n\n값은 ~~64~~입니다."
CLAIMS = (
    Claim(0, 9, "supported", 0.9, 1),
    Claim(15, 24, "partial", 0.4, 1),
    Claim(30, 43, "unsupported", 0.0, 1, faults=(Fault("number", "64[bold]"),)),
)
DOUBTED = replace(ANSWER, text=TEXT, claims=CLAIMS, in_language=False)


async def test_marks_stand_behind_what_is_not_borne_out() -> None:
    app = app_of(ScriptedDesk(DOUBTED))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "질문")
        await wait_until(pilot, lambda: "[?]" in screen_text(app))
        shown = " ".join(screen_text(app).split())
        assert "커집니다. [1] [~]" in shown
        assert "~~64~~입니다. [?]" in shown
        assert "64[bold]" in shown
        assert app.chat.conversation.turns[0].text.endswith("~~64~~입니다. [?]")


def test_the_line_beneath_explains_the_marks_and_the_language() -> None:
    facts = answer_facts(DOUBTED)
    assert S.borne_out.format(done=1, all=3) in facts
    assert S.in_part in facts
    assert S.other_tongue in facts
    assert "[" not in answer_facts(replace(DOUBTED, claims=CLAIMS[:1], in_language=True))


def test_a_model_cannot_write_marks() -> None:
    forged = f"하나 {PARTIAL} 둘 {UNSUPPORTED}"
    clean = without_marks(forged)
    assert len(clean) == len(forged)
    assert PARTIAL not in clean
    assert UNSUPPORTED not in clean


def test_marks_are_no_links() -> None:
    inline = AnswerText()._parser_factory().parseInline(f"끝 {UNSUPPORTED} 앞 {PARTIAL}")
    kinds = [child.type for token in inline for child in token.children or ()]
    assert "strong_open" in kinds
    assert "s_open" in kinds
    assert "link_open" not in kinds


class QuotingDesk(ScriptedDesk):
    """Quotes the notes, and writes nothing until ``writes`` is set, nor ends until ``ends`` is."""

    def __init__(self) -> None:
        super().__init__()
        self.writes, self.ends = Event(), Event()

    def ask(self, question: str, **_: Any) -> Iterator[QueryEvent]:
        yield Retrieved(Retrieval(question, SOURCES, Evidence()))
        yield Quoted((citation(ATTENTION, USED),))
        self.writes.wait(10)
        yield Token("모델이 쓴 답")
        self.ends.wait(10)
        yield Answered(replace(ANSWER, question=question))


async def test_the_notes_are_quoted_until_the_model_begins() -> None:
    desk = QuotingDesk()
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "질문")
        glimpse = app.chat.conversation.turns[0].query_one(".glimpse")
        await wait_until(pilot, lambda: glimpse.display)
        assert "기울기가 사라지지" in " ".join(screen_text(app).split())
        desk.writes.set()
        await wait_until(pilot, lambda: not glimpse.display)
        await wait_until(pilot, lambda: "모델이 쓴 답" in screen_text(app))
        desk.ends.set()
        await wait_until(pilot, lambda: app.chat.conversation.running is None)
        assert not glimpse.display


async def test_the_help_explains_the_marks() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: S.help_screen in screen_text(app))
        await pilot.press("end")  # beneath the keys
        await wait_until(pilot, lambda: "[~]" in screen_text(app) and "[?]" in screen_text(app))
