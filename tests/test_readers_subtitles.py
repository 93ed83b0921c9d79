from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingestion.readers import read
from assistant.types import Part, Place
from tests.mutations import survives

SRT = """1
00:00:01,000 --> 00:00:04,000
<i>안녕하세요.</i> 오늘은
어텐션을 다루겠습니다.

2
00:00:04,500 --> 00:00:08,000
[음악]

3
00:00:08,000 --> 00:00:12,000
쿼리와 키의 내적을
{\\an8}계산합니다.

4
00:00:45,000 --> 00:00:49,000
다음은 2 &amp; 3입니다.
"""


def parts_of(name: str, text: str) -> list[Part]:
    return list(read(Path(name), text.encode()).parts)


def test_captions_are_merged_to_passages() -> None:
    assert parts_of("a.srt", SRT) == [
        Part(
            "안녕하세요. 오늘은 어텐션을 다루겠습니다.\n쿼리와 키의 내적을 계산합니다.",
            Place(line=2, seconds=1.0),
        ),
        Part("다음은 2 & 3입니다.", Place(line=16, seconds=45.0)),
    ]


def test_the_label_is_the_time() -> None:
    assert parts_of("a.srt", SRT)[1].place.label == "0:45"


def test_rolling_captions_are_said_once() -> None:
    text = """WEBVTT
Kind: captions

STYLE
::cue { color: white }

00:00:00.000 --> 00:00:02.000 align:start position:0%
\x20
so<00:00:00.500><c> attention</c> is

00:00:02.000 --> 00:00:02.010
so attention is
\x20

00:00:02.010 --> 00:00:05.000
so attention is
a weighted<00:00:03.000><c> sum</c>

00:00:05.010 --> 00:00:08.000
a weighted sum
of values
"""
    (part,) = parts_of("a.vtt", text)
    assert part == Part("so attention is a weighted sum of values", Place(line=7, seconds=0.0))


def test_captions_that_grow() -> None:
    said = ["하나", "하나 둘", "하나 둘 셋", "하나 둘 셋 넷"]
    text = "\n\n".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{line}" for n, line in enumerate(said)
    )
    assert parts_of("a.srt", text)[0].text == "하나 둘 셋 넷"


def test_what_is_said_again_later_is_kept() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n네.\n\n2\n00:00:05,000 --> 00:00:06,000\n네.\n"
    assert parts_of("a.srt", text)[0].text == "네.\n네."


def test_speakers_names_and_notes_of_webvtt() -> None:
    text = (
        "\ufeffWEBVTT - 강의\n\nNOTE\n숨은 글\n\nintro\n"
        "01:02.500 --> 01:05.000\n<v.loud 철수>정말요?\n\n"
        "2\n01:00:05.000 --> 01:00:08.000\n- <b>그래요.</b>\n"
    )
    assert parts_of("a.vtt", text) == [
        Part("철수: 정말요?", Place(line=7, seconds=62.5)),
        Part("- 그래요.", Place(line=11, seconds=3605.0)),
    ]


def test_numbers_without_blank_lines_between() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n하나\n2\n00:00:02,000 --> 00:00:03,000\n7\n"
    assert parts_of("a.srt", text)[0].text == "하나 7"


def test_sbv() -> None:
    text = "0:00:01.000,0:00:04.000\nfirst line\n\n0:00:04.000,0:00:06.000\nsecond line\n"
    assert parts_of("a.sbv", text) == [Part("first line second line", Place(line=1, seconds=1.0))]


def test_lyrics() -> None:
    text = "[ti:노래]\n[ar:가수]\n[00:12.00]첫 줄\n[00:17.20][00:25.00]후렴\n"
    reading = read(Path("a.lrc"), text.encode())
    assert reading.title == "노래"
    assert reading.parts == (Part("첫 줄\n후렴\n후렴", Place(line=3, seconds=12.0)),)


def test_a_passage_ends_without_an_end_of_a_sentence() -> None:
    text = "\n\n".join(
        f"{n}\n00:{n // 20:02}:{n % 20 * 3:02},000 --> 00:{n // 20:02}:{n % 20 * 3 + 2:02},000\n"
        f"words without any end number {n}"
        for n in range(200)
    )
    parts = parts_of("a.srt", text)
    assert all(len(part.text) <= 900 for part in parts)
    assert sum(part.text.count("number") for part in parts) == 200
    starts = [part.place.seconds or 0.0 for part in parts]
    assert all(0 < after - before <= 90 for before, after in pairwise(starts))


def test_korean_in_cp949() -> None:
    (first, _) = read(Path("a.srt"), SRT.encode("cp949")).parts
    assert first.text.startswith("안녕하세요.")


@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.lrc"])
def test_what_has_no_times(name: str) -> None:
    with pytest.raises(ReadError, match=rf"{name} is not a file of subtitles"):
        read(Path(name), b"WEBVTT\n\nonly text\n")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.lrc"])
def test_broken_files(name: str) -> None:
    survives(name, (SRT if name != "a.lrc" else "[00:12.00]첫 줄\n" * 30).encode())


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["<v a", "{\\", "[", "00:00:01,000 --> ", "[00:01.00]", "♪", "<"])
@pytest.mark.parametrize("name", ["a.srt", "a.lrc"])
def test_a_line_made_to_be_slow_is_not(name: str, unit: str) -> None:
    line = unit * (200_000 // len(unit))
    read(Path(name), f"1\n00:00:01,000 --> 00:00:02,000\n{line}\n[00:02.00]x{line}\n".encode())
