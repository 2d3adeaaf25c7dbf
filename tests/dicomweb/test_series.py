"""The series of a study as an archive tells of them: each once, and none of another study."""

from typing import Any

from sightline.dicomweb.series import series_of
from sightline.study_details import Series
from tests.dicomweb.records import element

STUDY = "1.2.3"


def told(uid: str = "1.2.3.1", study: str | None = STUDY, **more: Any) -> dict[str, Any]:
    facts = {"0020000E": uid} | ({"0020000D": study} if study else {})
    facts |= {name.removeprefix("t"): value for name, value in more.items()}
    return {tag: element(tag, value) for tag, value in facts.items()}


def test_series_tells_all_that_its_record_says() -> None:
    record = told(t00200011=2, t00080060="XC", t0008103E="Close-up", t00180015="SKIN", t00200060="L", t00201209=3)

    assert series_of([record], STUDY) == (Series("1.2.3.1", 2, "XC", "Close-up", "SKIN", "L", 3),)


def test_series_that_tells_nothing_but_its_uid_is_a_series() -> None:
    assert series_of([told(study=None)], STUDY) == (Series("1.2.3.1"),)


def test_series_stand_by_their_numbers_each_once() -> None:
    records = [told("1.2.3.2", t00200011=2), told("1.2.3.9"), told("1.2.3.1", t00200011=1), told("1.2.3.2")]

    assert [each.uid for each in series_of(records, STUDY)] == ["1.2.3.1", "1.2.3.2", "1.2.3.9"]


def test_what_is_of_another_study_or_names_no_series_is_left_out() -> None:
    two = {**told(), "0020000E": element("0020000E", "1.2.3.4", "1.2.3.5")}

    assert series_of([told(study="1.2.9"), told("ORD-307"), two, {}], STUDY) == ()


def test_side_that_dicom_does_not_know_is_none() -> None:
    [found] = series_of([told(t00200060="LEFT")], STUDY)

    assert found.side == ""
