"""OHIF 3: its routes and parameters, in the spelling that it reads."""

import pytest

from sightline.viewers import address, takes
from sightline.viewers.contract import Takes, Wanted
from tests.configured import viewer
from tests.viewers.cast import ONE, SERIES, TWO

OHIF = viewer("ohif", address="https://ohif.hospital.example/")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ONE, "https://ohif.hospital.example/viewer?StudyInstanceUIDs=1.2.840.1"),
        (TWO, "https://ohif.hospital.example/viewer?StudyInstanceUIDs=1.2.840.1,1.2.840.2"),
        (
            SERIES,
            "https://ohif.hospital.example/viewer?StudyInstanceUIDs=1.2.840.1"
            "&SeriesInstanceUIDs=1.2.840.1.7,1.2.840.1.8&initialSeriesInstanceUID=1.2.840.1.8",
        ),
    ],
)
def test_studies_are_opened_with_the_series_wanted(wanted: Wanted, expected: str) -> None:
    assert address(wanted, OHIF) == expected


def test_mode_data_source_and_hanging_protocol_come_from_the_settings() -> None:
    ohif = viewer(
        "ohif",
        address="https://pacs.hospital.example/ohif",
        mode="tmtv",
        data_source="orthanc",
        hanging_protocol="@ohif/mnGrid",
    )

    assert address(ONE, ohif) == (
        "https://pacs.hospital.example/ohif/tmtv/orthanc?StudyInstanceUIDs=1.2.840.1&hangingProtocolId=%40ohif%2FmnGrid"
    )


def test_ohif_takes_studies_by_their_uids_only() -> None:
    assert takes(OHIF) == {Takes.STUDY, Takes.STUDIES}
