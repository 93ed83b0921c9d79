"""Text from pictures by Tesseract, Korean and English, where it is installed.

The program is run on one picture at a time, from memory to memory and with a time limit. What it
is not sure of is dropped: a page is rather told as unread than filled with invented words.
"""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

from assistant.ingestion.readers.ocr_regions import regions
from assistant.ingestion.readers.pdf_flow import Flow
from assistant.ingestion.readers.pdf_layout import HYPHEN, Cell, Line, arrange
from assistant.ingestion.reading.beat import beat
from assistant.ingestion.text import clean
from assistant.types import Part, Place

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

DPI = 300
PIXELS = 20_000_000  # of one picture: A3 at 300 dpi; a larger one is made smaller
_SECONDS = 60.0  # for one picture; a full page takes 2 to 6
_LANGUAGES = ("kor", "eng")
_CONFIDENCE = 45  # of 100; words seen in mere noise mostly have less, real ones 80 and more
_LATIN_CONFIDENCE = 68
_PAGE_CONFIDENCE = 60
_SPACE = 0.3  # of the height of a line: a narrower gap within Korean is none
_LETTERS = 0.6  # of what is no white space on a page
_FAINTEST = 24  # of 255 levels of grey: writing that is paler cannot be told from paper
_WINDOWS = r"C:\Program Files\Tesseract-OCR\tesseract.exe"

