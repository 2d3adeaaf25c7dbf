"""Orthanc Explorer 2: its list with one study in it, or the page that fetches the study first."""

from sightline.viewers import address, takes
from sightline.viewers.contract import Takes
from tests.configured import viewer
from tests.viewers.cast import ONE

ADDRESS = "https://orthanc.hospital.example/ui/app"
OE2 = viewer("oe2", address=ADDRESS)


def test_study_is_alone_in_the_list() -> None:
    assert address(ONE, OE2) == f"{ADDRESS}/filtered-studies?StudyInstanceUID=1.2.840.1&expand=study"


def test_study_of_another_archive_is_fetched_first() -> None:
    fetching = viewer("oe2", address=f"{ADDRESS}/", retrieve_from="main pacs", retrieve_viewer="stone-viewer")

    assert address(ONE, fetching) == (
        f"{ADDRESS}/retrieve-and-view.html?StudyInstanceUID=1.2.840.1&modality=main%20pacs&viewer=stone-viewer"
    )


def test_oe2_takes_one_study_by_its_uid() -> None:
    assert takes(OE2) == {Takes.STUDY}
