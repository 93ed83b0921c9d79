from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.desk.exporting import to_json, to_markdown
from assistant.errors import LibraryCorrupt, LibraryError
from assistant.library import codec
from assistant.library.library import Library
from assistant.types import (
    Answer,
    Citation,
    Claim,
    ContextUse,
    Fault,
    Leg,
    Omitted,
    Place,
    Source,
    Timing,
)

PATH = Path("/노트/강의 1.md")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path)
    yield library
    library.close()


def answer(path: Path = PATH) -> Answer:
    place = Place(page=3, headings=("어텐션", "스케일링"))
    legs = (Leg("dense", 1, 0.1 + 0.2), Leg("lexical", 2, 7.5))
    return Answer(
        question="왜 나누나요?",
        text='분산 때문입니다 [1].\n"따옴표" \x00 \ud83d',
        language="ko",
        finish="complete",
        citations=(Citation(1, path, place, "분산이 커진다.", 0, 8, 0, 9, 0.75),),
        sources=(Source(1, 42, path, Place(line=1), "제목", "본문", 0.5, legs),),
        left_out=2,
        model="qwen",
        timing=Timing(0.01, None, 2.5, 100, 20),
        claims=(Claim(0, 9, "unsupported", 0.0, 1, 0, 8, (Fault("number", "16"),)),),
        standalone="어텐션을 왜 나누나요?",
        kind="list",
        omitted=(Omitted("passage", path, place), Omitted("conversation")),
        context=ContextUse(40, 10, 700, 72, 2048, 320),
    )


@pytest.mark.parametrize(
    "value",
    [
        answer(),
        answer(Path(os.fsdecode(b"/notes/\xc7\xd1.md"))),
        Answer("질문", "", "en", "refused"),
    ],
)
def test_answer_comes_back_equal(value: Answer) -> None:
    assert codec.load(codec.dump(value)) == value
    assert codec.dump(value).isascii()


def test_an_answer_of_before_claims_were_kept() -> None:
    stored = json.loads(codec.dump(answer()))
    for added in ("claims", "in_language"):
        del stored[added]
    assert codec.load(json.dumps(stored)) == replace(answer(), claims=())


def test_turns_are_kept_in_order(library: Library) -> None:
    chat = library.history.create("제목 \ud83d")
    library.history.append(chat, "첫째", answer())
    library.history.append(chat, "둘째", Answer("둘째", "네", "ko", "stopped"))
    library.close()
    again = Library.open(library.folder)
    assert [question for question, _ in again.history.turns(chat)] == ["첫째", "둘째"]
    assert again.history.turns(chat)[0][1] == answer()
    (stored,) = again.history.chats()
    assert (stored.id, stored.title, stored.turns) == (chat, "제목 ?", 2)
    assert stored.created <= stored.updated
    again.close()


def test_last_used_chat_comes_first(library: Library) -> None:
    first, second = library.history.create("하나"), library.history.create("둘")
    assert [chat.id for chat in library.history.chats()] == [second, first]
    library.history.append(first, "질문", answer())
    assert [chat.id for chat in library.history.chats()] == [first, second]


def test_deleting_takes_the_turns_along(library: Library) -> None:
    chat = library.history.create("하나")
    library.history.append(chat, "질문", answer())
    library.history.delete(chat)
    assert library.history.chats() == []
    assert library.history.turns(chat) == []
    with pytest.raises(LibraryError, match="no chat"):
        library.history.append(chat, "질문", answer())
    assert library.history.create("다시") != chat


def test_unreadable_answer_is_told(library: Library) -> None:
    chat = library.history.create("하나")
    library.history.append(chat, "질문", answer())
    connection = sqlite3.connect(library.folder / "library.sqlite3")
    connection.execute("UPDATE turns SET answer = '{\"text\": 1}'")
    connection.commit()
    connection.close()
    with pytest.raises(LibraryCorrupt, match=f"chat {chat}"):
        library.history.turns(chat)


def test_a_rating_is_kept_with_its_answer_and_counted(library: Library) -> None:
    chat, other = library.history.create("하나"), library.history.create("둘")
    for question in ("첫째", "둘째", "셋째"):
        library.history.append(other, question, answer())
        library.history.append(chat, question, answer())
    library.history.rate(chat, 2, "good")
    library.history.rate(chat, 3, "bad")
    assert [each.rating for _, each in library.history.turns(chat)] == ["", "good", "bad"]
    assert [each.rating for _, each in library.history.turns(other)] == ["", "", ""]
    stored = library.history.chat(chat)
    assert (stored.good, stored.bad) == (1, 1)
    library.history.rate(chat, 2, "")
    assert library.history.chat(chat).good == 0
    with pytest.raises(LibraryError):
        library.history.rate(chat, 4, "good")


def test_a_rated_answer_is_exported_as_such(library: Library) -> None:
    chat = library.history.create("하나")
    library.history.append(chat, "질문", replace(answer(), rating="good"))
    turns = library.history.turns(chat)
    assert turns[0][1].rating == "good"
    assert "*rated good*" in to_markdown(library.history.chat(chat), turns)
    told = json.loads(to_json(library.history.chat(chat), turns))
    assert (told["good"], told["turns"][0]["rating"]) == (1, "good")
