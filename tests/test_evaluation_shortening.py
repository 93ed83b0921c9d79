"""What is left of an answer once the question's words are taken out."""

from __future__ import annotations

import pytest

from assistant.evaluation.shortening import short_form


@pytest.mark.parametrize(
    ("question", "answer", "short"),
    [
        (
            "How many points did the Panthers defense surrender?",
            "The Panthers defense surrendered 308 points. [1]",
            "308",
        ),
        ("Who won?", "According to the notes, the Denver Broncos won [1][2].", "Denver Broncos"),
        (
            "Who did Tesla partner with in 1886?",
            "Tesla partnered with Lane and Vail.",
            "Lane and Vail",
        ),
        # A known word belongs to a name that has news in it.
        ("Who built it for Charles Porter?", "Charles Richard built it.", "Charles Richard"),
        # A number where one is asked for, whatever is longer.
        ("When did it open?", "It opened in Melbourne, near the docks, in 1996.", "1996"),
        # Of a name the name alone, of a number what counts and is counted.
        ("Who ruled?", "In 1989 power was seized by Omar al-Bashir's men.", "Omar al-Bashir's"),
        ("How many won?", "It became the first of two teams that won.", "two teams"),
        ("How much was it?", "It cost some $1.2 billion.", "$1.2 billion"),
        ("What year did Tesla die?", "Tesla died on 7 January 1943. [1]", "1943"),
        ("What caused it?", "The oil shock led to new kinds of power and heating.", "oil shock"),
        (
            "What was it named after?",
            'It was named after the firm\'s "We Love TV" jingle.',
            "We Love TV",
        ),
        ("How hot is it?", "It is typically 565 °C (dry).", "565 °C"),
        ("Who counts them?", "Engineering News (ENR) counts them.", "Engineering News"),
        ("What is the capital?", "The capital is `Seoul`.", "Seoul"),
        ("Is it so?", "It is so.", "It is so"),
        ("Which two?", "There are two:\n- **Alpha**\n- Beta", "Alpha"),
        ("?", "", ""),
    ],
)
def test_english(question: str, answer: str, short: str) -> None:
    assert short_form(answer, question, "en") == short


@pytest.mark.parametrize(
    ("question", "answer", "short"),
    [
        ("재직했던 법원 이름은?", "재직했던 법원 이름은 서울고등법원입니다. [1]", "서울고등법원"),
        ("방송된 년도는?", "2005년", "2005년"),
        # What the copula says, not what is longest.
        ("언제 어디서 열렸나?", "대회는 1998년 여름에 부산에서 열렸습니다.", "1998년"),
        ("태양 전지의 전력은?", "노트에 따르면 태양 전지의 전력은 449 W이다.", "449 W"),
        (
            "어느 공항에서 사망했나?",
            "그는 2017년 2월 13일 김포 국제공항에서 사망하였다.",
            "김포 국제공항",
        ),
        ("재학 중인 대학교는?", "그는 서울대학교 의과대학에 재학 중입니다.", "서울대학교"),
        ("첫 방영 일자는?", "2015년 10월 5일 첫 방영부터 2016년 3월 22일까지", "2015년 10월 5일"),
        ("대역폭은 몇 MHz인가?", "대역폭은 6 MHz 이다.", "6 MHz"),
        ("무엇을 먹나?", "주로 메기(Silurus) 등을 먹는다.", "메기"),
        ("서울에 있는 대학은?", "서울에 있는 대학은 서울시립대입니다.", "서울시립대"),
        ("What does BERT mask?", "15%를 가립니다.", "15%"),
    ],
)
def test_korean(question: str, answer: str, short: str) -> None:
    assert short_form(answer, question, "ko") == short
