"""Question files and BEIR folders: what is read, and what a wrong line is told."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ConfigError, PathNotFound, ReadError
from assistant.evaluation.questions import (
    Passage,
    Query,
    kind_of,
    make_absolute,
    read_beir,
    read_questions,
    sample,
)

ANSWERABLE: dict[str, Any] = {
    "id": "ko-1",
    "language": "ko",
    "question": "패딩은 어느 쪽에 붙이나요?",
    "answerable": True,
    "cross_lingual": True,
    "path": "a/토큰화.md",
    "passage": "GPT는 왼쪽에 패딩한다.",
    "facts": [["왼쪽", "left"]],
    "also": [{"path": "b.md", "passage": "Pad on the left."}],
}
UNANSWERABLE: dict[str, Any] = {
    "id": "en-1",
    "language": "en",
    "question": "Who won?",
    "answerable": False,
    "path": None,
    "passage": None,
    "facts": [],
}


def write(folder: Path, *rows: dict[str, Any] | str, name: str = "questions.jsonl") -> Path:
    file = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_reads_a_question_with_all_its_targets(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", ANSWERABLE["question"])
    file = write(tmp_path, ANSWERABLE | {"question": decomposed}, "", UNANSWERABLE)
    first, second = read_questions(file)
    assert first.text == "패딩은 어느 쪽에 붙이나요?"
    assert first.cross_lingual
    assert [str(target.path) for target in first.targets] == [str(Path("a/토큰화.md")), "b.md"]
    assert first.facts == (("왼쪽", "left"),)
    assert not second.answerable
    assert second.targets == ()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{not json", "not JSON"),
        ("[1]", "not a JSON object"),
        ({"answerable": "yes"}, "'answerable'"),
        ({"language": "kr"}, "'kr'"),
        ({"question": "  "}, "'question'"),
        ({"facts": ["왼쪽"]}, "'facts'"),
        ({"facts": [[]]}, "'facts'"),
        ({"facts": []}, "answerable question needs"),
        ({"path": None}, "answerable question needs"),
        ({"answerable": False}, "unanswerable question has neither"),
        ({"fact": [["x"]]}, "unknown field 'fact'"),
        ({"also": ["b.md"]}, "'also'"),
        ({"id": "en-1"}, "occurs twice"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: dict[str, Any] | str, problem: str) -> None:
    wrong = row if isinstance(row, str) else ANSWERABLE | row
    file = write(tmp_path, UNANSWERABLE, wrong)
    with pytest.raises(ReadError) as caught:
        read_questions(file)
    assert f"{file}, line 2: " in caught.value.message
    assert problem in caught.value.message


def test_a_file_that_is_missing_empty_or_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(PathNotFound):
        read_questions(tmp_path / "questions.jsonl")
    with pytest.raises(ReadError, match="no question"):
        read_questions(write(tmp_path, "", ""))
    file = tmp_path / "cp949.jsonl"
    file.write_bytes("질문".encode("cp949"))
    with pytest.raises(ReadError, match="UTF-8"):
        read_questions(file)


def test_paths_become_absolute_and_must_exist(tmp_path: Path) -> None:
    questions = read_questions(write(tmp_path, ANSWERABLE))
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "토큰화.md").touch()
    with pytest.raises(PathNotFound, match=r"'ko-1'.*b\.md"):
        make_absolute(questions, tmp_path)
    (tmp_path / "b.md").touch()
    [question] = make_absolute(questions, tmp_path)
    assert all(target.path.is_absolute() and target.path.exists() for target in question.targets)


def test_a_sample_is_seeded_and_keeps_the_order() -> None:
    items = list(range(100))
    drawn = sample(items, 10, seed=3)
    assert drawn == sample(items, 10, seed=3)
    assert drawn != sample(items, 10, seed=4)
    assert list(drawn) == sorted(set(drawn))
    assert len(drawn) == 10
    assert sample(items, None) == sample(items, 1000) == tuple(items)


def beir(folder: Path, qrels: str = "query-id\tcorpus-id\tscore\nq1\td/1\t2\n") -> Path:
    write(
        folder,
        {"_id": "d/1", "title": "제목", "text": "본문"},
        {"_id": "d2", "text": ""},
        name="corpus.jsonl",
    )
    write(folder, {"_id": "q1", "text": "질문", "answers": ["답"]}, name="queries.jsonl")
    (folder / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return folder


def test_reads_a_beir_folder(tmp_path: Path) -> None:
    dataset = read_beir(beir(tmp_path))
    assert dataset.corpus == (Passage("d/1", "제목", "본문"), Passage("d2", "", ""))
    assert dataset.queries == (Query("q1", "질문", ("답",)),)
    assert dataset.qrels == {"q1": {"d/1": 2}}


def test_reads_qrels_where_beir_itself_keeps_them(tmp_path: Path) -> None:
    beir(tmp_path)
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels.tsv").rename(tmp_path / "qrels" / "test.tsv")
    assert read_beir(tmp_path).qrels == {"q1": {"d/1": 2}}


def test_wrong_qrels_are_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"qrels\.tsv, line 2: not three columns"):
        read_beir(beir(tmp_path, "query-id\tcorpus-id\tscore\nq1 d1 1\n"))
    with pytest.raises(ReadError, match=r"qrels\.tsv, line 1: "):
        read_beir(beir(tmp_path, "q1\td1\thigh\n"))
    with pytest.raises(ReadError, match=r"qrels\.tsv, line 2: the score '0.5' is no whole"):
        read_beir(beir(tmp_path, "query-id\tcorpus-id\tscore\nq1\td1\t0.5\n"))


def test_ids_may_be_numbers_and_titles_null(tmp_path: Path) -> None:
    beir(tmp_path, "query-id\tcorpus-id\tscore\n7\t12\t1.0\n")
    decomposed = unicodedata.normalize("NFD", "가")
    rows = ({"_id": 12, "title": None, "text": "본문"}, {"_id": decomposed, "text": "둘"})
    write(tmp_path, *rows, name="corpus.jsonl")
    write(
        tmp_path, {"_id": 7, "text": "질문", "answers": "답", "metadata": {}}, name="queries.jsonl"
    )
    dataset = read_beir(tmp_path)
    assert dataset.corpus == (Passage("12", "", "본문"), Passage("가", "", "둘"))
    assert dataset.queries == (Query("7", "질문"),)
    assert dataset.qrels == {"7": {"12": 1}}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "x"}, r"corpus\.jsonl, line 2: '_id' is missing"),
        ({"_id": True, "text": "x"}, "line 2: '_id'"),
        ({"_id": "a", "text": None}, "line 2: 'text'"),
        ({"_id": "a", "title": 3, "text": "x"}, "line 2: 'title'"),
        ({"_id": "first", "text": "x"}, "line 2: the id 'first' occurs twice"),
    ],
)
def test_a_wrong_passage_is_named_by_line(
    tmp_path: Path, row: dict[str, Any], problem: str
) -> None:
    write(beir(tmp_path), {"_id": "first", "text": "x"}, row, name="corpus.jsonl")
    with pytest.raises(ReadError, match=problem):
        read_beir(tmp_path)


def test_empty_and_missing_files_of_a_set_are_named(tmp_path: Path) -> None:
    (beir(tmp_path) / "corpus.jsonl").write_text("\n")
    with pytest.raises(ReadError, match=r"corpus\.jsonl is empty"):
        read_beir(tmp_path)
    (beir(tmp_path) / "qrels.tsv").unlink()
    with pytest.raises(PathNotFound, match=r"none of qrels\.tsv, qrels/test\.tsv"):
        read_beir(tmp_path)


def test_tells_the_kinds_of_folder_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to evaluate"):
        kind_of(tmp_path)
    assert kind_of(beir(tmp_path)) == "beir"
    write(tmp_path, ANSWERABLE)
    assert kind_of(tmp_path) == "notes"
    with pytest.raises(PathNotFound):
        kind_of(tmp_path / "nowhere")
