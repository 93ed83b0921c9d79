"""Passages that are always offered, and those that never are."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import AnswerSettings, RetrievalSettings, Settings
from assistant.desk import Desk
from assistant.errors import EmptyLibrary, PathNotFound
from assistant.library.library import Library
from assistant.query.engine import QueryEngine
from assistant.query.search import search
from assistant.types import EVERYTHING, Answered, Pick, Retrieved, Scope
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator
from tests.query_library import NOTES, fill

QUESTION = "LoRA의 기본 랭크는 얼마인가요?"
LORA, QUANTIZATION, PADDING = (Path("/notes") / name for name in NOTES)


@pytest.fixture
def library(tmp_path):
    library = Library.open(tmp_path / "library")
    fill(library, NOTES, BagOfWordsEncoder())
    yield library
    library.close()


def found(library, scope=EVERYTHING, top_k=2):
    encoder = BagOfWordsEncoder()
    return search(library, encoder, QUESTION, RetrievalSettings(), top_k=top_k, scope=scope)


def paths(library, scope=EVERYTHING, top_k=2):
    return [source.path for source in found(library, scope, top_k).sources]


def engine(library, text):
    generator = ScriptedGenerator(text)
    return QueryEngine(
        library, BagOfWordsEncoder(), lambda: generator, RetrievalSettings(), AnswerSettings()
    )


def test_a_pinned_file_stands_first_and_takes_the_last_place(library):
    assert paths(library)[0] == LORA
    before = found(library, top_k=3).sources
    last = before[-1].path
    after = found(library, Scope(pinned=(Pick(last),)))
    assert [source.path for source in after.sources] == [last, LORA]
    assert [source.n for source in after.sources] == [1, 2]
    assert paths(library, Scope(pinned=(Pick(last), Pick(LORA))), top_k=1) == [last, LORA]


def test_a_pinned_passage_is_offered_from_outside_the_scope(library):
    by_path = {source.path: source for source in found(library, top_k=3).sources}
    pick = Pick(PADDING, by_path[PADDING].node_id)
    pinned = found(library, Scope((LORA,), "lora", pinned=(pick,))).sources
    assert [source.path for source in pinned] == [PADDING, LORA]
    assert pinned[0].text == by_path[PADDING].text
    assert paths(library, Scope(pinned=(Pick(PADDING, 99_999),)))[0] == LORA  # gone meanwhile


def test_what_is_excluded_is_never_found(library):
    lora = found(library).sources[0]
    assert LORA not in paths(library, Scope(excluded=(Pick(LORA),)), top_k=3)
    assert LORA not in paths(library, Scope(excluded=(Pick(LORA, lora.node_id),)), top_k=3)
    assert paths(library, Scope((LORA, PADDING), excluded=(Pick(LORA),)), top_k=3) == [PADDING]
    assert not Scope(excluded=(Pick(LORA),))  # nothing is left out by where it is


def test_excluding_everything_is_told_before_a_model_is_asked(library):
    with pytest.raises(EmptyLibrary, match="excluded"):
        list(engine(library, "").ask(QUESTION, scope=Scope(excluded=(Pick(Path("/notes")),))))


def test_the_turn_before_brings_in_nothing_that_is_excluded(library):
    asked = engine(library, "LoRA의 기본 랭크는 8이다.")
    *_, last = asked.ask(QUESTION)
    assert isinstance(last, Answered)
    history = [(QUESTION, last.answer)]
    retrieved, *_ = asked.ask("왜?", history=history, scope=Scope(excluded=(Pick(LORA),)))
    assert isinstance(retrieved, Retrieved)
    assert all(source.path != LORA for source in retrieved.retrieval.sources)


def test_a_question_with_a_pin_is_put_to_the_model_whatever_the_evidence(library):
    hopeless = "김치찌개는 어떻게 끓이나요?"
    *_, refused = engine(library, "").ask(hopeless)
    assert refused.answer.refused
    assert refused.answer.model == ""
    *_, tried = engine(library, "").ask(hopeless, scope=Scope(pinned=(Pick(LORA),)))
    assert tried.answer.model == "scripted"


def test_the_desk_takes_only_paths_that_the_library_holds(library, tmp_path):
    desk = Desk(Settings(library=tmp_path / "library"), encoder=BagOfWordsEncoder())
    scope = desk.scope(pinned=[LORA], excluded=[PADDING])
    assert scope == replace(EVERYTHING, pinned=(Pick(LORA),), excluded=(Pick(PADDING),))
    with pytest.raises(PathNotFound):
        desk.scope(excluded=[Path("/elsewhere")])
    desk.close()
