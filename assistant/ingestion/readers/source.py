"""Source code: one part to a definition, under its class and name, comments and all.

Python is parsed. Of other languages the lines that open a definition are known by their looks;
where none is, code is cut at blank lines, the least indented first.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import EmptyFile
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.fences import fence
from assistant.ingestion.readers.naming import file_name
from assistant.ingestion.text import clean, decode
from assistant.types import Part, Place

_ROOM = 900  # characters of a part: code has more tokens to a character than prose
_LONGEST_LINE = 1_000  # a longer line was written by a machine
_MINIFIED = 250  # characters of a line, on average
_NAME_CHARACTERS = 100
_DEPTH = 6  # definitions within definitions

_LANGUAGES = {
    ".py": "python", ".js": "javascript", ".mjs": "javascript", ".jsx": "jsx", ".ts": "typescript",
    ".tsx": "tsx", ".rs": "rust", ".rb": "ruby", ".kt": "kotlin", ".m": "matlab", ".jl": "julia",
    ".sh": "bash", ".ps1": "powershell", ".hs": "haskell", ".ml": "ocaml", ".ex": "elixir",
    ".exs": "elixir", ".h": "c", ".cc": "cpp", ".hpp": "cpp", ".cs": "csharp",
}  # fmt: skip

_MODIFIERS = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|sealed|open|"
    r"override|async|inline|virtual|const|unsafe|pub(?:\([\w:]+\))?|extern|data|case|local|"
    r"partial|readonly|declare|suspend|lazy|implicit|mutating|synchronized)\s+)*"
)
_DEFINITIONS = (
    # A word that says so: class Foo, fn bar, CREATE TABLE users, defmodule A.B do
    re.compile(
        rf"\s*{_MODIFIERS}(?:class|interface|struct|enum|trait|impl(?:<[^>]*>)?|func|fun|function|"
        r"fn|def|defp|defmodule|module|object|record|namespace|type|typedef\s+struct|protocol|"
        r"extension|union|macro|sub|proc|CREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|FUNCTION|"
        r"PROCEDURE|INDEX|TRIGGER))\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\([^)]*\)\s*)?"
        r"(?:\[[^\]]*\]\s*=\s*|[A-Za-z]\w*\s*=\s*)?([\w.:$가-힣]+)",
        re.IGNORECASE,
    ),
    # const foo = (a) => …, foo <- function(a)
    re.compile(
        rf"\s*{_MODIFIERS}(?:let\s+|var\s+)?([\w.$]+)\s*(?:=|<-|:)\s*(?:async\s+)?"
        r"(?:function\b|\([^()]*\)\s*(?::[^=]{1,80})?=>|\w+\s*=>|React\.|class\b)"
    ),
    # int main(void) {, String name() {, deploy() {
    re.compile(
        rf"\s*{_MODIFIERS}(?:[\w<>\[\],.:?]+[ \t*&]+){{0,4}}"
        r"((?:\w+(?:<[\w, ]{1,40}>)?::)*[\w~]+)\s*\([^;]*$"
    ),
    # area :: Double -> Double
    re.compile(r"([a-z]\w*'?)\s*::\s"),
)  # fmt: skip
_NO_NAMES = re.compile(
    r"(?:if|for|while|switch|catch|return|else|elif|elseif|unless|until|match|with|when|do|try|new"
    r"|throw|case|select|foreach|using|lock|await|yield|print|echo|and|or|not|super|this)$",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s*(?://|#(?!include|define)|--|/\*|\*|%|;|@|\"\"\"|<!--|\[)")
_CLOSES = re.compile(r"\s*(?:[}\])]|end\b|else\b|elif\b|fi\b|done\b|catch\b|finally\b|EOF\b)")


@dataclass(frozen=True, slots=True)
class _Definition:
    """Lines [first, end) with what stands directly above; ``inner`` are those within."""

    name: str
    first: int
    end: int
    inner: tuple[_Definition, ...] = ()


def read(path: Path, data: bytes) -> Reading:
    """Titled by the file's name with its suffix; every part is a fenced block.

    Raises:
        EmptyFile: it was minified.
    """
    text = clean(decode(data))
    lines = text.split("\n")
    if len(text) > _MINIFIED * 20 and len(text) > _MINIFIED * len(lines):
        name = file_name(path)
        raise EmptyFile(
            f"{name} holds code that was packed by a program, not to be read",
            "leave it out, and ingest the code it was made from",
        )
    suffix = path.suffix.lower()
    definitions = _python(lines) if suffix == ".py" else None
    if definitions is None:
        definitions = _by_looks(lines, 0, len(lines))
    language = _LANGUAGES.get(suffix, suffix.removeprefix("."))
    parts = []
    for first, end, names in _cut(lines, definitions, 0, len(lines), ()):
        text = "\n".join(lines[first:end])
        parts.append(Part(fence(text, language), Place(line=first + 1, headings=names)))
    return Reading(file_name(path), tuple(parts))


def _cut(
    lines: Sequence[str],
    definitions: Sequence[_Definition],
    first: int,
    end: int,
    names: tuple[str, ...],
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(first line, end, names) of the parts of [first, end), of which definitions hold some."""
    position = first
    for definition in definitions:
        yield from _pieces(lines, position, definition.first, names)
        own = (*names, definition.name)
        if definition.inner and _size(lines, definition.first, definition.end) > _ROOM:
            yield from _cut(lines, definition.inner, definition.first, definition.end, own)
        else:
            yield from _pieces(lines, definition.first, definition.end, own)
        position = definition.end
    yield from _pieces(lines, position, end, names)


