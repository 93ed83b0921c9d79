from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest

from assistant.ingestion.readers.markdown import sections
from assistant.ingestion.splitter import document_text, split
from assistant.types import Node, Part, Place
from tests.fakes import WordTokenizer


class CountingTokenizer(WordTokenizer):
    """Remembers how many characters it was asked about."""

    def __init__(self) -> None:
        self.characters = 0

    def count(self, texts: Sequence[str]) -> list[int]:
        self.characters += sum(map(len, texts))
        return [len(text.split()) for text in texts]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        self.characters += len(text)
        return super().offsets(text)


class SyllableTokenizer(WordTokenizer):
    """One token per visible character, as for a text without spaces."""

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return [(n, n + 1) for n, character in enumerate(text) if not character.isspace()]


def nodes_of(
    markdown: str, *, title: str = "", node_tokens: int = 64, overlap_tokens: int = 0
) -> list[Node]:
    parts, _ = sections(markdown, Place(line=1))
    return split(
        title, parts, WordTokenizer(), node_tokens=node_tokens, overlap_tokens=overlap_tokens
    )


def numbered(count: int, *, words: int = 8) -> str:
    filler = " ".join(["word"] * (words - 1))
    return " ".join(f"S{n} {filler}." for n in range(count))


def test_a_section_is_one_node_with_its_path_in_front() -> None:
    nodes = nodes_of("# 노트\n\n머리말이다.\n\n## 어텐션\n\n가중합이다.\n", title="강의")
    assert [(node.context, node.text, node.place.line) for node in nodes] == [
        ("강의 › 노트", "머리말이다.", 3),
        ("강의 › 노트 › 어텐션", "가중합이다.", 7),
    ]
    assert nodes[1].indexed_text == "강의 › 노트 › 어텐션\n가중합이다."
    assert {node.language for node in nodes} == {"ko"}


def test_equal_names_are_not_repeated_in_the_context() -> None:
    (node,) = nodes_of("# 어텐션\n\n가중합이다.", title="어텐션")
    assert node.context == "어텐션"


def test_a_heading_without_text_is_a_node_only_if_nothing_stands_beneath_it() -> None:
    nodes = nodes_of("# A\n\n## B\n\ntext\n\n## C\n")
    assert [node.text for node in nodes] == ["text", "## C"]


def test_a_heading_that_ends_a_page_is_no_node() -> None:
    parts = [
        Part("1. 양자화", Place(page=1, headings=("1. 양자화",))),
        Part("가중치를 줄인다.", Place(page=2, headings=("1. 양자화",))),
    ]
    (node,) = split("", parts, WordTokenizer(), node_tokens=64, overlap_tokens=0)
    assert (node.text, node.place.page) == ("가중치를 줄인다.", 2)


def test_nodes_do_not_cross_pages_and_cells() -> None:
    parts = [Part("하나.", Place(page=1)), Part("둘.", Place(page=2)), Part("셋.", Place(cell=3))]
    nodes = split("", parts, WordTokenizer(), node_tokens=64, overlap_tokens=20)
    assert [(node.text, node.place) for node in nodes] == [(p.text, p.place) for p in parts]


def test_a_long_section_is_cut_between_paragraphs() -> None:
    paragraphs = [numbered(4), numbered(5), numbered(3)]
    nodes = nodes_of("\n\n".join(paragraphs))
    assert [node.text for node in nodes] == [paragraphs[0], "\n\n".join(paragraphs[1:])]
    assert [node.place.line for node in nodes] == [1, 3]


def test_a_long_paragraph_is_cut_between_sentences_in_even_shares() -> None:
    nodes = nodes_of(numbered(10))  # 80 words, at most 64 to a node
    assert [len(node.text.split()) for node in nodes] == [40, 40]
    assert all(node.text.endswith(".") and node.text.startswith("S") for node in nodes)


def test_overlap_is_whole_sentences_and_within_its_limit() -> None:
    nodes = nodes_of(numbered(30), overlap_tokens=17)
    assert len(nodes) > 3
    for before, after in pairwise(nodes):
        shared = before.text[-(before.end - after.start) :]
        assert before.start < after.start < before.end < after.end
        assert after.text.startswith(shared)
        assert shared.startswith("S")
        assert shared.endswith(".")
        assert len(shared.split()) <= 17
        assert len(after.text.split()) <= 64


