"""One ImagingStudy of any version, official or messy, becomes the study that a person would see in it."""

import json
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from sightline.endpoint import Endpoint, Leads
from sightline.fhir import bundle
from sightline.fhir.imaging_study import Unreadable, decode, study
from sightline.study import Status, Study
from tests import any_json

DATA = Path(__file__).parent.parent / "data" / "fhir"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((DATA / "expected.json").read_text())
CT = "2.16.124.113543.6003.1154777499.30246.19789.3503430045"


def read(raw: bytes, resource_id: str | None = None) -> Study:
    return study(decode(raw), "North", resource_id)


def messy(name: str) -> Study:
    return read((DATA / "messy" / f"{name}.json").read_bytes())


def told(found: Study) -> dict[str, Any]:
    """The study in the words of expected.json."""
    return {
        "id": found.resource_ids[0] if found.resource_ids else None,
        "study_uid": found.uid,
        "other_uids": list(found.other_uids),
        "accession": found.accession,
        "status": found.status,
        "availability": found.availability,
        "started": found.started,
        "modalities": list(found.modalities),
        "description": found.description,
        "subject": found.subject,
        "series": found.series_count,
        "instances": found.instance_count,
        "endpoint": list(found.endpoints),
    }


@pytest.mark.parametrize("file", EXPECTED)
def test_official_example_reads_as_expected(file: str) -> None:
    body = (DATA / file).read_bytes()
    elements = [element for element, _ in bundle.page(body).studies] if "Bundle" in file else [decode(body)]

    assert [told(study(element, "North")) for element in elements] == EXPECTED[file]


def test_every_official_study_has_its_expectation() -> None:
    files = {
        str(file.relative_to(DATA)) for file in DATA.glob("*/*.json") if re.match(r"ImagingStudy|Bundle", file.name)
    }

    assert files == EXPECTED.keys()
    assert len(files) == 11


UIDS: dict[str, str | None] = {
    "uid-without-prefix": CT,
    "uid-under-a-system-and-a-prefix-in-capitals": CT,
    "uid-with-its-prefix-twice-and-blanks": CT,
    "order-number-dressed-as-a-uid": CT,
    "order-number-under-the-uid-system": None,
    "uid-under-the-uri-system": CT,
    "uid-typed-but-under-a-local-system": CT,
    "uid-without-system-and-type": CT,
    "accession-number-in-the-form-of-a-uid": None,
    "accession-number-that-keeps-the-grammar-of-a-uid": None,
    "uids-under-every-label": "1.2.840.1.1",
    "uid-of-a-moved-study-marked-old": CT,
    "only-uid-is-marked-old": CT,
    "two-uids-equally-good": "1.2.840.99.1",
    "same-uid-given-twice": CT,
    "uid-only-in-the-id": CT,
    "id-in-the-form-of-a-date": None,
    "uid-only-in-the-wado-address": CT,
    "uid-of-an-element-before-the-id": CT,
    "no-uid-but-an-accession-number": None,
    "neither-uid-nor-accession-number": None,
    "identifier-is-an-object-instead-of-a-list": CT,
    "identifiers-that-are-no-objects": CT,
    "wrapped-in-a-second-resource": CT,
    "half-wrapped-in-a-second-resource": CT,
    "dstu2-with-the-names-of-other-versions": CT,
}


@pytest.mark.parametrize("name", UIDS)
def test_uid_is_found_wherever_a_server_keeps_it(name: str) -> None:
    assert messy(name).uid == UIDS[name]


def test_only_two_equally_good_uids_are_in_doubt() -> None:
    assert {name for name in UIDS if messy(name).uid_in_doubt} == {"two-uids-equally-good"}
    assert messy("two-uids-equally-good").other_uids == ("1.2.840.99.2",)


def test_uids_that_were_not_chosen_are_kept_in_the_order_of_their_labels() -> None:
    assert messy("uids-under-every-label").other_uids == ("1.2.840.2.1", "1.2.840.3.1", "1.2.840.4.1")
    assert messy("uid-of-a-moved-study-marked-old").other_uids == ("1.2.840.99.1",)
    assert messy("same-uid-given-twice").other_uids == ()