def _pieces(
    lines: Sequence[str], first: int, end: int, names: tuple[str, ...]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Lines without definitions, or those of one, as parts that are small enough."""
    while first < end and not lines[first]:
        first += 1
    while first < end and not lines[end - 1]:
        end -= 1
    while first < end:
        stop = _stop(lines, first, end)
        yield first, stop, names
        first = stop
        while first < end and not lines[first]:
            first += 1


def _stop(lines: Sequence[str], first: int, end: int) -> int:
    """Where a part from ``first`` on ends: at the end, or at the best of the places before."""
    stop, size = first, 0
    while stop < end and (stop == first or size + len(lines[stop]) < _ROOM):
        size += len(lines[stop]) + 1
        stop += 1
    if stop == end:
        return end
    # In the second half: a blank line above the least indented code, or else any line like it.
    places = range(first + max((stop - first) // 2, 1), stop + 1)
    best = min(places, key=lambda n: (bool(lines[n - 1]), _indentation(lines[n]), -n))
    while best > first + 1 and not lines[best - 1]:
        best -= 1
    return best


def _size(lines: Sequence[str], first: int, end: int) -> int:
    return sum(len(line) + 1 for line in lines[first:end])


def _indentation(line: str) -> int:
    # A closing bracket belongs to what stands above it.
    closes = 100 if _CLOSES.match(line) else 0
    return len(line) - len(line.lstrip()) + closes


# --------------------------------------------------------------------------- Python


def _python(lines: Sequence[str]) -> tuple[_Definition, ...] | None:
    """The definitions of a module, None where it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the code, not of ours
            tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tuple(_defined(tree.body, lines, 0, _DEPTH))


def _defined(
    body: Sequence[ast.stmt], lines: Sequence[str], above: int, depth: int
) -> Iterator[_Definition]:
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
        first = _with_comment(lines, first, above)
        above = node.end_lineno or node.lineno
        inner: tuple[_Definition, ...] = ()
        if depth and isinstance(node, ast.ClassDef):
            inner = tuple(_defined(node.body, lines, node.lineno, depth - 1))
        yield _Definition(node.name[:_NAME_CHARACTERS], first, above, inner)


# --------------------------------------------------------------------------- by looks


def _by_looks(
    lines: Sequence[str], first: int, end: int, depth: int = _DEPTH
) -> tuple[_Definition, ...]:
    """The definitions at the least indentation within [first, end)."""
    openings = _openings(lines, first, end)
    definitions = []
    above = first
    for number, (line, name) in enumerate(openings):
        start = _with_comment(lines, line, above)
        following = openings[number + 1][0] if number + 1 < len(openings) else end
        above = _closed(lines, line, following)
        inner: tuple[_Definition, ...] = ()
        if depth and _size(lines, line, above) > _ROOM:
            inner = _by_looks(lines, line + 1, above, depth - 1)
        definitions.append(_Definition(name, start, above, inner))
    return tuple(definitions)


def _openings(lines: Sequence[str], first: int, end: int) -> list[tuple[int, str]]:
    candidates = [number for number in range(first, end) if _opens(lines[number])]
    least = min((_indentation(lines[number]) for number in candidates), default=0)
    named = (
        (number, _name(lines[number]))
        for number in candidates
        if _indentation(lines[number]) == least
    )
    return [(number, name) for number, name in named if name]


def _opens(line: str) -> bool:
    return bool(line) and len(line) <= _LONGEST_LINE and bool(_name(line))


def _name(line: str) -> str:
    if _COMMENT.match(line):
        return ""
    for pattern in _DEFINITIONS:
        found = pattern.match(line)
        if found and not _NO_NAMES.match(found[1]):
            is_statement = _NO_NAMES.match(line.split(None, 1)[0])
            return "" if is_statement else found[1].rstrip(".:")[:_NAME_CHARACTERS]
    return ""


def _closed(lines: Sequence[str], first: int, following: int) -> int:
    """The line after the last that belongs to the definition opened at ``first``."""
    indentation = len(lines[first]) - len(lines[first].lstrip())
    last = first
    for number in range(first + 1, following):
        line = lines[number]
        if not line:
            continue
        is_deeper = len(line) - len(line.lstrip()) > indentation
        if not is_deeper and not _CLOSES.match(line) and line.lstrip()[0] != "{":
            # Without indentation, as in SQL or Haskell, it goes on to the next blank line.
            if not lines[number - 1]:
                break
        last = number
    return last + 1


def _with_comment(lines: Sequence[str], first: int, above: int) -> int:
    """The first of the comments and decorators directly above a line."""
    while first > above and lines[first - 1] and _COMMENT.match(lines[first - 1]):
        first -= 1
    return first
