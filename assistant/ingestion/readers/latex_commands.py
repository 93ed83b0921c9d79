"""What the commands and environments of LaTeX leave of themselves when only their text is read."""

from __future__ import annotations

from assistant.ingestion.readers.naming import words

LEVELS = {
    "part": 0, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4,
    "paragraph": 5, "subparagraph": 6,
}  # fmt: skip
SLIDE = 7  # a frame of beamer stands below every section

VERBATIM = words("verbatim verbatim* Verbatim lstlisting minted alltt code algorithmic algorithm2e")
MATHEMATICS = words(
    "equation align gather multline eqnarray displaymath math flalign alignat dmath IEEEeqnarray"
    " tikzcd"
)
DRAWINGS = words("tikzpicture pspicture picture pgfpicture axis comment filecontents")
TABLES = words("tabular tabularx tabulary longtable array tblr longtblr xltabular")
LISTS = words("itemize enumerate description compactitem compactenum tasks")
THEOREMS = {
    "theorem": "Theorem", "thm": "Theorem", "lemma": "Lemma", "lem": "Lemma",
    "definition": "Definition", "defn": "Definition", "corollary": "Corollary",
    "proposition": "Proposition", "prop": "Proposition", "example": "Example",
    "remark": "Remark", "proof": "Proof", "exercise": "Exercise", "problem": "Problem",
    "solution": "Solution", "claim": "Claim", "abstract": "Abstract",
}  # fmt: skip

# Commands that leave no text, with how many arguments in braces they take along.
DROPPED = {
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
REFERENCES = words(
    "cite citep citet citeauthor citeyear parencite textcite autocite footcite"
    " ref eqref autoref cref Cref pageref nameref"
)
CHARACTERS = {
    "LaTeX": "LaTeX", "TeX": "TeX", "ldots": "…", "dots": "…", "textellipsis": "…", "quad": " ",
    "qquad": " ", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "S": "§",
    "ss": "ß", "o": "ø", "O": "Ø", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å", "l": "ł",
    "oe": "œ", "OE": "Œ", "i": "ı", "textendash": "–", "textemdash": "—", "textbar": "|",
    "textless": "<", "textgreater": ">", "textdegree": "°", "degree": "°", "texttimes": "×",
    "textbullet": "•", "slash": "/", "euro": "€", "copyright": "©", "pounds": "£", "cdots": "⋯",
    "newline": " ", "checkmark": "✓",
}  # fmt: skip
SINGLE = {
    "\\": " ", ",": " ", ";": " ", ":": " ", " ": " ", "\t": " ", "\n": "\n",
    "!": "", "-": "", "/": "", "@": "", "(": "(", ")": ")", "[": "[", "]": "]",
}  # fmt: skip
ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "r": "\u030a",
    "k": "\u0328",
}  # fmt: skip
MARKS = {"~": " ", "``": "“", "''": "”", "---": "—", "--": "–", "&": " "}