INSTALL = (
    'pip install "assistant-desk[ocr]" and the Tesseract program with Korean and English: '
    "Debian/Ubuntu: sudo apt install tesseract-ocr tesseract-ocr-kor; "
    "macOS: brew install tesseract tesseract-lang; "
    "Windows: winget install -i UB-Mannheim.TesseractOCR, with Korean ticked"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as recognised: pixels from the picture's upper left corner, confidence 0 to 100.

    ``line`` is equal for the words of one line.
    """

    text: str
    line: tuple[int, ...]
    left: int
    top: int
    width: int
    height: int
    confidence: float


# --------------------------------------------------------------------------- what is there


def available() -> str:
    """What is missing for pictures to be read; "" when all is there."""
    return _probe()


def hint(what: str) -> str:
    """What to do about a file in which no text was found; ``what`` it consists of."""
    missing = available()
    if missing:
        return f"{what}, for OCR to read; {missing} is missing: {INSTALL}"
    return f"{what} in which OCR found no text"


@cache
def _probe() -> str:
    if importlib.util.find_spec("PIL") is None:
        return "the extra [ocr]"
    program = _program()
    if not program:
        return "the program tesseract"
    try:
        listed = subprocess.run(
            [program, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "a tesseract that runs"
    languages = set((listed.stdout + listed.stderr).decode("utf-8", "replace").split())
    missing = [language for language in _LANGUAGES if language not in languages]
    return f"tesseract's data for {' and '.join(missing)}" if missing else ""


def _program() -> str:
    found = shutil.which("tesseract")
    if found is None and os.name == "nt":
        found = shutil.which(_WINDOWS)  # its installer leaves PATH alone
    return found or ""


# --------------------------------------------------------------------------- pictures to lines


def lines(image: Picture, page: int, *, dpi: float = DPI) -> list[Line]:
    """The lines of a picture in reading order, positions in points; none where none is sure.

    ``page`` is what the lines say they stand on. Columns are told apart before recognition:
    Tesseract runs them together, or takes their order wrong. Call only when :func:`available`
    is "".
    """
    image = _grey(image)
    if _is_blank(image):
        return []
    found = []
    for box in regions(image):
        words = [
            replace(
                word, text=clean(word.text).strip(), left=word.left + box[0], top=word.top + box[1]
            )
            for word in recognise(image.crop(box), dpi)
        ]
        found.append([word for word in words if word.text])
    beat()
    if not _is_text([word for words in found for word in words]):
        return []
    return [
        line for words in found for line in arrange(_lines(words, page, image.height, 72 / dpi))
    ]


def parts(pages: Iterable[Sequence[Line]]) -> list[Part]:
    """The running text of recognised pages, a part for each; every page has some lines."""
    flow = Flow()
    pages = list(pages)
    for page in pages:
        flow.learn(page)
    flow.settle()
    found = [Part(clean(flow.text(page)).strip(), Place(page=page[0].page)) for page in pages]
    return [part for part in found if part.text]


def recognise(image: Picture, dpi: float) -> list[Word]:
    """All that Tesseract sees in a grey picture, taken as one block of text; none on failure."""
    picture = io.BytesIO()
    image.save(picture, "PPM")
    command = [_program(), "stdin", "stdout", "-l", "+".join(_LANGUAGES), "--psm", "6"]
    command += ["--dpi", str(round(dpi)), "-c", "tessedit_create_tsv=1"]
    try:
        done = subprocess.run(
            command,
            input=picture.getvalue(),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
            # Its threads wait for each other: with four of them a page takes five times as long.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return list(_words(done.stdout.decode("utf-8", "replace")))


def _words(table: str) -> Iterator[Word]:
    for row in table.split("\n"):
        fields = row.split("\t")
        if len(fields) == 12 and fields[0] == "5":  # level 5 is a word
            line = tuple(map(int, fields[2:5]))
            left, top, width, height = map(int, fields[6:10])
            yield Word(fields[11], line, left, top, width, height, float(fields[10]))


def _is_text(words: Sequence[Word]) -> bool:
    """Whether a page's words are words, or what a photograph looks like to Tesseract."""
    text = "".join(word.text for word in words)
    if not text:
        return False
    sure = sum(word.confidence * len(word.text) for word in words) / len(text)
    letters = sum(character.isalnum() for character in text) / len(text)
    return sure >= _PAGE_CONFIDENCE and letters >= _LETTERS


def _lines(words: Sequence[Word], page: int, height: int, scale: float) -> list[Line]:
    words = [word for word in _joined(words) if _is_sure(word)]
    # Heights differ by the letters in a line, so that they tell nothing of headings.
    size = median(word.height for word in words) * scale if words else 0.0
    found = []
    for _, group in groupby(words, key=lambda word: word.line):
        line = list(group)
        text = " ".join(word.text for word in line)
        if text[-1] in "-\xad" and text[-2:-1].islower():
            text = text[:-1] + HYPHEN
        found.append(
            Line(
                text=text,
                page=page,
                left=line[0].left * scale,
                right=(line[-1].left + line[-1].width) * scale,
                top=(height - min(word.top for word in line)) * scale,
                bottom=(height - max(word.top + word.height for word in line)) * scale,
                size=round(size, 1),
                in_margin=False,
                cells=_cells(line, size, scale),
            )
        )
    return found


def _is_sure(word: Word) -> bool:
    # Korean taken for Latin letters ("BES" for 분포를) gets up to 65, English words 85 and more.
    is_korean = any(map(_is_hangul, word.text))
    return word.confidence >= (_CONFIDENCE if is_korean else _LATIN_CONFIDENCE)


def _joined(words: Sequence[Word]) -> list[Word]:
    """Words as Korean writes them: Tesseract gives most of their syllables one by one."""
    found: list[Word] = []
    for _, group in groupby(words, key=lambda word: word.line):
        line = list(group)
        space = _SPACE * median(word.height for word in line)
        found.append(line[0])
        for word in line[1:]:
            before = found[-1]
            gap = word.left - before.left - before.width
            if gap < space and (_is_hangul(before.text[-1]) or _is_hangul(word.text[0])):
                found[-1] = _join(before, word)
            else:
                found.append(word)
    return found


def _join(before: Word, word: Word) -> Word:
    top = min(before.top, word.top)
    lengths = len(before.text), len(word.text)
    sure = before.confidence * lengths[0] + word.confidence * lengths[1]
    return Word(
        text=before.text + word.text,
        line=before.line,
        left=before.left,
        top=top,
        width=word.left + word.width - before.left,
        height=max(before.top + before.height, word.top + word.height) - top,
        confidence=sure / sum(lengths),
    )


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def _cells(line: Sequence[Word], size: float, scale: float) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    position = 0
    for word in line:
        left, right = word.left * scale, (word.left + word.width) * scale
        end = position + len(word.text)
        if cells and left - cells[-1].right <= 1.5 * size:
            cells[-1] = replace(cells[-1], end=end, right=right)
        else:
            cells.append(Cell(position, end, left, right, size))
        position = end + 1
    return tuple(cells) if len(cells) > 1 else ()


# --------------------------------------------------------------------------- pictures


def _grey(image: Picture) -> Picture:
    """In grey on white, and of no more than ``PIXELS``."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        from PIL import Image

        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    if image.width * image.height > PIXELS:
        shrink = (PIXELS / (image.width * image.height)) ** 0.5
        image = image.resize(
            (max(1, int(image.width * shrink)), max(1, int(image.height * shrink)))
        )
    return image.convert("L")


def _is_blank(image: Picture) -> bool:
    darkest, lightest = _extremes(image.reduce(4) if min(image.size) >= 4 else image)
    return lightest - darkest < _FAINTEST


def _extremes(image: Picture) -> tuple[int, int]:
    grey: Any = image.getextrema()
    return int(grey[0]), int(grey[1])
