"""Markdown, with the habits of Obsidian: sections under their path of headings."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from assistant.ingestion.readers.base import Reading
from assistant.ingestion.text import clean, decode
from assistant.sentences import fenced
from assistant.types import Part, Place

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_NOT_A_TITLE = re.compile(r"[ \t]*(?:[-*+>|#]|\d+[.)][ \t]|$)")
_FRONT_MATTER = re.compile(r"(---|\+\+\+)\n(.*?\n)?\1(?:\n|$)", re.DOTALL)
_TITLE = re.compile(r"^title[ \t]*[:=][ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)

_HEADING_CHARACTERS = 200
# A line beyond this was written by a machine; the patterns here are not all linear.
_LONGEST_LINE = 2_000

_QUOTE = re.compile(r"(?: {0,3}>)+ ?")
_CALLOUT = re.compile(r"\[!([\w-]+)\][-+]?[ \t]*(.*)$")
_DATA_URI = re.compile(r"data:[\w/+.;=-]*,[A-Za-z0-9+/=%_-]{64,}")
# Code and mathematics come first, so that nothing inside them is taken for a link.
_INLINE = re.compile(
    r"(?P<verbatim>(`+)[^`\n](?:[^\n]*?[^`\n])?\2(?!`)|\$\$[^$\n]+\$\$|\$[^$\n]+\$)"
    r"|!?\[\[(?P<page>[^\[\]|,\n]+)(?:\|(?P<alias>[^\[\]\n]+))?\]\]"
    r"|!\[(?P<alt>[^\]\n]*)\]\([^)\s]*(?:[ \t]+\"[^\"\n]*\")?\)"
)
_EMPHASIS = re.compile(r"(\*\*|__|\*|`|~~|==)(?=\S)(.+?)(?<=\S)\1")
_LINK = re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)")
_ATTRIBUTES = re.compile(r"[ \t]*\{[#.][^}]*\}$")


def read(path: Path, data: bytes) -> Reading:
    """Title from the front matter, or else the first heading of the first level."""
    text = clean(decode(data))
    title = ""
    line = 1
    front_matter = _FRONT_MATTER.match(text)
    if front_matter:
        named = _TITLE.search(front_matter[2] or "")
        title = named[1].strip().strip("\"'").strip() if named else ""
        line += front_matter[0].count("\n")
        text = text[front_matter.end() :]
    parts, _ = sections(text, Place(line=line))
    if not title:
        title = next((p.place.headings[0] for p in parts if _is_titled(p)), "")
    return Reading(title, tuple(parts))


def sections(text: str, place: Place) -> tuple[list[Part], Place]:
    """One part per heading, in order, and the place after the last of them.

    ``text`` is clean; ``place`` is that of its first line, and its headings are those above it.
    A part begins with its own heading's line, and its lines are those of the file.
    """
    lines = _readable(text.split("\n"))
    levels = list(range(1, len(place.headings) + 1))
    parts: list[Part] = []
    first, here = 0, place
    code = fenced(lines)
    for number, in_code in enumerate(code):
        heading = None if in_code else _heading(lines, number)
        if heading is None:
            continue
        level, name = heading
        parts += _part(lines, first, number, here)
        # A skipped level (# then ###) counts as one step down.
        kept = sum(above < level for above in levels)
        levels = [*levels[:kept], level]
        start = None if place.line is None else place.line + number
        here = replace(here, line=start, headings=(*here.headings[:kept], name))
        first = number
    parts += _part(lines, first, len(lines), here)
    return parts, here


def _part(lines: list[str], first: int, end: int, place: Place) -> list[Part]:
    while first < end and not lines[first]:
        first += 1
        place = replace(place, line=None if place.line is None else place.line + 1)
    text = "\n".join(lines[first:end]).rstrip()
    return [Part(text, place)] if text else []


def _heading(lines: list[str], number: int) -> tuple[int, str] | None:
    """Level and name of the heading at a line; a setext one is rewritten with ``#`` in place."""
    line = lines[number]
    if len(line) > _LONGEST_LINE:
        return None
    atx = _ATX.match(line)
    if atx:
        name = _plain(atx[2] or "")
        return (len(atx[1]), name) if name else None
    follows_blank = number == 0 or not lines[number - 1]
    if not follows_blank or number + 1 == len(lines) or _NOT_A_TITLE.match(line):
        return None
    underline = _SETEXT.match(lines[number + 1])
    if not underline:
        return None
    level = 1 if "=" in underline[1] else 2
    lines[number] = "#" * level + " " + line.strip()
    lines[number + 1] = ""
    return level, _plain(line)


def _plain(heading: str) -> str:
    """A heading without its markup."""
    heading = _ATTRIBUTES.sub("", heading)
    heading = _LINK.sub(r"\1", heading)
    for _ in range(2):  # ***both***
        heading = _EMPHASIS.sub(r"\2", heading)
    return " ".join(heading.split())[:_HEADING_CHARACTERS]


def _readable(lines: list[str]) -> list[str]:
    """The same lines without quote marks, callout codes, wiki brackets and embedded images."""
    code = fenced(lines)
    unquoted = [line if code[n] else _unquote(line) for n, line in enumerate(lines)]
    code = fenced(unquoted)
    return [line if code[n] else _inline(line) for n, line in enumerate(unquoted)]


def _unquote(line: str) -> str:
    quote = _QUOTE.match(line)
    if not quote:
        return line
    line = line[quote.end() :]
    callout = _CALLOUT.match(line)
    if callout:
        kind, name = callout[1].capitalize(), callout[2]
        line = f"**{kind}: {name}**" if name else f"**{kind}**"
    return line


def _inline(line: str) -> str:
    if "[" in line and len(line) <= _LONGEST_LINE:
        line = _INLINE.sub(_replacement, line)
    return _DATA_URI.sub("data:…", line) if "data:" in line else line


def _replacement(match: re.Match[str]) -> str:
    if match["verbatim"]:
        return match["verbatim"]
    if match["page"]:
        return (match["alias"] or match["page"]).strip()
    return match["alt"].strip() if match["alt"] else ""


def _is_titled(part: Part) -> bool:
    return bool(part.place.headings) and re.match(r" {0,3}#[ \t]", part.text) is not None
