from pathlib import Path

import pytest

from assistant.query.citations import cite as ground
from assistant.query.draft import is_in_language, is_looping, tidy
from assistant.query.matching import Grounds, numbers
from assistant.types import Place, Source
from tests.fakes import BagOfWordsEncoder


def sources(*texts):
    return [
        Source(n, n, Path(f"/n{n}.md"), Place(headings=(f"절 {n}",)), "노트", text, 1.0)
        for n, text in enumerate(texts, start=1)
    ]


def grounds(*texts):
    return Grounds(sources(*texts), BagOfWordsEncoder())


LORA = (
    "파인튜닝은 비싸다. LoRA는 가중치를 그대로 두고 낮은 랭크의 행렬만 학습한다. 기본 랭크는 8이다."
)
PADDING = "패딩은 짧은 문장 뒤를 채우는 일이다. 어텐션 마스크가 채운 자리를 가린다."


def cite(draft, question, offered):
    found = ground(draft, question, offered)
    return found.text, found.citations


def test_each_sentence_is_cited_to_the_sentence_that_carries_it():
    draft = "패딩은 짧은 문장의 뒤를 채우는 일입니다. LoRA는 낮은 랭크의 행렬만 학습합니다."
    text, citations = cite(draft, "패딩과 LoRA는?", grounds(LORA, PADDING))
    assert text == (
        "패딩은 짧은 문장의 뒤를 채우는 일입니다. [2] LoRA는 낮은 랭크의 행렬만 학습합니다. [1]"
    )
    assert [c.text for c in citations] == [
        "패딩은 짧은 문장 뒤를 채우는 일이다.",
        "LoRA는 가중치를 그대로 두고 낮은 랭크의 행렬만 학습한다.",
    ]


def test_offsets_are_verbatim():
    draft = "- 패딩은 짧은 문장 뒤를 채웁니다.\n- 기본 랭크는 8입니다.\n\n모르는 소리 하나 더."
    offered = sources(LORA, PADDING)
    text, citations = cite(draft, "패딩?", Grounds(offered, BagOfWordsEncoder()))
    assert [text[c.claim_start : c.claim_end] for c in citations] == [
        "- 패딩은 짧은 문장 뒤를 채웁니다.",
        "- 기본 랭크는 8입니다.",
    ]
    for citation in citations:
        assert text[citation.claim_end :].startswith(f" [{citation.n}]")
        assert offered[citation.n - 1].text[citation.start : citation.end] == citation.text
        assert 0 < citation.support <= 1
    assert text.replace(" [1]", "").replace(" [2]", "") == draft


def test_numbers_must_agree():
    newer = LORA.replace("8이다", "16이다")
    text, citations = cite("기본 랭크는 16이다.", "기본 랭크는?", grounds(LORA, newer))
    assert [c.n for c in citations] == [2]
    text, citations = cite("기본 랭크는 32이다.", "기본 랭크는?", grounds(LORA, newer))
    assert (text, citations) == ("기본 랭크는 32이다.", ())


def test_numbers_are_compared_by_value():
    assert numbers("1,024차원, 3.50점, 2.0배, 110M") == {"1024", "3.5", "2", "110"}


def test_what_no_source_says_is_not_cited():
    text, citations = cite("고래는 바다에 사는 포유류입니다.", "고래?", grounds(LORA, PADDING))
    assert citations == ()
    assert "[" not in text


def test_the_question_decides_between_passages_that_hold_a_short_claim():
    offered = grounds("GloVe 벡터는 300차원이다.", "Word2Vec 벡터는 300차원이다.")
    assert [c.n for c in cite("300차원", "Word2Vec은 몇 차원?", offered)[1]] == [2]
    assert [c.n for c in cite("300차원", "GloVe는 몇 차원?", offered)[1]] == [1]


def test_code_headings_and_tables_stay_whole():
    draft = (
        "# 패딩은 짧은 문장 뒤를 채우는 일\n"
        "패딩은 짧은 문장 뒤를 채우는 일이다.\n"
        "```python\n# 패딩은 짧은 문장 뒤를 채우는 일이다.\npad(x)[1]\n```\n"
        "| 패딩은 짧은 | 문장 뒤를 채우는 일 |\n"
    )
    text, citations = cite(draft, "패딩?", grounds(PADDING))
    assert len(citations) == 1
    assert text == draft.replace("일이다.\n```", "일이다. [1]\n```")


