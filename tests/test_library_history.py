"""Chats that are pinned, renamed, taken back and found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import LibraryError
from assistant.library import database
from assistant.library.history import History
from assistant.library.library import Library
from assistant.types import Answer


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path)
    yield library
    library.close()


@pytest.fixture
def history(library: Library) -> History:
    return library.history


def asked(history: History, question: str, text: str = "") -> int:
    chat = history.create(question)
    history.append(chat, question, Answer(question, text, "ko", "complete"))
    return chat


def found(history: History, query: str) -> list[str]:
    ids = [turn for turn, _ in history.find_words(query, 10)]
    hits = history.hits(ids)
    return [hits[turn].question for turn in ids]


def test_pinned_chats_stand_above_the_last_used(history: History) -> None:
    first, second, third = (asked(history, name) for name in ("하나", "둘", "셋"))
    history.pin(first, True)
    assert [(chat.id, chat.pinned) for chat in history.chats()] == [
        (first, True),
        (third, False),
        (second, False),
    ]
    history.pin(first, False)
    assert [chat.id for chat in history.chats()] == [third, second, first]


def test_a_new_title_is_kept(history: History) -> None:
    chat = asked(history, "질문")
    history.rename(chat, "시험 범위")
    assert history.chat(chat).title == "시험 범위"
    assert history.turns(chat)[0][0] == "질문"


def test_a_deleted_chat_is_gone_until_it_is_taken_back(history: History) -> None:
    chat = asked(history, "역전파는 무엇인가요?")
    history.delete(chat)
    assert history.chats() == []
    assert found(history, "역전파") == []
    with pytest.raises(LibraryError, match="no chat"):
        history.chat(chat)
    history.restore(chat)
    assert found(history, "역전파") == ["역전파는 무엇인가요?"]
    assert history.chat(chat).turns == 1


def test_what_was_deleted_a_day_ago_is_wiped_at_the_next_start(
    library: Library, tmp_path: Path
) -> None:
    old, young = asked(library.history, "오래된 질문"), asked(library.history, "새 질문")
    for chat in (old, young):
        library.history.delete(chat)
    with library._database.writing() as db:
        before = (datetime.now(UTC) - timedelta(days=1, minutes=1)).isoformat()
        db.execute("UPDATE chats SET deleted = ? WHERE id = ?", (before, old))
    library.close()
    again = Library.open(tmp_path)
    with pytest.raises(LibraryError, match="no chat"):
        again.history.restore(old)
    again.history.restore(young)
    assert found(again.history, "질문") == ["새 질문"]
    again.close()


def test_a_library_that_another_writes_to_opens_and_wipes_later(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.05)
    chat = asked(library.history, "오래된 질문")
    library.history.delete(chat)
    before = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    with library._database.writing() as db:
        db.execute("UPDATE chats SET deleted = ?", (before,))
    with library._database.writing() as db:
        db.execute("UPDATE chats SET title = title")
        Library.open(tmp_path).close()
    Library.open(tmp_path).close()
    with pytest.raises(LibraryError, match="no chat"):
        library.history.restore(chat)


@pytest.mark.parametrize(
    ("query", "questions"),
    [
        ("역전파", ["역전파는 무엇인가요?"]),
        ("역전", ["역전파는 무엇인가요?"]),  # while it is being typed
        ("기울기 역전파", ["역전파는 무엇인가요?"]),  # one word of the question, one of the answer
        ("atten", ["What is attention?"]),
        ("attention 역전파", []),
        ("bert-base", ["bert-base의 층은?"]),
        ('"; DROP TABLE chats', []),
        ("!?", []),
    ],
)
def test_found_by_words(history: History, query: str, questions: list[str]) -> None:
    asked(history, "역전파는 무엇인가요?", "기울기를 뒤로 전합니다.")
    asked(history, "What is attention?", "A weighted mean.")
    asked(history, "bert-base의 층은?", "열둘.")
    assert found(history, query) == questions


def test_turns_of_an_older_library_are_found(library: Library) -> None:
    asked(library.history, "역전파는 무엇인가요?")
    with library._database.writing() as db:
        db.execute("DELETE FROM turn_words")
    assert found(library.history, "역전파") == ["역전파는 무엇인가요?"]


def test_found_by_meaning(history: History) -> None:
    first, second = asked(history, "하나"), asked(history, "둘")
    waiting = history.without_vector("encoder-1")
    assert [turn.text.strip() for turn in waiting] == ["둘", "하나"]
    vectors = np.eye(2, 4, dtype=np.float32)
    history.store_vectors("encoder-1", [turn.id for turn in waiting], vectors)
    assert history.without_vector("encoder-1") == []
    near = history.find_meaning("encoder-1", np.array([0.6, 0.8, 0, 0], np.float32), 10)
    hits = history.hits(turn for turn, _ in near)
    assert [hits[turn].chat.id for turn, _ in near] == [first, second]
    assert [round(score, 2) for _, score in near] == [0.8, 0.6]
    # Another encoder has seen none of them.
    assert len(history.without_vector("encoder-2")) == 2
    assert history.find_meaning("encoder-2", vectors[0], 10) == []


def test_a_hit_says_where_in_the_chat_it_is(history: History) -> None:
    chat = asked(history, "첫 질문")
    asked(history, "다른 대화")
    history.append(chat, "둘째 질문", Answer("둘째 질문", "스무 개입니다.", "ko", "complete"))
    ((turn, _),) = history.find_words("스무", 5)
    hit = history.hits([turn])[turn]
    assert (hit.chat.id, hit.turn, hit.question, hit.answer) == (
        chat,
        2,
        "둘째 질문",
        "스무 개입니다.",
    )
