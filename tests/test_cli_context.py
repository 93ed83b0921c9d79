"""Lines and JSON about what a question was asked as and what its prompt held."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.cli import context, render, shapes
from assistant.types import Answer, ContextUse, Omitted, Place, Summarising

ANSWER = Answer(
    "그건 왜?",
    "네.",
    "ko",
    "complete",
    left_out=1,
    standalone="LoRA는 왜\x1b[31m?",
    kind="list",
    omitted=(
        Omitted("conversation"),
        Omitted("passage", Path("/n/b.md"), Place(page=3)),
        Omitted("end of passage", Path("/n/a.md")),
    ),
    context=ContextUse(40, 10, 700, 72, budget=2048, answer=320),
)


def test_what_did_not_fit_is_named_on_one_line():
    told = context.omitted(ANSWER)
    assert told == (
        "did not fit the prompt: the question before; /n/b.md · p. 3; the end of /n/a.md"
    )
    assert context.omitted(Answer("q", "a", "ko", "complete")) == ""
    assert "1 more passage" in context.omitted(Answer("q", "a", "ko", "complete", left_out=1))


def test_the_prompt_is_told_by_part():
    told = context.use(ANSWER.context)
    assert "prompt 822 of 2,048 tokens" in told
    assert "sources 700" in told
    assert context.use(ContextUse()) == ""


def test_json_has_it_all():
    shape = json.loads(shapes.dump(shapes.ask(ANSWER)))
    assert shape["context"]["prompt"] == 822
    assert shape["omitted"][1] == {"what": "passage", "path": "/n/b.md", "place": "p. 3"}
    assert (shape["kind"], shape["left_out"]) == ("list", 1)
    assert shape["standalone"] == ANSWER.standalone


def test_the_standalone_question_is_shown_as_plain_text():
    assert context.standalone(ANSWER.standalone) == "→ LoRA는 왜[31m?"
    assert context.standalone("") == ""
    assert "→ LoRA는 왜[31m?" in render.answer_text(ANSWER)


def test_steps_of_a_summary():
    assert context.progress(Summarising(0, 3, "a.md")) == "summarising 1 of 3: a.md"
    assert context.progress(Summarising(2, 3, "")) == "summarising 3 of 3: putting it together"