def test_an_open_fence_is_code_to_the_end():
    draft = "패딩은 짧은 문장 뒤를 채우는 일이다.\n```\n패딩은 짧은 문장 뒤를 채우는 일이다."
    text, _ = cite(draft, "패딩?", grounds(PADDING))
    assert text.endswith("```\n패딩은 짧은 문장 뒤를 채우는 일이다.")
    assert text.count("[1]") == 1


def test_inline_code_is_not_broken():
    draft = "`짧은 문장. 뒤를` 채우는 일이 패딩이다."
    text, _ = cite(draft, "패딩?", grounds(PADDING))
    assert text == f"{draft} [1]"


class Translator(BagOfWordsEncoder):
    """Knows three Korean words."""

    def _vector(self, text):
        for korean, english in (("패딩", "padding"), ("문장", "sentence"), ("채우", "fill")):
            text = text.replace(korean, f" {english} ")
        return super()._vector(text)


def test_an_english_answer_is_cited_to_korean_notes():
    offered = Grounds(sources("가중치는 무겁다.", "패딩: 문장 채우기."), Translator())
    _, citations = cite("Padding: sentence fill.", "What is padding?", offered)
    assert [c.n for c in citations] == [2]
    assert citations[0].text == "패딩: 문장 채우기."


def test_a_number_of_the_question_may_be_written_another_way_in_another_language():
    offered = Grounds(sources("패딩: 72개 문장 채우기."), Translator())
    claim = "With 7.2 tens the padding: sentence fill."
    _, asked = cite(claim, "Padding with 7.2 tens?", offered)
    assert [c.n for c in asked] == [1]
    _, invented = cite(claim, "What is padding?", offered)
    assert invented == ()


def test_no_encoding_where_all_is_in_one_language():
    encoder = BagOfWordsEncoder()
    cite("패딩은 채우는 일이다.", "패딩?", Grounds(sources(LORA, PADDING), encoder))
    assert encoder.encoded == []


# ------------------------------------------------------------------ the draft


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        ("답: 패딩입니다 [1].", "패딩입니다."),
        ("[1]에 따르면 패딩입니다. [2, 3]", "패딩입니다."),
        ("패딩입니다. (출처: [2])", "패딩입니다."),
        ("It pads [1].", "It pads."),
        ("It pads [1][2], [3].", "It pads."),
        ("채운다[1], 그리고 가린다 [2].", "채운다, 그리고 가린다."),
        ("배열 x[1]과 `a [1]`", "배열 x[1]과 `a [1]`"),
        ("끝\n```\nx = a [1]\n```", "끝\n```\nx = a [1]\n```"),
        ("패딩은 채움이다. 패딩은 채움이다. 끝이다.", "패딩은 채움이다. 끝이다."),
        ("- 가나다\n- 라마바\n- 가나다\n", "- 가나다\n- 라마바"),
        ("안녕\x1b[31m하세요</notes>", "안녕[31m하세요"),
    ],
)
def test_tidying(draft, text):
    assert tidy(draft) == text


def test_loops_are_noticed():
    line = "모델은 같은 말을 되풀이하기 시작하면 끝을 내지 못하고 계속 간다. "
    assert not is_looping(line * 2)
    assert is_looping(line * 6)
    assert not is_looping("짧은 답.")


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("LoRA는 rank 8의 low-rank matrix를 학습합니다.", "ko", True),
        ("LoRA, QLoRA", "ko", True),
        ("LoRA trains low-rank matrices only.", "ko", False),
        ("LoRA trains low-rank matrices only.", "en", True),
        ("파인튜닝은 모델을 다시 학습하는 일입니다.", "en", False),
        ("768", "en", True),
        ("微调是重新训练模型的过程", "ko", False),
    ],
)
def test_language_of_an_answer(text, language, right):
    assert is_in_language(text, language) is right
