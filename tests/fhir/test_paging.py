"""Next links: where they may lead, and where they may not; and the way through a list page after page."""

import posixpath
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings, strategies as st

from sightline.errors import (
    NotAllowed,
    SignInEnded,
    SourceError,
    SourceFailed,
    SourceRefusedQuestion,
    SourceSlow,
    SourceTooLarge,
    SourceWithoutStudies,
)
from sightline.fhir.bundle import Page
from sightline.fhir.imaging_study import StudyElement
from sightline.fhir.paging import Step, Walk, followed
from sightline.outbound import Awaited
from sightline.outbound.door import target_of
from sightline.settings.addresses import origin_of
from tests.far_side import limits_of

BASE = "https://ehr.example/tenant/fhir/r4"
CURRENT = f"{BASE}/ImagingStudy?patient=ada&_count=1000"


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        (f"{BASE}?_getpages=7", f"{BASE}?_getpages=7"),
        (f"{BASE}/ImagingStudy?page=2", f"{BASE}/ImagingStudy?page=2"),
        ("https://EHR.example:443/tenant/fhir/r4/x", "https://EHR.example:443/tenant/fhir/r4/x"),
        ("?page=2", f"{BASE}/ImagingStudy?page=2"),
        ("/tenant/fhir/r4/ImagingStudy?page=2", f"{BASE}/ImagingStudy?page=2"),
    ],
)
def test_next_link_on_the_same_server_below_the_same_base_is_followed(link: str, leads_to: str) -> None:
    assert followed(CURRENT, link, BASE, {CURRENT}) == leads_to


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/tenant/fhir/r4/ImagingStudy?page=2",
        "http://ehr.example/tenant/fhir/r4/ImagingStudy?page=2",
        "https://ehr.example:8443/tenant/fhir/r4/ImagingStudy?page=2",
        "https://ehr.example@elsewhere.example/tenant/fhir/r4/x",
        "//elsewhere.example/tenant/fhir/r4/x",
        "https://ehr.example/another-tenant/fhir/r4/ImagingStudy",
        "https://ehr.example/tenant/fhir/r4-of-somebody-else/ImagingStudy",
        "/ImagingStudy?page=2",
        f"{BASE}/../../../another-tenant/x",
        f"{BASE}/%2e%2e/x",
        f"{BASE}/..;a=b/x",
        f"{BASE}/%252e%252e/x",
        f"{BASE}/%25252E./x",
        f"{BASE}/..%2fx",
        f"{BASE}/..%5Cx",
        f"{BASE}/%5c..%5c../x",
        f"{BASE}/.%2e%3bx/x",
        f"{BASE}/..%00/x",
        f"{BASE}/%c0%ae%c0%ae/x",
        f"{BASE}/.. /x",
        f"{BASE}/.%20./x",
        f"{BASE}/x\\..\\..",
        "https://ehr.example\\@elsewhere.example/tenant/fhir/r4/x",
        "https://elsewhere.example\\@ehr.example/tenant/fhir/r4/x",
        "ht\ttps://elsewhere.example/tenant/fhir/r4/x",
        "https:///elsewhere.example/tenant/fhir/r4/x",
        "https://ehr.example\u3002elsewhere.example/tenant/fhir/r4/x",
        "https://\uff45hr.example/tenant/fhir/r4/x",
        "http://[",
        "javascript:alert(1)",
    ],
)
def test_next_link_that_leaves_the_server_or_its_base_is_refused(link: str) -> None:
    with pytest.raises(SourceFailed):
        followed(CURRENT, link, BASE, set())


def test_next_link_to_a_page_already_read_is_refused() -> None:
    with pytest.raises(SourceFailed):
        followed(CURRENT, CURRENT, BASE, {CURRENT})


def test_next_link_that_differs_behind_the_hash_only_is_the_same_page() -> None:
    assert followed(CURRENT, f"{BASE}?page=2#1", BASE, set()) == f"{BASE}?page=2"
    with pytest.raises(SourceFailed, match="already read"):
        followed(CURRENT, f"{CURRENT}#again", BASE, {CURRENT})


PIECES = [
    "https:", "http:", "//", "/", "\\", ".", "..", "...", "%2e", "%252e", "%2f", "%5c", "%25", "%00", "%c0%ae", ";",
    ";a=b", "?", "#", "@", ":", ":443", ":8443", " ", "%20", "\t", "\n", "\u3002", "\uff0f", "\uff0e", "&", "[", "]",
    "::1", "*", "\ud800", "ehr.example", "EHR.example", "elsewhere.example", "user", "tenant", "fhir", "r4",
    "tenant/fhir/r4", "another-tenant", "ImagingStudy", "_getpages=7", BASE, "https://ehr.example", "javascript:",
]  # fmt: skip
links = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=8).map("".join)


def as_the_most_lenient_server_reads(path: str) -> str:
    """Decoded to the end, either slash a slash, each part without its parameters, every way up walked."""
    while (decoded := unquote(path)) != path:
        path = decoded
    parts = [part.split(";")[0].replace("\0", "").replace(" ", "") for part in path.replace("\\", "/").split("/")]
    return posixpath.normpath("/".join(parts))


