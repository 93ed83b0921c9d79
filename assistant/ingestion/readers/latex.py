"""LaTeX source: sections, lists, tables and mathematics, without the typesetting.

A scanner and no TeX: macros are not expanded and nothing is included. Mathematics stays as it is
written. Every replacement keeps the line breaks it replaces, so that lines are those of the file.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import InitVar, dataclass, field
from pathlib import Path

from assistant.ingestion.readers import pipes
from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.fences import fence
from assistant.ingestion.readers.latex_commands import (
    ACCENTS,
    CHARACTERS,
    DRAWINGS,
    DROPPED,
    LEVELS,
    LISTS,
    MARKS,
    MATHEMATICS,
    REFERENCES,
    SINGLE,
    SLIDE,
    TABLES,
    THEOREMS,
    VERBATIM,
)
from assistant.ingestion.readers.latex_cursor import ARGUMENT, Cursor, closing
from assistant.ingestion.readers.naming import heading_name
from assistant.ingestion.text import clean, decode
from assistant.sentences import fenced
from assistant.types import Part, Place

_TOKEN = re.compile(
    r"(?P<comment>%[^\n]*)"
    r"|\\(?:(?P<command>[A-Za-z@]+\*?)|(?P<single>[\s\S]))"
    r"|(?P<math>\$\$(?:[^$\\]|\\[\s\S]){1,4000}\$\$"
    r"|\$(?:[^$\\\n]|\\[\s\S]|\n(?![ \t]*\n)){1,2000}\$)"
    r"|(?P<open>\{)|(?P<close>\})"
    r"|(?P<mark>~|``|''|---?|&)"
    r"|(?P<text>[^\\%${}~`'&-]+|[\s\S])"
)
_ACCENTED = re.compile(r"[ \t]*(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))")
_INLINE_CODE = re.compile(r"([^\sA-Za-z*{])(.*?)\1")
_LANGUAGE = re.compile(r"language[ \t]*=[ \t]*\{?(?:\[[^\]]*\])?[ \t]*([\w+#-]+)", re.IGNORECASE)
_NEW_THEOREM = re.compile(
    r"\\newtheorem\*?\{([^{}\n]{1,300})\}(?:\[[^\]\n]{0,300}\])?\{([^{}\n]{1,300})\}"
)
_TITLE = re.compile(r"(?m)^[^%\n]*\\title[ \t]{0,9}(?:\[[^\]]{0,300}\])?[ \t\n]{0,99}\{")
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot|centering)\b"
    r"(?:\[[^\]\n]{0,99}\])?|\\(?:cline|cmidrule)(?:\([^)\n]{0,99}\))?\{[^{}\n]{0,99}\}"
)
_ROW_END = re.compile(r"\\\\\*?(?:\[[^\]\n]{0,99}\])?|\\tabularnewline\b")
_CELL_END = re.compile(r"(?<!\\)&")
_BULLET = re.compile(r"[ ]*(?:-|\d+\.)[ ]")


def read(path: Path, data: bytes) -> Reading:
    r"""Title from ``\title``; the preamble is left out."""
    text = clean(decode(data))
    begin, end = text.find("\\begin{document}"), text.find("\\end{document}")
    start = 0 if begin < 0 else begin + len("\\begin{document}")
    body = text[start:] if end < start else text[start:end]
    theorems = {**THEOREMS, **dict(_NEW_THEOREM.findall(text))}
    scanner = _Scanner(body, text.count("\n", 0, start) + 1, theorems)
    scanner.run()
    return Reading(_title(text, theorems), tuple(scanner.parts))


def _title(text: str, theorems: dict[str, str]) -> str:
    found = _TITLE.search(text)
    if not found:
        return ""
    start = found.end() - 1
    title = text[start : start + ARGUMENT]
    stop = closing(title).get(0, 0)
    return _inline(title[1:stop], theorems)


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(?<!\\)%.*$", "", text)


def _inline(text: str, theorems: dict[str, str]) -> str:
    """An argument or a cell as plain text on one line."""
    scanner = _Scanner(text, 1, theorems, inline=True)
    scanner.run()
    return " ".join("\n".join(part.text for part in scanner.parts).split())


@dataclass(slots=True)
class _Scanner:
    """One walk over a text. ``inline``: there are no sections in it."""

    source: InitVar[str]
    line: int
    theorems: dict[str, str]
    inline: bool = False
    parts: list[Part] = field(default_factory=list)
    _at: Cursor = field(init=False)
    _counted: int = 0
    _out: list[str] = field(default_factory=list)
    _headings: list[tuple[int, str]] = field(default_factory=list)
    _closers: list[str] = field(default_factory=list)  # what each open brace prints at its end
    _lists: list[int] = field(default_factory=list)  # next number, -1 for bullets

    def __post_init__(self, source: str) -> None:
        self._at = Cursor(source)

    def run(self) -> None:
        while token := self._at.match(_TOKEN):
            self._at.position = token.end()
            match token.lastgroup:
                case "command":
                    self._command(token["command"].rstrip("*"))
                case "single":
                    self._single(token["single"])
                case "open":
                    self._closers.append("")
                case "close":
                    self._out.append(self._closers.pop() if self._closers else "")
                case "mark":
                    self._out.append(MARKS[token["mark"]])
                case "comment":
                    pass
                case _:
                    self._out.append(token[0])
        self._flush()

    # ------------------------------------------------------------------ commands

    def _command(self, name: str) -> None:
        if name in LEVELS and not self.inline:
            self._at.skip_options()
            self._heading(LEVELS[name])
        elif name == "frametitle" and not self.inline:
            self._heading(SLIDE)
        elif name == "begin":
            self._begin()
        elif name == "end":
            self._end()
        elif name == "item":
            self._item()
        elif name in ("verb", "lstinline", "mintinline"):
            self._inline_code(name)
        elif name == "footnote":
            self._opens(" (", ")")
        elif name == "bibitem":
            self._at.skip_options()
            self._out.append(f"[{self._at.argument()}] ")
        elif name in REFERENCES:
            self._at.skip_options()
            self._at.skip_options()
            key = self._at.argument()
            self._out.append(f"[{key}]" if key else "")
        elif name in ACCENTS and (accented := self._at.match(_ACCENTED)):
            self._accent(ACCENTS[name], accented)
        elif name in CHARACTERS:
            self._out.append(CHARACTERS[name])
            self._at.skip_spaces()
        else:
            self._at.skip_options()
            for _ in range(DROPPED.get(name, 0)):
                self._drop()
            if name not in DROPPED:
                self._at.skip_spaces()

    def _single(self, character: str) -> None:
        if character in "([":
            self._mathematics("\\" + character, "\\)" if character == "(" else "\\]")
        elif character in ACCENTS and (accented := self._at.match(_ACCENTED)):
            self._accent(ACCENTS[character], accented)
        else:
            # "\%" is the character itself, and so are the particles of kotex: "\은".
            self._out.append(SINGLE.get(character, character))
            if character == "\\":
                self._at.skip_options()

    def _accent(self, accent: str, accented: re.Match[str]) -> None:
        letter = accented[1] or accented[2]
        self._out.append(unicodedata.normalize("NFC", letter + accent))
        self._at.position = accented.end()

    def _opens(self, before: str, after: str) -> None:
        self._at.skip_options()
        if self._at.at("{"):
            self._at.position += 1
            self._out.append(before)
            self._closers.append(after)

    def _inline_code(self, name: str) -> None:
        self._at.skip_options()
        if name == "mintinline":
            self._drop()
        group = self._at.group()
        if group and name != "verb":
            self._out.append(f"`{group[0]}`")
            self._at.position = group[1]
        elif code := self._at.match(_INLINE_CODE):
            self._out.append(f"`{code[2]}`")
            self._at.position = code.end()

    # ------------------------------------------------------------------ environments

    def _begin(self) -> None:
        name = self._at.argument()
        kind = name.rstrip("*")
        if name in VERBATIM or kind in VERBATIM:
            self._code(name)
        elif kind in MATHEMATICS:
            self._mathematics(f"\\begin{{{name}}}", f"\\end{{{name}}}")
        elif kind in DRAWINGS:
            content = self._at.until(f"\\end{{{name}}}")
            self._out.append("\n" * (content or "").count("\n"))
        elif kind in TABLES:
            self._table(name)
        elif kind in LISTS:
            self._at.skip_options()
            self._lists.append(1 if "enum" in kind else -1)
        elif kind == "frame":
            self._at.skip_options()
            if self._at.at("{") and not self.inline:
                self._heading(SLIDE)
        elif kind in self.theorems:
            option = self._at.option()
            about = f" ({_inline(option, self.theorems)})" if option is not None else ""
            self._out.append(f"{self.theorems[kind]}{about}. ")
        else:
            self._at.skip_options()
            if kind in ("minipage", "multicols", "wrapfigure", "thebibliography", "column"):
                self._drop()

    def _end(self) -> None:
        name = self._at.argument().rstrip("*")
        if name in LISTS and self._lists:
            self._lists.pop()

    def _item(self) -> None:
        option = self._at.option()
        self._at.skip_spaces()
        number = self._lists[-1] if self._lists else -1
        mark = "-" if number < 0 else f"{number}."
        if number > 0:
            self._lists[-1] += 1
        named = f"{_inline(option, self.theorems)}: " if option is not None else ""
        self._line_start()
        self._out.append("  " * max(len(self._lists) - 1, 0) + f"{mark} {named}")

    def _code(self, name: str) -> None:
        language = _LANGUAGE.search(self._at.option() or "")
        minted = self._at.argument() if name.startswith("minted") else ""
        content = self._at.until(f"\\end{{{name}}}")
        if content is None:
            return
        self._line_start()
        code = content.removeprefix("\n").rstrip()
        text = fence(code, minted or (language[1].lower() if language else ""))
        self._out.append(text)
        # The rest of the line of \end stands below the fence.
        if not self._at.at("\n"):
            self._out.append("\n")

    def _mathematics(self, begin: str, end: str) -> None:
        content = self._at.until(end)
        self._out.append("" if content is None else f"{begin}{content}{end}")

    def _table(self, name: str) -> None:
        self._at.skip_options()
        if name.startswith(("tabularx", "tabulary", "xltabular")) or name.endswith("*"):
            self._drop()
        self._at.skip_options()
        self._drop()
        content = self._at.until(f"\\end{{{name}}}")
        if content is None:
            return
        rows = _ROW_END.split(_RULES.sub("", _without_comments(content)))
        lines = pipes.table(
            [[_inline(cell, self.theorems) for cell in _CELL_END.split(row)] for row in rows]
        )
        self._line_start()
        text = "\n".join(lines)
        self._out.append(text + "\n" * max(content.count("\n") - text.count("\n"), 0))

    # ------------------------------------------------------------------ sections

    def _heading(self, level: int) -> None:
        begun = self._at.position
        group = self._at.group(self._at.brace())
        if group is None:
            return
        name = heading_name(_inline(group[0], self.theorems))
        if not name:
            self._at.position = group[1]
            return
        self._at.position = begun
        self._flush()
        self._headings = [(above, other) for above, other in self._headings if above < level]
        self._headings.append((level, name))
        self._at.position = group[1]
        self._out = [name, "\n" * group[0].count("\n")]
        rest = self._at.text[self._at.position : self._at.position + 1]
        if rest not in ("", "\n") and not self._at.at("\\label"):
            self._out.append("\n")

    def _flush(self) -> None:
        """The text so far as a part; what comes begins at the present line."""
        text = "".join(self._out)
        names = tuple(name for _, name in self._headings)
        lines = _tidy(text.split("\n"))
        first = next((number for number, line in enumerate(lines) if line), None)
        if first is not None:
            place = Place(line=None if self.inline else self.line + first, headings=names)
            self.parts.append(Part("\n".join(lines[first:]).rstrip(), place))
        self.line += self._at.text.count("\n", self._counted, self._at.position)
        self._counted = self._at.position
        self._out = []

    # ------------------------------------------------------------------ small steps

    def _drop(self) -> None:
        group = self._at.group()
        if group:
            self._out.append("\n" * group[0].count("\n"))
            self._at.position = group[1]
            self._at.skip_options()

    def _line_start(self) -> None:
        """Ends the line unless there is nothing on it yet."""
        while self._out and not self._out[-1].strip(" \t"):
            self._out.pop()
        if not self._out:
            return
        self._out[-1] = self._out[-1].rstrip(" \t")
        if not self._out[-1].endswith("\n"):
            self._out.append("\n")


def _tidy(lines: list[str]) -> list[str]:
    """The lines without the source's indentation, which says nothing but in code and lists."""
    code = fenced(lines)
    return [
        line.rstrip()
        if code[number]
        else (line.rstrip() if _BULLET.match(line) else " ".join(line.split()))
        for number, line in enumerate(lines)
    ]
