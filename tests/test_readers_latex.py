from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import EmptyFile
from assistant.ingestion.readers import read
from assistant.types import Part
from tests.mutations import survives

DOCUMENT = r"""% 강의 노트
\documentclass{article}
\usepackage{kotex}
\newtheorem{thm}{정리}[section]
\newcommand{\R}{\mathbb{R}}
\title{선형대수 \textbf{3주차}}
\begin{document}
\maketitle
서론이다. % 주석은 없다

\section{고유값과 \emph{고유벡터}}\label{sec:eig}
행렬 $A \in \R^{n\times n}$에 대하여 \textbf{고유값}은 50\%이다.
\begin{equation}
A v = \lambda v % norm
\end{equation}
\begin{thm}[스펙트럼]
대칭이면 대각화된다\footnote{실수 위에서.}.
\end{thm}
\subsection{성질}
\begin{itemize}
  \item 합 \cite{strang}
  \begin{enumerate}
    \item 첫째
    \item 둘째
  \end{enumerate}
\end{itemize}
\begin{tabular}{|l|c|}
\hline
이름 & 값 \\ \hline
$\lambda_1$ & 3|4 \\
\multicolumn{1}{c}{둘째} & 50\% \\
\hline
\end{tabular}
\begin{lstlisting}[language=Python]
x = 1  # % \section{no}
\end{lstlisting}
\section*{끝}
식~\eqref{eq:1}\은 끝이다. \input{next}
\end{document}
뒤에 남은 글
"""


def parts_of(text: str) -> list[Part]:
    return list(read(Path("a.tex"), text.encode()).parts)


def text_of(text: str) -> str:
    return "\n".join(part.text for part in parts_of(text))


def line_of(text: str) -> int:
    return DOCUMENT.split("\n").index(text) + 1


def test_sections_with_their_lines() -> None:
    reading = read(Path("a.tex"), DOCUMENT.encode())
    assert reading.title == "선형대수 3주차"
    assert [part.place.headings for part in reading.parts] == [
        (),
        ("고유값과 고유벡터",),
        ("고유값과 고유벡터", "성질"),
        ("끝",),
    ]
    assert [part.place.line for part in reading.parts] == [
        line_of("서론이다. % 주석은 없다"),
        line_of(r"\section{고유값과 \emph{고유벡터}}\label{sec:eig}"),
        line_of(r"\subsection{성질}"),
        line_of(r"\section*{끝}"),
    ]
    assert reading.parts[0].text == "서론이다."
    assert reading.parts[3].text == "끝\n식 [eq:1]은 끝이다."


def test_a_section_reads_as_text_and_keeps_its_mathematics() -> None:
    assert parts_of(DOCUMENT)[1].text == (
        "고유값과 고유벡터\n"
        "행렬 $A \\in \\R^{n\\times n}$에 대하여 고유값은 50%이다.\n"
        "\\begin{equation}\nA v = \\lambda v % norm\n\\end{equation}\n"
        "정리 (스펙트럼).\n대칭이면 대각화된다 (실수 위에서.)."
    )


def test_lists_tables_and_code_stand_on_their_lines() -> None:
    part = parts_of(DOCUMENT)[2]
    lines = part.text.split("\n")
    assert [line for line in lines if line] == [
        "성질",
        "- 합 [strang]",
        "  1. 첫째",
        "  2. 둘째",
        "| 이름 | 값 |",
        "| --- | --- |",
        "| $\\lambda_1$ | 3\\|4 |",
        "| 둘째 | 50% |",
        "```python",
        "x = 1  # % \\section{no}",
        "```",
    ]
    assert part.place.line is not None
    for said, written in (("- 합 [strang]", r"  \item 합 \cite{strang}"), (lines[-1], "")):
        if written:
            assert part.place.line + lines.index(said) == line_of(written)
    code = part.place.line + lines.index("x = 1  # % \\section{no}")
    assert code == line_of("x = 1  # % \\section{no}")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"Caf\'e na\"{\i}ve \c{c}", "Café naïve ç"),
        (r"``quoted'' --- a -- b", "“quoted” — a – b"),
        (r"\verb|x % y| \lstinline{a_b}", "`x % y` `a_b`"),
        (r"\href{http://x}{link} \url{http://y}", "link http://y"),
        (r"\textcolor{red}{빨강} {\bf 굵게}", "빨강 굵게"),
        (r"a\vspace{2mm}b\label{x}c", "abc"),
        (r"\( x_1 \) \[ y \]", r"\( x_1 \) \[ y \]"),
        (r"\begin{tikzpicture}\draw (0,0);\end{tikzpicture}글", "글"),
        (r"줄 \\[2pt] 다음", "줄 다음"),
        (r"\LaTeX{} \ldots", "LaTeX …"),
        (r"\begin{description}\item[용어] 뜻\end{description}", "- 용어: 뜻"),
        (r"값은 $5 이다", "값은 $5 이다"),
        (r"\begin{verbatim} never closed", "never closed"),
        (r"\section{never closed", "never closed"),
        (r"}} 글 {", "글"),
    ],
)
def test_commands(source: str, expected: str) -> None:
    assert " ".join(text_of(source).split()) == expected


def test_slides() -> None:
    text = r"""\begin{document}
\section{어텐션}
\begin{frame}{스케일링}
점수를 나눈다.
\end{frame}
\begin{frame}
\frametitle{마스크}
가린다.
\end{frame}
\end{document}"""
    parts = parts_of(text)
    assert [(part.place.headings, part.place.line) for part in parts] == [
        (("어텐션",), 2),
        (("어텐션", "스케일링"), 3),
        (("어텐션", "마스크"), 7),
    ]


def test_a_chapter_without_a_preamble() -> None:
    part = parts_of("\\chapter{장}\n글 {\\large 크게}.\n")[0]
    assert (part.text, part.place.headings) == ("장\n글 크게.", ("장",))


def test_korean_of_another_encoding() -> None:
    assert read(Path("a.tex"), DOCUMENT.encode("cp949")).title == "선형대수 3주차"


def test_a_preamble_alone_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read(Path("a.tex"), b"\\documentclass{article}\n\\begin{document}\n% x\n\\end{document}")


@pytest.mark.timeout(60)
def test_broken_files() -> None:
    survives("a.tex", DOCUMENT.encode(), times=300)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "unit",
    ["\\section{", "{", "$", "\\begin{verbatim}", "\\begin{tabular}{l}", "\\footnote{", "$$ ",
     "\\item[", "\\'", "\\verb|", "\\begin{x", "[", "\\title{"],
)  # fmt: skip
def test_a_file_made_to_be_slow_is_not(unit: str) -> None:
    read(Path("a.tex"), ("글 " + unit * (100_000 // len(unit))).encode())
