"""FHIR's data types in raw JSON: read as they are meant, and never an exception, whatever stands there."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from sightline.fhir import elements
from tests import any_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [([{"a": 1}, None, "x", {}], [{"a": 1}, {}]), ({"a": 1}, [{"a": 1}]), ("x", []), (None, []), ([], [])],
)
def test_lone_object_counts_as_a_list_of_one_and_anything_else_is_left_out(value: Any, expected: list[Any]) -> None:
    assert elements.objects(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("CT", [(None, "CT")]),
        ({"system": "dcm", "code": "CT"}, [("dcm", "CT")]),
        ({"coding": [{"system": "a", "code": "CT"}, {"code": "MR"}]}, [("a", "CT"), (None, "MR")]),
        ({"concept": {"coding": [{"code": "CT"}]}}, [(None, "CT")]),
        ([{"code": "CT"}, "MR", {"coding": [{"code": "US"}]}], [(None, "CT"), (None, "MR"), (None, "US")]),
        ({"display": "words only"}, []),
        (7, []),
    ],
)
def test_code_is_found_in_every_shape_that_the_versions_give_it(value: Any, expected: list[Any]) -> None:
    assert list(elements.codings(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"text": "Knee", "coding": [{"display": "Knee joint"}]}, "Knee"),
        ({"coding": [{"code": "1"}, {"display": "Knee joint"}]}, "1"),
        ({"coding": [{"code": "1", "display": "Knee joint"}]}, "Knee joint"),
        ({"display": "Knee"}, "Knee"),
        ([{}, {"concept": {"text": "Knee"}}], "Knee"),
        ({"text": " "}, None),
        ("Knee", None),
    ],
)
def test_words_of_a_concept_are_its_text_before_its_display_before_its_code(value: Any, expected: str | None) -> None:
    assert elements.concept_text(value) == expected


@given(any_json.values)
@settings(deadline=None)
def test_reading_any_value_raises_nothing(value: Any) -> None:
    assert all(isinstance(item, dict) for item in elements.objects(value))
    assert all(isinstance(code, str) for _, code in elements.codings(value))
    assert elements.concept_text(value) != ""


@given(any_json.values)
@settings(deadline=None)
def test_reading_bytes_says_the_same_as_reading_the_value(value: Any) -> None:
    raw = json.dumps(value).encode()
    decoded = elements.value_of(raw)

    assert elements.codes_in(raw) == tuple(code for _, code in elements.codings(decoded))
    assert elements.words_in(raw) == elements.concept_text(decoded)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"NaN", b'"\\ud800"', b'"\xff"', b"[" * 5_000, b"[" * 5_000 + b"]" * 5_000, b"[" * 900 + b"]" * 900],
)  # fmt: skip
def test_bytes_that_are_no_json_or_too_deep_say_nothing(raw: bytes) -> None:
    assert elements.codes_in(raw) == ()
    assert elements.words_in(raw) is None
