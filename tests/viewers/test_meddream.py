"""MedDream: its study integration."""

import pytest

from sightline.viewers import address, takes
from sightline.viewers.contract import Takes
from tests.configured import viewer
from tests.viewers.cast import ONE, TWO


@pytest.mark.parametrize("root", ["https://meddream.hospital.example", "https://meddream.hospital.example/"])
def test_studies_are_opened_below_the_root(root: str) -> None:
    assert address(ONE, viewer("meddream", address=root)) == "https://meddream.hospital.example/?study=1.2.840.1"


def test_several_studies_are_one_list() -> None:
    meddream = viewer("meddream", address="https://pacs.hospital.example/meddream")

    assert address(TWO, meddream) == "https://pacs.hospital.example/meddream/?study=1.2.840.1,1.2.840.2"


def test_meddream_takes_studies_by_their_uids_only() -> None:
    assert takes(viewer("meddream", address="https://m.example")) == {Takes.STUDY, Takes.STUDIES}
