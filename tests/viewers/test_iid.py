"""IHE Invoke Image Display (RAD-106): what Sightline asks for, and that no value breaks out of its parameter."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given, settings, strategies as st

from sightline.errors import CannotOpen
from sightline.settings import ViewerSettings
from sightline.study import Study
from sightline.viewers.iid import Malformed, StudyRequest, parse, url

ADDRESS = "https://pacs.hospital.example:8443/north/IHEInvokeImageDisplay"
CT = "2.16.124.113543.6003.1154777499.30246.19789.3503430045"
HOSTILE = [
    "&",
    "#",
    "%",
    "%26",
    '"',
    "'",
    "<script>",
    " ",
    "+",
    "/../",
    "\\",
    "?",
    "=",
    "@",
    ";",
    "é",
    "日本",
    "\u202e",
]

uids = st.lists(st.integers(0, 10**9).map(str), min_size=2, max_size=6).map(".".join)
accessions = st.one_of(st.text(max_size=64), st.lists(st.sampled_from(HOSTILE), max_size=8).map("A".join))
viewer_types = st.one_of(st.just(""), st.just("IHE_BIR"), st.text(st.characters(exclude_categories=["C"])))


def viewer(viewer_type: str = "IHE_BIR") -> ViewerSettings:
    return ViewerSettings("display", "Image display", "iid", ADDRESS, "frame", viewer_type)


def is_accession(text: str) -> bool:
    return 0 < len(text) <= 64 and text == text.strip() and "," not in text and text.isprintable()


def test_study_is_asked_for_by_its_uid() -> None:
    assert url(Study("North", uid=CT), viewer()) == f"{ADDRESS}?requestType=STUDY&studyUID={CT}&viewerType=IHE_BIR"


def test_uid_goes_before_the_accession_number_and_never_with_it() -> None:
    assert "accessionNumber" not in url(Study("North", uid=CT, accession="A1"), viewer())


def test_study_without_a_uid_is_asked_for_by_its_accession_number() -> None:
    assert url(Study("North", accession="A/1 &2"), viewer("")) == (
        f"{ADDRESS}?requestType=STUDY&accessionNumber=A%2F1%20%262"
    )


def test_viewer_type_is_sent_only_where_the_settings_name_one() -> None:
    assert "viewerType" not in url(Study("North", uid=CT), viewer(""))
    assert url(Study("North", uid=CT), viewer("X & Y")).endswith("&viewerType=X%20%26%20Y")


@pytest.mark.parametrize(
    "study",
    [
        Study("North"),
        Study("North", accession=""),
        Study("North", accession="A1,A2"),
        Study("North", accession=" A1"),
        Study("North", accession="A1\n"),
        Study("North", accession="A\0"),
        Study("North", accession="A\u2028B"),
        Study("North", accession="\ud800"),
        Study("North", accession="A" * 65),
        Study("North", accession="A" * 3000),
        Study("North", uid="1.2.3&studyUID=1.2.4"),
        Study("North", uid="urn:oid:1.2.3"),
        Study("North", uid="1.2.3,1.2.4"),
        Study("North", uid="1." + "2" * 3000),
    ],
)
def test_study_that_no_viewer_could_find_is_not_asked_for(study: Study) -> None:
    with pytest.raises(CannotOpen) as refusal:
        url(study, viewer())

    assert "no number" in refusal.value.sentence


@pytest.mark.parametrize("accession", [f"A{value}1" for value in HOSTILE if value.isprintable()])
def test_hostile_accession_number_stays_in_its_parameter(accession: str) -> None:
    built = urlsplit(url(Study("North", accession=accession), viewer()))

    assert dict(parse_qsl(built.query)) == {
        "requestType": "STUDY",
        "accessionNumber": accession,
        "viewerType": "IHE_BIR",
    }


@given(st.none() | uids | st.text(), st.none() | accessions, viewer_types)
@example(None, "A&viewerType=evil", "")
@example(None, "#", "a#b")
@example(None, "//evil.example/", "")
@settings(deadline=None)
def test_address_is_always_the_configured_viewers(uid: str | None, accession: str | None, viewer_type: str) -> None:
    try:
        built = url(Study("North", uid=uid, accession=accession), viewer(viewer_type))
    except CannotOpen:
        return

    parts = urlsplit(built)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == ADDRESS
    assert parts.fragment == ""
    assert built.isascii()
    assert " " not in built

    given_values = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    key = {"studyUID": uid} if uid else {"accessionNumber": accession}
    expected = {"requestType": "STUDY", **key} | ({"viewerType": viewer_type} if viewer_type else {})
    assert given_values == expected


requests = st.one_of(
    st.builds(StudyRequest, st.lists(uids, min_size=1, max_size=5).map(tuple), st.just(()), viewer_types),
    st.builds(
        StudyRequest,
        st.just(()),
        st.lists(accessions.filter(is_accession), min_size=1, max_size=5).map(tuple),
        viewer_types,
    ),
)


@given(requests)
@settings(deadline=None)
def test_request_is_read_back_as_it_was_built(request: StudyRequest) -> None:
    assert parse(request.query) == request


def test_several_studies_are_a_list_with_readable_commas() -> None:
    query = StudyRequest(("1.2.3", "1.2.4")).query

    assert query == "requestType=STUDY&studyUID=1.2.3,1.2.4"
    assert parse(query.replace(",", "%2C")) == StudyRequest(("1.2.3", "1.2.4"))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "requestType=STUDY",
        "requestType=study&studyUID=1.2.3",
        "requestType=PATIENT&patientID=1",
        "requesttype=STUDY&studyUID=1.2.3",
        "studyUID=1.2.3",
        "requestType=STUDY&studyUID=",
        "requestType=STUDY&studyUID=1.2.3,",
        "requestType=STUDY&studyUID=urn:oid:1.2.3",
        "requestType=STUDY&StudyUID=1.2.3",
        "requestType=STUDY&studyUID=1.2.3&studyUID=1.2.4",
        "requestType=STUDY&requestType=STUDY&studyUID=1.2.3",
        "requestType=STUDY&studyUID=1.2.3&accessionNumber=A1",
        "requestType=STUDY&studyUID=1.2.3&accessionNumber=",
        "requestType=STUDY&accessionNumber=",
        "requestType=STUDY&accessionNumber=A1,,A2",
        "requestType=STUDY&accessionNumber=%00",
    ],
)
def test_request_that_rad_106_does_not_allow_is_refused_with_a_reason(query: str) -> None:
    with pytest.raises(Malformed) as reason:
        parse(query)

    assert str(reason.value)


@given(st.one_of(st.text(), st.text("requestTypSUDYsiAcn=&%,.0123456789;#")))
@settings(deadline=None)
def test_reading_a_request_raises_nothing_but_malformed(query: str) -> None:
    try:
        request = parse(query)
    except Malformed:
        return

    assert bool(request.study_uids) != bool(request.accession_numbers)


def test_parameter_of_another_profile_is_left_to_those_who_know_it() -> None:
    assert parse("requestType=STUDY&studyUID=1.2.3&diagnosticQuality=true") == StudyRequest(("1.2.3",))
