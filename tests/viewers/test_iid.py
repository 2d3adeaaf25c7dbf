"""IHE Invoke Image Display (RAD-106): what one display is asked for, as its settings say that it understands it."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sandbox import patients
from sandbox.fhir import r4
from sandbox.records import PatientRecord
from sightline.errors import CannotOpen
from sightline.fhir.patient import patient as read_patient
from sightline.patient import Patient, PatientNumber
from sightline.study import Study
from sightline.viewers import address, iid, takes
from sightline.viewers.contract import Takes, Wanted
from tests.configured import viewer
from tests.conftest import Pair
from tests.viewers.cast import ADA, ALL_OF_ADA, BY_ACCESSION, CT, LEG, MR, MRN, NATIONAL, ONE, SERIES, TWO

ADDRESS = "https://pacs.hospital.example:8443/north/IHEInvokeImageDisplay"


def asked(wanted: Wanted, **keys: Any) -> str:
    """The query of the address that the display is opened with."""
    start, query = address(wanted, viewer("iid", address=ADDRESS, **{"viewer_type": "", **keys})).split("?")
    assert start == ADDRESS
    return query


def test_study_is_asked_for_by_its_uid() -> None:
    assert address(ONE, viewer("iid", address=ADDRESS)) == (
        f"{ADDRESS}?requestType=STUDY&studyUID=1.2.840.1&viewerType=IHE_BIR"
    )


def test_uid_goes_before_the_accession_number_and_never_with_it() -> None:
    assert asked(ONE) == "requestType=STUDY&studyUID=1.2.840.1"


def test_study_without_a_uid_is_asked_for_by_its_accession_number() -> None:
    assert asked(Wanted((Study("North", accession="A/1 &2"),))) == "requestType=STUDY&accessionNumber=A%2F1%20%262"


def test_several_studies_are_one_list() -> None:
    assert asked(TWO) == "requestType=STUDY&studyUID=1.2.840.1,1.2.840.2"


def test_series_are_not_sent_since_iid_has_none() -> None:
    assert asked(SERIES) == asked(ONE)


@pytest.mark.parametrize(
    ("key", "wanted", "query"),
    [
        ("accession", ONE, "accessionNumber=A1"),
        ("accession", Wanted((MR,)), "studyUID=1.2.840.2"),
        ("accession", TWO, "studyUID=1.2.840.1,1.2.840.2"),
        ("both", ONE, "studyUID=1.2.840.1&Accessionnumber=A1"),
        ("both", Wanted((MR,)), "studyUID=1.2.840.2"),
        ("both", BY_ACCESSION, "accessionNumber=A-2024%2F02"),
        ("both", TWO, "studyUID=1.2.840.1,1.2.840.2"),
    ],
)
def test_display_is_given_the_key_that_it_resolves(key: str, wanted: Wanted, query: str) -> None:
    assert asked(wanted, study_key=key) == f"requestType=STUDY&{query}"


def test_studies_that_share_no_kind_of_number_are_not_asked_for_together() -> None:
    with pytest.raises(CannotOpen, match="only the one"):
        asked(Wanted((MR, LEG)))


def test_quality_and_key_images_are_asked_for_where_they_are_wanted() -> None:
    assert asked(ONE, diagnostic_quality=True).endswith("&diagnosticQuality=true")
    assert asked(Wanted((CT,), diagnostic_quality=True)).endswith("&diagnosticQuality=true")
    assert asked(Wanted((CT,), key_images_only=True)).endswith("&keyImagesOnly=true")


def test_sites_own_parameters_are_sent_with_every_request() -> None:
    assert asked(ONE, parameters={"archive": "main"}).endswith("&archive=main")
    assert asked(ALL_OF_ADA, parameters={"archive": "main"}).endswith("&archive=main")


@pytest.mark.parametrize(
    ("keys", "number"),
    [
        ({}, "SB-1^^^&2.16.840.1.113883.19.5&ISO"),
        ({"patient_system": MRN}, "SB-1^^^&2.16.840.1.113883.19.5&ISO"),
        ({"patient_system": NATIONAL}, "77/8^^^&https://id.example/national&URI"),
        ({"patient_id_form": "cx-namespace", "namespaces": {MRN: "Sandbox"}}, "SB-1^^^Sandbox"),
        ({"patient_id_form": "plain", "patient_system": MRN}, "SB-1"),
    ],
)
def test_patient_is_named_as_the_display_knows_patients(keys: dict[str, Any], number: str) -> None:
    assert dict(parse_qsl(asked(ALL_OF_ADA, **keys))) == {"requestType": "PATIENT", "patientID": number}


def test_patient_request_carries_no_more_of_the_patient_than_the_settings_say() -> None:
    assert "Lovelace" not in asked(ALL_OF_ADA)
    assert "1815" not in asked(ALL_OF_ADA)
    assert asked(ALL_OF_ADA, patient_facts=["name", "birth_date"]).endswith(
        "&patientName=Lovelace%5EAda%20Augusta%5E%5ECountess&patientBirthDate=1815-12-10"
    )


@pytest.mark.parametrize("birth_date", ["", "1815", "1815-12", "1815-13-10", "10.12.1815"])
def test_birth_date_that_is_no_whole_day_is_not_sent(birth_date: str) -> None:
    patient = Patient("ada", family="A=B", birth_date=birth_date, numbers=ADA.numbers)

    query = asked(Wanted(patient=patient), patient_facts=["name", "birth_date"])

    assert {name for name, _ in parse_qsl(query)} == {"requestType", "patientID"}


def test_limits_of_a_patient_request_are_sent() -> None:
    wanted = Wanted(
        patient=ADA,
        earliest=datetime(2025, 1, 1),
        latest=datetime(2025, 12, 31),
        most_recent=3,
        modalities=("CT", "MR"),
        key_images_only=True,
    )

    assert asked(wanted).split("&")[2:] == [
        "lowerDateTime=2025-01-01T00:00:00",
        "upperDateTime=2025-12-31T00:00:00",
        "mostRecentResults=3",
        "modalitiesInStudy=CT,MR",
        "keyImagesOnly=true",
    ]
    assert asked(wanted, date_range="inverted").split("&")[2] == "upperDateTime=2025-01-01T00:00:00"
    assert "DateTime" not in asked(wanted, date_range="omit")


WISHES = (Takes.KEY_IMAGES, Takes.QUALITY)


@pytest.mark.parametrize(
    ("keys", "can"),
    [
        ({}, {*Takes}),
        ({"requests": ["STUDY"]}, {Takes.STUDY, Takes.STUDIES, Takes.ACCESSION, *WISHES}),
        ({"list_separator": "none"}, {*Takes} - {Takes.STUDIES}),
        ({"date_range": "omit"}, {*Takes} - {Takes.PERIOD}),
        ({"requests": ["PATIENT"]}, {Takes.PATIENT, Takes.MODALITIES, Takes.PERIOD, *WISHES}),
        ({"passes_on": []}, {*Takes} - {*WISHES}),
        ({"passes_on": [], "diagnostic_quality": True}, {*Takes} - {Takes.KEY_IMAGES}),
    ],
)
def test_display_takes_what_its_settings_say(keys: dict[str, Any], can: set[Takes]) -> None:
    assert takes(viewer("iid", address=ADDRESS, **keys)) == can


@pytest.mark.parametrize(
    ("wanted", "keys", "words"),
    [
        (TWO, {"list_separator": "none"}, "one study at a time"),
        (ALL_OF_ADA, {"requests": ["STUDY"]}, "cannot be asked for all images of a patient"),
        (ONE, {"requests": ["PATIENT"]}, "cannot be asked for single studies"),
        (ALL_OF_ADA, {"patient_system": "urn:oid:9.9"}, "holds no number that The viewer knows"),
        (Wanted(patient=Patient("ben")), {}, "holds no number that The viewer knows"),
        (ALL_OF_ADA, {"patient_id_form": "cx-namespace"}, "no assigning authority"),
        (Wanted(patient=Patient("x", numbers=(PatientNumber(MRN, "1&2"),))), {}, "a sign of HL7's own"),
        (Wanted((Study("North", uid="1.2", accession="A,1"),)), {"study_key": "accession"}, "a comma"),
    ],
)
def test_what_the_display_cannot_be_asked_for_is_said_in_a_sentence(
    wanted: Wanted, keys: dict[str, Any], words: str
) -> None:
    with pytest.raises(CannotOpen) as refusal:
        asked(wanted, **keys)

    assert words in refusal.value.sentence
    assert refusal.value.sentence.endswith(".")


def test_kind_reads_what_it_writes() -> None:
    query = urlsplit(address(TWO, viewer("iid", address=ADDRESS))).query

    assert iid.parse(query) == iid.StudyInvocation(("1.2.840.1", "1.2.840.2"), viewer_type="IHE_BIR")


@pytest.mark.parametrize("record", [record for record in patients.PATIENTS if record.id in ("ada", "mina")])
def test_strangers_display_finds_the_patient_as_the_ehr_names_her(pair: Pair, record: PatientRecord) -> None:
    patient = read_patient(r4.patient(record), record.id)
    facts = {"patient_facts": ["name", "birth_date"], "viewer_type": "IHE_BIR"}
    query = asked(Wanted(patient=patient, most_recent=1), **facts)

    answer = pair.hospital.test_client().get(f"/display/IHEInvokeImageDisplay?{query}")

    assert answer.status_code == 200
    assert record.mrn in answer.text
