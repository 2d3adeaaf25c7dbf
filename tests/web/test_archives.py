"""One list of two sources: the EHR and an archive. Rows of both, what only one has, and what the other does not say."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from flask import Request, Response
from msgspec.structs import replace

from sightline.settings import Settings
from tests.conftest import Pair, started
from tests.dicomweb.records import NOTHING, additional, answer, record
from tests.ehr_user import EhrUser, Page
from tests.far_side import HTML, Asked, FarSide, Reply
from tests.searchset import imaging_study, searchset
from tests.web.arriving import Arriving
from tests.web.conftest import Trail, ehr_answering

EHR, PHOTOS = "Fjordview EHR (FHIR R4)", "Skin photos"
SYSTEM, ISSUER = "urn:oid:2.16.840.1.113883.19.5", "FJORDVIEW"
ROW = "<tr id="
FAILED = "The imaging list could not be loaded"
ARM = "Skin, left forearm"
NARROW = "launch openid fhirUser patient/Patient.rs patient/ImagingStudy.rs?modality=CT"

BLOCK = """
[[archive]]
name = "skin-photos"
title = "Skin photos"
address = "{address}"
authorization = "bearer"
ehrs = ["r4"]
institutions = ["Fjordview"]
[archive.issuers]
"urn:oid:2.16.840.1.113883.19.5" = "FJORDVIEW"
[[rule]]
viewer = "display-refusing"
archive = ["{address}"]
modality = ["ES"]
"""


@pytest.fixture(scope="module")
def archive() -> Iterator[FarSide]:
    with FarSide(lambda _: NOTHING) as server:
        yield server


@pytest.fixture(scope="module")
def both(archive: FarSide, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    block = BLOCK.format(address=f"{archive.url}/dicom-web")
    token = {"SIGHTLINE_ARCHIVE_SKIN_PHOTOS_BEARER_TOKEN": "photos-only"}
    with started(tmp_path_factory.mktemp("both"), lambda toml: toml + block, environment=token) as running:
        yield running


@pytest.fixture
def user(both: Pair, archive: FarSide) -> Iterator[EhrUser]:
    """A person at the EHR whose archive has one photo of Ada."""
    parts = both.sightline.extensions["sightline"]
    archive.answer = lambda _: answer(photo("1.2.840.7"))
    archive.asked.clear()
    yield EhrUser(both)
    both.sightline.extensions["sightline"] = parts


@pytest.fixture
def trail(both: Pair, user: EhrUser) -> Trail:
    return Trail(both.data_folder)


def photo(uid: str, description: str = ARM, **more: Any) -> dict[str, Any]:
    """A record of Ada's in the photo archive."""
    facts = {"issuer": ISSUER, "t00080020": "20260401", "t00080061": "XC", "t00081030": description}
    return record(uid, **{**facts, **more})


def configure(user: EhrUser, change: Callable[[Settings], Settings]) -> None:
    """As if the settings had said so."""
    parts = user.pair.sightline.extensions["sightline"]
    user.pair.sightline.extensions["sightline"] = replace(parts, settings=change(parts.settings))


def told(page: Page) -> str:
    return page.root.words_of("p", "source")


def uid_at_the_hospital(user: EhrUser, words: str) -> str:
    """The UID of one of Ada's studies at the hospital."""
    studies = user.pair.hospital.extensions["hospital"].studies_of("ada")
    found: str = next(study.uid for study in studies if study.description == words)
    return found


def test_studies_of_both_stand_in_one_list_newest_first(user: EhrUser, archive: FarSide) -> None:
    page = user.opens_chart("ada")

    assert [row.date for row in page.rows][2:5] == ["11-Jun-2026 14:12", "02-Apr-2026 10:45", "01-Apr-2026"]
    assert page.row(ARM).images
    assert told(page).startswith(f"Sources: {EHR} 14 · {PHOTOS} 1")
    assert "End of list." in page.text
    [asked] = archive.asked
    assert (asked.query["00100020"], asked.query["00100021"]) == ("SB-1001", ISSUER)
    assert asked.headers["Authorization"] == "Bearer photos-only"


