"""What keeps a file from being read is told as ingestion would decide it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import IngestionSettings
from assistant.ingestion.discover import Skip, discover
from assistant.ingestion.readers import SUPPORTED
from assistant.ingestion.why import hindrance
from assistant.types import Hindrance, Root

SETTINGS = IngestionSettings(max_file_mb=1)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "노트"
    (folder / "초안" / "old").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    (folder / ".gitignore").write_text("# 초안은 빼고\n*.log.md\n초안/*\n!초안/keep.md\n")
    (folder / "초안" / ".assistantignore").write_text("secret*\n")
    return folder


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.md", None),
        ("run.log.md", ("ignored", "*.log.md", ".gitignore")),
        ("초안/글.md", ("ignored", "초안/*", ".gitignore")),
        ("초안/keep.md", None),
        ("초안/old/b.md", ("ignored", "초안/*", ".gitignore")),
        ("초안/secret.md", ("ignored", "secret*", "초안/.assistantignore")),
        (".hidden.md", ("hidden", ".hidden.md", "")),
        ("__pycache__/x.md", ("not notes", "__pycache__", "")),
        ("글.md~", ("temporary file or copy", "글.md~", "")),
        ("음악.mp3", (".mp3 files are not supported", "", "")),
        ("빈.md", ("empty", "", "")),
        ("큰.md", ("2 MB is over the limit of 1 MB", "", "")),
        ("묶음.zip", None),
    ],
)
def test_each_reason_with_its_pattern(
    notes: Path, name: str, told: tuple[str, str, str] | None
) -> None:
    file = notes / name
    size = {"빈.md": 0, "큰.md": 2_000_000}.get(name, 10)
    file.write_bytes(b"x" * size)
    found = hindrance(Root(notes), file, SETTINGS)
    if told is None:
        assert found is None
    else:
        reason, pattern, where = told
        assert found == Hindrance(reason, pattern, notes / where if where else Path())
    # The walk itself agrees.
    seen = discover(notes, SETTINGS, SUPPORTED | {".zip"}).found
    is_read = str(file) in {item.path for item in seen if not isinstance(item, Skip)}
    assert is_read is (told is None)


def test_patterns_of_the_root_and_of_the_settings(notes: Path) -> None:
    file = notes / "a.md"
    file.write_text("x")
    root = Root(notes, exclude=("b.md", "/a*"))
    assert hindrance(root, file, SETTINGS) == Hindrance("ignored", "/a*")
    ours = replace(SETTINGS, exclude=("*.md",))
    assert hindrance(Root(notes), file, ours) == Hindrance("ignored", "*.md")
    only = Root(notes, include=("*.pdf", "*.docx"))
    assert hindrance(only, file, SETTINGS) == Hindrance("not included", "*.pdf, *.docx")
    assert hindrance(Root(notes, include=("*.md",)), file, SETTINGS) is None


def test_a_file_that_is_a_root_itself(notes: Path) -> None:
    file = notes / "a.md"
    file.write_text("x")
    assert hindrance(Root(file), file, SETTINGS) is None
    file.write_text("")
    assert hindrance(Root(file), file, SETTINGS) == Hindrance("empty")
