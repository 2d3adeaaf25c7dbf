"""Is every viewer there, and may it be framed? Each asked by its base address alone, all checks to the end."""

import datetime
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sightline.doctor import Finding, Grade, base_address, findings
from sightline.outbound import Door
from sightline.settings import Settings
from tests.configured import block, configured, viewer
from tests.far_side import Asked, FarSide, Reply, unused_origin

OK, WARN, FAIL = Grade.OK, Grade.WARN, Grade.FAIL


def found(*blocks: str) -> dict[tuple[str, str], Finding]:
    """What was found, by viewer and check."""
    return {(each.viewer, each.check): each for each in findings(configured(*blocks), Door(2, 1_000_000))}


def at(far: FarSide, **keys: Any) -> str:
    return block("iid", address=f"{far.url}/north/IHEInvokeImageDisplay", **keys)


def answering(**headers: str) -> FarSide:
    return FarSide(lambda asked: Reply(body=b"<!doctype html>", headers=headers))


def test_viewer_that_answers_and_may_be_framed_is_well() -> None:
    with answering() as far:
        report = found(at(far))

    assert report["iid", "answer"].grade is OK
    assert report["iid", "framing"].grade is OK
    assert report["iid", "transport"] == Finding(
        "iid",
        "transport",
        WARN,
        "It is asked by plain http, on this machine only.",
        "https, before any patient's images are opened.",
    )


def test_only_the_base_address_is_asked_for_and_never_a_study() -> None:
    with answering() as far:
        found(at(far, parameters={"archive": "main"}))
        found(block("template", address=f"{far.url}/open/{{study_uid}}?x=1"))

    assert [(asked.method, asked.target) for asked in far.asked] == [("GET", "/north/"), ("GET", "/open/")]


@pytest.mark.parametrize(
    ("kind", "address", "base"),
    [
        ("iid", "https://p.example/a/IHEInvokeImageDisplay", "https://p.example/a/"),
        ("ohif", "https://p.example", "https://p.example/"),
        ("ohif", "https://p.example/ohif", "https://p.example/"),
        ("stone", "https://p.example/stone-webviewer/index.html", "https://p.example/stone-webviewer/"),
        ("template", "https://p.example/x?y={study_uid}", "https://p.example/"),
        ("template", "https://p.example/x/{study_uid}/y", "https://p.example/x/"),
    ],
)
def test_base_address_is_the_folder_of_the_address(kind: str, address: str, base: str) -> None:
    assert base_address(viewer(kind, address=address)) == base


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Frame-Options": "DENY"},
        {"X-Frame-Options": "SAMEORIGIN"},
        {"Content-Security-Policy": "frame-ancestors https://sightline.hospital.example"},
    ],
)
def test_viewer_that_refuses_to_be_framed_fails_with_the_way_out(headers: dict[str, str]) -> None:
    with answering(**headers) as far:
        framed, in_a_tab, open_to_both = found(at(far, open="frame")), found(at(far, open="tab")), found(at(far))

    assert framed["iid", "framing"].grade is FAIL
    assert framed["iid", "framing"].what.startswith("It refuses to be framed: ")
    assert 'open = "tab"' in framed["iid", "framing"].fix
    assert "https://sightline.hospital.example https://portal.hospital.example" in framed["iid", "framing"].fix
    assert in_a_tab["iid", "framing"].grade is OK
    assert open_to_both["iid", "framing"].grade is WARN
    assert open_to_both["iid", "framing"].what.endswith("Where that shuts it out, it opens in a tab of its own.")
    assert open_to_both["iid", "framing"].fix.startswith("Nothing, if a tab will do; or let it send: Content-Security")


@pytest.mark.parametrize(
    ("status", "grade"), [(200, OK), (404, OK), (401, WARN), (403, WARN), (500, FAIL), (503, FAIL)]
)
def test_status_is_told_for_what_it_is(status: int, grade: Grade) -> None:
    with FarSide(lambda asked: Reply(status)) as far:
        finding = found(at(far))["iid", "answer"]

    assert finding.grade is grade
    assert f"HTTP {status}" in finding.what
    assert bool(finding.fix) is (grade is not OK)


def test_error_page_that_says_nothing_of_frames_leaves_the_images_in_doubt() -> None:
    allowed = {"Content-Security-Policy": "frame-ancestors *"}
    with FarSide(lambda asked: Reply(404)) as silent, FarSide(lambda asked: Reply(404, headers=allowed)) as open_:
        in_doubt, sure = found(at(silent))["iid", "framing"], found(at(open_))["iid", "framing"]

    assert (in_doubt.grade, in_doubt.fix) == (WARN, "Open a study in it once, in the EHR.")
    assert sure.grade is OK


def test_redirect_is_told_and_not_followed() -> None:
    with FarSide(lambda asked: Reply(302, headers={"Location": "/login"})) as far:
        report = found(at(far))

    assert report["iid", "answer"].grade is WARN
    assert "redirect (302). It was not followed." in report["iid", "answer"].what
    assert len(far.asked) == 1


def test_viewer_that_is_down_or_silent_fails_and_the_next_one_is_asked_all_the_same() -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(wait=30) if "silent" in asked.target else Reply()

    with FarSide(answer) as far:
        down = block("iid", address=f"{unused_origin()}/IHEInvokeImageDisplay")
        silent = block("ohif", address=f"{far.url}/silent/viewer")
        report = found(down, silent, block("slim", address=far.url))

    assert report["iid", "answer"].grade is FAIL
    assert "no address could be connected to" in report["iid", "answer"].what
    assert report["ohif", "answer"].grade is FAIL
    assert "no whole answer" in report["ohif", "answer"].what
    assert report["slim", "answer"].grade is OK


def test_program_on_the_users_computer_is_not_asked() -> None:
    report = found(block("radiant", ae_title="ARCHIVE"))

    assert {name: finding.grade for name, finding in report.items()} == {("radiant", "answer"): OK}


def test_certificate_that_nobody_vouches_for_fails(tmp_path: Path) -> None:
    with with_own_certificate(answering(), tmp_path) as far:
        address = f"{far.url.replace('http:', 'https:')}/IHEInvokeImageDisplay"
        report = found(block("iid", address=address))

    assert report["iid", "transport"].grade is OK
    assert report["iid", "answer"].grade is FAIL
    assert "certificate cannot be trusted" in report["iid", "answer"].what


@contextmanager
def with_own_certificate(far: FarSide, folder: Path) -> Iterator[FarSide]:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    certificate = made.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "own.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    far._server.socket = context.wrap_socket(far._server.socket, server_side=True)
    with far:
        yield far


def test_settings_without_viewers_that_fail_are_all_well() -> None:
    settings: Settings = configured(block("horos", server="Archive"))

    assert [finding.fix for finding in findings(settings, Door(2, 1000))] == [""]
