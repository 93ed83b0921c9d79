"""Answers that code makes, comparisons, summaries: what is asked of the model, and what is not."""

from __future__ import annotations

from threading import Event

import pytest

from assistant.config import AnswerSettings, RetrievalSettings
from assistant.errors import ModelMissing
from assistant.library.library import Library
from assistant.query.engine import QueryEngine
from assistant.types import (
    Answer,
    Answered,
    Citation,
    Retrieved,
    Scope,
    Summarising,
    Thinking,
    Token,
)
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator
from tests.query_library import LORA, NOTES, QUANTIZATION, fill

CODE = (
    "가중치를 저장하는 코드는 이렇다.\n\n```python\nmodel.save_pretrained('out')\n```\n\n"
    "불러올 때는 다르다."
)


@pytest.fixture
def library(tmp_path):
    library = Library.open(tmp_path / "library")
    fill(library, {**NOTES, "saving.md": ("저장", ("가중치",), CODE)}, BagOfWordsEncoder())
    yield library
    library.close()


def engine(library, generator=None, **answer):
    def load():
        if generator is None:
            raise ModelMissing("there is no model")
        return generator

    return QueryEngine(
        library, BagOfWordsEncoder(), load, RetrievalSettings(), AnswerSettings(**answer)
    )


def ask(library, question, generator=None, **kwargs):
    events = list(engine(library, generator, refusal=0.0).ask(question, **kwargs))
    assert isinstance(events[-1], Answered)
    return events, events[-1].answer


class Untouchable(ScriptedGenerator):
    def stream(self, messages, *, max_tokens, stop):
        raise AssertionError("the model was asked")


def test_the_library_is_counted_by_code(library):
    _, answer = ask(library, "노트가 몇 개야?", Untouchable())
    assert "4개" in answer.text
    assert (answer.kind, answer.model, answer.sources) == ("library", "", ())
    _, answer = ask(library, "How many files do I have?", Untouchable())
    assert "4 files" in answer.text


def test_notes_about_something_and_when_they_came(library):
    _, answer = ask(library, "LoRA에 관한 노트가 있어?", Untouchable())
    assert "lora.md" in answer.text
    _, answer = ask(library, "When did I add lora.md?", Untouchable())
    assert "lora.md" in answer.text
    assert "quantization" not in answer.text
    _, answer = ask(library, "When did I add nothing-such.md?", Untouchable())
    assert "no note of that name" in answer.text


def test_where_something_is_written_is_told_with_the_sentence(library):
    events, answer = ask(library, "기본 랭크는 어느 파일에 나와?", Untouchable())
    assert isinstance(events[0], Retrieved)
    assert answer.text.startswith("**lora.md · LoRA**")
    assert "기본 랭크는 8이다" in answer.text
    cited = answer.citations[0]
    assert answer.text[cited.claim_start : cited.claim_end] == cited.text
    assert [source.n for source in answer.sources] == list(range(1, len(answer.sources) + 1))


def test_code_is_shown_as_it_stands(library):
    _, answer = ask(library, "가중치를 저장하는 코드 보여줘", Untouchable())
    assert "```python\nmodel.save_pretrained('out')\n```" in answer.text
    cited = answer.citations[0]
    assert cited.path.name == "saving.md"
    assert answer.text[cited.claim_start : cited.claim_end] == "가중치를 저장하는 코드는 이렇다."


def test_code_that_the_notes_lack_is_left_to_the_usual_way(library):
    generator = ScriptedGenerator("LoRA의 기본 랭크는 8이다.")
    library.remove_document(next(f.path for f in library.files() if f.path.name == "saving.md"))
    _, answer = ask(library, "LoRA 랭크를 정하는 코드 보여줘", generator)
    assert generator.asked
    assert answer.kind == "code"


def test_a_comparison_has_sources_of_both_sides(library):
    generator = ScriptedGenerator("LoRA는 낮은 랭크의 행렬 두 개만 학습한다.")
    events, _ = ask(library, "LoRA와 Quantization의 차이는?", generator, top_k=1)
    assert {source.text for source in events[0].retrieval.sources} == {LORA, QUANTIZATION}
    assert "각각" in generator.asked[0][-1].content


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("LoRA의 종류를 모두 알려줘", "목록"),
        ("List all the matrices of LoRA", "every item"),
        ("LoRA와 Quantization의 차이는?", "각각"),
        ("LoRA는 행렬을 학습하나요?", "한두 문장"),
    ],
)
def test_the_model_is_told_the_shape_of_the_answer(library, question, told):
    generator = ScriptedGenerator("LoRA는 낮은 랭크의 행렬 두 개만 학습한다.")
    ask(library, question, generator)
    assert told in generator.asked[0][-1].content


# ------------------------------------------------------------------ summaries


