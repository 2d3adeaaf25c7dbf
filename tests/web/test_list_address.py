"""What a list page's address says goes along on every way through the list, to a study and back."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests
from flask import Request

from tests.ehr_user import EhrUser, Page
from tests.searchset import imaging_study, searchset


@pytest.fixture
def page(user: EhrUser, ehr_answers: Callable[..., list[Request]]) -> Page:
    """A list of 120 studies, every other one an MR; each twentieth record should not exist."""
    studies = [
        imaging_study(
            f"1.2.840.{number}",
            modality=[{"code": "MR" if number % 2 else "CT"}],
            status="entered-in-error" if number % 20 == 1 else "available",
            description=f"Study {number}.",
            started=f"20{50 - number // 12:02}-{12 - number % 12:02}-01",
        )
        for number in range(120)
    ]
    ehr_answers(lambda _: searchset(*studies))
    return user.opens_chart("ada")


def said(address: str) -> dict[str, str]:
    """What the address says, the words of no choice left out."""
    return dict(parse_qsl(urlsplit(address).query))


def test_hidden_records_stay_shown_through_filter_pages_images_and_back(user: EhrUser, page: Page) -> None:
    shown = user.follows(page, "Show")
    assert said(shown.url) == {"hidden": "show"}
    filtered = user.filters(shown, type="MRI")
    assert said(filtered.url) == {"hidden": "show", "type": "MRI"}
    assert sum(row.struck for row in filtered.rows) == 5
    older = user.follows(filtered, "Older")
    here = {"hidden": "show", "type": "MRI", "page": "2"}
    assert said(older.url) == here
    viewer = user.opens_images(older, "Study 119.")
    for words in ("Reload", "Open in new tab"):
        assert said(user.follows(viewer, words).url) == here
    for back in viewer.root.all("a", "strip-back") + viewer.root.all("a", "skip-back"):
        assert said(back["href"]) == here
        returned = user.visits(urljoin(viewer.url, back["href"]))
        assert [row.key for row in returned.rows] == [row.key for row in older.rows]
    assert said(user.follows(older, "Newer").url) == {"hidden": "show", "type": "MRI", "page": "1"}


def test_way_back_from_a_viewer_that_was_opened_on_its_own_leads_to_the_same_page(user: EhrUser, page: Page) -> None:
    older = user.visits(f"{page.url}?page=2")
    alone = user.follows(user.opens_images(older, "Study 60."), "Nothing to see?")
    assert said(alone.root.all("a", "strip-back")[0]["href"]) == {"page": "2"}


def test_showing_and_hiding_records_keeps_the_filter(user: EhrUser, page: Page) -> None:
    filtered = user.filters(page, type="MRI", text="study", period="")
    shown = user.follows(filtered, "Show")
    assert said(shown.url) == {"type": "MRI", "text": "study", "hidden": "show"}
    assert said(user.follows(shown, "Hide").url) == {"type": "MRI", "text": "study"}


def test_refresh_keeps_what_the_address_says(user: EhrUser, page: Page) -> None:
    shown = user.filters(user.follows(page, "Show"), type="MRI")
    assert said(shown.link("Refresh")) == {"type": "MRI", "hidden": "show", "refresh": "1"}


def test_list_tried_again_keeps_the_filter(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada", "fault-second-page"), type="X-ray")
    again = user.follows(page, "Try again")
    assert said(again.url) == {"type": "X-ray", "refresh": "1"}
    assert {row.type for row in again.rows} == {"X-ray"}


def test_address_without_its_slash_leads_to_the_list_and_never_to_a_host(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    for headers in ({}, {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        answer = requests.get(page.url.removesuffix("/"), headers=headers, allow_redirects=False, timeout=10)
        assert answer.status_code == 303
        assert answer.headers["Location"] == urlsplit(page.url).path
