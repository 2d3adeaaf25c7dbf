"""Which side of the body a series is of, in every coding that servers were seen to use."""

import json

import pytest

from sightline.fhir.laterality import side_in

SIDES = (
    ({"code": "24028007"}, "R"),
    ({"system": "http://snomed.info/sct", "code": "7771000", "display": "Left"}, "L"),
    ({"concept": {"coding": [{"code": "51440002"}]}}, "B"),
    ({"coding": [{"code": "419161000"}]}, "L"),
    ({"code": "R"}, "R"),
    ({"text": "Bilateral"}, "B"),
    ({"display": "both"}, "B"),
    ("left", "L"),
)


@pytest.mark.parametrize(("coding", "side"), SIDES)
def test_side_is_read_in_every_coding(coding: object, side: str) -> None:
    assert side_in(json.dumps(coding).encode()) == side


@pytest.mark.parametrize("coding", [{"code": "U"}, {"text": "left leg"}, {}, None, 7, ["?"]])
def test_side_is_never_guessed_from_other_words(coding: object) -> None:
    assert side_in(json.dumps(coding).encode()) is None