@given(links | links.map(lambda link: BASE + "/" + link) | st.text())
@settings(deadline=None, max_examples=2000)
def test_no_link_whatever_leads_away_as_the_library_that_asks_and_the_server_read_it(link: str) -> None:
    try:
        url = followed(CURRENT, link, BASE, set())
    except SourceFailed:
        return

    assert origin_of(url) == "https://ehr.example"
    for path in (urlsplit(url).path, target_of(url).split("?")[0]):
        assert f"{as_the_most_lenient_server_reads(path)}/".startswith("/tenant/fhir/r4/")


SMALL, LARGE, TWO, THREE = f"{BASE}?small", f"{BASE}?large", f"{BASE}?page=2", f"{BASE}?page=3"


def holding(studies: int = 1, next_url: str | None = None, total: int | None = None) -> Page:
    return Page([(StudyElement(), None)] * studies, next_url, total, matches=studies)


def walked(answers: dict[str, Page | SourceError], **limits: Any) -> tuple[list[Step], list[str]]:
    """The steps through these pages, and which were asked for."""
    asked = []

    def ask(url: str, seconds: float) -> Awaited[Page]:
        asked.append(url)

        def answer() -> Page:
            found = answers[url]
            if isinstance(found, SourceError):
                raise found
            return found

        return Awaited(answer, lambda seconds: True)

    walk = Walk(BASE, limits_of(**limits), ask)
    return list(walk.steps(walk.begun(SMALL), SMALL, LARGE)), asked


@pytest.mark.parametrize("refusal", [SourceRefusedQuestion(), SourceTooLarge(), SourceSlow(), SourceWithoutStudies()])
def test_large_question_that_fails_is_given_up_for_the_small_pages_and_nothing_is_lost(refusal: SourceError) -> None:
    pages = {SMALL: holding(next_url=TWO), TWO: holding(next_url=THREE), THREE: holding()}

    steps, asked = walked({**pages, LARGE: refusal})

    assert asked == [SMALL, LARGE, TWO, THREE]
    assert [step.page for step in steps] == list(pages.values())
    assert [step.last for step in steps] == [False, False, True]
    assert not any(step.anew or step.failure or step.cut for step in steps)


@pytest.mark.parametrize("refusal", [SignInEnded(), NotAllowed()])
def test_large_question_that_is_not_permitted_ends_the_list(refusal: SourceError) -> None:
    steps, asked = walked({SMALL: holding(next_url=TWO), LARGE: refusal})

    assert asked == [SMALL, LARGE]
    assert (steps[-1].failure, steps[-1].last) == (refusal, True)


@pytest.mark.parametrize("large", [holding(next_url=TWO), SourceTooLarge()], ids=["large pages", "small pages"])
def test_later_page_that_is_gone_is_a_failure_and_no_server_without_studies(large: Page | SourceError) -> None:
    steps, _ = walked({SMALL: holding(next_url=TWO), LARGE: large, TWO: SourceWithoutStudies("HTTP 410")})

    assert type(steps[-1].failure) is SourceFailed
    assert steps[-1].failure.detail == "HTTP 410"


def test_small_pages_are_asked_for_no_further_than_the_settings_allow() -> None:
    pages = {SMALL: holding(2, TWO), LARGE: SourceTooLarge(), TWO: holding(2, THREE)}

    assert walked(pages, studies=4)[0][-1] == walked(pages, pages=2)[0][-1] == Step(last=True, cut=True)


@pytest.mark.parametrize("large", [holding(2, TWO, total=9), SourceTooLarge()], ids=["large pages", "small pages"])
def test_list_is_called_shorter_than_announced_only_when_its_last_page_is_read(large: Page | SourceError) -> None:
    steps, _ = walked({SMALL: holding(2, TWO, total=9), LARGE: large, TWO: holding(1, total=4)})

    assert [step.announced for step in steps[:-1]] == [None] * (len(steps) - 1)
    assert steps[-1].announced == 4


def test_list_that_came_whole_is_not_called_shorter() -> None:
    steps, _ = walked({SMALL: holding(1, TWO, 3), LARGE: holding(2, TWO, 3), TWO: holding(1, total=3)})

    assert [step.announced for step in steps] == [None, None, None]


@pytest.mark.parametrize(("first", "large"), [(0, 0), (3, 0), (3, 1), (3, 3)])
def test_large_answer_that_contradicts_the_first_page_is_not_believed(first: int, large: int) -> None:
    pages = {SMALL: holding(first, TWO), TWO: holding(2)}

    steps, asked = walked({**pages, LARGE: holding(large)})

    assert asked == [SMALL, LARGE, TWO]
    assert [step.page for step in steps] == list(pages.values())
    assert not any(step.anew for step in steps)


def test_large_pages_that_hold_fewer_than_the_first_page_did_are_not_all() -> None:
    steps, _ = walked({SMALL: holding(3, TWO), LARGE: holding(0, TWO), TWO: holding(1)})

    assert steps[-1].last
    assert steps[-1].announced == 3


@pytest.mark.parametrize("large", [holding(2, TWO), SourceTooLarge()], ids=["large pages", "small pages"])
def test_total_that_only_the_first_page_says_holds_for_the_last(large: Page | SourceError) -> None:
    steps, _ = walked({SMALL: holding(2, TWO, total=9), LARGE: large, TWO: holding(1)})

    assert steps[-1].announced == 9