@pytest.mark.parametrize(
    ("name", "accession"),
    [
        ("no-uid-but-an-accession-number", "A77"),
        ("accession-number-in-the-order", "A77"),
        ("accession-number-typed-by-dicom", "A77"),
        ("uid-only-in-the-id", "A77"),
        ("dstu2-with-the-names-of-other-versions", "A77"),
        ("accession-number-that-keeps-the-grammar-of-a-uid", "1.2.3.4.5"),
        ("neither-uid-nor-accession-number", None),
    ],
)
def test_accession_number_is_found_in_identifier_element_and_order(name: str, accession: str | None) -> None:
    assert messy(name).accession == accession


@pytest.mark.parametrize("name", ["nothing-to-know-it-by", "another-resource-in-its-place"])
def test_resource_that_says_nothing_usable_is_unreadable(name: str) -> None:
    with pytest.raises(Unreadable):
        messy(name)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("series-repeated-by-a-key-image-copy", (2, 8)),
        ("series-without-uids", (2, 5)),
        ("r5-with-codeable-concepts", (1, 2)),
        ("counts-as-text", (2, 120)),
        ("counts-that-are-no-counts", (None, None)),
        ("status-missing", (None, None)),
    ],
)
def test_series_and_images_are_counted_once_each_or_left_blank(name: str, counts: tuple[int | None, ...]) -> None:
    found = messy(name)

    assert (found.series_count, found.instance_count) == counts


def test_series_without_uids_are_not_taken_for_repeated_ones_and_the_stated_counts_hold() -> None:
    stated = {"resourceType": "ImagingStudy", "id": "one", "numberOfSeries": 5, "numberOfInstances": 90}
    found = read(json.dumps({**stated, "series": [{"numberOfInstances": 3}, {"numberOfInstances": 4}]}).encode())

    assert (found.series_count, found.instance_count) == (5, 90)


@pytest.mark.parametrize(
    ("name", "modalities"),
    [
        ("modality-in-the-series-only", ("PT", "CT")),
        ("modality-of-the-study-and-others-in-the-series", ("CT", "SR")),
        ("dstu2-with-the-names-of-other-versions", ("MR",)),
        ("r5-with-codeable-concepts", ("MR",)),
        ("status-missing", ()),
    ],
)
def test_modalities_are_those_of_the_study_and_its_series_by_code_alone(name: str, modalities: tuple[str, ...]) -> None:
    assert messy(name).modalities == modalities


def of_series(*series: dict[str, Any]) -> Study:
    listed = [{"uid": f"1.2.3.{number}", **each} for number, each in enumerate(series)]
    return read(json.dumps({"resourceType": "ImagingStudy", "id": "one", "series": listed}).encode())


def test_what_is_no_picture_is_counted_by_its_modality() -> None:
    found = of_series(
        {"modality": {"code": "CT"}, "numberOfInstances": 64},
        {"modality": {"code": "SR"}, "instance": [{"uid": "1"}]},
        {"modality": {"coding": [{"code": "KO"}]}, "numberOfInstances": 2},
    )

    assert found.objects == (("SR", 1), ("KO", 2))
    assert (found.instance_count, found.image_count, found.has_objects_only) == (67, 64, False)


@pytest.mark.parametrize(
    "series",
    [
        [{"modality": {"code": "CT"}, "numberOfInstances": 64}],
        [{"modality": {"code": "CT"}}, {"modality": {"code": "SR"}}],
        [{"modality": {"code": "SR"}, "numberOfInstances": "two"}],
        [],
    ],
)
def test_series_that_do_not_tell_leave_it_open_what_is_no_picture(series: list[dict[str, Any]]) -> None:
    found = of_series(*series)

    assert (found.objects, found.image_count, found.has_objects_only) == (None, found.instance_count, False)


def test_study_is_of_objects_only_where_every_instance_is_one() -> None:
    assert of_series({"modality": {"code": "SR"}, "numberOfInstances": 1}).has_objects_only


def test_series_that_say_the_same_or_nothing_in_between_add_nothing_and_hide_nothing() -> None:
    left, right = ({"modality": {"code": "MG"}, "laterality": {"code": side}} for side in "LR")
    found = read(
        json.dumps({"resourceType": "ImagingStudy", "id": "1", "series": [left, left, {}, right, left]}).encode()
    )

    assert (found.modalities, found.sides) == (("MG",), ("L", "R"))


