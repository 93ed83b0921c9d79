"""Text as students keep it: Obsidian, other light markup, and every encoding."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import EmptyFile
from assistant.ingestion.readers import read
from assistant.types import Part, Place
from tests.mutations import survives


def parts_of(name: str, text: str) -> list[Part]:
    return list(read(Path(name), text.encode()).parts)


def text_of(text: str) -> str:
    (part,) = parts_of("a.md", text)
    return part.text


# --------------------------------------------------------------------------- Obsidian


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("글 %%숨은 말%% 이다", "글  이다"),
        ("글 <!-- 숨은 말 --> 이다", "글  이다"),
        ("값은 100%% 이다", "값은 100%% 이다"),
        ("`%%코드%%` 와 $a %% b$", "`%%코드%%` 와 $a %% b$"),
        ("문단이다. ^abc123", "문단이다."),
        ("x ^2 는 제곱", "x ^2 는 제곱"),
        ("$x^2$", "$x^2$"),
        ("[[어텐션#스케일링]] 참고", "어텐션 › 스케일링 참고"),
        ("[[#스케일링]] 참고", "스케일링 참고"),
        ("[[어텐션#^abc123]] 참고", "어텐션 참고"),
        ("![[어텐션#정의]]", "어텐션 › 정의"),
        ("그림 ![[diagram.png|300]] 과 ![[a.jpg]]", "그림  과"),
        ("![[a.png|구조도]]", "구조도"),
        ("#태그 와 #nlp/attention", "#태그 와 #nlp/attention"),
        ("- [ ] 할 일\n- [x] 한 일", "- [ ] 할 일\n- [x] 한 일"),
    ],
)
def test_marks_of_obsidian(text: str, expected: str) -> None:
    assert text_of(text) == expected


@pytest.mark.parametrize(("opens", "closes"), [("%%", "%%"), ("<!--", "-->")])
def test_a_comment_over_lines_is_dropped_and_lines_stay(opens: str, closes: str) -> None:
    text = f"# A\n글\n\n{opens}\n# 숨은 제목\n```\n말\n{closes}\n\n## B\n끝\n"
    parts = parts_of("a.md", text)
    assert [(part.text, part.place.line) for part in parts] == [("# A\n글", 1), ("## B\n끝", 10)]


@pytest.mark.parametrize("opens", ["%%", "<!--"])
def test_a_comment_never_closed_is_text(opens: str) -> None:
    assert parts_of("a.md", f"글\n\n{opens}\n\n# 제목\n끝\n")[1].text == "# 제목\n끝"


def test_comment_marks_in_code_are_code() -> None:
    code = "```matlab\n%%\nx = 1;\n%%\n```"
    assert text_of(code) == code


@pytest.mark.parametrize(
    ("front", "labels"),
    [
        ("aliases: [MHA, 멀티헤드 어텐션]\ntags: nlp", "Aliases: MHA, 멀티헤드 어텐션\nTags: nlp"),
        ("aliases:\n  - MHA\n  - \"다른 이름\"\ndate: 2025", "Aliases: MHA, 다른 이름"),
        ("tags:\n- '#nlp'\n- 딥러닝", "Tags: nlp, 딥러닝"),
        ("keywords = [\"a\", \"b\"]", "Keywords: a, b"),
        ("tags: []\naliases:\ntitle: 제목", ""),
    ],
)  # fmt: skip
def test_a_note_is_found_by_its_aliases_and_tags(front: str, labels: str) -> None:
    parts = parts_of("a.md", f"---\n{front}\n---\n# 어텐션\n## 정의\n글이다.\n## 끝\n글.\n")
    text = "## 정의\n글이다."
    assert [part.text for part in parts] == [
        "# 어텐션",
        f"{text}\n\n{labels}" if labels else text,
        "## 끝\n글.",
    ]


def test_a_table_and_a_formula_stay_whole() -> None:
    text = "| a | b |\n|---|---|\n| 1 | $x|y$ |\n\n"
    text += "$$\n\\begin{aligned}\na &= [[b]] ^abcd\n\\end{aligned}\n$$"
    assert text_of(text) == text


# --------------------------------------------------------------------------- other markup

RST = """=====
제목
=====

머리말이다.

첫 절
-----

:ref:`다른 절 <label>` 과 `링크 <http://x>`_ 을 본다.

.. code-block:: python
   :linenos:

   def f():
       return 1

.. 주석이다

.. _label:

작은 절
~~~~~~~

글.

둘째 절
-------

.. math::

   x = 1
