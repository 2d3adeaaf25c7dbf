"""How much one chart or sign-in may ask for in a minute: it is told so, and another goes on."""

from collections.abc import Callable

import pytest

from sightline.audit_record import Action
from sightline.web import pace
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.register_user import RegisterUser
from tests.web.conftest import Overheard, Trail


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of each, so that nobody waits for sixty."""
    assert min(pace.MOST_A_MINUTE.values()) >= 30
    monkeypatch.setattr(pace, "MOST_A_MINUTE", dict.fromkeys(Action, 3))


def assert_too_often(page: Page) -> None:
    assert (page.status, page.heading) == (429, "This was asked for too often")
    assert "This does not mean that there are no images." in page.text
    assert 1 <= int(page.headers["Retry-After"]) <= 60


def refused(trail: Trail) -> list[str]:
    return [record["action"] for record in trail.records if record["outcome"] == "TooOften"]


def test_list_is_asked_for_anew_only_so_often(
    user: EhrUser, trail: Trail, overheard: Overheard, clock_goes_on: Callable[[float], None]
) -> None:
    page, other = user.opens_chart("ada"), user.opens_chart("ada")
    refreshed = [user.visits(f"{page.url}?refresh=1") for _ in range(5)]
    assert [each.status for each in refreshed] == [200, 200, 429, 429, 429]
    assert_too_often(refreshed[-1])
    assert refreshed[-1].patient == page.patient
    assert len([asked for asked in overheard.asked if "/ImagingStudy?" in asked]) == 2 + 2
    assert refused(trail) == ["list"]
    assert user.follows(refreshed[-1], "Try again").rows
    assert user.visits(f"{other.url}?refresh=1").status == 200
    clock_goes_on(61)
    assert user.visits(f"{page.url}?refresh=1").status == 200


def test_studies_are_opened_only_so_often(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    opened = [user.visits(page.row("MR brain").images) for _ in range(5)]
    assert [each.status for each in opened] == [200, 200, 200, 429, 429]
    assert_too_often(opened[-1])
    assert refused(trail) == ["open"]
    assert user.visits(page.url).rows


def test_patients_are_searched_for_only_so_often(pair: Pair, trail: Trail) -> None:
    user = RegisterUser(pair)
    page = user.signs_in()
    found = [user.searches(page, identifier="SB-1001") for _ in range(5)]
    assert [each.status for each in found] == [200, 200, 200, 429, 429]
    assert_too_often(found[-1])
    assert found[-1].has_link("Find a patient")
    assert refused(trail) == ["patient-search"]
    assert user.searches(user.signs_in(), identifier="SB-1001").status == 200


def test_store_is_not_told_of_what_a_person_asks_for(
    user: EhrUser, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time would be a write that all charts wait for; a program is told of, several together."""
    monkeypatch.setattr(pace, "MOST_A_MINUTE", dict.fromkeys(Action, 60))
    page = user.opens_chart("ada")
    store = pair.sightline.extensions["sightline"].store
    key = f"{Action.LIST}:{page.url.split('/s/')[1].split('/')[0]}"

    counts = []
    for _ in range(13):
        user.visits(f"{page.url}?refresh=1")
        counts.append(store.count(key, 60, 0)[0])

    assert counts == [0] * 4 + [6] * 6 + [12] * 3


def test_what_two_processes_count_is_too_much_together(
    user: EhrUser, pair: Pair, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MOST_A_MINUTE", dict.fromkeys(Action, 60))
    page = user.opens_chart("ada")
    store = pair.sightline.extensions["sightline"].store
    store.count(f"{Action.LIST}:{page.url.split('/s/')[1].split('/')[0]}", 60, 57)

    refreshed = [user.visits(f"{page.url}?refresh=1").status for _ in range(8)]

    assert refreshed == [200] * 4 + [429] * 4
    assert refused(trail) == ["list"]
