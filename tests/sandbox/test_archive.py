"""The archive over HTTP: QIDO-RS searches and WADO-RS retrieval (PS3.18)."""

import io
import os
import re
from email.parser import BytesParser
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from PIL import Image
from pydicom import dcmread

from sandbox import pictures
from sandbox.archive import index
from sandbox.archive.matching import BadQuery, keyword, matches
from sandbox.archive.web import blueprint

FOLDER = Path(os.environ.get("SANDBOX_PICTURES", Path(__file__).parents[2] / "var" / "sandbox" / "pictures"))
UID, ACCESSION, DESCRIPTION, PATIENT, MODALITIES = "0020000D", "00080050", "00081030", "00100020", "00080061"


@pytest.fixture(scope="module")
def archive() -> index.Archive:
    pictures.ensure(FOLDER)
    return index.read(FOLDER)


@pytest.fixture
def client(archive):
    app = Flask(__name__)
    app.extensions["archive"] = archive
    app.register_blueprint(blueprint)
    return app.test_client()


def study(archive: index.Archive, accession: str):
    return next(study for study in archive.studies if study.accession == accession)


def accessions(answer) -> set[str]:
    return {found[ACCESSION]["Value"][0] for found in answer.json} if answer.status_code == 200 else set()


def parts(answer) -> list[bytes]:
    message = BytesParser().parsebytes(
        b"Content-Type: " + answer.headers["Content-Type"].encode() + b"\r\n\r\n" + answer.data
    )
    return [part.get_payload(decode=True) for part in message.get_payload()]


def address(archive: index.Archive, accession: str, series: int = 0, instance: int = 0) -> str:
    found = study(archive, accession)
    chosen = found.series[series]
    return f"/dicom-web/studies/{found.uid}/series/{chosen.uid}/instances/{chosen.instances[instance].uid}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("PatientID=SB-1003", {"A-20260220-09", "A-20251002-06", "A-20240911-03"}),
        ("00100020=SB-1003&StudyDate=20260101-", {"A-20260220-09"}),
        ("PatientID=SB-1001&StudyDate=-20201231", {"A-20140506-01"}),
        ("PatientID=SB-1001&StudyDate=20260305", {"A-20260305-01"}),
        ("PatientID=SB-1001&StudyTime=0900-1000", {"A-20251118-03", "A-20241021-07"}),
        ("AccessionNumber=A-2024*", {"A-20241021-07", "A-20240117-02", "A-20240911-03"}),
        ("AccessionNumber=A-2026030?-01", {"A-20260305-01"}),
        ("PatientName=lindqvist^CLEO*", {"A-20260220-09", "A-20251002-06", "A-20240911-03"}),
        ("ModalitiesInStudy=PT", {"A-20260402-01"}),
        ("PatientID=SB-1001&00080061=MG", {"A-20241021-07"}),
        ("StudyDescription=ct*", set()),
        ("PatientID=SB-1002", set()),
        ("PatientID=", "all"),
        ("IssuerOfPatientID=Elsewhere", set()),
        ("PatientID=SB-1001&IssuerOfPatientID=Sandbox&ModalitiesInStudy=NM", {"A-20210823-05"}),
    ],
)
def test_search_finds_the_studies_that_match_every_key(client, archive, query, expected):
    answer = client.get(f"/dicom-web/studies?{query}")

    assert accessions(answer) == ({found.accession for found in archive.studies} if expected == "all" else expected)
    assert answer.status_code == (200 if expected else 204)


def test_search_by_several_study_uids_finds_each_of_them(client, archive):
    wanted = {"A-20260305-01", "A-20250708-01"}
    uids = ",".join(study(archive, accession).uid for accession in wanted)

    assert accessions(client.get(f"/dicom-web/studies?StudyInstanceUID={uids}")) == wanted


