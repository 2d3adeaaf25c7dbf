"""What holds for every kind of viewer: it is asked only for what it takes, and at no other place than its own."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings, strategies as st

from sightline.errors import CannotOpen
from sightline.patient import Patient, PatientNumber
from sightline.settings import ViewerSettings
from sightline.study import Study
from sightline.viewers import KINDS, LONGEST_ADDRESS, address, program_for, takes, takes_every_uid
from sightline.viewers.contract import Takes, Wanted
from tests.configured import viewer
from tests.viewers.any_request import any_text, uids
from tests.viewers.cast import ADA, ALL_OF_ADA, BY_ACCESSION, CT, MRN, NAMELESS, ONE, TWO

WEB = "https://viewer.hospital.example/app"
KEYS: dict[str, dict[str, Any]] = {
    "iid": {"address": f"{WEB}/IHEInvokeImageDisplay"},
    "stone": {"address": WEB, "patient_system": MRN},
    "weasis": {"dicomweb": WEB, "patient_system": MRN},
    "volview": {"address": WEB, "dicomweb": f"{WEB}/rs"},
    "radiant": {"ae_title": "ARCHIVE"},
    "horos": {"server": "Archive"},
    "template": {"address": f"{WEB}/{{study_uids}}"},
}
VIEWERS = [viewer(kind, **KEYS.get(kind, {"address": WEB})) for kind in KINDS]
EVERY_VIEWER = pytest.mark.parametrize("configured", VIEWERS, ids=lambda found: found.kind)


def refusal_of(wanted: Wanted, configured: ViewerSettings[Any]) -> str:
    with pytest.raises(CannotOpen) as refusal:
        address(wanted, configured)
    assert refusal.value.sentence.endswith(".")
    return refusal.value.sentence


@EVERY_VIEWER
@pytest.mark.parametrize(
    ("wanted", "needs"),
    [(ONE, Takes.STUDY), (TWO, Takes.STUDIES), (BY_ACCESSION, Takes.ACCESSION), (ALL_OF_ADA, Takes.PATIENT)],
    ids=["study", "studies", "accession", "patient"],
)
def test_viewer_opens_what_it_takes_and_nothing_else(
    configured: ViewerSettings[Any], wanted: Wanted, needs: Takes
) -> None:
    if needs in takes(configured):
        assert address(wanted, configured)
    else:
        assert configured.title in refusal_of(wanted, configured)


@EVERY_VIEWER
@pytest.mark.parametrize(
    "study",
    [
        NAMELESS,
        *[Study("North", accession=number) for number in ("", " A", "A\n", "..", "A" * 3000, "\ud800")],
        *[Study("North", uid=uid) for uid in ("not-a-uid", "urn:oid:1.2.3", "1.2.3&x=1", "1.2.3,1.2.4")],
    ],
)
def test_study_without_a_number_that_can_be_sent_is_not_asked_for(
    configured: ViewerSettings[Any], study: Study
) -> None:
    assert "holds no number" in refusal_of(Wanted((study,), ADA), configured)


@EVERY_VIEWER
def test_series_that_is_no_uid_is_not_asked_for(configured: ViewerSettings[Any]) -> None:
    assert "holds no number" in refusal_of(Wanted((CT,), ADA, series=("1.2&x=1",)), configured)
    assert "holds no number" in refusal_of(Wanted((CT,), ADA, first_series="a/b"), configured)


@pytest.mark.parametrize("configured", [each for each in VIEWERS if Takes.STUDIES in takes(each)], ids=lambda v: v.kind)
def test_more_than_fifty_studies_at_once_are_refused_with_the_limit(configured: ViewerSettings[Any]) -> None:
    studies = tuple(Study("North", uid=f"1.2.{number}") for number in range(51))

    assert address(Wanted(studies[:50]), configured)
    assert refusal_of(Wanted(studies), configured) == "These are 51 studies. At most 50 can be opened at once."


@pytest.mark.parametrize("kind", ["ohif", "iid", "meddream"])
def test_address_longer_than_the_limit_is_refused(kind: str) -> None:
    studies = tuple(Study("North", uid=f"1.2.{10**58 + number}") for number in range(50))

    words = refusal_of(Wanted(studies), viewer(kind, **KEYS.get(kind, {"address": WEB})))

    assert "too much for one address" in words or "3000 characters" in words


@EVERY_VIEWER
def test_program_is_named_for_a_viewer_that_must_be_installed(configured: ViewerSettings[Any]) -> None:
    on_the_web = address(ONE, configured).startswith("https://")

    assert bool(program_for(configured)) is not on_the_web
    assert (configured.open == "program") is not on_the_web


@given(
    st.sampled_from(VIEWERS),
    st.lists(st.builds(Study, st.just("North"), uid=st.none() | uids, accession=st.none() | any_text), max_size=3),
    any_text,
    st.lists(uids, max_size=2).map(tuple),
)
@settings(deadline=None)
def test_address_is_always_the_configured_viewers(
    configured: ViewerSettings[Any], studies: list[Study], number: str, series: tuple[str, ...]
) -> None:
    patient = Patient("ada", numbers=(PatientNumber(MRN, number),))
    try:
        built = address(Wanted(tuple(studies), patient, series=series), configured)
    except CannotOpen as refusal:
        assert refusal.sentence.endswith(".")
        return
    parts, known = urlsplit(built), urlsplit(address(ONE, configured))

    assert built.isascii()
    assert len(built) <= LONGEST_ADDRESS
    assert not set(built) & set(" \"'<>\\^`{|}#")
    assert (parts.scheme, parts.netloc) == (known.scheme, known.netloc)
    assert parts.path.startswith(urlsplit(configured.address.split("{")[0]).path.rstrip("/"))
    assert ".." not in parts.path.split("/")


SPELLED_OTHERWISE = [
    *VIEWERS,
    *(viewer("iid", **KEYS["iid"], study_key=key) for key in ("accession", "both")),
    viewer("iid", **KEYS["iid"], requests=["PATIENT"]),
    viewer("template", address=f"{WEB}/{{study_uid}}?accession={{accession}}"),
    viewer("template", address=f"{WEB}/{{study_uid}}?patient={{patient_id}}", patient_system=MRN),
    viewer("template", address=f"{WEB}/{'long' * 740}{{study_uid}}"),
]


@pytest.mark.parametrize("configured", SPELLED_OTHERWISE, ids=lambda found: f"{found.kind} {found.address[-40:]}")
@given(number=uids, accession=st.none() | any_text)
def test_viewer_that_takes_every_uid_refuses_no_study_with_one(
    configured: ViewerSettings[Any], number: str, accession: str | None
) -> None:
    if takes_every_uid(configured):
        assert address(Wanted((Study("North", uid=number, accession=accession),)), configured)


def test_viewers_by_uid_take_every_one_and_those_that_look_at_more_do_not() -> None:
    sure = [takes_every_uid(configured) for configured in SPELLED_OTHERWISE]
    assert sure == [True] * len(VIEWERS) + [False] * (len(SPELLED_OTHERWISE) - len(VIEWERS))
