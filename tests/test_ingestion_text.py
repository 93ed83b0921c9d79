from __future__ import annotations

import unicodedata

import pytest

from assistant.ingestion.text import clean, decode, is_binary, language

KOREAN = "어텐션은 값의 가중합이다. softmax는 점수를 확률로 바꾼다.\n둘째 줄: 3월 28일\n"
FRENCH = "Le modèle répète très souvent la même réponse : voilà où ça devient gênant.\n"


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-le", "utf-16-be",
        "utf-32", "utf-32-be",
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", [KOREAN, "한글만 있다", "plain ASCII, nothing else\n"])
def test_decode(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    if encoding == "utf-32-be":
        data = b"\x00\x00\xfe\xff" + data
    if encoding == "utf-16-be" and text.isascii() is False and len(text) < 10:
        data = "\ufeff".encode(encoding) + data
    assert decode(data) == text


def test_a_syllable_beyond_euc_kr_is_read_as_cp949() -> None:
    assert decode("뷁과 똠방각하를 썼다. 햏햏".encode("cp949")) == "뷁과 똠방각하를 썼다. 햏햏"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_accented_latin_is_not_taken_for_korean(encoding: str) -> None:
    assert decode(FRENCH.encode(encoding)) == FRENCH


def test_capitals_with_accents_are_not_taken_for_korean() -> None:
    text = "ÀÉÈÙÂÊ déjà vu"
    decoded = decode(text.encode("latin-1"))
    assert not any("가" <= character <= "힣" for character in decoded)


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_broken_byte_costs_a_character_and_not_the_text(encoding: str) -> None:
    data = (KOREAN * 3).encode(encoding)
    decoded = decode(data[:-4] + b"\xff" + data[-4:])
    assert decoded.startswith(KOREAN * 2)
    assert decoded.count("\ufffd") <= 2


def test_decode_never_fails() -> None:
    for data in (b"", b"\x80", bytes(range(256)), b"\xff\xfe\x00", b"a\x00b", b"\xef\xbb\xbf"):
        assert isinstance(decode(data), str)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 20, True),
        (b"text\x00more", True),
        (KOREAN.encode("utf-16"), False),
        (KOREAN.encode("utf-16-le"), False),
        (KOREAN.encode("utf-32"), False),
        (KOREAN.encode("cp949"), False),
        (b"", False),
    ],
)
def test_is_binary(data: bytes, expected: bool) -> None:
    assert is_binary(data) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (unicodedata.normalize("NFD", "임베딩"), "임베딩"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07after \x1b]8;;http://x\x1b\\link", "red after link"),
        ("\x9b31mred", "red"),
        ("be\x07ll\x00 \x1b", "bell"),
        ("zero\u200bwidth soft\u00adhyphen\ufeff", "zerowidth softhyphen"),
        ("한\u200d글 \u3164\u115f\u1160끝", "한글 끝"),
        ("right\u202eleft\u2066", "rightleft"),
        ("tag\U000e0041", "tag"),
        ("a\u00a0b\u3000c\td", "a b c\td"),
        ("end  \n\t\nnext", "end\n\nnext"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("lone \ud800surrogate", "lone surrogate"),
        ("수식 $\\alpha \\le β$ 그대로", "수식 $\\alpha \\le β$ 그대로"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected
    assert clean(expected) == expected


def test_clean_keeps_the_number_of_lines() -> None:
    text = "a\f\nb\v\r\n\x1b[2J\nc\x1b]0;never ends\nd"
    assert clean(text).count("\n") == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("임베딩(embedding)은 단어를 벡터로 바꾼 것이다.", "ko"),
        ("The attention block comes first.", "en"),
        ("The word 정 appears once in this English sentence.", "en"),
        ("Transformer의 self-attention 설명", "mixed"),
        ("3.14 + 2 = 5.14", "other"),
        ("これは日本語の文章です。", "other"),
        ("", "other"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected
