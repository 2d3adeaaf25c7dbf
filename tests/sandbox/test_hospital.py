"""The hospital as a whole: its cast, its start, and the settings it writes for Sightline."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tomllib
import urllib.request
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.application import record_system
from sandbox.hospital import join
from sandbox.metadata_only import max_studies
from sandbox.records import StudyRecord
from sandbox.sightline_settings import CLIENT_SECRET, EHRS, REGISTERED, clients, environment, toml
from sandbox.zone import ZONE, zoned

ROOT = Path(__file__).parents[2]
HOSPITAL, SIGHTLINE = "http://127.0.0.1:9000", "http://127.0.0.1:8000"
FILM = StudyRecord("1.2.3.1", "ada", "A-1", started="2014-05-06", modalities=("CR",))
CHEST = StudyRecord("1.2.3.2", "ada", "A-2", started="2020-05-06", modalities=("CR",))
CT = StudyRecord("1.2.3.3", "ada", "A-3", started="2026-05-06", modalities=("CT",))


def test_ada_has_a_cancelled_an_erroneous_and_a_future_study_beside_her_archive() -> None:
    states = Counter(study.status for study in join(HOSPITAL, [FILM, CHEST, CT]).studies_of("ada"))

    assert states == {"available": 3, "cancelled": 1, "entered-in-error": 1, "registered": 1}


def test_one_archived_radiograph_is_known_to_the_record_system_by_accession_only() -> None:
    without = [study for study in join(HOSPITAL, [FILM, CHEST, CT]).studies_of("ada") if not study.uid_in_fhir]

    assert [(study.accession, study.has_pictures) for study in without] == [("A-1", True)]


def test_ben_has_nothing_and_max_five_hundred() -> None:
    hospital = join(HOSPITAL, [])

    assert hospital.studies_of("ben") == ()
    assert len(hospital.studies_of("max")) == 500
    assert not any(study.has_pictures for study in hospital.studies_of("max"))


def test_maxs_studies_are_varied_and_the_same_in_every_run() -> None:
    studies = max_studies()

    assert studies == max_studies()
    assert len({study.uid for study in studies}) == 500
    assert len({study.modalities for study in studies}) >= 7
    assert (studies[0].started[:4], studies[-1].started[:4]) == ("2005", "2026")


def test_times_of_max_carry_the_hospitals_offset_of_their_day() -> None:
    timed = [study.started for study in max_studies() if "T" in study.started]
    october = {text[8:10]: text[-6:] for text in timed if text[5:7] == "10"}

    assert {text[-6:] for text in timed if text[5:7] in ("04", "07", "09")} == {"+02:00"}
    assert {text[-6:] for text in timed if text[5:7] in ("01", "11", "12")} == {"+01:00"}
    assert {offset for day, offset in october.items() if day < "25"} == {"+02:00"}
    assert all(datetime.fromisoformat(text) == datetime.fromisoformat(text[:19]).replace(tzinfo=ZONE) for text in timed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026", "2026"),
        ("2026-10-20", "2026-10-20"),
        ("2026-10-20T09:00:00", "2026-10-20T09:00:00+02:00"),
        ("2026-10-26T09:00:00", "2026-10-26T09:00:00+01:00"),
        ("2026-10-20T09:00:00-05:00", "2026-10-20T09:00:00-05:00"),
    ],
)
def test_time_without_an_offset_gets_the_hospitals(text: str, expected: str) -> None:
    assert zoned(text) == expected


def test_nora_has_died_and_has_studies_without_pictures_and_reports() -> None:
    hospital = join(HOSPITAL, [])
    studies = hospital.studies_of("nora")

    assert hospital.patients["nora"].deceased.startswith("2026-02-03")
    assert len(studies) == 2
    assert all(study.started < hospital.patients["nora"].deceased for study in studies)
    assert not any(study.has_pictures for study in studies)
    assert len(hospital.reports_of("nora")) == 2


def test_reports_are_preliminary_final_amended_and_withdrawn_and_every_one_has_its_study() -> None:
    many = [StudyRecord(f"1.2.4.{n}", "ada", f"A-{n}", started=f"2020-01-{n:02}") for n in range(1, 13)]
    hospital = join(HOSPITAL, many)
    reports = hospital.reports_of("ada")

    assert {report.status for report in reports} == {"preliminary", "final", "amended", "entered-in-error"}
    assert len(reports) < len(many)
    assert all(hospital.study(report.study_uid).accession == report.accession for report in reports)


def test_an_unknown_study_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        join(HOSPITAL, []).study("1.2.3")


def test_settings_file_names_every_ehr_once_with_a_known_viewer() -> None:
    settings = tomllib.loads(toml(HOSPITAL, SIGHTLINE, Path("var")))
    example = tomllib.loads((ROOT / "config.example.toml").read_text())

    assert [ehr["name"] for ehr in settings["ehr"]] == list(REGISTERED)
    assert len({ehr["iss"] for ehr in settings["ehr"]}) == len(REGISTERED)
    assert {ehr["viewer"] for ehr in settings["ehr"]} <= {viewer["name"] for viewer in settings["viewer"]}
    assert set(settings) <= {*example, "archive", "rule"}  # examples of these stand there as comments
    assert all(set(ehr) <= set(example["ehr"][0]) for ehr in settings["ehr"])
    assert all(set(viewer) <= set(example["viewer"][0]) for viewer in settings["viewer"])


def test_every_iss_of_the_settings_is_a_base_of_the_fhir_server() -> None:
    browser = record_system(HOSPITAL, SIGHTLINE, []).test_client()

    for ehr in REGISTERED.values():
        assert browser.get(f"{ehr.path}/metadata").status_code == 200, ehr.name
        found = browser.get(f"{ehr.path}/.well-known/smart-configuration").status_code
        assert found == (404 if ehr.names_no_issuer else 200), ehr.name


def test_each_ehr_has_its_own_redirect_uri_at_the_client_it_uses() -> None:
    registered = clients(SIGHTLINE)

    for ehr in EHRS.values():
        for client in registered.values():
            assert (f"{SIGHTLINE}/callback/{ehr.name}" in client.redirect_uris) == (client.id == ehr.client_id)


def test_nobody_is_let_in_without_a_sign_in_where_sightline_is_not_on_the_loopback() -> None:
    places = ("https://sightline.test:8000", "http://127.0.0.1:8000")
    far, here = (tomllib.loads(toml(HOSPITAL, url, Path("var"))) for url in places)

    assert "none" not in {ehr.get("sign_in") for ehr in far["ehr"]}
    assert [ehr["name"] for ehr in here["ehr"] if ehr.get("sign_in") == "none"] == ["r4-open"]


def test_secrets_come_by_the_environment_and_the_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    first, second = environment(tmp_path), environment(tmp_path)

    assert first == second
    assert len(first["SIGHTLINE_SECRET_KEY"]) >= 32
    assert first["SIGHTLINE_EHR_FAULT_NEXT_SAME_CLIENT_SECRET"] == CLIENT_SECRET
    assert "SIGHTLINE_EHR_R4_PUBLIC_CLIENT_SECRET" not in first
    assert len(json.loads(first["SIGHTLINE_CLIENT_KEYS"])["keys"]) == 3
    for name in ("secret-key", "own-keys.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_busy_port_is_told_in_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "sandbox", "serve", "--port", str(port)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert str(port) in ended.stderr


def test_the_hospital_alone_starts_answers_and_stops() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = Path(os.environ.get("SANDBOX_PICTURES", ROOT / "var" / "sandbox" / "pictures")).parents[1]
    command = [sys.executable, "-m", "sandbox", "serve", "--port", str(port), "--data", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as hospital:
        try:
            assert hospital.stdout is not None
            assert f"http://127.0.0.1:{port}/" in hospital.stdout.readline()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/fhir/r4/metadata", timeout=5) as answer:
                assert answer.status == 200
        finally:
            hospital.send_signal(signal.SIGTERM)
        assert hospital.wait(10) == 0
