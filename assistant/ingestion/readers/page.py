"""A page of HTML as a small tree of what can be seen of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.ingestion.readers.naming import words

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_DEPTH = 150  # elements deeper than this are read as if they stood at it
# The parser's time grows with size times depth; no page anybody wrote is nested so deep.
_NESTING = 2_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_OFTEN_UNCLOSED = words("p li dt dd td th tr thead tbody tfoot option optgroup html body head")
_UNCLOSED = 20_000  # of these; mostly each closes the one before, though not always
_SELF_CLOSED = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)/>")
_VOID = words("area base br col embed hr img input link meta param source track wbr")

_NEVER_TEXT = words(
    "script style template noscript iframe frame object embed svg canvas audio video map head"
    " title meta link datalist"
)
_FORMULA = words("katex katex-display mwe-math-element mjx-container math-tex")
_RENDERED = words("MathJax MathJax_Display MathJax_Preview MathJax_SVG MathJax_CHTML")
_HIDDEN = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


@dataclass(slots=True)
class Element:
    """An element; ``children`` are elements and text. A formula has the tag ``tex``."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(self.attributes.get("class", "").split())

    @property
    def elements(self) -> Iterator[Element]:
        """The children that are no text."""
        return (child for child in self.children if isinstance(child, Element))

    def find(self, *tags: str) -> Iterator[Element]:
        """The elements within of one of these tags, in order."""
        for child in self.elements:
            if child.tag in tags:
                yield child
            yield from child.find(*tags)

    def text(self) -> str:
        """All text within, on one line."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()


@dataclass(frozen=True, slots=True)
class Page:
    """``title`` is that of its head; ``body`` is without scripts, styles and what is hidden."""

    title: str
    body: Element


def parse(html: str, name: str) -> Page:
    """A page, however broken its HTML.

    Raises:
        ReadError: it is nested too deeply; ``name`` is the file's.
    """
    from selectolax.lexbor import LexborHTMLParser

    if re.search(r"<\?xml|xhtml", html[:1000]):
        # To an HTML parser <title/> opens an element that swallows all that follows.
        html = _SELF_CLOSED.sub(_expanded, html)
    if _is_too_deep(html):
        raise ReadError(f"{name} is nested too deeply to be read", "save the page again")
    tree = LexborHTMLParser(html)
    title = tree.css_first("head > title") or tree.css_first("title")
    body = Element("body")
    if tree.body is not None:
        body.attributes = _attributes(tree.body)
        _fill(body, tree.body)
    return Page(title.text() if title is not None else "", body)


def _expanded(match: re.Match[str]) -> str:
    tag, attributes = match[1], match[2]
    return match[0] if tag.lower() in _VOID else f"<{tag}{attributes}></{tag}>"


def _is_too_deep(html: str) -> bool:
    depth = unclosed = 0
    for match in _TAG.finditer(html):
        step = -1 if match[1] else 1
        tag = match[2].lower()
        if tag in _VOID:
            continue
        if tag in _OFTEN_UNCLOSED:
            unclosed = max(unclosed + step, 0)
        else:
            depth = max(depth + step, 0)
        if depth > _NESTING or unclosed > _UNCLOSED:
            return True
    return False


def _fill(body: Element, source: LexborNode) -> None:
    open_elements = [(body, _children(source))]
    while open_elements:
        parent, rest = open_elements[-1]
        node = next(rest, None)
        if node is None:
            open_elements.pop()
        elif node.is_text_node:
            parent.children.append(node.text_content or "")
        elif node.is_element_node:
            child = _element(node)
            if child is None:
                continue
            parent.children.append(child)
            if child.tag != "tex":
                inner = child if len(open_elements) < _DEPTH else parent
                open_elements.append((inner, _children(node)))


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _element(node: LexborNode) -> Element | None:
    """The element at a node, without its children; None when it has no text to be seen."""
    tag = node.tag or ""
    attributes = _attributes(node)
    classes = frozenset(attributes.get("class", "").split())
    if tag == "script" and attributes.get("type", "").startswith("math/tex"):
        return _tex(node.text(), "display" in attributes["type"])
    if tag in ("math", "mjx-container") or classes & _FORMULA:
        return _formula(node, tag, attributes, classes)
    if tag in _NEVER_TEXT or classes & _RENDERED or _is_hidden(tag, attributes):
        return None
    return Element(tag, attributes)


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}


def _is_hidden(tag: str, attributes: dict[str, str]) -> bool:
    if tag in ("body", "main", "article"):  # hidden until a script has run
        return False
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    return _HIDDEN.search(attributes.get("style", "")) is not None


def _formula(
    node: LexborNode, tag: str, attributes: dict[str, str], classes: frozenset[str]
) -> Element | None:
    """What its author wrote of a formula, rather than what KaTeX or MathJax drew of it."""
    annotation = node.css_first('annotation[encoding="application/x-tex"]')
    math = node if tag == "math" else node.css_first("math")
    picture = node.css_first("img[alt]")
    shown = math.attributes if math is not None else {}
    if annotation is not None:
        tex = annotation.text()
    elif shown.get("alttext"):
        tex = shown["alttext"] or ""
    elif picture is not None:
        tex = picture.attributes.get("alt") or ""
    else:
        tex = node.text() if math is None else math.text()
    is_block = "katex-display" in classes or attributes.get("display") == "true"
    return _tex(tex, is_block or shown.get("display") == "block")


def _tex(tex: str, is_block: bool) -> Element | None:
    tex = " ".join(tex.split())
    for left, right in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")):
        if tex.startswith(left) and tex.endswith(right) and len(tex) > len(left) + len(right):
            tex = tex[len(left) : -len(right)].strip()
            is_block = is_block or left in ("\\[", "$$")
    if not tex:
        return None
    return Element("tex", {"display": "block"} if is_block else {}, [tex])
