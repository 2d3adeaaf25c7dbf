"""Which viewers will likely refuse our frame: known before anybody opens a study, and never at the price of a page."""

import time
from threading import Event
from typing import Any

import pytest

from sightline.outbound import Door
from sightline.preflight import Preflight
from sightline.settings import Settings
from tests.configured import block, configured
from tests.far_side import Asked, FarSide, Reply, unused_origin

OURS, EHR = "https://sightline.hospital.example", "https://portal.hospital.example"
OTHER_EHR = "https://test-portal.hospital.example"


def at(url: str, **keys: Any) -> Settings:
    return configured(block("iid", address=f"{url}/north/IHEInvokeImageDisplay", **keys))


def preflight(settings: Settings) -> Preflight:
    return Preflight(settings, Door(2, 1_000_000))


def checked(settings: Settings) -> Preflight:
    found = preflight(settings)
    found.check()
    return found


def refusal(headers: dict[str, str], ancestors: tuple[str, ...] = (EHR,), **keys: Any) -> str:
    with FarSide(lambda asked: Reply(headers=headers)) as far:
        settings = at(far.url, **keys)
        return checked(settings).refusal(settings.viewers[0], ancestors)


def allowing(*origins: str) -> dict[str, str]:
    return {"Content-Security-Policy": f"frame-ancestors {' '.join(origins)}"}


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X-Frame-Options": "DENY"}, "X-Frame-Options refuses every frame"),
        (allowing("'none'"), f"frame-ancestors 'none' leaves out {OURS}"),
        (allowing(EHR), f"leaves out {OURS}"),
        (allowing(OURS), f"leaves out {EHR}"),
    ],
)
def test_viewer_that_leaves_out_sightline_or_the_ehr_is_known_to(headers: dict[str, str], words: str) -> None:
    assert words in refusal(headers)


@pytest.mark.parametrize("headers", [{}, allowing("*"), allowing(OURS, EHR)])
def test_viewer_that_allows_both_is_known_for_nothing(headers: dict[str, str]) -> None:
    assert refusal(headers) == ""


def test_ehr_with_two_addresses_is_shut_out_only_if_both_are() -> None:
    assert refusal(allowing(OURS, EHR), (OTHER_EHR, EHR)) == ""
    assert refusal(allowing(OURS), (OTHER_EHR, EHR)).endswith(f"leaves out {OTHER_EHR}")


def test_page_above_which_no_ehr_stands_asks_for_sightline_alone() -> None:
    assert refusal(allowing(OURS), ()) == ""
    assert refusal(allowing(EHR), ()) != ""


def test_viewer_with_the_list_beside_it_gives_way_too() -> None:
    assert refusal({"X-Frame-Options": "DENY"}, open="split") == "X-Frame-Options refuses every frame"


@pytest.mark.parametrize("way", ["frame", "tab", "window"])
def test_viewer_whose_way_is_settled_is_not_asked(way: str) -> None:
    with FarSide(lambda asked: Reply(headers={"X-Frame-Options": "DENY"})) as far:
        settings = at(far.url, open=way)
        found = checked(settings)

    assert found.refusal(settings.viewers[0], (EHR,)) == ""
    assert not far.asked


def test_only_the_base_address_is_asked_for_and_never_a_study() -> None:
    with FarSide(lambda asked: Reply()) as far:
        checked(at(far.url, parameters={"archive": "main"}))

    assert [(asked.method, asked.target) for asked in far.asked] == [("GET", "/north/")]


@pytest.mark.parametrize(
    "answer", [Reply(wait=30), Reply(302, headers={"Location": "/login", "X-Frame-Options": "DENY"}), None]
)
def test_viewer_that_is_down_silent_or_leads_to_a_sign_in_is_known_for_nothing(answer: Reply | None) -> None:
    with FarSide(lambda asked: answer or Reply()) as far:
        settings = at(far.url if answer else unused_origin())
        found = checked(settings)

    assert found.refusal(settings.viewers[0], (EHR,)) == ""


def test_viewer_that_fails_later_stays_known_for_what_it_said() -> None:
    replies = [Reply(headers={"X-Frame-Options": "DENY"}), Reply(wait=30), Reply()]

    def answer(asked: Asked) -> Reply:
        return replies[min(len(far.asked) - 1, 2)]

    with FarSide(answer) as far:
        settings = at(far.url)
        found = checked(settings)
        known = [found.refusal(settings.viewers[0], (EHR,))]
        for _ in range(2):
            found.check()
            known.append(found.refusal(settings.viewers[0], (EHR,)))

    assert known == ["X-Frame-Options refuses every frame", "X-Frame-Options refuses every frame", ""]


def test_nobody_waits_for_an_answer_and_nothing_is_known_until_it_is_there() -> None:
    may_answer = Event()

    def answer(asked: Asked) -> Reply:
        may_answer.wait(10)
        return Reply(headers={"X-Frame-Options": "DENY"})

    with FarSide(answer) as far:
        settings = at(far.url)
        found = Preflight(settings, Door(10, 1_000_000))
        found.begin()
        assert found.refusal(settings.viewers[0], (EHR,)) == ""
        may_answer.set()
        give_up = time.monotonic() + 10
        while not found.refusal(settings.viewers[0], (EHR,)) and time.monotonic() < give_up:
            time.sleep(0.01)

    assert found.refusal(settings.viewers[0], (EHR,)) == "X-Frame-Options refuses every frame"
