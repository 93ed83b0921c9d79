"""Hangul documents: HWP 5, a compound file of records, and HWPX, an archive of XML."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from assistant.errors import EmptyFile, ReadError
from assistant.ingestion.archives import open_archive
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.blocks import Outline
from assistant.ingestion.readers.naming import file_name

if TYPE_CHECKING:
    from dochan.model.document import Document, Paragraph  # type: ignore[import-untyped]
    from dochan.model.table import Table  # type: ignore[import-untyped]

_HWP_3 = b"HWP Document File V"
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
# How files begin that Korean offices have locked as a whole: MarkAny, Fasoo, SoftCamp.
_WRAPPERS = (b"<MARKANY_DOCUMENT", b"\x9b DRMONE", b"SCDSA")

_HEADER_BYTES = 256
_STREAM_BYTES = 64 << 20  # compressed, of one section
_SECTIONS = 1000
_DEPTH = 16  # of tables within tables

# The styles of the document's own title and, in many templates, of its numbered levels.
_TITLE_STYLE = re.compile(r"(?:문서\s*|큰\s*)?제목|title", re.IGNORECASE)
_NUMBERED_STYLE = re.compile(r"제목\s*(\d)")
# Items that their author numbered by hand: each is a paragraph, and together they are a list.
_ITEM = re.compile(r"(?:[-*•·○●◦▪□■※▶]|\(?(?:\d{1,2}|[가-하])[.)])\s|[①-⑳]")
_BOOKMARK = re.compile(r"\[bookmark: [^\]\n]+\] ")
_LOCKED = "open it in Hangul and save a copy without the lock"
_BROKEN = "open it in Hangul and save it again as .hwpx"


def read(path: Path, data: bytes) -> Reading:
    """Paragraphs, tables, formulas and notes under their headings; running heads are left out.

    Headings are told by style and outline level, or else by type size. Which of the two formats
    it is, the bytes decide. Of a document with tracked changes, the final text is read.

    Raises:
        EmptyFile: it holds no text, as when its pages are pictures.
        ReadError: it is locked, from Hangul 97 or older, broken, or no such document.
    """
    name = file_name(path)
    if data.startswith(_HWP_3):
        raise ReadError(
            f"{name} is a document of Hangul 97 or older",
            "open it in Hangul and save it again as .hwpx",
        )
    if data.startswith(_WRAPPERS):
        raise ReadError(f"{name} is locked by rights management (DRM)", _LOCKED)
    if data.startswith(_ZIP):
        document = _hwpx(name, data)
    elif data.startswith(_COMPOUND_FILE):
        document = _hwp(name, data)
    else:
        raise ReadError(f"{name} is not a Hangul document, or a broken one", _BROKEN)
    outline = Outline()
    writer = _Writer(document, outline)
    for section in document.sections:
        writer.write(section.elements)
    parts = outline.parts()
    if not parts and any(error.startswith("ERR") for error in document.errors):
        raise ReadError(f"{name} is broken: none of its text can be read", _BROKEN)
    if not parts and document.find_all("image"):
        raise EmptyFile(f"{name} holds no text", "its pages may be pictures: run OCR on it first")
    return Reading(writer.title, parts)


def _hwpx(name: str, data: bytes) -> Document:
    from dochan.hwpx.parser import HWPXParser  # type: ignore[import-untyped]

    with open_archive(data, name) as archive:
        members = set(archive.namelist())
        if "Contents/content.hpf" not in members and "Contents/section0.xml" not in members:
            raise ReadError(f"{name} is not a Hangul document, or a broken one", _BROKEN)
        try:
            manifest = archive.read("META-INF/manifest.xml")
        except KeyError:
            manifest = b""
        except (BadZipFile, OSError, zlib.error, RuntimeError, NotImplementedError) as error:
            raise ReadError(f"{name} is broken: its archive is damaged", _BROKEN) from error
    if b"encryption-data" in manifest:
        raise ReadError(f"{name} is locked by a password", _LOCKED)
    # Pictures would be held in memory, and hold no text.
    return HWPXParser().parse(BytesIO(data), include_assets=False, revision_mode="final")


def _hwp(name: str, data: bytes) -> Document:
    # dochan's own entrance takes a file on disk only, and reads the pictures along.
    from dochan.cfb import OleFileIO  # type: ignore[import-untyped]
    from dochan.hwp.doc_info import DocInfoParser  # type: ignore[import-untyped]
    from dochan.hwp.section import SectionParser  # type: ignore[import-untyped]
    from dochan.model.document import Document

    try:
        with OleFileIO(data) as compound:
            is_compressed = _check_header(name, compound)
            info = DocInfoParser().parse_stream(_stream(compound, "DocInfo"), is_compressed)
            document = Document(source_format="hwp", styles=info.styles)
            document.para_shapes = info.para_shapes
            # BodyText holds the final text even where changes are tracked.
            parser = SectionParser(info, revision_mode="final", project_revisions=False)
            for number in range(_SECTIONS):
                stream = f"BodyText/Section{number}"
                if not compound.exists(stream):
                    break
                try:
                    section = parser.parse_stream(_stream(compound, stream), is_compressed)
                except (ValueError, OSError, struct.error, zlib.error) as error:
                    document.errors.append(f"ERR: {error}")  # the others are still worth reading
                else:
                    document.sections.append(section)
    except (ValueError, OSError, struct.error, zlib.error) as error:
        raise ReadError(f"{name} is not a Hangul document, or a broken one", _BROKEN) from error
    document.errors += parser.errors
    parser.finalize_font_headings(document)
    return document


def _check_header(name: str, compound: Any) -> bool:
    """Whether its streams are compressed; raises when the document is locked or no HWP 5."""
    from dochan.hwp.header import FileHeader  # type: ignore[import-untyped]

    if not compound.exists("FileHeader") or not compound.exists("DocInfo"):
        raise ReadError(f"{name} is not a Hangul document, or a broken one", _BROKEN)
    header = FileHeader.parse(_stream(compound, "FileHeader", _HEADER_BYTES))
    if "HWP Document File" not in header.signature or header.major_version < 5:
        raise ReadError(f"{name} is a Hangul document of a version that is not read", _BROKEN)
    if header.is_encrypted:
        raise ReadError(f"{name} is locked by a password", _LOCKED)
    if header.is_distribution:
        raise ReadError(f"{name} is locked for distribution (배포용 문서)", _LOCKED)
    if header.is_drm or header.has_cert_encrypt or header.has_cert_drm:
        raise ReadError(f"{name} is locked by rights management (DRM)", _LOCKED)
    return bool(header.is_compressed)


def _stream(compound: Any, stream: str, size: int = _STREAM_BYTES) -> bytes:
    if compound.get_size(stream) > size:
        raise ValueError(f"{stream} is too large")
    content: bytes = compound.openstream(stream).read(size)
    return content


class _Writer:
    """Writes dochan's elements into an outline.

    ``title`` is what the title style says, or the one heading of the first level.
    """

    def __init__(self, document: Document, outline: Outline) -> None:
        self._styles = [str(style.name).strip() for style in document.styles]
        self._outline = outline
        self._titles: list[str] = []
        self._first_level: list[str] = []
        self._after_item = False

    @property
    def title(self) -> str:
        if self._titles:
            return self._titles[0]
        return self._first_level[0] if len(self._first_level) == 1 else ""

    def write(self, elements: Iterable[Any], depth: int = 0) -> None:
        from dochan.model.document import Paragraph
        from dochan.model.equation import Equation  # type: ignore[import-untyped]
        from dochan.model.header_footer import Footnote  # type: ignore[import-untyped]
        from dochan.model.image import Image  # type: ignore[import-untyped]
        from dochan.model.table import Table

        for element in elements:
            match element:
                case Paragraph():
                    self._paragraph(element)
                case Table():
                    self._table(element, depth)
                case Equation():
                    formula = _formula(element)
                    self._outline.add(f"$${formula}$$" if formula else "")
                case Footnote(type="comment"):
                    self._outline.add(_flat(element.paragraphs))
                case Footnote():
                    self._outline.add(f"[^{element.number}]: {_flat(element.paragraphs)}")
                case Image():
                    self._outline.add(_flat(element.caption))

    def _paragraph(self, paragraph: Paragraph) -> None:
        level = self._level(paragraph)
        text = _text(paragraph)
        if level is None:
            is_item = _ITEM.match(text) is not None
            self._outline.add(text, tight=is_item and self._after_item)
            self._after_item = is_item
            return
        self._after_item = False
        name = " ".join(re.sub(r"\[\^\d+\]", "", text).split())
        if name:
            (self._titles if level == 0 else self._first_level if level == 1 else []).append(name)
        self._outline.heading(level, name)

    def _level(self, paragraph: Paragraph) -> int | None:
        """0 for the document's title, from 1 for its headings, None for text."""
        if not paragraph.heading_level:
            return None
        style = ""
        if 0 <= paragraph.style_id < len(self._styles):
            style = self._styles[paragraph.style_id]
        if _TITLE_STYLE.fullmatch(style):
            return 0
        numbered = _NUMBERED_STYLE.search(style)
        return int(numbered[1]) if numbered else int(paragraph.heading_level)

    def _table(self, table: Table, depth: int) -> None:
        self._after_item = False
        self._outline.add(_flat(table.caption))
        rows = [[cell for cell in row if not cell.is_merged_away] for row in table.rows]
        if depth < _DEPTH and max(map(len, rows), default=0) <= 1:
            # A frame drawn around paragraphs, the most common table of all.
            for row in rows:
                for cell in row:
                    self.write(cell.paragraphs, depth + 1)
            return
        self._outline.table(
            [["" if c.is_merged_away else _flat(c.paragraphs) for c in row] for row in table.rows]
        )
        for row in rows:
            for cell in row:
                notes = [block for block in cell.paragraphs if _is_note(block)]
                self.write(notes, depth + 1)


