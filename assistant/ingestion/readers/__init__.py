"""One module per kind of file; each yields the parts of a document with their places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from assistant.errors import AssistantError, EmptyFile, ReadError
from assistant.ingestion.readers.base import Reader, Reading
from assistant.ingestion.readers.naming import file_name, one_line
from assistant.ingestion.text import clean


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: the module here that reads it, and whether its bytes are the text itself."""

    name: str
    module: str
    is_text: bool = False


_SOURCE = (
    ".py .js .mjs .ts .jsx .tsx .vue .java .c .h .cpp .hpp .cc .cs .go .rs .rb .php .swift .kt"
    " .scala .dart .r .m .jl .lua .hs .ml .ex .exs .sh .bash .ps1 .sql .css .scss .toml"
    " .yaml .yml"
)
_FORMATS = (
    (Format("markdown", "markdown", is_text=True), ".md .markdown .mdx .qmd .rmd"),
    (Format("text", "plain", is_text=True), ".txt .text"),
    (Format("markup", "lightweight", is_text=True), ".rst .org .adoc .asciidoc"),
    (Format("latex", "latex", is_text=True), ".tex .ltx .latex"),
    (Format("source", "source", is_text=True), _SOURCE),
    (Format("subtitles", "subtitles", is_text=True), ".srt .vtt .sbv .lrc"),
    (Format("e-mail", "email_message", is_text=True), ".eml"),
    (Format("pdf", "pdf"), ".pdf"),
    (Format("notebook", "notebook"), ".ipynb"),
    (Format("docx", "docx"), ".docx"),
    (Format("pptx", "pptx"), ".pptx"),
    (Format("spreadsheet", "sheet"), ".xlsx .xlsm .xls .xlsb .ods"),
    (Format("csv", "delimited", is_text=True), ".csv .tsv"),
    (Format("hwp", "hwp"), ".hwp .hwpx"),
    (Format("html", "web", is_text=True), ".html .htm .xhtml .mhtml .mht"),
    (Format("epub", "epub"), ".epub"),
    (Format("image", "image"), ".png .jpg .jpeg .webp .tif .tiff .bmp"),
)
FORMATS: Mapping[str, Format] = MappingProxyType(
    {suffix: format for format, suffixes in _FORMATS for suffix in suffixes.split()}
)
"""The format by lower-case suffix."""

SUPPORTED = frozenset(FORMATS)
"""Every suffix that is read."""

_TITLE_CHARACTERS = 200
_EXPORT_ID = re.compile(r"[ _-][0-9a-f]{32}$")  # what Notion puts behind the names of pages


def read(path: Path, data: bytes | None = None) -> Reading:
    """Title and parts of a file; ``data`` are its bytes if the caller has them.

    A part under a heading begins with that heading's line where the section begins. The title
    is the document's own, or else its file name without suffix.

    Raises:
        EmptyFile: it holds no text.
        ReadError: it cannot be opened, or is not what its suffix says.
    """
    name = file_name(path)
    format = FORMATS.get(path.suffix.lower())
    if format is None:
        raise ReadError(
            f"{name}: {path.suffix or 'no suffix'} is not a format that is read",
            "save it as .pdf, .docx or .txt",
        )
    if data is None:
        data = load(path)
    try:
        reading = _reader(format)(path, data)
    except AssistantError:
        raise
    except Exception as error:  # whatever a format's library throws at a file nobody foresaw
        raise ReadError(
            f"{name} cannot be read: {error!r:.100}",
            f"open it and save it again as {path.suffix.lower()}",
        ) from error
    parts = tuple(part for part in reading.parts if part.text.strip())
    if not parts:
        raise EmptyFile(f"{name} holds no text")
    title = one_line(reading.title or _EXPORT_ID.sub("", clean(path.stem)))
    return replace(reading, title=title[:_TITLE_CHARACTERS] or name, parts=parts)


def load(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        ReadError: it cannot be opened.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        name = file_name(path)
        hint = "check who may read it" if isinstance(error, PermissionError) else ""
        why = (error.strerror or type(error).__name__).lower()
        raise ReadError(f"{name} cannot be opened: {why}", hint) from error


def _reader(format: Format) -> Reader:
    # Imported at first use: each brings its library along.
    module = import_module(f"{__name__}.{format.module}")
    reader: Reader = module.read
    return reader