def test_study_says_where_it_is_and_where_it_is_not(user: EhrUser) -> None:
    page = user.opens_chart("ada")

    assert f"Only in {PHOTOS}" in page.row(ARM).details
    assert f"Not in {PHOTOS}" in page.row("MR brain").details
    assert (page.row("MR brain").origin, page.row(ARM).origin) == (EHR, PHOTOS)
    assert not any("Not in" in words for words in page.row("US Abdomen").details)  # no images have arrived yet


def test_study_that_both_have_is_one_row_and_where_they_disagree_is_said(user: EhrUser, archive: FarSide) -> None:
    known = photo(uid_at_the_hospital(user, "MR brain"), t00080020="20251119", t00201206=7, t00201208=95)
    archive.answer = lambda _: answer(known)

    row = user.opens_chart("ada").row("MR brain")

    assert row.origin == f"{EHR} + {PHOTOS}"
    assert f"The sources give different dates. {EHR}: 18-Nov-2025 09:21; {PHOTOS}: 19-Nov-2025." in row.details
    assert any(words.startswith("The sources count differently.") for words in row.details)
    assert (row.date, row.counts) == ("18-Nov-2025 09:21", "2 series, 96 images")


def test_study_that_the_archive_has_under_another_number_is_not_opened_as_adas(user: EhrUser, archive: FarSide) -> None:
    wrong = [photo(uid_at_the_hospital(user, "MR brain"), of="SB-1003"), photo("1.2.840.8", "Cleo's arm", of="SB-1003")]
    archive.answer = lambda _: answer(*wrong)

    page = user.opens_chart("ada")
    row = page.row("MR brain")

    assert "Cleo" not in page.text
    assert (row.images, row.obstacle) == ("", "Another patient's record names the same study.")
    assert any("2 studies of another patient" in words for words in page.notices)
    assert user.visits(f"{page.url}view/{row.key}").status == 409


@pytest.mark.parametrize(
    ("reply", "state", "sentence"),
    [
        (Reply(500), "failed", "answered with an error"),
        (HTML, "failed", "not readable as DICOM"),
        (Reply(413), "failed", "more studies of this patient than it gives out"),
        (Reply(401), "failed", "does not let Sightline in"),
        (Reply(silent=True), "did not answer", "could not be reached"),
    ],
)
def test_archive_that_fails_leaves_an_incomplete_list_of_the_others_rows(
    user: EhrUser, archive: FarSide, reply: Reply, state: str, sentence: str
) -> None:
    archive.answer = lambda _: reply

    page = user.opens_chart("ada")

    assert (page.status, len(page.rows)) == (200, 13)
    assert "incomplete" in page.heading
    assert told(page).startswith(f"Sources: {EHR} 14 · {PHOTOS} {state}")
    assert sentence in page.notices[0]
    assert not any("Not in" in words for row in page.rows for words in row.details)
    assert "The list is incomplete." in page.text


def test_archive_that_fails_is_not_waited_for_again_with_each_study(user: EhrUser, archive: FarSide) -> None:
    archive.answer = lambda _: Reply(500)
    page = user.opens_chart("ada")
    asked = len(archive.asked)

    details = user.visits(f"{page.url}study/{page.row('MR brain').key}")

    assert details.status == 200
    assert len(archive.asked) == asked


def test_patient_without_a_number_that_the_archive_goes_by_is_told_so_and_never_that_there_is_nothing(
    user: EhrUser, archive: FarSide
) -> None:
    def of_others(settings: Settings) -> Settings:
        return replace(settings, archives=(replace(settings.archives[-1], issuers=(("urn:oid:9.9", ISSUER),)),))

    configure(user, of_others)

    page = user.opens_chart("ben")

    assert page.headings[-1] == "The list is incomplete"
    assert "the patient's record has no number that this archive goes by" in page.notices[0]
    assert told(page).startswith(f"Sources: {EHR} 0 · {PHOTOS} not asked")
    assert "No imaging studies found" not in page.text
    assert archive.asked == []