@pytest.mark.parametrize(
    "block",
    [
        "| a | b |\n|---|---|\n" + "\n".join(f"| {n} | x |" for n in range(8)),
        "```python\n" + "\n\n".join(f"x{n} = {n}" for n in range(12)) + "\n```",
    ],
)
def test_tables_and_code_are_kept_whole(block: str) -> None:
    nodes = nodes_of(f"{numbered(5)}\n\n{block}\n\n{numbered(5)}", overlap_tokens=10)
    assert sum(block in node.text for node in nodes) == 1


def test_a_table_larger_than_a_node_is_cut_between_rows() -> None:
    rows = [f"| {n} | x |" for n in range(60)]
    nodes = nodes_of("\n".join(["| a | b |", "|---|---|", *rows]))
    assert len(nodes) > 3
    assert [line for node in nodes for line in node.text.split("\n")][2:] == rows


def test_a_sentence_longer_than_a_node_is_cut_between_tokens() -> None:
    text = "가" * 10_000
    nodes = split("", [Part(text, Place())], SyllableTokenizer(), node_tokens=64, overlap_tokens=10)
    assert "".join(node.text for node in nodes) == text
    assert max(len(node.text) for node in nodes) == 64


def test_a_path_of_endless_headings_leaves_room_for_the_text() -> None:
    path = " ".join(f"h{n}" for n in range(40))
    nodes = nodes_of(f"# {path}\n\n## last\n\n{numbered(20)}", title="t " * 100)
    assert all(len(node.context.split()) <= 64 // 3 for node in nodes)
    assert all(node.context.endswith("last") for node in nodes)
    assert all(len(node.indexed_text.split()) <= 64 for node in nodes)


PIECES = (
    "# 제목\n\n", "## 절\n", "### ", "문장이다. ", "A sentence. ", "\n", "\n\n", "```\n", "code\n",
    "| a | b |\n", "- 항목\n", "긴" * 90 + " ", "word " * 90, "> 인용\n", "3.14 ", "끝\n===\n",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_offsets_are_exact_and_nothing_is_lost(seed: int) -> None:
    rng = random.Random(seed)
    markdown = "".join(rng.choices(PIECES, k=rng.randint(1, 120)))
    parts, _ = sections(markdown, Place(line=1))
    text = document_text(parts)
    nodes = split(
        "제목",
        parts,
        WordTokenizer(),
        node_tokens=rng.choice((64, 100, 300)),
        overlap_tokens=rng.choice((0, 20)),
    )
    held = [False] * len(text)
    for node in nodes:
        assert text[node.start : node.end] == node.text
        assert node.text == node.text.strip() != ""
        held[node.start : node.end] = [True] * len(node.text)
        assert markdown.split("\n")[(node.place.line or 0) - 1].strip() != ""
    assert [node.start for node in nodes] == sorted({node.start for node in nodes})
    left_out = "".join(c for c, is_held in zip(text, held, strict=True) if not is_held)
    # Headings alone: their names are in the context of what stands beneath them.
    lines = [line for line in left_out.split("\n") if line.strip()]
    assert all(line.lstrip().startswith("#") for line in lines)


@pytest.mark.parametrize(
    "unit",
    [
        "이 문장은 짧다. ", "한 줄 문단이다.\n\n", "단어 ", "가", "- 항목\n", "```\ncode\n```\n",
        "# 제목\n\n글이다.\n\n", "| a | b |\n",
    ],
)  # fmt: skip
def test_work_is_linear_in_the_length(unit: str) -> None:
    def work(size: int) -> int:
        tokenizer = CountingTokenizer()
        parts, _ = sections(unit * (size // len(unit)), Place(line=1))
        split("제목", parts, tokenizer, node_tokens=300, overlap_tokens=40)
        return tokenizer.characters

    small, large = work(100_000), work(200_000)
    assert small < 5 * 100_000
    assert large < 2.2 * small


@pytest.mark.parametrize(("first", "last"), [("$$", "$$"), ("```python", "```")])
def test_formulas_and_code_are_not_cut_in_the_middle(first: str, last: str) -> None:
    block = "\n".join([first, *(f"x_{n} = y_{n} . Then z_{n}" for n in range(6)), last])
    nodes = nodes_of(f"{numbered(6)}\n{block}\n{numbered(6)}", node_tokens=70)
    assert sum(block in node.text for node in nodes) == 1
    assert sum("x_3" in node.text for node in nodes) == 1


def test_a_sheet_is_found_by_its_name() -> None:
    part = Part("| 이름 | 점수 |", Place(sheet="중간고사", first_row=1, last_row=1))
    (node,) = split("성적", [part], WordTokenizer(), node_tokens=64, overlap_tokens=0)
    assert node.context == "성적 › 중간고사"
