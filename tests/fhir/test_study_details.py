"""A whole ImagingStudy of any version tells its page who asked for it, who made it, why, and of which series it is."""

import json
from pathlib import Path

from hypothesis import given, settings

from sightline.fhir.study_details import details
from sightline.study_details import Identifier, Series, StudyDetails
from tests import any_json

WHOLE = Path(__file__).parent.parent / "data" / "fhir" / "whole"


def whole(name: str) -> StudyDetails:
    return details(json.loads((WHOLE / f"{name}.json").read_text()))


def test_people_and_place_are_told_by_the_words_beside_the_reference() -> None:
    found = whole("r4")

    assert (found.referrer, found.location) == ("Dr Solveig Haugen", "CT room 2")
    assert found.interpreters == ("Dr Nils Olav Berg",)
    assert found.performers == ("North Imaging",)


def test_reasons_and_notes_are_told_each_once() -> None:
    found = whole("r4")

    assert found.reasons == ("Cough", "Weight loss")
    assert found.procedures == ("CT chest with contrast",)
    assert found.notes == ("Contrast given late.",)


def test_series_stand_in_the_order_of_their_numbers_each_once() -> None:
    assert whole("r4").series == (
        Series("1.2.840.99.1.1", 1, "CT", "Lung", "Lung", "L", 2),
        Series("1.2.840.99.1.2", 2, "CT", "Mediastinum", instance_count=64),
        Series(modality="SR"),
    )


def test_numbers_keep_the_label_that_their_source_gives_them() -> None:
    assert whole("r4").identifiers == (
        Identifier("urn:dicom:uid", "urn:oid:1.2.840.99.1"),
        Identifier("Accession ID", "A-77"),
        Identifier("https://north.example/orders", "O-1"),
    )


def test_study_of_stu3_says_the_same_in_its_own_elements() -> None:
    found = whole("stu3")

    assert (found.referrer, found.interpreters, found.reasons) == (
        "Dr Solveig Haugen",
        ("Dr Nils Berg",),
        ("Locking after a fall",),
    )
    assert found.performers == ("Fjordview Hospital",)
    assert found.series == (Series("1.2.840.99.2.1", 1, "MR", side="R"),)
    assert found.identifiers == (Identifier("", "A-78"),)


def test_study_of_r5_says_the_same_in_its_own_elements() -> None:
    found = whole("r5")

    assert (found.location, found.procedures, found.reasons) == (
        "Breast clinic",
        ("Mammography",),
        ("Lump", "Family history"),
    )
    assert found.series == (Series("1.2.840.99.3.1", 1, "MG", body_site="Breast", side="L"),)


def test_what_cannot_be_read_is_left_out_and_the_rest_stays() -> None:
    assert whole("odd") == StudyDetails(series=(Series(),))


ELEMENTS = (
    *any_json.KEYS,
    "contained",
    "referrer",
    "interpreter",
    "performer",
    "actor",
    "reason",
    "reasonCode",
    "location",
)


@settings(deadline=None)
@given(any_json.objects_with(*ELEMENTS))
def test_no_json_object_is_too_odd(resource: dict[str, object]) -> None:
    assert isinstance(details(resource), StudyDetails)