def test_body_site_and_side_are_those_of_the_series() -> None:
    knee, breasts = messy("r5-with-codeable-concepts"), messy("both-sides")

    assert (knee.body_sites, knee.sides) == (("Knee",), ("L",))
    assert (breasts.body_sites, breasts.sides) == (("Breast",), ("L", "R", "B"))


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("description-in-the-procedure-code", "XR Wrist 3+ Views"),
        ("description-in-a-note", "XR Wrist"),
        ("description-of-a-series-only", "CT Surview 180"),
        ("description-in-the-narrative-only", "CT head & neck alert(1)"),
        ("r5-with-codeable-concepts", "MR Knee"),
        ("status-missing", None),
    ],
)
def test_description_is_taken_from_where_the_server_wrote_it(name: str, description: str | None) -> None:
    assert messy(name).description == description


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("status-missing", None),
        ("status-that-fhir-does-not-know", Status.UNKNOWN),
        ("status-of-a-wrong-kind", Status.UNKNOWN),
    ],
)
def test_status_that_is_missing_or_unknown_withdraws_nothing(name: str, status: Status | None) -> None:
    assert messy(name).status is status


@pytest.mark.parametrize("status", Status)
def test_status_of_fhir_is_kept(status: Status) -> None:
    raw = json.dumps({"resourceType": "ImagingStudy", "id": "a", "status": status.value}).encode()

    assert read(raw).status is status


def test_date_keeps_its_precision() -> None:
    assert messy("date-of-a-month-only").started == "2019-03"
    assert messy("dstu2-with-the-names-of-other-versions").started == "2015-06-07T08:09:10"


def test_parts_of_a_wrong_kind_are_dropped_and_the_rest_is_read() -> None:
    found = messy("parts-of-wrong-kinds")

    assert found.resource_ids == ("a",)
    assert found.endpoints == ("Endpoint/1",)
    assert (found.subject, found.uid, found.started, found.description, found.modalities) == (
        None,
        None,
        None,
        None,
        (),
    )
    assert messy("subject-as-a-list").subject is None


def whereabouts(**elements: Any) -> tuple[tuple[Endpoint, ...], tuple[str, ...]]:
    found = read(json.dumps({"resourceType": "ImagingStudy", "id": "a", **elements}).encode())
    return found.addresses, found.endpoints


DISPLAY = {
    "resourceType": "Endpoint",
    "id": "display",
    "connectionType": {"code": "ihe-iid"},
    "address": "https://pacs.hospital.example/IHEInvokeImageDisplay",
}


def test_address_that_is_contained_is_the_studys_at_once_and_one_that_is_not_stays_a_reference() -> None:
    references = [{"reference": "#display"}, {"reference": "Endpoint/archive"}]
    addresses, others = whereabouts(contained=[DISPLAY], endpoint=references)

    assert [address.leads for address in addresses] == [Leads.TO_A_VIEWER]
    assert others == ("Endpoint/archive",)


def test_addresses_of_its_series_are_the_studys_each_once() -> None:
    series = [{"uid": "1.2.1", "endpoint": [{"reference": "Endpoint/a"}]}, {"uid": "1.2.2"}]
    series += [{"uid": "1.2.3", "endpoint": [{"reference": "Endpoint/a"}, {"reference": "#display"}]}]
    addresses, others = whereabouts(contained=[DISPLAY], series=series)

    assert len(addresses) == 1
    assert others == ("Endpoint/a",)


def test_url_of_dstu2_is_the_archives_address() -> None:
    archive = "https://pacs.hospital.example/dicom-web/studies/1.2.3"

    assert whereabouts(url=archive) == ((Endpoint(archive, Leads.TO_AN_ARCHIVE),), ())


def test_thousands_of_references_are_cut() -> None:
    assert len(whereabouts(endpoint=[{"reference": f"Endpoint/{n}"} for n in range(5000)])[1]) == 32


