"""The image display: the grammar of RAD-106, which studies a request means, and the answers a frame gets."""

import os
import re
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import given, strategies as st

import sandbox
from sandbox import pictures
from sandbox.archive import index, web as archive_web
from sandbox.display import web
from sandbox.display.parameters import PatientIdentifier, Refused
from sandbox.display.rad106 import KNOWN, PatientRequest, StudyRequest, parse

FOLDER = Path(os.environ.get("SANDBOX_PICTURES", Path(__file__).parents[2] / "var" / "sandbox" / "pictures"))
HOME = Path(sandbox.__path__[0])
STUDY, PATIENT = ("requestType", "STUDY"), ("requestType", "PATIENT")
ADA = ("patientID", "SB-1001^^^Sandbox")


@pytest.fixture(scope="module")
def archive() -> index.Archive:
    pictures.ensure(FOLDER)
    return index.read(FOLDER)


@pytest.fixture
def client(archive):
    app = Flask(__name__, template_folder=HOME / "templates", static_folder=HOME / "static")
    app.extensions["archive"] = archive
    app.config.update(FRAME_ANCESTORS=["http://127.0.0.1:8000", "http://127.0.0.1:9000"], DISPLAY_SILENCE_SECONDS=0)
    app.register_blueprint(archive_web.blueprint)
    app.register_blueprint(web.blueprint)
    return app.test_client()


def ask(client, *pairs: tuple[str, str], display: str = "display"):
    return client.get(f"/{display}/IHEInvokeImageDisplay?{urlencode(pairs)}")


def uid(archive: index.Archive, accession: str) -> str:
    return next(study.uid for study in archive.studies if study.accession == accession)


def refusal(*pairs: tuple[str, str]) -> Refused:
    with pytest.raises(Refused) as caught:
        parse(pairs)
    return caught.value


def test_study_request_by_uids():
    request = parse(
        [STUDY, ("studyUID", "1.2.3,1.2.4,1.2.3"), ("viewerType", "IHE_BIR"), ("diagnosticQuality", "true")]
    )

    assert request == StudyRequest(study_uids=("1.2.3", "1.2.4"), viewer_type="IHE_BIR", diagnostic_quality=True)


def test_study_request_by_accession_numbers():
    request = parse([STUDY, ("accessionNumber", "A-1,A-2"), ("viewerType", ""), ("keyImagesOnly", "true")])

    assert request == StudyRequest(accession_numbers=("A-1", "A-2"), key_images_only=True)


def test_patient_request_with_every_filter():
    request = parse([
        PATIENT, ("patientID", "SB-1001^^^Sandbox&2.16.840.1.113883.19.5&ISO"), ("patientName", "Lindqvist^Ada"),
        ("patientBirthDate", "1951-07-14"),
        ("lowerDateTime", "2024-01-01T00:00:00"), ("upperDateTime", "2026-01-01T00:00:00Z"), ("mostRecentResults", "2"),
        ("modalitiesInStudy", "MR,CT"), ("diagnosticQuality", "false"),
    ])  # fmt: skip

    assert request == PatientRequest(
        PatientIdentifier("SB-1001", "Sandbox", "2.16.840.1.113883.19.5", "ISO"),
        patient_name="Lindqvist^Ada",
        birth_date=date(1951, 7, 14),
        lower=datetime(2024, 1, 1),
        upper=datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
        most_recent=2,
        modalities=("MR", "CT"),
    )


