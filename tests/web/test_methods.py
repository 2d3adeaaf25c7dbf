"""A scanner that asks with HEAD uses nothing up and leaves no record."""

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
