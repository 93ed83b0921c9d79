import pytest

from assistant.query.asked_for import holds, kind_asked_for


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many layers does BERT-large have?", "number"),
        ("What test accuracy was reached in Lab 2?", "number"),
        ("haneul-a1의 CPU 코어는 몇 개인가요?", "number"),
        ("마리 앙투아네트가 처형된 나이는?", "number"),
        ("방탄소년단의 트위터 팔로워 수는?", "number"),
        ("담당 교수님의 전화번호를 알려 주세요.", "number"),
        ("What is the price per million output tokens?", "money"),
        ("학생 한 명이 쓸 수 있는 금액은 얼마인가요?", "money"),
        ("What percentage of the tokens is masked?", "share"),
        ("참새조의 정확도는 몇 퍼센트였나요?", "share"),
        ("When was the treaty signed?", "time"),
        ("In what year did it begin?", "time"),
        ("서버 정기 점검은 언제 하나요?", "time"),
        ("데모 버전이 공개된 날짜는?", "time"),
        ("Who won the world cup?", "name"),
        # What is asked for is none of these, whatever else the question says.
        ("When imperialism changes customs, what is it called?", ""),
        ("윤상이 2013년에 연 콘서트는?", ""),
        ("담당 교수는?", ""),
        ("이 노래를 부른 가수는?", ""),
        ("Why does attention divide by the square root of d_k?", ""),
        ("LoRA는 무엇인가요?", ""),
    ],
)
def test_the_wording_tells_what_is_asked_for(question, kind):
    assert kind_asked_for(question) == kind


@pytest.mark.parametrize(
    ("kind", "text", "question", "held"),
    [
        ("number", "BERT-large has 24 layers.", "How many layers?", True),
        ("number", "The registry keeps the last five versions.", "How many versions?", True),
        ("number", "헤드는 여섯 개다.", "헤드는 몇 개인가요?", True),
        ("number", "Vectors can be cut to fewer dimensions.", "How many dimensions?", False),
        # The question's own numbers are no answer to it, nor is a date to "how many".
        ("number", "Lab 2 reached it.", "What test accuracy was reached in Lab 2?", False),
        ("number", "1971년에 완공되었다.", "몇 개의 세대로 되어 있나?", False),
        ("number", "It was built in 1971.", "How many flats does it have?", False),
        ("number", "1755년 11월 2일", "처형된 나이는?", False),
        ("number", "그 표본은 5000년 전 것이다.", "몇 년 전 것인가?", True),
        ("money", "It is 200,000 tokens.", "What is the price?", False),
        ("money", "한 학기에 40,000원이다.", "금액은 얼마인가요?", True),
        ("share", "절반이 넘는다.", "몇 퍼센트인가?", True),
        ("share", "조금 올랐다.", "몇 퍼센트인가?", False),
        ("time", "매주 화요일 오전에 한다.", "언제 하나요?", True),
        ("time", "The servers are maintained by a team.", "When are they maintained?", False),
        ("name", "Luke Kuechly led the tackles.", "Who led the tackles?", True),
        ("name", "nobody knows.", "Who led the tackles?", False),
        ("", "", "LoRA는 무엇인가요?", True),
    ],
)
def test_a_text_holds_it_or_not(kind, text, question, held):
    assert holds(kind, text, question) is held
