from __future__ import annotations

import random
import time

import pytest

from assistant.sentences import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("어텐션은 합이다. softmax는 나눈다.", ["어텐션은 합이다.", "softmax는 나눈다."]),
        ("값은 3.14이다. 다음은 2.71이다.", ["값은 3.14이다.", "다음은 2.71이다."]),
        ("Pool, e.g. by mean. It works.", ["Pool, e.g. by mean.", "It works."]),
        ("Use E.g. BERT. It works.", ["Use E.g. BERT.", "It works."]),
        ("See Fig. 2 for it. Then stop.", ["See Fig. 2 for it.", "Then stop."]),
        ("Vaswani et al. (2017) proposed it. Others followed.",
         ["Vaswani et al. (2017) proposed it.", "Others followed."]),
        ("As G. Hinton said. We agree.", ["As G. Hinton said.", "We agree."]),
        ("왜 나눌까? 분산 때문이다! 끝.", ["왜 나눌까?", "분산 때문이다!", "끝."]),
        ("그는 \"좋다.\"라고 했다. 끝이다.", ["그는 \"좋다.\"라고 했다.", "끝이다."]),
        ("그는 “좋다.” 라고 했다. 끝이다.", ["그는 “좋다.” 라고 했다.", "끝이다."]),
        ("He said \"Stop.\" Then he left.", ["He said \"Stop.\"", "Then he left."]),
        ("2025. 3. 28. 작성했다. 검토함.", ["2025. 3. 28. 작성했다.", "검토함."]),
        ("이렇게 했다.그리고 끝났다.", ["이렇게 했다.", "그리고 끝났다."]),
        ("배율(왜?) 때문에 커진다. 끝.", ["배율(왜?) 때문에 커진다.", "끝."]),
        ("First. (It was late.) Then home.", ["First.", "(It was late.)", "Then home."]),
        ("これは文です。次の文！", ["これは文です。", "次の文！"]),
        ("1. 첫째를 한다. 그리고 쉰다.\n2. 둘째", ["1. 첫째를 한다.", "그리고 쉰다.", "2. 둘째"]),
        ("- 하나\n- 둘\n- 셋", ["- 하나", "- 둘", "- 셋"]),
        ("한도: 40,000원\n마감: 금요일", ["한도: 40,000원", "마감: 금요일"]),
        ("# 제목\n본문이다.", ["# 제목", "본문이다."]),
        ("| a | b |\n|---|---|\n| 1. x | 2 |", ["| a | b |", "|---|---|", "| 1. x | 2 |"]),
        ("```python\nx = 1. # a. B\n\ny = 2\n```\n끝이다.",
         ["```python", "x = 1. # a. B", "y = 2", "```", "끝이다."]),
        ("```\n아직 열려 있다. 둘째.\n- 셋째", ["```", "아직 열려 있다.", "둘째.", "- 셋째"]),
        ("````\n```\n가. 나\n````\n끝.", ["````", "```", "가. 나", "````", "끝."]),
        ("**중요하다.** 다음 문장.", ["**중요하다.**", "다음 문장."]),
        ("pip install torch==2.5.1. Then run.", ["pip install torch==2.5.1.", "Then run."]),
        ("정말...? 그렇다…. 끝", ["정말...?", "그렇다….", "끝"]),
        ("", []),
        (" \n\t\n", []),
        ("끝나지 않은 문장", ["끝나지 않은 문장"]),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_wrapped_sentence_is_one() -> None:
    text = (
        "A transformer layer holds an attention block and a feed-forward\n"
        "block, each with a residual connection. The second sentence\n"
        "also goes on."
    )
    assert split(text) == [text[: text.index(" The")], text[text.index("The") :]]


def test_a_wrapped_korean_sentence_is_one() -> None:
    text = (
        "트랜스포머의 한 층은 어텐션 블록과 순방향 신경망 블록으로\n이루어져 있다. 둘째 문장이다."
    )
    assert split(text) == [text[: text.index(" 둘째")], "둘째 문장이다."]


def test_spans_are_ordered_disjoint_and_hold_everything_visible() -> None:
    pieces = [
        "다. ", "Fig. ", "3.14 ", "e.g. ", "\n", "\n\n", "- ", "```\n", "| a |", "(왜?) ", '"', "”",
        "word ", "단어 ", "。", "!", "... ", "# ", "\t", "1. ", "2025. 3. 1. ", ">", "\u3000",
    ]  # fmt: skip
    rng = random.Random(7)
    for _ in range(500):
        text = "".join(rng.choices(pieces, k=rng.randint(0, 60)))
        spans = sentences(text)
        position = 0
        for start, end in spans:
            assert position <= start < end
            assert not text[position:start].strip()
            assert not text[start].isspace()
            assert not text[end - 1].isspace()
            position = end
        assert not text[position:].strip()


@pytest.mark.parametrize(
    "line",
    [
        "어텐션은 가중합이다. ",
        "(a. ",
        "a (b.) ",
        "x",
        "1. 2. ",
        "```\n",
        "````\n```\n",
        "~~~~ x\n",
        "\n",
        " \n",
    ],
)
def test_time_is_linear(line: str) -> None:
    def seconds(text: str) -> float:
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            sentences(text)
            best = min(best, time.process_time() - started)
        return best

    size = 200_000 // len(line)
    assert seconds(line * 2 * size) < 3.5 * seconds(line * size) + 0.02