@pytest.mark.parametrize(
    ("people", "subject"),
    [
        ({"subject": {"reference": "Patient/ada"}}, "Patient/ada"),
        ({"patient": {"reference": "Patient/ada"}}, "Patient/ada"),
        ({"subject": {"reference": "Patient/ada"}, "patient": {"reference": "Patient/ada"}}, "Patient/ada"),
        ({"subject": {"reference": "Patient/ada"}, "patient": {"reference": "Patient/cleo"}}, None),
        ({"subject": {"reference": "Patient/ada"}, "patient": {"display": "Cleo"}}, None),
        ({"subject": {"display": "Cleo"}, "patient": {"reference": "Patient/ada"}}, None),
        ({"subject": {"reference": "Patient/ada"}, "patient": "Patient/cleo"}, None),
        ({"subject": [{"reference": "Patient/cleo"}], "patient": {"reference": "Patient/ada"}}, None),
    ],
    ids=str,
)
def test_record_that_names_two_people_or_one_unreadably_does_not_say_whose_it_is(
    people: dict[str, Any], subject: str | None
) -> None:
    raw = json.dumps({"resourceType": "ImagingStudy", "id": "a", **people}).encode()

    assert read(raw).subject == subject


def test_id_from_outside_counts_only_where_the_resource_has_none() -> None:
    assert read(b'{"resourceType":"ImagingStudy","id":"inner"}', "outer").resource_ids == ("inner",)
    assert read(b'{"resourceType":"ImagingStudy"}', "outer").resource_ids == ("outer",)
    assert read(b'{"resourceType":"ImagingStudy"}', CT).uid == CT


@pytest.mark.parametrize("file", sorted((DATA / "messy").glob("*.json")), ids=lambda file: file.stem)
def test_every_messy_study_fits_the_store_and_names_one_of_its_own_sides(file: Path) -> None:
    try:
        found = read(file.read_bytes())
    except Unreadable:
        assert file.stem in ("nothing-to-know-it-by", "another-resource-in-its-place")
        return

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Study) == found
    assert set(found.sides) <= set("LRB")


DEEP = b"[" * 5_000 + b"]" * 5_000


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"ImagingStudy"',
        b"7",
        b"{",
        b'{"resourceType":"ImagingStudy","id":"a"',
        b'{"resourceType":"ImagingStudy","id":NaN}',
        b'{"resourceType":"ImagingStudy","id":"a","x":NaN}',
        b'{"resourceType":"ImagingStudy","id":"a","numberOfSeries":1e999}',
        b'{"resourceType":"ImagingStudy","id":"a","numberOfSeries":' + b"9" * 5_000 + b"}",
        b'{"resourceType":"ImagingStudy","id":"a","description":"\xff"}',
        b'{"resourceType":"ImagingStudy","id":"a","description":"\\ud800"}',
        b'{"resourceType":"ImagingStudy","id":"a","x":' + DEEP + b"}",
        b'{"resourceType":"ImagingStudy","id":"a","note":' + DEEP + b"}",
        b'{"resourceType":"ImagingStudy","id":"a","modality":' + b"[" * 900 + b"]" * 900 + b"}",
        b"<html>",
        b"\x00\x01",
    ],
    ids=lambda raw: repr(raw[:70]),
)
def test_resource_that_is_no_json_is_read_or_unreadable_and_nothing_else(raw: bytes) -> None:
    with suppress(Unreadable):
        assert read(raw, "a").resource_ids == ("a",)


def test_narrative_of_nothing_but_brackets_costs_no_time() -> None:
    raw = json.dumps({"resourceType": "ImagingStudy", "id": "a", "text": {"div": "<" * 100_000}}).encode()
    begin = time.perf_counter()

    assert read(raw).resource_ids == ("a",)
    assert time.perf_counter() - begin < 1


series = st.lists(
    any_json.objects_with("uid", "modality", "description", "bodySite", "laterality", "numberOfInstances", "instance"),
    max_size=3,
)
identifiers = st.lists(any_json.objects_with("system", "value", "use", "type"), max_size=3)
resources = st.one_of(
    any_json.objects_with(
        *msgspec.structs.asdict(decode(b"{}")).keys(),
        resourceType=st.sampled_from(["ImagingStudy", None, "Patient"]),
        series=series | any_json.values,
        identifier=identifiers | any_json.values,
    ),
    any_json.values,
)


@given(resources, st.none() | st.just("outer"))
@settings(deadline=None, max_examples=200)
def test_any_json_is_a_study_or_unreadable_and_nothing_else(resource: Any, resource_id: str | None) -> None:
    try:
        found = read(json.dumps(resource).encode(), resource_id)
    except Unreadable:
        return

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Study) == found
    assert found.uid or found.accession or found.resource_ids


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_are_a_study_or_unreadable_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read(raw)
