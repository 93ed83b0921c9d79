"""CSV and TSV: rows of cells, whatever stands between them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingestion.readers import tables
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.naming import file_name
from assistant.ingestion.readers.refusals import broken
from assistant.ingestion.readers.tables import Row
from assistant.ingestion.text import clean, decode, is_binary
from assistant.types import Place

_DELIMITERS = ",\t;|"
_SAMPLE = 50  # records
_SAMPLE_CHARACTERS = 100_000
_MOST_COLUMNS = 16_384  # as many as a spreadsheet has
_STATED = re.compile(r"sep=([^\n])(?:\n|\Z)", re.IGNORECASE)  # Excel's own first line


def read(path: Path, data: bytes) -> Reading:
    """No title; parts of some rows, each under the header.

    Rows count records, as a spreadsheet does, and not the lines a quoted cell may span.

    Raises:
        ReadError: it is no text, or has rows that are longer than a spreadsheet's.
    """
    if is_binary(data):
        raise broken(path, "text")
    text = clean(decode(data))
    stated = _STATED.match(text)
    delimiter = stated[1] if stated else _delimiter(text)
    if any(line.count(delimiter) >= _MOST_COLUMNS for line in text.split("\n")):
        raise ReadError(
            f"{file_name(path)} has rows of more than {_MOST_COLUMNS:,} cells",
            "open it and save it again with fewer columns, or as .txt if it is a text",
        )
    quoted = True
    try:
        sum(1 for _ in _records(text, delimiter, quoted))
    except csv.Error:  # a stray quote that opened a cell and never closed it
        quoted = False

    def rows() -> Iterator[Row]:
        for number, record in enumerate(_records(text, delimiter, quoted), start=1):
            cells = [cell.strip() for cell in record]
            if any(cells) and not (stated and number == 1):
                yield Row(number, cells)

    return Reading("", tuple(tables.parts(rows, Place())))


def _records(text: str, delimiter: str, quoted: bool) -> Iterator[list[str]]:
    if not quoted:
        return (line.split(delimiter) for line in text.split("\n"))
    # A space before a quote would make the quote a part of the cell.
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t")


def _delimiter(text: str) -> str:
    """The one that cuts most of the first records into the same number of cells."""
    sample = text[:_SAMPLE_CHARACTERS]

    def agreement(delimiter: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        try:
            for record in islice(_records(sample, delimiter, True), _SAMPLE):
                widths[len(record)] += 1
        except csv.Error:
            pass  # what came before tells as well
        widths = Counter({width: times for width, times in widths.items() if width > 1})
        width, times = widths.most_common(1)[0] if widths else (0, 0)
        return times, width

    return max(_DELIMITERS, key=agreement)
