"""EPUB books: chapters in reading order, each through the reader of HTML."""

from __future__ import annotations

import posixpath
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from zipfile import BadZipFile, ZipFile

from assistant.errors import ReadError
from assistant.ingestion.archives import open_archive
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.blocks import Outline
from assistant.ingestion.readers.markup import inline, write
from assistant.ingestion.readers.naming import file_name, heading_name
from assistant.ingestion.readers.page import Element, parse
from assistant.ingestion.readers.web import page_text
from assistant.ingestion.text import clean
from assistant.types import Part, Place

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_SCRAMBLING = frozenset(  # which hides fonts, and no text
    ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
)
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_NCX = "application/x-dtbncx+xml"
_DEPTH = 6  # of the table of contents
_AGAIN = "download or export it again as .epub"


@dataclass(frozen=True, slots=True)
class _Item:
    """A file of the book: its path in the archive, its media type, its properties."""

    path: str
    media: str
    properties: tuple[str, ...]


def read(path: Path, data: bytes) -> Reading:
    """One section for each heading; above it the chapter's name in the table of contents.

    Raises:
        EmptyFile: it holds no text.
        ReadError: it is locked by DRM, or no EPUB, or a broken one.
    """
    name = file_name(path)
    with open_archive(data, name) as archive:
        return _Book(name, archive).reading()


