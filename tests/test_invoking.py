"""What an EHR's Invoke Image Display request means: whose number, which studies; and never a guess."""

from datetime import date

import pytest

from sightline import invoking
from sightline.errors import InvocationMalformed, MatchUncertain, NothingMatches
from sightline.patient import Patient, PatientNumber
from sightline.settings.keys import LENIENT
from sightline.study import Study
from sightline.study_reference import StudyReference
from sightline.viewers.cx import Cx, NotCx, parse
from sightline.viewers.iid_parse import Lenient
from sightline.viewers.iid_request import PatientInvocation, StudyInvocation
from tests.far_side import ehr_at

ADA = Patient("ada", family="Lindqvist", given="Ada", birth_date="1951-07-14")
AUTHORITIES = (
    ("NORTH", "urn:oid:1.2.3"),
    ("SOUTH", "https://south.example/mrn"),
    ("www.west.example", "https://west.example/mrn"),
    ("EAST&1.9&ISO", "https://east.example/mrn"),
)
EHR = ehr_at("https://ehr.example/fhir", invoke_authorities=AUTHORITIES)


def test_settings_and_parser_know_the_same_deviations() -> None:
    assert set(LENIENT) == {each.value for each in Lenient}


def test_deviation_is_forgiven_to_an_ehr_that_is_known_for_it_and_to_no_other() -> None:
    query = "requestType=STUDY&studyUID=1.2.3&Accessionnumber=A1"
    french = ehr_at("https://ehr.example/fhir", invoke_lenient=frozenset({"ci-sis"}))

    assert invoking.read(query, french) == StudyInvocation(("1.2.3",), ("A1",))
    with pytest.raises(InvocationMalformed, match="names are spelled as RAD-106 spells them"):
        invoking.read(query, EHR)


def test_refusal_names_the_rule_and_repeats_no_value() -> None:
    with pytest.raises(InvocationMalformed) as refusal:
        invoking.read("requestType=PATIENT&patientID=SB-1001&patientName=Lindqvist", EHR)

    said = refusal.value.sentence + refusal.value.detail
    assert "a patient request carries one patientID with its assigning authority" in said
    assert not [word for word in ("SB-1001", "Lindqvist") if word in said]


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("1^^^NORTH", "urn:oid:1.2.3"),
        ("1^^^SOUTH", "https://south.example/mrn"),
        ("1^^^&1.2.3&ISO", "urn:oid:1.2.3"),
        ("1^^^&1.7.7&ISO", "urn:oid:1.7.7"),
        ("1^^^NORTH&1.2.3&ISO", "urn:oid:1.2.3"),
        ("1^^^UNKNOWN&1.2.3&ISO", "urn:oid:1.2.3"),
        ("1^^^&https://south.example/mrn&URI", "https://south.example/mrn"),
        ("1^^^&www.west.example&DNS", "https://west.example/mrn"),
        ("1^^^EAST&1.9&ISO", "https://east.example/mrn"),
    ],
)
def test_assigning_authority_is_a_fhir_system_as_the_settings_say_or_as_it_stands(text: str, system: str) -> None:
    assert invoking.number(parse(text), EHR) == PatientNumber(system, "1")


@pytest.mark.parametrize("text", ["1^^^north", "1^^^UNKNOWN", "1^^^&www.other.example&DNS", "1^^^&x&L"])
def test_authority_that_nobody_knows_leads_to_nobody(text: str) -> None:
    with pytest.raises(NothingMatches):
        invoking.number(parse(text), EHR)


@pytest.mark.parametrize("text", ["1^^^SOUTH&1.2.3&ISO", "1^^^NORTH&1.7.7&ISO"])
def test_two_authorities_in_one_number_lead_to_nobody(text: str) -> None:
    with pytest.raises(MatchUncertain):
        invoking.number(parse(text), EHR)


def test_number_without_authority_is_none() -> None:
    with pytest.raises(NotCx):
        parse("1")


def test_studies_are_named_by_uid_first_and_by_accession_number_else() -> None:
    assert invoking.references(StudyInvocation(("1.2", "1.3"))) == (
        StudyReference(uid="1.2"),
        StudyReference(uid="1.3"),
    )
    assert invoking.references(StudyInvocation(("1.2",), ("A1",))) == (StudyReference(uid="1.2"),)
    assert invoking.references(StudyInvocation((), ("A1",))) == (StudyReference(accession="A1"),)


@pytest.mark.parametrize(("accession", "agree"), [("A1", True), (None, True), ("A2", False)])
def test_uid_and_accession_number_of_two_studies_do_not_agree(accession: str | None, agree: bool) -> None:
    found = [Study("EHR", uid="1.2", accession=accession)]

    assert invoking.agree(StudyInvocation(("1.2",), ("A1",)), found) is agree
    assert invoking.agree(StudyInvocation(("1.2",)), found)


@pytest.mark.parametrize(
    ("said", "recorded", "contradicts"),
    [
        (date(1951, 7, 14), "1951-07-14", False),
        (date(1951, 7, 14), "1951-07", False),
        (date(1951, 7, 14), "1951", False),
        (date(1951, 7, 14), "", False),
        (None, "1951-07-14", False),
        (date(1951, 7, 14), "1951-07-15", True),
        (date(1951, 7, 14), "1952", True),
    ],
)
def test_other_birth_date_contradicts(said: date | None, recorded: str, contradicts: bool) -> None:
    request = PatientInvocation(Cx("1", "NORTH"), birth_date=said)

    assert invoking.contradicts(request, Patient("ada", birth_date=recorded)) is contradicts


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("", False),
        ("Lindqvist^Ada", False),
        ("LINDQVIST", False),
        ("Lindqvíst-Berg^A", False),
        ("Okafor^Ben", True),
        ("^Ada", False),
    ],
)
def test_other_family_name_is_noticed(name: str, other: bool) -> None:
    assert invoking.kept(PatientInvocation(Cx("1", "NORTH"), patient_name=name), ADA).other_name is other


@pytest.mark.parametrize(
    ("viewer_type", "unknown"), [("", ""), ("IHE_BIR", ""), ("ACME", "ACME"), ("ihe_bir", "ihe_bir")]
)
def test_viewer_type_that_is_not_ihes_is_kept_to_be_said(viewer_type: str, unknown: str) -> None:
    asked = StudyInvocation(("1.2",), viewer_type=viewer_type, diagnostic_quality=False, key_images_only=True)

    kept = invoking.kept(asked, ADA)
    assert (kept.viewer_type, kept.diagnostic_quality, kept.key_images_only) == (unknown, False, True)
    assert not kept.narrows