def test_none_found_names_both_sources(user: EhrUser, archive: FarSide) -> None:
    archive.answer = lambda _: NOTHING

    page = user.opens_chart("ben")

    assert page.headings == ["Imaging studies", "No imaging studies found"]
    assert f"{EHR}, {PHOTOS} have no imaging studies of this patient." in page.text


def test_ehr_that_fails_leaves_the_archives_rows(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    with ehr_answering(user.pair, lambda _: Response(status=500)):
        page = user.follows(page, "Refresh")

    assert [row.description for row in page.rows] == [ARM]
    assert not any("Only in" in words for words in page.rows[0].details)
    assert "incomplete" in page.heading


def test_both_failing_is_an_error_with_its_status(user: EhrUser, archive: FarSide) -> None:
    page = user.opens_chart("ada")
    archive.answer = lambda _: Reply(500)
    with ehr_answering(user.pair, lambda _: Response(status=500)):
        failed = user.follows(page, "Refresh")

    assert (failed.status, failed.heading) == (502, FAILED)
    assert "This does not mean that there are no images." in failed.text


@pytest.mark.parametrize("status", [401, 403])
def test_what_the_ehr_refuses_the_archive_does_not_give(user: EhrUser, archive: FarSide, status: int) -> None:
    page = user.opens_chart("ada")
    images = page.row(ARM).images
    archive.answer = lambda _: dataclasses.replace(answer(photo("1.2.840.7")), wait=0.2)
    with ehr_answering(user.pair, lambda _: Response(status=status)):
        refused = user.follows(page, "Refresh")
        opened = user.visits(images)

    assert refused.status == opened.status == status
    assert "forearm" not in refused.text


def test_ehr_that_permits_some_kinds_of_imaging_only_keeps_the_archive_unasked(user: EhrUser, archive: FarSide) -> None:
    own = user.pair.hospital.wsgi_app

    def narrowed(request: Request) -> Response:
        granted = json.loads(Response.from_app(own, request.environ).data)
        return Response(json.dumps(granted | {"scope": NARROW}), mimetype="application/json")

    with ehr_answering(user.pair, narrowed, "/auth/token"):
        page = user.opens_chart("ada")

    assert archive.asked == []
    assert "forearm" not in page.text
    assert "the EHR permitted only some kinds of imaging for this sign-in" in " ".join(page.notices)


def test_list_of_one_source_can_be_chosen(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), origin=PHOTOS)

    assert [row.description for row in page.rows] == [ARM]
    assert f"Data filtered to show: {PHOTOS} – 1 of 14 studies" in page.text


def test_study_made_elsewhere_is_marked_where_the_settings_name_the_own_house(user: EhrUser, archive: FarSide) -> None:
    made = [photo("1.2.840.7", t00080080="Regional Hospital"), photo("1.2.840.8", "Own", t00080080="Fjordview")]
    archive.answer = lambda _: answer(*made)

    page = user.opens_chart("ada")

    assert "Outside: Regional Hospital" in page.row(ARM).details
    assert not any("Outside" in words for words in page.row("Own").details)


def test_trail_says_what_was_asked_of_whom_and_how_many_came(user: EhrUser, archive: FarSide, trail: Trail) -> None:
    user.opens_chart("ada")

    looks = [look for look in trail.records if look["action"] == "list"]
    assert [(look.get("archive", ""), look["studies"], look["outcome"]) for look in looks] == [
        ("", 14, "success"),
        (f"{archive.url}/dicom-web", 1, "success"),
    ]
    assert "/ImagingStudy?patient=ada&" in looks[0]["query"]
    assert looks[1]["query"].startswith(f"GET {archive.url}/dicom-web/studies?00100020=SB-1001&00100021=FJORDVIEW")


def test_archive_that_failed_is_on_the_trail_as_such(user: EhrUser, archive: FarSide, trail: Trail) -> None:
    archive.answer = lambda _: Reply(500)

    user.opens_chart("ada")

    looks = [(look["outcome"], look["studies"]) for look in trail.records if look["action"] == "list"]
    assert looks == [("success", 14), ("SourceFailed", 0)]


