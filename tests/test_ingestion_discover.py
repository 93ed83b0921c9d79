from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from assistant.config import IngestionSettings
from assistant.errors import PathNotFound
from assistant.ingestion.discover import Candidate, Skip, Unreadable, absolute, discover
from assistant.ingestion.readers import SUPPORTED


def write(path: Path, text: str = "글이다.\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def as_parts(path: str) -> tuple[str, ...]:
    return Path(path).parts


def found(root: Path, **settings: object) -> tuple[list[str], dict[str, str]]:
    """Candidates, and skips with their reasons, relative to ``root``."""
    items = discover(root, IngestionSettings(**settings), SUPPORTED).found
    assert [item.path for item in items] == sorted((i.path for i in items), key=as_parts)
    names = {item.path: str(Path(item.path).relative_to(root)) for item in items}
    return (
        [names[item.path] for item in items if isinstance(item, Candidate)],
        {names[item.path]: item.reason for item in items if isinstance(item, Skip | Unreadable)},
    )


def test_files_are_found_recursively_and_sorted(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.txt", "a/가.md", "c.PDF", "n.ipynb"):
        write(tmp_path / name)
    assert found(tmp_path)[0] == ["a/z.txt", "a/가.md", "b.md", "c.PDF", "n.ipynb"]


def test_what_is_skipped_and_why(tmp_path: Path) -> None:
    for name in (
        ".hidden.md", ".git/notes.md", ".git/deep/notes.md", "node_modules/readme.md",
        "__pycache__/x.md", "~$lecture.md", "lecture.md~", ".#lecture.md", "#lecture.md#",
        "draft.tmp", "a.sync-conflict-20250301-1.md", "a (my conflicted copy 2025-03-01).md",
        "film.mov", "README", "kept.md",
    ):  # fmt: skip
        write(tmp_path / name)
    write(tmp_path / "empty.md", "")
    write(tmp_path / "large.md", "x" * 1_000_001)
    candidates, skips = found(tmp_path, max_file_mb=1)
    assert candidates == ["kept.md"]
    assert skips == {
        ".hidden.md": "hidden",
        ".git": "hidden",
        "node_modules": "not notes",
        "__pycache__": "not notes",
        "~$lecture.md": "temporary file or copy",
        "lecture.md~": "temporary file or copy",
        ".#lecture.md": "temporary file or copy",
        "#lecture.md#": "temporary file or copy",
        "draft.tmp": "temporary file or copy",
        "a.sync-conflict-20250301-1.md": "temporary file or copy",
        "a (my conflicted copy 2025-03-01).md": "temporary file or copy",
        "film.mov": ".mov files are not supported",
        "README": "no suffix",
        "empty.md": "empty",
        "large.md": "1 MB is over the limit of 1 MB",
    }


def test_nested_ignore_files_as_git_reads_them(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "*.txt\n/private/\nbuild/\n")
    write(tmp_path / "sub/.gitignore", "!keep.txt\n/local.md\n")
    write(tmp_path / "sub/.assistantignore", "diary*.md\n")
    for name in (
        "a.txt", "private/a.md", "build/b.md", "sub/keep.txt", "sub/other.txt", "sub/local.md",
        "sub/deeper/local.md", "sub/private/c.md", "sub/build/d.md", "sub/diary-3월.md",
    ):  # fmt: skip
        write(tmp_path / name)
    candidates, skips = found(tmp_path)
    assert candidates == ["sub/deeper/local.md", "sub/keep.txt", "sub/private/c.md"]
    ignored = {name for name, reason in skips.items() if reason == "ignored"}
    assert ignored == {
        "a.txt", "private", "build", "sub/other.txt", "sub/local.md", "sub/build",
        "sub/diary-3월.md",
    }  # fmt: skip


def test_patterns_of_the_settings(tmp_path: Path) -> None:
    for name in ("a.md", "archive/b.md", "sub/archive/c.md"):
        write(tmp_path / name)
    assert found(tmp_path, exclude=("/archive/",))[0] == ["a.md", "sub/archive/c.md"]


@pytest.mark.parametrize("name", [".hidden.md", "ignored.md", "copy.md~.md"])
def test_a_named_file_is_read_even_if_its_folder_passes_it_by(tmp_path: Path, name: str) -> None:
    write(tmp_path / ".gitignore", "ignored.md\n")
    file = write(tmp_path / name)
    (item,) = discover(file, IngestionSettings(), SUPPORTED).found
    assert isinstance(item, Candidate)
    assert (item.path, item.root) == (str(file), str(file))


def test_a_named_hidden_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path / ".notes/a.md")
    assert found(tmp_path / ".notes")[0] == ["a.md"]


def test_links_to_folders_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path / "notes/a.md")
    write(tmp_path / "elsewhere/b.md")
    (tmp_path / "notes/loop").symlink_to(tmp_path / "notes")
    (tmp_path / "notes/Elsewhere").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "notes/again").symlink_to(tmp_path / "elsewhere")
    assert found(tmp_path / "notes")[0] == ["Elsewhere/b.md", "a.md"]


