"""The hospital's FHIR server: six versions, tokens enforced, paging, trims, messy data, and the faults."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fhirclient.models.bundle import Bundle
from flask import Flask
from werkzeug.test import TestResponse

from sandbox.application import record_system
from sandbox.fhir import VERSIONS
from sandbox.fhir.bases import BASES
from sandbox.fhir.faults import FAULTS
from sandbox.fhir.hostile import UID as HOSTILE_UID
from sandbox.fhir.messy import LOST
from sandbox.records import InstanceRecord, SeriesRecord, StudyRecord
from sandbox.smart.grants import Authorization

HOSPITAL = "http://hospital.test:9000"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
ALL = ("dstu1", "dstu2", "stu3", "r4", "r4b", "r5")
WITH_STATUS = ("r4", "r4b", "r5")


def archived(patient: str, number: int, **more: Any) -> StudyRecord:
    uid = f"2.16.840.1.113883.19.5.77.{len(patient)}.{number}"
    images = tuple(InstanceRecord(f"{uid}.1.{image}", CT_IMAGE, image) for image in (1, 2, 3))
    about = {
        "accession": f"{patient[0].upper()}-{number:02}",
        "study_id": f"S{number}",
        "started": f"2026-01-{number:02}T10:00:00+01:00",
        "description": f"CT Chest {number}",
        "modalities": ("CT",),
        "referrer": "Dr Wei Zhang",
        "reason": "Cough",
        "series": (SeriesRecord(f"{uid}.1", 1, "CT", "Lung", "Chest", "L", images),),
    } | more
    return StudyRecord(uid=uid, patient_id=patient, **about)


STUDIES = (
    *(archived("ada", number) for number in range(1, 12)),
    archived("ada", 12, started="2014-05-06", modalities=("CR",), description="Film"),
    *(archived("cleo", number) for number in range(1, 4)),
    archived("mina", 1),
    archived("mina", 2),
)


@pytest.fixture(scope="module")
def app() -> Flask:
    app = record_system(HOSPITAL, "http://sightline.test:8000", STUDIES)
    app.config["SLOW_SECONDS"] = 0.2
    return app


class Reader:
    """Somebody with a token for one patient at one base."""

    def __init__(self, app: Flask, patient: str, path: str = "/fhir/r4", scopes: str = "patient/*.rs") -> None:
        self.path, self.patient, self.client = path, patient, app.test_client()
        grants = app.extensions["grants"]
        allowed = Authorization("sightline", "-", "-", tuple(scopes.split()), HOSPITAL + path, "-", patient=patient)
        token, _ = grants.issue(grants.take_code(grants.code(allowed)), allowed.scopes)
        self.headers = {"Authorization": f"Bearer {token.value}"}

    def get(self, address: str) -> TestResponse:
        return self.client.get(f"{self.path}/{address}", headers=self.headers)

    def json(self, address: str) -> dict[str, Any]:
        answer = self.get(address)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = json.loads(answer.data)
        return body

    def studies(self, more: str = "&_count=1000") -> list[dict[str, Any]]:
        name = "subject" if "dstu1" in self.path else "patient"
        return resources(self.json(f"ImagingStudy?{name}={self.patient}{more}"))

    def pages(self, address: str) -> Iterator[dict[str, Any]]:
        """Every page, by next links, each of which must lead to this base."""
        while address:
            page = self.json(address)
            yield page
            following = next_link(page)
            assert following.startswith(f"{HOSPITAL}{self.path}/") or not following
            address = following.removeprefix(f"{HOSPITAL}{self.path}/")


def resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry.get("resource") or entry["content"] for entry in bundle.get("entry", [])]


def next_link(bundle: dict[str, Any]) -> str:
    links = {link.get("relation") or link["rel"]: link.get("url") or link["href"] for link in bundle["link"]}
    return str(links.get("next", ""))


def uid_of(study: dict[str, Any]) -> str:
    value = study["uid"] if "uid" in study else study["identifier"][0]["value"]
    return str(value).removeprefix("urn:oid:")


@pytest.mark.parametrize("version", ALL)
def test_every_version_serves_the_same_archived_studies(app: Flask, version: str) -> None:
    expected = {study.uid for study in STUDIES if study.patient_id == "ada" and study.description != "Film"}

    found = Reader(app, "ada", f"/fhir/{version}").studies()

    assert expected <= {uid_of(study) for study in found if "uid" in study or "identifier" in study}


@pytest.mark.parametrize(
    ("version", "has", "lacks"),
    [
        ("dstu1", {"uid", "dateTime", "subject", "accessionNo", "url"}, {"id", "status", "patient", "started"}),
        ("dstu2", {"uid", "started", "patient", "accession", "modalityList", "url"}, {"status", "subject", "endpoint"}),
        ("stu3", {"uid", "started", "patient", "accession", "availability", "endpoint"}, {"status", "subject", "url"}),
        ("r4", {"identifier", "status", "subject", "modality", "endpoint", "reasonCode"}, {"uid", "availability"}),
        ("r4b", {"identifier", "status", "subject", "modality", "endpoint", "reasonCode"}, {"uid", "availability"}),
        ("r5", {"identifier", "status", "subject", "basedOn", "procedure", "reason"}, {"uid", "reasonCode"}),
    ],
)
def test_a_study_has_the_elements_of_its_version(app: Flask, version: str, has: set[str], lacks: set[str]) -> None:
    study = Reader(app, "ada", f"/fhir/{version}").studies()[0]

    assert has <= set(study)
    assert not lacks & set(study)


def test_modality_and_uids_take_the_shape_of_each_version(app: Flask) -> None:
    first = {version: Reader(app, "ada", f"/fhir/{version}").studies()[0] for version in ALL}

    assert first["dstu1"]["modality"] == ["CT"]
    assert first["dstu2"]["modalityList"][0]["system"] == "http://nema.org/dicom/dicm"
    assert first["stu3"]["modalityList"][0]["code"] == "CT"
    assert first["r4"]["modality"][0]["code"] == "CT"
    assert first["r5"]["modality"][0]["coding"][0]["code"] == "CT"
    assert first["dstu1"]["series"][0]["instance"][0]["sopclass"] == f"urn:oid:{CT_IMAGE}"
    assert first["stu3"]["series"][0]["uid"].startswith("urn:oid:")
    assert first["r4"]["series"][0]["uid"].startswith("2.16.")
    assert first["r5"]["basedOn"][0]["identifier"]["value"] == "A-01"


@pytest.mark.parametrize("kind", ["ImagingStudy", "DiagnosticReport", "Patient", "Endpoint"])
@pytest.mark.parametrize("patient", ["ada", "ben", "cleo", "max"])
def test_r4_is_valid_to_a_strict_reader(app: Flask, patient: str, kind: str) -> None:
    bundle = Reader(app, patient).json(f"{kind}?_count=1000")

    assert Bundle(bundle, strict=True).total == bundle["total"]


@pytest.mark.parametrize("version", ALL)
def test_media_type_and_capability_are_of_the_version(app: Flask, version: str) -> None:
    answer = app.test_client().get(f"/fhir/{version}/metadata")
    document = json.loads(answer.data)
    old = version in ("dstu1", "dstu2")

    assert answer.status_code == 200
    assert answer.mimetype == ("application/json+fhir" if old else "application/fhir+json")
    assert document["resourceType"] == ("Conformance" if old else "CapabilityStatement")
    assert document["fhirVersion"] == VERSIONS[version].number
    uris = document["rest"][0]["security"]["extension"][0]["extension"]
    assert {"url": "token", "valueUri": f"{HOSPITAL}/auth/token"} in uris


def test_dstu1_answers_in_the_json_form_of_an_atom_feed(app: Flask) -> None:
    bundle = Reader(app, "ada", "/fhir/dstu1").json("ImagingStudy?subject=Patient/ada&_count=2")

    assert bundle["totalResults"] > 2
    assert {link["rel"] for link in bundle["link"]} == {"self", "next", "fhir-base"}
    assert bundle["entry"][0]["id"].startswith(f"{HOSPITAL}/fhir/dstu1/ImagingStudy/")
    assert bundle["entry"][0]["content"]["resourceType"] == "ImagingStudy"


@pytest.mark.parametrize("version", ALL)
def test_pages_hold_every_study_once(app: Flask, version: str) -> None:
    reader = Reader(app, "max", f"/fhir/{version}")
    name = "subject" if version == "dstu1" else "patient"

    pages = list(reader.pages(f"ImagingStudy?{name}=max&_count=120"))

    assert [len(page["entry"]) for page in pages] == [120, 120, 120, 120, 20]
    assert len({uid_of(study) for page in pages for study in resources(page)}) == 500


def test_a_page_has_twenty_unless_asked_otherwise_and_a_thousand_at_most(app: Flask) -> None:
    reader = Reader(app, "max")

    assert len(reader.studies("")) == 20
    assert len(reader.studies("&_count=99999")) == 500
    assert reader.json("ImagingStudy?patient=max&_count=0")["total"] == 500
    assert reader.studies("&_summary=count") == []


def test_a_patient_without_studies_has_an_empty_bundle(app: Flask) -> None:
    bundle = Reader(app, "ben").json("ImagingStudy?patient=ben")

    assert bundle["total"] == 0
    assert "entry" not in bundle


@pytest.mark.parametrize(
    ("version", "sort"), [("dstu1", "_sort:desc=date"), ("dstu2", "_sort:desc=started"), ("r5", "_sort=-started")]
)
def test_newest_first_on_demand(app: Flask, version: str, sort: str) -> None:
    found = Reader(app, "max", f"/fhir/{version}").studies(f"&_count=500&{sort}")
    days = [(study.get("started") or study["dateTime"])[:10] for study in found]

    assert days == sorted(days, reverse=True)


def test_oldest_first_on_demand(app: Flask) -> None:
    days = [study["started"][:10] for study in Reader(app, "max").studies("&_count=500&_sort=started")]

    assert days == sorted(days)


def test_summary_drops_instances_from_stu3_on_and_keeps_them_before(app: Flask) -> None:
    short = {v: Reader(app, "ada", f"/fhir/{v}").studies("&_summary=true")[0] for v in ("dstu2", "stu3", "r4", "r5")}

    assert "instance" in short["dstu2"]["series"][0]
    assert not any("instance" in short[version]["series"][0] for version in ("stu3", "r4", "r5"))
    assert all(study["meta"]["tag"][0]["code"] == "SUBSETTED" and "text" not in study for study in short.values())


def test_elements_are_cut_to_those_asked_for(app: Flask) -> None:
    study = Reader(app, "ada").studies("&_elements=identifier,started")[0]

    assert set(study) == {"resourceType", "id", "meta", "identifier", "started"}


def test_endpoints_come_along_when_asked_for_and_allowed(app: Flask) -> None:
    asked = "ImagingStudy?patient=ada&_include=ImagingStudy:endpoint"
    entries = Reader(app, "ada").json(asked)["entry"]
    included = [entry["resource"] for entry in entries if entry["search"]["mode"] == "include"]
    refused = Reader(app, "ada", scopes="patient/ImagingStudy.rs").json(asked)["entry"]

    addresses = {item["connectionType"]["code"]: item["address"] for item in included}
    assert addresses == {
        "ihe-iid": f"{HOSPITAL}/display/IHEInvokeImageDisplay",
        "dicom-wado-rs": f"{HOSPITAL}/dicom-web",
    }
    assert all(entry["search"]["mode"] == "match" for entry in refused)


def test_a_study_is_found_by_uid_and_by_accession(app: Flask) -> None:
    reader, study = Reader(app, "ada"), STUDIES[4]

    by_uid = reader.studies(f"&identifier=urn:dicom:uid|urn:oid:{study.uid}")
    by_accession = reader.studies(f"&identifier={study.accession}")
    by_wrong_system = reader.studies(f"&identifier=urn:other|urn:oid:{study.uid}")
    old = Reader(app, "ada", "/fhir/dstu2").studies(f"&study=urn:oid:{study.uid}&accession={study.accession}")

    assert [uid_of(found) for found in (*by_uid, *by_accession, *old)] == [study.uid] * 3
    assert by_wrong_system == []
    assert [found["id"] for found in reader.studies(f"&_id={by_uid[0]['id']}")] == [by_uid[0]["id"]]


def test_one_study_can_be_read_by_its_id(app: Flask) -> None:
    reader = Reader(app, "ada")
    listed = reader.studies()[0]

    assert reader.json(f"ImagingStudy/{listed['id']}") == listed
    assert reader.get("ImagingStudy/none").status_code == 404


@pytest.mark.parametrize("version", ALL)
def test_a_patient_is_found_by_number_name_and_birth_date(app: Flask, version: str) -> None:
    reader = Reader(app, "ada", f"/fhir/{version}")

    for query in ("identifier=urn:oid:2.16.840.1.113883.19.5|SB-1001", "name=lind", "birthdate=1951-07-14", "_id=ada"):
        assert len(resources(reader.json(f"Patient?{query}"))) == 1, query
    assert reader.json("Patient/ada")["birthDate"] == "1951-07-14"


def test_reports_name_their_study_in_the_way_of_the_version(app: Flask) -> None:
    for version, element in (
        ("dstu1", "imagingStudy"),
        ("stu3", "imagingStudy"),
        ("r4", "imagingStudy"),
        ("r5", "study"),
    ):
        name = "subject" if version == "dstu1" else "patient"
        reports = resources(Reader(app, "ada", f"/fhir/{version}").json(f"DiagnosticReport?{name}=ada"))
        assert all(report[element][0]["reference"].startswith("ImagingStudy/study-") for report in reports), version


def test_reports_are_found_by_category_and_accession(app: Flask) -> None:
    reader = Reader(app, "ada")

    all_reports = resources(reader.json("DiagnosticReport?patient=ada&category=RAD"))
    assert {report["status"] for report in all_reports} == {"preliminary", "final", "amended", "entered-in-error"}
    assert resources(reader.json("DiagnosticReport?patient=ada&category=LAB")) == []
    assert len(resources(reader.json("DiagnosticReport?patient=ada&identifier=A-11"))) == 1


def test_versions_without_a_status_do_not_serve_void_studies(app: Flask) -> None:
    words = {version: json.dumps(Reader(app, "ada", f"/fhir/{version}").studies()) for version in ALL}

    for version in ALL:
        assert ("CR Hand of another person" in words[version]) == (version in WITH_STATUS)


@pytest.mark.parametrize(
    "query", ["flavour=sweet", "_count=many", "_count=-1", "_sort=size", "_summary=data", "_include=x"]
)
def test_what_is_not_understood_is_refused_in_words(app: Flask, query: str) -> None:
    answer = Reader(app, "ada").get(f"ImagingStudy?patient=ada&{query}")

    assert answer.status_code == 400
    assert json.loads(answer.data)["issue"][0]["diagnostics"]


def test_each_version_knows_its_own_patient_parameter_only(app: Flask) -> None:
    assert Reader(app, "ada", "/fhir/dstu1").get("ImagingStudy?patient=ada").status_code == 400
    assert Reader(app, "ada", "/fhir/dstu2").get("ImagingStudy?subject=ada").status_code == 400
    assert Reader(app, "ada", "/fhir/r4").get("ImagingStudy?subject=Patient/ada").status_code == 200


def test_other_formats_types_and_bases_are_refused(app: Flask) -> None:
    reader = Reader(app, "ada")

    assert reader.get("ImagingStudy?patient=ada&_format=xml").status_code == 406
    assert json.loads(reader.get("Observation?patient=ada").data)["resourceType"] == "OperationOutcome"
    assert reader.get("Observation?patient=ada").status_code == 404
    assert Reader(app, "ada", "/fhir/dstu2").get("Endpoint").status_code == 404
    assert app.test_client().get("/fhir/r6/metadata").status_code == 404
    assert app.test_client().get("/fault/unheard-of/fhir/r4/metadata").status_code == 404


def test_without_a_good_token_nothing_is_read(app: Flask) -> None:
    client = app.test_client()

    for header in ({}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic YTpi"}):
        answer = client.get("/fhir/r4/ImagingStudy?patient=ada", headers=header)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert json.loads(answer.data)["resourceType"] == "OperationOutcome"


def test_a_token_is_good_at_its_own_base_only(app: Flask) -> None:
    reader = Reader(app, "ada", "/fhir/r4")

    for path in ("/fhir/r5", "/public/fhir/r4", "/fault/slow/fhir/r4"):
        assert app.test_client().get(f"{path}/Patient/ada", headers=reader.headers).status_code == 401, path


def test_a_scope_opens_its_own_kind_only(app: Flask) -> None:
    reader = Reader(app, "ada", scopes="patient/ImagingStudy.s patient/Patient.read")

    assert reader.get("ImagingStudy?patient=ada").status_code == 200
    assert reader.get("Patient/ada").status_code == 200
    refused = reader.get("DiagnosticReport?patient=ada")
    assert refused.status_code == 403
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    assert reader.get("ImagingStudy/any").status_code == 403


def test_another_patients_chart_is_refused_not_empty(app: Flask) -> None:
    reader, cleo = Reader(app, "ada"), Reader(app, "cleo").studies()[0]

    for address in (
        "ImagingStudy?patient=cleo",
        "ImagingStudy?patient=Patient/cleo",
        "ImagingStudy?patient=ada&patient=cleo",
        "ImagingStudy?patient=ada,cleo",
        "DiagnosticReport?subject=cleo",
        "Patient/cleo",
        "Patient?_id=cleo",
        "Patient?identifier=SB-1003",
        f"ImagingStudy/{cleo['id']}",
    ):
        assert reader.get(address).status_code == 403, address


def test_a_search_without_patient_stays_in_the_compartment(app: Flask) -> None:
    found = resources(Reader(app, "cleo").json("ImagingStudy"))

    assert {study["subject"]["reference"] for study in found} == {"Patient/cleo"}


@pytest.mark.parametrize("version", ALL)
def test_minas_data_is_messy_in_every_version(app: Flask, version: str) -> None:
    found = Reader(app, "mina", f"/fhir/{version}").studies()
    text = json.dumps(found)

    objects = [study for study in found if isinstance(study, dict)]

    assert [study for study in found if not isinstance(study, dict)] == [LOST]
    assert sum(study["resourceType"] == "OperationOutcome" for study in objects) == 1
    assert " URN:OID:urn:oid:" in text
    assert "urn:oid:ORD-307" in text
    assert "urn:ietf:rfc:3986" in text
    assert '"series": "see film"' in text
    assert '"numberOfInstances": "many"' in text
    assert "Key images" in text
    assert "Patient/cleo" in text
    assert any("resource" in study for study in objects)
    assert any("contained" in study for study in objects)


@pytest.mark.parametrize("more", ["&_summary=true", "&_elements=status", "&_sort=-started", "&identifier=1.2.3"])
def test_minas_lost_record_spoils_no_other_search(app: Flask, more: str) -> None:
    bundle = Reader(app, "mina").json(f"ImagingStudy?patient=mina&_count=100{more}")

    assert bundle["total"] == sum(entry["search"]["mode"] == "match" for entry in bundle.get("entry", []))
    assert (LOST in resources(bundle)) == ("identifier" not in more)


def test_minas_messy_records_pass_through_hostile_texts(app: Flask) -> None:
    reader = Reader(app, "mina", "/fault/hostile/fhir/r4")

    assert sum(len(page.get("entry", [])) for page in reader.pages("ImagingStudy?patient=mina")) > 20


def test_minas_warning_is_marked_as_an_outcome_and_not_counted(app: Flask) -> None:
    bundle = Reader(app, "mina").json("ImagingStudy?patient=mina&_count=100")
    modes = [entry["search"]["mode"] for entry in bundle["entry"]]

    assert modes.count("outcome") == 1
    assert bundle["total"] == modes.count("match")


def at_fault(app: Flask, fault: str, version: str = "r4") -> Reader:
    return Reader(app, "ada", f"/fault/{fault}/fhir/{version}")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("version", ALL)
def test_with_any_fault_a_launch_still_works(app: Flask, fault: str, version: str) -> None:
    reader = at_fault(app, fault, version)

    assert reader.get("metadata").status_code == 200
    assert reader.get(".well-known/smart-configuration").status_code == 200
    assert reader.json("Patient/ada")["resourceType"] == "Patient"
    assert reader.get("ImagingStudy").status_code in (200, 401, 403, 404, 500, 503)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("unauthorized", 401), ("forbidden", 403), ("not-found", 404), ("error", 500), ("unavailable", 503)],
)
def test_a_failing_search_says_so_as_an_outcome(app: Flask, fault: str, status: int) -> None:
    answer = at_fault(app, fault).get("ImagingStudy?patient=ada")

    assert answer.status_code == status
    assert json.loads(answer.data)["resourceType"] == "OperationOutcome"
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_answers_that_are_no_bundle(app: Flask) -> None:
    html = at_fault(app, "html").get("ImagingStudy?patient=ada")
    cut = at_fault(app, "truncated").get("ImagingStudy?patient=ada")

    assert (html.status_code, html.mimetype) == (200, "text/html")
    assert at_fault(app, "outcome").json("ImagingStudy?patient=ada")["resourceType"] == "OperationOutcome"
    assert cut.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.data)


def test_second_page_fails_after_a_good_first(app: Flask) -> None:
    reader = at_fault(app, "second-page")
    first = reader.json("ImagingStudy?patient=ada&_count=50")
    second = reader.client.get(next_link(first).removeprefix(HOSPITAL), headers=reader.headers)

    assert len(first["entry"]) == 5
    assert second.status_code == 500


def test_next_links_that_lead_astray(app: Flask) -> None:
    elsewhere = at_fault(app, "next-elsewhere").json("ImagingStudy?patient=ada")
    same = at_fault(app, "next-same").json("ImagingStudy?patient=ada")

    assert not next_link(elsewhere).startswith(HOSPITAL)
    assert next_link(same) == same["link"][0]["url"]


def test_endless_next_repeats_the_same_studies_under_new_addresses(app: Flask) -> None:
    pages = at_fault(app, "endless-next").pages("ImagingStudy?patient=ada")
    ten = [next(pages) for _ in range(10)]

    assert len({next_link(page) for page in ten}) == 10
    assert len({json.dumps(resources(page)) for page in ten}) == 1


def test_other_patients_studies_are_mixed_into_every_page(app: Flask) -> None:
    for page in at_fault(app, "other-patient").pages("ImagingStudy?patient=ada"):
        subjects = [study["subject"]["reference"] for study in resources(page)]
        assert "Patient/cleo" in subjects
        assert "Patient/ada" in subjects


def test_an_empty_page_stands_between_full_ones_and_loses_nothing(app: Flask) -> None:
    pages = list(at_fault(app, "empty-page").pages("ImagingStudy?patient=ada"))
    whole = Reader(app, "ada").studies()

    assert [len(page.get("entry", [])) for page in pages][:3] == [5, 0, 5]
    assert [study["id"] for page in pages for study in resources(page)] == [study["id"] for study in whole]


def test_hostile_texts_arrive_as_they_are(app: Flask) -> None:
    pages = list(at_fault(app, "hostile").pages("ImagingStudy?patient=ada"))
    text = json.dumps([resources(page) for page in pages])

    assert "<script>" in text
    assert "\\ud83d of" in text
    assert f"urn:oid:{HOSTILE_UID}" in text


def test_slow_answers_after_its_time(app: Flask) -> None:
    assert len(resources(at_fault(app, "slow").json("ImagingStudy?patient=ada"))) == 5


def test_every_base_answers_under_its_own_address(app: Flask) -> None:
    client = app.test_client()

    for path in BASES:
        document = json.loads(client.get(f"{path}/metadata").data)
        assert document["implementation"]["url"] == HOSPITAL + path


@pytest.mark.parametrize("version", VERSIONS)
def test_document_comes_as_it_is_or_as_a_resource_to_whoever_asks_for_fhir(app: Flask, version: str) -> None:
    reader = Reader(app, "ada", f"/fhir/{version}")
    name = "subject" if version == "dstu1" else "patient"
    (form,) = [
        form
        for report in resources(reader.json(f"DiagnosticReport?{name}=ada"))
        for form in report.get("presentedForm", [])
        if "url" in form
    ]
    asking = {**reader.headers, "Accept": "application/pdf, */*;q=0.8"}
    plain = reader.client.get(f"{reader.path}/{form['url']}", headers=asking)
    resource = reader.json(form["url"])

    assert plain.mimetype == "application/pdf"
    assert base64.b64decode(resource.get("data") or resource["content"]) == plain.data
    assert Reader(app, "ben", f"/fhir/{version}").get(form["url"]).status_code == 403


def test_server_of_reports_only_has_no_imaging_studies(app: Flask) -> None:
    reader = Reader(app, "ada", "/reports/fhir/r4")

    assert reader.get("ImagingStudy?patient=ada").status_code == 404
    assert resources(reader.json("DiagnosticReport?patient=ada"))


def test_hostile_reports_are_hostile_when_they_are_read_and_harmless_in_the_list(app: Flask) -> None:
    reader = Reader(app, "ada", "/fault/reports-hostile/fhir/r4")
    listed = resources(reader.json("DiagnosticReport?patient=ada"))

    assert "<script>" not in json.dumps(listed)
    assert "<script>" in json.dumps(reader.json(f"DiagnosticReport/{listed[0]['id']}"))
