"""Nothing is changed by a form that is not our own page's, and nobody is waited for who may not send one."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from sightline.web import csrf
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.register_user import RegisterUser
from tests.web.test_headers import VALUES

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}


def addresses_that_take_posts(pair: Pair, page: Page) -> list[str]:
    """An address of each route that takes a POST below this page's: a chart's, or a sign-in's."""
    values = {**VALUES, "chart_id": page.chart_id, "sign_in_id": page.chart_id}
    rules = [rule.rule for rule in pair.sightline.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert all(rule.startswith(("/s/<chart_id>/", "/u/<sign_in_id>/")) for rule in rules)
    rules = [rule for rule in rules if rule[:3] == urlsplit(page.url).path[:3]]
    return [re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values[part[1]], rule) for rule in rules]


def token(page: Page) -> str:
    (form,) = page.root.all("form", "sign-out")
    return form.one("input", name=csrf.FIELD)["value"]


def posted(user: EhrUser, address: str, sent: str | None, **headers: str) -> requests.Response:
    fields = {} if sent is None else {csrf.FIELD: sent}
    url = f"{user.pair.sightline_url}{address}"
    return user.browser.post(url, fields, headers=FROM_OUR_PAGE | headers, allow_redirects=False, timeout=10)


def assert_refused(answer: requests.Response) -> None:
    assert answer.status_code == 403
    assert "The request was refused" in answer.text
    assert "Nothing was changed." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_some_routes_take_posts(user: EhrUser) -> None:
    addresses = addresses_that_take_posts(user.pair, user.opens_chart("ada"))
    assert {address.rsplit("/", 1)[1] for address in addresses} >= {"stay", "sign-out"}


@pytest.mark.parametrize("sent", [None, "", "0" * 64, "\u00e9", "x" * 7_000])
def test_post_without_the_token_of_its_chart_changes_nothing(user: EhrUser, sent: str | None) -> None:
    page = user.opens_chart("ada")
    for address in addresses_that_take_posts(user.pair, page):
        assert_refused(posted(user, address, sent))
    assert user.visits(page.url).status == 200


@pytest.mark.parametrize("sent", [None, "", "0" * 64])
def test_post_without_the_token_of_its_sign_in_changes_nothing(pair: Pair, sent: str | None) -> None:
    user = RegisterUser(pair)
    page, other = user.signs_in(), user.signs_in()
    addresses = addresses_that_take_posts(pair, page)
    assert len(addresses) == 5
    for address in addresses:
        assert_refused(posted(user, address, token(other) if sent is None else sent))
        assert_refused(posted(user, address, token(page), **{"Sec-Fetch-Site": "cross-site"}))
    assert user.visits(page.url).status == 200


def test_token_of_one_chart_is_none_of_another(user: EhrUser) -> None:
    ada, ben = user.opens_chart("ada"), user.opens_chart("ben")
    for address in addresses_that_take_posts(user.pair, ada):
        assert_refused(posted(user, address, token(ben)))
    assert user.visits(ada.url).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": ""},
    ],
)
def test_post_from_another_origin_changes_nothing_even_with_the_token(user: EhrUser, headers: dict[str, str]) -> None:
    page = user.opens_chart("ada")
    for address in addresses_that_take_posts(user.pair, page):
        assert_refused(posted(user, address, token(page), **headers))
    assert user.visits(page.url).status == 200


def test_old_browser_that_names_no_origin_may_use_its_token(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    address = f"{page.url}stay"
    assert user.browser.post(address, {csrf.FIELD: token(page)}, allow_redirects=False, timeout=10).status_code == 303


def test_token_does_not_tell_the_key_that_it_stands_for(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    assert re.fullmatch("[0-9a-f]{64}", token(page))
    assert user.cookie("chart", f"/s/{page.chart_id}/") not in page.html


def test_post_without_any_cookie_is_told_that_the_session_has_ended(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    answer = EhrUser(user.pair).sends(page, "Sign out")
    assert answer.status_code == 401
    assert "This imaging session has ended" in answer.text
    assert user.visits(page.url).status == 200


@contextmanager
def form_that_never_comes(pair: Pair, path: str, cookie: str) -> Iterator[socket.socket]:
    """A POST whose body stops after its first bytes."""
    address = urlsplit(pair.sightline_url)
    head = f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookie}\r\nContent-Length: 5000\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\ncsrf=".encode())
        yield connection


@pytest.mark.parametrize("path", ["/s/x/stay", "/s/x/sign-out", "/u/x/", "/u/x/chart", "/u/x/sign-out"])
def test_strangers_form_is_refused_before_it_has_come(pair: Pair, path: str) -> None:
    with form_that_never_comes(pair, path, "chart=x; sign-in=x") as connection:
        assert connection.recv(64).split()[1] == b"401"


def answer_of(status: int, user: EhrUser, path: str, sent: str) -> requests.Response:
    """The answer to this form, sent until it is of this status: what others send is on its way for a moment."""
    give_up = time.monotonic() + 10
    while (answer := posted(user, path, sent)).status_code != status:
        assert time.monotonic() < give_up, answer.status_code
    return answer


def test_forms_that_never_come_hold_few_threads_and_the_next_is_told_to_come_again(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    path = f"/s/{page.chart_id}/stay"
    cookie = f"chart={user.cookie('chart', f'/s/{page.chart_id}/')}"
    with ExitStack() as until_the_end:
        for _ in range(csrf._READ_AT_ONCE + 8):
            until_the_end.enter_context(form_that_never_comes(user.pair, path, cookie))
        answer = answer_of(503, user, path, token(page))
        assert "Sightline is busy" in answer.text
        assert answer.headers["Retry-After"] == "5"
        assert user.visits(page.url).status == 200
    answer_of(303, user, path, token(page))


def test_form_of_more_than_a_form_can_hold_is_not_read(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    address = urlsplit(page.url).path
    assert posted(user, f"{address}stay", "x" * 9_000).status_code == 413
    assert user.visits(page.url).status == 200
