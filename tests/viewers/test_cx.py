"""A patient's number with its assigning authority, from FHIR's system and value, and back from HL7's spelling."""

import pytest
from hypothesis import given, settings, strategies as st

from sightline.patient import PatientNumber
from sightline.viewers import cx
from sightline.viewers.cx import Cx, NotCx
from tests.viewers.any_request import identified

OID = "urn:oid:2.16.840.1.113883.19.5"


@pytest.mark.parametrize(
    ("system", "text"),
    [
        (OID, "99998410^^^&2.16.840.1.113883.19.5&ISO"),
        ("URN:OID:2.16.840.1", "99998410^^^&2.16.840.1&ISO"),
        ("https://hospital.example/mrn", "99998410^^^&https://hospital.example/mrn&URI"),
        ("http://hospital.example/mrn?site=1", "99998410^^^&http://hospital.example/mrn?site=1&URI"),
        ("our-numbers", "99998410^^^North"),
        ("http://a&b", "99998410^^^Amp"),
    ],
)
def test_system_becomes_the_assigning_authority(system: str, text: str) -> None:
    namespaces = {"our-numbers": "North", "http://a&b": "Amp", OID: "never used"}

    assert cx.of(PatientNumber(system, "99998410"), "cx-universal", namespaces).text == text


def test_display_that_knows_namespaces_gets_the_one_of_the_system() -> None:
    number = PatientNumber(OID, "99998410")

    assert cx.of(number, "cx-namespace", {OID: "AcmeHospital"}).text == "99998410^^^AcmeHospital"


def test_archive_of_one_hospital_gets_the_number_alone() -> None:
    assert cx.of(PatientNumber(OID, "99998410"), "plain", {}).text == "99998410"


@pytest.mark.parametrize(
    ("system", "form"),
    [("", "cx-universal"), ("urn:oid:ORD-307", "cx-universal"), ("our-numbers", "cx-universal"), (OID, "cx-namespace")],
)
def test_number_whose_authority_cannot_be_named_is_refused(system: str, form: str) -> None:
    with pytest.raises(NotCx, match="no assigning authority"):
        cx.of(PatientNumber(system, "1"), form, {"http://else": "X"})


@pytest.mark.parametrize("sign", ["^", "&", "~", "|", "\\", "\n", "\u202e"])
@pytest.mark.parametrize("form", ["cx-universal", "plain"])
def test_number_with_a_sign_of_hl7s_own_is_refused_and_not_mangled(sign: str, form: str) -> None:
    with pytest.raises(NotCx):
        cx.of(PatientNumber(OID, f"12{sign}34"), form, {})


@pytest.mark.parametrize("number", ["", " 1", "1 "])
def test_empty_or_padded_number_is_refused(number: str) -> None:
    with pytest.raises(NotCx):
        Cx(number, "North")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("123^^^Hospital", Cx("123", "Hospital")),
        ("123^^^&1.2.3&ISO", Cx("123", "", "1.2.3", "ISO")),
        ("123^^^Hospital&1.2.3&ISO", Cx("123", "Hospital", "1.2.3", "ISO")),
        ("123^^^&www.hospital.example&DNS", Cx("123", "", "www.hospital.example", "DNS")),
        ("123^^^Hospital^MR", Cx("123", "Hospital")),
    ],
)
def test_number_is_read_with_its_authority(text: str, read: Cx) -> None:
    assert cx.parse(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123",
        "123^^^",
        "123^^",
        "^^^Hospital",
        "123^5^M11^Hospital",
        "123^^^&1.2.3",
        "123^^^&&ISO",
        "123^^^Hospital&1.2.3&ISO&x",
        "123~456^^^Hospital",
        "123^^^&1.2.3&I-S-O",
        "123^^^Hosp\\T\\ital",
    ],
)
def test_text_that_does_not_say_who_assigned_the_number_is_refused(text: str) -> None:
    with pytest.raises(NotCx) as reason:
        cx.parse(text)

    assert str(reason.value)
    assert "123" not in str(reason.value)


@given(identified)
@settings(deadline=None)
def test_number_is_read_back_as_it_was_written(number: Cx) -> None:
    assert cx.parse(number.text) == number


@given(st.one_of(st.text(), st.text("1^&~\\ ")))
@settings(deadline=None)
def test_reading_any_text_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        assert cx.parse(text).has_authority
    except NotCx:
        return
