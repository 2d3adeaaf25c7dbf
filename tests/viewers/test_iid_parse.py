"""IHE Invoke Image Display requests read strictly: half a request is none, and each refusal names the rule."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings, strategies as st

from sightline.settings.viewer_kinds import RAD_106
from sightline.viewers.cx import Cx
from sightline.viewers.iid_build import build
from sightline.viewers.iid_parse import Lenient, parse
from sightline.viewers.iid_request import Invocation, Malformed, PatientInvocation, Rule, StudyInvocation
from tests.viewers.any_request import patient_requests, study_requests

STUDY, PATIENT = "requestType=STUDY", "requestType=PATIENT&patientID=1%5E%5E%5EHospital"
CI_SIS, DCM4CHEE = frozenset({Lenient.CI_SIS}), frozenset({Lenient.DCM4CHEE})


@given(study_requests | patient_requests)
@settings(deadline=None)
def test_request_is_read_back_as_it_was_built(request: Invocation) -> None:
    assert parse(build(request)) == request


@pytest.mark.parametrize(
    ("query", "request_"),
    [
        (f"{STUDY}&studyUID=1.2.3%2C1.2.4", StudyInvocation(("1.2.3", "1.2.4"))),
        (f"studyUID=1.2.3&{STUDY}&viewerType=", StudyInvocation(("1.2.3",))),
        (f"{STUDY}&studyUID=1.2.3&custodianOID=1.9&session=x", StudyInvocation(("1.2.3",))),
        (f"{STUDY}&accessionNumber=A%2F1,A%202", StudyInvocation((), ("A/1", "A 2"))),
        (
            f"{PATIENT}&lowerDateTime=2003-01-01T00:00:00Z&upperDateTime=2003-01-01T00:00:00.5%2B01:00",
            None,
        ),
        (
            f"{PATIENT}&lowerDateTime=2003-01-01T00:00:00Z&mostRecentResults=007&patientBirthDate=1951-07-14T00:00:00",
            PatientInvocation(
                Cx("1", "Hospital"),
                birth_date=date(1951, 7, 14),
                lower=datetime(2003, 1, 1, tzinfo=UTC),
                most_recent=7,
            ),
        ),
    ],
)
def test_request_of_another_invoker_is_read(query: str, request_: Invocation | None) -> None:
    if request_ is None:  # an upper bound that lies before the lower one only by its zone
        with pytest.raises(Malformed) as refusal:
            parse(query)
        assert refusal.value.rule is Rule.PERIOD
    else:
        assert parse(query) == request_


BROKEN = [
    ("", Rule.REQUEST_TYPE),
    ("studyUID=1.2.3", Rule.REQUEST_TYPE),
    ("requestType=study&studyUID=1.2.3", Rule.REQUEST_TYPE),
    ("requestType=SERIES&studyUID=1.2.3", Rule.REQUEST_TYPE),
    ("requestType=STUDYBASE64&studyUID=1.2.3", Rule.REQUEST_TYPE),
    ("requesttype=STUDY&studyUID=1.2.3", Rule.SPELLING),
    (f"{STUDY}&StudyUID=1.2.3", Rule.SPELLING),
    (f"{STUDY}&Accessionnumber=A1", Rule.SPELLING),
    (f"{STUDY}&studyUID=1.2.3&studyUID=1.2.4", Rule.ONCE),
    (f"{STUDY}&{STUDY}&studyUID=1.2.3", Rule.ONCE),
    (f"{STUDY}&studyUID=", Rule.VALUE),
    (f"{STUDY}&studyUID=1.2.3&accessionNumber=", Rule.VALUE),
    (f"{STUDY}&studyUID", Rule.VALUE),
    (f"{STUDY}&accessionNumber=%00", Rule.ENCODING),
    (f"{STUDY}&accessionNumber=%FF", Rule.ENCODING),
    (f"{STUDY}&accessionNumber=A%", Rule.ENCODING),
    (f"{STUDY}&accessionNumber=A%zz", Rule.ENCODING),
    (f"{STUDY}&accessionNumber=A%0AB", Rule.ENCODING),
    (f"{STUDY}&studyUID=1.2.3&viewerType=%E2%80%AE", Rule.ENCODING),
    (f"{STUDY}&studyUID=1.2.3&patientID=1%5E%5E%5EHospital", Rule.BELONGING),
    (f"{STUDY}&studyUID=1.2.3&mostRecentResults=1", Rule.BELONGING),
    (f"{PATIENT}&studyUID=1.2.3", Rule.BELONGING),
    (STUDY, Rule.STUDY_KEY),
    (f"{STUDY}&studyUID=1.2.3&accessionNumber=A1", Rule.STUDY_KEY),
    (f"{STUDY}&studyUID=1.2.3,", Rule.LIST),
    (f"{STUDY}&accessionNumber=A1,,A2", Rule.LIST),
    (f"{STUDY}&studyUID=1.2.3;1.2.4", Rule.UID),
    (f"{STUDY}&studyUID=urn:oid:1.2.3", Rule.UID),
    (f"{STUDY}&studyUID=1.2.3,%201.2.4", Rule.UID),
    (f"{STUDY}&accessionNumber=%20A1", Rule.ACCESSION),
    ("requestType=PATIENT", Rule.PATIENT_ID),
    ("requestType=PATIENT&patientID=1", Rule.PATIENT_ID),
    ("requestType=PATIENT&patientID=1%5E%5E%5E", Rule.PATIENT_ID),
    ("requestType=PATIENT&patientID=1%5E%5E%5E&1.2.3&ISO", Rule.PATIENT_ID),
    ("requestType=PATIENT&patientID=1%5E%5E%5EA~2%5E%5E%5EB", Rule.PATIENT_ID),
    (f"{PATIENT}&patientName=a%3Db", Rule.PERSON_NAME),
    (f"{PATIENT}&modalitiesInStudy=ct", Rule.MODALITY),
    (f"{PATIENT}&modalitiesInStudy=CT,", Rule.LIST),
    (f"{PATIENT}&patientBirthDate=19510714", Rule.DATE_TIME),
    (f"{PATIENT}&patientBirthDate=1951-07", Rule.DATE_TIME),
    (f"{PATIENT}&patientBirthDate=1951-02-30", Rule.DATE_TIME),
    (f"{PATIENT}&patientBirthDate=1951-W28-6", Rule.DATE_TIME),
    (f"{PATIENT}&lowerDateTime=2026-01-31", Rule.DATE_TIME),
    (f"{PATIENT}&lowerDateTime=2026-01-31T25:00:00", Rule.DATE_TIME),
    (f"{PATIENT}&lowerDateTime=2026-01-31T00:00:00+01:00", Rule.DATE_TIME),
    (f"{PATIENT}&lowerDateTime=2026-01-31T00:00:00&upperDateTime=2026-01-30T00:00:00", Rule.PERIOD),
    (f"{PATIENT}&mostRecentResults=-1", Rule.COUNT),
    (f"{PATIENT}&mostRecentResults=1.5", Rule.COUNT),
    (f"{PATIENT}&mostRecentResults=%D9%A1", Rule.COUNT),
    (f"{PATIENT}&diagnosticQuality=TRUE", Rule.TRUTH),
    (f"{PATIENT}&keyImagesOnly=1", Rule.TRUTH),
    (f"{STUDY}&studyUID={','.join(['1.2'] * 51)}", Rule.SIZE),
    (f"{STUDY}&studyUID=1.2.3&x={'a' * 3000}", Rule.SIZE),
]


@pytest.mark.parametrize(("query", "rule"), BROKEN)
def test_request_that_rad_106_does_not_allow_is_refused_by_the_rule_that_it_breaks(query: str, rule: Rule) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(query)

    assert refusal.value.rule is rule


def test_every_rule_is_broken_by_one_of_these() -> None:
    assert {rule for _, rule in BROKEN} == set(Rule)


def test_french_invoker_may_name_a_study_twice_in_its_own_spelling() -> None:
    query = f"{STUDY}&studyUID=1.2.3&Accessionnumber=A1&idCDA=1.9"

    assert parse(query, CI_SIS) == StudyInvocation(("1.2.3",), ("A1",))
    assert parse(f"{STUDY}&Accessionnumber=A1", CI_SIS) == StudyInvocation((), ("A1",))
    assert build(parse(query, CI_SIS)) == f"{STUDY}&studyUID=1.2.3&Accessionnumber=A1"


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        (f"{STUDY}&studyuid=1.2.3&Accessionnumber=A1", Rule.SPELLING),
        (f"{STUDY}&ACCESSIONNUMBER=A1", Rule.SPELLING),
        (f"{STUDY}&accessionNumber=A1&Accessionnumber=A2", Rule.ONCE),
        (f"{STUDY}&studyUID=1.2.3,1.2.4&Accessionnumber=A1", Rule.STUDY_KEY),
    ],
)
def test_french_invoker_is_forgiven_nothing_else(query: str, rule: Rule) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(query, CI_SIS)

    assert refusal.value.rule is rule


def test_dcm4chees_unescaped_authority_is_put_together_again() -> None:
    query = "requestType=PATIENT&patientID=1^^^&1.2.3&ISO&patientBirthDate=19510714&viewerType=IHE_BIR"

    assert parse(query, DCM4CHEE) == PatientInvocation(
        Cx("1", "", "1.2.3", "ISO"), birth_date=date(1951, 7, 14), viewer_type="IHE_BIR"
    )
    assert parse("requestType=PATIENT&patientID=1^^^North&1.2.3&ISO", DCM4CHEE) == PatientInvocation(
        Cx("1", "North", "1.2.3", "ISO")
    )


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("requestType=PATIENT&1.2.3&ISO&patientID=1^^^", Rule.PATIENT_ID),
        ("requestType=PATIENT&patientID=1^^^&viewerType=x&1.2.3&ISO", Rule.PATIENT_ID),
        ("requestType=PATIENT&patientID=1^^^North&patientBirthDate=19511314", Rule.DATE_TIME),
        ("requestType=PATIENT&patientID=1^^^North&patientBirthDate=1951071", Rule.DATE_TIME),
    ],
)
def test_dcm4chee_is_forgiven_nothing_else(query: str, rule: Rule) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(query, DCM4CHEE)

    assert refusal.value.rule is rule


NAMES = [name for names in RAD_106.values() for name in names]
QUERIES = st.one_of(
    st.text(),
    st.text("requestTypSUDYsiAcn=&%,.0123456789;#"),
    st.lists(
        st.tuples(st.sampled_from([*NAMES, "x"]), st.sampled_from(["STUDY", "PATIENT", "1.2.3", "true", "1^^^A", ""]))
    ).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)),
)


@given(QUERIES, st.sampled_from([frozenset(), CI_SIS, DCM4CHEE, CI_SIS | DCM4CHEE]))
@settings(deadline=None)
def test_reading_a_request_raises_nothing_but_malformed(query: str, lenient: frozenset[Lenient]) -> None:
    try:
        request = parse(query, lenient)
    except Malformed:
        return

    assert isinstance(request, StudyInvocation | PatientInvocation)


@given(study_requests | patient_requests, st.sampled_from([CI_SIS, DCM4CHEE]))
@settings(deadline=None)
def test_leniency_changes_nothing_for_a_right_request(request: Invocation, lenient: frozenset[Lenient]) -> None:
    assert parse(build(request), lenient) == request
