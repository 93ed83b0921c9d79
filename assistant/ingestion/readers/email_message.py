"""E-mail as programs save it (``.eml``): the letter; what is attached is named and not read."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.blocks import Outline
from assistant.ingestion.readers.markup import write
from assistant.ingestion.readers.naming import file_name, one_line
from assistant.ingestion.readers.page import parse
from assistant.ingestion.readers.web import page_text
from assistant.ingestion.text import decode
from assistant.types import Part

_SHOWN = ("From", "To", "Date")
_TELLING = ("From", "Subject", "Date", "Received", "Message-ID", "MIME-Version")
_NAMED = 50  # attachments
_CODEC = {"euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "euckr": "cp949"}


def read(path: Path, data: bytes) -> Reading:
    """Titled by its subject; who wrote it to whom and when stands above the first part.

    Raises:
        ReadError: it has no header of a letter, or its HTML is nested too deeply.
    """
    name = file_name(path)
    message = message_from_bytes(data.lstrip())
    if not any(header in message for header in _TELLING):
        raise ReadError(
            f"{name} is not an e-mail: it has no header", "name it .txt if it is a text"
        )
    leaves = list(_leaves(message))
    letter = _letter(leaves, name)
    attached = [each for each in map(_file_name, leaves) if each][:_NAMED]
    head = [f"{header}: {_header(message, header)}" for header in _SHOWN if header in message]
    if attached:
        head.append(f"Attached: {', '.join(attached)}")
    outline = Outline()
    outline.add("\n".join(head))
    parts = outline.parts()
    if letter and parts and not letter[0].place.headings:
        first = letter[0]
        parts = (Part(f"{parts[0].text}\n\n{first.text}", first.place),)
        letter = letter[1:]
    return Reading(_header(message, "Subject"), (*parts, *letter))


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold no others. A letter that was forwarded as a whole is one of them."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            waiting[:0] = [each for each in payload if isinstance(each, Message)]
        else:
            yield part


def _letter(leaves: list[Message], name: str) -> tuple[Part, ...]:
    """The plain text, or else the HTML."""
    written = [part for part in leaves if not _file_name(part)]
    for kind in ("text/plain", "text/html"):
        outline = Outline()
        for part in written:
            if part.get_content_type() == kind:
                payload = part.get_payload(decode=True)
                data = payload if isinstance(payload, bytes) else b""
                if kind == "text/plain":
                    outline.add(_text(data, part.get_content_charset() or ""))
                else:
                    write(parse(_page(data, part.get_content_charset() or ""), name).body, outline)
        if parts := outline.parts():
            return parts
    return ()


def _page(data: bytes, charset: str) -> str:
    # What the part declares comes before what the page does.
    return _text(data, charset) if charset else page_text(data)


def _text(data: bytes, charset: str) -> str:
    codec = _CODEC.get(charset.lower(), charset)
    if codec and codec.lower() not in ("us-ascii", "iso-8859-1", "latin-1", "unknown-8bit"):
        try:
            return data.decode(codec)
        except (LookupError, ValueError):
            pass  # declared wrongly: the bytes tell
    return decode(data)


def _file_name(part: Message) -> str:
    """The name of an attachment; of one without, its kind; "" for what belongs to the letter."""
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError):
        name = ""
    is_attached = part.get_content_disposition() == "attachment"
    if name or is_attached or part.get_content_maintype() != "text":
        return one_line(_words(name)) or part.get_content_type()
    return ""


def _header(message: Message, name: str) -> str:
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            return one_line(_words(str(value)))
    return ""


def _words(value: str) -> str:
    """A header with its encoded words read, and its bytes where it was never encoded."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        pieces = decode_header(decode(raw).replace("\n", " "))
    except (HeaderParseError, ValueError):
        return decode(raw)
    return "".join(
        piece if isinstance(piece, str) else _text(piece, charset or "")
        for piece, charset in pieces
    )
