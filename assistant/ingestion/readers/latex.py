"""LaTeX source: sections, lists, tables and mathematics, without the typesetting.

A scanner and no TeX: macros are not expanded and nothing is included. Mathematics stays as it is
written. Every replacement keeps the line breaks it replaces, so that lines are those of the file.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from assistant.ingestion.readers.base import Reading
from assistant.ingestion.readers.fences import fence
from assistant.ingestion.text import clean, decode
from assistant.sentences import fenced
from assistant.types import Part, Place

_LEVELS = {
    "part": 0, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4,
    "paragraph": 5, "subparagraph": 6,
}  # fmt: skip
_SLIDE = 7  # a frame of beamer stands below every section


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VERBATIM = _words(
    "verbatim verbatim* Verbatim lstlisting minted alltt code algorithmic algorithm2e"
)
_MATHEMATICS = _words(
    "equation align gather multline eqnarray displaymath math flalign alignat dmath IEEEeqnarray"
    " tikzcd"
)
_DRAWINGS = _words("tikzpicture pspicture picture pgfpicture axis comment filecontents")
_TABLES = _words("tabular tabularx tabulary longtable array tblr longtblr xltabular")
_LISTS = _words("itemize enumerate description compactitem compactenum tasks")
_THEOREMS = {
    "theorem": "Theorem", "thm": "Theorem", "lemma": "Lemma", "lem": "Lemma",
    "definition": "Definition", "defn": "Definition", "corollary": "Corollary",
    "proposition": "Proposition", "prop": "Proposition", "example": "Example",
    "remark": "Remark", "proof": "Proof", "exercise": "Exercise", "problem": "Problem",
    "solution": "Solution", "claim": "Claim", "abstract": "Abstract",
}  # fmt: skip

# Commands that leave no text, with how many arguments in braces they take along.
_DROPPED = {
    "label": 1, "input": 1, "include": 1, "includegraphics": 1, "bibliography": 1,
    "bibliographystyle": 1, "addbibresource": 1, "vspace": 1, "hspace": 1, "pagestyle": 1,
    "thispagestyle": 1, "pagenumbering": 1, "color": 1, "index": 1, "hypersetup": 1,
    "usetheme": 1, "setlength": 2, "addtolength": 2, "setcounter": 2, "addtocounter": 2,
    "rule": 2, "fontsize": 2, "textcolor": 1, "colorbox": 1, "href": 1, "selectlanguage": 1,
    "foreignlanguage": 1, "graphicspath": 1, "newcommand": 2, "renewcommand": 2,
    "providecommand": 2, "newenvironment": 3, "DeclareMathOperator": 2, "usepackage": 1,
    "documentclass": 1, "newtheorem": 2, "lstset": 1, "definecolor": 3, "title": 1,
    "author": 1, "date": 1, "hyphenation": 1, "phantom": 1, "nocite": 1, "cline": 1,
    "cmidrule": 1, "setmainfont": 1, "setmainhangulfont": 1, "geometry": 1, "raisebox": 1,
    "resizebox": 2, "scalebox": 1, "parbox": 1, "multicolumn": 2, "multirow": 2,
    "theoremstyle": 1, "lstinputlisting": 1, "column": 1, "vskip": 0, "setbeamertemplate": 2,
}  # fmt: skip
_REFERENCES = _words(
    "cite citep citet citeauthor citeyear parencite textcite autocite footcite"
    " ref eqref autoref cref Cref pageref nameref"
)
_CHARACTERS = {
    "LaTeX": "LaTeX", "TeX": "TeX", "ldots": "…", "dots": "…", "textellipsis": "…", "quad": " ",
    "qquad": " ", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "S": "§",
    "ss": "ß", "o": "ø", "O": "Ø", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å", "l": "ł",
    "oe": "œ", "OE": "Œ", "i": "ı", "textendash": "–", "textemdash": "—", "textbar": "|",
    "textless": "<", "textgreater": ">", "textdegree": "°", "degree": "°", "texttimes": "×",
    "textbullet": "•", "slash": "/", "euro": "€", "copyright": "©", "pounds": "£", "cdots": "⋯",
    "newline": " ", "checkmark": "✓",
}  # fmt: skip
_SINGLE = {
    "\\": " ", ",": " ", ";": " ", ":": " ", " ": " ", "\t": " ", "\n": "\n",
    "!": "", "-": "", "/": "", "@": "", "(": "(", ")": ")", "[": "[", "]": "]",
}  # fmt: skip
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "r": "\u030a",
    "k": "\u0328",
}  # fmt: skip
_MARKS = {"~": " ", "``": "“", "''": "”", "---": "—", "--": "–", "&": " "}

_TOKEN = re.compile(
    r"(?P<comment>%[^\n]*)"
    r"|\\(?:(?P<command>[A-Za-z@]+\*?)|(?P<single>[\s\S]))"
    r"|(?P<math>\$\$(?:[^$\\]|\\[\s\S]){1,4000}\$\$"
    r"|\$(?:[^$\\\n]|\\[\s\S]|\n(?![ \t]*\n)){1,2000}\$)"
    r"|(?P<open>\{)|(?P<close>\})"
    r"|(?P<mark>~|``|''|---?|&)"
    r"|(?P<text>[^\\%${}~`'&-]+|[\s\S])"
)
_BRACE = re.compile(r"\\(?:verb\*?|lstinline)([^\sA-Za-z*{\[])[^\n]*?\1|\\[\s\S]|%[^\n]*|[{}]")
_OPTION = re.compile(r"\*?[ \t]*\[([^\[\]\n]{0,300})\]")
_ACCENTED = re.compile(r"[ \t]*(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))")
_INLINE_CODE = re.compile(r"([^\sA-Za-z*{])(.*?)\1")
_LANGUAGE = re.compile(r"language[ \t]*=[ \t]*\{?(?:\[[^\]]*\])?[ \t]*([\w+#-]+)", re.IGNORECASE)
_NEW_THEOREM = re.compile(r"\\newtheorem\*?\{([^{}\n]+)\}(?:\[[^\]\n]*\])?\{([^{}\n]+)\}")
_TITLE = re.compile(r"(?m)^[^%\n]*\\title[ \t]*(?:\[[^\]]*\])?[ \t\n]*\{")
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot|centering)\b"
    r"(?:\[[^\]\n]*\])?|\\(?:cline|cmidrule)(?:\([^)\n]*\))?\{[^{}\n]*\}"
)
_ROW_END = re.compile(r"\\\\\*?(?:\[[^\]\n]*\])?|\\tabularnewline\b")
_CELL_END = re.compile(r"(?<!\\)&")
_ARGUMENT = 4_000  # characters; a longer one is no name of anything
_HEADING_CHARACTERS = 200
_BULLET = re.compile(r"[ ]*(?:-|\d+\.)[ ]")


def read(path: Path, data: bytes) -> Reading:
    r"""Title from ``\title``; the preamble is left out."""
    text = clean(decode(data))
    begin, end = text.find("\\begin{document}"), text.find("\\end{document}")
    start = 0 if begin < 0 else begin + len("\\begin{document}")
    body = text[start:] if end < start else text[start:end]
    theorems = {**_THEOREMS, **dict(_NEW_THEOREM.findall(text))}
    scanner = _Scanner(body, text.count("\n", 0, start) + 1, theorems)
    scanner.run()
    return Reading(_title(text, theorems), tuple(scanner.parts))


def _title(text: str, theorems: dict[str, str]) -> str:
    found = _TITLE.search(text)
    if not found:
        return ""
    start = found.end() - 1
    title = text[start : start + _ARGUMENT]
    stop = _closing(title).get(0, 0)
    return _inline(title[1:stop], theorems)


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(?<!\\)%.*$", "", text)


def _inline(text: str, theorems: dict[str, str]) -> str:
    """An argument or a cell as plain text on one line."""
    scanner = _Scanner(text, 1, theorems, inline=True)
    scanner.run()
    return " ".join("\n".join(part.text for part in scanner.parts).split())


def _closing(text: str) -> dict[int, int]:
    """For each opening brace the position of the one that closes it, if any does."""
    closing = {}
    opened = []
    for step in _BRACE.finditer(text):
        if step[0] == "{":
            opened.append(step.start())
        elif step[0] == "}" and opened:
            closing[opened.pop()] = step.start()
    return closing


@dataclass(slots=True)
class _Scanner:
    """One walk over a text. ``inline``: there are no sections in it."""

    text: str
    line: int
    theorems: dict[str, str]
    inline: bool = False
    parts: list[Part] = field(default_factory=list)
    _position: int = 0
    _counted: int = 0
    _out: list[str] = field(default_factory=list)
    _headings: list[tuple[int, str]] = field(default_factory=list)
    _closers: list[str] = field(default_factory=list)  # what each open brace prints at its end
    _lists: list[int] = field(default_factory=list)  # next number, -1 for bullets
    _unclosed: set[str] = field(default_factory=set)
    _closing: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._closing = _closing(self.text)

    def run(self) -> None:
        while token := _TOKEN.match(self.text, self._position):
            self._position = token.end()
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
                    self._out.append(_MARKS[token["mark"]])
                case "comment":
                    pass
                case _:
                    self._out.append(token[0])
        self._flush()

    # ------------------------------------------------------------------ commands

    def _command(self, name: str) -> None:
        if name in _LEVELS and not self.inline:
            self._skip_option()
            self._heading(_LEVELS[name])
        elif name == "frametitle" and not self.inline:
            self._heading(_SLIDE)
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
            self._skip_option()
            self._out.append(f"[{self._argument()}] ")
        elif name in _REFERENCES:
            self._skip_option()
            self._skip_option()
            key = self._argument()
            self._out.append(f"[{key}]" if key else "")
        elif name in _ACCENTS and (accented := _ACCENTED.match(self.text, self._position)):
            self._accent(_ACCENTS[name], accented)
        elif name in _CHARACTERS:
            self._out.append(_CHARACTERS[name])
            self._skip_spaces()
        else:
            self._skip_option()
            for _ in range(_DROPPED.get(name, 0)):
                self._drop()
            if name not in _DROPPED:
                self._skip_spaces()

    def _single(self, character: str) -> None:
        if character in "([":
            self._mathematics("\\" + character, "\\)" if character == "(" else "\\]")
        elif character in _ACCENTS and (accented := _ACCENTED.match(self.text, self._position)):
            self._accent(_ACCENTS[character], accented)
        else:
            # "\%" is the character itself, and so are the particles of kotex: "\은".
            self._out.append(_SINGLE.get(character, character))
            if character == "\\":
                self._skip_option()

    def _accent(self, accent: str, accented: re.Match[str]) -> None:
        letter = accented[1] or accented[2]
        self._out.append(unicodedata.normalize("NFC", letter + accent))
        self._position = accented.end()

    def _opens(self, before: str, after: str) -> None:
        self._skip_option()
        if self.text.startswith("{", self._position):
            self._position += 1
            self._out.append(before)
            self._closers.append(after)

    def _inline_code(self, name: str) -> None:
        self._skip_option()
        if name == "mintinline":
            self._drop()
        group = self._group(self._position)
        if group and name != "verb":
            self._out.append(f"`{group[0]}`")
            self._position = group[1]
        elif code := _INLINE_CODE.match(self.text, self._position):
            self._out.append(f"`{code[2]}`")
            self._position = code.end()

    # ------------------------------------------------------------------ environments

    def _begin(self) -> None:
        name = self._argument()
        kind = name.rstrip("*")
        if name in _VERBATIM or kind in _VERBATIM:
            self._code(name)
        elif kind in _MATHEMATICS:
            self._mathematics(f"\\begin{{{name}}}", f"\\end{{{name}}}")
        elif kind in _DRAWINGS:
            content = self._until(f"\\end{{{name}}}")
            self._out.append("\n" * (content or "").count("\n"))
        elif kind in _TABLES:
            self._table(name)
        elif kind in _LISTS:
            self._skip_option()
            self._lists.append(1 if "enum" in kind else -1)
        elif kind == "frame":
            self._skip_option()
            if self.text.startswith("{", self._position) and not self.inline:
                self._heading(_SLIDE)
        elif kind in self.theorems:
            option = _OPTION.match(self.text, self._position)
            self._skip_option()
            about = f" ({_inline(option[1], self.theorems)})" if option else ""
            self._out.append(f"{self.theorems[kind]}{about}. ")
        else:
            self._skip_option()
            if kind in ("minipage", "multicols", "wrapfigure", "thebibliography", "column"):
                self._drop()

    def _end(self) -> None:
        name = self._argument().rstrip("*")
        if name in _LISTS and self._lists:
            self._lists.pop()

    def _item(self) -> None:
        option = _OPTION.match(self.text, self._position)
        self._skip_option()
        self._skip_spaces()
        number = self._lists[-1] if self._lists else -1
        mark = "-" if number < 0 else f"{number}."
        if number > 0:
            self._lists[-1] += 1
        named = f"{_inline(option[1], self.theorems)}: " if option else ""
        self._line_start()
        self._out.append("  " * max(len(self._lists) - 1, 0) + f"{mark} {named}")

    def _code(self, name: str) -> None:
        option = _OPTION.match(self.text, self._position)
        language = _LANGUAGE.search(option[1]) if option else None
        self._skip_option()
        minted = self._argument() if name.startswith("minted") else ""
        content = self._until(f"\\end{{{name}}}")
        if content is None:
            return
        self._line_start()
        code = content.removeprefix("\n").rstrip()
        text = fence(code, minted or (language[1].lower() if language else ""))
        self._out.append(text)
        # The rest of the line of \end stands below the fence.
        if not self.text.startswith("\n", self._position):
            self._out.append("\n")

    def _mathematics(self, begin: str, end: str) -> None:
        content = self._until(end)
        self._out.append("" if content is None else f"{begin}{content}{end}")

    def _table(self, name: str) -> None:
        self._skip_option()
        if name.startswith(("tabularx", "tabulary", "xltabular")) or name.endswith("*"):
            self._drop()
        self._skip_option()
        self._drop()
        content = self._until(f"\\end{{{name}}}")
        if content is None:
            return
        rows = []
        for row in _ROW_END.split(_RULES.sub("", _without_comments(content))):
            cells = [_inline(cell, self.theorems) for cell in _CELL_END.split(row)]
            if any(cells):
                rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        if len(rows) > 1:
            rows.insert(1, "|" + " --- |" * rows[0].count(" | ") + " --- |")
        self._line_start()
        text = "\n".join(rows)
        self._out.append(text + "\n" * max(content.count("\n") - text.count("\n"), 0))

    # ------------------------------------------------------------------ sections

    def _heading(self, level: int) -> None:
        begun = self._position
        group = self._group(self._skip_space_to_brace())
        if group is None:
            return
        name = _inline(group[0], self.theorems)[:_HEADING_CHARACTERS]
        if not name:
            self._position = group[1]
            return
        self._position = begun
        self._flush()
        self._headings = [(above, other) for above, other in self._headings if above < level]
        self._headings.append((level, name))
        self._position = group[1]
        self._out = [name, "\n" * group[0].count("\n")]
        rest = self.text[self._position : self._position + 1]
        if rest not in ("", "\n") and not self.text.startswith("\\label", self._position):
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
        self.line += self.text.count("\n", self._counted, self._position)
        self._counted = self._position
        self._out = []

    # ------------------------------------------------------------------ small steps

    def _group(self, position: int) -> tuple[str, int] | None:
        """What stands between the brace at a position and the one that closes it, and the end."""
        stop = self._closing.get(position)
        if stop is None or stop - position > _ARGUMENT:
            return None
        return self.text[position + 1 : stop], stop + 1

    def _argument(self) -> str:
        group = self._group(self._position)
        if group is None:
            return ""
        self._position = group[1]
        return " ".join(group[0].split())

    def _drop(self) -> None:
        group = self._group(self._position)
        if group:
            self._out.append("\n" * group[0].count("\n"))
            self._position = group[1]
            self._skip_option()

    def _until(self, end: str) -> str | None:
        """The text up to a mark, None where it never comes; the mark is passed over."""
        if end in self._unclosed:
            return None
        stop = self.text.find(end, self._position)
        if stop < 0:
            self._unclosed.add(end)
            return None
        content = self.text[self._position : stop]
        self._position = stop + len(end)
        return content

    def _skip_option(self) -> None:
        while option := _OPTION.match(self.text, self._position):
            self._position = option.end()

    def _skip_spaces(self) -> None:
        while self.text.startswith((" ", "\t"), self._position):
            self._position += 1

    def _skip_space_to_brace(self) -> int:
        position = self._position
        while position < len(self.text) and self.text[position] in " \t\n":
            position += 1
        return position

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
