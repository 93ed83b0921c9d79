"""What kind of question a wording is of, and what each kind changes."""

from __future__ import annotations

import pytest

from assistant.query.kinds import kind_of, library_about, sides, summary_of


@pytest.mark.parametrize(
    ("kind", "questions"),
    [
        ("definition", ["LoRA란?", "GloVe가 뭐야?", "What is dynamic padding?"]),
        (
            "comparison",
            [
                "IVF와 HNSW의 차이가 뭐야?",
                "데이터 드리프트랑 개념 드리프트는 어떻게 달라요?",
                "AWQ와 LLM.int8()의 차이는?",
                "Compare LoRA with full fine-tuning",
                "What is the difference between BPE and WordPiece?",
            ],
        ),
        (
            "list",
            [
                "드리프트의 종류를 모두 알려줘",
                "서브워드 알고리즘 종류에는 뭐가 있어?",
                "List all the special tokens of BERT",
            ],
        ),
        (
            "how_to",
            ["메모리가 모자라면 어떻게 해야 해?", "How do I log in?", "설치하는 방법을 알려줘"],
        ),
        ("code", ["저장하는 코드 보여줘", "Show me the sbatch command"]),
        ("yes_no", ["PSI는 대칭인가요?", "Is /scratch backed up?"]),
        ("which_file", ["PSI는 어떤 노트에 있어?", "Which file mentions the rollback command?"]),
        (
            "library",
            ["노트가 몇 개야?", "What notes do I have about LoRA?", "언제 추가했지?", "노트 목록"],
        ),
        ("summary", ["이 파일 요약해줘", "Summarise week 3", "벡터 노트를 요약해 줘"]),
        (
            "plain",
            [
                "BERT의 최대 입력 길이는 얼마인가요?",
                "API 키는 며칠마다 바꿔야 하나요?",
                "요약 과제에서 r=8은 무엇을 보였나요?",
                "실습 9에서 문서는 몇 토큰 크기로 나누나요?",
                "2024년 강의노트에서 비교표는 몇 점인가요?",
                "Which status code says that the key lacks permission?",
                "Is the default A or B?",
                "How many files does Lab 9 index?",
                "2007년 경선 결과 표는 얼마였나요?",
            ],
        ),
    ],
)  # fmt: skip
def test_the_wording_tells_the_kind(kind, questions):
    assert {each: kind_of(each) for each in questions} == dict.fromkeys(questions, kind)


@pytest.mark.parametrize(
    ("question", "both"),
    [
        ("IVF와 HNSW의 차이가 뭐야?", ("IVF", "HNSW")),
        (
            "2024년과 2025년의 기본 랭크는 어떻게 달라?",
            ("2024년의 기본 랭크", "2025년의 기본 랭크"),
        ),
        ("How is a jailbreak different from an injection?", ("a jailbreak", "an injection")),
        ("차이가 뭐야?", None),
    ],
)
def test_a_comparison_names_its_sides(question, both):
    assert sides(question) == both


def test_what_is_asked_of_the_library_and_what_is_to_be_summarised():
    assert library_about("벡터 검색에 관한 노트가 있어?") == ("about", "벡터 검색")
    assert library_about("When did I add guide.md?") == ("when", "guide.md")
    assert library_about("노트가 몇 개야?") == ("", "")
    assert summary_of("lab-server-guide.md 요약해줘") == "lab-server-guide.md"
    assert summary_of("Please summarise week 3.") == "week 3"


def test_pasted_text_is_plain_whatever_it_says() -> None:
    # The expressions take time with the cube of the length: half a minute for some pages.
    assert kind_of("1주차 노트를 요약해줘") == "summary"
    assert kind_of(f"{'1주차 ' * 100}노트를 요약해줘") == "plain"
    assert sides(f"{'긴 글 ' * 100}A와 B의 차이") is None
