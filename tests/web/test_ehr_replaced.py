"""Another EHR takes over the name of one in the settings: nothing that began with the one goes on at the other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import create_app
from sightline.settings import load
from tests.conftest import served
from tests.far_side import ehr_at
from tests.hostile_ehr import ENVIRONMENT, Clinician, HostileEhr, trusting_sightline

ENDED = "This imaging session has ended"
NOT_BEGUN_HERE = "This sign-in was not begun in this browser window"


@pytest.fixture
def before() -> Iterator[HostileEhr]:
    ehr = HostileEhr()
    with ehr.far_side:
        yield ehr


@pytest.fixture
def after() -> Iterator[HostileEhr]:
    ehr = HostileEhr()
    with ehr.far_side:
        yield ehr


Change = Callable[[str, HostileEhr, HostileEhr], str]
"""What becomes of the settings."""


def another_server(toml: str, before: HostileEhr, after: HostileEhr) -> str:
    return toml.replace(before.url, after.url)


def another_client(toml: str, before: HostileEhr, after: HostileEhr) -> str:
    return toml.replace('client_id = "sightline"', 'client_id = "sightline-2"')


@pytest.mark.parametrize("change", [another_server, another_client])
def test_chart_is_closed_and_neither_shows_nor_tells_the_new_ehr_anything(
    before: HostileEhr, after: HostileEhr, tmp_path: Path, change: Change
) -> None:
    """Else the new EHR's patient of the same id would stand in it, and the token would go to a stranger."""
    with trusting_sightline(before, tmp_path) as url:
        clinician = Clinician(before, url)
        chart = clinician.opens_chart()
        assert "LINDQVIST" in chart.text
    asked = len(before.asked)
    file = tmp_path / "sightline.toml"
    file.write_text(change(file.read_text(), before, after))
    with served(create_app(load(file, ENVIRONMENT)), url):
        closed = clinician.goes_to(f"{chart.url}?refresh=1")
    assert closed.status_code == 401
    assert ENDED in closed.text
    assert "LINDQVIST" not in closed.text
    assert (after.asked, len(before.asked)) == ([], asked)


@pytest.mark.parametrize("change", [another_server, another_client])
def test_launch_under_way_is_not_gone_on_with(
    before: HostileEhr, after: HostileEhr, tmp_path: Path, change: Change
) -> None:
    """Neither one that waits for the cookie check, nor one that waits for its return."""
    with trusting_sightline(before, tmp_path) as url:
        returning, waiting = Clinician(before, url), Clinician(before, url)
        back = returning.signs_in()
        ticket = waiting.goes_to(f"/launch?iss={before.url}/fhir&launch=launch-t0ken").headers["Location"]
    file = tmp_path / "sightline.toml"
    file.write_text(change(file.read_text(), before, after))
    with served(create_app(load(file, ENVIRONMENT)), url):
        refused = [returning.lands(back), waiting.lands(ticket)]
    assert [answer.status_code for answer in refused] == [400, 400]
    assert all(NOT_BEGUN_HERE in answer.text for answer in refused)
    assert after.asked == before.asked_for("/token") == []


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://login.example"},
        {"sign_in": "oidc"},
        {"authorization": "backend"},
        {"client_id": "sightline-2"},
        {"backend_client_id": "sightline-backend"},
    ],
    ids=str,
)
def test_ehr_is_another_one_by_whatever_sightline_trusts_it_for_and_the_same_by_any_other_name(
    change: dict[str, str],
) -> None:
    ehr = ehr_at("https://ehr.example/fhir")
    assert ehr_at("https://ehr.example/fhir", **change).identity != ehr.identity
    assert ehr_at("https://new.example/fhir").identity != ehr.identity
    assert ehr_at("https://ehr.example/fhir", title="New", client_secret="n3w").identity == ehr.identity
