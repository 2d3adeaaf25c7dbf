"""IHE Invoke Image Display requests as a display wants them spelled; no value ever leaves its parameter."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given, settings, strategies as st
from msgspec.structs import astuple, replace

from sandbox.display import rad106
from sandbox.display.parameters import PatientIdentifier
from sightline.viewers.cx import Cx
from sightline.viewers.iid_build import build
from sightline.viewers.iid_request import Invocation, Malformed, PatientInvocation, Rule, StudyInvocation
from tests.viewers.any_request import patient_requests, study_requests

TWO = StudyInvocation(("1.2.840.113883.19.110.4", "1.2.840.113883.19.110.5"))
ADA = Cx("99998410", "", "2.16.840.1.113883.19.5", "ISO")
YEAR = PatientInvocation(ADA, lower=datetime(2025, 1, 1), upper=datetime(2025, 12, 31, 23, 59, 59))


def test_studies_are_asked_for_as_ihes_sample_does() -> None:
    request = StudyInvocation(TWO.study_uids, viewer_type="IHE_BIR", diagnostic_quality=True)

    assert build(request) == (
        "requestType=STUDY&studyUID=1.2.840.113883.19.110.4,1.2.840.113883.19.110.5"
        "&viewerType=IHE_BIR&diagnosticQuality=true"
    )


def test_patient_is_asked_for_as_ihes_sample_does() -> None:
    request = PatientInvocation(Cx("99998410", "AcmeHospital"), most_recent=1)

    assert build(request) == "requestType=PATIENT&patientID=99998410%5E%5E%5EAcmeHospital&mostRecentResults=1"


def test_every_fact_of_a_patient_request_is_spelled() -> None:
    request = PatientInvocation(
        ADA,
        "Lovelace^Ada",
        date(1815, 12, 10),
        datetime(2003, 1, 1),
        datetime(2004, 1, 1, 12, 30, 0, tzinfo=UTC),
        0,
        ("MR", "XA"),
        "IHE_BIR",
        False,
        True,
    )

    assert build(request).split("&") == [
        "requestType=PATIENT",
        "patientID=99998410%5E%5E%5E%262.16.840.1.113883.19.5%26ISO",
        "patientName=Lovelace%5EAda",
        "patientBirthDate=1815-12-10",
        "lowerDateTime=2003-01-01T00:00:00",
        "upperDateTime=2004-01-01T12:30:00%2B00:00",
        "mostRecentResults=0",
        "modalitiesInStudy=MR,XA",
        "viewerType=IHE_BIR",
        "diagnosticQuality=false",
        "keyImagesOnly=true",
    ]


@pytest.mark.parametrize(
    ("separator", "spelled"),
    [
        ("comma", "studyUID=1.2.840.113883.19.110.4,1.2.840.113883.19.110.5"),
        ("semicolon", "studyUID=1.2.840.113883.19.110.4;1.2.840.113883.19.110.5"),
        ("repeat", "studyUID=1.2.840.113883.19.110.4&studyUID=1.2.840.113883.19.110.5"),
    ],
)
def test_list_is_spelled_as_the_display_reads_it(separator: str, spelled: str) -> None:
    assert build(TWO, separator) == f"requestType=STUDY&{spelled}"


def test_display_without_lists_is_never_asked_for_two_studies() -> None:
    with pytest.raises(Malformed, match="one study at a time"):
        build(TWO, "none")

    assert build(StudyInvocation(("1.2.3",)), "none") == "requestType=STUDY&studyUID=1.2.3"


def test_accession_number_with_the_displays_own_separator_in_it_is_refused() -> None:
    number = StudyInvocation(accession_numbers=("A1;A2",))

    assert build(number) == "requestType=STUDY&accessionNumber=A1%3BA2"
    with pytest.raises(Malformed) as refusal:
        build(number, "semicolon")
    assert refusal.value.rule is Rule.LIST


def test_pair_of_keys_is_spelled_as_ci_sis_does() -> None:
    assert build(StudyInvocation(("1.2.3",), ("A1",))) == "requestType=STUDY&studyUID=1.2.3&Accessionnumber=A1"


@pytest.mark.parametrize(
    ("dates", "spelled"),
    [
        ("spec", "&lowerDateTime=2025-01-01T00:00:00&upperDateTime=2025-12-31T23:59:59"),
        ("inverted", "&upperDateTime=2025-01-01T00:00:00&lowerDateTime=2025-12-31T23:59:59"),
        ("omit", ""),
    ],
)
def test_period_is_spelled_in_the_sense_of_the_display(dates: str, spelled: str) -> None:
    assert build(YEAR, dates=dates).removeprefix(build(PatientInvocation(ADA))) == spelled


def test_parameters_of_the_sites_own_stand_at_the_end_and_stay_there() -> None:
    query = build(StudyInvocation(("1.2.3",)), parameters=(("archive", "main&evil=1"), ("x", "ä #")))

    assert query == "requestType=STUDY&studyUID=1.2.3&archive=main%26evil%3D1&x=%C3%A4%20%23"


def test_request_longer_than_three_thousand_characters_is_refused() -> None:
    uids = tuple(f"1.2.{10**58 + number}" for number in range(50))

    with pytest.raises(Malformed, match="characters") as refusal:
        build(StudyInvocation(uids))
    assert refusal.value.rule is Rule.SIZE


@given(study_requests | patient_requests)
@settings(deadline=None)
def test_no_value_ever_leaves_its_parameter(request: Invocation) -> None:
    query = build(request)
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)

    assert query.isascii()
    assert not set(query) & set(" #\"'<>\\^`{|}")
    assert len({name for name, _ in pairs}) == len(pairs)
    if isinstance(request, StudyInvocation):
        allowed = {"requestType", "studyUID", "accessionNumber", "viewerType", "diagnosticQuality", "keyImagesOnly"}
        values = ",".join(request.study_uids or request.accession_numbers)
        assert values in dict(pairs).values()
    else:
        allowed = {
            "requestType", "patientID", "patientName", "patientBirthDate", "lowerDateTime", "upperDateTime",
            "mostRecentResults", "modalitiesInStudy", "viewerType", "diagnosticQuality", "keyImagesOnly",
        }  # fmt: skip
        assert dict(pairs)["patientID"] == request.patient.text
    assert {name for name, _ in pairs} <= allowed


@given(study_requests | patient_requests, st.sampled_from(["", "IHE_BIR"]))
@settings(deadline=None)
def test_strict_display_of_a_stranger_reads_what_was_meant(request: Invocation, viewer_type: str) -> None:
    """The sandbox's image display, which knows accession numbers of 16 characters and the viewer type IHE_BIR only."""
    request = replace(request, viewer_type=viewer_type)
    if isinstance(request, StudyInvocation):
        assume(all(len(number) <= 16 and "\\" not in number for number in request.accession_numbers))

    read = rad106.parse(parse_qsl(build(request)))

    assert read.diagnostic_quality is bool(request.diagnostic_quality)
    assert read.key_images_only is bool(request.key_images_only)
    if isinstance(request, StudyInvocation):
        assert isinstance(read, rad106.StudyRequest)
        assert read.study_uids == tuple(dict.fromkeys(request.study_uids))
        assert read.accession_numbers == tuple(dict.fromkeys(request.accession_numbers))
    else:
        assert isinstance(read, rad106.PatientRequest)
        assert read.patient == PatientIdentifier(*astuple(request.patient))
        assert (read.lower, read.upper, read.birth_date) == (request.lower, request.upper, request.birth_date)
        assert (read.most_recent, read.patient_name) == (request.most_recent or 0, request.patient_name)
        assert read.modalities == tuple(dict.fromkeys(request.modalities))
