from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from assistant.errors import EmptyFile, ReadError
from assistant.ingestion.readers import ocr, read
from assistant.ingestion.readers.ocr import Word
from assistant.ingestion.reading.beat import listening
from assistant.types import Part

NANUM = Path("/usr/share/fonts/truetype/nanum/NanumMyeongjo.ttf")
MISSING = ocr.available()
real = pytest.mark.skipif(bool(MISSING), reason=f"{MISSING} is missing")

LINES = [
    "Quantization represents the weights of a network",
    "with fewer bits, so that it needs less memory and",
    "is quicker to compute, at some loss of accuracy.",
    "Attention scores are inner products of queries and",
    "keys, and the softmax of them weighs the values.",
    "A tokenizer splits a sentence into smaller pieces.",
]
OTHER = [
    "Retrieval finds the documents near to a question",
    "before the model writes an answer that rests on",
    "them. Embeddings map sentences to vectors so that",
    "similar meanings are near. Dropout prevents models",
    "from learning their notes by heart, and training",
    "stops when the loss on other notes falls no more.",
]


def picture(columns: list[list[str]], *, font: Any = None, shift: int = 0) -> Image.Image:
    image = Image.new("L", (1200 * len(columns), 900), 255)
    draw = ImageDraw.Draw(image)
    font = font or ImageFont.load_default(40)
    for n, lines in enumerate(columns):
        for row, line in enumerate(lines):
            draw.text((80 + 1100 * n, 80 + shift * n + row * 64), line, font=font, fill=0)
    return image


