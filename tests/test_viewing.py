"""Which studies open, at which address, and in which words the others say why not."""

import pytest

from sightline.errors import CannotOpen
from sightline.settings import ViewerSettings
from sightline.study import Status, Study
from sightline.viewing import Opening, obstacle, opening

VIEWER = ViewerSettings(
    "display", "Image display", "iid", "https://pacs.hospital.example/IHEInvokeImageDisplay", "frame", "IHE_BIR"
)
TAB = ViewerSettings("tab", "Other display", "iid", VIEWER.address, "tab", "")


@pytest.mark.parametrize("status", [None, Status.AVAILABLE, Status.UNKNOWN, Status.INACTIVE])
def test_study_with_images_opens_by_its_uid(status: Status | None) -> None:
    study = Study("North", uid="1.2.840.1", status=status)

    assert opening(study, VIEWER) == Opening(
        VIEWER, f"{VIEWER.address}?requestType=STUDY&studyUID=1.2.840.1&viewerType=IHE_BIR"
    )
    assert obstacle(study, VIEWER) == ""


@pytest.mark.parametrize(
    ("study", "words"),
    [
        (Study("North", uid="1.2.3", status=Status.REGISTERED), "No images have arrived"),
        (Study("North", uid="1.2.3", status=Status.CANCELLED), "No images were made"),
        (Study("North", uid="1.2.3", status=Status.ENTERED_IN_ERROR), "should not exist"),
        (Study("North", uid="1.2.3", availability="UNAVAILABLE"), "not available"),
        (Study("North", resource_ids=("a",)), "no number"),
        (Study("North", accession="A1,A2"), "no number"),
    ],
)
def test_study_that_cannot_be_opened_says_why_in_one_sentence(study: Study, words: str) -> None:
    with pytest.raises(CannotOpen) as refusal:
        opening(study, VIEWER)

    assert words in obstacle(study, VIEWER)
    assert refusal.value.sentence == obstacle(study, VIEWER)
    assert refusal.value.sentence.endswith(".")


@pytest.mark.parametrize("availability", ["ONLINE", "NEARLINE", "OFFLINE"])
def test_study_that_the_archive_can_fetch_opens(availability: str) -> None:
    assert obstacle(Study("North", uid="1.2.3", availability=availability), VIEWER) == ""


def test_viewer_stands_in_a_frame_or_in_a_tab_as_the_settings_say() -> None:
    study = Study("North", uid="1.2.3")

    assert opening(study, VIEWER).framed
    assert not opening(study, TAB).framed