def test_parameter_of_the_sites_own_is_passed_over():
    assert parse([STUDY, ("studyUID", "1.2.3"), ("theme", "dark"), ("theme", "light")]) == StudyRequest(
        study_uids=("1.2.3",)
    )


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("studyUID", "1.2.3")],
        [("requestType", "SERIES"), ("studyUID", "1.2.3")],
        [("requestType", "study"), ("studyUID", "1.2.3")],
        [("requestType", ""), ("studyUID", "1.2.3")],
        [("requesttype", "STUDY"), ("studyUID", "1.2.3")],
        [STUDY, STUDY, ("studyUID", "1.2.3")],
        [STUDY],
        [STUDY, ("studyUID", "")],
        [STUDY, ("studyuid", "1.2.3")],
        [STUDY, ("studyUID", "1.2.3"), ("studyUID", "1.2.4")],
        [STUDY, ("studyUID", "1.2.3"), ("accessionNumber", "A-1")],
        [STUDY, ("studyUID", "1.2.3"), ("accessionNumber", "")],
        [STUDY, ("accessionNumber", "A-1"), ("accessionNumber", "A-1")],
        [STUDY, ("accessionNumber", "")],
        [STUDY, ("accessionNumber", "A-1,")],
        [STUDY, ("accessionNumber", "12345678901234567")],
        [STUDY, ("accessionNumber", "A\\1")],
        [STUDY, ("accessionNumber", "A\n1")],
        [STUDY, ("accessionNumber", "  ")],
        [STUDY, ("studyUID", "1.2.3"), ADA],
        [STUDY, ("studyUID", "1.2.3"), ("mostRecentResults", "1")],
        [STUDY, ("studyUID", "1.2.3"), ("viewerType", "IHE_IMR")],
        [STUDY, ("studyUID", "1.2.3"), ("diagnosticQuality", "TRUE")],
        [STUDY, ("studyUID", "1.2.3"), ("diagnosticQuality", "")],
        [STUDY, ("studyUID", "1.2.3"), ("keyImagesOnly", "1")],
        [PATIENT],
        [PATIENT, ("patientID", "SB-1001")],
        [PATIENT, ("patientID", "SB-1001^^^")],
        [PATIENT, ("patientID", "^^^Sandbox")],
        [PATIENT, ("patientID", "SB-1001^^^&2.16.840.1.113883.19.5")],
        [PATIENT, ("patientID", "SB-1001^^^a&b&c&d")],
        [PATIENT, ADA, ADA],
        [PATIENT, ADA, ("studyUID", "1.2.3")],
        [PATIENT, ADA, ("accessionNumber", "A-1")],
        [PATIENT, ADA, ("mostRecentResults", "-1")],
        [PATIENT, ADA, ("mostRecentResults", "all")],
        [PATIENT, ADA, ("mostRecentResults", "1.0")],
        [PATIENT, ADA, ("lowerDateTime", "2024-01-01")],
        [PATIENT, ADA, ("lowerDateTime", "20240101")],
        [PATIENT, ADA, ("upperDateTime", "2024-02-30T00:00:00")],
        [PATIENT, ADA, ("upperDateTime", "yesterday")],
        [PATIENT, ADA, ("lowerDateTime", "2025-01-01T00:00:00"), ("upperDateTime", "2024-01-01T00:00:00Z")],
        [PATIENT, ADA, ("modalitiesInStudy", "ct")],
        [PATIENT, ADA, ("modalitiesInStudy", "CT,,MR")],
        [PATIENT, ADA, ("patientBirthDate", "14.07.1951")],
        [PATIENT, ADA, ("patientBirthDate", "1951-13-14")],
    ],
)
def test_malformed_request_is_refused_with_400_and_a_sentence(pairs):
    refused = refusal(*pairs)

    assert refused.status == 400
    assert refused.sentence.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "1.",
        ".1",
        "1..2",
        "1.02",
        "1.2.x",
        "1.2.3&x=1",
        "1.2.3 ",
        " 1.2.3",
        "urn:oid:1.2.3",
        "1.2.٣",
        "1." + "2" * 64,
    ],
)
def test_text_that_is_no_uid_is_refused_by_name(text):
    refused = refusal(STUDY, ("studyUID", text))

    assert refused.status == 400
    assert f"“{text}” is not a DICOM UID" in refused.sentence


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=4))
def test_every_grammatical_uid_is_taken(components):
    text = ".".join(map(str, components))

    assert parse([STUDY, ("studyUID", text)]) == StudyRequest(study_uids=(text,))


@given(st.lists(st.tuples(st.sampled_from(sorted(KNOWN)), st.text(max_size=20))))
def test_whatever_is_asked_is_either_a_request_or_a_refusal(pairs):
    try:
        assert isinstance(parse(pairs), StudyRequest | PatientRequest)
    except Refused as refused:
        assert refused.status == 400


@pytest.mark.parametrize(
    "text",
    ["SB-1001^^^Sandbox", "SB-1001^^^&2.16.840.1.113883.19.5&ISO", "SB-1001^^^Sandbox&2.16.840.1.113883.19.5&ISO"],
)
def test_each_form_of_this_hospitals_patient_identifier_opens_the_patient(client, text):
    answer = ask(client, PATIENT, ("patientID", text))

    assert answer.status_code == 200
    assert "LINDQVIST, Ada (Dr)" in answer.text


@pytest.mark.parametrize(
    "text",
    ["SB-1001^^^Elsewhere", "SB-1001^^^&1.2.3&ISO", "SB-1001^^^&2.16.840.1.113883.19.5&DNS", "SB-9999^^^Sandbox"],
)
def test_patient_of_another_authority_or_unknown_is_not_found(client, text):
    assert ask(client, PATIENT, ("patientID", text)).status_code == 404


def shown_studies(answer) -> set[str]:
    return set(re.findall(r'data-study="([\d.]+)"', answer.text))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([("mostRecentResults", "1")], {"A-20260914-02"}),
        ([("mostRecentResults", "1"), ("modalitiesInStudy", "CT,PT")], {"A-20260402-01"}),
        ([("modalitiesInStudy", "NM")], {"A-20210823-05"}),
        ([("upperDateTime", "2014-05-06T08:00:00")], {"A-20140506-01"}),
        ([("lowerDateTime", "2026-09-14T08:30:15+02:00")], {"A-20260914-02"}),
        ([("lowerDateTime", "2026-09-14T06:30:16Z")], set()),
        (
            [("lowerDateTime", "2023-01-01T00:00:00"), ("upperDateTime", "2024-01-31T00:00:00")],
            {"A-20230530-01", "A-20240117-02"},
        ),
        (
            [
                ("lowerDateTime", "2025-01-01T00:00:00"),
                ("upperDateTime", "2026-04-01T00:00:00"),
                ("mostRecentResults", "1"),
            ],
            {"A-20260305-01"},
        ),
        ([("patientName", "LINDQVIST^A"), ("modalitiesInStudy", "MG")], {"A-20241021-07"}),
        ([("patientName", "Okafor")], set()),
        ([("patientBirthDate", "1951-07-14T00:00:00"), ("modalitiesInStudy", "MG")], {"A-20241021-07"}),
        ([("patientBirthDate", "1951-07-15")], set()),
    ],
)
def test_patient_request_shows_the_studies_that_fit_and_no_others(client, archive, filters, expected):
    answer = ask(client, PATIENT, ADA, *filters)

    assert answer.status_code == (200 if expected else 404)
    assert shown_studies(answer) == {uid(archive, accession) for accession in expected}


