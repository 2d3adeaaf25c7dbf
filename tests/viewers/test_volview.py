"""VolView: an address of DICOMweb as one parameter."""

from sightline.viewers import address, takes
from sightline.viewers.contract import Takes
from tests.configured import viewer
from tests.viewers.cast import ONE, SERIES

VOLVIEW = viewer(
    "volview",
    address="https://volview.hospital.example/index.html",
    dicomweb="https://pacs.hospital.example/dicom-web/",
)
OF_THE_STUDY = (
    "https://volview.hospital.example/index.html"
    "?dicomweb=https%3A%2F%2Fpacs.hospital.example%2Fdicom-web%2Fstudies%2F1.2.840.1"
)


def test_study_is_an_address_of_dicomweb() -> None:
    assert address(ONE, VOLVIEW) == OF_THE_STUDY


def test_first_of_the_series_wanted_is_loaded_at_once() -> None:
    assert address(SERIES, VOLVIEW) == f"{OF_THE_STUDY}%2Fseries%2F1.2.840.1.7"


def test_volview_takes_one_study_by_its_uid() -> None:
    assert takes(VOLVIEW) == {Takes.STUDY}
