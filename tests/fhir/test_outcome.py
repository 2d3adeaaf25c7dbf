"""What a FHIR server says about a question, in one line."""

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from sightline.fhir.outcome import sentence, sentence_in
from tests import any_json


@pytest.mark.parametrize(
    ("issue", "expected"),
    [
        ([{"details": {"text": "Unknown parameter"}, "diagnostics": "x", "code": "invalid"}], "Unknown parameter"),
        ([{"details": {"coding": [{"display": "Not allowed"}]}}], "Not allowed"),
        ([{"diagnostics": "line one\n  line two"}], "line one line two"),
        ([{"severity": "error", "code": "not-supported"}], "not-supported"),
        ([{"diagnostics": "one"}, {"diagnostics": "two"}], "one; two"),
        ({"diagnostics": "a lone object"}, "a lone object"),
        ([], ""),
        ([{"severity": "error"}], ""),
        (None, ""),
        ("x", ""),
    ],
)
def test_issues_are_said_in_their_own_words_on_one_line(issue: Any, expected: str) -> None:
    assert sentence(issue) == expected


def test_long_speech_is_cut() -> None:
    assert len(sentence([{"diagnostics": "x" * 100_000}])) == 300


def test_only_an_operation_outcome_says_something() -> None:
    issue = [{"diagnostics": "down"}]

    assert sentence_in(json.dumps({"resourceType": "OperationOutcome", "issue": issue}).encode()) == "down"
    assert sentence_in(json.dumps({"resourceType": "Patient", "issue": issue}).encode()) == ""


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"{", b'{"resourceType":"OperationOutcome"}', b'"\xff"', b"[" * 5_000]
)
def test_body_that_is_no_outcome_says_nothing(body: bytes) -> None:
    assert sentence_in(body) == ""


@given(any_json.values)
@settings(deadline=None)
def test_any_issue_gives_one_short_line(issue: Any) -> None:
    assert len(sentence(issue)) <= 300
    assert "\n" not in sentence(issue)


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_say_nothing(body: bytes) -> None:
    assert sentence_in(body) == ""
