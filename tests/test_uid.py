"""The Study Instance UID in whatever text a hospital keeps it (PS3.5 section 9.1)."""

import re
import string

import pytest
from hypothesis import example, given, settings, strategies as st

from sightline.uid import MAX_LENGTH, long_uid, uid, uid_in_wado_url

CT = "2.16.124.113543.6003.1154777499.30246.19789.3503430045"
GRAMMAR = re.compile(r"[0-9]+(\.[0-9]+)+")

component = st.integers(0, 10**12).map(str)
uids = st.lists(component, min_size=2, max_size=12).map(".".join).filter(lambda text: len(text) <= MAX_LENGTH)
prefixes = st.lists(st.sampled_from(["urn:oid:", "URN:OID:", "Urn:Oid: ", "urn:oid:\t"]), max_size=3).map("".join)
blanks = st.text(" \t\r\n\0", max_size=3)


@pytest.mark.parametrize(
    "text",
    [
        CT,
        f"urn:oid:{CT}",
        f"URN:OID:{CT}",
        f"urn:oid:urn:oid:{CT}",
        f"urn:oid:Urn:Oid: {CT}",
        f"  {CT}\n",
        f"{CT}\0",  # DICOM pads UIDs of odd length with a null
        f" urn:oid:{CT} ",
    ],
)
def test_uid_is_found_under_prefixes_blanks_and_padding(text: str) -> None:
    assert uid(text) == CT


@pytest.mark.parametrize(
    "text",
    [
        "urn:oid:ORD-307",
        "ORD-307",
        "",
        " ",
        "urn:oid:",
        "12345",
        "1.",
        ".1",
        "1..2",
        "1.2.",
        "1.2 .3",
        "1.2,3",
        "1.2.3&studyUID=1.2.4",
        "1.2.3?x",
        "1.2.3#x",
        "1.2.3%20",
        "1.2.a",
        "-1.2",
        "urn:uuid:2c7c0b0a-1d1c-4d09-9d4f-3f1b5d1e9f00",
        "urn:oid1.2.3",
        "oid:1.2.3",
        "١.٢.٣",
        "1.²",
        "1.\ud800",
        "1.2.3\n1.2.4",
    ],
)
def test_text_that_is_no_uid_gives_none(text: str) -> None:
    assert uid(text) is None


@pytest.mark.parametrize("value", [None, 1.2, 12, True, ["1.2.3"], {"value": "1.2.3"}, b"1.2.3"])
def test_value_of_another_kind_is_no_uid(value: object) -> None:
    assert uid(value) is None
    assert long_uid(value) is None
    assert uid_in_wado_url(value) is None


def test_uid_has_64_characters_at_most_its_prefix_not_counted() -> None:
    longest = "1." + "2" * 62

    assert uid(f"urn:oid:{longest}") == longest
    assert uid(f"{longest}2") is None


def test_leading_zeros_in_a_labelled_uid_are_let_pass() -> None:
    assert uid("1.2.0840.01") == "1.2.0840.01"


@given(uids, prefixes, blanks, blanks)
@settings(deadline=None)
def test_any_uid_is_found_under_any_dressing(bare: str, prefix: str, before: str, after: str) -> None:
    assert uid(before + prefix + bare + after) == bare


@given(st.one_of(st.text(), st.text(string.digits + ".:urnoid \n")))
@example("1.2.3\n")
@settings(deadline=None)
def test_whatever_is_taken_for_a_uid_keeps_the_grammar_and_stays_itself(text: str) -> None:
    found = uid(text)

    if found is not None:
        assert GRAMMAR.fullmatch(found)
        assert len(found) <= MAX_LENGTH
        assert uid(found) == found


@given(st.text("0129.", max_size=70))
@settings(deadline=None)
def test_digits_and_dots_are_a_uid_exactly_where_the_grammar_says_so(text: str) -> None:
    expected = text if GRAMMAR.fullmatch(text) and len(text) <= MAX_LENGTH else None

    assert uid(text) == uid(f"urn:oid:{text}") == expected


@pytest.mark.parametrize("text", [CT, f"urn:oid:{CT}", "1.2.840.1", "1.2.0.4", "0.1.2.3", "2.25.1.1"])
def test_number_without_a_label_is_a_uid_if_it_has_four_components(text: str) -> None:
    assert long_uid(text) == text.removeprefix("urn:oid:")


@pytest.mark.parametrize("text", ["2017.092", "1.2.3", "55551234", "2024.01.05.003", "1.2.840.01", "192.168.1.20"])
def test_number_without_a_label_that_an_accession_could_be_is_no_uid(text: str) -> None:
    assert long_uid(text) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"https://pacs.hospital.example/wado-rs/studies/{CT}", CT),
        (f"https://pacs.hospital.example/wado-rs/studies/{CT}/series/1.2.3", CT),
        (f"https://pacs.hospital.example/studies/{CT}?accept=x", CT),
        (f"/studies/{CT}#x", CT),
        ("https://pacs.hospital.example/studies/ORD-307", None),
        ("https://pacs.hospital.example/studies/", None),
        (f"https://pacs.hospital.example/series/{CT}", None),
        (f"https://pacs.hospital.example/studies/{CT}x", None),
        ("", None),
    ],
)
def test_uid_in_a_wado_address_stands_after_studies(url: str, expected: str | None) -> None:
    assert uid_in_wado_url(url) == expected
