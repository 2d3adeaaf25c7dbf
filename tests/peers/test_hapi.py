"""Discovery against a real HAPI FHIR JPA server, in every version that it speaks, through the real door."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from msgspec.structs import replace

from sandbox.fhir import VERSIONS
from sandbox.fhir.entries import Entries, Entry
from sightline.authorization import FixedHeader
from sightline.discovery import Findings, Inquiry, Source
from sightline.errors import SourceFailed, SourceRefusedQuestion, SourceWithoutStudies
from sightline.fhir import bundle, imaging_study, versions
from sightline.fhir.client import FIRST_PAGE, FhirClient
from sightline.outbound import Answer, Door, Question
from sightline.patient_criteria import Criteria
from sightline.settings import EhrSettings
from sightline.study import Study
from tests.conftest import started
from tests.far_side import ehr_at, limits_of
from tests.peers import hapi_server
from tests.peers.hapi_server import SPOKEN, STUDIES_OF_MAX, Hapi
from tests.register_user import RegisterUser

LIMITS = limits_of(answer_seconds=30, list_seconds=90, answer_bytes=32_000_000)
every_version = pytest.mark.parametrize("version", SPOKEN)


@pytest.fixture(scope="module")
def hapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hapi]:
    with hapi_server.started(tmp_path_factory.mktemp("hapi")) as running:
        yield running


class ListeningDoor(Door):
    """The door, with every request and answer noted."""

    def __init__(self) -> None:
        super().__init__(LIMITS.answer_seconds, LIMITS.answer_bytes)
        self.passed: list[tuple[str, Answer]] = []

    def ask(self, method: str, url: str, **more: Any) -> Question:
        question = super().ask(method, url, **more)
        read = question.answer

        def noted() -> Answer:
            answer = read()
            self.passed.append((url, answer))
            return answer

        question.answer = noted
        return question


def ehr_of(hapi: Hapi, version: str) -> EhrSettings:
    takes = {"sort"} if VERSIONS[version].summary_keeps_instances else {"sort", "summary"}
    return ehr_at(hapi.base(version), title="HAPI", search=frozenset(takes))


def client_of(hapi: Hapi, version: str, door: Door | None = None, **changes: Any) -> FhirClient:
    ehr = replace(ehr_of(hapi, version), **changes)
    return FhirClient(ehr, LIMITS, door or ListeningDoor(), FixedHeader(""), versions.named(version))


def found(hapi: Hapi, version: str, patient: str) -> Findings:
    client = client_of(hapi, version)
    inquiry = Inquiry([Source(client.name, lambda: client.studies(patient))], 0.0)
    while not inquiry.findings.complete:
        inquiry.listen()
    return inquiry.findings


def told(study: Study) -> tuple[Any, ...]:
    """What a row of the list shows of it."""
    return (
        study.uid,
        study.accession,
        study.status,
        study.started,
        study.modalities,
        study.description,
        study.body_sites,
        study.sides,
        study.series_count,
        study.instance_count,
    )


@every_version
def test_hapi_says_which_version_it_speaks(hapi: Hapi, version: str) -> None:
    assert client_of(hapi, version).stated_version().name == version


@every_version
@pytest.mark.parametrize("patient", ["ada", "cleo", "nora"])
def test_nothing_that_a_row_shows_is_lost_on_the_way_through_hapi(hapi: Hapi, version: str, patient: str) -> None:
    findings = found(hapi, version, patient)
    assert findings.is_whole
    sent = Entries(hapi.held).of("ImagingStudy", VERSIONS[version], patient)
    read = [imaging_study.study(imaging_study.decode(entry.full), "HAPI", entry.id) for entry in sent]
    assert sorted(map(told, findings.studies.values()), key=repr) == sorted(map(told, read), key=repr)


@every_version
@pytest.mark.parametrize("patient", ["ben", "nobody"])
def test_patient_without_studies_has_none_and_the_list_is_whole(hapi: Hapi, version: str, patient: str) -> None:
    """HAPI says the same of a patient whom it does not know; the patient's own record is asked for before."""
    findings = found(hapi, version, patient)
    assert findings.studies == {}
    assert findings.is_whole


