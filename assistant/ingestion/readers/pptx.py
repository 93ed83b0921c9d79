"""PowerPoint by python-pptx: a part per slide, its shapes in reading order, then its notes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.oxml import parse_xml
from pptx.slide import Slide

from assistant.errors import EmptyFile
from assistant.ingestion.readers import office, tables
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.text import clean
from assistant.types import Part, Place

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

_NOTES = "Notes:"
_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)
_BODIES = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY)
_FURNITURE = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
_ROW = 228_600  # EMU, a quarter of an inch: shapes whose tops differ by less stand side by side
_HEADING_CHARACTERS = 200


def read(path: Path, data: bytes) -> Reading:
    """Title from the properties, or else that of the first slide.

    Hidden slides are read as well. Charts give their title, categories and series' names.

    Raises:
        EmptyFile: no slide holds text, as when all are pictures.
        ReadError: it is locked by a password, or no .pptx file.
    """
    office.check(path, data, ".pptx")
    parts: list[Part] = []
    unread: list[int] = []
    try:
        presentation = Presentation(io.BytesIO(data))
        title = office.own_title(presentation.core_properties.title)
        for number, slide in enumerate(presentation.slides, start=1):
            heading, text = _slide(slide)
            if number == 1:
                title = title or heading
            if text:
                headings = (heading,) if heading else ()
                parts.append(Part(text, Place(slide=number, headings=headings)))
            else:
                unread.append(number)
    except (PythonPptxError, *office.DAMAGE) as error:
        raise office.broken(path, ".pptx") from error
    if not parts:
        raise EmptyFile(
            f"{clean(path.name)} holds no text",
            "its slides may be pictures: save it as PDF and run OCR on that" if unread else "",
        )
    return Reading(title, tuple(parts), len(parts) + len(unread), tuple(unread))


def _slide(slide: Slide) -> tuple[str, str]:
    """Title and text of a slide; the title is the text's first line."""
    title = ""
    blocks: list[str] = []
    for shape in _in_order(slide.shapes):
        text = clean("\n\n".join(_blocks(shape))).strip("\n")
        if not title and _placeholder(shape) in _TITLES:
            title = " ".join(text.split())[:_HEADING_CHARACTERS]
            text = " ".join(text.split())
            blocks.insert(0, text)
        else:
            blocks.append(text)
    if slide.has_notes_slide:
        frame = slide.notes_slide.notes_text_frame
        notes = "" if frame is None else clean("\n".join(_paragraphs(frame._txBody)))
        if notes.strip():
            blocks.append(f"{_NOTES}\n{notes.strip()}")
    return title, "\n\n".join(filter(str.strip, blocks))


def _in_order(shapes: Iterable[Any]) -> list[Any]:
    """Shapes row by row, each from left to right, as they are read."""
    shapes = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    rows: list[list[Any]] = []
    for shape in shapes:
        if not rows or (shape.top or 0) - (rows[-1][0].top or 0) >= _ROW:
            rows.append([])
        rows[-1].append(shape)
    return [shape for row in rows for shape in sorted(row, key=lambda shape: shape.left or 0)]


def _blocks(shape: Any) -> Iterator[str]:
    kind = _placeholder(shape)
    if kind in _FURNITURE:
        return
    if hasattr(shape, "shapes"):  # a group
        for child in _in_order(shape.shapes):
            yield from _blocks(child)
    elif getattr(shape, "has_table", False):
        rows = [[_cell(cell) for cell in row.cells] for row in shape.table.rows]
        yield _table(rows)
    elif getattr(shape, "has_chart", False):
        yield _chart(shape.chart)
    elif shape.has_text_frame:
        paragraphs = _paragraphs(shape.text_frame._txBody, listed=kind in _BODIES)
        yield "\n".join(paragraphs)
    else:
        yield "\n".join(_diagram(shape))


def _placeholder(shape: Any) -> object:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _paragraphs(body: Any, *, listed: bool = False) -> list[str]:
    """The paragraphs of a text body; those of a list begin with a dash, indented by level.

    ``listed``: its paragraphs are items unless they say otherwise, as in a slide's body.
    """
    lines = []
    paragraphs = list(body.iterchildren(f"{_DRAWING}p"))
    listed = listed and len(paragraphs) > 1
    for paragraph in paragraphs:
        text = clean(_text(paragraph)).strip()
        properties = paragraph.find(f"{_DRAWING}pPr")
        level, item = 0, listed
        if properties is not None:
            level = int(properties.get("lvl") or 0)
            item = item or level > 0 or _has(properties, "buChar", "buAutoNum", "buBlip")
            item = item and not _has(properties, "buNone")
        if text:
            lines.append(f"{'  ' * level}- {text}" if item else text)
    return lines


def _has(properties: Any, *names: str) -> bool:
    return any(properties.find(_DRAWING + name) is not None for name in names)


def _text(element: Any) -> str:
    """Runs, fields and formulas, with line breaks, in their order."""
    text = ""
    for child in element:
        if child.tag in (f"{_DRAWING}t", f"{_MATH}t"):
            text += child.text or ""
        elif child.tag == f"{_DRAWING}br":
            text += "\n"
        elif child.tag != _FALLBACK:
            text += _text(child)
    return text


def _cell(cell: Any) -> str:
    return "" if cell.is_spanned else " ".join(_paragraphs(cell._tc.txBody))


def _table(rows: list[list[str]]) -> str:
    lines = [tables.line(row) for row in rows if any(row)]
    if len(lines) > 1 and len(rows[0]) > 1:
        lines.insert(1, tables.line(["---"] * len(rows[0])))
    return "\n".join(lines)


def _chart(chart: Any) -> str:
    lines = []
    if chart.has_title and chart.chart_title.has_text_frame:
        lines.append(chart.chart_title.text_frame.text)
    plots = list(chart.plots)
    if plots:
        lines.append(", ".join(str(category) for category in plots[0].categories))
    lines.append(", ".join(series.name for plot in plots for series in plot.series))
    return "\n".join(filter(str.strip, lines))


def _diagram(shape: Any) -> Iterator[str]:
    """The texts of a SmartArt graphic, which stand in a part of their own."""
    for relations in shape._element.iter(f"{{{_DIAGRAM}}}relIds"):
        model = shape.part.related_part(relations.get(f"{_RELATIONS}dm"))
        for text in parse_xml(model.blob).iter(f"{{{_DIAGRAM}}}t"):
            yield from _paragraphs(text)