def saved(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def pdf(*pages: str | Image.Image | None) -> bytes:
    """A page of each text, scan or nothing."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(576, 432))
    for page in pages:
        if isinstance(page, str):
            canvas.drawString(50, 120, page)
        elif page is not None:
            canvas.drawImage(ImageReader(page), 0, 0, 576, 432)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def parts_of(name: str, data: bytes) -> list[Part]:
    return list(read(Path(name), data).parts)


def flat(text: str) -> str:
    return " ".join(text.split())


class Engine:
    """Stands in for Tesseract: gives the same lines of words for every picture, and counts."""

    def __init__(self, *lines: str, confidence: float = 90.0) -> None:
        self.sizes: list[tuple[int, int]] = []
        self._words = [
            Word(text, (1, 1, row), 100 + 300 * n, 100 + 60 * row, 290, 40, confidence)
            for row, line in enumerate(lines)
            for n, text in enumerate(line.split())
        ]

    def __call__(self, image: Image.Image, dpi: float) -> list[Word]:
        self.sizes.append(image.size)
        return self._words


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    return use(monkeypatch, Engine("recognised words here", "and on another line"))


def use(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Engine:
    monkeypatch.setattr(ocr, "available", lambda: "")
    monkeypatch.setattr(ocr, "recognise", engine)
    return engine


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "available", lambda: "the program tesseract")


# --------------------------------------------------------------------------- without Tesseract


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("name", "data"),
    [("a.pdf", pdf(picture([LINES]))), ("a.png", saved(picture([LINES])))],
    ids=["pdf", "png"],
)
def test_without_ocr_the_hint_says_what_to_install(name: str, data: bytes) -> None:
    with pytest.raises(EmptyFile, match=name) as caught:
        read(Path(name), data)
    for word in ("assistant-desk[ocr]", "tesseract-ocr-kor", "brew", "winget"):
        assert word in caught.value.hint


@pytest.mark.usefixtures("no_engine")
def test_without_ocr_the_pages_with_text_are_read() -> None:
    reading = read(Path("a.pdf"), pdf("Typed words.", picture([LINES]), "More words."))
    assert [part.place.page for part in reading.parts] == [1, 3]
    assert reading.unread == (2,)


@pytest.fixture
def probe() -> Iterator[None]:
    ocr._probe.cache_clear()
    yield
    ocr._probe.cache_clear()


@pytest.mark.usefixtures("probe")
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_program", lambda: "")
    assert "tesseract" in ocr.available()
    ocr._probe.cache_clear()
    monkeypatch.setattr(ocr, "_program", lambda: "/nowhere/tesseract")
    assert "runs" in ocr.available()
    ocr._probe.cache_clear()

    def english_alone(command: list[str], **_: Any) -> Any:
        return subprocess.CompletedProcess(command, 0, b"List of languages:\neng\nosd\n", b"")

    monkeypatch.setattr(ocr.subprocess, "run", english_alone)
    assert "kor" in ocr.available()
    ocr._probe.cache_clear()
    monkeypatch.setattr(ocr.importlib.util, "find_spec", lambda name: None)
    assert "extra" in ocr.available()


@pytest.mark.parametrize(
    "error", [subprocess.TimeoutExpired("tesseract", 60), OSError("no such file")]
)
def test_a_program_that_hangs_or_breaks_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any, timeout: float, **__: Any) -> Any:
        assert timeout <= 60
        raise error

    monkeypatch.setattr(ocr.subprocess, "run", fail)
    assert ocr.recognise(picture([LINES]), 300) == []


# --------------------------------------------------------------------------- with a stand-in


def test_scans_among_pages_with_text(engine: Engine) -> None:
    beats: list[int] = []
    with listening(lambda: beats.append(1)):
        reading = read(Path("a.pdf"), pdf("Typed words.", picture([LINES]), None, "More words."))
    assert [(part.place.page, part.text) for part in reading.parts] == [
        (1, "Typed words."),
        (2, "recognised words here\nand on another line"),
        (4, "More words."),
    ]
    assert reading.unread == (3,), "an empty page is told, and not shown to Tesseract"
    assert len(engine.sizes) == len(beats) == 1


def test_pages_with_text_are_not_recognised(engine: Engine) -> None:
    read(Path("a.pdf"), pdf("Typed words.", "More words."))
    assert not engine.sizes


def test_pages_beyond_the_bound_are_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.ingestion.readers.pdf._SCANS", 2)
    reading = read(Path("a.pdf"), pdf(*[picture([LINES])] * 4))
    assert [part.place.page for part in reading.parts] == [1, 2]
    assert reading.unread == (3, 4)


@pytest.mark.parametrize(
    "seen",
    [
        Engine("eee oe bad oo", "ae peer 이 a", confidence=30),
        Engine("~~ | _ — == ..", "| | ~ «» ]["),
        Engine(),
    ],
)
def test_what_is_no_text_is_not_invented(monkeypatch: pytest.MonkeyPatch, seen: Engine) -> None:
    use(monkeypatch, seen)
    with pytest.raises(EmptyFile, match="holds no text"):
        read(Path("a.pdf"), pdf(picture([LINES])))
    with pytest.raises(EmptyFile) as caught:
        read(Path("a.png"), saved(picture([LINES])))
    assert not caught.value.hint, "a photograph without text is nobody's fault"


def test_single_words_that_are_not_sure_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = use(monkeypatch, Engine("some words are sure"))
    engine._words.insert(2, Word("xqz", (1, 1, 0), 600, 100, 10, 40, 20.0))
    assert parts_of("a.png", saved(picture([LINES])))[0].text == "some words are sure"


def test_syllables_are_joined_to_korean_words(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = use(monkeypatch, Engine())
    left = 100
    for text, gap in (
        ("양", 4),
        ("자", 5),
        ("화", 3),
        ("는", 20),
        ("GPU", 4),
        ("를", 18),
        ("덜", 0),
    ):
        engine._words.append(Word(text, (1, 1, 1), left, 100, 36 * len(text), 40, 90.0))
        left += 36 * len(text) + gap
    engine._words.append(Word("쓴", (1, 1, 1), left + 3, 100, 36, 40, 44.0))
    assert parts_of("a.png", saved(picture([LINES])))[0].text == "양자화는 GPU를 덜쓴"


def test_what_the_program_prints_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Engine("\x1b[31mred\x1b[0m words\u200b here"))
    assert parts_of("a.png", saved(picture([LINES])))[0].text == "red words here"


def test_a_large_picture_is_made_smaller(engine: Engine) -> None:
    large = picture([LINES]).resize((7000, 4500))
    for data in (saved(large), saved(large, "JPEG")):
        read(Path("a.png"), data)
    assert all(width * height <= ocr.PIXELS for width, height in engine.sizes)


def test_a_huge_page_is_rendered_within_bounds(engine: Engine) -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(14_000, 14_000))
    canvas.drawImage(ImageReader(picture([LINES])), 0, 0, 14_000, 14_000)
    canvas.save()
    read(Path("a.pdf"), out.getvalue())
    assert all(width * height <= 1.01 * ocr.PIXELS for width, height in engine.sizes)


@pytest.mark.usefixtures("engine")
def test_a_bomb_is_refused() -> None:
    for side in (12_000, 15_000):
        bomb = saved(Image.new("1", (side, side)))
        with pytest.raises(ReadError, match=r"a\.png is too large a picture"):
            read(Path("a.png"), bomb)


@pytest.mark.usefixtures("engine")
def test_the_pages_of_a_fax() -> None:
    pages = [picture([LINES]), Image.new("L", (1200, 900), 255), picture([OTHER])]
    reading = read(Path("a.tiff"), saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert [part.place.page for part in reading.parts] == [1, 3]
    assert (reading.pages, reading.unread) == (3, (2,))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P", "LA", "CMYK", "I;16"])
def test_every_kind_of_picture(mode: str) -> None:
    format = "TIFF" if mode == "CMYK" else "PNG"
    image = picture([LINES]).convert("I") if mode == "I;16" else picture([LINES])
    assert parts_of("a.png", saved(image.convert(mode), format))[0].text.startswith("recognised")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_a_damaged_picture_is_read_or_refused(format: str) -> None:
    whole = saved(picture([LINES]).resize((300, 225)), format)
    cut = [whole[: len(whole) * n // 8] for n in range(8)]
    flipped = [whole[:p] + b"\xff\0\xff\xff" + whole[p + 4 :] for p in range(8, len(whole), 911)]
    for data in cut + flipped:
        try:
            parts = parts_of("a.png", data)
        except ReadError:
            continue
        assert parts


# --------------------------------------------------------------------------- for real


@real
def test_two_columns_of_a_scan_are_read_one_after_the_other() -> None:
    for shift in (0, 32):
        (part,) = parts_of("a.png", saved(picture([LINES, OTHER], shift=shift)))
        text = flat(part.text)
        assert text == flat(" ".join([*LINES, *OTHER]))


@real
def test_a_scanned_page_beside_one_with_text() -> None:
    reading = read(Path("a.pdf"), pdf("Typed words.", picture([LINES]), None))
    assert flat(reading.parts[1].text) == flat(" ".join(LINES))
    assert reading.unread == (3,)


@real
@pytest.mark.skipif(not NANUM.exists(), reason="no Korean font to draw with")
def test_korean_is_read_with_its_spaces() -> None:
    lines = [
        "양자화는 신경망의 가중치를 더 적은 비트로",
        "나타내는 방법이다. 학습률이 너무 크면",
        "손실이 발산한다.",
    ]
    image = picture([lines], font=ImageFont.truetype(str(NANUM), 42))
    (part,) = parts_of("칠판.png", saved(image))
    words = set(" ".join(lines).split())
    assert len(words & set(part.text.split())) >= 0.8 * len(words)


@real
def test_noise_is_no_text() -> None:
    noise = Image.effect_noise((700, 500), 120)
    with pytest.raises(EmptyFile):
        read(Path("noise.png"), saved(noise))