def test_study_of_the_archive_opens_in_the_same_viewer(user: EhrUser, trail: Trail) -> None:
    opened = user.opens_images(user.opens_chart("ada"), ARM)

    assert opened.status == 200
    [look] = [look for look in trail.records if look["action"] == "open"]
    assert (look["study_uid"], look["viewer"], look["outcome"]) == ("1.2.840.7", "display", "success")


def test_rule_chooses_a_viewer_by_the_archive_that_has_the_study(user: EhrUser, archive: FarSide, trail: Trail) -> None:
    archive.answer = lambda _: answer(photo("1.2.840.7", "Colonoscopy", t00080061="ES"))

    user.opens_images(user.opens_chart("ada"), "Colonoscopy")

    [look] = [look for look in trail.records if look["action"] == "open"]
    assert look["viewer"] == "display-refusing"


def test_archive_whose_pages_come_one_by_one_is_read_to_its_end(user: EhrUser, archive: FarSide) -> None:
    pages = {"": answer(photo("1.2.840.7"), Warning=additional(1)), "1": answer(photo("1.2.840.8", "Skin, back"))}
    archive.answer = lambda asked: pages[asked.query.get("offset", "")]

    assert told(user.opens_chart("ada")).startswith(f"Sources: {EHR} 14 · {PHOTOS} 2")


def test_hostile_words_of_an_archive_stay_words(user: EhrUser, archive: FarSide) -> None:
    archive.answer = lambda _: answer(photo("1.2.840.7", "<script>alert(1)</script>\u202e"))

    page = user.opens_chart("ada")

    assert "<script>alert" not in page.html
    assert "\u202e" not in page.html


def test_other_ehrs_charts_do_not_ask_the_archive(user: EhrUser, archive: FarSide) -> None:
    page = user.opens_chart("ada", "r4b")

    assert archive.asked == []
    assert "Sources:" not in page.text


