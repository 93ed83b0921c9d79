"""What the files of office programs have in common: zips of XML, passwords, useless titles."""

from __future__ import annotations

import io
import re
import unicodedata
import zlib
from pathlib import Path
from zipfile import BadZipFile, is_zipfile

from assistant.errors import ReadError
from assistant.ingestion.archives import open_archive
from assistant.ingestion.text import clean

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What the container begins with that old office files are, and new ones with a password."""

DAMAGE = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    AttributeError,
    IndexError,
    KeyError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What libraries that trust a package throw at one with damaged, missing or foreign members."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_USELESS_TITLE = re.compile(
    r"^(?:untitled|제목 ?없음|무제|(?:microsoft )?(?:word|powerpoint|excel)\b.*"
    r"|word 문서|powerpoint 프레젠테이션|슬라이드 ?\d+|slide ?\d+|프레젠테이션\d*|presentation\d*"
    r"|문서\d*|document\d*)$"
    r"|\.(?:docx?|pptx?|xlsx?|hwpx?|pdf)$",
    re.IGNORECASE,
)


def check(path: Path, data: bytes, suffix: str) -> None:
    """Let libraries have these bytes only if they are a zip that can be unpacked safely.

    Raises:
        ReadError: they are locked by a password, are in the format of before 2007 (``suffix`` is
            what to save it as), or no such zip.
    """
    name = unicodedata.normalize("NFC", path.name)
    if data.startswith(OLE):
        check_password(path, data)
        raise ReadError(
            f"{name} is in an old format under a new name", f"open it and save it as {suffix}"
        )
    if not is_zipfile(io.BytesIO(data)):
        raise broken(path, suffix)
    open_archive(data, name).close()


def check_password(path: Path, data: bytes) -> None:
    """Raise ReadError for a new format's file that is locked by a password."""
    if data.startswith(OLE) and _ENCRYPTED in data:
        raise locked(path)


def locked(path: Path) -> ReadError:
    """What to say of a file with a password."""
    name = unicodedata.normalize("NFC", path.name)
    return ReadError(f"{name} is locked by a password", "save a copy without one and ingest that")


def broken(path: Path, suffix: str) -> ReadError:
    """What to say of a file its library could not make sense of."""
    name = unicodedata.normalize("NFC", path.name)
    return ReadError(
        f"{name} is no {suffix} file, or a broken one", f"open it and save it again as {suffix}"
    )


def own_title(title: str | None) -> str:
    """A title from a file's properties; "" where a program made it up."""
    title = " ".join(clean(title or "").split())
    return "" if _USELESS_TITLE.search(title) else title
