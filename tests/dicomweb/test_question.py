"""What an archive is asked, and how plainly where it does not take more."""

from urllib.parse import parse_qs

from sightline.dicomweb.patient_number import numbers_of
from sightline.dicomweb.question import Form, TakenForms, forms
from tests.dicomweb.records import ADA
from tests.far_side import archive_at

ARCHIVE = archive_at("https://pacs.example/dicom-web")


def asked(form: Form, offset: int = 0) -> dict[str, list[str]]:
    return parse_qs(form.query(numbers_of(ADA, ARCHIVE)[0], offset))


def test_number_goes_with_its_issuer_and_the_issuer_is_asked_for() -> None:
    query = asked(forms(ARCHIVE)[0])

    assert query["00100020"] == ["SB-1001"]
    assert query["00100021"] == ["NORTH"]
    assert "00100021" in query["includefield"][0].split(",")
    assert query["limit"] == ["200"]
    assert "offset" not in query


def test_plainest_way_has_the_number_alone_and_pages() -> None:
    assert asked(forms(ARCHIVE)[-1], 200) == {"00100020": ["SB-1001"], "limit": ["200"], "offset": ["200"]}


def test_archive_whose_records_may_lack_the_issuer_is_never_asked_by_it() -> None:
    lenient = archive_at("https://pacs.example/dicom-web", issuer_may_be_absent=True)

    assert [form.by_issuer for form in forms(lenient)] == [False, False]


def test_way_that_was_taken_is_tried_first_next_time() -> None:
    taken, every = TakenForms(), forms(ARCHIVE)
    taken.took(ARCHIVE, every[1])

    assert taken.to_try(ARCHIVE) == every[1:]
    assert taken.to_try(archive_at("https://other.example")) == every
