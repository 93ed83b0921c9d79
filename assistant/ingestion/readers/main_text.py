"""The part of a web page that its reader came for."""

from __future__ import annotations

import re

from assistant.ingestion.readers.naming import words
from assistant.ingestion.readers.page import Element

_CONTROLS = words("nav button select textarea dialog menu")
_ROLES = words("navigation banner contentinfo complementary search dialog menu")
_FURNITURE = words(
    "mw-editsection navbox toc table_of_contents headerlink anchor-link breadcrumb breadcrumbs"
    " noprint mw-jump-link skip-link sr-only visually-hidden screen-reader-text jp-InputPrompt"
    " jp-OutputPrompt prompt linenos lineno gutter rouge-gutter"
)
_FURNITURE_IDS = words("breadcrumb-section breadcrumbs toc comments disqus_thread")
# What stands in an aside or a footer and is text all the same.
_ASIDE_TEXT = re.compile(r"note|callout|admonition|reference|bibliograph|definition|tip|warning")
_MAIN_IDS = words("content main bodyContent mw-content-text main-content readme")
_MAIN_SHARE = 0.5  # of the page's prose, that an element must hold to be its main text
_LINKS = 4  # a block of at least as many links, and hardly anything else, is navigation
_LINK_SHARE = 0.7
_LINK_CHARACTERS = 25  # on average; those of a list of references are longer


def main_text(body: Element) -> Element:
    """The element that holds what the page is about, without navigation and the like.

    An export of Confluence or Notion names it. Elsewhere it is the smallest of its ``main``,
    ``article`` and the like that hold half of the prose or more, or else the whole body less
    the blocks that are hardly more than links.
    """
    for element in body.find("div", "article"):
        is_confluence = element.tag == "div" and "wiki-content" in element.classes
        is_notion = element.tag == "article" and "page" in element.classes
        if is_confluence or is_notion:
            _strip(element, _prose(element), within=True)
            return element
    _strip(body, _prose(body), within=False)
    most = _prose(body)
    candidates = [element for element in body.find(*_MAIN_TAGS) if _may_be_main(element)]
    holding = [e for e in candidates if most and _prose(e) >= most * _MAIN_SHARE]
    if holding:
        return min(holding, key=_prose)
    if _links(body)[0] < most:  # else links are what the page is about
        _strip_links(body)
    return body


_MAIN_TAGS = ("main", "article", "div", "section", "td")


def _may_be_main(element: Element) -> bool:
    return (
        element.tag in ("main", "article")
        or element.attributes.get("role") in ("main", "article")
        or element.attributes.get("id") in _MAIN_IDS
    )


def _prose(element: Element) -> int:
    """Characters of text that no link holds."""
    count = 0
    for child in element.children:
        if isinstance(child, str):
            count += len("".join(child.split()))
        elif child.tag != "a":
            count += _prose(child)
    return count


def _links(element: Element) -> tuple[int, int]:
    """Characters of the text of links, and how many links with text there are."""
    lengths = [len("".join(link.text().split())) for link in element.find("a")]
    return sum(lengths), sum(length > 0 for length in lengths)


def _strip(element: Element, most: int, *, within: bool) -> None:
    """Drops furniture; ``most`` is the prose of the page, half of which is never furniture."""
    kept: list[Element | str] = []
    for child in element.children:
        if isinstance(child, Element):
            if _is_furniture(child, within) and _prose(child) < max(most * _MAIN_SHARE, 1):
                continue
            _strip(child, most, within=within or child.tag in ("main", "article", "blockquote"))
        kept.append(child)
    element.children = kept


def _is_furniture(element: Element, within: bool) -> bool:
    """Whether an element belongs to the site rather than its text; ``within`` an article or not."""
    tag, attributes, classes = element.tag, element.attributes, element.classes
    if tag in _CONTROLS or classes & _FURNITURE or attributes.get("id") in _FURNITURE_IDS:
        return True
    if attributes.get("role") in _ROLES:
        return True
    if tag in ("aside", "footer"):
        names = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower()
        return not _ASIDE_TEXT.search(names)
    if tag == "header":
        return not within and next(element.find("h1"), None) is None
    return False


def _strip_links(element: Element) -> None:
    element.children = [
        child for child in element.children if isinstance(child, str) or not _is_navigation(child)
    ]
    for child in element.elements:
        _strip_links(child)


def _is_navigation(element: Element) -> bool:
    if element.tag not in ("div", "ul", "ol", "section", "td", "p", "table", "center", "header"):
        return False
    characters, links = _links(element)
    if links < _LINKS or characters > links * _LINK_CHARACTERS:
        return False
    return characters > _LINK_SHARE * (characters + _prose(element))