class _Book:
    def __init__(self, name: str, archive: ZipFile) -> None:
        self._name = name
        self._archive = archive
        self._members = {_key(member): member for member in archive.namelist()}
        self._package_path = self._find_package()
        self._package = self._xml(self._package_path)
        self._items = dict(self._manifest())
        self._spine = self._reading_order()

    def reading(self) -> Reading:
        self._refuse_locked()
        if not self._spine:
            raise ReadError(f"{self._name} is broken: it names no chapter", _AGAIN)
        contents = self._contents()
        parts: list[Part] = []
        chapter: tuple[str, ...] = ()
        unreadable = 0
        for item in self._spine:
            # A file that the table of contents leaves out goes on with the chapter before.
            chapter = contents.get(_key(item.path), chapter)
            try:
                parts += self._chapter(item, chapter)
            except ReadError:
                unreadable += 1  # the other chapters are still worth reading
        if unreadable and not parts:
            raise ReadError(f"{self._name} is broken: no chapter can be read", _AGAIN)
        titles = [clean(element.text or "") for element in _all(self._package, "title")]
        return Reading(next((title for title in titles if title.strip()), ""), tuple(parts))

    def _chapter(self, item: _Item, chapter: tuple[str, ...]) -> tuple[Part, ...]:
        body = parse(page_text(self._bytes(item.path)), self._name).body
        outline = Outline(Place(headings=chapter[:-1]))
        first = next(body.find("h1", "h2", "h3", "h4", "h5", "h6"), None)
        if chapter and (first is None or _letters(inline(first)) != _letters(chapter[-1])):
            printed = inline(first) if first is not None else ""
            if first is not None and _letters(printed) in _letters(chapter[-1]):
                # "Chapter 1: Light" in the contents, "Light" on the page.
                first.tag, first.children = "h1", [chapter[-1]]
            else:
                outline = Outline(Place(headings=chapter))
        write(body, outline)
        return outline.parts()

    # ------------------------------------------------------------------ package

    def _find_package(self) -> str:
        if _key(_CONTAINER) in self._members:
            for root in _all(self._xml(_CONTAINER), "rootfile"):
                path: str = root.get("full-path", "")
                if _key(path) in self._members:
                    return path
        package = next((m for m in self._members.values() if m.lower().endswith(".opf")), None)
        if package is None:
            raise ReadError(f"{self._name} is not an EPUB, or a broken one", _AGAIN)
        return package

    def _manifest(self) -> Iterator[tuple[str, _Item]]:
        for item in _all(self._package, "item"):
            path = _resolve(self._package_path, item.get("href", ""))
            properties = tuple(item.get("properties", "").split())
            yield item.get("id", ""), _Item(path, item.get("media-type", ""), properties)

    def _reading_order(self) -> list[_Item]:
        wanted = [self._items.get(ref.get("idref", "")) for ref in _all(self._package, "itemref")]
        items = [item for item in wanted if item is not None] or list(self._items.values())
        # Each once: nothing keeps a broken book from naming one a thousand times.
        return list(
            {
                item.path: item
                for item in items
                if item.media in _PAGES and "nav" not in item.properties
            }.values()
        )

    def _refuse_locked(self) -> None:
        if _key(_ENCRYPTION) not in self._members:
            return
        chapters = {_key(item.path) for item in self._spine}
        for entry in _all(self._xml(_ENCRYPTION), "EncryptedData"):
            method = next(_all(entry, "EncryptionMethod"), None)
            if method is not None and method.get("Algorithm", "") in _FONT_SCRAMBLING:
                continue
            paths = [unquote(ref.get("URI", "")) for ref in _all(entry, "CipherReference")]
            if chapters & {_key(path) for path in paths}:
                raise ReadError(
                    f"{self._name} is locked by DRM", "only its seller's app can open it"
                )

    # ------------------------------------------------------------------ table of contents

    def _contents(self) -> dict[str, tuple[str, ...]]:
        """The path of chapter names for each file that the table of contents names."""
        contents: dict[str, tuple[str, ...]] = {}
        for path, names in self._entries():
            contents.setdefault(path, names)
        return contents

    def _entries(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for item in self._items.values():
            if "nav" in item.properties:
                yield from self._navigation(item.path)
        for item in self._items.values():
            if item.media == _NCX:
                yield from self._ncx(item.path)

    def _navigation(self, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        try:
            body = parse(page_text(self._bytes(path)), self._name).body
        except ReadError:
            return
        navs = list(body.find("nav"))
        tables = [nav for nav in navs if "toc" in nav.attributes.get("epub:type", "")] or navs[:1]
        for table in tables:
            for ordered in table.elements:
                if ordered.tag == "ol":
                    yield from _listed(path, ordered, ())

    def _ncx(self, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        try:
            points = next(_all(self._xml(path), "navMap"), None)
        except ReadError:
            return
        if points is not None:
            yield from _points(path, points, ())

    # ------------------------------------------------------------------ files

    def _bytes(self, path: str) -> bytes:
        member = self._members.get(_key(path))
        if member is None:
            raise ReadError(f"{self._name} is broken: {clean(path)} is missing", _AGAIN)
        try:
            return self._archive.read(member)
        except (BadZipFile, OSError, EOFError, zlib.error, RuntimeError) as error:
            raise ReadError(f"{self._name} is broken: {clean(path)} is damaged", _AGAIN) from error

    def _xml(self, path: str) -> _Element:
        from lxml import etree  # type: ignore[import-untyped]

        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
        )
        try:
            root = etree.fromstring(self._bytes(path), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise ReadError(f"{self._name} is broken: {clean(path)} is no XML", _AGAIN) from error
        if root is None:
            raise ReadError(f"{self._name} is broken: {clean(path)} is no XML", _AGAIN)
        return root


def _listed(
    path: str, ordered: Element, above: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in ordered.elements:
        label = next((e for e in item.elements if e.tag in ("a", "span")), None)
        name = inline(label) if label is not None else ""
        names = (*above, heading_name(name)) if name else above
        if label is not None and names and label.attributes.get("href"):
            yield _key(_resolve(path, label.attributes["href"])), names
        for inner in item.elements:
            if inner.tag == "ol" and len(above) < _DEPTH:
                yield from _listed(path, inner, names)


def _points(
    path: str, parent: _Element, above: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for point in parent:
        if _local(point) != "navPoint":
            continue
        label = next((e for child in point if _local(child) == "navLabel" for e in child), None)
        content = next((child for child in point if _local(child) == "content"), None)
        name = heading_name(label.text or "") if label is not None else ""
        names = (*above, name) if name else above
        if content is not None and names:
            yield _key(_resolve(path, content.get("src", ""))), names
        if len(above) < _DEPTH:
            yield from _points(path, point, names)


def _all(root: _Element, tag: str) -> Iterator[_Element]:
    """The elements of a tag, in whatever namespace."""
    return (element for element in root.iter() if _local(element) == tag)


def _local(element: _Element) -> str:
    # Comments and processing instructions have a function for their tag.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _resolve(base: str, href: str) -> str:
    try:
        path = unquote(urlsplit(href).path)
    except ValueError:
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