@every_version
def test_patient_whom_hapi_does_not_know_is_nobodys_chart(hapi: Hapi, version: str) -> None:
    with pytest.raises(SourceFailed, match="error/processing") as refused:
        client_of(hapi, version).patient("nobody")
    assert refused.value.sentence == "The EHR does not know the patient of this chart."


@every_version
def test_long_list_comes_page_after_page_newest_first_and_whole(hapi: Hapi, version: str) -> None:
    """HAPI gives 200 of the 1000 asked for, and its next links lie at the base itself, with a search's number."""
    door = ListeningDoor()
    batches = list(client_of(hapi, version, door).studies("max"))
    assert [len(batch.studies) for batch in batches] == [FIRST_PAGE, 200, STUDIES_OF_MAX - 200]
    assert [batch.anew for batch in batches] == [False, True, False]
    assert not any(batch.left_out for batch in batches)
    assert door.passed[-1][0].startswith(f"{hapi.base(version)}?_getpages=")
    dates = [study.started or "" for batch in batches[1:] for study in batch.studies]
    assert dates == sorted(dates, reverse=True)
    assert len(set(dates)) > STUDIES_OF_MAX / 2


def test_summary_lets_instances_out_but_hapis_next_link_forgets_it(hapi: Hapi) -> None:
    """The later pages are whole resources again: more to read, and nothing else."""
    doors = ListeningDoor(), ListeningDoor()
    takes = frozenset({"sort", "summary"}), frozenset({"sort"})
    trimmed, whole = [
        list(client_of(hapi, "r4", door, search=taken).studies("max")) for door, taken in zip(doors, takes, strict=True)
    ]
    shorter = [
        len(cut.body) < 0.7 * len(uncut.body)
        for (_, cut), (_, uncut) in zip(*(door.passed for door in doors), strict=True)
    ]
    assert shorter == [True, True, False]
    assert "_summary" not in doors[0].passed[-1][0]
    # Of two studies of one day HAPI puts now the one first, now the other.
    assert [{told(study) for study in batch.studies} for batch in trimmed[1:]] == [
        {told(study) for study in batch.studies} for batch in whole[1:]
    ]


def test_study_that_came_a_moment_ago_is_in_the_list(hapi: Hapi) -> None:
    """Without `Cache-Control: no-cache` HAPI answers as it did up to a minute before."""
    assert len(found(hapi, "r4", "nora").studies) == 2
    sent = Entries(hapi.held).of("ImagingStudy", VERSIONS["r4"], "cleo")[0]
    late = {**sent.resource, "id": "just-now", "subject": {"reference": "Patient/nora"}}
    assert hapi.put("r4", dataclasses.replace(sent, id="just-now", resource=late)).status_code == 201
    try:
        assert len(found(hapi, "r4", "nora").studies) == 3
    finally:
        requests.delete(f"{hapi.base('r4')}/ImagingStudy/just-now", timeout=30)


@every_version
def test_question_with_a_parameter_that_hapi_does_not_know_is_refused_with_its_codes(hapi: Hapi, version: str) -> None:
    with pytest.raises(SourceRefusedQuestion, match="HTTP 400: error/processing"):
        client_of(hapi, version).answer(f"{hapi.base(version)}/ImagingStudy?patient=ada&accession-number=1")


