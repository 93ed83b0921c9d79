"""Subtitles and lyrics (SRT, WebVTT, SBV, LRC): passages of half a minute, by when they are said.

Captions are merged until a sentence ends, and what captions made as one speaks repeat is said
once. There is a sentence to a line, as far as the captions tell.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.naming import file_name
from assistant.ingestion.text import clean, decode
from assistant.types import Part, Place

_SECONDS = 30.0  # after which a passage ends with a sentence
_MOST_SECONDS = 90.0  # after which it ends anyhow
_CHARACTERS = 600
_MOST_CHARACTERS = 900
_TOUCHING = 0.1  # seconds between captions that may repeat each other

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"[ \t]*{_CLOCK}[ \t]*(?:-->|,)[ \t]*{_CLOCK}(?:[ \t].*)?$")
_LRC_TIME = re.compile(r"[ \t]*\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_LRC_WORD_TIME = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_LRC_TITLE = re.compile(r"^\[ti:[ \t]*([^\]\n]+)\]", re.MULTILINE | re.IGNORECASE)
_VTT_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)")
_NUMBER = re.compile(r"\d+$")

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^<>]{1,80})>")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,100}>|<\d[\d:.]*>|\{\\[^{}\n]{0,200}\}")
# "[음악]", "(applause)", "♪": told to those who cannot hear.
_SOUND = re.compile(
    r"[\[(](?:[♪\s]*(?:음악|박수|웃음|침묵|music|applause|laughter|silence|inaudible)[♪\s]*)[\])]|[♪♫]+",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?:[.?!…。？！]|[가-힣](?<!보)(?<!마)다|[가-힣][요죠까])[\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class _Cue:
    """What is shown from ``start`` to ``end`` (seconds); ``line`` is that of its time."""

    start: float
    end: float
    line: int
    texts: tuple[str, ...]


def read(path: Path, data: bytes) -> Reading:
    """A part to a passage, at the time and line of its first caption.

    Raises:
        ReadError: there is text, and no time in it.
    """
    text = clean(decode(data))
    lines = text.split("\n")
    is_lyrics = path.suffix.lower() == ".lrc"
    cues = list(_lyrics(lines) if is_lyrics else _captions(lines))
    if not cues and text.strip():
        raise ReadError(
            f"{file_name(path)} is not a file of subtitles: it holds no times",
            "name it .txt if it is a text",
        )
    title = _LRC_TITLE.search(text)
    parts = tuple(_passages(_said_once(cues), is_lyrics))
    return Reading(title[1].strip() if title else "", parts)


# --------------------------------------------------------------------------- formats


def _captions(lines: Sequence[str]) -> Iterator[_Cue]:
    cue: _Cue | None = None
    texts: list[str] = []
    aside = False
    for number, line in enumerate(lines, start=1):
        times = _TIMES.match(line) if line[:1] in "0123456789 \t" else None
        if times:
            # Above its time stands the name of a caption, in SRT a number, and not the last words
            # of the one before; above that a blank line, which some programs forget.
            above = lines[max(number - 3, 0) : number - 1]
            if texts and above[-1] and (not above[0] or _NUMBER.match(texts[-1])):
                texts.pop()
            yield from _closed(cue, texts)
            cue = _Cue(_seconds(*times.groups()[:4]), _seconds(*times.groups()[4:]), number, ())
            texts, aside = [], False
        elif _VTT_ASIDE.match(line) and (number == 1 or not lines[number - 2]):
            yield from _closed(cue, texts)
            cue, texts, aside = None, [], True
        elif cue and not aside and line:
            texts.append(line)
    yield from _closed(cue, texts)


def _closed(cue: _Cue | None, texts: Sequence[str]) -> Iterator[_Cue]:
    if cue is None:
        return
    # A number alone at the end belongs to the next caption, unless it is all that is said.
    if len(texts) > 1 and _NUMBER.match(texts[-1]):
        texts = texts[:-1]
    said = tuple(filter(None, map(_said, texts)))
    if said:
        yield replace(cue, texts=said)


def _lyrics(lines: Sequence[str]) -> Iterator[_Cue]:
    cues = []
    for number, line in enumerate(lines, start=1):
        starts = []
        position = 0
        while time := _LRC_TIME.match(line, position):
            starts.append(_seconds(None, time[1], time[2], time[3]))
            position = time.end()
        said = _said(_LRC_WORD_TIME.sub("", line[position:]))
        cues += [_Cue(start, start, number, (said,)) for start in starts if said]
    # A chorus is written once, with all of its times.
    yield from sorted(cues, key=lambda cue: cue.start)


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + float(f"0.{fraction or 0}")


def _said(line: str) -> str:
    line = _VOICE.sub(lambda voice: f"{voice[1].strip()}: ", line)
    line = html.unescape(_TAG.sub("", line)).replace("\\N", " ").replace("\\h", " ")
    line = _SOUND.sub("", clean(line)).strip()
    return " ".join(line.removeprefix(">>").split())


# --------------------------------------------------------------------------- passages


def _said_once(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """Without what a caption repeats of the one it follows at once, or grows out of."""
    waiting: _Cue | None = None
    shown: tuple[str, ...] = ()
    for cue in cues:
        touches = waiting is not None and cue.start <= waiting.end + _TOUCHING
        texts = cue.texts
        if touches:
            for kept in range(min(len(shown), len(texts)), 0, -1):
                if shown[-kept:] == texts[:kept]:
                    texts = texts[kept:]
                    break
        shown = cue.texts
        if waiting is not None and not texts:
            waiting = replace(waiting, end=max(waiting.end, cue.end))
        elif waiting is not None and touches and texts[0].startswith(waiting.texts[-1] + " "):
            texts = (*waiting.texts[:-1], *texts)
            waiting = replace(waiting, end=cue.end, texts=texts)
        else:
            if waiting is not None:
                yield waiting
            waiting = replace(cue, texts=texts)
    if waiting is not None:
        yield waiting


def _passages(cues: Iterator[_Cue], is_lyrics: bool) -> Iterator[Part]:
    first: _Cue | None = None
    text = ""
    for cue in cues:
        said = " ".join(cue.texts)
        if first and _is_full(text, said, cue.start - first.start):
            yield Part(text, Place(line=first.line, seconds=first.start))
            first, text = None, ""
        if not first:
            first, text = cue, said
        else:
            is_whole = is_lyrics or _SENTENCE_END.search(text)
            text += ("\n" if is_whole else " ") + said
    if first:
        yield Part(text, Place(line=first.line, seconds=first.start))


def _is_full(text: str, said: str, seconds: float) -> bool:
    """Whether a passage ends before what is said next, ``seconds`` after it began."""
    if len(text) + len(said) >= _MOST_CHARACTERS or seconds >= _MOST_SECONDS or seconds < 0:
        return True
    is_long = len(text) >= _CHARACTERS or seconds >= _SECONDS
    return is_long and _SENTENCE_END.search(text) is not None
