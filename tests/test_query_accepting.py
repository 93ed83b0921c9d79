import pytest

from assistant.query.accepting import is_no_answer
from assistant.types import Claim, Fault

INVENTED = (Fault("number", "16"),)


def claim(score, *faults):
    support = "unsupported" if faults or score < 0.25 else "supported"
    return Claim(0, 4, support, score, 1, faults=tuple(faults))


def test_the_setting_runs_from_answering_all_to_refusing_all():
    claims = [claim(0.5)]
    verdicts = [is_no_answer("답", claims, 0.6, refusal) for refusal in (0.0, 0.1, 0.9, 1.0)]
    assert verdicts[0] is False
    assert verdicts[-1] is True
    assert verdicts == sorted(verdicts)


def test_evidence_and_support_are_weighed_together():
    assert not is_no_answer("답", [claim(0.9)], 0.6, 0.5)
    assert is_no_answer("답", [claim(0.9)], 0.1, 0.5)
    assert is_no_answer("답", [claim(0.0)], 0.6, 0.5)


def test_one_sentence_of_its_own_making_is_marked_and_not_refused():
    assert not is_no_answer("답", [claim(0.9), claim(0.0, *INVENTED)], 0.9, 0.5)
    assert is_no_answer("답", [claim(0.0, *INVENTED)], 0.99, 0.5)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_a_certainty_has_odds(confidence):
    assert is_no_answer("답", [claim(0.9)], confidence, 0.5) is (confidence == 0.0)


def test_an_empty_draft_and_one_that_does_not_know_are_none_at_any_setting():
    assert is_no_answer("", [], 0.9, 0.0)
    assert is_no_answer("노트에서 찾을 수 없습니다.", [claim(0.9)], 0.9, 0.0)


def test_code_alone_is_an_answer():
    assert not is_no_answer("```\nx\n```", [claim(1.0)], 0.9, 0.5)