def test_study_result_has_the_default_attributes_and_more_when_asked(client):
    (plain,) = client.get("/dicom-web/studies?AccessionNumber=A-20260305-01").json
    (asked,) = client.get(
        "/dicom-web/studies?AccessionNumber=A-20260305-01&includefield=StudyDescription,00100021"
    ).json
    (everything,) = client.get("/dicom-web/studies?AccessionNumber=A-20260305-01&includefield=all").json

    assert plain[MODALITIES] == {"vr": "CS", "Value": ["CT"]}
    assert plain["00201206"]["Value"] == [2]
    assert plain["00201208"]["Value"] == [128]
    assert plain["00080201"]["Value"] == ["+0100"]
    assert plain["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": "Lindqvist^Ada^^Dr"}]}
    assert plain["00081190"]["Value"][0].endswith(f"/dicom-web/studies/{plain[UID]['Value'][0]}")
    assert DESCRIPTION not in plain
    assert asked[DESCRIPTION]["Value"] == ["CT chest with contrast"]
    assert asked["00100021"]["Value"] == ["Sandbox"]
    assert set(plain) < set(everything)


def test_text_is_utf_8_and_says_so(client):
    found = client.get("/dicom-web/studies?PatientID=SB-1005").json

    assert {one["00100010"]["Value"][0]["Alphabetic"] for one in found} == {"d'Été-Nakamura^Mina"}
    assert all(one["00080005"]["Value"] == ["ISO_IR 192"] for one in found)


def test_limit_and_offset_page_through_everything_once_with_a_warning_until_the_end(client, archive):
    seen = []
    for offset in range(0, 18, 5):
        answer = client.get(f"/dicom-web/studies?limit=5&offset={offset}")
        seen += [found[ACCESSION]["Value"][0] for found in answer.json]
        remaining = max(0, 16 - offset - 5)
        assert (f"There are {remaining} additional results" in answer.headers.get("Warning", "")) == (remaining > 0)

    assert len(seen) == 16
    assert set(seen) == {found.accession for found in archive.studies}
    assert client.get("/dicom-web/studies?offset=16").status_code == 204


def test_fuzzy_matching_is_answered_literally_with_a_warning(client):
    answer = client.get("/dicom-web/studies?PatientID=SB-1003&fuzzymatching=true")

    assert len(answer.json) == 3
    assert answer.headers["Warning"].startswith("299 ")
    assert "fuzzymatching" in answer.headers["Warning"]


@pytest.mark.parametrize(
    "query",
    ["Patient=1", "limit=-1", "limit=ten", "offset=1.5", "fuzzymatching=yes", "StudyDate=2024-01-01",
     "PatientID=1&00100020=2", "includefield=Nothing", "RequestAttributesSequence=1", "StudyTime=morning"],
)  # fmt: skip
def test_query_that_cannot_be_understood_is_refused_with_a_sentence(client, query):
    answer = client.get(f"/dicom-web/studies?{query}")

    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert answer.text.strip().endswith(".")


def test_series_and_instances_are_searched_within_a_study_and_across_all(client, archive):
    pet = study(archive, "A-20260402-01")

    within = client.get(f"/dicom-web/studies/{pet.uid}/series?Modality=PT").json
    across = client.get("/dicom-web/series?Modality=PT").json
    instances = client.get(f"/dicom-web/studies/{pet.uid}/series/{pet.series[1].uid}/instances?limit=3").json
    first = client.get(f"/dicom-web/studies/{pet.uid}/instances?InstanceNumber=7").json

    assert [one["0020000E"]["Value"][0] for one in within] == [pet.series[1].uid]
    assert within[0]["00201209"]["Value"] == [64]
    assert PATIENT not in within[0]
    assert across[0][PATIENT]["Value"] == ["SB-1001"]
    assert [one["00200013"]["Value"][0] for one in instances] == [1, 2, 3]
    assert len(first) == 2


@pytest.mark.parametrize("level", ["", "/series/{series}", "/series/{series}/instances/{instance}"])
def test_metadata_is_complete_json_with_bulk_data_addresses(client, archive, level):
    found = study(archive, "A-20260112-05")
    series = found.series[0]
    path = level.format(series=series.uid, instance=series.instances[0].uid)

    answer = client.get(f"/dicom-web/studies/{found.uid}{path}/metadata", headers={"Accept": "application/dicom+json"})

    (header,) = answer.json
    assert answer.mimetype == "application/dicom+json"
    assert header["7FE00010"]["BulkDataURI"].startswith("http://localhost/dicom-web/studies/")
    assert header["00281221"]["vr"] == "OW"
    assert parts(client.get(header["00281221"]["BulkDataURI"]))[0] == palette_of(archive, series.instances[0].uid)
    assert "Value" not in header.get("00100030", {})


