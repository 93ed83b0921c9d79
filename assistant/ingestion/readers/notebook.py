"""Jupyter notebooks, formats 3 and 4, cell by cell.

Read as the JSON they are: a notebook that a validator would refuse still holds its owner's notes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.errors import ReadError
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.fences import fence
from assistant.ingestion.readers.markdown import sections
from assistant.ingestion.readers.naming import file_name
from assistant.ingestion.text import clean, decode
from assistant.types import Part, Place

_AGAIN = "open it in Jupyter and save it again as .ipynb"
_OUTPUT_CHARACTERS = 2000  # of one cell; the rest is mostly progress bars and dumps


def read(path: Path, data: bytes) -> Reading:
    """Title from the metadata, or else the first heading of the first cell that has one.

    Markdown cells set the path of headings; code cells stand under it, as fenced code with what
    they printed.
    """
    notebook = _parse(path, data)
    metadata = _mapping(notebook.get("metadata"))
    kernel = _mapping(metadata.get("kernelspec")).get("language")
    language = _mapping(metadata.get("language_info")).get("name") or kernel or "python"
    parts: list[Part] = []
    place = Place()
    for number, cell in enumerate(_cells(notebook), start=1):
        place = replace(place, cell=number, line=None)
        source = clean(_joined(cell.get("source", cell.get("input"))))
        match cell.get("cell_type"):
            case "markdown":
                found, place = sections(source, place)
                parts += found
            case "heading":  # format 3
                level = cell.get("level")
                mark = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
                found, place = sections(f"{mark} {source}", place)
                parts += found
            case "code":
                text = "\n\n".join(_code(cell, source, str(language)))
                parts += [Part(text, place)] if text else []
            case _:
                parts += [Part(source.strip(), place)] if source.strip() else []
    title = metadata.get("title")
    if not isinstance(title, str) or not title.strip():
        title = next((part.place.headings[0] for part in parts if part.place.headings), "")
    return Reading(clean(title).strip(), tuple(parts))


def _parse(path: Path, data: bytes) -> dict[str, Any]:
    name = file_name(path)
    try:
        notebook = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{name} is not a notebook: its JSON is broken", _AGAIN) from error
    if not isinstance(notebook, dict) or not {"cells", "worksheets"} & notebook.keys():
        raise ReadError(f"{name} is not a notebook: it has no cells", _AGAIN)
    return notebook


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sheets = notebook["worksheets"] if "cells" not in notebook else [notebook]
    for sheet in sheets if isinstance(sheets, list) else []:
        cells = _mapping(sheet).get("cells")
        for cell in cells if isinstance(cells, list) else []:
            yield _mapping(cell)


def _code(cell: dict[str, Any], source: str, language: str) -> Iterator[str]:
    if source.strip():
        yield fence(source.strip("\n"), language)
    left = _OUTPUT_CHARACTERS
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        printed = clean(_printed(_mapping(output))).strip("\n")
        if not printed.strip() or left <= 0:
            continue
        if len(printed) > left:
            printed = printed[:left].rstrip() + "\n…"
        left -= len(printed)
        yield fence(printed, "text")


def _printed(output: dict[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _overwritten(_joined(output.get("text")))
    if kind in ("error", "pyerr"):
        return f"{output.get('ename', 'error')}: {output.get('evalue', '')}"
    # Format 3 has the representations beside output_type, format 4 beneath "data".
    data = _mapping(output.get("data", output))
    return _joined(data.get("text/plain", data.get("text")))


def _overwritten(text: str) -> str:
    """What a terminal would show: a carriage return starts the line over, as progress bars do."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(piece for piece in source if isinstance(piece, str))
    return source if isinstance(source, str) else ""


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
