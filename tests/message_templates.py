"""The templates of all that the rooms beneath the interfaces say, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import assistant
from assistant import errors

ROOT = Path(assistant.__file__).parent
ROOMS = ("desk", "library", "ingestion", "query", "models", "config.py", "settings_value.py")
ROOMS += ("settings_file.py", "settings_list.py")
# What each call says: the positions of its arguments that people read, and their names.
SAID: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    **{
        name: ((0, 1), ("message", "hint"))
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.AssistantError)
    },
    "Unfit": ((0,), ()),
    "Check": ((0, 2, 3), ("detail", "hint")),
    "ModelProgress": ((1,), ("step",)),
    "Skip": ((2, 3), ("reason",)),
    "FileSkipped": ((1,), ("reason",)),
}


def templates() -> Iterator[tuple[str, str]]:
    """Where something is said, and what, with ``{}`` for what is filled in."""
    for room in ROOMS:
        files = [ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py"))
        for file in files:
            yield from _of(file)


def _of(file: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(file.read_text("utf-8"))
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    named.setdefault(target.id, []).append(node.value)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in SAID:
            continue
        places, keywords = SAID[name]
        said = [node.args[n] for n in places if n < len(node.args)]
        said += [each.value for each in node.keywords if each.arg in keywords]
        for each in said:
            for text in _texts(each, named):
                if any(letter.isalpha() for letter in text.replace("{}", "")):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", text


def _texts(node: ast.expr, named: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in parts)  # type: ignore[misc]
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, named)
            yield from _texts(other, named)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _texts(value, named)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            for first in list(_texts(left, named)) or ["{}"]:
                for second in list(_texts(right, named)) or ["{}"]:
                    yield first + second
        case ast.Name(id=name):
            for value in named.get(name, ()):
                yield from _texts(value, {})
