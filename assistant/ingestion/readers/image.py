"""Pictures of text, by OCR: photographs of a board, screenshots, scans."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import EmptyFile, ReadError
from assistant.ingestion.readers import ocr
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.naming import file_name
from assistant.ingestion.readers.refusals import broken
from assistant.types import Place

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_PIXELS = 120_000_000  # of the picture as stored; more is a bomb, or no photograph
_FRAMES = 1000
_SIDE = 5000  # pixels: more than A4 at 300 dpi
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"II*\0", b"MM\0*", b"BM")


def read(path: Path, data: bytes) -> Reading:
    """One part; of a TIFF of several pages one for each.

    Raises:
        EmptyFile: OCR finds no text, or is not installed, which the hint says.
        ReadError: it is no picture, or one too large to open.
    """
    name = file_name(path)
    if not data.startswith(_SIGNATURES):
        raise broken(path, "a picture", save_as=".png")
    if ocr.available():
        raise EmptyFile(f"{name} needs OCR", ocr.hint("it is a picture"))
    found = []
    frames, read_frames = 0, set()
    for image in _frames(path, data):
        frames += 1
        lines = ocr.lines(image, frames) if image is not None else []
        if lines:
            found.append(lines)
            read_frames.add(frames)
    parts = ocr.parts(found)
    if not parts:
        raise EmptyFile(f"{name} holds no text that OCR could read")
    if frames == 1:
        return Reading("", tuple(replace(part, place=Place()) for part in parts))
    unread = tuple(frame for frame in range(1, frames + 1) if frame not in read_frames)
    return Reading("", tuple(parts), frames, unread)


def _frames(path: Path, data: bytes) -> Iterator[Picture | None]:
    """The picture, or each page of a TIFF, upright; None for those beyond a bound."""
    from PIL import Image, ImageOps

    name = file_name(path)
    try:
        with warnings.catch_warnings():  # of sizes below the bound here
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=_FORMATS)
        with opened as image:
            for number in range(getattr(image, "n_frames", 1)):
                if number >= _FRAMES:
                    yield None
                    continue
                image.seek(number)
                _refuse_bomb(name, image.width, image.height)
                image.draft("L", (_SIDE, _SIDE))  # a JPEG is decoded at the size that is needed
                yield ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise ReadError(f"{name} is too large a picture", "save a smaller copy") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise broken(path, "a picture", save_as=".png") from error


def _refuse_bomb(name: str, width: int, height: int) -> None:
    if width * height > _PIXELS:
        message = f"{name} is too large a picture: {width} × {height} pixels"
        raise ReadError(message, "save a smaller copy")
