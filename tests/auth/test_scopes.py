"""Scopes in either syntax: what is asked for in the server's own, what is granted read in any (SMART 2.2 "Scopes")."""

import pytest
from hypothesis import given, strategies

from sightline.auth import scopes

BOTH_SYNTAXES = [
    ("patient/ImagingStudy.read", "patient/ImagingStudy.rs"),
    ("user/Observation.write", "user/Observation.cud"),
    ("patient/*.*", "patient/*.cruds"),
    ("system/Patient.read", "system/Patient.rs"),
]
OTHERS = ["launch", "launch/patient", "launch/imagingstudy", "openid", "fhirUser", "online_access", "vendor:own.read"]


@pytest.mark.parametrize(("first", "second"), BOTH_SYNTAXES)
def test_scope_is_asked_for_in_the_syntax_that_the_server_offers(first: str, second: str) -> None:
    for configured in (first, second):
        assert scopes.to_ask_for([configured], version_2=True) == (second,)
        assert scopes.to_ask_for([configured], version_2=False) == (first,)


@pytest.mark.parametrize("version_2", [True, False])
def test_scope_on_no_resource_is_asked_for_as_it_is(version_2: bool) -> None:
    assert scopes.to_ask_for(OTHERS, version_2=version_2) == tuple(OTHERS)


def test_scope_that_comes_out_twice_is_asked_for_once() -> None:
    configured = ["patient/Patient.read", "patient/Patient.rs", "patient/Patient.r"]

    assert scopes.to_ask_for(configured, version_2=False) == ("patient/Patient.read",)
    assert scopes.to_ask_for(configured, version_2=True) == ("patient/Patient.rs", "patient/Patient.r")


@pytest.mark.parametrize(
    ("second", "first"),
    [
        ("patient/ImagingStudy.s", ["patient/ImagingStudy.read"]),
        ("patient/ImagingStudy.rs?modality=CT", ["patient/ImagingStudy.read"]),
        ("patient/Observation.cr", ["patient/Observation.read", "patient/Observation.write"]),
    ],
)
def test_first_syntax_has_no_finer_scope_than_read_and_write(second: str, first: list[str]) -> None:
    assert scopes.to_ask_for([second], version_2=False) == tuple(first)


def test_query_of_a_scope_is_kept_where_the_server_knows_such() -> None:
    narrowed = "patient/ImagingStudy.rs?modality=CT&status=available"

    assert scopes.to_ask_for([narrowed], version_2=True) == (narrowed,)


@pytest.mark.parametrize(
    ("granted", "allowed", "whole"),
    [
        ("patient/ImagingStudy.read", True, True),
        ("patient/ImagingStudy.rs", True, True),
        ("patient/*.rs", True, True),
        ("user/*.read", True, True),
        ("user/*.*", True, True),
        ("system/ImagingStudy.s", True, True),
        ("patient/ImagingStudy.cruds", True, True),
        ("patient/ImagingStudy.rs?modality=CT", True, False),
        ("patient/*.rs?_security=R", True, False),
        ("patient/ImagingStudy.rs?modality=CT patient/ImagingStudy.rs?modality=MR", True, False),
        ("patient/ImagingStudy.rs?modality=CT patient/ImagingStudy.rs", True, True),
        ("patient/ImagingStudy.rs?modality=CT patient/Patient.rs", True, False),
        ("patient/ImagingStudy.rs?", True, False),
        ("patient/ImagingStudy.r", False, False),
        ("patient/ImagingStudy.cud", False, False),
        ("patient/ImagingStudy.write", False, False),
        ("patient/ImagingStudy.", False, False),
        ("patient/ImagingStudy.sr", False, False),
        ("patient/imagingstudy.rs", False, False),
        ("patient/ImagingStudyX.rs", False, False),
        ("patient/ImagingStudy.reads", False, False),
        ("other/ImagingStudy.rs", False, False),
        ("launch openid fhirUser", False, False),
        ("", False, False),
    ],
)
def test_granted_scope_says_whether_studies_may_be_searched_for_and_whether_all(
    granted: str, allowed: bool, whole: bool
) -> None:
    assert scopes.may_search(granted.split(), "ImagingStudy") is allowed
    assert scopes.may_search(granted.split(), "ImagingStudy", whole=True) is whole


@given(strategies.lists(strategies.text(max_size=40)))
def test_no_text_breaks_the_reading_of_scopes(granted: list[str]) -> None:
    whole = scopes.may_search(granted, "ImagingStudy", whole=True)

    assert scopes.may_search(granted, "ImagingStudy") or not whole
    assert len(scopes.to_ask_for(granted, version_2=False)) <= 2 * len(granted)
