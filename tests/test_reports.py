"""Which reports are on which study: the joins in their order, and what must never be joined."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pytest

from sightline.batch import Batch, Coming, LeftOut
from sightline.errors import NotAllowed, SourceError, SourceFailed, SourceWithoutStudies
from sightline.report import Asked, Report, Reports, ReportStatus, StudyLink
from sightline.reports import Joins, Means, StudiesOrReports, as_studies, means
from sightline.study import Study

BASE = "https://ehr.example/fhir"
UID, OTHER_UID = "1.2.3.4", "1.2.3.5"


def written(**more: Any) -> Report:
    return Report("North", **{"id": "r1", **more})


def done(**more: Any) -> Study:
    return Study("North", **{"uid": UID, "resource_ids": ("7",), "accession": "A-1", **more})


@pytest.mark.parametrize(
    ("report", "by"),
    [
        (written(links=(StudyLink("ImagingStudy/7"),)), Means.REFERENCE),
        (written(links=(StudyLink(f"{BASE}/ImagingStudy/7/_history/3"),)), Means.REFERENCE),
        (written(links=(StudyLink("", UID),)), Means.UID),
        (written(links=(StudyLink("ImagingStudy/7", UID),)), Means.REFERENCE),
        (written(orders=("ServiceRequest/5",)), Means.ORDER),
        (written(orders=(f"{BASE}/ServiceRequest/5",)), Means.ORDER),
        (written(orders=("urn:orders|77",)), Means.ORDER),
        (written(accessions=("A-1",)), Means.ACCESSION),
        (written(accessions=("R-9", "A-1")), Means.ACCESSION),
        (written(), None),
        (written(accessions=("A-2",)), None),
        (written(orders=("ServiceRequest/6",)), None),
    ],
)
def test_report_is_joined_by_the_surest_of_what_it_says(report: Report, by: Means | None) -> None:
    assert means(report, done(orders=("ServiceRequest/5", "urn:orders|77")), BASE) is by


@pytest.mark.parametrize(
    "report",
    [
        written(links=(StudyLink("ImagingStudy/8"),), accessions=("A-1",), accession_labelled=True),
        written(links=(StudyLink("", OTHER_UID),), accessions=("A-1",)),
        written(links=(StudyLink("ImagingStudy/7", OTHER_UID),)),
        written(links=(StudyLink("ImagingStudy/8", UID),)),
        written(orders=("ServiceRequest/6",), accessions=("A-1",)),
        written(orders=("ServiceRequest/5",), accessions=("A-2",), accession_labelled=True),
        written(links=(StudyLink("ImagingStudy/8"),), orders=("ServiceRequest/5",)),
    ],
)
def test_what_contradicts_is_never_joined(report: Report) -> None:
    """A weaker join does not hold against a surer one that says another study."""
    assert means(report, done(orders=("ServiceRequest/5",)), BASE) is None


@pytest.mark.parametrize("reference", ["#is1", "https://other.example/fhir/ImagingStudy/7", "ImagingManifest/3"])
def test_reference_that_cannot_be_compared_leaves_it_to_the_weaker_joins(reference: str) -> None:
    assert means(written(links=(StudyLink(reference),)), done(), BASE) is None
    assert means(written(links=(StudyLink(reference),), accessions=("A-1",)), done(), BASE) is Means.ACCESSION


def test_orders_of_two_kinds_are_not_compared_and_the_accession_number_decides() -> None:
    assert (
        means(written(orders=("urn:x|1",), accessions=("A-1",)), done(orders=("ServiceRequest/5",)), BASE)
        is Means.ACCESSION
    )


def test_one_report_on_two_studies_is_on_both() -> None:
    both = written(links=(StudyLink("ImagingStudy/7"), StudyLink("ImagingStudy/8")))
    second = done(uid=OTHER_UID, resource_ids=("8",), accession="A-2")
    joins = Joins([both], BASE, UTC)

    assert [found.report for study in (done(), second) for found in joins.of(study)] == [both, both]
    assert joins.on_none_of([done(), second]) == []


def test_reports_of_a_study_come_newest_first_and_the_withdrawn_at_the_end() -> None:
    link = (StudyLink("", UID),)
    reports = [
        written(id="undated", links=link),
        written(id="old", links=link, issued="2026-01-01"),
        written(id="gone", links=link, issued="2026-05-01", status=ReportStatus.ENTERED_IN_ERROR),
        written(id="new", links=link, issued="2026-03-01T10:00:00Z"),
    ]
    assert [found.report.id for found in Joins(reports, BASE, UTC).of(done())] == ["new", "old", "undated", "gone"]


def test_imaging_report_that_is_on_no_study_here_is_not_lost() -> None:
    lone = written(id="lone", categories=("RAD",), accessions=("A-9",))
    laboratory = written(id="lab", accessions=("L-1",))
    withdrawn = written(id="gone", categories=("RAD",), status=ReportStatus.CANCELLED)
    joined = written(id="own", categories=("RAD",), accessions=("A-1",))

    assert Joins([lone, laboratory, withdrawn, joined], BASE, UTC).on_none_of([done()]) == [lone]


def test_join_finds_what_the_comparison_of_each_pair_finds() -> None:
    """The index is only a way to ask less often."""
    reports = [
        written(id="1", links=(StudyLink(f"{BASE}/ImagingStudy/7"),)),
        written(id="2", links=(StudyLink("", UID),)),
        written(id="3", orders=(f"{BASE}/ServiceRequest/5",)),
        written(id="4", accessions=("A-1",)),
        written(id="5", accessions=("A-3",)),
    ]
    study = done(orders=("ServiceRequest/5",))
    one_by_one = {report.id for report in reports if means(report, study, BASE)}

    assert {found.report.id for found in Joins(reports, BASE, UTC).of(study)} == one_by_one == {"1", "2", "3", "4"}


def test_reports_become_studies_that_open_by_their_accession_number() -> None:
    first = written(
        subject="Patient/ada", categories=("CT",), title="CT chest", effective="2026-03-05", accessions=("A-1",)
    )
    again = written(id="r2", categories=("RAD",), accessions=("A-1",))
    (study,) = as_studies([first, again])

    assert (study.uid, study.accession, study.started) == (None, "A-1", "2026-03-05")
    assert (study.description, study.modalities, study.subject) == ("CT chest", ("CT",), "Patient/ada")
    assert {found.report.id for found in Joins([first, again], BASE, UTC).of(study)} == {"r1", "r2"}


def test_report_with_several_numbers_of_which_none_is_labelled_opens_nothing() -> None:
    (study,) = as_studies([written(categories=("RAD",), accessions=("R-1", "A-1"))])

    assert (study.uid, study.accession) == (None, None)


def test_report_that_names_the_studys_number_opens_by_it() -> None:
    (study,) = as_studies([written(links=(StudyLink("", UID),), accessions=("A-1",))])
    assert study.uid == UID


def test_what_is_not_on_imaging_is_no_study() -> None:
    assert as_studies([written(categories=("HM",)), written(id="r2")]) == []


class Archive:
    """A source of studies; without any it has no list of them."""

    name = "North"

    def __init__(self, *batches: Batch) -> None:
        self.batches = batches
        self.is_connected = True

    def studies(self, patient_id: str) -> Coming:
        return Coming(self._batches(), lambda seconds: True)

    def _batches(self) -> Iterator[Batch]:
        if not self.batches:
            raise SourceWithoutStudies("HTTP 404")
        yield from self.batches


ANSWER = Reports(Asked.ANSWERED, found=(written(categories=("RAD",), accessions=("A-1",)),))


def test_source_that_has_studies_is_not_asked_for_reports() -> None:
    batch = Batch([done()])
    source = StudiesOrReports(Archive(batch), lambda: pytest.fail("asked for reports"), only=False)

    assert list(source.studies("ada")) == [batch]


def test_reports_that_take_the_place_of_studies_are_never_waited_for_at_once() -> None:
    """Another thread asks for them: whoever writes the page would wait for it."""
    assert StudiesOrReports(Archive(Batch([done()])), lambda: ANSWER, only=True).at_once("ada") is None


def test_source_without_a_connection_is_not_asked_at_once() -> None:
    archive = Archive(Batch([done()]))
    archive.is_connected = False
    assert StudiesOrReports(archive, lambda: ANSWER, only=False).at_once("ada") is None


@pytest.mark.parametrize("only", [True, False])
def test_list_that_is_made_of_reports_is_never_whole(only: bool) -> None:
    (batch,) = StudiesOrReports(Archive(), lambda: ANSWER, only=only).studies("ada")

    assert [study.accession for study in batch.studies] == ["A-1"]
    assert batch.left_out.reports_only
    assert batch.left_out


def test_no_reports_are_no_empty_list() -> None:
    (batch,) = StudiesOrReports(Archive(), lambda: Reports(Asked.ANSWERED), only=True).studies("ada")
    assert (batch.studies, bool(batch.left_out)) == ([], True)


def test_what_was_left_out_of_the_reports_is_left_out_of_the_list() -> None:
    answer = Reports(Asked.ANSWERED, left_out=LeftOut(other_patient=2))
    (batch,) = StudiesOrReports(Archive(), lambda: answer, only=True).studies("ada")
    assert batch.left_out.other_patient == 2


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (Asked.FAILED, SourceFailed),
        (Asked.NOT_PERMITTED, NotAllowed),
        (Asked.NOT_OFFERED, SourceWithoutStudies),
        (Asked.SWITCHED_OFF, NotAllowed),
    ],
)
def test_reports_that_could_not_be_had_are_an_error_and_no_list(asked: Asked, error: type[SourceError]) -> None:
    with pytest.raises(error):
        list(StudiesOrReports(Archive(), lambda: Reports(asked), only=True).studies("ada"))
    with pytest.raises(SourceWithoutStudies):
        list(StudiesOrReports(Archive(), lambda: Reports(asked), only=False).studies("ada"))


@pytest.mark.parametrize("asked", [asked for asked in Asked if asked is not Asked.ANSWERED])
def test_only_an_answer_that_is_all_there_is_lets_anybody_say_that_there_is_none(asked: Asked) -> None:
    assert Reports(Asked.ANSWERED).is_whole
    assert not Reports(asked).is_whole
    assert not Reports(Asked.ANSWERED, left_out=LeftOut(unconfirmed=1)).is_whole
