"""The calibrations that come with the program, and what happens to a damaged one."""

import json

import pytest

from assistant.config import ModelSettings
from assistant.errors import ConfigError
from assistant.models.catalog import MULTILINGUAL_E5_SMALL, USE_MULTILINGUAL
from assistant.query import calibration
from assistant.query.calibration import CASES, SIGNALS, read


def of(name):
    [found] = [each for each in calibration.known().values() if each.encoder == name]
    return found


@pytest.mark.parametrize("name", [ModelSettings().embedding, MULTILINGUAL_E5_SMALL.name])
def test_the_program_s_own_encoders_are_fitted(name):
    found = of(name)
    assert calibration.fitted_to(name)
    assert found.is_own
    assert calibration.calibration_for(found.fingerprint) is found
    assert MULTILINGUAL_E5_SMALL.sha256[:16] in found.fingerprint
    assert (USE_MULTILINGUAL.sha256[:16] in found.fingerprint) == name.endswith("+use")


def test_an_unknown_encoder_has_the_calibration_for_any():
    found = calibration.calibration_for("org/model/1")
    assert not found.is_own
    assert not calibration.fitted_to("org/model")
    assert not calibration.fitted_to(found.encoder)
    assert "likeness" not in found.models["same_language"].slopes


@pytest.mark.parametrize("found", calibration.known().values(), ids=lambda each: each.encoder)
def test_each_says_what_it_was_fitted_on_and_how_well_it_tells(found):
    assert found.curves
    assert {each.name.partition(",")[0] for each in found.sets} >= set(found.curves)
    assert sum(each.fitted for each in found.sets) > 1000
    # What the sample notes ask is told of, and never fitted to.
    assert all(not each.fitted for each in found.sets if each.name.startswith("notes"))
    for curve in found.curves.values():
        assert [point.threshold for point in curve] == sorted(point.threshold for point in curve)
        assert [point.recall for point in curve] == sorted(point.recall for point in curve)
        assert [point.false for point in curve] == sorted(point.false for point in curve)


@pytest.mark.parametrize("case", CASES)
def test_nothing_known_is_less_than_all_known(case):
    model = of(ModelSettings().embedding).models[case]
    nothing, everything = (model.probability(dict.fromkeys(SIGNALS, x)) for x in (0.0, 1.0))
    assert 0 < nothing < 0.2
    assert 0.9 < everything < 1


def damaged(**changes):
    return json.dumps(json.loads(of("any").model_dump_json()) | changes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "JSON"),
        ("[]", "object"),
        (damaged(extra=1), "extra"),
        (damaged(models={}), "no model for same_language"),
        (damaged(models={"same_language": {"constant": 0, "slopes": {"mood": 1}}}), "mood"),
        (damaged(models={"same_language": {"constant": 0, "slopes": {"sentence": -1}}}), "0"),
    ],
)
def test_a_damaged_one_is_told(text, told):
    with pytest.raises(ConfigError, match=r"any\.json") as raised:
        read(text, "any.json")
    assert told in raised.value.message
