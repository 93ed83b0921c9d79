from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from assistant.cli import render
from assistant.query.matching import Grounds
from assistant.query.quantities import held, stated
from assistant.query.verifying import verify
from assistant.types import Answer, Citation, Claim, Fault, Place, Source
from tests.fakes import BagOfWordsEncoder

NOTES = (
    "LoRA는 가중치를 그대로 두고 낮은 랭크의 행렬만 학습한다. 기본 랭크는 8이다. "
    "GPTQ는 CPU를 지원하지 않는다. 2025년 3월 14일에 기본 학습률을 2e-4로 바꾸었다.",
    "Padding fills short sentences in a batch. It does not change the attention mask. "
    "The command is `pip install peft` and Grace Hopper wrote the compiler.",
)


def grounds(*texts):
    sources = [
        Source(n, n, Path(f"/n{n}.md"), Place(headings=("절",)), "노트", text, 1.0)
        for n, text in enumerate(texts or NOTES, start=1)
    ]
    return Grounds(sources, BagOfWordsEncoder())


def only(claim, question="무엇인가요?", *texts):
    [found] = verify(claim, question, grounds(*texts))
    return found


# ------------------------------------------------------------------ what agrees


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("20비트", "a 20-bit code"),
        ("72억 개", "7.2B parameters"),
        ("340M", "3억 4천만 개"),
        ("12,000", "12000"),
        ("1만 2천", "12,000 tokens"),
        ("15퍼센트", "15%"),
        ("0.15", "15 percent"),
        ("0.0002", "2e-4"),
        ("11월 21일", "2026-11-21"),
        ("November 21, 2026", "2026년 11월 21일"),
        ("9시 30분", "09:30"),
        ("six layers", "층은 6개이다"),
        ("6개", "여섯 개"),
        ("3월", "in March 2025"),
        ("3", "3~5개"),
    ],
)
def test_one_value_written_two_ways(claim, source):
    assert stated(claim)
    assert all(held(source).has(quantity) for quantity in stated(claim))


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("20비트", "20바이트가 아니라 8비트"),
        ("16 GB", "16 MB"),
        ("7.2B", "7.2M"),
        ("11월 21일", "2026-11-22"),
        ("2025-11-21", "2026-11-21"),
        ("1.5", "15"),
        ("10:30", "10:45"),
    ],
)
def test_another_value(claim, source):
    known = "20바이트" in source  # the number is there, with a unit that is not compared
    assert known or not all(held(source).has(quantity) for quantity in stated(claim))


def test_a_number_in_a_name_or_before_a_list_item_is_none():
    assert stated("GPT-4와 fp16, recall@5") == ()
    assert [quantity.value for quantity in stated("1. 랭크는 8이다.\n2) 끝")] == ["8"]


# ------------------------------------------------------------------ verdicts


def test_a_sentence_of_the_notes_is_supported_at_its_place():
    found = only("기본 랭크는 8입니다.")
    assert (found.support, found.n, found.faults) == ("supported", 1, ())
    assert NOTES[0][found.source_start : found.source_end] == "기본 랭크는 8이다."
    assert 0.6 < found.score <= 1


@pytest.mark.parametrize(
    ("claim", "fault"),
    [
        ("기본 랭크는 16입니다.", Fault("number", "16")),
        ("2025년 3월 15일에 기본 학습률을 바꾸었습니다.", Fault("date", "2025년 3월 15일")),
        ("The command is `pip install lora` to install it.", Fault("code", "pip install lora")),
        ("LoRA는 낮은 랭크의 lora_alpha 행렬만 학습합니다.", Fault("name", "lora_alpha")),
        ("Then Ada Lovelace wrote the compiler.", Fault("name", "Lovelace")),
        ("GPTQ는 CPU를 지원합니다.", Fault("negation", "")),
        ("LoRA는 낮은 랭크의 행렬만 학습하지 않습니다.", Fault("negation", "")),
        ("It changes the attention mask.", Fault("negation", "")),
        ("Padding does not fill short sentences in a batch.", Fault("negation", "")),
    ],
)
def test_what_must_agree(claim, fault):
    found = only(claim)
    assert found.support == "unsupported"
    assert fault in found.faults
    assert found.score == 0.0


@pytest.mark.parametrize("reply", ["네.", "네, GPTQ는 CPU를 지원합니다.", "예, 맞습니다."])
def test_a_yes_to_what_the_notes_deny(reply):
    question = "GPTQ는 CPU를 지원하나요?"
    assert verify(reply, question, grounds())[0].support == "unsupported"


def test_a_no_to_what_the_notes_deny():
    question = "GPTQ는 CPU를 지원하나요?"
    assert only("아니요, GPTQ는 CPU를 지원하지 않습니다.", question).support == "supported"
    assert only("No, it does not change the attention mask.", "Does it?").support == "supported"


def test_a_denial_of_the_question_may_be_repeated():
    claim = "GPTQ가 느리지 않은 까닭은 낮은 랭크의 행렬만 학습하기 때문입니다."
    assert only(claim, "GPTQ는 왜 느리지 않나요?").faults == ()


