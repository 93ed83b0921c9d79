import pytest

from assistant.query.accepting import is_no_answer
from assistant.types import Claim, Fault

INVENTED = (Fault("number", "16"),)
QUESTION = "LoRA는 무엇인가요?"


def claim(score, *faults, n=1):
    support = "unsupported" if faults or score < 0.25 else "supported"
    return Claim(0, 4, support, score, n, faults=tuple(faults))


def refused(claims, confidence, refusal=0.5, *, draft="답", question=QUESTION):
    return is_no_answer(question, draft, claims, confidence, refusal)


def test_the_setting_runs_from_answering_all_to_refusing_all():
    verdicts = [refused([claim(0.5)], 0.6, refusal) for refusal in (0.0, 0.1, 0.9, 1.0)]
    assert verdicts[0] is False
    assert verdicts[-1] is True
    assert verdicts == sorted(verdicts)


def test_evidence_and_support_are_weighed_together():
    assert not refused([claim(0.9)], 0.8)
    assert refused([claim(0.9)], 0.05)
    assert refused([claim(0.0, n=2)], 0.6)


def test_a_draft_without_the_number_asked_for_is_less_of_an_answer():
    question = "How many dimensions should an embedding be cut to?"
    drafts = "Embeddings can be cut to fewer dimensions.", "They should be cut to 128 dimensions."
    assert [refused([claim(0.6)], 0.6, draft=d, question=question) for d in drafts] == [True, False]


def test_the_number_of_a_reference_is_not_the_one_asked_for():
    question, draft = "How many dimensions?", "They can be cut to fewer [1]."
    assert refused([claim(0.6)], 0.6, draft=draft, question=question)


def test_what_the_first_passage_says_is_more_of_an_answer():
    doubtful = [claim(0.3, n=n) for n in (1, 2)]
    verdicts = [[refused([each], p / 100) for p in range(1, 100)] for each in doubtful]
    assert sum(verdicts[0]) < sum(verdicts[1])


def test_one_sentence_of_its_own_making_is_marked_and_not_refused():
    assert not refused([claim(0.9), claim(0.0, *INVENTED)], 0.9)
    assert refused([claim(0.0, *INVENTED)], 0.99)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_a_certainty_has_odds(confidence):
    assert refused([claim(0.9)], confidence) is (confidence == 0.0)


def test_an_empty_draft_and_one_that_does_not_know_are_none_at_any_setting():
    assert refused([], 0.9, 0.0, draft="")
    assert refused([claim(0.9)], 0.9, 0.0, draft="노트에서 찾을 수 없습니다.")


def test_code_alone_is_an_answer():
    assert not refused([claim(1.0)], 0.9, draft="```\nx\n```")
