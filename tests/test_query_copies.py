"""What is a copy of a passage, and what only looks like one."""

from __future__ import annotations

import pytest
from llama_index.core.schema import NodeWithScore, TextNode

from assistant.query.copies import Wording
from assistant.query.select import Select

PASSAGE = (
    "드롭아웃은 학습할 때 뉴런을 무작위로 끄는 정규화 기법이다. 과적합을 줄이려고 쓰며, 보통 "
    "0.5의 비율로 은닉층에 적용한다. 추론할 때에는 모든 뉴런을 켜고 가중치에 그 비율을 곱한다. "
    "서울 연구실의 실험에서는 학습률 0.01에서 가장 좋았다."
)
ENGLISH = (
    "Dropout turns neurons off at random while a network is trained. It is meant to keep the model "
    "from relying on any single unit and works best between fully connected layers. It is not used "
    "at inference, where the weights are scaled by the keep probability instead."
)


def within(one: str, other: str) -> bool:
    return Wording.of(one).is_within(Wording.of(other))


@pytest.mark.parametrize(
    "copy",
    [
        PASSAGE,
        PASSAGE.replace(" ", "  ").replace(". ", " .\n"),
        f"**{PASSAGE}**",
        PASSAGE.removeprefix("드롭아웃은 "),
        PASSAGE.split(" 서울")[0],
    ],
)
def test_copies(copy: str) -> None:
    assert within(copy, PASSAGE)


@pytest.mark.parametrize(
    "other",
    [
        PASSAGE.replace("0.01", "0.1"),
        PASSAGE.replace("0.5의", "0.05의"),
        PASSAGE.replace("0.01", "-0.01"),
        PASSAGE.replace("서울", "부산"),
        PASSAGE.replace("좋았다", "나빴다"),
        PASSAGE + " 다만 배치 정규화와 함께 쓰면 효과가 줄어든다.",
        " ".join(reversed(PASSAGE.split())),
    ],
)
def test_another_text(other: str) -> None:
    assert not within(other, PASSAGE)


def test_english_misspellings_and_negation() -> None:
    assert within(ENGLISH.replace("probability", "probabilty"), ENGLISH)
    assert not within(ENGLISH, ENGLISH.replace("is not used", "is used"))
    assert not within(ENGLISH.replace("best", "worst"), ENGLISH)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.5", "15"), ("v1.0", "v10"), ("-1", "1"), ("x = 3", "x = 4"), ("", "빈칸"), ("→", "←")],
)
def test_short_texts_are_copies_only_when_they_are_the_same(one: str, other: str) -> None:
    assert not within(one, other)
    assert within(one, one)


@pytest.mark.parametrize(
    ("one", "other"), [("1,024개", "1024 개"), ("전이 학습", "전이학습"), ("GPT-4", "gpt 4")]
)
def test_ways_of_writing(one: str, other: str) -> None:
    assert within(one, other)


def test_the_longer_text_below_a_shorter_one_stays() -> None:
    texts = [PASSAGE.split(" 서울")[0], PASSAGE, f"{PASSAGE} ", "끝."]
    nodes = [
        NodeWithScore(node=TextNode(id_=str(i), text=text), score=1 - i / 10)
        for i, text in enumerate(texts)
    ]
    kept = Select(top_k=3).postprocess_nodes(nodes)
    assert [node.node.node_id for node in kept] == ["0", "1", "3"]
