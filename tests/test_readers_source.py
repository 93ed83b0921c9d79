from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import EmptyFile
from assistant.ingestion.readers import SUPPORTED, read
from tests.mutations import survives

PYTHON = '''"""행렬 연산."""

import math

LIMIT = 3


# 합을 구한다.
@cache
def add(a, b):
    """더한다."""
    return a + b


class Matrix:
    """행렬이다."""

    size = 3

    def rows(self):
        text = """
def not_a_definition():
"""
        return text


if __name__ == "__main__":
    print(add(1, 2))
'''
JAVA = """package x;

/**
 * 스택.
 */
public class Stack<T> extends Base {
    public void push(T item) {
        if (size > 3) {
            grow();
        }

        items[size++] = item;
    }
}

interface Foo { void bar(); }
"""


def shape(name: str, text: str) -> list[tuple[int | None, tuple[str, ...]]]:
    return [
        (part.place.line, part.place.headings) for part in read(Path(name), text.encode()).parts
    ]


def test_a_python_module() -> None:
    reading = read(Path("calc.py"), PYTHON.encode())
    assert reading.title == "calc.py"
    assert [(part.place.line, part.place.headings) for part in reading.parts] == [
        (1, ()),
        (8, ("add",)),
        (15, ("Matrix",)),
        (27, ()),
    ]
    assert reading.parts[1].text == (
        "```python\n# 합을 구한다.\n@cache\ndef add(a, b):\n"
        '    """더한다."""\n    return a + b\n```'
    )


def test_every_line_is_in_one_part_and_where_it_says() -> None:
    filler = "\n".join(f"        x{n} = {n} * 2  # 계산" for n in range(60))
    text = PYTHON.replace("        text =", f"{filler}\n\n        text =")
    lines = text.split("\n")
    seen: list[int] = []
    for part in read(Path("calc.py"), text.encode()).parts:
        assert part.place.line is not None
        assert len(part.text) < 1200
        for number, line in enumerate(part.text.split("\n")[1:-1], start=part.place.line):
            assert lines[number - 1] == line
            seen.append(number)
    assert seen == [number for number, line in enumerate(lines, start=1) if number in seen]
    assert {number for number, line in enumerate(lines, start=1) if line} <= set(seen)


def test_a_large_class_is_a_part_to_a_method() -> None:
    methods = "\n".join(f"    def m{n}(self):\n        return {'1 + ' * 60}1\n" for n in range(5))
    found = shape("a.py", f"class Big:\n    size = 1\n\n{methods}")
    assert [names for _, names in found] == [
        ("Big",), ("Big", "m0"), ("Big", "m1"), ("Big", "m2"), ("Big", "m3"), ("Big", "m4"),
    ]  # fmt: skip


def test_python_that_does_not_parse_is_read_by_its_looks() -> None:
    found = shape("a.py", "print 'old'\n\ndef one():\n    return 1\n\nclass Two:\n    pass\n")
    assert found == [(1, ()), (3, ("one",)), (6, ("Two",))]


def test_braces_and_their_comments() -> None:
    assert shape("Stack.java", JAVA) == [(1, ()), (3, ("Stack",)), (16, ("Foo",))]


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("a.js", "export const load = async (id) => {", "load"),
        ("a.js", "async function add(a, b) {", "add"),
        ("a.tsx", "export default class App extends Component {", "App"),
        ("a.c", "static int *helper(int a, char b) {", "helper"),
        ("a.cpp", "void Stack<T>::push(const T& item) {", "Stack<T>::push"),
        ("a.cpp", "int Stack::pop() {", "Stack::pop"),
        ("a.go", "func (s *Stack) Push(item int) {", "Push"),
        ("a.rs", "pub fn push<T>(item: T) {", "push"),
        ("a.rs", "impl Stack {", "Stack"),
        ("a.rb", "def push(item)", "push"),
        ("a.kt", "data class Point(val x: Int) {", "Point"),
        ("a.r", "add <- function(a, b) {", "add"),
        ("a.sh", "deploy() {", "deploy"),
        ("a.sql", "CREATE TABLE IF NOT EXISTS students (", "students"),
        ("a.hs", "area :: Double -> Double", "area"),
        ("a.ex", "defmodule Stack.Item do", "Stack.Item"),
        ("a.swift", "func push(_ item: Int) {", "push"),
        ("a.m", "function y = square(x)", "square"),
        ("a.java", "학생목록 만들기() {", "만들기"),
    ],
)
def test_definitions_of_many_languages(name: str, line: str, expected: str) -> None:
    found = shape(name, f"x;\n\n{line}\n  body;\n}}\n")
    assert (3, (expected,)) in found


@pytest.mark.parametrize(
    "line", ["if (x) {", "return foo(1)", "// class Foo", "for (int i = 0; i < 3; i++) {", "};"]
)
def test_what_defines_nothing(line: str) -> None:
    assert shape("a.js", f"{line}\n") == [(1, ())]


def test_the_language_and_the_fence() -> None:
    (part,) = read(Path("a.toml"), b's = """\n```\n"""\n').parts
    assert part.text == '````toml\ns = """\n```\n"""\n````'


def test_minified_code_is_no_note() -> None:
    with pytest.raises(EmptyFile, match=r"app\.js"):
        read(Path("app.js"), b"function a(){return 1};" * 1000)


def test_code_in_cp949() -> None:
    (part,) = read(Path("a.c"), "/* 더하기 함수이다 */\nint add(int a) {}\n".encode("cp949")).parts
    assert "더하기 함수이다" in part.text
    assert part.place.headings == ("add",)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("name", "text"), [("a.py", PYTHON), ("a.java", JAVA)])
def test_broken_files(name: str, text: str) -> None:
    survives(name, text.encode())


@pytest.mark.timeout(30)
@pytest.mark.parametrize("suffix", [".py", ".cpp", ".js"])
@pytest.mark.parametrize(
    "unit", ["(", "a.b ", "& * ", "class ", "x = (", "def f():\n ", "{\n", "a<b>::", "public "]
)
def test_a_file_made_to_be_slow_is_not(suffix: str, unit: str) -> None:
    assert suffix in SUPPORTED
    line = (unit * (900 // len(unit))).rstrip("\n ")
    read(Path(f"a{suffix}"), "\n".join([line] * 100 + ["x"] * 400).encode())