def palette_of(archive: index.Archive, uid: str) -> bytes:
    return dcmread(archive.path(uid), stop_before_pixels=True).SegmentedRedPaletteColorLookupTableData


def test_retrieved_instance_is_the_stored_file(client, archive):
    path = address(archive, "A-20230530-01")

    answer = client.get(path, headers={"Accept": 'multipart/related; type="application/dicom"'})

    assert answer.mimetype == "multipart/related"
    assert parts(answer) == [archive.path(path.rsplit("/", 1)[1]).read_bytes()]


def test_compressed_instance_is_decoded_unless_its_transfer_syntax_is_welcome(client, archive):
    path = address(archive, "A-20260611-04")
    accept = 'multipart/related; type="application/dicom"'

    stored = dcmread(io.BytesIO(parts(client.get(path, headers={"Accept": f"{accept}; transfer-syntax=*"}))[0]))
    decoded = dcmread(io.BytesIO(parts(client.get(path, headers={"Accept": accept}))[0]))

    assert stored.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    assert decoded.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert len(decoded.PixelData) == 120 * 480 * 640 * 3


def test_whole_series_comes_as_one_part_for_each_instance(client, archive):
    found = study(archive, "A-20241021-07")

    assert len(parts(client.get(f"/dicom-web/studies/{found.uid}"))) == 4
    assert len(parts(client.get(f"/dicom-web/studies/{found.uid}/series/{found.series[0].uid}"))) == 1


def test_frames_are_the_decoded_pixels_in_the_order_asked(client, archive):
    path = address(archive, "A-20260611-04")

    third, first = parts(
        client.get(f"{path}/frames/3,1", headers={"Accept": 'multipart/related; type="application/octet-stream"'})
    )

    expected = dcmread(archive.path(path.rsplit("/", 1)[1])).pixel_array
    assert np.array_equal(np.frombuffer(third, np.uint8).reshape(480, 640, 3), expected[2])
    assert np.array_equal(np.frombuffer(first, np.uint8).reshape(480, 640, 3), expected[0])


def test_metadata_describes_the_colours_as_the_frames_have_them(client, archive):
    (header,) = client.get(f"{address(archive, 'A-20260611-04')}/metadata").json

    assert header["00280004"]["Value"] == ["RGB"]
    assert header["00083002"]["Value"] == ["1.2.840.10008.1.2.4.50"]


@pytest.mark.parametrize(
    ("tail", "accept", "status"),
    [
        ("/frames/2", "*/*", 404),
        ("/frames/0", "*/*", 400),
        ("/frames/one", "*/*", 400),
        ("/frames/1", "image/jp2", 406),
        ("/frames/1", "application/octet-stream", 406),
        ("/metadata", "application/dicom+xml", 406),
        ("", "application/pdf", 406),
        ("/rendered", "image/webp", 406),
        ("/rendered?window=40", "image/png", 400),
        ("/rendered?window=40,0", "image/png", 400),
        ("/rendered?window=40,400,cubic", "image/png", 400),
        ("/rendered?window=nan,400", "image/png", 400),
        ("/rendered?viewport=100", "image/png", 400),
        ("/rendered?viewport=0,100", "image/png", 400),
        ("/rendered?viewport=100000,100", "image/png", 400),
        ("/rendered?quality=0", "image/jpeg", 400),
        ("/bulkdata/00100010", "*/*", 404),
    ],
)
def test_refusal_has_the_right_status_and_one_sentence(client, archive, tail, accept, status):
    answer = client.get(address(archive, "A-20230530-01") + tail, headers={"Accept": accept})

    assert answer.status_code == status
    assert answer.mimetype == "text/plain"
    assert answer.text.strip().endswith(".")


