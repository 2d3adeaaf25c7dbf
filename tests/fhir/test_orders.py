"""The orders that a study names, so that a report can be found by them."""

import msgspec

from sightline.fhir.imaging_study import decode, study
from sightline.study import Study

ACSN = {"type": {"coding": [{"code": "ACSN"}]}, "value": "A-1"}


def read(**more: object) -> Study:
    return study(decode(msgspec.json.encode({"resourceType": "ImagingStudy", "id": "1", **more})), "North")


def test_study_names_its_orders_by_the_element_of_its_version() -> None:
    assert read(basedOn=[{"reference": "ServiceRequest/5"}]).orders == ("ServiceRequest/5",)
    assert read(order=[{"reference": "DiagnosticOrder/5"}]).orders == ("DiagnosticOrder/5",)
    assert read().orders == ()


def test_orders_under_two_names_are_all_the_studys() -> None:
    named = read(basedOn=[{"reference": "ServiceRequest/5"}], order=[{"reference": "DiagnosticOrder/6"}])

    assert named.orders == ("ServiceRequest/5", "DiagnosticOrder/6")


def test_accession_number_in_an_order_is_the_studys_and_not_the_orders() -> None:
    found = read(basedOn=[{"identifier": ACSN}, {"identifier": {"system": "urn:orders", "value": "77"}}])

    assert (found.accession, found.orders) == ("A-1", ("urn:orders|77",))


def test_order_that_is_anything_else_is_none() -> None:
    assert read(basedOn=["x", 7, {"reference": 9, "identifier": "y"}]).orders == ()


def test_order_named_twice_is_one_with_or_without_a_number_beside_it() -> None:
    one, other, number = {"reference": "ServiceRequest/5"}, {"reference": "ServiceRequest/6"}, {"value": "77"}

    assert read(basedOn=[one, other, one]).orders == ("ServiceRequest/5", "ServiceRequest/6")
    assert read(basedOn=[one, {**other, "identifier": number}]).orders == (
        "ServiceRequest/5",
        "ServiceRequest/6",
        "|77",
    )
    assert read(basedOn=one).orders == ("ServiceRequest/5",)
