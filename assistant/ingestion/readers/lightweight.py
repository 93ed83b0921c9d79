"""reStructuredText, Org and AsciiDoc: headings and code are told, the rest stands as it is.

Each is turned into Markdown line by line, so that lines remain those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.markdown import sections
from assistant.ingestion.text import clean, decode
from assistant.types import Place

_RULE = re.compile(r"([=\-`:.'\"~^_*+#<>])\1{1,}$")
_DIRECTIVE = re.compile(r"(\s*)\.\.[ \t]+(?:code-block|code|sourcecode|highlight)::[ \t]*([\w+-]*)")
_RST_COMMENT = re.compile(r"\.\.[ \t]+(?:_[^\n]*:[ \t]*$|(?![^\n]*::)(?!\[)(?!_)[^\n]*$)")
_RST_OPTION = re.compile(r"\s*:[\w-]+:")
_ROLE = re.compile(r":[\w:+-]{1,40}:`([^`<\n]+?)(?:[ \t]*<[^>`\n]*>)?`")
_RST_LINK = re.compile(r"`([^`<\n]+?)[ \t]*<[^>`\n]*>`__?")

_ORG_HEADING = re.compile(r"(\*+)[ \t]+(.*?)(?:[ \t]+:[\w@:]+:)?$")
_ORG_BLOCK = re.compile(r"\s*#\+(begin|end)_(\w+)(?:[ \t]+(.*))?$", re.IGNORECASE)
_ORG_KEYWORD = re.compile(r"\s*#\+(\w+):[ \t]*(.*)$")
_ORG_DRAWER = re.compile(r"\s*:(?:PROPERTIES|LOGBOOK):$", re.IGNORECASE)
_ORG_DRAWER_END = re.compile(r"\s*:END:$", re.IGNORECASE)
_ORG_LINK = re.compile(r"\[\[[^\[\]\n]+\](?:\[([^\[\]\n]+)\])\]")

_ADOC_HEADING = re.compile(r"(={1,6})[ \t]+(\S.*)$")
_ADOC_SOURCE = re.compile(r"\[source(?:,[ \t]*([\w+-]+))?[^\]]*\]$")
_ADOC_FENCE = re.compile(r"(?:-{4,}|\.{4,})$")
_ADOC_META = re.compile(r":[\w-]+:(?:[ \t]|$)|\[\[[^\]]*\]\]$|\[#[^\]]*\]$")

_LONGEST_LINE = 2_000


def read(path: Path, data: bytes) -> Reading:
    """Title as the file states it, or else the only heading of its first level."""
    lines = clean(decode(data)).split("\n")
    title, markdown = _FORMATS[path.suffix.lower()](lines)
    parts, _ = sections("\n".join(markdown), Place(line=1))
    if not title:
        tops = {part.place.headings[0] for part in parts if part.place.headings}
        title = tops.pop() if len(tops) == 1 else ""
    return Reading(title, tuple(parts))


# --------------------------------------------------------------------------- reStructuredText


def _rst(lines: list[str]) -> tuple[str, list[str]]:
    found = list(lines)
    levels: list[str] = []  # styles of headings, in the order they are first used
    number = 0
    while number < len(lines):
        if code := _DIRECTIVE.match(lines[number]):
            number = _rst_code(found, number, len(code[1]), code[2])
            continue
        below = lines[number + 1] if number + 1 < len(lines) else ""
        rule = _RULE.match(below)
        line = lines[number].strip()
        if rule and line and not _RULE.match(line) and len(below) >= len(line):
            above = lines[number - 1] if number else ""
            is_over = above == below
            if is_over or not above:
                style = below[0] * (2 if is_over else 1)
                if style not in levels:
                    levels.append(style)
                level = min(levels.index(style) + 1, 6)
                found[number] = f"{'#' * level} {line}"
                found[number + 1] = ""
                if is_over:
                    found[number - 1] = ""
                number += 2
                continue
        found[number] = _rst_line(lines[number])
        number += 1
    return "", found


def _rst_line(line: str) -> str:
    if line.startswith("..") and _RST_COMMENT.match(line):
        return ""
    if "`" in line and len(line) <= _LONGEST_LINE:
        line = _RST_LINK.sub(r"\1", _ROLE.sub(r"`\1`", line))
    return line


def _rst_code(lines: list[str], first: int, indentation: int, language: str) -> int:
    """Fences the block of a directive in place, and returns the line after it."""
    end = first + 1
    while end < len(lines) and (not lines[end] or _indent(lines[end]) > indentation):
        end += 1
    body = first + 1
    while body < end and _RST_OPTION.match(lines[body]):
        lines[body] = ""
        body += 1
    last = end
    while last > body and not lines[last - 1]:
        last -= 1
    if last in (end, body):
        return end  # nothing beneath it, or no line for the fence that closes
    inner = min(_indent(line) for line in lines[body:last] if line)
    lines[body:last] = [line[inner:] for line in lines[body:last]]
    # The fence opens directly above the code; what is between are blank lines and options.
    while not lines[body]:
        body += 1
    lines[first] = ""
    lines[body - 1] = f"```{language}"
    lines[last] = "```"
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


# --------------------------------------------------------------------------- Org


def _org(lines: list[str]) -> tuple[str, list[str]]:
    title = ""
    found = []
    drawer = code = False
    for line in lines:
        block = _ORG_BLOCK.match(line)
        if code:
            code = not (block and block[1].lower() == "end")
            found.append(line if code else "```")
        elif block:
            code = block[1].lower() == "begin" and block[2].lower() in ("src", "example")
            language = (block[3] or "").split(" ")[0] if block[2].lower() == "src" else ""
            found.append(f"```{language}" if code else "")
        elif drawer or _ORG_DRAWER.match(line):
            drawer = not _ORG_DRAWER_END.match(line)
            found.append("")
        elif keyword := _ORG_KEYWORD.match(line):
            title = title or (keyword[2] if keyword[1].lower() == "title" else "")
            found.append(keyword[2] if keyword[1].lower() == "caption" else "")
        elif heading := _ORG_HEADING.match(line[:_LONGEST_LINE]):
            found.append(f"{'#' * min(len(heading[1]), 6)} {heading[2]}")
        else:
            comment = line.startswith("# ") or line == "#"
            found.append("" if comment else _ORG_LINK.sub(r"\1", line))
    return title, found


# --------------------------------------------------------------------------- AsciiDoc


def _adoc(lines: list[str]) -> tuple[str, list[str]]:
    title = ""
    found = []
    fence = language = ""
    for line in lines:
        heading = _ADOC_HEADING.match(line)
        if fence:
            found.append("```" if line == fence else line)
            fence = "" if line == fence else fence
        elif _ADOC_FENCE.match(line):
            fence = line
            found.append(f"```{language}")
        elif heading:
            title = title or (heading[2] if len(heading[1]) == 1 else "")
            found.append(f"{'#' * len(heading[1])} {heading[2]}")
        elif source := _ADOC_SOURCE.match(line):
            language = source[1] or ""
            found.append("")
            continue
        else:
            found.append("" if line.startswith("//") or _ADOC_META.match(line) else line)
        language = ""
    return title, found


_FORMATS: Mapping[str, Callable[[list[str]], tuple[str, list[str]]]] = MappingProxyType(
    {".rst": _rst, ".org": _org, ".adoc": _adoc, ".asciidoc": _adoc}
)
