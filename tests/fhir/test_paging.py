"""Next links: where they may lead, and where they may not."""

import pytest

from sightline.errors import SourceFailed
from sightline.fhir.paging import followed

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
