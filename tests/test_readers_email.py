from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from assistant.errors import AssistantError, ReadError
from assistant.ingestion.readers import read
from assistant.ingestion.readers.base import Reading
from tests.mutations import survives


def letter(text: str = "금요일까지 제출하세요.", charset: str = "utf-8") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "홍길동 <hong@uni.kr>"
    message["To"] = "kim@uni.kr"
    message["Date"] = "Mon, 03 Mar 2025 10:00:00 +0900"
    message["Subject"] = "과제 안내: 3주차"
    message.set_content(text, charset=charset)
    return message


def opened(message: EmailMessage | bytes) -> Reading:
    return read(Path("a.eml"), message if isinstance(message, bytes) else message.as_bytes())


@pytest.mark.parametrize("charset", ["utf-8", "euc-kr", "cp949"])
def test_a_letter(charset: str) -> None:
    reading = opened(letter(charset=charset))
    assert reading.title == "과제 안내: 3주차"
    (part,) = reading.parts
    assert part.text == (
        "From: 홍길동 <hong@uni.kr>\nTo: kim@uni.kr\nDate: Mon, 03 Mar 2025 10:00:00 +0900\n\n"
        "금요일까지 제출하세요."
    )


def test_plain_text_comes_before_html_and_attachments_are_named() -> None:
    message = letter()
    message.add_alternative("<p>다른 글</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="과제.pdf")
    message.add_attachment("비밀 글", filename="메모.txt")
    (part,) = opened(message).parts
    assert "Attached: 과제.pdf, 메모.txt" in part.text
    assert "금요일까지" in part.text
    assert "다른 글" not in part.text
    assert "비밀 글" not in part.text


def test_html_alone() -> None:
    message = letter()
    message.set_content(
        "<html><body><style>p{}</style><h1>과제</h1><p>금요일까지 <b>제출</b>.</p></body></html>",
        subtype="html",
        charset="euc-kr",
    )
    parts = opened(message).parts
    assert parts[0].text.startswith("From: ")
    assert parts[1].text == "과제\n\n금요일까지 제출."
    assert parts[1].place.headings == ("과제",)


def test_a_header_that_was_never_encoded() -> None:
    raw = b"From: a@b.kr\nSubject: " + "과제 안내입니다".encode("euc-kr") + b"\n\n"
    assert opened(raw + "글이다. 읽힌다.".encode("euc-kr")).title == "과제 안내입니다"


def test_a_charset_that_is_wrong() -> None:
    raw = b"From: a@b.kr\nSubject: x\nContent-Type: text/plain; charset=nonsense\n\n"
    assert "글이다." in opened(raw + "글이다.".encode()).parts[0].text


def test_escapes_are_cleaned() -> None:
    (part,) = opened(letter("\x1b[31mred\x1b[0m \u202etext")).parts
    assert part.text.endswith("red text")


@pytest.mark.parametrize("data", [b"just some text\n", b"\x00\x01\x02", b"{}"])
def test_what_is_no_letter(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"a\.eml is not an e-mail"):
        opened(data)


@pytest.mark.timeout(30)
def test_parts_within_parts_without_end() -> None:
    deep = b"From: a@b.kr\n"
    for number in range(3_000):
        deep += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (number, number)
    with pytest.raises(AssistantError):
        opened(deep + b"\n")


@pytest.mark.timeout(60)
def test_broken_files() -> None:
    message = letter()
    message.add_alternative("<h1>과제</h1><p>다른 글</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="과제.pdf")
    survives("a.eml", message.as_bytes())
