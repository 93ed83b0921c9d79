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
from assistant.ingestion.readers import office
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.blocks import Outline
from assistant.ingestion.readers.naming import file_name, own_title
from assistant.ingestion.readers.refusals import broken
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
    slides = 0
    try:
        presentation = Presentation(io.BytesIO(data))
        title = own_title(presentation.core_properties.title)
        for number, slide in enumerate(presentation.slides, start=1):
            found = _slide(slide, number)
            if number == 1 and found:
                title = title or next(iter(found[0].place.headings), "")
            if not found:
                unread.append(number)
            parts += found
            slides = number
    except (PythonPptxError, *office.DAMAGE) as error:
        raise broken(path, save_as=".pptx") from error
    if not parts:
        raise EmptyFile(
            f"{file_name(path)} holds no text",
            "its slides may be pictures: save it as PDF and run OCR on that" if unread else "",
        )
    return Reading(title, tuple(parts), slides, tuple(unread))


def _slide(slide: Slide, number: int) -> tuple[Part, ...]:
    """A slide under its title; one part, unless a table on it is too large for one."""
    outline = Outline(Place(slide=number))
    shapes = _in_order(slide.shapes)
    title = next((s for s in shapes if _placeholder(s) in _TITLES and "".join(_texts(s))), None)
    if title is not None:
        outline.heading(1, "\n".join(_texts(title)))
    for shape in shapes:
        if shape is not title:
            _write(shape, outline)
    if slide.has_notes_slide:
        frame = slide.notes_slide.notes_text_frame
        notes = [] if frame is None else _paragraphs(frame._txBody)
        if notes:
            outline.add("\n".join([_NOTES, *notes]))
    return outline.parts()


def _in_order(shapes: Iterable[Any]) -> list[Any]:
    """Shapes row by row, each from left to right, as they are read."""
    shapes = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    rows: list[list[Any]] = []
    for shape in shapes:
        if not rows or (shape.top or 0) - (rows[-1][0].top or 0) >= _ROW:
            rows.append([])
        rows[-1].append(shape)
    return [shape for row in rows for shape in sorted(row, key=lambda shape: shape.left or 0)]


def _write(shape: Any, outline: Outline) -> None:
    if _placeholder(shape) in _FURNITURE:
        return
    if hasattr(shape, "shapes"):  # a group
        for child in _in_order(shape.shapes):
            _write(child, outline)
    elif getattr(shape, "has_table", False):
        outline.table([[_cell(cell) for cell in row.cells] for row in shape.table.rows])
    else:
        outline.add("\n".join(_texts(shape)))


def _texts(shape: Any) -> list[str]:
    """The lines of a shape that is neither a group nor a table."""
    if getattr(shape, "has_chart", False):
        return list(_chart(shape.chart))
    if shape.has_text_frame:
        return _paragraphs(shape.text_frame._txBody, listed=_placeholder(shape) in _BODIES)
    return list(_diagram(shape))


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


def _chart(chart: Any) -> Iterator[str]:
    if chart.has_title and chart.chart_title.has_text_frame:
        yield chart.chart_title.text_frame.text
    plots = list(chart.plots)
    if plots:
        yield ", ".join(str(category) for category in plots[0].categories)
    yield ", ".join(series.name for plot in plots for series in plot.series)


def _diagram(shape: Any) -> Iterator[str]:
    """The texts of a SmartArt graphic, which stand in a part of their own."""
    for relations in shape._element.iter(f"{{{_DIAGRAM}}}relIds"):
        model = shape.part.related_part(relations.get(f"{_RELATIONS}dm"))
        for text in parse_xml(model.blob).iter(f"{{{_DIAGRAM}}}t"):
            yield from _paragraphs(text)