def test_study_in_both_is_counted_at_each(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    with ehr_answering(user.pair, lambda _: searchset(imaging_study("1.2.840.7"))):
        page = user.follows(page, "Refresh")

    assert len(page.rows) == 1
    assert told(page).startswith(f"Sources: {EHR} 1 · {PHOTOS} 1")


class Late:
    """Answers only when they may come."""

    def __init__(self) -> None:
        self._may_come = Event()
        self._may_come.set()

    def hold(self) -> None:
        self._may_come.clear()

    def let_go(self) -> None:
        self._may_come.set()

    def archive(self, *replies: Reply) -> Callable[[Asked], Reply]:
        def reply(_: Asked) -> Reply:
            self._may_come.wait(10)
            return replies[0]

        return reply

    def hospital(self, response: Response | None = None) -> Callable[[Request], Response | None]:
        def reply(_: Request) -> Response | None:
            self._may_come.wait(10)
            return response

        return reply


@pytest.fixture
def late() -> Iterator[Late]:
    made = Late()
    yield made
    made.let_go()


@pytest.fixture
def impatient(user: EhrUser) -> Page:
    """Ada's chart, open; from now on a page begins at once, and shows what has come after a moment."""
    page = user.opens_chart("ada")

    def at_once(settings: Settings) -> Settings:
        return replace(settings, limits=replace(settings.limits, page_seconds=0.05, rows_seconds=0.2))

    configure(user, at_once)
    return page


def test_rows_of_one_source_stand_there_while_the_other_is_thinking(
    user: EhrUser, archive: FarSide, impatient: Page, late: Late
) -> None:
    archive.answer = late.archive(answer(photo("1.2.840.7")))
    late.hold()
    with Arriving(user, f"{impatient.url}?refresh=1") as arriving:
        begun = arriving.until(lambda text: text.count(ROW) == 13)
        assert "LINDQVIST" in begun
        assert f"Not answered yet: <bdi>{PHOTOS}</bdi>." in begun
        assert "End of list" not in begun
        late.let_go()
        after = arriving.to_its_end()[len(begun) :]

    assert "Came after these" in after
    assert after.count(ROW) == 1
    assert "The order changed while the list was loading." in after
    assert "End of list." in after
    assert [row.description for row in user.visits(impatient.url).rows][4] == ARM


def test_study_can_be_opened_while_the_other_source_is_thinking(
    user: EhrUser, archive: FarSide, impatient: Page, late: Late
) -> None:
    archive.answer = late.archive(NOTHING)
    late.hold()
    with Arriving(user, f"{impatient.url}?refresh=1") as arriving:
        arriving.until(lambda text: text.count(ROW) == 13)
        asked = len(archive.asked)
        assert user.opens_images(impatient, "MR brain").status == 200
        assert len(archive.asked) == asked
        late.let_go()
        arriving.to_its_end()


def test_page_begins_with_the_patients_line_while_every_source_is_thinking(
    user: EhrUser, archive: FarSide, impatient: Page, late: Late
) -> None:
    archive.answer = late.archive(answer(photo("1.2.840.7")))
    late.hold()
    with ehr_answering(user.pair, late.hospital()), Arriving(user, f"{impatient.url}?refresh=1") as arriving:
        shell = arriving.until(lambda text: "Asking 2 sources" in text)
        assert "LINDQVIST" in shell
        assert 'role="status"' in shell
        assert ROW not in shell
        late.let_go()
        whole = arriving.to_its_end()

    assert f"<bdi>{EHR}</bdi> has answered." in whole
    assert whole.count(ROW) == 14


def test_failure_that_comes_late_is_said_in_the_page_that_had_begun(
    user: EhrUser, archive: FarSide, impatient: Page, late: Late, trail: Trail
) -> None:
    archive.answer = late.archive(Reply(500))
    late.hold()
    failing = late.hospital(Response(status=500))
    with ehr_answering(user.pair, failing), Arriving(user, f"{impatient.url}?refresh=1") as arriving:
        arriving.until(lambda text: "Asking 2 sources" in text)
        before = len(trail.records)
        late.let_go()
        whole = arriving.to_its_end()

    assert FAILED in whole
    assert "This does not mean that there are no images." in whole
    assert "Try again" in whole
    assert ROW not in whole
    assert [look["outcome"] for look in trail.records[before:]] == ["SourceFailed", "SourceFailed"]


def test_single_source_that_is_slow_has_its_page_begun_too(user: EhrUser, impatient: Page, late: Late) -> None:
    page = user.opens_chart("ada", "r4b")
    late.hold()
    with (
        ehr_answering(user.pair, late.hospital(), "/fhir/r4b/ImagingStudy"),
        Arriving(user, f"{page.url}?refresh=1") as arriving,
    ):
        assert "LINDQVIST" in arriving.until(lambda text: "Asking 1 source:" in text)
        late.let_go()
        assert arriving.to_its_end().count(ROW) == 13


def test_study_shown_early_that_turns_out_to_be_somebody_elses_is_named_and_not_opened(
    user: EhrUser, archive: FarSide, impatient: Page, late: Late
) -> None:
    archive.answer = late.archive(answer(photo(uid_at_the_hospital(user, "MR brain"), of="SB-1003")))
    late.hold()
    with Arriving(user, f"{impatient.url}?refresh=1") as arriving:
        arriving.until(lambda text: text.count(ROW) == 13)
        late.let_go()
        whole = arriving.to_its_end()

    assert "Not to be opened." in whole
    assert user.visits(impatient.row("MR brain").images).status == 409


def test_filtered_page_waits_for_every_source(user: EhrUser, archive: FarSide, impatient: Page, late: Late) -> None:
    archive.answer = late.archive(answer(photo("1.2.840.7")))
    late.hold()
    with Arriving(user, f"{impatient.url}?refresh=1&text=forearm") as arriving:
        arriving.until(lambda text: f"<bdi>{EHR}</bdi> has answered." in text)
        late.let_go()
        whole = arriving.to_its_end()

    assert whole.count(ROW) == 1
    assert "No study matches" not in whole