def test_what_no_source_says_is_unsupported():
    found = only("고래는 바다에서 노래를 부릅니다.")
    assert (found.support, found.faults) == ("unsupported", ())
    assert found.score < 0.25


def test_half_of_a_sentence_is_no_support():
    assert only("기본 랭크는 8이고 고래는 바다에서 노래를 부릅니다.").support != "supported"


def test_a_code_block_is_a_claim():
    code = "```python\nx = LoraConfig(r=8)\n```"
    assert only(code, "코드?", "LoraConfig(r=8)을 x에 둔다.").support == "supported"
    wrong = only(code.replace("8", "64"), "코드?", "LoraConfig(r=8)을 x에 둔다.")
    assert wrong.support != "supported"
    assert Fault("code", "64") in wrong.faults


def test_headings_and_tables_are_no_claims():
    assert verify("# 랭크\n\n| 랭크 | 8 |\n", "랭크?", grounds()) == ()


def test_nothing_to_hold_it_against():
    [found] = verify("기본 랭크는 8입니다.", "랭크?", Grounds((), BagOfWordsEncoder()))
    assert (found.support, found.score, found.n) == ("unsupported", 0.0, 0)


# ------------------------------------------------------------------ marks


def test_marks_stand_behind_the_sentence_and_its_citation():
    text = "하나다. [1] 둘이다. [2] 셋이다.\n\n```\nx\n```"
    claims = (
        Claim(0, 4, "supported", 0.9, 1),
        Claim(9, 13, "partial", 0.4, 2),
        Claim(18, 22, "unsupported", 0.0, 2),
        Claim(24, 33, "unsupported", 0.0),
    )
    answer = Answer("?", text, "ko", "complete", claims=claims)
    marked = answer.marked(partial="[~]", unsupported="[?]")
    assert marked == "하나다. [1] 둘이다. [2] [~] 셋이다. [?]\n\n```\nx\n```\n\n[?]"
    assert [answer.count(s) for s in ("supported", "partial", "unsupported")] == [1, 1, 2]


def test_what_is_not_borne_out_is_told_without_colour():
    claims = (
        Claim(0, 4, "supported", 0.9, 1),
        Claim(9, 13, "unsupported", 0.0, 1, faults=(Fault("number", "16\x1b[31m"),)),
    )
    answer = Answer("?", "하나다. [1] 16이다", "ko", "complete", claims=claims, in_language=False)
    lines = render.answer_text(answer).splitlines()
    assert lines[0] == "하나다. [1] 16이다 [?]"
    assert lines[2].startswith("1 of 2 sentences is borne out by your notes")
    assert lines[3] == "[?] not in your notes: 16[31m"
    assert "language" in lines[4]
    borne_out = Answer("?", "하나다. [1]", "ko", "complete", claims=claims[:1])
    assert render.answer_text(borne_out).strip() == "하나다. [1]"


def test_a_terminal_shows_the_quotation_until_there_is_text():
    def shown(text):
        console = Console(width=80, record=True, file=StringIO())
        console.print(render.growing(text, (), (quoted,)))
        return console.export_text()

    quoted = Citation(1, Path("/n1.md"), Place(), "기본 랭크는\n8이다.", 0, 11, 0, 0, 0.9)
    assert "“기본 랭크는 8이다.” [1]" in shown("")
    assert shown("랭크").split() == ["랭크"]


def test_a_yes_may_not_repeat_the_question_s_own_numbers():
    stated = "기본 랭크는 16입니다."
    assert only(stated, "기본 랭크는 16인가요?").faults[0].text == "16"
    denied = only("기본 랭크는 16이 아닙니다.", "기본 랭크는 16인가요?")
    assert [fault.kind for fault in denied.faults] == ["negation"]
    assert only("16에서 바뀌어 기본 랭크는 8입니다.", "랭크 16은 무엇인가요?").faults == ()


def test_a_comparison_may_take_each_side_from_another_sentence():
    rows = (
        "| 데이터 드리프트 (data drift) | 입력의 분포 P(x) | 줄임말이 많아짐 |\n"
        "| 개념 드리프트 (concept drift) | 입력과 정답의 관계 P(y) | 뜻이 바뀜 |\n"
        "| 라벨 드리프트 (label drift) | 정답의 분포 P(y) | 비율이 두 배가 됨 |"
    )
    one = "데이터 드리프트는 입력의 분포가 바뀌는 것을 의미하며,"
    other = "개념 드리프트는 입력과 정답의 관계가 바뀌는 것을 의미합니다."
    asked = "데이터 드리프트와 개념 드리프트는 어떻게 다른가요?"
    assert only(f"{one} {other}", asked, rows).support == "partial"
    wrong = "개념 드리프트는 학습률을 반으로 줄여서 생기는 것입니다."
    assert only(f"{one} {wrong}", asked, rows).support == "unsupported"
