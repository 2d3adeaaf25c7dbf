"""One study out of DICOM JSON: what is recorded, nothing invented, and never an exception but one."""

from typing import Any

import pytest
from hypothesis import given, settings

from sightline.dicomweb import qido
from sightline.endpoint import Endpoint, Leads
from sightline.study import Study
from tests import any_json
from tests.dicomweb.records import element, record

SOURCE = "Radiology archive"


def read(**more: Any) -> Study:
    return qido.study(record("1.2.840.1", **more), SOURCE)


def test_record_of_a_study_is_read_with_all_that_a_list_shows() -> None:
    found = read(
        t00080020="20260305",
        t00080030="094012.123",
        t00080201="+0100",
        t00080050="ACC-1",
        t00080056="NEARLINE",
        t00080061=["CT", "SR"],
        t00081030="CT chest",
        t00080080="North Hospital",
        t00201206=3,
        t00201208="214",
        t00180015="CHEST",
        t00200060="L",
    )

    assert found == Study(
        SOURCE,
        uid="1.2.840.1",
        accession="ACC-1",
        availability="NEARLINE",
        started="2026-03-05T09:40:12+01:00",
        modalities=("CT", "SR"),
        description="CT chest",
        body_sites=("CHEST",),
        sides=("L",),
        series_count=3,
        instance_count=214,
        organisation="North Hospital",
    )


@pytest.mark.parametrize(
    ("date", "time", "offset", "expected"),
    [
        ("20260305", None, None, "2026-03-05"),
        ("20260305", "0940", None, "2026-03-05T09:40:00"),
        ("20260305", "094012", None, "2026-03-05T09:40:12"),
        ("20260305", "09:40:12", "-0330", "2026-03-05T09:40:12-03:30"),
        ("2026.03.05", "094060", None, "2026-03-05T09:40:59"),
        ("2026-03-05", "09", "+0100", "2026-03-05"),
        ("20260305", "late", None, "2026-03-05"),
        ("20260305", "0940", "Europe", "2026-03-05T09:40:00"),
        ("20260305", "0940", "+2500", "2026-03-05T09:40:00"),
        ("spring", "0940", None, "spring"),
        (None, "0940", "+0100", None),
    ],
)
def test_time_is_as_exact_as_recorded_and_no_zone_is_made_up(
    date: str | None, time: str | None, offset: str | None, expected: str | None
) -> None:
    assert read(t00080020=date, t00080030=time, t00080201=offset).started == expected


def test_attributes_without_a_value_are_not_recorded() -> None:
    bare = {tag: element(tag) for tag in ("00080020", "00080050", "00080061", "00081030", "00201206", "00080056")}

    assert qido.study({**record("1.2.840.1"), **bare}, SOURCE) == Study(SOURCE, uid="1.2.840.1")


def test_server_that_gives_no_time_and_no_counts_gives_none() -> None:
    found = read(t00080020="20260305")

    assert (found.started, found.series_count, found.instance_count) == ("2026-03-05", None, None)


def test_several_modalities_in_one_text_are_told_apart() -> None:
    assert read(t00080061="CT\\SR").modalities == ("CT", "SR")


def test_modality_of_the_study_alone_is_taken_where_the_list_is_missing() -> None:
    assert read(t00080060="MR").modalities == ("MR",)


def test_no_side_is_guessed() -> None:
    assert read(t00200060="U", t00081030="XR left wrist").sides == ()


def test_tags_in_small_letters_are_read() -> None:
    assert qido.study({"0020000d": element("0020000D", "1.2.840.1")}, SOURCE).uid == "1.2.840.1"


@pytest.mark.parametrize("uids", [[], ["ORD-307"], ["1.2.840.1", "1.2.840.2"], [7], [{"a": 1}]])
def test_record_without_one_study_instance_uid_is_not_readable(uids: list[Any]) -> None:
    with pytest.raises(qido.Unreadable):
        qido.study({"0020000D": element("0020000D", *uids)}, SOURCE)


@settings(max_examples=200)
@given(any_json.values)
def test_whatever_stands_in_a_record_it_is_a_study_or_not_readable(value: Any) -> None:
    tags = ("00080020", "00080030", "00080050", "00080061", "00081030", "00201206", "00180015", "00200060", "00080201")
    for odd in (value, {"vr": "LO", "Value": value}):
        found = qido.study({**record("1.2.840.1"), **dict.fromkeys(tags, odd)}, SOURCE)
        assert found.uid == "1.2.840.1"


def test_study_is_at_the_addresses_of_its_archive_and_belongs_to_where_it_was_made() -> None:
    found = qido.study(record("1.2.840.1", t00080080="North Hospital"), SOURCE, ("https://a.example/wado",))

    assert found.addresses == (Endpoint("https://a.example/wado", Leads.TO_AN_ARCHIVE, ("North Hospital",)),)
