"""By which number an archive is asked for Ada, and whose the records are that come back."""

from typing import Any

import pytest

from sightline.dicomweb.patient_number import Whose, numbers_of
from sightline.errors import SourceNotAsking
from sightline.patient import Patient, PatientNumber
from tests.dicomweb.records import ADA, ISSUER, SYSTEM, element, record
from tests.far_side import archive_at

ADDRESS = "https://pacs.example/dicom-web"


def whose(found: dict[str, Any], patient: Patient = ADA, **settings: Any) -> Whose:
    archive = archive_at(ADDRESS, **settings)
    return numbers_of(patient, archive)[0].whose(found, archive)


def patient_with(*numbers: tuple[str, str]) -> Patient:
    return Patient("ada", numbers=tuple(PatientNumber(*number) for number in numbers))


def test_number_is_the_one_of_the_issuer_that_the_archive_knows() -> None:
    patient = patient_with(("urn:oid:9.9", "ELSEWHERE-7"), (SYSTEM, " SB-1001 "))

    [number] = numbers_of(patient, archive_at(ADDRESS))

    assert (number.value, number.issuer) == ("SB-1001", ISSUER)


def test_patient_with_two_numbers_of_known_issuers_is_asked_for_by_both() -> None:
    patient = patient_with((SYSTEM, "SB-1001"), ("urn:oid:4.5", "S-9"), (SYSTEM, "SB-1001"))
    archive = archive_at(ADDRESS, issuers=((SYSTEM, ISSUER), ("urn:oid:4.5", "SOUTH")))

    assert [(number.value, number.issuer) for number in numbers_of(patient, archive)] == [
        ("SB-1001", "NORTH"),
        ("S-9", "SOUTH"),
    ]


@pytest.mark.parametrize("numbers", [[], [("urn:oid:9.9", "SB-1001")], [("", "SB-1001")]])
def test_patient_without_a_number_of_that_issuer_cannot_be_asked_for(numbers: list[tuple[str, str]]) -> None:
    with pytest.raises(SourceNotAsking, match="no number"):
        numbers_of(patient_with(*numbers), archive_at(ADDRESS))


@pytest.mark.parametrize("value", ["*", "SB-10?1", "SB-1001\\SB-1002", "SB\n1001", "SB\0", "  ", "9" * 65])
def test_number_that_would_match_others_too_is_not_asked_with(value: str) -> None:
    with pytest.raises(SourceNotAsking):
        numbers_of(patient_with((SYSTEM, value)), archive_at(ADDRESS))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (record("1.2.1"), Whose.THIS_PATIENT),
        (record("1.2.1", of=" SB-1001 ", issuer="NORTH "), Whose.THIS_PATIENT),
        (record("1.2.1", of="SB-1002"), Whose.OTHER_PATIENT),
        (record("1.2.1", of="SB-10011"), Whose.OTHER_PATIENT),
        (record("1.2.1", of="sb-1001"), Whose.OTHER_PATIENT),
        (record("1.2.1", issuer="SOUTH"), Whose.OTHER_PATIENT),
        (record("1.2.1", issuer=None), Whose.NOT_SAID),
        (record("1.2.1", of=None), Whose.NOT_SAID),
        ({**record("1.2.1"), "00100020": element("00100020")}, Whose.NOT_SAID),
        ({**record("1.2.1"), "00100020": element("00100020", "SB-1001", "SB-1002")}, Whose.NOT_SAID),
        ({**record("1.2.1"), "00100020": element("00100020", 1001)}, Whose.NOT_SAID),
        ({**record("1.2.1"), "00100020": element("00100020", 1001, "SB-1001")}, Whose.NOT_SAID),
        ({**record("1.2.1"), "00100021": element("00100021", "NORTH", "SOUTH")}, Whose.NOT_SAID),
        ({**record("1.2.1"), "00100020": "SB-1001"}, Whose.NOT_SAID),
    ],
)
def test_record_is_this_patients_only_by_number_and_issuer(found: dict[str, Any], expected: Whose) -> None:
    assert whose(found) is expected


def test_issuer_may_be_missing_or_written_otherwise_only_where_the_settings_say_so() -> None:
    assert whose(record("1.2.1", issuer=None), issuer_may_be_absent=True) is Whose.THIS_PATIENT
    assert whose(record("1.2.1", issuer="SOUTH"), issuer_may_be_absent=True) is Whose.OTHER_PATIENT
    assert whose(record("1.2.1", of="sb-1001", issuer="north"), case_sensitive=False) is Whose.THIS_PATIENT


def qualified(universal: str, kind: str = "ISO") -> dict[str, Any]:
    item = {"00400032": element("00400032", universal), "00400033": element("00400033", kind)}
    return {"00100024": {"vr": "SQ", "Value": [item]}}


def test_issuers_universal_id_says_it_too() -> None:
    assert whose({**record("1.2.1", issuer=None), **qualified("1.2.3")}) is Whose.THIS_PATIENT
    assert whose({**record("1.2.1"), **qualified("1.2.999")}) is Whose.OTHER_PATIENT
    assert whose({**record("1.2.1", issuer=None), **qualified("north.example", "DNS")}) is Whose.NOT_SAID


@pytest.mark.parametrize(
    ("born", "recorded", "expected"),
    [
        ("1951-07-14", "19510714", Whose.THIS_PATIENT),
        ("1951-07", "19510714", Whose.THIS_PATIENT),
        ("", "19510714", Whose.THIS_PATIENT),
        ("1951-07-14", None, Whose.THIS_PATIENT),
        ("1951-07-14", "unknown", Whose.THIS_PATIENT),
        ("1951-07-14", "19790330", Whose.CONTRADICTED),
        ("1951", "19790330", Whose.CONTRADICTED),
    ],
)
def test_birth_date_must_not_contradict(born: str, recorded: str | None, expected: Whose) -> None:
    patient = Patient("ada", birth_date=born, numbers=ADA.numbers)

    assert whose(record("1.2.1", t00100030=recorded), patient) is expected