"""
ORG = """#+TITLE: 어텐션 정리
#+STARTUP: overview
* 정의                :nlp:
:PROPERTIES:
:ID: 123
:END:
# 주석
[[http://x][링크]] 이다.
** TODO 할 일
#+BEGIN_SRC python
* x = 1
#+END_SRC
"""
ADOC = """= 어텐션 정리
:toc:

머리말이다.

== 정의

// 주석
[source,python]
----
== x
----

=== 안쪽
글.
"""


def test_restructured_text() -> None:
    reading = read(Path("a.rst"), RST.encode())
    assert reading.title == "제목"
    assert [(part.place.headings, part.place.line) for part in reading.parts] == [
        (("제목",), 2),
        (("제목", "첫 절"), 7),
        (("제목", "첫 절", "작은 절"), 22),
        (("제목", "둘째 절"), 27),
    ]
    section = reading.parts[1].text
    assert "`다른 절` 과 링크 을 본다." in section
    assert "```python\ndef f():\n    return 1\n```" in section
    assert "주석" not in section
    assert reading.parts[3].text.endswith(".. math::\n\n   x = 1")


def test_org() -> None:
    assert read(Path("a.org"), ORG.encode()).title == "어텐션 정리"
    assert parts_of("a.org", ORG) == [
        Part("# 정의\n\n\n\n\n링크 이다.", Place(line=3, headings=("정의",))),
        Part(
            "## TODO 할 일\n```python\n* x = 1\n```",
            Place(line=9, headings=("정의", "TODO 할 일")),
        ),
    ]


def test_asciidoc() -> None:
    assert read(Path("a.adoc"), ADOC.encode()).title == "어텐션 정리"
    parts = parts_of("a.adoc", ADOC)
    assert [(part.place.headings, part.place.line) for part in parts] == [
        (("어텐션 정리",), 1),
        (("어텐션 정리", "정의"), 6),
        (("어텐션 정리", "정의", "안쪽"), 14),
    ]
    assert parts[1].text == "## 정의\n\n\n\n```python\n== x\n```"


# --------------------------------------------------------------------------- encodings

KOREAN = "어텐션은 값의 가중합이다. 점수는 쿼리와 키의 내적이다.\n"
HEADED = {
    "a.md": f"# 제목\n\n{KOREAN}",
    "a.txt": f"제목\n\n{KOREAN}",
    "a.rst": f"제목\n====\n\n{KOREAN}",
    "a.org": f"* 제목\n\n{KOREAN}",
    "a.adoc": f"== 제목\n\n{KOREAN}",
    "a.tex": f"\\section{{제목}}\n\n{KOREAN}",
}


@pytest.mark.parametrize("name", list(HEADED))
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp949", "euc-kr"],
)
def test_korean_in_every_encoding(name: str, encoding: str) -> None:
    reading = read(Path(name), HEADED[name].encode(encoding))
    text = "\n".join(part.text for part in reading.parts)
    assert "제목" in text
    assert KOREAN.strip() in text
    if name not in ("a.txt",):
        assert reading.parts[0].place.headings == ("제목",)


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.rst", "a.tex"])
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_french_in_latin_1(name: str, encoding: str) -> None:
    text = "Le théorème énoncé à côté est démontré où l'été s'achève, très gênant.\n"
    assert read(Path(name), text.encode(encoding)).parts[0].text == text.strip()


@pytest.mark.parametrize("name", ["a.md", "a.rst", "a.org", "a.adoc", "a.tex", "a.py"])
@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf", "\u200b\u3164".encode()])
def test_a_file_without_text_is_empty(name: str, data: bytes) -> None:
    with pytest.raises(EmptyFile, match=name):
        read(Path(name), data)


# --------------------------------------------------------------------------- broken files


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.rst", RST),
        ("a.org", ORG),
        ("a.adoc", ADOC),
        ("a.md", "---\ntags: [a]\n---\n# A\n%%\nx\n%%\n> [!note] B\n| a |\n$$x$$ [[b#c|d]] ^id\n"),
        ("a.ipynb", '{"cells": [{"cell_type": "markdown", "source": ["# 제목", "글"]}]}'),
        ("a.txt", f"1. 하나\n\n{KOREAN}\n2. 둘\n\n{KOREAN}"),
    ],
)
def test_broken_files(name: str, text: str) -> None:
    survives(name, text.encode())


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", ["a.md", "a.rst", "a.org", "a.adoc"])
@pytest.mark.parametrize(
    "unit",
    ["%%", "<!--", ":r:`", "`a <", "[[a][", "* ", "#+begin_src\n", "----\n", "tags: [\n", "x\n=\n",
     ".. code::\n\n", "^a"],
)  # fmt: skip
def test_a_file_made_to_be_slow_is_not(name: str, unit: str) -> None:
    read(Path(name), (f"---\n{unit * 2000}\n---\n" + "글" + unit * (50_000 // len(unit))).encode())
