"""What the files of office programs have in common: zips of XML, and passwords."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from zipfile import BadZipFile, is_zipfile

from assistant.errors import ReadError
from assistant.ingestion.archives import open_archive
from assistant.ingestion.readers.naming import file_name
from assistant.ingestion.readers.refusals import broken, locked

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


def check(path: Path, data: bytes, suffix: str) -> None:
    """Let libraries have these bytes only if they are a zip that can be unpacked safely.

    Raises:
        ReadError: they are locked by a password, are in the format of before 2007 (``suffix`` is
            what to save it as), or no such zip.
    """
    name = file_name(path)
    if data.startswith(OLE):
        check_password(path, data)
        raise ReadError(
            f"{name} is in an old format under a new name", f"open it and save it again as {suffix}"
        )
    if not is_zipfile(io.BytesIO(data)):
        raise broken(path, save_as=suffix)
    open_archive(data, name).close()


def check_password(path: Path, data: bytes) -> None:
    """Raise ReadError for a new format's file that is locked by a password."""
    if data.startswith(OLE) and _ENCRYPTED in data:
        raise locked(path)
