"""What the interface says in Korean: also what comes from beneath it, dates and particles."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from rich.cells import cell_len

from assistant.tui.strings import EN, KO
from assistant.tui.strings.korean_below import SAID
from assistant.tui.strings.particles import fitted
from tests.message_templates import templates

# Commands are the same in every language, and so are names.
COMMANDS = re.compile(r"(assistant|pip) [^;:]*$")
NAMES = {"OCR", "faiss", "faiss gpu", "torch", "python", "{} on {}", "{}, to {}{}"}
HANGUL = re.compile("[가-힣]")


def test_whatever_the_rooms_beneath_say_has_a_korean_form() -> None:
    english = [
        f"{where}: {text}"
        for where, text in templates()
        if not COMMANDS.match(text)
        and text not in NAMES
        and not HANGUL.search(KO.said(text.replace("{}", "x1")))
    ]
    assert english == []


def test_every_korean_form_takes_what_its_template_gives() -> None:
    for english, korean in SAID.items():
        given = {str(n) for n in range(english.count("{}"))}
        assert set(re.findall(r"{(\d)}", korean)) == given, english


def test_what_is_filled_in_stays_and_is_said_in_korean_where_it_can_be() -> None:
    assert KO.said("[가] {x}.pdf is locked by a password") == "[가] {x}.pdf에 암호가 걸려 있습니다"
    assert KO.said("setting 'answer.sources': must be 20 or less") == (
        "설정 'answer.sources': 20 이하여야 합니다"
    )
    assert KO.said("notes does not exist") == "notes이(가) 없습니다"  # the name of a folder
    assert KO.said("rows 3–7") == "3–7행"
    assert KO.said("no such sentence") == EN.said("no such sentence") == "no such sentence"


def test_dates_and_hours_are_written_as_in_each_language() -> None:
    then = datetime(2026, 11, 21, 15, 5)
    assert KO.moment(then) == "2026년 11월 21일 오후 3:05"
    assert EN.moment(then) == "21 Nov 2026, 15:05"
    assert KO.hour(then.replace(hour=0)) == "오전 12:05"
    assert (KO.day(then), EN.day(then)) == ("11월 21일", "21 Nov")
    for words in (KO, EN):
        for month in (2, 12):
            told = words.day(then.replace(month=month, day=28)), words.hour(then.replace(hour=22))
            assert max(map(cell_len, told)) <= 10


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("노트을(를)", "노트를"),
        ("'책'이(가)", "'책'이"),
        ("2021은(는)", "2021은"),
        ("폴더(으)로", "폴더로"),
        ("파일(으)로", "파일로"),
        ("그림(으)로", "그림으로"),
        ("a.md을(를)", "a.md을(를)"),
    ],
)
def test_particles_fit_the_word_before_them(written: str, said: str) -> None:
    assert fitted(written) == said
    assert KO.removed.format(name="노트") == "노트를 라이브러리에서 뺐습니다"
