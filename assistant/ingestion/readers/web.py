"""Saved web pages, and the exports of Notion and Confluence: HTML in any encoding, and MHTML."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.blocks import Outline
from assistant.ingestion.readers.main_text import main_text
from assistant.ingestion.readers.markup import heading, write
from assistant.ingestion.readers.naming import file_name, one_line, words
from assistant.ingestion.readers.page import Element, parse
from assistant.ingestion.text import decode

_HEAD = 4096  # bytes in which an encoding is declared
_CHARSET = re.compile(
    rb"charset\s*=\s*[\"']?\s*([\w:.-]+)|<\?xml[^>]*encoding=[\"']([\w.-]+)", re.I
)
# What Korean pages call it; CP949 holds EUC-KR and the syllables that EUC-KR lacks.
_KOREAN = words("euc-kr euckr ks_c_5601-1987 ksc5601 ks_c_5601 ksc_5601 korean cp949 uhc")
# Declared Latin-1 says nothing: servers add it to pages of any encoding.
_TEXT_ENCODINGS = re.compile(
    r"shift_jis|sjis|euc-jp|iso-2022-jp|gb2312|gbk|gb18030|big5|koi8-[ru]"
    r"|windows-125[013-8]|iso-8859-(?:[2-9]|1[013-6])"
)
_MHTML = re.compile(
    rb"^(?:MIME-Version|Content-Type: multipart/related|From: <?Saved by)", re.M | re.I
)


def read(path: Path, data: bytes) -> Reading:
    """The main text of a page under its headings. The title is the page's, or its first heading.

    Raises:
        EmptyFile: it holds no text.
        ReadError: it is a web archive without a page, or no HTML at all.
    """
    name = file_name(path)
    head = data[:_HEAD].lstrip()
    is_archive = not head.startswith(b"<") and _MHTML.search(head) is not None
    html = _archived(name, data) if is_archive else page_text(data)
    page = parse(html, name)
    main = main_text(page.body)
    outline = Outline()
    write(main, outline)
    return Reading(_title(page.title, main), outline.parts())


def page_text(data: bytes) -> str:
    """The characters of an HTML file, by its byte order mark, what it declares, or its bytes."""
    declared = _CHARSET.search(data[:_HEAD])
    encoding = (declared[1] or declared[2]).decode("ascii", "ignore").lower() if declared else ""
    if encoding in _KOREAN:
        encoding = "cp949"
    elif not _TEXT_ENCODINGS.fullmatch(encoding):
        return decode(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return decode(data)  # a few broken bytes, or saved anew in another encoding


def _archived(name: str, data: bytes) -> str:
    """The page within a web archive (MHTML): its first part that is HTML."""
    for part in message_from_bytes(data).walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            return _part_text(part)
    raise ReadError(f"{name} is a web archive without a page", "save the page again")


def _part_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return page_text(payload)


def _title(title: str, main: Element) -> str:
    """The page's only heading of the first level where its title but adds the site's name."""
    title = one_line(title)
    headings = [one_line(heading(element)) for element in main.find("h1")]
    headings = [name for name in headings if name]
    if not headings or (title and (len(headings) > 1 or headings[0] not in title)):
        return title
    return headings[0]