def test_question_that_hapi_refuses_is_asked_again_in_the_bare_form(
    hapi: Hapi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings promise a sort that this server does not know."""
    door = ListeningDoor()
    client = replace(client_of(hapi, "r4", door), version=replace(versions.R4, sort={"_sort": "-dateTime"}))
    assert sum(len(batch.studies) for batch in client.studies("ada")) == 14
    assert [answer.status for _, answer in door.passed] == [400, 200]


def test_next_page_of_a_search_that_hapi_has_forgotten_is_gone(hapi: Hapi) -> None:
    """It forgets them after an hour; the list then ends with a failure, never as a server without studies."""
    door = ListeningDoor()
    forgotten = f"{hapi.base('r4')}?_getpages=00000000-0000-4000-8000-000000000000&_getpagesoffset=50&_count=50"
    with pytest.raises(SourceWithoutStudies, match="HTTP 410: error/processing"):
        client_of(hapi, "r4", door).answer(forgotten)


@pytest.mark.parametrize("version", ["stu3", "r4", "r5"])
def test_endpoints_that_hapi_sends_along_are_no_studies(hapi: Hapi, version: str) -> None:
    address = f"{hapi.base(version)}/ImagingStudy?patient=ada&_count=50&_include=ImagingStudy:endpoint"
    answer = ListeningDoor().send("GET", address, origins=(hapi.url,))
    assert [entry["search"]["mode"] for entry in json.loads(answer.body)["entry"]].count("include") == 2
    page = bundle.page(answer.body)
    assert (page.matches, page.total, page.troubled) == (len(page.studies), len(page.studies), False)


def test_both_trims_at_once_are_refused(hapi: Hapi) -> None:
    """Which is why Sightline never sends both."""
    address = f"{hapi.base('r4')}/ImagingStudy?patient=ada&_summary=true&_elements=status"
    with pytest.raises(SourceRefusedQuestion):
        client_of(hapi, "r4").answer(address)


@every_version
@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(identifier="SB-1001"),
        Criteria(family="lindqvist", birth_date="1951-07-14"),
        Criteria(family="Lindq", given="ada"),
    ],
    ids=["number", "name and birth date", "beginnings of names"],
)
def test_patient_is_found_in_hapis_register_and_cleo_is_not(hapi: Hapi, version: str, criteria: Criteria) -> None:
    door = ListeningDoor()
    register = client_of(hapi, version, door).patients(criteria)
    assert [hit.patient.id for hit in register.hits] == ["ada"]
    assert register.is_whole
    assert [url for url, _ in door.passed] == [f"{hapi.base(version)}/Patient/_search"]


def test_messy_records_that_hapi_lets_in_are_each_a_row(hapi: Hapi) -> None:
    """HAPI refuses what has no place in its model: a status that does not exist, words for a number, no date at all."""
    entries = Entries(hapi.held)
    hapi.put("r4", entries.of("Patient", VERSIONS["r4"], "mina")[0])
    messy = [entry for entry in entries.of("ImagingStudy", VERSIONS["r4"], "mina") if _is_minas(entry)]
    answered = {entry.id: hapi.put("r4", entry).status_code for entry in messy}
    assert set(answered.values()) <= {200, 201, 400}
    let_in = {id_ for id_, status in answered.items() if status != 400}
    assert len(let_in) > len(messy) / 2

    (batch,) = client_of(hapi, "r4").studies("mina")
    assert {id_ for study in batch.studies for id_ in study.resource_ids} == let_in
    assert not batch.left_out


def _is_minas(entry: Entry) -> bool:
    subject = entry.resource.get("subject") if isinstance(entry.resource, dict) else None
    return bool(entry.id) and isinstance(subject, dict) and subject.get("reference") == "Patient/mina"


def test_doctor_looks_ada_up_in_hapi_and_opens_her_images(hapi: Hapi, tmp_path: Path) -> None:
    """Sightline's own pages over it, by settings alone."""

    def at_hapi(toml: str) -> str:
        return re.sub(r'iss = ".*/open/fhir/r4"', f'iss = "{hapi.base("r4")}"', toml)

    with started(tmp_path, at_hapi) as pair:
        user = RegisterUser(pair)
        chart = user.chooses(user.searches(user.signs_in("r4-open"), identifier="SB-1001"), "SB-1001")
        assert chart.patient.startswith("LINDQVIST, Ada")
        assert len(chart.rows) == 13
        assert "incomplete" not in chart.text
        assert user.asks(user.opens_images(chart, "MR brain").frame).status_code == 303
