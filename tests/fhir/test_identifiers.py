"""Which number is the Study Instance UID, and which the accession number: by their labels, and then by the grammar."""

import itertools
import json
from typing import Any

import msgspec
import pytest

from sightline.fhir.identifiers import Identifier, accession_element, accession_of_order, numbers

UID, OTHER = "1.2.840.99.1", "1.2.840.99.2"


def read(*identifiers: dict[str, Any], element: Any = None, resource_id: str | None = None, url: Any = None) -> Any:
    typed = [msgspec.json.decode(json.dumps(item), type=Identifier) for item in identifiers]
    uid, others, in_doubt, accession = numbers(typed, element, resource_id, url)
    return ((uid, *others) if uid else others), in_doubt, accession


def typed(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


IN_ORDER = [
    {"system": "urn:dicom:uid", "value": "urn:oid:1.2.840.0.1"},
    {"type": typed("110180"), "system": "https://hospital.example", "value": "1.2.840.0.2"},
    {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.840.0.3"},
    {"value": "1.2.840.0.4"},
    {"system": "urn:dicom:uid", "use": "old", "value": "urn:oid:1.2.840.0.5"},
]


@pytest.mark.parametrize("pair", list(itertools.combinations(range(5), 2)))
def test_surer_label_wins_in_whatever_order_the_identifiers_stand(pair: tuple[int, int]) -> None:
    sure, less = (IN_ORDER[number] for number in pair)

    expected = (tuple(f"1.2.840.0.{number + 1}" for number in pair), False, None)

    assert read(sure, less) == read(less, sure) == expected


@pytest.mark.parametrize("identifier", IN_ORDER)
def test_uid_that_stands_alone_is_taken_under_every_label(identifier: dict[str, Any]) -> None:
    ((uid,), in_doubt, _) = read(identifier)

    assert uid in identifier["value"]
    assert not in_doubt


@pytest.mark.parametrize(
    "label", [{"system": "urn:dicom:uid"}, {"system": "urn:ietf:rfc:3986"}, {"type": typed("110180")}]
)
def test_two_uids_under_the_same_label_are_in_doubt(label: dict[str, Any]) -> None:
    assert read({**label, "value": UID}, {**label, "value": OTHER}) == ((UID, OTHER), True, None)
    assert read({**label, "value": UID}, {**label, "value": f"urn:oid:{UID}"}) == ((UID,), False, None)


def test_uid_element_of_the_older_versions_is_as_sure_as_the_dicom_label() -> None:
    assert read(element=f"urn:oid:{UID}") == ((UID,), False, None)
    assert read({"system": "urn:dicom:uid", "value": OTHER}, element=UID) == ((UID, OTHER), True, None)


def test_uid_is_looked_for_in_the_id_and_then_in_the_address_only_where_nothing_else_names_one() -> None:
    url = f"https://pacs.hospital.example/studies/{OTHER}"

    assert read(resource_id=UID, url=url)[0] == (UID,)
    assert read(resource_id="a", url=url)[0] == (OTHER,)
    assert read({"system": "urn:dicom:uid", "value": "1.2.3"}, resource_id=UID, url=url)[0] == ("1.2.3",)
    assert read(resource_id="a", url=7)[0] == ()


@pytest.mark.parametrize(
    "label",
    [
        {"type": typed("ACSN")},
        {"type": typed("121022")},
        {"type": {"coding": [{"code": "X"}, {"code": "ACSN"}]}},
        {"system": "urn:bahmni:accession"},
        {"system": "https://hospital.example/AccessionNumbers"},
        {"system": "urn:dicom:uid", "type": typed("ACSN")},
        {"system": "urn:ietf:rfc:3986", "type": typed("ACSN")},
    ],
)
def test_number_labelled_as_an_accession_is_one_and_never_a_uid(label: dict[str, Any]) -> None:
    assert read({**label, "value": f" {UID} "}) == ((), False, UID)


@pytest.mark.parametrize("label", [{"system": "https://hospital.example/mrn"}, {"type": typed("MR")}])
def test_number_with_another_label_is_neither(label: dict[str, Any]) -> None:
    assert read({**label, "value": UID}) == ((), False, None)


def test_first_of_two_accession_numbers_is_taken() -> None:
    numbered = [{"type": typed("ACSN"), "value": value} for value in (" ", "A1", "A2")]

    assert read(*numbered)[2] == "A1"


def test_accession_element_is_read_under_both_its_names() -> None:
    assert accession_element({"value": "A1"}, None) == "A1"
    assert accession_element(None, {"value": " A1 "}) == "A1"
    assert accession_element([{"value": 7}, {"value": "A1"}], None) == "A1"
    assert accession_element("A1", None) is None


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([{"identifier": {"type": typed("ACSN"), "value": "A1"}}], "A1"),
        ([{"reference": "ServiceRequest/1"}, {"identifier": {"system": "x/accession", "value": "A1"}}], "A1"),
        ({"identifier": [{"type": typed("ACSN"), "value": "A1"}]}, "A1"),
        ([{"identifier": {"type": typed("PLAC"), "value": "A1"}}], None),
        ([{"identifier": {"type": typed("ACSN"), "value": 7}}], None),
        ("x", None),
        ([], None),
    ],
)
def test_accession_number_of_the_order_is_the_one_labelled_so(orders: Any, expected: str | None) -> None:
    assert accession_of_order(json.dumps(orders).encode()) == expected
