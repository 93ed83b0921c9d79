"""What a paragraph of a Word document is, by its style and by its own properties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

_HEADING = re.compile(r"(?:heading|제목|머리글|개요)\s*([1-9])$", re.IGNORECASE)
_TITLE = re.compile(r"(?:title|제목)$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|목차)(?:\s*(?:\d|heading|제목))?$", re.IGNORECASE)
_CODE = re.compile(r"(?:source |html )?(?:code|코드|preformatted)(?: block| text)?$", re.IGNORECASE)
_BODY_TEXT = 9  # what an outline level says of a paragraph that is no heading


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph is by its style, those it is based on included."""

    heading: int | None = None
    is_title: bool = False
    is_contents: bool = False
    is_code: bool = False
    list: str = ""
    list_level: int = 0


def styles(element: BaseOxmlElement) -> dict[str, Style]:
    """Paragraph styles by id; the default one is ""."""
    elements = {str(each.get(qn("w:styleId"))): each for each in element.iter(qn("w:style"))}
    found: dict[str, Style] = {}
    for identifier, each in elements.items():
        found[identifier] = _resolved(identifier, elements)
        if each.get(qn("w:default")) in ("1", "true") and each.get(qn("w:type")) == "paragraph":
            found[""] = found[identifier]
    return found


def _resolved(identifier: str, elements: Mapping[str, BaseOxmlElement]) -> Style:
    lineage: list[str] = []
    while identifier in elements and identifier not in lineage:
        lineage.append(identifier)
        identifier = value(elements[identifier], "w:basedOn")
    style = Style()
    for ancestor in reversed(lineage):
        element = elements[ancestor]
        # Word writes the names of its own styles in English, whatever language it speaks.
        name = value(element, "w:name")
        heading = _HEADING.match(name)
        style = replace(
            style,
            heading=int(heading[1]) - 1 if heading else style.heading,
            is_title=style.is_title or bool(_TITLE.match(name)),
            is_contents=style.is_contents or bool(_CONTENTS.match(name)),
            is_code=style.is_code or bool(_CODE.match(name)),
        )
        properties = element.find(qn("w:pPr"))
        if properties is not None:
            style = with_properties(style, properties)
    return style


def with_properties(style: Style, properties: BaseOxmlElement) -> Style:
    """A style with what a paragraph's own properties change of it."""
    level = value(properties, "w:outlineLvl")
    if level.isdecimal():
        style = replace(style, heading=int(level) if int(level) < _BODY_TEXT else None)
    numbering = properties.find(qn("w:numPr"))
    if numbering is None:
        return style
    list_level = value(numbering, "w:ilvl")
    return replace(
        style,
        list=value(numbering, "w:numId") or style.list,
        list_level=int(list_level) if re.fullmatch(r"[0-8]", list_level) else style.list_level,
    )


def value(element: BaseOxmlElement, name: str) -> str:
    """What the child of that name says; "" if there is none."""
    child = element.find(qn(name))
    return "" if child is None else str(child.get(qn("w:val")) or "")
