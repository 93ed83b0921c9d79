"""The library as it is arranged for the screen, and what a filter leaves of it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import AssistantError
from assistant.tui.opening import opening
from assistant.tui.shelves import Entry, Shelves, arrange, sieve
from assistant.tui.strings import S, counted
from assistant.tui.wording import (
    changes_summary,
    failures_summary,
    ingest_summary,
    names,
    spans,
)
from assistant.types import FileFailed, IngestReport, Notebook, Root
from tests.tui_desk import (
    DECOMPOSED,
    EXPORT,
    FILES,
    FULL,
    LOCKED,
    NOTEBOOKS,
    NOTES,
    ROOTS,
    SCANNED,
    THESIS,
    WEEK,
    file,
)


def shelves() -> Shelves:
    return arrange(FULL, ROOTS, FILES, NOTEBOOKS)


def tree_of(entry: Entry) -> object:
    return {child.name: tree_of(child) for child in entry.children} if entry.children else None


def test_files_stand_in_their_folders_sorted_as_people_count() -> None:
    notes = shelves().by_path[NOTES]
    assert tree_of(notes) == {
        "2주차": {"과제.ipynb": None, "어텐션.md": None},
        "노션 내보내기.zip": {"회의록": {"3월.md": None}},
        "1주차 토큰화.md": None,
        "10주차 스캔.pdf": None,
        "빈 파일.md": None,
        "잠긴 [bold]파일.pdf": None,
    }
    assert notes.files == 7  # an archive is a folder
    assert notes.nodes == 60
    assert notes.sick == {"failed": 1, "partly": 1, "skipped": 1}
    assert [file for file in notes.every_file() if file.state == "failed"] == [LOCKED]


def test_names_are_shown_composed_and_paths_kept_as_they_are_on_disk() -> None:
    entry = shelves().by_path[DECOMPOSED]
    assert entry.name == unicodedata.normalize("NFC", entry.name)
    assert entry.path == DECOMPOSED
    assert entry.path.name != entry.name


def test_a_file_in_an_archive_is_on_disk_where_the_archive_is() -> None:
    arranged = shelves()
    assert arranged.on_disk(EXPORT / "회의록" / "3월.md") == EXPORT
    assert arranged.on_disk(DECOMPOSED) == DECOMPOSED


def test_a_file_named_by_itself_within_a_folder_is_shown_once_there() -> None:
    own = file(DECOMPOSED, root=DECOMPOSED)
    arranged = arrange(FULL, [*ROOTS, Root(DECOMPOSED)], [own, *FILES[1:]], ())
    assert {entry.path for entry in arranged.roots} == {NOTES, THESIS}
    assert arranged.by_path[DECOMPOSED].file == own


def test_a_single_file_is_a_root_of_its_own_and_an_unknown_root_is_made_up() -> None:
    alone = Path("/elsewhere/note.md")
    orphan = Path("/gone/a.md")
    arranged = arrange(
        FULL, [Root(alone)], [file(alone, root=alone), file(orphan, root=Path("/gone"))], ()
    )
    single, gone = arranged.by_path[alone], arranged.by_path[Path("/gone")]
    assert single.root is not None
    assert not single.is_folder
    assert gone.root is None
    assert [child.path for child in gone.children] == [orphan]
    assert arranged.root_above(orphan) is None


def test_the_innermost_root_owns_a_path() -> None:
    inner = Root(WEEK)
    arranged = arrange(FULL, [*ROOTS, inner], FILES, ())
    assert arranged.root_above(DECOMPOSED) == inner
    assert arranged.root_above(SCANNED.path) == ROOTS[0]
    assert arranged.root_above(Path("/notes/강의 노트 2/x.md")) is None


def test_notebooks_hold_what_is_beneath_their_folders() -> None:
    arranged = shelves()
    assert [each.name for each in arranged.notebooks_with(DECOMPOSED)] == ["머신러닝"]
    assert arranged.notebooks_with(LOCKED.path) == []
    member = arranged.notebooks[0].children[0]
    assert member is arranged.by_path[WEEK]
    lost = arrange(FULL, (), (), [Notebook("n", (Path("/gone.md"),))]).notebooks[0]
    assert [child.name for child in lost.children] == ["/gone.md"]


@pytest.mark.parametrize("typed", ["어텐션", unicodedata.normalize("NFD", "어텐션"), "2주 텐션"])
def test_words_are_found_in_the_path_however_composed(typed: str) -> None:
    arranged = shelves()
    shown = sieve(typed, problems=False).shown(arranged.roots)
    assert {entry.path for entry in shown} == {NOTES, WEEK, DECOMPOSED}


def test_a_folder_that_is_found_is_shown_with_all_it_holds() -> None:
    arranged = shelves()
    shown = sieve("THESIS", problems=False).shown(arranged.roots)
    assert {entry.path for entry in shown} == {
        THESIS,
        THESIS / "chapter 2.tex",
        THESIS / "보고서.hwp",
    }


def test_only_problems_are_shown_when_asked_for() -> None:
    arranged = shelves()
    shown = sieve("", problems=True).shown(arranged.roots)
    files = {entry.path for entry in shown if not entry.children}
    assert files == {LOCKED.path, SCANNED.path, NOTES / "빈 파일.md"}
    assert arranged.by_path[THESIS] not in shown
    one = sieve("pdf 잠긴", problems=True).shown(arranged.roots)
    assert {entry.path for entry in one} == {NOTES, LOCKED.path}


def test_an_archive_that_cannot_be_read_is_a_file_that_failed() -> None:
    broken = replace(LOCKED, path=NOTES / "broken.zip", format="archive")
    entry = arrange(FULL, ROOTS, [broken], ()).by_path[NOTES]
    assert (entry.files, entry.sick) == (1, {"failed": 1})


# ---------------------------------------------------------------------- words


def test_pages_are_told_in_runs() -> None:
    assert spans(()) == ""
    assert spans((3, 7, 8, 9, 11)) == "3, 7–9, 11"


def test_changes_are_one_notice_with_the_first_names() -> None:
    paths = [Path(f"/n/{number}.md") for number in range(5)]
    assert names(paths[:2]) == "0.md, 1.md"
    assert names(paths).startswith("0.md, 1.md, 2.md ")
    assert "2" in names(paths).removeprefix("0.md, 1.md, 2.md ")
    assert changes_summary((), (), (), hint=True) == ""
    failed = FileFailed(Path("/n/\x1b[2Jbad.pdf"), "why", "")
    told = changes_summary(paths[:1], paths[1:2], [failed], hint=True)
    assert len(told.splitlines()) == 3
    assert "\x1b" not in told


def test_a_report_tells_what_was_left_and_a_notice_how_many_failed() -> None:
    assert counted(S.left_files, 4) in ingest_summary(IngestReport(unchanged=9, left=4))
    assert counted(S.left_files, 4) not in ingest_summary(IngestReport(unchanged=9))
    failed = [FileFailed(Path(f"/n/{name}"), "corrupt", "") for name in ("a.pdf", "b.hwp")]
    told = failures_summary(failed, hint=True)
    assert told == f"{counted(S.not_read, 2)}: a.pdf, b.hwp — {S.see_library}"
    assert "\n" not in failures_summary(failed * 40, hint=True)


# ---------------------------------------------------------------------- opening


def test_text_goes_to_the_editor_and_all_else_to_the_viewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("myeditor", "xdg-open"):
        (tmp_path / program).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    note = tmp_path / "$(touch 나쁜) 노트.md"
    picture = tmp_path / "scan.pdf"
    note.touch()
    picture.touch()
    environ = {"EDITOR": "myeditor --wait 'a b'"}
    edited = opening(note, environ, "linux")
    assert edited.command == ("myeditor", "--wait", "a b", str(note))
    assert edited.in_terminal
    viewed = opening(picture, environ, "linux")
    assert viewed.command == (str(tmp_path / "xdg-open"), str(picture))
    assert not viewed.in_terminal
    for nothing in ({}, {"EDITOR": "not-there"}, {"EDITOR": "'unclosed"}):
        assert not opening(note, nothing, "linux").in_terminal
    with pytest.raises(AssistantError, match="없음"):
        opening(tmp_path / unicodedata.normalize("NFD", "없음.md"), environ, "linux")
    (tmp_path / "xdg-open").unlink()
    with pytest.raises(AssistantError, match="scan"):
        opening(picture, environ, "linux")
