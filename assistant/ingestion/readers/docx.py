"""Word documents by python-docx, in reading order: text, lists, tables, boxes, footnotes.

python-docx opens the package; its paragraphs leave out links, boxes, notes and revisions, so the
XML is walked here. What was inserted is kept and what was deleted is not, as if all changes had
been accepted. Headers, footers, comments and tables of contents are no notes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from docx import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement

from assistant.ingestion.readers import office
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.blocks import Outline
from assistant.ingestion.readers.docx_styles import Style, styles, value, with_properties
from assistant.ingestion.readers.fences import fence
from assistant.ingestion.readers.naming import own_title
from assistant.ingestion.readers.numbering import Numbering
from assistant.ingestion.readers.refusals import broken
from assistant.ingestion.text import clean

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_BOX = qn("w:txbxContent")
_CONTROL = qn("w:sdt")
_TEXT = frozenset((qn("w:t"), f"{_MATH}t"))
_NOTES = MappingProxyType(
    {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
)
_CHARACTERS = MappingProxyType(
    {
        qn("w:tab"): " ",
        qn("w:ptab"): " ",
        qn("w:br"): "\n",
        qn("w:cr"): "\n",
        qn("w:noBreakHyphen"): "-",
    }
)
# Above and below, so that a fraction or an index does not run into what it belongs to.
_MATH_MARKS = MappingProxyType({f"{_MATH}den": "/", f"{_MATH}sub": "_", f"{_MATH}sup": "^"})
_UNREAD = frozenset(
    (
        *map(qn, ("w:pPr", "w:rPr", "w:del", "w:moveFrom", "w:instrText", "w:delText", "w:rt")),
        f"{_MATH}deg",
        f"{_COMPATIBILITY}Fallback",  # says again what the choice before it says
    )
)

_LONGEST_HEADING = 200  # characters; Word lets whole paragraphs be styled as one


def read(path: Path, data: bytes) -> Reading:
    """Title from the properties, or else the paragraph styled as one.

    Raises:
        ReadError: it is locked by a password, or no .docx file.
    """
    office.check(path, data, ".docx")
    try:
        document = Document(io.BytesIO(data))
        title = document.core_properties.title
        body = _Body(document)
    except (OpcError, *office.DAMAGE) as error:
        raise broken(path, save_as=".docx") from error
    body.add(document.element.body)
    parts = body.outline.parts()
    return Reading(own_title(title) or body.title, parts)


@dataclass(slots=True)
class _Found:
    """The text of a paragraph, and what hangs on it."""

    text: list[str] = field(default_factory=list)
    boxes: list[BaseOxmlElement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Body:
    """Walks a document and writes its blocks to an outline."""

    def __init__(self, document: WordDocument) -> None:
        self.outline = Outline()
        self.title = ""
        self._styles = styles(document.styles.element)
        self._numbering = Numbering(_related(document, "numbering"))
        self._notes = {kind: _notes(_related(document, kind)) for kind in _NOTES.values()}
        self._noted = 0
        self._in_list = False
        self._code: list[str] = []

    def add(self, container: BaseOxmlElement) -> None:
        """All that a body, a text box or a content control holds."""
        for element in container:
            if element.tag == _PARAGRAPH:
                self._paragraph(element)
            elif element.tag == _TABLE:
                self._end_code()
                self._table(element)
            elif element.tag not in _UNREAD and not _is_contents(element):
                self.add(element)
        if container.tag == qn("w:body"):
            self._end_code()

    # ------------------------------------------------------------------ paragraphs

    def _paragraph(self, element: BaseOxmlElement) -> None:
        found = _Found()
        self._collect(element, found)
        text = clean("".join(found.text))
        style = self._style(element)
        if style.is_code and not found.notes:
            self._code.append(text)
        elif text.strip() and not style.is_contents:
            self._end_code()
            self._write(text.strip(), style)
        for note in found.notes:
            self.outline.add(note)
            self._in_list = False
        for box in found.boxes:
            self.add(box)

    def _write(self, text: str, style: Style) -> None:
        label = self._numbering.label(style.list, style.list_level) if style.list else ""
        in_list = False
        if style.heading is not None and len(text) <= _LONGEST_HEADING:
            self.outline.heading(style.heading, f"{label} {text}".strip())
        elif label:
            indent = "  " * style.list_level
            self.outline.add(f"{indent}{label} {text}", tight=self._in_list)
            in_list = True
        else:
            self.outline.add(text)
        if style.is_title and not self.title:
            self.title = " ".join(text.split())
        self._in_list = in_list

    def _end_code(self) -> None:
        code = "\n".join(self._code).strip("\n")
        if code:
            self.outline.add(fence(code, ""))
            self._in_list = False
        self._code = []

    def _style(self, paragraph: BaseOxmlElement) -> Style:
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return self._styles.get("", Style())
        style = self._styles.get(value(properties, "w:pStyle"), self._styles.get("", Style()))
        return with_properties(style, properties)

    # ------------------------------------------------------------------ tables

    def _table(self, table: BaseOxmlElement) -> None:
        rows: list[list[str]] = []
        notes: list[str] = []
        boxes: list[BaseOxmlElement] = []
        for row in table.iterchildren(_ROW, qn("w:sdt"), qn("w:ins")):
            if row.tag == _ROW and row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
                continue
            cells: list[str] = []
            for cell in _cells(row):
                found = _Found()
                text = "" if _goes_on(cell) else self._cell(cell, found)
                if _goes_on(cell) and rows and len(cells) < len(rows[-1]):
                    text = rows[-1][len(cells)]  # what is written once for several rows
                cells += [text, *[""] * (_span(cell) - 1)]
                notes += found.notes
                boxes += found.boxes
            rows.append(cells)
        if any(sum(map(bool, cells)) > 1 for cells in rows):
            self.outline.table(rows)
        else:  # a frame drawn around text
            for cells in rows:
                self.outline.add("\n".join(filter(None, cells)))
        for note in notes:
            self.outline.add(note)
        for box in boxes:
            self.add(box)
        self._in_list = False

    def _cell(self, cell: BaseOxmlElement, found: _Found) -> str:
        paragraphs = []
        for paragraph in cell.iter(_PARAGRAPH):
            if any(above.tag == _BOX for above in paragraph.iterancestors(_BOX, _CELL)):
                continue
            own = _Found(boxes=found.boxes, notes=found.notes)
            self._collect(paragraph, own)
            style = self._style(paragraph)
            label = self._numbering.label(style.list, style.list_level) if style.list else ""
            text = clean("".join(own.text)).strip()
            if text:
                paragraphs.append(f"{label} {text}".strip())
        return "\n".join(paragraphs)

    # ------------------------------------------------------------------ text

    def _collect(self, element: BaseOxmlElement, found: _Found) -> None:
        for child in element:
            tag = child.tag
            if tag in _TEXT:
                found.text.append(child.text or "")
            elif tag in _CHARACTERS:
                found.text.append(_CHARACTERS[tag])
            elif tag == _BOX:
                found.boxes.append(child)
            elif tag in _NOTES:
                self._note(self._notes[_NOTES[tag]].get(str(child.get(qn("w:id")))), found)
            elif tag in _MATH_MARKS:
                inner = _Found()
                self._collect(child, inner)
                text = "".join(inner.text)
                if text:
                    found.text.append(_MATH_MARKS[tag] + (text if len(text) == 1 else f"({text})"))
            elif tag not in _UNREAD:
                self._collect(child, found)

    def _note(self, note: BaseOxmlElement | None, found: _Found) -> None:
        if note is None:
            return
        inner = _Found()
        for paragraph in note.iter(_PARAGRAPH):
            self._collect(paragraph, inner)
            inner.text.append(" ")
        text = " ".join(clean("".join(inner.text)).split())
        if text:
            self._noted += 1
            found.text.append(f"[^{self._noted}]")
            found.notes.append(f"[^{self._noted}]: {text}")


def _related(document: WordDocument, kind: str) -> BaseOxmlElement | None:
    """The XML of a part beside the main one, if there is such a part."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
            return parse_xml(relation.target_part.blob)
    return None


def _notes(element: BaseOxmlElement | None) -> Mapping[str, BaseOxmlElement]:
    return {} if element is None else {str(note.get(qn("w:id"))): note for note in element}


def _is_contents(element: BaseOxmlElement) -> bool:
    """Whether a content control is a table of contents."""
    if element.tag != _CONTROL:
        return False
    gallery = next(element.iter(qn("w:docPartGallery"), _PARAGRAPH), None)
    return gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"


def _cells(row: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """The cells of a row, those in content controls included, and none of tables within."""
    for child in row:
        if child.tag == _CELL:
            yield child
        elif child.tag not in _UNREAD:
            yield from _cells(child)


def _goes_on(cell: BaseOxmlElement) -> bool:
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val")) != "restart"


def _span(cell: BaseOxmlElement) -> int:
    properties = cell.find(qn("w:tcPr"))
    span = "" if properties is None else value(properties, "w:gridSpan")
    return int(span) if re.fullmatch(r"[1-9]\d?", span) else 1
