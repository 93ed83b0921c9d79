"""Finding earlier chats, and writing them to files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.desk.exporting import export, file_name
from assistant.errors import ExportError
from assistant.library.history import History
from assistant.library.library import Library
from assistant.query.history import find_chats
from assistant.types import Answer, Chat, Citation, Place, Source
from tests.fakes import BagOfWordsEncoder


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    library = Library.open(tmp_path / "library")
    yield library.history
    library.close()


def asked(history: History, *turns: tuple[str, str]) -> int:
    chat = history.create(turns[0][0])
    for question, text in turns:
        history.append(chat, question, Answer(question, text, "ko", "complete"))
    return chat


def test_each_chat_is_found_once_with_its_best_turn(history: History) -> None:
    both = asked(history, ("어텐션이란?", "가중합."), ("어텐션과 어텐션 마스크의 차이는?", "…"))
    one = asked(history, ("마스크는 왜 쓰나요?", "어텐션에서 패딩을 가립니다."))
    hits = find_chats(history, "어텐션 마스크")
    assert [(hit.chat.id, hit.turn) for hit in hits] == [(both, 2), (one, 1)]


def test_meaning_finds_what_words_do_not(history: History) -> None:
    # For the stand-in, two texts that share some words mean nearly the same.
    near = asked(history, ("gradient descent step size", "learning rate"))
    asked(history, ("한국어 형태소", "조사"))
    assert find_chats(history, "size of gradient update") == []
    encoder = BagOfWordsEncoder()
    hits = find_chats(history, "size of gradient update", encoder)
    assert hits[0].chat.id == near
    assert len(encoder.encoded) == 2
    find_chats(history, "learning", encoder)
    assert len(encoder.encoded) == 2  # each turn is seen once


def test_a_chat_is_found_by_the_title_it_was_given(history: History) -> None:
    chat = asked(history, ("왜?", "분산 때문입니다."))
    asked(history, ("중간고사는 언제?", "모릅니다."))
    history.rename(chat, "중간고사 정리")
    (hit,) = find_chats(history, "중간고사 정리")
    assert (hit.chat.id, hit.question) == (chat, "중간고사 정리")


@pytest.mark.parametrize("query", ["", "  ", "\n"])
def test_nothing_is_found_for_nothing(history: History, query: str) -> None:
    asked(history, ("질문", "답"))
    assert find_chats(history, query, BagOfWordsEncoder()) == []


# --------------------------------------------------------------------------- files


CHAT = Chat(3, "√d로 왜 나누나요?", "2026-11-20T10:00:00+00:00", "2026-11-21T09:00:00+00:00", 2)
SOURCE = Source(
    2, 7, Path("/노트/강의 `1`.pdf"), Place(page=3, headings=("어텐션",)), "강의", "분산.", 0.5
)
TURNS = (
    (
        "√d로 왜 나누나요?",
        Answer(
            "√d로 왜 나누나요?",
            "분산이 커지기 때문입니다. [2]",
            "ko",
            "complete",
            citations=(Citation(2, SOURCE.path, SOURCE.place, "분산이\n커진다.", 0, 8, 0, 9, 0.7),),
            sources=(SOURCE, SOURCE),
        ),
    ),
    ("And\nwhy?\x1b[31m", Answer("And why?", "Not in the notes.", "en", "refused")),
)


def test_markdown_has_answers_with_their_sentences(tmp_path: Path) -> None:
    text = export(CHAT, TURNS, tmp_path / "대화.md").read_text("utf-8")
    assert text.splitlines()[0] == "# √d로 왜 나누나요?"
    assert "분산이 커지기 때문입니다. [2]" in text
    assert "- [2] `/노트/강의 '1'.pdf` · p. 3 · 어텐션\n  > 분산이 커진다." in text
    assert "## And why?" in text
    assert "\x1b" not in text


def test_json_has_everything(tmp_path: Path) -> None:
    value = json.loads(export(CHAT, TURNS, tmp_path / "대화.JSON").read_text("utf-8"))
    assert (value["id"], value["title"]) == (3, CHAT.title)
    first = value["turns"][0]
    assert first["citations"][0]["path"] == str(SOURCE.path)
    assert first["sources"][1]["place"]["page"] == 3


def test_a_folder_gets_a_file_of_the_title_and_loses_none(tmp_path: Path) -> None:
    first = export(CHAT, TURNS, tmp_path)
    second = export(CHAT, TURNS[:1], tmp_path)
    assert (first.name, second.name) == ("√d로 왜 나누나요.md", "√d로 왜 나누나요 2.md")
    assert len(first.read_text("utf-8")) > len(second.read_text("utf-8"))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("가중치 감쇠/정규화: 무엇?", "가중치 감쇠 정규화 무엇"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("../../etc/passwd", "etc passwd"),
        ("CON", "chat CON"),
        ("???", "chat"),
        ("가" * 200, "가" * 60),
    ],
)
def test_titles_make_names(title: str, name: str) -> None:
    assert file_name(title) == name


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written"):
        export(CHAT, TURNS, tmp_path / "no such folder" / "a.md")
