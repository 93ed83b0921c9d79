"""``search --explain`` and ``search --expect`` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app as cli, explaining, options
from assistant.desk import Desk
from assistant.query.select import SAME_FILE
from assistant.types import Expectation
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator, WordTokenizer

Run = Callable[..., Result]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "노트"
    folder.mkdir()
    (folder / "학습 기록.md").write_text("# 학습 기록\n\n배치 크기는 48이다. 학습률은 0.0003이다.")
    (folder / "log.md").write_text("# Training log\n\nThe run stopped at a batch size of 48.")
    (folder / "요리.md").write_text("# 요리\n\n된장찌개에는 두부를 넣는다.")
    (folder / ".assistantignore").write_text("초안*\n")
    (folder / "초안.md").write_text("배치 크기 초안")
    (folder / "깨진 [bold]파일.pdf").write_bytes(b"%PDF-1.7 nothing")
    return folder


@pytest.fixture
def run(tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    desk = partial(
        Desk,
        encoder=BagOfWordsEncoder(),
        tokenizer=WordTokenizer(),
        generator=ScriptedGenerator(""),
    )
    monkeypatch.setattr(options, "Desk", desk)

    def invoke(*arguments: str | Path) -> Result:
        result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        assert result.exit_code == 0, (result.output, result.exception)
        return result

    invoke("ingest", notes)
    return invoke


def test_an_explanation_adds_up_and_quotes_the_nearest_sentence(run: Run) -> None:
    shown = run("search", "배치 크기는 얼마인가?", "--explain", "-k", "2").stdout
    first = shown[shown.index("[1]") : shown.index("[2]")]
    assert "학습 기록.md" in first
    assert "dense #" in first
    assert "lexical #1" in first
    assert "words: 배치, 크기" in first
    assert "nearest: 배치 크기는 48이다." in first
    sum_up = next(line for line in first.splitlines() if "fused" in line)
    fused, *factors = (float(piece) for piece in sum_up.split() if piece.replace(".", "").isdigit())
    assert len(factors) == 6  # of meaning, words and proximity
    products = (weight * scaled for weight, scaled in zip(factors[::2], factors[1::2], strict=True))
    assert sum(products) == pytest.approx(fused, abs=0.015)
    assert "gate of the lexical leg" in shown


def test_an_explanation_as_json_keeps_what_a_search_has(run: Run) -> None:
    plain = json.loads(run("search", "배치 크기", "--json").stdout)
    told = json.loads(run("search", "배치 크기", "--explain", "--json").stdout)
    assert told.keys() == plain.keys() | {"fusion"}
    best = told["hits"][0]["explanation"]["best_sentence"]
    assert best["text"] == told["hits"][0]["text"][best["start"] : best["end"]]
    for hit, same in zip(told["hits"], plain["hits"], strict=True):
        explanation = hit.pop("explanation")
        assert hit == same
        points = sum(each["scaled"] * each["weight"] for each in explanation["shares"])
        assert points == pytest.approx(explanation["fused"], abs=1e-5)
        assert explanation["fused"] == pytest.approx(hit["score"], abs=1e-5)


@pytest.mark.parametrize(
    ("name", "fate", "said"),
    [
        ("학습 기록.md", "found", "is hit [1]"),
        ("요리.md", "ranked", "number 2 of the candidates"),
        ("초안.md", "ignored", "by the pattern 초안* in"),
        ("깨진 [bold]파일.pdf", "failed", "깨진 [bold]파일.pdf could not be read: "),
        ("새 글.md", "new", "was not taken in yet"),
        ("없음.md", "missing", "There is no file"),
        ("../밖.md", "not_ingested", "never ingested"),
    ],
)
def test_the_fate_of_an_expected_file(
    run: Run, notes: Path, name: str, fate: str, said: str
) -> None:
    (notes / "새 글.md").write_text("아직 넣지 않은 글")
    (notes.parent / "밖.md").write_text("밖에 있는 글")
    asked = ("search", "배치 크기", "-k", "1", "--expect", notes / name)
    shown = run(*asked).stdout
    assert said in shown
    assert "→" in shown or fate == "found"
    told = json.loads(run(*asked, "--json").stdout)
    assert told["expected"]["fate"] == fate
    if fate in ("found", "ranked"):
        assert told["expected"]["passage"]["explanation"]["shares"]
        assert len(told["hits"]) == 1
    else:
        assert told["hits"] == []


def test_out_of_scope_and_an_empty_library(
    run: Run, notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    within = run("search", "배치", "--in", notes / "요리.md", "--expect", notes / "log.md").stdout
    assert "not where this was asked" in within
    monkeypatch.setenv("ASSISTANT_LIBRARY", str(tmp_path / "empty"))
    assert "never ingested" in run("search", "배치", "--expect", notes / "log.md").stdout


def test_the_rule_that_puts_passages_back_is_told() -> None:
    told = Expectation("?", Path("/n/글.md"), "found", hit=1, put_back=(3, 4))
    [line] = explaining.remedies(told, 5)
    assert "2 more of its passages (number 3, 4 of the candidates)" in line
    assert f"by {100 * SAME_FILE:.0f}% of the best score" in line
