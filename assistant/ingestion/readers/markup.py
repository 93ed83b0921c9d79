"""HTML into the blocks of an outline: headings, paragraphs, lists, tables, code and formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.ingestion.readers.blocks import Outline
from assistant.ingestion.readers.fences import fence
from assistant.ingestion.readers.naming import words
from assistant.ingestion.readers.page import Element

_BLOCKS = words(
    "address article aside blockquote body center details dialog div dl dt dd fieldset figure"
    " figcaption footer form header hr main menu nav ol p section summary table tbody td tfoot"
    " th thead tr ul caption"
)
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_FILE_NAME = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|bmp|ico)$|^(?:image|img|icon|untitled)\W*\d*$"
)
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:language-|lang-|highlight-(?:source-)?)([\w+#-]+)", re.IGNORECASE
)
# How Notion writes headings that fold: as summaries in larger type.
_NOTION_HEADING = re.compile(r"font-size:\s*1\.(875|5|25)em")
_NOTION_LEVELS = {"875": 1, "5": 2, "25": 3}
_INDENT_LEVELS = 6
_LONGEST_CELL = 600  # characters; a table of longer ones lays out a page
_COLUMNS = 100


def write(element: Element, outline: Outline) -> None:
    """Adds what an element holds to an outline, in order."""
    _Writer(outline).write(element)


def inline(element: Element) -> str:
    """The text of an element on one line, with its formulas, code and checkboxes."""
    return " ".join("".join(_pieces(element)).split())


def heading(element: Element) -> str:
    """The text of a heading, without the marks of code."""
    return inline(element).replace("`", "")


def _pieces(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield child
            continue
        leaf = _leaf(child)
        if leaf is not None:
            yield leaf
            continue
        if child.tag in _BLOCKS or child.tag == "li":
            yield " "
        yield from _pieces(child)
        if child.tag in _BLOCKS or child.tag == "li":
            yield " "


def _leaf(element: Element) -> str | None:
    """The text of an element that is written as a whole; None if its children are."""
    classes = element.classes
    match element.tag:
        case "tex":
            mark = "$$" if element.attributes else "$"
            return f"{mark}{element.text()}{mark}"
        case "br":
            return "\n"
        case "wbr" | "rp":
            return ""
        case "rt":
            return f"({element.text()})"
        case "img":
            alt = " ".join(element.attributes.get("alt", "").split())
            return "" if _FILE_NAME.search(alt.lower()) else alt
        case "input":
            if element.attributes.get("type", "").lower() != "checkbox":
                return ""
            return "[x] " if "checked" in element.attributes else "[ ] "
        case "sup":
            return _raised(element)
        case "code" | "kbd" | "samp" | "tt":
            code = element.text()
            return f"`{code}`" if code and "`" not in code else code
        case "div" if "checkbox" in classes:
            return "[x] " if "checkbox-on" in classes else "[ ] "
        case "span" if "icon" in classes:
            return ""
    return None


def _raised(element: Element) -> str:
    """A power as ``^2``, a note's mark as Markdown has it."""
    text = inline(element)
    link = next(element.find("a"), None)
    if link is not None and "#" in link.attributes.get("href", ""):
        mark = re.sub(r"\W", "", text)
        return f"[^{mark}]" if mark else ""
    return text if text.isalpha() or not text else f"^{text}"


