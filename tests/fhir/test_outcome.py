"""What a FHIR server says about a question, in one line."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from sightline.fhir.outcome import codes, codes_in, is_error, sentence
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


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        (["error"], True),
        (["warning", "fatal"], True),
        (["warning"], False),
        (["information", "success"], False),
        (["information", None], True),
        ([7], True),
        (["ERROR"], True),
        ([], False),
    ],
)
def test_error_is_told_from_what_is_only_worth_knowing(severities: list[Any], expected: bool) -> None:
    assert is_error([{"severity": severity} for severity in severities]) is expected


@pytest.mark.parametrize("code", ["incomplete", "timeout", "too-costly", "throttled", "not-supported"])
def test_warning_that_the_answer_is_not_all_is_an_error(code: str) -> None:
    assert is_error([{"severity": "warning", "code": code}])
    assert not is_error([{"severity": "warning", "code": "informational"}])


@pytest.mark.parametrize(
    ("issue", "expected"),
    [
        ([{"severity": "error", "code": "not-found", "diagnostics": "Ada"}], "error/not-found"),
        ([{"severity": "error", "code": "login"}, {"code": "invalid"}], "error/login, ?/invalid"),
        ([{"severity": "error", "code": "Ada Lovelace"}], "error/?"),
        ([{"severity": "error", "code": "SB-1001"}], "error/?"),
        ([{"code": ["login"]}], "?/?"),
        ([], ""),
        ("x", ""),
    ],
)
def test_codes_for_the_log_are_fhirs_own_and_nothing_else(issue: Any, expected: str) -> None:
    assert codes(issue) == expected


def test_only_an_operation_outcome_has_codes() -> None:
    issue = [{"severity": "error", "code": "timeout", "diagnostics": "down"}]

    assert codes_in(json.dumps({"resourceType": "OperationOutcome", "issue": issue}).encode()) == "error/timeout"
    assert codes_in(json.dumps({"resourceType": "Patient", "issue": issue}).encode()) == ""


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"{", b'{"resourceType":"OperationOutcome"}', b'"\xff"', b"[" * 5_000]
)
def test_body_that_is_no_outcome_has_no_codes(body: bytes) -> None:
    assert codes_in(body) == ""


@given(any_json.values)
@settings(deadline=None)
def test_any_issue_gives_one_short_line(issue: Any) -> None:
    assert len(sentence(issue)) <= 300
    assert "\n" not in sentence(issue)
    assert re.fullmatch(r"[A-Za-z?/, -]{0,420}", codes(issue))


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_have_no_codes(body: bytes) -> None:
    assert codes_in(body) == ""