def test_study_is_opened_by_uid_with_every_series(client, archive):
    answer = ask(client, STUDY, ("studyUID", uid(archive, "A-20260402-01")), ("viewerType", "IHE_BIR"))

    assert answer.status_code == 200
    assert answer.text.count("data-series=") == 2
    assert "PET, attenuation corrected" in answer.text


def test_names_and_dates_are_written_as_in_the_chart(client):
    page = ask(client, STUDY, ("accessionNumber", "A-20260305-01")).text

    assert "<title>Images of LINDQVIST, Ada (Dr)</title>" in page
    assert "<span>born 14-Jul-1951</span>" in page
    assert '<time datetime="2026-03-05T14:15:00+01:00">05-Mar-2026</time>' in page
    assert "1951-07-14" not in page


def test_studies_are_opened_by_accession_numbers(client, archive):
    answer = ask(client, STUDY, ("accessionNumber", "A-20260305-01,A-20250708-01"))

    assert shown_studies(answer) == {uid(archive, "A-20260305-01"), uid(archive, "A-20250708-01")}


def test_study_that_is_missing_beside_one_that_is_there_is_said(client):
    answer = ask(client, STUDY, ("accessionNumber", "A-20260305-01,A-1"))

    assert answer.status_code == 200
    assert "1 of 2 studies asked for are not in this archive." in answer.text


def test_key_images_are_asked_for_where_none_are_marked(client):
    assert (
        "No key images are marked"
        in ask(client, STUDY, ("accessionNumber", "A-20260305-01"), ("keyImagesOnly", "true")).text
    )


def test_studies_of_two_patients_are_never_shown_together(client, archive):
    both = f"{uid(archive, 'A-20260305-01')},{uid(archive, 'A-20260220-09')}"

    answer = ask(client, STUDY, ("studyUID", both))

    assert answer.status_code == 400
    assert shown_studies(answer) == set()
    assert "different patients" in answer.text


@pytest.mark.parametrize("pair", [("studyUID", "1.2.3"), ("accessionNumber", "A-1")])
def test_unknown_study_is_a_page_that_names_what_was_asked(client, pair):
    answer = ask(client, STUDY, pair)

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "<h1>The images cannot be shown</h1>" in answer.text
    assert f"<dd>{pair[1]}</dd>" in answer.text


def test_what_was_asked_is_shown_as_text_not_as_html(client):
    answer = ask(client, STUDY, ("studyUID", "<script>alert(1)</script>"))

    assert answer.status_code == 400
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("pairs", [[STUDY, ("accessionNumber", "A-20260305-01")], [STUDY]])
def test_every_answer_says_who_may_frame_it_and_keeps_nothing(client, pairs):
    headers = ask(client, *pairs).headers

    assert headers["Content-Security-Policy"].split("; ") == [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'", "frame-ancestors http://127.0.0.1:8000 http://127.0.0.1:9000",
    ]  # fmt: skip
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "X-Frame-Options" not in headers


def test_refusing_display_shows_the_study_but_in_no_frame(client):
    answer = ask(client, STUDY, ("accessionNumber", "A-20260305-01"), display="display-refusing")

    assert answer.status_code == 200
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_display_without_a_request_is_there_with_the_headers_of_its_pages(client):
    idle, refusing = client.get("/display/"), client.get("/display-refusing/")
    assert (idle.status_code, refusing.status_code) == (200, 200)
    assert "No images were asked for." in idle.text
    assert "frame-ancestors http" in idle.headers["Content-Security-Policy"]
    assert refusing.headers["X-Frame-Options"] == "DENY"
    assert client.get("/display-silent/").status_code == 200


def test_silent_display_answers_in_the_end(client):
    assert ask(client, STUDY, ("accessionNumber", "A-20260305-01"), display="display-silent").status_code == 200


@pytest.mark.parametrize("pairs", [[STUDY, ("accessionNumber", "A-20241021-07")], [STUDY]])
def test_pages_have_nothing_inline(client, pairs):
    text = ask(client, *pairs).text

    assert "<style" not in text
    assert " style=" not in text
    assert " on" not in {attribute[:3] for attribute in re.findall(r"\son\w+=", text)}
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_post_is_not_part_of_the_transaction(client):
    assert client.post("/display/IHEInvokeImageDisplay").status_code == 405
