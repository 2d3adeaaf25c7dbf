"""One page of a search for reports: this patient's reports, and everything else counted."""

import json
from typing import Any

import pytest
from hypothesis import given

from sightline.errors import SourceFailed, SourceTooLarge, SourceUnreadable
from sightline.fhir import versions
from sightline.fhir.report_search import page, questions
from tests import any_json
from tests.searchset import outcome, searchset

BASE = "https://ehr.example/fhir"


def diagnostic_report(id_: str, patient: str = "Patient/ada", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": id_,
        "subject": {"reference": patient},
        "category": [{"coding": [{"code": "RAD"}]}],
        "conclusion": "words",
        **more,
    }


def read(bundle: Any) -> Any:
    return page(json.dumps(bundle).encode(), "North", "ada", BASE)


def test_reports_of_this_patient_come_without_their_words() -> None:
    found = read(searchset(diagnostic_report("1"), diagnostic_report("2", f"{BASE}/Patient/ada"), total=2))

    assert [(report.id, report.conclusion) for report in found.reports] == [("1", ""), ("2", "")]
    assert not found.left_out
    assert (found.matches, found.total) == (2, 2)


def test_what_is_not_clearly_this_patients_is_left_out_and_counted() -> None:
    elsewhere = diagnostic_report("3", "https://x.example/Patient/ada")
    found = read(searchset(diagnostic_report("1", "Patient/cleo"), elsewhere, diagnostic_report("4", subject=None)))

    assert found.reports == []
    assert (found.left_out.other_patient, found.left_out.unconfirmed) == (1, 2)


def test_report_of_a_laboratory_is_none_of_ours_and_no_loss() -> None:
    lab = diagnostic_report("1", category=[{"coding": [{"code": "LAB"}]}])
    with_images = diagnostic_report("2", category=lab["category"], imagingStudy=[{"reference": "ImagingStudy/1"}])
    unsorted = diagnostic_report("3", category=None)
    found = read(searchset(lab, with_images, unsorted))

    assert [report.id for report in found.reports] == ["2", "3"]
    assert not found.left_out


def test_entry_that_cannot_be_read_is_counted_and_a_warning_is_kept() -> None:
    found = read(searchset({"resourceType": "DiagnosticReport"}, 7, outcome("warning", "informational", "Slow today")))

    assert (found.left_out.unreadable, found.left_out.troubled) == (2, False)
    assert found.left_out.warnings == ("Slow today",)


@pytest.mark.parametrize(
    "trouble",
    [
        searchset(outcome()),
        searchset(total="many"),
        {**searchset(), "link": [{"relation": "next"}]},
    ],
)
def test_sign_that_the_answer_is_not_all_is_kept(trouble: dict[str, Any]) -> None:
    assert read(trouble).left_out.troubled


def test_dstu1_keeps_the_id_outside() -> None:
    bare = {name: value for name, value in diagnostic_report("x").items() if name != "id"}
    entry = {"id": f"{BASE}/DiagnosticReport/7/_history/2", "content": bare}
    found = read({"resourceType": "Bundle", "totalResults": 1, "entry": [entry]})

    assert [report.id for report in found.reports] == ["7"]


def test_what_is_no_bundle_is_no_answer() -> None:
    with pytest.raises(SourceFailed):
        read(outcome())
    for body in (b"<html>", b"[]", b'{"resourceType":"Patient"}', b'{"resourceType":"Bundle","resourceType":"Bundle"}'):
        with pytest.raises(SourceUnreadable):
            page(body, "North", "ada", BASE)
    with pytest.raises(SourceTooLarge):
        page(b" " * 16_000_001, "North", "ada", BASE)


def test_question_is_by_category_where_the_version_has_that() -> None:
    asked = {version.name: questions(version, "ada") for version in versions.VERSIONS}

    assert asked["dstu1"] == [{"subject": "ada", "_count": "100"}]
    assert [parameters.get("category") for parameters in asked["stu3"]][1:] == ["http://hl7.org/fhir/v2/0074|RAD", None]
    assert asked["r4"][1]["category"] == "http://terminology.hl7.org/CodeSystem/v2-0074|RAD"
    assert {"RAD", "IMG", "LP29684-5", "394914008"} < set(asked["r4"][0]["category"].split(","))


@given(any_json.values)
def test_nothing_in_an_entry_raises(value: Any) -> None:
    read({"resourceType": "Bundle", "entry": [{"resource": value}, value], "link": value})