def test_a_summary_reads_part_by_part_and_then_all(library):
    every = ["LoRA는 낮은 랭크의 행렬 두 개만 학습한다.", "Quantization stores weights in 4 bits."]
    generator = ScriptedGenerator(*every, "- 둘 다 메모리를 아낀다.")
    paths = tuple(f.path for f in library.files() if f.path.name in ("lora.md", "quantization.md"))
    events, answer = ask(library, "이 노트북 요약해줘", generator, scope=Scope(paths, "둘"))
    steps = [event for event in events if isinstance(event, Summarising)]
    assert [(step.done, step.total) for step in steps] == [(0, 3), (1, 3), (2, 3)]
    assert "lora.md" in steps[0].part
    assert len(generator.asked) == 3
    assert LORA in generator.asked[0][-1].content
    assert QUANTIZATION not in generator.asked[0][-1].content
    whole, first, second = answer.text.replace("\n\n", "\n").split("\n")
    assert whole.startswith("둘 다 메모리를 아낀다.")
    assert first.startswith(f"- {every[0]}")
    assert second.startswith(f"- {every[1]}")
    # Each line is held against the part that it is of.
    of = {c.path.name: answer.text[c.claim_start : c.claim_end] for c in answer.citations}
    assert (of["lora.md"], of["quantization.md"]) == tuple(every)
    assert (answer.kind, answer.finish) == ("summary", "complete")


def test_a_summary_that_is_stopped_keeps_what_came(library):
    stop = Event()
    generator = ScriptedGenerator("LoRA는 낮은 랭크의 행렬 두 개만 학습한다.")
    paths = tuple(sorted(file.path for file in library.files()))
    events = engine(library, generator).ask(
        "이 노트북 요약해줘", scope=Scope(paths, "모두"), stop=stop
    )
    for event in events:
        if isinstance(event, Summarising) and event.done == 1:
            stop.set()
    assert isinstance(event, Answered)
    assert event.answer.finish == "stopped"
    assert event.answer.text.startswith("LoRA는") or event.answer.text.startswith("- LoRA는")
    assert len(generator.asked) <= 2


def test_without_a_model_a_summary_is_sentences_of_the_parts(library):
    _, answer = ask(library, "lora.md 요약해줘")
    assert answer.finish == "quoted"
    assert answer.citations[0].path.name == "lora.md"
    assert answer.citations[0].text in LORA
    quoted = list(engine(library).quote("lora.md 요약해줘"))[-1].answer
    assert quoted.text == answer.text


def test_this_file_is_the_one_cited_before(library):
    source = engine(library).retrieve("LoRA 랭크").sources[0]
    cited = Citation(1, source.path, source.place, "", 0, 0, 0, 0, 1.0)
    before = Answer("LoRA란?", "…", "ko", "complete", citations=(cited,), sources=(source,))
    events, answer = ask(
        library, "그 파일 요약해줘", ScriptedGenerator("요약."), history=[("LoRA란?", before)]
    )
    assert answer.kind == "summary"
    assert {s.path.name for s in events[0].retrieval.sources} == {"lora.md"}


def test_a_summary_of_nothing_known_is_a_question_like_any_other(library):
    generator = ScriptedGenerator("LoRA는 낮은 랭크의 행렬 두 개만 학습한다.")
    events, answer = ask(library, "양자역학을 요약해줘", generator)
    assert not any(isinstance(event, Summarising) for event in events)
    assert answer.model == "scripted"


# ------------------------------------------------------------------ thoughts


@pytest.mark.parametrize(
    "said",
    [
        "<think>답을 모르겠다. 80%일까?</think>LoRA의 기본 랭크는 8이다.",
        "<think>\nHmm.\n</think>\n\nLoRA의 기본 랭크는 8이다.",
    ],
)
def test_thoughts_are_told_of_and_never_part_of_an_answer(library, said):
    events, answer = ask(library, "LoRA의 기본 랭크는 얼마인가요?", ScriptedGenerator(said))
    assert sum(isinstance(event, Thinking) for event in events) == 1
    assert answer.text.startswith("LoRA의 기본 랭크는 8이다.")
    shown = "".join(event.text for event in events if isinstance(event, Token))
    assert shown == "LoRA의 기본 랭크는 8이다."


def test_thoughts_whose_beginning_is_in_the_prompt_are_not_kept(library):
    said = "모르겠다.</think> LoRA의 기본 랭크는 8이다."
    _, answer = ask(library, "LoRA의 기본 랭크는 얼마인가요?", ScriptedGenerator(said))
    assert answer.text.startswith("LoRA의 기본 랭크는 8이다.")


def test_thoughts_without_an_end_are_no_answer(library):
    generator = ScriptedGenerator("<think>LoRA의 기본 랭크는 8이다. " * 3)
    _, answer = ask(library, "LoRA의 기본 랭크는 얼마인가요?", generator)
    assert "랭크는 8이다" not in answer.text
