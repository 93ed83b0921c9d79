"""Spreadsheets by calamine: .xlsx, .xlsm, .xlsb, .xls and .ods, as the values they show."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from assistant.errors import ReadError
from assistant.ingestion.readers import delimited, office, tables, web
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.naming import file_name, one_line
from assistant.ingestion.readers.refusals import broken, locked
from assistant.ingestion.readers.tables import Row
from assistant.ingestion.text import clean, is_binary
from assistant.types import Part, Place

_CHUNK = 1 << 20  # bytes of XML looked at once
_MOST_CELLS = 32_000_000  # of the rectangle around a sheet's cells; calamine holds all of it
_VALUED = re.compile(
    rb"<(?:\w+:)?c\b[^<>]*?\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"'][^<>]*(?<!/)>"
)
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml$", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<")
_OLD_XML = re.compile(r"urn:schemas-microsoft-com:office:spreadsheet\"[^>]*>\s*<(?!html)", re.I)


def read(path: Path, data: bytes) -> Reading:
    """No title; parts of some rows of a sheet, each under the header of its columns.

    Sheets that a program hides from its user are left out, and formulas are the values they had.
    What is a table as text under a name of Excel's is read as that.

    Raises:
        ReadError: it is locked by a password, or no spreadsheet.
    """
    if data.startswith(b"PK"):
        office.check(path, data, path.suffix)
        _check_area(path, data)
    elif not data.startswith(office.OLE):
        return _as_text(path, data)
    office.check_password(path, data)
    with _calamine(path):
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    parts: list[Part] = []
    for sheet in workbook.sheets_metadata:
        is_seen = sheet.visible is not SheetVisibleEnum.VeryHidden
        if is_seen and sheet.typ is SheetTypeEnum.WorkSheet:
            with _calamine(path):
                parts += _parts(workbook.get_sheet_by_name(sheet.name))
    return Reading("", tuple(parts))


def _parts(sheet: CalamineSheet) -> Iterator[Part]:
    def rows() -> Iterator[Row]:
        for number, values in enumerate(sheet.iter_rows(), start=1):
            if values.count("") == len(values):  # a stray cell may be a million rows away
                continue
            cells = [_text(value) for value in values]
            if any(cells):
                yield Row(number, cells)

    yield from tables.parts(rows, Place(sheet=one_line(sheet.name)))


def _text(value: object) -> str:
    """A cell's value as people write it; "" for an empty one."""
    match value:
        case str():
            return clean(value).strip()
        case bool():
            return str(value).upper()
        case float() | int():
            return _number(value)
        case dt.datetime():
            # Excel has moments only: a day is one at midnight.
            midnight = value.time() == dt.time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "auto")[:19]
        case dt.date() | dt.time():
            return value.isoformat()[:10]
        case _:
            return clean(str(value)).strip()


def _number(value: float) -> str:
    # Every number is a float to a spreadsheet; their last digits are its noise.
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.12g}"


def _as_text(path: Path, data: bytes) -> Reading:
    """What web services export under a name of Excel's: a web page, or tab-separated text."""
    if is_binary(data):
        raise broken(path)
    head = web.page_text(data[:_CHUNK])
    if _OLD_XML.search(head):
        raise ReadError(
            f"{file_name(path)} is in the XML format of Excel 2003",
            "open it and save it again as .xlsx",
        )
    return web.read(path, data) if _MARKUP.match(head) else delimited.read(path, data)


@contextmanager
def _calamine(path: Path) -> Iterator[None]:
    """Names the file in what calamine raises; its panics are no Exception."""
    try:
        yield
    except PasswordError as error:
        raise locked(path) from error
    except CalamineError as error:
        raise broken(path) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise broken(path) from error


def _check_area(path: Path, data: bytes) -> None:
    """Raise ReadError for a sheet whose cells are so far apart that calamine would abort.

    It holds the whole rectangle around a sheet's cells, and a process that cannot get that much
    memory ends without an exception.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if not _WORKSHEET.match(info.filename):
                continue
            try:
                with archive.open(info) as stream:
                    area = _area(stream)
            except office.DAMAGE as error:
                raise broken(path) from error
            if area > _MOST_CELLS:
                raise ReadError(
                    f"{file_name(path)} has cells too far apart: {area:,} lie between them",
                    "delete the stray ones at the far end of its sheets",
                )


def _area(stream: IO[bytes]) -> int:
    """Cells in the rectangle from the first to the farthest one with a value."""
    columns = rows = 0
    left = b""
    while chunk := stream.read(_CHUNK):
        text, mark, left = (left + chunk).rpartition(b"<")
        for column, row in set(_VALUED.findall(text)):
            columns = max(columns, _column(column))
            rows = max(rows, int(row))
        left = (mark + left)[:_CHUNK]
    return columns * rows


def _column(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number
