"""Who has a study and who has not, and where two records of it do not agree: said only when it is known."""

from zoneinfo import ZoneInfo

import pytest

from sightline.batch import LeftOut
from sightline.discovery import Account, Findings
from sightline.origins import differences, missing_from, only_in
from sightline.study import Status, Study, merged

BERLIN = ZoneInfo("Europe/Berlin")
EHR, ARCHIVE, PHOTOS = "EHR", "Archive", "Photos"


def whole(source: str, **more: object) -> Account:
    return Account(**{"source": source, "is_archive": source != EHR, "complete": True, "answered": True, **more})  # type: ignore[arg-type]


def findings(*studies: Study, accounts: tuple[Account, ...] = (whole(EHR), whole(ARCHIVE))) -> Findings:
    return Findings([*accounts], 0.0, {study.identity: study for study in studies})


IN_EHR, IN_ARCHIVE = Study(EHR, uid="1.1"), Study(ARCHIVE, uid="1.2")
IN_BOTH = merged(Study(EHR, uid="1.3"), Study(ARCHIVE, uid="1.3"))
ALL = findings(IN_EHR, IN_ARCHIVE, IN_BOTH)


def test_study_that_only_the_archive_has_says_where_it_is() -> None:
    assert [only_in(study, ALL) for study in (IN_EHR, IN_ARCHIVE, IN_BOTH)] == [(), (ARCHIVE,), ()]


def test_study_of_the_ehr_that_the_archive_has_not_is_missed_there() -> None:
    assert [missing_from(study, ALL) for study in (IN_EHR, IN_ARCHIVE, IN_BOTH)] == [(ARCHIVE,), (), ()]


@pytest.mark.parametrize(
    "unsure",
    [{"complete": False}, {"left_out": LeftOut(unreadable=1)}, {"cut_after": 10}, {"left_out": LeftOut(unconfirmed=1)}],
)
def test_nothing_is_said_of_a_source_that_did_not_tell_everything(unsure: dict[str, object]) -> None:
    ehr_unsure = findings(IN_ARCHIVE, accounts=(whole(EHR, **unsure), whole(ARCHIVE)))
    archive_unsure = findings(IN_EHR, accounts=(whole(EHR), whole(ARCHIVE, **unsure)))

    assert only_in(IN_ARCHIVE, ehr_unsure) == ()
    assert missing_from(IN_EHR, archive_unsure) == ()


def test_study_that_one_of_two_archives_has_is_not_missed_in_the_other() -> None:
    accounts = (whole(EHR), whole(ARCHIVE), whole(PHOTOS))

    assert missing_from(IN_BOTH, findings(IN_BOTH, accounts=accounts)) == ()
    assert missing_from(IN_EHR, findings(IN_EHR, accounts=accounts)) == (ARCHIVE, PHOTOS)


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.CANCELLED, Status.ENTERED_IN_ERROR])
def test_study_that_has_no_images_yet_is_missed_nowhere(status: Status) -> None:
    study = Study(EHR, uid="1.1", status=status)

    assert missing_from(study, findings(study)) == ()


def test_study_that_the_ehr_may_know_by_its_accession_number_is_not_said_to_be_unknown_there() -> None:
    nameless, same = Study(EHR, accession="A-1"), Study(ARCHIVE, uid="1.2", accession="A-1")
    known = findings(nameless, same)

    assert only_in(same, known) == ()
    assert missing_from(nameless, known) == ()


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("2026-03-05", "2026-03-06", True),
        ("2026-03-05", "2026-03-05T09:40:00", False),
        ("2026-03-05T09:40:00+01:00", "2026-03-05T09:41:00", False),
        ("2026-03-05T09:40:00Z", "2026-03-05T09:40:00", True),
        ("2026-03", "2026-03-05", False),
        ("2026-03", "2026-04-05", True),
        (None, "2026-03-05", False),
        ("soon", "2026-03-05", False),
    ],
)
def test_dates_differ_by_the_day_or_an_hour(one: str | None, other: str, differ: bool) -> None:
    study = merged(Study(EHR, uid="1.1", started=one), Study(ARCHIVE, uid="1.1", started=other))

    assert differences(study, BERLIN) == (["date"] if differ else [])


def test_counts_and_accession_numbers_differ_only_where_both_are_recorded() -> None:
    one = Study(EHR, uid="1.1", series_count=2, accession="A-1")

    assert differences(merged(one, Study(ARCHIVE, uid="1.1", series_count=3)), BERLIN) == ["counts"]
    assert differences(merged(one, Study(ARCHIVE, uid="1.1", accession="A-2")), BERLIN) == ["accession"]
    assert differences(merged(one, Study(ARCHIVE, uid="1.1", instance_count=9)), BERLIN) == []
    assert differences(one, BERLIN) == []


def test_source_that_leaves_out_what_is_no_picture_does_not_count_differently() -> None:
    of_ehr = Study(EHR, uid="1.2", instance_count=33, objects=(("SR", 1),))

    for images, differ in ((33, []), (32, []), (31, ["counts"])):
        both = merged(of_ehr, Study(ARCHIVE, uid="1.2", instance_count=images))
        assert differences(both, BERLIN) == differ
