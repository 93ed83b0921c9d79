"""Short forms that the model takes out of its own answer: guarded, kept, and by rule without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import GenerationError, ModelMissing
from assistant.evaluation.extracting import Shortener, asked, nested, span
from assistant.evaluation.journal import Journal
from assistant.protocols import Generator
from tests.evaluation_script import EN, KO, reply
from tests.fakes import ScriptedGenerator

MOTE = replace(EN, text="What did it represent?", answers=("degrees of privilege",))
TURNED = reply(MOTE.text, "It was degrees of privilege rather than wealth and power. [1]", "en")


def journal(folder: Path) -> Journal:
    return Journal({"set": "one"}, cache=folder)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Degrees of privilege.", "degrees of privilege"),
        ('"degrees  of\tprivilege"\nbecause', "degrees of privilege"),
        ("grades of privilege", ""),
        ("", ""),
        ("...", ""),
    ],
)
def test_only_what_stands_in_the_answer_counts(said: str, found: str) -> None:
    assert span(said, TURNED.text) == found


def test_the_form_by_rule_is_taken_where_it_lies_within() -> None:
    assert nested("이명박 대통령과 강만수 장관", "이명박 대통령") == "이명박 대통령"
    assert nested("525 라인", "시스템") == "525 라인"
    assert nested("", "시스템") == ""


def test_the_model_chooses_once_and_is_not_asked_again(tmp_path: Path) -> None:
    generator = ScriptedGenerator("degrees of privilege")
    shortener = Shortener(lambda: generator, journal(tmp_path))
    assert shortener.shorten(MOTE, TURNED) == ("degrees of privilege", True)
    told = generator.asked[0][-1].content
    assert MOTE.text in told
    assert "[1]" not in told

    def gone() -> Generator:
        raise AssertionError("it is kept")

    again = Shortener(gone, journal(tmp_path))
    assert again.shorten(MOTE, TURNED) == ("degrees of privilege", True)
    # Another answer is another prompt.
    other = replace(TURNED, text="It was wealth.")
    assert Shortener(None, journal(tmp_path)).shorten(MOTE, other) == ("wealth", False)


def test_rules_where_the_model_gives_nothing_that_counts(tmp_path: Path) -> None:
    by_rule = Shortener(None, journal(tmp_path)).shorten(MOTE, TURNED)
    assert not by_rule[1]
    failing = ScriptedGenerator("", error=GenerationError("out of memory", "close programs"))
    # Cut off by the limit it may be the beginning of anything.
    endless = ScriptedGenerator("degrees " * 40)
    for generator in (ScriptedGenerator("grades"), failing, endless):
        kept = journal(tmp_path / str(id(generator)))
        assert Shortener(lambda g=generator: g, kept).shorten(MOTE, TURNED) == by_rule  # type: ignore[misc]

    def missing() -> Generator:
        raise ModelMissing("none", "load one")

    assert Shortener(missing, journal(tmp_path)).shorten(MOTE, TURNED) == by_rule


def test_refusals_and_sets_without_gold_answers_do_not_ask(tmp_path: Path) -> None:
    generator = ScriptedGenerator("left")
    shortener = Shortener(lambda: generator, journal(tmp_path))
    refused = reply(KO.text, "노트에 없습니다.", "ko", refused=True)
    assert shortener.shorten(replace(KO, answers=("왼쪽",)), refused) == ("", False)
    assert not shortener.shorten(replace(KO, answers=()), reply(KO.text, "왼쪽", "ko"))[1]
    assert not generator.asked


def test_prompts_of_a_language_begin_alike() -> None:
    one, other = asked("어디?", "부산", "ko"), asked("누구?", "이순신", "mixed")
    assert one[:-1] == other[:-1]
    assert asked("Where?", "Busan", "other")[:-1] == asked("Who?", "Yi", "en")[:-1]