def test_a_folder_keeps_its_own_name_beside_a_link_to_it(tmp_path: Path) -> None:
    write(tmp_path / "z/a.md")
    (tmp_path / "a-link").symlink_to(tmp_path / "z")
    assert found(tmp_path)[0] == ["z/a.md"]


def test_links_to_files(tmp_path: Path) -> None:
    write(tmp_path / "notes/z.md")
    write(tmp_path / "outside.md")
    (tmp_path / "notes/a-link.md").symlink_to(tmp_path / "notes/z.md")
    (tmp_path / "notes/outside.md").symlink_to(tmp_path / "outside.md")
    (tmp_path / "notes/broken.md").symlink_to(tmp_path / "nowhere.md")
    candidates, skips = found(tmp_path / "notes")
    assert candidates == ["outside.md", "z.md"]
    assert skips == {"a-link.md": "a link to z.md", "broken.md": "broken link"}


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert found(tmp_path)[1] == {"pipe.md": "not a regular file"}


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "locked/a.md")
    write(tmp_path / "open/b.md")
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found(tmp_path) == (["open/b.md"], {"locked": "permission denied"})


def test_a_decomposed_name_stays_as_it_is_on_disk(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "임베딩.md")
    write(tmp_path / name)
    assert found(tmp_path)[0] == [name]


def test_a_path_is_found_however_its_name_is_composed(tmp_path: Path) -> None:
    on_disk = write(tmp_path / unicodedata.normalize("NFD", "강의 노트/임베딩.md"))
    typed = tmp_path / "강의 노트/임베딩.md"
    assert absolute(typed) == on_disk != typed
    (item,) = discover(typed, IngestionSettings(), SUPPORTED).found
    assert item.path == str(on_disk)
    write(tmp_path / "강의 노트/임베딩.md")  # where there are both, it is what was said
    assert absolute(typed) == typed
    nowhere = tmp_path / "강의 노트/없음.md"
    assert absolute(nowhere) == nowhere


def test_a_path_is_absolute_however_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "notes/a.md")
    monkeypatch.chdir(tmp_path)
    for spelling in ("notes", "./notes/", "notes/../notes"):
        (item,) = discover(Path(spelling), IngestionSettings(), SUPPORTED).found
        assert item.path == str(file)


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(PathNotFound, match="nowhere"):
        discover(tmp_path / "nowhere", IngestionSettings(), SUPPORTED)


def test_files_as_they_are_stored_are_told_apart(tmp_path: Path) -> None:
    names = ("a.md", "grown.md", "later.md", "other splitter.md", "new.md", "z.md", "a.zip")
    files = {name: write(tmp_path / name) for name in names}
    link = tmp_path / "link.md"
    link.symlink_to(files["a.md"])
    stamps = {}
    for file in (*files.values(), link):
        status = file.stat()
        stamps[str(file)] = (status.st_size, status.st_mtime_ns, "now", "")
    size, mtime_ns, _, _ = stamps[str(files["a.md"])]
    stamps[str(files["grown.md"])] = (size - 1, mtime_ns, "now", "")
    stamps[str(files["later.md"])] = (size, mtime_ns - 1, "now", "")
    stamps[str(files["other splitter.md"])] = (size, mtime_ns, "before", "")
    del stamps[str(files["new.md"])]
    seen = discover(
        tmp_path, IngestionSettings(), SUPPORTED | {".zip"}, stamps=stamps, splitter="now"
    )
    assert seen.current == [str(files["a.md"]), str(files["z.md"])]
    names = ("a.zip", "grown.md", "later.md", "new.md", "other splitter.md")
    candidates = [item for item in seen.found if isinstance(item, Candidate)]
    assert sorted(item.path for item in candidates) == [str(files[name]) for name in names]
    assert [item for item in seen.found if isinstance(item, Skip)] == [
        Skip(str(link), str(tmp_path), "a link to a.md")
    ]


def test_what_is_stored_is_passed_by_all_the_same(tmp_path: Path) -> None:
    stamps = {}
    for name in ("kept.md", "ignored.md", "too large.md", ".hidden.md"):
        text = "x" * 1_000_001 if name == "too large.md" else "글이다.\n"
        status = write(tmp_path / name, text).stat()
        stamps[str(tmp_path / name)] = (status.st_size, status.st_mtime_ns, "now", "")
    settings = IngestionSettings(max_file_mb=1)
    seen = discover(tmp_path, settings, SUPPORTED, stamps=stamps, splitter="now")
    assert [Path(path).name for path in seen.current] == ["ignored.md", "kept.md"]
    write(tmp_path / ".assistantignore", "ignored.md\n")
    seen = discover(tmp_path, settings, SUPPORTED, stamps=stamps, splitter="now")
    assert seen.current == []  # what patterns speak of is judged file by file
    assert [Path(item.path).name for item in seen.found if isinstance(item, Candidate)] == [
        "kept.md"
    ]
