"""IHE Invoke Image Display requests as values: none exists that RAD-106 does not allow."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sightline.viewers.cx import Cx
from sightline.viewers.iid_request import MOST_STUDIES, Malformed, PatientInvocation, Rule, StudyInvocation

ADA = Cx("SB-1", "Hospital")
NOON = datetime(2026, 1, 31, 12)


@pytest.mark.parametrize(
    ("uids", "accessions", "rule"),
    [
        ((), (), Rule.STUDY_KEY),
        (("1.2.3", "1.2.4"), ("A1",), Rule.STUDY_KEY),
        (("1.2.3",), ("A1", "A2"), Rule.STUDY_KEY),
        (("urn:oid:1.2.3",), (), Rule.UID),
        (("1.2.3,1.2.4",), (), Rule.UID),
        (("",), (), Rule.UID),
        ((), ("A1,A2",), Rule.LIST),
        ((), ("",), Rule.ACCESSION),
        ((), (" A1",), Rule.ACCESSION),
        ((), ("A\n1",), Rule.ACCESSION),
        ((), ("A\ud800",), Rule.ACCESSION),
        ((), ("A" * 65,), Rule.ACCESSION),
        ((), ("A" * 3000,), Rule.ACCESSION),
    ],
)
def test_study_request_that_names_no_study_clearly_does_not_exist(
    uids: tuple[str, ...], accessions: tuple[str, ...], rule: Rule
) -> None:
    with pytest.raises(Malformed) as refusal:
        StudyInvocation(uids, accessions)

    assert refusal.value.rule is rule
    assert str(refusal.value).startswith(rule)


def test_fifty_studies_are_the_most_that_one_request_names() -> None:
    uids = tuple(f"1.2.{number}" for number in range(MOST_STUDIES + 1))

    assert len(StudyInvocation(uids[:-1]).study_uids) == 50
    with pytest.raises(Malformed, match="51 studies") as refusal:
        StudyInvocation(uids)
    assert refusal.value.rule is Rule.SIZE


def test_one_pair_of_uid_and_accession_number_names_one_study() -> None:
    assert StudyInvocation(("1.2.3",), ("A1",)).accession_numbers == ("A1",)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"patient_name": "a=b"}, Rule.PERSON_NAME),
        ({"patient_name": "a\\b"}, Rule.PERSON_NAME),
        ({"patient_name": "a^b^c^d^e^f"}, Rule.PERSON_NAME),
        ({"patient_name": "a" * 325}, Rule.PERSON_NAME),
        ({"patient_name": "a\u202eb"}, Rule.PERSON_NAME),
        ({"lower": NOON, "upper": NOON - timedelta(seconds=1)}, Rule.PERIOD),
        ({"lower": NOON.replace(tzinfo=timezone(timedelta(seconds=1)))}, Rule.DATE_TIME),
        ({"most_recent": -1}, Rule.COUNT),
        ({"modalities": ("ct",)}, Rule.MODALITY),
        ({"modalities": ("CT,MR",)}, Rule.MODALITY),
        ({"modalities": ("",)}, Rule.MODALITY),
        ({"viewer_type": "a\x00"}, Rule.ENCODING),
    ],
)
def test_patient_request_that_could_be_misread_does_not_exist(facts: dict[str, Any], rule: Rule) -> None:
    with pytest.raises(Malformed) as refusal:
        PatientInvocation(ADA, **facts)

    assert refusal.value.rule is rule


def test_period_is_measured_in_time_and_not_by_the_clock_where_both_ends_have_a_zone() -> None:
    berlin, utc = timezone(timedelta(hours=1)), UTC

    assert PatientInvocation(ADA, lower=NOON.replace(tzinfo=berlin), upper=NOON.replace(hour=11, tzinfo=utc))
    with pytest.raises(Malformed):
        PatientInvocation(ADA, lower=NOON.replace(tzinfo=utc), upper=NOON.replace(tzinfo=berlin))
    assert PatientInvocation(ADA, lower=NOON, upper=NOON.replace(tzinfo=berlin))


def test_refusal_never_repeats_the_value_which_may_be_a_patients() -> None:
    for uids, accessions in [((), ("Ada,Lovelace",)), (("Ada",), ()), ((), ("Ada " * 30,))]:
        with pytest.raises(Malformed) as refusal:
            StudyInvocation(uids, accessions)
        assert "Ada" not in str(refusal.value)
