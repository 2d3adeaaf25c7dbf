"""How often one address may launch: generously, by EHR, counted by all processes together, and junk fills no disk."""

from collections.abc import Callable

import pytest
import requests

from app import create_app
from sandbox import sightline_settings
from sightline.settings import load
from tests.conftest import Pair
from tests.ehr_user import EhrUser
from tests.web.conftest import Trail

ALLOWED = 5
FORWARDED = {"X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
def limited(sightline_with: Callable[[Callable[[str], str]], Pair]) -> Pair:
    return sightline_with(lambda toml: toml.replace("launches_a_minute = 1000000", f"launches_a_minute = {ALLOWED}"))


def behind_proxies(number: int) -> Callable[[str], str]:
    """The limit, and so many proxies before Sightline."""
    return lambda toml: f"trusted_proxies = {number}\n{toml}".replace("_minute = 1000000", f"_minute = {ALLOWED}")


def asked(pair: Pair, path: str, times: int, **headers: str) -> list[requests.Response]:
    url = f"{pair.sightline_url}{path}"
    return [requests.get(url, headers=headers, allow_redirects=False, timeout=10) for _ in range(times)]


def statuses(pair: Pair, path: str, times: int, **headers: str) -> list[int]:
    return [answer.status_code for answer in asked(pair, path, times, **headers)]


def launch_path(pair: Pair, ehr: str = "r4") -> str:
    return f"/launch?iss={pair.hospital_url}/fhir/{ehr}&launch=x"


def test_launches_of_one_address_are_limited_in_each_way_of_launching(limited: Pair) -> None:
    for path, answer in ((launch_path(limited), 303), ("/launch/r4", 303), ("/callback/r4?state=x&code=y", 400)):
        assert statuses(limited, path, ALLOWED + 2) == [answer] * ALLOWED + [429] * 2


def test_who_signs_out_is_not_counted(limited: Pair) -> None:
    assert statuses(limited, "/sign-in/r4-bearer/out", ALLOWED + 5) == [200] * (ALLOWED + 5)


def test_refusal_says_when_to_come_again(limited: Pair) -> None:
    answer = asked(limited, launch_path(limited), ALLOWED + 1)[-1]
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "Too many sign-ins at once" in answer.text
    assert "Wait a minute, then try again" in answer.text
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors 'self' {limited.hospital_url}")


def test_each_ehr_has_its_own_count_and_made_up_ones_share_one(limited: Pair) -> None:
    assert statuses(limited, launch_path(limited), ALLOWED + 1)[-1] == 429
    assert statuses(limited, launch_path(limited, "r5"), 1) == [303]
    made_up = [statuses(limited, f"/launch?iss=https://{number}.example&launch=x", 1)[0] for number in range(8)]
    assert made_up == [403] * ALLOWED + [429] * 3


def test_open_chart_goes_on_when_its_address_may_launch_no_more(limited: Pair) -> None:
    user = EhrUser(limited)
    page = user.opens_chart("ada")
    statuses(limited, launch_path(limited), ALLOWED)
    assert user.opens_chart("ada").status == 429
    assert user.visits(page.url).patient == page.patient


def test_refused_launches_leave_one_line_on_the_trail_for_a_minute(limited: Pair) -> None:
    trail = Trail(limited.data_folder)
    statuses(limited, launch_path(limited), ALLOWED + 20)
    (record,) = [record for record in trail.records if record["outcome"] == "TooManyLaunches"]
    assert (record["action"], record["ehr"]) == ("sign-in", f"{limited.hospital_url}/fhir/r4")


def test_launches_are_allowed_again_when_the_minute_is_over(
    limited: Pair, clock_goes_on: Callable[[float], None]
) -> None:
    assert statuses(limited, launch_path(limited), ALLOWED + 1)[-1] == 429
    clock_goes_on(61)
    assert statuses(limited, launch_path(limited), 1) == [303]


def test_all_processes_on_one_store_count_together(limited: Pair) -> None:
    folder = limited.data_folder
    other = create_app(load(folder / "sightline.toml", sightline_settings.environment(folder))).test_client()
    assert statuses(limited, launch_path(limited), ALLOWED) == [303] * ALLOWED
    assert other.get(launch_path(limited)).status_code == 429


def test_address_is_taken_from_proxies_of_the_hospital_only(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    bare, behind_one = sightline_with(behind_proxies(0)), sightline_with(behind_proxies(1))
    for pair, may_launch in ((bare, 429), (behind_one, 303)):
        path = launch_path(pair)
        assert statuses(pair, path, ALLOWED + 1, **FORWARDED)[-1] == 429
        assert statuses(pair, path, 1, **{"X-Forwarded-For": "203.0.113.8"}) == [may_launch]
    # What the browser itself wrote there stands before what the proxy adds, and counts for nothing.
    assert statuses(behind_one, path, 1, **{"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}) == [429]


def test_addresses_of_one_ipv6_network_count_together(sightline_with: Callable[[Callable[[str], str]], Pair]) -> None:
    pair = sightline_with(behind_proxies(1))
    path = launch_path(pair)
    last = [statuses(pair, path, 1, **{"X-Forwarded-For": f"2001:db8::{n:x}"})[0] for n in range(ALLOWED + 1)][-1]
    assert last == 429
    assert statuses(pair, path, 1, **{"X-Forwarded-For": "2001:db8:0:1::1"}) == [303]


def test_port_that_a_proxy_adds_makes_no_other_address(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(behind_proxies(1))
    path = launch_path(pair)
    junk = [statuses(pair, path, 1, **{"X-Forwarded-For": f"203.0.113.9:{5000 + n}"})[0] for n in range(ALLOWED + 1)]
    assert junk == [303] * ALLOWED + [429]
    assert statuses(pair, path, 1, **{"X-Forwarded-For": "192.0.2.7:50123"}) == [303]


@pytest.mark.parametrize("address", ["unknown", "<script>", "1.2.3", "x" * 2000])
def test_what_a_proxy_passes_on_as_an_address_and_is_none_breaks_nothing(
    sightline_with: Callable[[Callable[[str], str]], Pair], address: str
) -> None:
    pair = sightline_with(behind_proxies(1))
    answers = asked(pair, launch_path(pair), ALLOWED + 1, **{"X-Forwarded-For": address})
    assert [answer.status_code for answer in answers] == [303] * ALLOWED + [429]
    assert address not in answers[-1].text or address == "unknown"