def test_instance_under_a_foreign_study_is_not_found(client, archive):
    cleo, ada = study(archive, "A-20260220-09"), address(archive, "A-20230530-01")
    crossed = re.sub(r"studies/[\d.]+", f"studies/{cleo.uid}", ada)

    assert client.get(crossed).status_code == 404
    assert client.get("/dicom-web/studies/1.2.3").status_code == 404
    assert client.get(f"/dicom-web/studies/{cleo.uid}/series/1.2.3/metadata").status_code == 404


def picture(answer) -> np.ndarray:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.data)))


@pytest.mark.parametrize(
    "level", ["", "/series/{0}", "/series/{0}/instances/{1}", "/series/{0}/instances/{1}/frames/1"]
)
def test_every_level_has_a_rendered_picture_and_a_thumbnail(client, archive, level):
    found = study(archive, "A-20250708-01")
    series = found.series[0]
    path = f"/dicom-web/studies/{found.uid}{level.format(series.uid, series.instances[32].uid)}"

    rendered = picture(client.get(f"{path}/rendered", headers={"Accept": "image/png"}))
    thumbnail = picture(client.get(f"{path}/thumbnail"))

    assert rendered.shape == (256, 256)
    assert thumbnail.shape == (192, 192)
    assert rendered.std() > 30
    assert thumbnail.std() > 30


def test_window_parameter_changes_what_is_bright(client, archive):
    path = address(archive, "A-20260305-01", instance=32)
    lung = picture(client.get(f"{path}/rendered?window=-600,1500", headers={"Accept": "image/png"}))
    bone = picture(client.get(f"{path}/rendered?window=600,800,linear-exact", headers={"Accept": "image/png"}))

    assert lung.mean() > 4 * bone.mean()


def test_monochrome1_is_turned_over_so_that_bone_is_bright(client, archive):
    path = address(archive, "A-20260914-02")
    stored = dcmread(archive.path(path.rsplit("/", 1)[1])).pixel_array[::8, ::8]
    shown = picture(client.get(f"{path}/rendered?accept=image/png"))[::8, ::8]

    assert np.corrcoef(stored.ravel(), shown.ravel())[0, 1] < -0.8


@pytest.mark.parametrize("accession", ["A-20260112-05", "A-20260611-04", "A-20240911-03", "A-20250319-02"])
def test_palette_and_ycbr_pictures_come_out_in_colour_channels(client, archive, accession):
    assert picture(client.get(f"{address(archive, accession)}/rendered")).shape[2] == 3


def test_viewport_keeps_the_shape_and_may_cut_a_region(client, archive):
    path = f"{address(archive, 'A-20210823-05')}/rendered?accept=image/png&viewport="

    assert picture(client.get(f"{path}100,100")).shape == (100, 25)
    assert picture(client.get(f"{path}64,64,0,0,256,256")).shape == (64, 64)


def test_browser_that_prefers_webp_but_takes_anything_gets_a_jpeg(client, archive):
    accept = "image/avif,image/webp,image/apng,image/svg+xml,*/*;q=0.8"

    assert (
        client.get(f"{address(archive, 'A-20230530-01')}/thumbnail", headers={"Accept": accept}).mimetype
        == "image/jpeg"
    )


def test_attribute_is_known_by_keyword_and_by_tag_and_nothing_else_is():
    assert keyword("PatientID") == keyword("00100020") == "PatientID"
    for name in ("patientid", "0010002", "FFFFFFFF", "", "../etc"):
        with pytest.raises(BadQuery):
            keyword(name)


def test_wildcards_match_only_as_wildcards():
    header = {"00080050": {"vr": "SH", "Value": ["A.1(2)"]}, UID: {"vr": "UI", "Value": ["1.2.3"]}}

    assert matches(header, {"AccessionNumber": "A.1(?)"})
    assert not matches(header, {"AccessionNumber": "A?1"})
    assert not matches(header, {"AccessionNumber": "AX1(2)"})
    assert not matches(header, {"StudyInstanceUID": "1.2.*"})
    assert matches(header, {"PatientName": "*"})
    assert not matches(header, {"PatientName": "?"})
