"""Slim: a study or a series as a path."""

from sightline.viewers import address, takes
from sightline.viewers.contract import Takes
from tests.configured import viewer
from tests.viewers.cast import ONE, SERIES

SLIM = viewer("slim", address="https://slim.hospital.example/")


def test_study_is_a_path() -> None:
    assert address(ONE, SLIM) == "https://slim.hospital.example/studies/1.2.840.1"


def test_first_of_the_series_wanted_is_a_longer_path() -> None:
    assert address(SERIES, SLIM) == "https://slim.hospital.example/studies/1.2.840.1/series/1.2.840.1.7"


def test_slim_takes_one_study_by_its_uid() -> None:
    assert takes(SLIM) == {Takes.STUDY}
