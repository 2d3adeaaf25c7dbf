"""A scanner that asks with HEAD, and a browser that prefetches, use nothing up and leave no record."""

import pytest
import requests

from tests.ehr_user import EhrUser
from tests.web.conftest import Trail


def assert_no_head(user: EhrUser, address: str) -> None:
    answer: requests.Response = user.browser.head(address, allow_redirects=False, timeout=10)
    assert answer.status_code == 405
    assert "Location" not in answer.headers
    assert not any(header.startswith("launch-") for header in answer.headers.get("Set-Cookie", "").split(", "))


def test_ticket_is_not_used_up_by_a_head(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    assert_no_head(user, viewer.frame)
    assert user.asks(viewer.frame).status_code == 303


def test_way_into_a_new_tab_is_not_used_up_by_a_head(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    tab = viewer.link("Open in new tab")
    assert_no_head(user, tab)
    assert user.visits(tab).url == viewer.url


def test_opening_is_not_recorded_for_a_head(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    before = trail.records
    assert_no_head(user, page.row("MR brain").images)
    assert trail.records == before


def test_launch_is_not_begun_by_a_head(user: EhrUser, trail: Trail) -> None:
    launch = user.launch_address("ada")
    for address in (launch, f"{user.pair.sightline_url}/launch/r4"):
        assert_no_head(user, address)
    assert trail.records == []
    assert user.visits(launch).heading == "Imaging studies"


def test_return_is_not_used_up_by_a_head(user: EhrUser, trail: Trail) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    assert_no_head(user, callback)
    assert trail.records == []
    assert user.visits(callback).heading == "Imaging studies"


@pytest.mark.parametrize("purpose", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}], ids=str)
def test_nothing_is_used_up_by_a_prefetch(user: EhrUser, trail: Trail, purpose: dict[str, str]) -> None:
    """The browser that really goes there afterwards asks anew: it keeps no answer of 503."""

    def assert_prefetch_refused(address: str) -> None:
        answer = user.browser.get(address, headers=purpose, allow_redirects=False, timeout=10)
        assert (answer.status_code, "Location" in answer.headers) == (503, False)
        assert not any(header.startswith("launch-") for header in answer.headers.get("Set-Cookie", "").split(", "))

    launch = user.launch_address("ada")
    assert_prefetch_refused(launch)
    waiting = f"{user.pair.sightline_url}{user.asks(launch).headers['Location']}"
    assert_prefetch_refused(waiting)
    callback = user.comes_back_with(waiting)
    assert_prefetch_refused(callback)
    assert trail.records == []
    viewer = user.opens_images(user.visits(callback), "MR brain")
    for address in (viewer.frame, viewer.link("Open in new tab")):
        assert_prefetch_refused(address)
        assert user.asks(address).status_code == 303
