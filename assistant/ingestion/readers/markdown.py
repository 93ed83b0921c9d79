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
# What Obsidian and blogs file a note under: [a, b], "a, b", or a line each.
_LABELS = re.compile(
    r"^(alias(?:es)?|tags?|keywords?)[ \t]*[:=][ \t]*([^\n]*)((?:\n[ \t]*-[ \t]+[^\n]+)*)",
    re.MULTILINE | re.IGNORECASE,
)
_LABEL_NAMES = {"a": "Aliases", "t": "Tags", "k": "Keywords"}
_LABEL_CHARACTERS = 300

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
    r"|%%(?P<comment>[^%\n]*)%%|<!--(?:[^-\n]|-(?!->))*-->"
    r"|!\[(?P<alt>[^\]\n]*)\]\([^)\s]*(?:[ \t]+\"[^\"\n]*\")?\)"
)
_IMAGE = re.compile(r"[^#^]+\.(?:png|jpe?g|gif|svg|webp|bmp|avif|heic)$", re.IGNORECASE)
_SIZE = re.compile(r"\d+(?:x\d+)?$")
# Four characters at least, a letter among them: what is shorter is a power.
_BLOCK_ID = re.compile(r"(?:^|[ \t])\^(?=[\d-]*[A-Za-z])[A-Za-z0-9-]{4,}$")
_COMMENT_MARK = re.compile(r"[ \t]*(%%|<!--)")
_COMMENT_ENDS = {"%%": "%%", "<!--": "-->"}
_EMPHASIS = re.compile(r"(\*\*|__|\*|`|~~|==)(?=\S)(.+?)(?<=\S)\1")
_LINK = re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)")
_ATTRIBUTES = re.compile(r"[ \t]*\{[#.][^}]*\}$")


def read(path: Path, data: bytes) -> Reading:
    """Title from the front matter, or else the first heading of the first level."""
    text = clean(decode(data))
    title = ""
    line = 1
    labels = ""
    front_matter = _FRONT_MATTER.match(text)
    if front_matter:
        named = _TITLE.search(front_matter[2] or "")
        title = named[1].strip().strip("\"'").strip() if named else ""
        labels = _labels(front_matter[2] or "")
        line += front_matter[0].count("\n")
        text = text[front_matter.end() :]
    parts, _ = sections(text, Place(line=line))
    if not title:
        title = next((p.place.headings[0] for p in parts if _is_titled(p)), "")
    return Reading(title, tuple(_labelled(parts, labels)))


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


def _labels(front_matter: str) -> str:
    """The other names of a note and its tags, a line to each kind."""
    lines = []
    for name, inline, listed in _LABELS.findall(front_matter):
        names = [*inline.strip("[]").split(","), *re.findall(r"\n[ \t]*-[ \t]+(.+)", listed)]
        plain = ", ".join(filter(None, (each.strip(" \t\"'#[]") for each in names)))
        if plain:
            lines.append(f"{_LABEL_NAMES[name[0].lower()]}: {plain[:_LABEL_CHARACTERS]}")
    return "\n".join(lines)


def _labelled(parts: list[Part], labels: str) -> list[Part]:
    """Sets the labels below the first section that has a text.

    There the note is found by them. In front they would hide its heading, and a passage of
    nothing but names would be found in place of what the note says.
    """
    if not labels or not parts:
        return parts
    number = next((n for n, part in enumerate(parts) if "\n" in part.text), 0)
    part = parts[number]
    parts[number] = replace(part, text=f"{part.text}\n\n{labels}")
    return parts


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
    _blank_comments(unquoted, code)
    code = [
        fence or formula for fence, formula in zip(code, _formulas(unquoted, code), strict=True)
    ]
    return [line if code[n] else _inline(line) for n, line in enumerate(unquoted)]


def _formulas(lines: list[str], code: list[bool]) -> list[bool]:
    """For each line, whether it stands in a formula of several lines, the ``$$`` included."""
    inside = [False] * len(lines)
    opened: int | None = None
    for number, line in enumerate(lines):
        if code[number] or line.count("$$") % 2 == 0:
            continue
        if opened is None:
            opened = number
        else:
            inside[opened : number + 1] = [True] * (number + 1 - opened)
            opened = None
    return inside


def _blank_comments(lines: list[str], code: list[bool]) -> None:
    """Empties comments over several lines (``%%`` or ``<!--``); one never closed is text."""
    opened: tuple[int, str] | None = None
    for number, line in enumerate(lines):
        if code[number]:
            continue
        if opened is None:
            mark = _COMMENT_MARK.match(line)
            if mark and _COMMENT_ENDS[mark[1]] not in line[mark.end() :]:
                opened = (number, mark[1])
        elif _COMMENT_ENDS[opened[1]] in line:
            first, rest = opened[0], line.partition(_COMMENT_ENDS[opened[1]])[2].strip()
            lines[first : number + 1] = [*[""] * (number - first), rest]
            code[first : number + 1] = [False] * (number + 1 - first)
            opened = None


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
    if len(line) <= _LONGEST_LINE:
        if "[" in line or "%%" in line or "<!--" in line:
            line = _INLINE.sub(_replacement, line).rstrip()
        if "^" in line:
            line = _BLOCK_ID.sub("", line)
    return _DATA_URI.sub("data:…", line) if "data:" in line else line


def _replacement(match: re.Match[str]) -> str:
    if match["verbatim"]:
        return match["verbatim"]
    if match["page"]:
        return _linked(match["page"], match["alias"] or "").strip()
    return match["alt"].strip() if match["alt"] else ""


def _linked(page: str, alias: str) -> str:
    """What Obsidian shows of ``[[page#section|alias]]``; of an image, its caption."""
    if _IMAGE.match(page):
        return "" if _SIZE.match(alias) else alias
    name, _, section = page.partition("#")
    section = "" if section.startswith("^") else section.replace("#", " › ")
    return alias or " › ".join(filter(None, (name, section)))


def _is_titled(part: Part) -> bool:
    return bool(part.place.headings) and re.match(r" {0,3}#[ \t]", part.text) is not None