class _Writer:
    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._line: list[str] = []
        self._lists: list[int] = []  # the number before the next item, -1 in lists with bullets
        self._marker = ""  # of an item of which nothing is written yet
        self._after_item = False

    def write(self, element: Element) -> None:
        self._children(element)
        self._flush()

    def _children(self, element: Element) -> None:
        for child in element.children:
            if isinstance(child, str):
                self._line.append(_SPACE.sub(" ", child))
            else:
                self._element(child)

    def _element(self, element: Element) -> None:
        level = _heading_level(element)
        if level:
            self._flush()
            self._marker, self._after_item = "", False
            self._outline.heading(level, heading(element))
        elif element.tag == "tex" and element.attributes:
            self._flush()
            self._emit(_leaf(element) or "")
        elif (leaf := _leaf(element)) is not None:
            self._line.append(leaf)
        elif element.tag == "pre":
            self._flush()
            self._emit(_code(element))
        elif element.tag == "table":
            self._flush()
            self._table(element)
        elif element.tag in ("ul", "ol", "dl"):
            self._list(element)
        elif element.tag in ("li", "dt"):
            self._item(element)
        elif element.tag in _BLOCKS:
            self._flush()
            self._children(element)
            self._flush()
        else:
            self._children(element)

    def _flush(self) -> None:
        lines = "".join(self._line).split("\n")
        self._line = []
        text = "\n".join(" ".join(line.split()) for line in lines).strip()
        if text:
            self._emit(text)

    def _emit(self, text: str) -> None:
        if not text:
            return
        in_list = bool(self._lists)
        if in_list and not text.startswith("```"):
            first = "  " * min(len(self._lists) - 1, _INDENT_LEVELS) + (self._marker or "  ")
            text = first + text.replace("\n", "\n" + " " * len(first))
        self._outline.add(text, tight=in_list and self._after_item)
        self._marker = ""
        self._after_item = in_list

    def _list(self, element: Element) -> None:
        self._flush()
        start = element.attributes.get("start", "")
        number = int(start) - 1 if re.fullmatch(r"\d{1,6}", start) else 0
        self._lists.append(number if element.tag == "ol" else -1)
        self._children(element)
        self._flush()
        self._lists.pop()

    def _item(self, element: Element) -> None:
        self._flush()
        if not self._lists or self._lists[-1] < 0:
            self._marker = "- "
        else:
            self._lists[-1] += 1
            self._marker = f"{self._lists[-1]}. "
        self._children(element)
        self._flush()
        self._marker = ""

    def _table(self, table: Element) -> None:
        self._after_item, self._marker = False, ""
        for caption in table.elements:
            if caption.tag == "caption":
                self._emit(inline(caption))
        rows = list(_rows(table))
        if _is_layout(table, rows):
            for row in rows:
                for cell in row:
                    self._children(cell)
                    self._flush()
        elif all([cell.tag for cell in row] == ["th", "td"] for row in rows):
            # Properties: what would be the first row's place is no header.
            for row in rows:
                self._outline.add(f"- {inline(row[0])}: {inline(row[1])}", tight=row is not rows[0])
        else:
            self._outline.table(_grid(rows))
        self._after_item = False


def _heading_level(element: Element) -> int:
    if re.fullmatch(r"h[1-6]", element.tag):
        return int(element.tag[1])
    if element.tag == "summary":
        size = _NOTION_HEADING.search(element.attributes.get("style", ""))
        return _NOTION_LEVELS[size[1]] if size else 0
    return 0


def _code(pre: Element) -> str:
    code = "".join(_verbatim(pre)).strip("\n")
    if not code.strip():
        return ""
    languages = [_LANGUAGE.search(e.attributes.get("class", "")) for e in (pre, *pre.find("code"))]
    language = next((match[1].lower() for match in languages if match), "")
    return fence(code, language)


def _verbatim(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield "\n"
        else:
            yield from _verbatim(child)


def _rows(table: Element) -> Iterator[list[Element]]:
    for child in table.elements:
        if child.tag == "tr":
            cells = [cell for cell in child.elements if cell.tag in ("td", "th")]
            if cells:
                yield cells
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _is_layout(table: Element, rows: list[list[Element]]) -> bool:
    """Whether a table but arranges a page, or frames a text."""
    if table.attributes.get("role") == "presentation" or max(map(len, rows), default=0) <= 1:
        return True
    if next(table.find("table", "pre", "h1", "h2", "h3"), None) is not None:
        return True
    return any(len(cell.text()) > _LONGEST_CELL for row in rows for cell in row)


def _grid(rows: list[list[Element]]) -> list[list[str]]:
    """The text of every place; a cell that spans rows is repeated, for each is read alone."""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # by column: rows still to come, text
    for row in rows:
        line: list[str] = []
        for cell in row:
            _hang(line, hanging)
            text = inline(cell)
            columns, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for covered in [text, *[""] * (columns - 1)][: _COLUMNS - len(line)]:
                if down > 1:
                    hanging[len(line)] = (down - 1, covered)
                line.append(covered)
        _hang(line, hanging)
        grid.append(line)
    return grid


def _hang(line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Continues a row with the cells that reach down into it."""
    while len(line) in hanging:
        column = len(line)
        left, text = hanging.pop(column)
        line.append(text)
        if left > 1:
            hanging[column] = (left - 1, text)


def _span(cell: Element, name: str) -> int:
    value = cell.attributes.get(name, "")
    return max(int(value), 1) if re.fullmatch(r"\d{1,4}", value) else 1