def _text(paragraph: Paragraph) -> str:
    pieces = []
    for run in paragraph.runs:
        if run.equation is not None:
            formula = _formula(run.equation)
            pieces.append(f"${formula}$" if formula else "")
        elif run.note_ref:
            pieces.append(f"[^{run.note_ref}]")
        elif not _BOOKMARK.fullmatch(run.text):
            pieces.append(run.text)
    return "".join(pieces).strip()


def _flat(blocks: Iterable[Any], depth: int = 0) -> str:
    """Blocks on one line, as a cell of a table has room for."""
    from dochan.model.document import Paragraph
    from dochan.model.equation import Equation
    from dochan.model.image import Image
    from dochan.model.table import Table

    pieces = []
    for block in blocks:
        match block:
            case Paragraph():
                pieces.append(_text(block))
            case Equation():
                formula = _formula(block)
                pieces.append(f"${formula}$" if formula else "")
            case Image():
                pieces.append(_flat(block.caption, depth + 1))
            case Table() if depth < _DEPTH:
                rows = [[_flat(cell.paragraphs, depth + 1) for cell in row] for row in block.rows]
                pieces += [" / ".join(filter(None, row)) for row in rows]
    return " ".join(" ".join(pieces).split())


def _formula(equation: Any) -> str:
    return " ".join(str(equation.latex or equation.script).split())


def _is_note(block: Any) -> bool:
    from dochan.model.header_footer import Footnote

    return isinstance(block, Footnote)
